"""Which block is at a pixel."""

from __future__ import annotations

from octavox.gui.document.blocks import hit_by_ray
from octavox.gui.document.session import Session
from octavox.gui.document.shown import shares_blocks

from .side import Side


def block_at(session: Session, side: Side, x: float, y: float) -> int | None:
    """Row of the block at a pixel: of the point there, else of the nearest outline the ray meets."""
    if side.entry is not None and not shares_blocks(session, side.entry):
        return None
    sizes = session.proportions if side.entry is None else side.entry.display.proportions
    place = side.pane.position_at(x, y)
    position = None if place is None else sizes.to_voxels(place)
    if position is not None and session.alone:  # an expected voxel may lie next to another block's
        return session.view.selected
    if position is not None:
        row = session.index.row_at(position)
        if side.entry is not None and len(side.entry.display):
            voxel = side.entry.display.nearest_voxel(position)
            row = session.index.row_at(voxel)
        if row is not None:
            return row
    if not session.view.overlay:
        return None
    eye, direction = (sizes.to_voxels(part) for part in side.pane.ray_at(x, y))
    return hit_by_ray(session.blocks, eye, direction, session.visible_blocks)
