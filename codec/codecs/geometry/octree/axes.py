"""Permutes the axes of coordinates and blocks: from the cloud's axes to the coded axes, and back.

axes: index into AXIS_ORDERS.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from octavox.codec.arrays import Int32Array, Int64Array
from octavox.codec.blocks import BlockTable
from octavox.codec.cloud.morton import CodeArray, morton_encode

from .params import AXIS_ORDERS


def permuted_codes(coords: Int32Array, axes: int, depth: int) -> CodeArray:
    """Sorted Morton codes (N,) of the cloud's coordinates (N, 3), in the coded axes.

    Raises ValueError as `morton_encode`.
    """
    codes = morton_encode(np.asarray(coords)[:, AXIS_ORDERS[axes]] if axes else coords, depth)
    return np.sort(codes) if axes else codes


def slices_of(
    coords: Int32Array, axes: int, depth: int, codes: CodeArray, bounds: Int64Array
) -> Int32Array | None:
    """(N,) the slice of each voxel, where slice k has the sorted codes[bounds[k]:bounds[k + 1]].

    None where these are runs of the coordinates (N, 3) as they come.
    """
    if not axes or len(bounds) < 3:
        return None
    own = morton_encode(np.asarray(coords)[:, AXIS_ORDERS[axes]], depth)
    return np.searchsorted(codes[bounds[1:-1]], own, side="right").astype(np.int32)


def unpermuted_coords(coords: Int32Array, axes: int) -> Int32Array:
    """Coded coordinates (N, 3) in the cloud's axes; the rows keep their order."""
    if not axes:
        return coords
    own = np.empty_like(coords)
    own[:, AXIS_ORDERS[axes]] = coords
    return own


def unpermuted_blocks(table: BlockTable, axes: int) -> BlockTable:
    """A table of coded blocks with their corners in the cloud's axes."""
    return replace(table, origin=unpermuted_coords(table.origin, axes)) if axes else table
