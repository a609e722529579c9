"""Coordinates and blocks in the order of axes that a stream is coded in, and back."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from octavox.codec.arrays import IntArray
from octavox.codec.blocks import BlockTable
from octavox.codec.cloud.morton import CodeArray, morton_encode

from .params import AXES


def turned(coords: IntArray, axes: int, depth: int) -> CodeArray:
    """Sorted Morton codes (N,) of coordinates (N, 3) whose axes are taken in the order AXES[axes].

    Raises ValueError as `morton_encode`.
    """
    codes = morton_encode(np.asarray(coords)[:, AXES[axes]] if axes else coords, depth)
    return np.sort(codes) if axes else codes


def turned_back(coords: IntArray, axes: int) -> IntArray:
    """Coordinates (N, 3), each in the cloud's own order of axes; the rows stay in place."""
    if not axes:
        return coords
    own = np.empty_like(coords)
    own[:, AXES[axes]] = coords
    return own


def blocks_back(table: BlockTable, axes: int) -> BlockTable:
    """The table with the corners of its blocks in the cloud's own order of axes."""
    return replace(table, origin=turned_back(table.origin, axes)) if axes else table
