"""Which colours the points and outlines take, and the legends that explain them."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from octavox.gui.base.i18n import tr
from octavox.gui.base.theme import Theme
from octavox.gui.document.block_layer import BlockLayer
from octavox.gui.document.blocks import has_column
from octavox.gui.document.colormap import Colors, Legend, on_light
from octavox.gui.document.colour_modes import (
    PLAIN,
    BlockMode,
    block_mode,
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
from octavox.gui.document.property_colours import PropertyScale
from octavox.gui.document.property_layer import value_title
from octavox.gui.document.session import Session
from octavox.gui.document.shown import shares_blocks

from .layers import Painter

ONLY_A, ONLY_B = (
    (232, 84, 72),
    (60, 190, 120),
)  # voxels of one cloud alone, where both are laid over each other


def _title(mode: str) -> str:
    """What a point mode is called."""
    return value_title(mode) or tr(own_mode(mode).title)


def paint_together(
    mode: BlockMode, layers: list[BlockLayer], chosen: PropertyScale
) -> tuple[dict[BlockLayer, Colors], Legend | None]:
    """(B, 3) colours of the blocks of each layer, on one scale, and its legend."""
    if len(layers) == 1:
        colors, legend = mode.paint(layers[0].table, chosen)
        return {layers[0]: colors}, legend
    colors, legend = mode.paint_values(np.concatenate([mode.values(layer.table) for layer in layers]), chosen)
    ends = np.cumsum([len(layer.table) for layer in layers])[:-1]
    return dict(zip(layers, np.split(colors, ends), strict=True)), legend


class Painting:
    """Recomputed by `refresh`; everything else only reads."""

    def __init__(self, session: Session, theme: Theme) -> None:
        self._session = session
        self.theme = theme
        self._outlines: dict[BlockLayer, Colors] = {session.block_layer: np.empty((0, 3), np.uint8)}
        # (B + 1, 3) of the points, the last for "no block"
        self._palettes: dict[BlockLayer, Colors] = {session.block_layer: np.empty((1, 3), np.uint8)}
        self._block_legend: Legend | None = None
        self._point_legend: Legend | None = None

    def refresh(self) -> None:
        """Colours and legend of the blocks, on one scale for all views; filtered-out blocks take the neutral
        colour, the last of all."""
        session, rest = self._session, np.array([self.theme.rgb("rest")], np.uint8)
        self._block_legend = self._point_legend = None
        layers = dict.fromkeys([session.block_layer, *map(session.layer_of, session.items.shown)])
        self._outlines, self._palettes = dict.fromkeys(layers, rest[:0]), dict.fromkeys(layers, rest)
        filled = [layer for layer in layers if len(layer.table)]
        if not filled:
            return
        mode = session.view.block_mode
        known = all(has_column(layer.table, mode) for layer in filled)
        # Components and surprises are known once a job has ended.
        shown = block_mode(mode if known else "bits")
        colors, self._block_legend = paint_together(shown, filled, session.scale_of(shown.key))
        colors = {layer: self._fitted(own) for layer, own in colors.items()}
        self._outlines |= colors
        own = modes_by_block().get(session.view.cloud_mode)
        if own is not None and all(has_column(layer.table, own.key) for layer in filled):
            colors, self._point_legend = paint_together(own, filled, session.scale_of(own.key))
            colors = {layer: self._fitted(paint) for layer, paint in colors.items()}
        for layer in filled:
            self._palettes[layer] = np.vstack([colors[layer], rest])
            self._palettes[layer][:-1][~session.visible_in(layer)] = rest

    @property
    def outlines(self) -> Colors:
        """(B, 3) of the listed blocks."""
        return self._outlines[self._session.block_layer]

    def outlines_of(self, layer: BlockLayer) -> Colors:
        """(B, 3) of the blocks of a view."""
        return self._outlines[layer]

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
        mode, look, display = session.view.cloud_mode, session.look, entry.display
        if session.surprise_on(entry) is not None:
            return lambda sample: paint_surprise(sample, look)
        found = session.difference_of(entry)
        if found is not None:
            distance, scale = found
            return lambda sample: paint_difference(sample, distance, scale, look)
        known, colours = entry.values_of(mode), session.property_colours
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
            owner, palette = layer.owners(entry), self._palettes[layer]
            paint = lambda sample: paint_by_block(sample, owner, palette, look)  # noqa: E731
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

    def legends(self, filling: bool) -> tuple[tuple[Legend | None, ...], str]:
        """The legends below the views, and the note that is shown without any."""
        legends, note = self._legends(filling)
        if self.theme.key == "light":
            legends = tuple(None if legend is None else legend.on_light() for legend in legends)
        return legends, note

    def _legends(self, filling: bool) -> tuple[tuple[Legend | None, ...], str]:
        session, view = self._session, self._session.view
        known = session.shown_surprise
        if known is not None:
            return known.legends, ""
        reference, points = session.reference, self._point_legend
        difference = session.shown_difference
        if difference is not None:
            points = difference.legend
        elif session.overlaid and session.overlap is not None:
            points = Legend("Overlaid", swatches=((ONLY_A, "only in A"), (ONLY_B, "only in B")))
        elif is_property(view.cloud_mode):
            colours = session.property_colours
            points = None if colours is None else colours.legend
        elif reference is not None and not is_by_block(view.cloud_mode):
            own = own_mode(view.cloud_mode)
            displays = [item.display for item in session.items.shown]
            display = next((one for one in displays if not own.missing(one)), displays[0])
            points = own.legend(display, session.look)
        uses_blocks = len(session.blocks) > 0 and (view.overlay or is_by_block(view.cloud_mode))
        if view.cloud_mode in modes_by_block() and not view.overlay:
            uses_blocks = False
        if reference is not None and not len(reference.display):
            note = tr("This cloud holds no points.")
        elif filling and not is_by_block(view.cloud_mode):
            note = tr("decoded points, brighter with height")
        else:
            by_block = is_by_block(view.cloud_mode) or is_difference(view.cloud_mode)
            note = "" if by_block else tr("Points by: {mode}", mode=_title(view.cloud_mode))
        return (self._block_legend if uses_blocks else None, points), note

    def arrivals(self, coords: npt.NDArray[np.int32]) -> Colors:
        """(n, 3) colours of voxels that were just decoded: their block's, or by height to show some form."""
        session = self._session
        if is_by_block(session.view.cloud_mode) and len(session.blocks):
            self.refresh()
            palette = self._palettes[session.block_layer]
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
