"""Coordinates and blocks in the order of axes that a stream is coded in, and back."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from octavox.codec.arrays import Int32Array
from octavox.codec.blocks import BlockTable
from octavox.codec.cloud.morton import CodeArray, morton_encode

from .params import AXIS_ORDERS


def permuted_codes(coords: Int32Array, axes: int, depth: int) -> CodeArray:
    """Sorted Morton codes (N,) of coordinates (N, 3) whose axes are taken in the order AXES[axes].

    Raises ValueError as `morton_encode`.
    """
    codes = morton_encode(np.asarray(coords)[:, AXIS_ORDERS[axes]] if axes else coords, depth)
    return np.sort(codes) if axes else codes


def unpermuted_coords(coords: Int32Array, axes: int) -> Int32Array:
    """Coordinates (N, 3), each in the cloud's own order of axes; the rows stay in place."""
    if not axes:
        return coords
    own = np.empty_like(coords)
    own[:, AXIS_ORDERS[axes]] = coords
    return own


def unpermuted_blocks(table: BlockTable, axes: int) -> BlockTable:
    """The table with the corners of its blocks in the cloud's own order of axes."""
    return replace(table, origin=unpermuted_coords(table.origin, axes)) if axes else table
