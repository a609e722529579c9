"""Which colours the points and outlines take, and the legends that explain them."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from octavox.gui.base.i18n import tr
from octavox.gui.base.theme import Theme
from octavox.gui.document.block_layer import BlockLayer
from octavox.gui.document.colormap import Colors, Legend, on_light
from octavox.gui.document.colour_modes import (
    PLAIN,
    is_by_block,
    is_difference,
    is_property,
    modes_by_block,
    own_mode,
    paint_by_block,
    paint_difference,
    paint_ink,
    paint_property,
    paint_surprise,
)
from octavox.gui.document.display import Sample
from octavox.gui.document.items import CloudItem
from octavox.gui.document.property_layer import value_title
from octavox.gui.document.scales import Owner, coloured_by, owner_in, owner_of, owners
from octavox.gui.document.session import Session
from octavox.gui.document.shown import shares_blocks

from .block_colours import BlockColours
from .layers import Painter

ONLY_A, ONLY_B = (
    (232, 84, 72),
    (60, 190, 120),
)  # voxels of one cloud alone, where both are laid over each other


def _title(mode: str) -> str:
    """What a point mode is called."""
    return value_title(mode) or tr(own_mode(mode).title)


class Painting:
    """Recomputed by `refresh`; everything else only reads."""

    def __init__(self, session: Session, theme: Theme) -> None:
        self._session = session
        self.theme = theme
        self._blocks: dict[Owner, BlockColours] = {}  # by scale
        self.refresh()

    def refresh(self) -> None:
        """Colours and legends of the blocks, on one scale for all views that have none of their own."""
        session, rest = self._session, np.array([self.theme.rgb("rest")], np.uint8)
        self._blocks = {
            owner: BlockColours(session, owner, rest, self._fitted) for owner in owners(session.view)
        }

    @property
    def outlines(self) -> Colors:
        """(B, 3) of the listed blocks."""
        return self._listed.outlines[self._session.block_layer]

    def outlines_of(self, layer: BlockLayer, letter: str | None = None) -> Colors:
        """(B, 3) of the blocks of a view."""
        return self._colours(layer, owner_in(self._session.view, letter)).outlines[layer]

    @property
    def _listed(self) -> BlockColours:
        """With the listed blocks."""
        return self._blocks[owner_of(self._session, self._session.reference)]

    def _colours(self, layer: BlockLayer, owner: Owner) -> BlockColours:
        """With the blocks of a view; those of one that shows no cloud yet are the listed ones."""
        found = self._blocks[owner]
        return found if layer in found.outlines else self._listed

    def _fitted(self, colors: Colors) -> Colors:
        """As they stand out from the ground of the theme."""
        return on_light(colors) if self.theme.key == "light" else colors

    def painter(self, entry: CloudItem) -> Painter:
        """The function that colours any sample of an entry in the point mode of the view."""
        paint, mode = self._painter(entry), self._session.view.cloud_mode
        if is_by_block(mode) and self._session.surprise_on(entry) is None:
            return paint  # the palette fits already
        own = own_mode(mode).key == "rgb" and not (is_property(mode) or is_difference(mode))
        if own and entry.display.cloud.colors is not None and not self._session.shown_surprise:
            return paint  # the cloud's own colours stay as they are
        return lambda sample: self._fitted(paint(sample))

    def _painter(self, entry: CloudItem) -> Painter:
        session = self._session
        owner = owner_of(session, entry)
        mode, look, display = session.view.cloud_mode, session.look_on(owner), entry.display
        if session.surprise_on(entry) is not None:
            return lambda sample: paint_surprise(sample, look)
        found = session.difference_of(entry)
        if found is not None:
            distance, scale = found
            return lambda sample: paint_difference(sample, distance, scale, look)
        known, colours = entry.values_of(mode), session.property_colours_on(owner)
        if known is not None and colours is not None:
            values = known.values
            paint: Painter = lambda sample: paint_property(sample, values, colours, look)  # noqa: E731
        elif mode == "plain" and entry.ink is not None:
            ink = entry.ink
            paint = lambda sample: paint_ink(sample, ink, look)  # noqa: E731
        elif (
            is_by_block(mode)
            and (len(session.blocks) or session.blocks_live)
            and shares_blocks(session, entry)
        ):
            layer = session.layer_of(entry)
            rows, palette = layer.owners(entry), self._colours(layer, owner).palettes[layer]
            paint = lambda sample: paint_by_block(sample, rows, palette, look)  # noqa: E731
        else:
            mode_paint = own_mode("plain" if is_property(mode) else mode).paint
            paint = lambda sample: mode_paint(sample, display, look)  # noqa: E731
        only = session.only_in(entry) if session.overlaid else None
        if only is None or session.items.view_of(entry) != "A":
            return paint

        def marked(sample):  # type: ignore[no-untyped-def]
            colors = paint(sample)
            colors[only[sample.place]] = ONLY_A
            return colors

        return marked

    def legends(self, filling: bool, owner: Owner = None) -> tuple[tuple[Legend | None, ...], str]:
        """The legends below the views that share a scale, or below one with its own, and the note that is
        shown without any."""
        legends, note = self._legends(filling, owner)
        if self.theme.key == "light":
            legends = tuple(None if legend is None else legend.on_light() for legend in legends)
        return legends, note

    def _legends(self, filling: bool, owner: Owner) -> tuple[tuple[Legend | None, ...], str]:
        session, view = self._session, self._session.view
        known, items = session.shown_surprise, coloured_by(session, owner)
        if known is not None:  # it has the same scale everywhere
            return (known.legends if owner is None else ()), ""
        if not items and session.reference is not None and not filling:
            return (), "" if owner else tr("Each view has a scale of its own.")
        reference, points = session.reference, self._blocks[owner].point_legend
        difference = session.difference_on(owner)
        if difference is not None:
            points = difference.legend
        elif session.overlaid and session.overlap is not None:
            points = Legend("Overlaid", swatches=((ONLY_A, "only in A"), (ONLY_B, "only in B")))
        elif is_property(view.cloud_mode):
            colours = session.property_colours_on(owner)
            points = None if colours is None else colours.legend
        elif items and not is_by_block(view.cloud_mode):
            displays = [item.display for item in items]
            own = own_mode(view.cloud_mode)
            display = next((one for one in displays if not own.missing(one)), displays[0])
            points = own.legend(display, session.look_on(owner))
        uses_blocks = len(session.blocks) > 0 and (view.overlay or is_by_block(view.cloud_mode))
        if view.cloud_mode in modes_by_block() and not view.overlay:
            uses_blocks = False
        if owner is not None and not any(shares_blocks(session, item) for item in items):
            uses_blocks = False
        if reference is not None and not len(reference.display):
            note = tr("This cloud holds no points.")
        elif filling and not is_by_block(view.cloud_mode):
            note = tr("decoded points, brighter with height")
        else:
            by_block = is_by_block(view.cloud_mode) or is_difference(view.cloud_mode)
            note = "" if by_block else tr("Points by: {mode}", mode=_title(view.cloud_mode))
        return (self._blocks[owner].legend if uses_blocks else None, points), note

    def arrivals(self, coords: npt.NDArray[np.int32]) -> Colors:
        """(n, 3) colours of voxels that were just decoded: their block's, or by height to show some form."""
        session = self._session
        if is_by_block(session.view.cloud_mode) and len(session.blocks):
            self.refresh()
            layer = session.block_layer
            palette = self._colours(layer, owner_in(session.view, "B")).palettes[layer]
            return palette[session.index.rows_of(coords)]  # row -1: the last colour
        return self._fitted(self._by_height(coords))

    def preview_colors(self, sample: Sample) -> Colors:
        """(n, 3) colours of points of a file that is being read: their own, or by height."""
        if sample.colors is not None:
            return sample.colors
        return self._fitted(self._by_height(sample.positions))

    def _by_height(self, positions: npt.NDArray[Any]) -> Colors:
        height = positions[:, "xyz".index(self._session.camera.up)].astype(np.float32)
        bright = 0.5 + 0.5 * height / max(1.0, float(height.max()))
        return np.asarray(np.array(PLAIN, np.float32) * bright[:, None], np.uint8)
