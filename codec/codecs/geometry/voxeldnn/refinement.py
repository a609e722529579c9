"""Refines VoxelDNN's probabilities step by step, by what was learned from the slice (beyond the paper).

The 5^3 windows of the sites of one step hold no voxel of that step, as every causal neighbour has a smaller
t. So encoder and decoder alike refine the sites of a step, and learn from them, one by one in their order.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from octavox.codec.arrays import Int16Array, Int64Array, UInt8Array, UInt32Array
from octavox.codec.coding.kernels.jit import Int, inlined, njit
from octavox.codec.coding.kernels.simd import eight_bytes
from octavox.codec.coding.logistic import LOGIT_BITS, STRETCH_BITS, STRETCH_OFFSET, squash_table
from octavox.codec.coding.range_coder import BitCoder, RangeDecoder, code_bit
from octavox.codec.models.sites import KERNEL, SIZES, Layout, flat_offsets
from octavox.codec.models.weights import LOGIT_BIAS

from .refine import Refiner, learn, new_refiner, refine, refine_known

SLACK = 8  # cells are read eight at a time
_ROWS = 13  # rows of the 5^3 window up to the voxel's own
_STARTS = np.stack([flat_offsets(KERNEL[::5], size) for size in SIZES])  # (5, 13) first cell of each row
_FIVE, _TWO = np.uint64(0x0101010101), np.uint64(0x0101)
_GATHER = np.uint64(
    0x0102040810204080
)  # the lowest bits of eight bytes times this: together in the highest byte
_SCALE = STRETCH_BITS - LOGIT_BITS
_SQUASH = squash_table()


@inlined
def _window(cells: UInt8Array, position: Int, kind: Int) -> Int:
    """The 62 voxels before a position in its 5^3 window as bits, in raster order."""
    word = np.uint64(0)
    for r in range(_ROWS):
        row = eight_bytes(cells, position + _STARTS[kind, r]) & (_FIVE if r < _ROWS - 1 else _TWO)
        word |= ((row * _GATHER) >> np.uint64(56)) << np.uint64(5 * r)
    return np.int64(word)


@njit
def _windows(cells: UInt8Array, position: Int64Array, kind: Int64Array, out: Int64Array) -> None:
    for i in range(len(position)):
        out[i] = _window(cells, position[i], kind[i])


class StepSites(NamedTuple):
    """The sites of a wavefront step, in coding order; each (n,).

    Given: position int64 in the buffer, kind int64 size class, logit int16 table index. Filled in: bit uint8,
    and stretched int16, the probability that it was decoded with.
    """

    position: Int64Array
    kind: Int64Array
    logit: Int16Array
    bit: UInt8Array
    stretched: Int16Array


@njit
def _decode(r: Refiner, coder: BitCoder, cells: UInt8Array, sites: StepSites) -> None:
    for i in range(len(sites.position)):
        logit = (np.int64(sites.logit[i]) - LOGIT_BIAS) << _SCALE
        refinement = refine(r, _window(cells, sites.position[i], sites.kind[i]), logit)
        x = refinement.prediction.x
        bit = code_bit(coder, 0, np.int64(_SQUASH[x + STRETCH_OFFSET]))
        learn(r, refinement, bit)
        sites.stretched[i], sites.bit[i] = x, bit


def stretched_to_p1(stretched: Int16Array) -> UInt32Array:
    """Coder probabilities of stretched ones."""
    return _SQUASH[stretched.astype(np.int64) + STRETCH_OFFSET]


def refine_sites(
    layout: Layout, position: Int64Array, logit: Int16Array, bit: UInt8Array, occupied: Int64Array
) -> Int16Array:
    """(n,) stretched probabilities of a slice's sites in coding order.

    position, logit (table index), bit: (n,) of the sites. occupied: positions of all occupied voxels.
    """
    cells = np.zeros(layout.total + SLACK, np.uint8)
    cells[occupied] = 1
    window, out = np.empty(len(position), np.int64), np.empty(len(position), np.int16)
    _windows(cells, position, layout.size_classes()[layout.block_of(position)], window)
    refine_known(new_refiner(), window, (logit.astype(np.int64) - LOGIT_BIAS) << _SCALE, bit, out)
    return out


class RefinedDecoder:
    """Decodes the sites of a slice, step by step."""

    def __init__(self, coder: RangeDecoder) -> None:
        self._coder, self._refiner = coder, new_refiner()

    def step(self, cells: UInt8Array, sites: StepSites) -> None:
        """Decodes the bits of a step's sites. cells: occupied voxels before the step, and SLACK more entries.

        Raises CorruptStreamError where the payload has ended.
        """
        _decode(self._refiner, self._coder.bit_coder(len(sites.position)), cells, sites)
        self._coder.check()
