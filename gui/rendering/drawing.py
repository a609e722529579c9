"""What one side of the viewport draws of the session: points, outlines, highlight, header."""

from __future__ import annotations

import numpy as np
from PySide6.QtGui import QColor

from octavox.gui.base.i18n import several, tr
from octavox.gui.document import text
from octavox.gui.document.frames import arrows, on_grid_of
from octavox.gui.document.items import CloudItem
from octavox.gui.document.on_disk import disk_words
from octavox.gui.document.refining import cells_words
from octavox.gui.document.session import Session
from octavox.gui.document.shown import clip_of, shares_blocks, shown_part, shown_rows

from .layers import box_edges
from .painting import ONLY_B, Painting
from .pane import HIGHLIGHT_WIDTH
from .side import Side

NO_ARROWS = np.empty((0, 2, 3), np.float32)


class Drawing:
    """Puts layers into a side's pane; the viewport decides when, and which."""

    def __init__(self, session: Session, painting: Painting) -> None:
        self._session, self._painting = session, painting

    def points(self, side: Side, geometry: bool) -> None:
        """geometry: the points themselves changed, not only their colours."""
        pane, entry = side.pane, side.entry
        if entry is None:
            if not side.filling:
                pane.apply(pane.points.resize(0))
            pane.apply(pane.cubes.hide())
            side.drawn = None
            self.frames(side)
            return
        known = self._session.surprise_on(entry)
        display = known.display if known else entry.display
        if geometry or side.drawn is not display:
            painter, scrub = self._painting.painter(entry), self._session.view.scrub
            if scrub is not None and not self._session.alone and self._has_blocks(side):
                owner = self._session.block_layer.owners(entry)
                pane.apply(pane.points.show_first(display, owner, scrub, painter))
            else:
                part = None if known else shown_part(self._session, entry)
                if part is None and entry.held is not None:
                    pane.apply(pane.points.show_again(display, painter))
                else:
                    pane.apply(pane.points.show(display, part, painter))
            pane.apply(pane.cubes.show(display, None if known else shown_rows(self._session, entry)))
            side.drawn = display
            pane.set_bounds(entry.display.middle, entry.display.radius + 64)
        self.recolor(side, entry)
        self._others(side)
        self.frames(side)
        self.size_points(side)

    def recolor(self, side: Side, entry: CloudItem) -> None:
        """Points, and the cubes that stand for the near ones, take their present colours."""
        painter, look = self._painting.painter(entry), self._session.look
        side.pane.points.recolor(painter)
        side.pane.cubes.paint(painter, look.up if look.shaded else None)

    def frames(self, side: Side) -> None:
        """The frame before the shown one, in grey, and arrows for the motion from there."""
        session, pane, entry = self._session, side.pane, side.entry
        timeline, view = session.timeline, session.view
        if timeline is None or entry is None or not (view.ghost or view.motion):
            ghost, motion = None, None
        else:
            ghost = timeline.ghost(side.letter) if view.ghost else None
            motion = timeline.motion(side.letter) if view.motion else None
        if ghost is not side.ghost:
            side.ghost = ghost
            if ghost is None or entry is None:
                pane.apply(pane.ghost.resize(0))
            else:
                grey = np.array(self._painting.theme.rgb("rest"), np.uint8)
                placed = on_grid_of(ghost, entry.display)
                pane.apply(pane.ghost.show(placed, None, lambda sample: np.tile(grey, (len(sample), 1))))
        ends = NO_ARROWS if motion is None or entry is None else arrows(motion, entry.display)
        pane.apply(pane.arrows.show(ends, self._painting.theme.rgb("highlight")))

    def _others(self, side: Side) -> None:
        """Draw over A the points that only B has, where both are overlaid."""
        session, pane = self._session, side.pane
        other = session.items.shown_in("B") if session.overlaid else None
        only = session.only_in(other) if other is not None else None
        if side.letter != "A" or other is None:
            pane.apply(pane.others.resize(0))
            pane.apply(pane.other_cubes.hide())
            return
        if only is None:  # two clouds of which no points are the same
            entry = side.entry
            placed = other.display if entry is None else on_grid_of(other.display, entry.display)
            paint, part, keep = self._painting.painter(other), None, None
        else:
            alone, color, clipped = only, np.array(ONLY_B, np.uint8), shown_rows(session, other)
            placed, part = other.display, np.flatnonzero(only[other.display.points.place])
            paint = lambda sample: np.tile(color, (len(sample), 1))  # noqa: E731
            keep = lambda rows: alone[rows] & (True if clipped is None else clipped(rows))  # noqa: E731
        pane.apply(pane.others.show(placed, part, paint))
        pane.apply(pane.other_cubes.show(placed, keep))
        pane.other_cubes.paint(paint, session.look.up if session.look.shaded else None)

    def clip(self, side: Side) -> None:
        """Draw only what lies in the clipping box."""
        pane, entry = side.pane, side.entry
        clip = clip_of(self._session, entry)
        if clip is None:
            pane.clip_to(None, None)
        else:
            to_view = self._session.proportions.to_view
            pane.clip_to(to_view(np.array(clip.low)), to_view(np.array(clip.high)))
        if entry is not None and side.clip != clip and self._session.surprise_on(entry) is None:
            pane.apply(pane.cubes.show(entry.display, shown_rows(self._session, entry)))
            self._others(side)
        side.clip = clip

    def boxes(self, side: Side) -> None:
        session, view, pane = self._session, self._session.view, side.pane
        layer = session.block_layer if side.entry is None else session.layer_of(side.entry)
        blocks = layer.table
        # A surprise has its own colours; its block has the highlight.
        hidden = not view.overlay or self._session.shown_surprise is not None or not self._has_blocks(side)
        keep = np.zeros(len(blocks), bool) if hidden else session.outlined_in(layer)
        pane.boxes.chosen = view.opacity / 100
        colors = self._painting.outlines_of(layer, side.letter)[keep]
        pane.apply(pane.boxes.show(blocks.origin[keep], blocks.size[keep], colors))

    def _has_blocks(self, side: Side) -> bool:
        return side.entry is None or shares_blocks(self._session, side.entry)

    def highlight(self, side: Side) -> None:
        row, blocks, pane = self._session.view.selected, self._session.blocks, side.pane
        row = row if self._has_blocks(side) else None
        chosen = slice(0, 0) if row is None else slice(row, row + 1)
        mark = np.full((len(blocks.size[chosen]), 3), self._painting.theme.rgb("highlight"), np.uint8)
        pane.apply(pane.highlight.show(blocks.origin[chosen], blocks.size[chosen], mark, HIGHLIGHT_WIDTH))
        ends = box_edges(blocks.origin[chosen], blocks.size[chosen])
        color = QColor(self._painting.theme["highlight"])
        pane.overlay.show_box(self._session.proportions.to_view(ends), color)

    def header(self, side: Side) -> None:
        if side.entry is not None and side.entry.on_disk is not None:
            side.header.show_entry(side.entry.label, disk_words(side.entry.on_disk))
        elif side.entry is not None and side.entry.refining is not None:
            side.header.show_entry(side.entry.label, cells_words(side.entry.refining))
        elif side.entry is not None:
            cloud = side.entry.display.cloud
            points, label = text.count(len(cloud)), side.entry.label
            other = self._session.items.shown_in("B")
            if self._session.overlaid and other is not None:  # this side shows both
                points, label = f"{points} + {text.count(len(other.display))}", f"{label} + {other.label}"
            words = several(
                len(cloud), "{n} voxel · depth {d}", "{n} voxels · depth {d}", n=points, d=cloud.depth
            )
            if side.entry.detail is not None:
                words = tr("{n} cells of {size} voxels", n=points, size=f"{side.entry.display.cell}³")
            side.header.show_entry(label, words)
        elif side.filling:
            words = tr("{n} points so far", n=text.count(side.filling))
            side.header.show_entry(tr("decoding"), words)

    def size_points(self, side: Side) -> None:
        """As large as a voxel looks, or as many pixels as chosen."""
        shown = self._session.preview or side.entry
        cell = shown.display.cell if shown is not None else 1
        sizes = self._session.proportions if shown is None else shown.display.proportions
        side.pane.size_points(self._session.view.point_size, sizes.point * cell)
