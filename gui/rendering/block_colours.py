"""The colours of the blocks of several views on one scale, of their outlines and of the points in them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from octavox.gui.document.block_layer import BlockLayer
from octavox.gui.document.blocks import has_column
from octavox.gui.document.colormap import Colors, Legend
from octavox.gui.document.colour_modes import BlockMode, block_mode, modes_by_block
from octavox.gui.document.property_colours import PropertyScale
from octavox.gui.document.scales import Owner
from octavox.gui.document.session import Session


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


class BlockColours:
    """outlines: (B, 3) by layer. palettes: (B + 1, 3) by layer, of the points in each block; the last colour
    is for "no block", and that of blocks that are filtered out. legend, point_legend: of both."""

    def __init__(
        self,
        session: Session,
        owner: Owner,
        rest: Colors,
        fitted: Callable[[Colors], Colors],
    ) -> None:
        """owner: whose scale. rest: (1, 3) the neutral colour. fitted: colours as they suit the theme."""
        layers = session.layers_on(owner)
        self.outlines: dict[BlockLayer, Colors] = dict.fromkeys(layers, rest[:0])
        self.palettes: dict[BlockLayer, Colors] = dict.fromkeys(layers, rest)
        self.legend: Legend | None = None
        self.point_legend: Legend | None = None
        filled = [layer for layer in layers if len(layer.table)]
        if not filled:
            return
        key = session.view.block_mode
        known = all(has_column(layer.table, key) for layer in filled)
        # Components and surprises are known once a job has ended.
        shown = block_mode(key if known else "bits")
        found, self.legend = paint_together(shown, filled, session.scale_of(shown.key, owner))
        colors = {layer: fitted(paint) for layer, paint in found.items()}
        self.outlines |= colors
        own = modes_by_block().get(session.view.cloud_mode)
        if own is not None and all(has_column(layer.table, own.key) for layer in filled):
            found, self.point_legend = paint_together(own, filled, session.scale_of(own.key, owner))
            colors = {layer: fitted(paint) for layer, paint in found.items()}
        for layer in filled:
            self.palettes[layer] = np.vstack([colors[layer], rest])
            self.palettes[layer][:-1][~session.visible_in(layer)] = rest
