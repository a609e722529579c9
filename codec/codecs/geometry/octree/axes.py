"""Permutes the axes of coordinates and blocks: from the cloud's axes to the coded axes, and back.

axes: index into AXIS_ORDERS.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from octavox.codec.arrays import Int32Array
from octavox.codec.blocks import BlockTable
from octavox.codec.cloud.morton import CodeArray, morton_encode

from .params import AXIS_ORDERS


def permuted_codes(coords: Int32Array, axes: int, depth: int) -> CodeArray:
    """Sorted Morton codes (N,) of the cloud's coordinates (N, 3), in the coded axes.

    Raises ValueError as `morton_encode`.
    """
    codes = morton_encode(np.asarray(coords)[:, AXIS_ORDERS[axes]] if axes else coords, depth)
    return np.sort(codes) if axes else codes


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
