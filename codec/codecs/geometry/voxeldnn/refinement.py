"""VoxelDNN's probabilities refined along the wavefront by what the slice has shown (beyond the paper).

The 5^3 windows of the sites of one step hold none of that step's voxels, as every causal neighbour has a
smaller t. So the sites of a step, in their order, are refined and learned from one by one, in both
directions alike.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from octavox.codec.coding.jit import Int, inlined, njit
from octavox.codec.coding.kernels.simd import eight_bytes
from octavox.codec.coding.logistic import LOGIT_BITS, STRETCH_BITS, STRETCH_OFFSET, squash_table
from octavox.codec.coding.range_coder import Bytes, RangeDecoder, State, decode_bit
from octavox.codec.models.sites import KERNEL, SIZES, Layout, flat_offsets
from octavox.codec.models.weights import LOGIT_BIAS

from .refine import Refiner, learn, new_refiner, refine, refine_known

Ints = npt.NDArray[np.int64]
Logits = npt.NDArray[np.int16]

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
def _window(cells: Bytes, position: Int, kind: Int) -> Int:
    """The 62 voxels before a position in its 5^3 window as bits, in raster order."""
    word = np.uint64(0)
    for r in range(_ROWS):
        row = eight_bytes(cells, position + _STARTS[kind, r]) & (_FIVE if r < _ROWS - 1 else _TWO)
        word |= ((row * _GATHER) >> np.uint64(56)) << np.uint64(5 * r)
    return np.int64(word)


@njit
def _windows(cells: Bytes, position: Ints, kind: Ints, out: Ints) -> None:
    for i in range(len(position)):
        out[i] = _window(cells, position[i], kind[i])


@njit
def _decode(
    r: Refiner,
    coder: State,
    payload: Bytes,
    cells: Bytes,
    position: Ints,
    kind: Ints,
    logit: Logits,
    bit: Bytes,
    stretched: Logits,
) -> None:
    for i in range(len(position)):
        value = (np.int64(logit[i]) - LOGIT_BIAS) << _SCALE
        x = refine(r, _window(cells, position[i], kind[i]), value)
        stretched[i] = x
        bit[i] = decode_bit(coder, payload, np.int64(_SQUASH[x + STRETCH_OFFSET]))
        learn(r, x, np.int64(bit[i]))


def stretched_to_p1(stretched: Logits) -> npt.NDArray[np.uint32]:
    """Coder probabilities of stretched ones."""
    return _SQUASH[stretched.astype(np.int64) + STRETCH_OFFSET]


def refine_sites(layout: Layout, position: Ints, logit: Logits, bit: Bytes, occupied: Ints) -> Logits:
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

    def step(
        self, cells: Bytes, position: Ints, kind: Ints, logit: Logits, bit: Bytes, stretched: Logits
    ) -> None:
        """Fills bit (n,) and stretched (n,) of a step's sites. cells: what is known before, and SLACK more.

        Raises CorruptStreamError where the payload has ended.
        """
        coder = self._coder
        _decode(self._refiner, coder.state, coder.payload, cells, position, kind, logit, bit, stretched)
        coder.check()
