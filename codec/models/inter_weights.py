"""Quantized weights of the inter network: those of the multiscale network, and rows for the reference."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from octavox.codec.arrays import Int16Array

from .multiscale_weights import HIDDEN, LAYOUT, SETS, LevelWeights, level_bounds
from .weight_sets import CHANNELS, Layout, check_layout, check_sums, read_sets, sets_bytes

CELLS = 64  # children of the reference that the network sees of a node: 4^3, from one before it on
AROUND_CHILD = 27  # of these around one child
FULLNESS = (1, 3, 6)  # a child counts once for each of these numbers of children that it has in turn
REFERENCE, BESIDE = len(FULLNESS) * CELLS, len(FULLNESS) * AROUND_CHILD


def _child_cells() -> npt.NDArray[np.uint8]:
    """(8, 27) which of these are around each child of the node, in raster order."""
    k, at = np.arange(8)[:, None], np.arange(AROUND_CHILD)
    x, y, z = (k >> 2) + at // 9, (k >> 1 & 1) + at // 3 % 3, (k & 1) + at % 3
    return np.asarray(16 * x + 4 * y + z, np.uint8)


CHILD_CELLS = _child_cells()


@dataclass(frozen=True)
class InterWeights(LevelWeights):
    """One set: see `LevelWeights`; reference (192, 32) and beside (8, 81, 64) int16, rows that are added.

    Both have their cells once for each number of FULLNESS.
    """

    reference: Int16Array
    beside: Int16Array


_LAYOUT: Layout = {
    **LAYOUT,
    "reference": (np.int16, (REFERENCE, CHANNELS)),
    "beside": (np.int16, (8, BESIDE, HIDDEN)),
}


@dataclass(frozen=True)
class InterFile:
    """sets: SETS of them, the finest level's first. identity: first bytes of the file's SHA-256."""

    sets: tuple[InterWeights, ...]
    metadata: dict[str, Any]
    identity: bytes


def check_inter(w: InterWeights) -> None:
    """Raises WeightsError unless shapes fit and every partial sum stays below 2**24 (exact in float32)."""
    check_layout(w, _LAYOUT)
    check_sums(level_bounds(w, ("around", "reference"), ("causal", "beside")))


def load_inter(path: str | Path) -> InterFile:
    """Reads and checks a .safetensors file. Raises WeightsError when it is missing, damaged or unfit."""
    return InterFile(*read_sets(path, SETS, _LAYOUT, InterWeights, check_inter))


def inter_bytes(sets: tuple[InterWeights, ...], metadata: dict[str, Any]) -> bytes:
    """The file that `load_inter` reads; equal input gives equal bytes."""
    return sets_bytes(sets, metadata, _LAYOUT, check_inter)
