"""Algorithm 1 of the paper: each block is coded whole, or as eight children if that takes fewer bits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from octavox.codec.arrays import BoolArray, Int64Array
from octavox.codec.blocks import BLOCK_SIZE
from octavox.codec.coding.adaptive import decode_adaptive, encode_adaptive, new_models
from octavox.codec.coding.range_coder import RangeDecoder, RangeEncoder, code_length

from .costs import COST_BITS

MAX_LEVEL = 5
FLAG_COST = 2 << COST_BITS  # a flag in Algorithm 1, lines 18 and 21: two bits

LeafCell = tuple[int, int, int, int]  # x, y, z local to the 64-block, edge
Wanted = Callable[[tuple[int, int, int], int], "int | None"]  # (origin, edge) -> flag, or None to decode it

CHILDREN = np.array([[k >> 2, k >> 1 & 1, k & 1] for k in range(8)], np.int64)


@dataclass(frozen=True)
class Level:
    """Non-empty blocks of one size inside a run of 64-blocks.

    parent64 (n,): index of the 64-block; origin (n, 3): local to it; cost (n,): code length when coded whole.
    """

    size: int
    parent64: Int64Array
    origin: Int64Array
    cost: Int64Array

    def keys(self, size: int) -> Int64Array:
        """(n,) number of the enclosing block of edge `size`, unique within the run."""
        n = BLOCK_SIZE // size
        c = self.origin // size
        return np.asarray(((self.parent64 * n + c[:, 0]) * n + c[:, 1]) * n + c[:, 2], np.int64)


@dataclass(frozen=True)
class Choice:
    """Of each block of a level: is it coded, or divided, and what either costs, with flags (-1: unknown)."""

    coded: BoolArray
    divided: BoolArray
    whole: Int64Array
    split: Int64Array


def choose(levels: list[Level]) -> list[Choice]:
    """Algorithm 1 bottom-up over all blocks of a run; `levels` from 64 down, one or more."""
    best = levels[-1].cost + FLAG_COST
    splits: list[Int64Array] = [np.full(len(best), -1, np.int64)]
    for upper, lower in zip(levels[-2::-1], levels[:0:-1], strict=True):
        index = np.searchsorted(upper.keys(upper.size), lower.keys(upper.size))
        split = np.full(len(upper.cost), 9 * FLAG_COST, np.int64)  # its own flag and those of eight empties
        np.add.at(split, index, best - FLAG_COST)
        best = np.minimum(split, upper.cost + FLAG_COST)
        splits.insert(0, split)
    choices: list[Choice] = []
    open_keys: Int64Array | None = None
    for level, split in zip(levels, splits, strict=True):
        whole = level.cost + FLAG_COST
        reached = np.ones(len(whole), bool)
        if open_keys is not None:
            reached = np.isin(level.keys(level.size * 2), open_keys)
        coded = reached & ((split < 0) | (split >= whole))
        divided = reached & ~coded
        open_keys = level.keys(level.size)[divided]
        choices.append(Choice(coded, divided, whole, split))
    return choices


class FlagCoder:
    """Codes the flags of one 64-block after another: 0 empty, 1 coded here, 2 split (paper, section 3.3).

    A 64-block is occupied, so its flag says only whether it is split. The last child of a block with seven
    empty ones is occupied. Each flag is two adaptive bits: "occupied", whose context is the level and the
    siblings so far, and "split", whose context is the level and whether the last block of that level was
    split.
    """

    def __init__(self, coder: RangeEncoder | RangeDecoder, max_level: int) -> None:
        self._coder = coder
        self._models = new_models(MAX_LEVEL * 2 + MAX_LEVEL * 64)
        self._max_level = max_level
        self._last_split = [0] * MAX_LEVEL
        self._bits = 0.0

    def _code(self, ctx: int, bit: int | None) -> int:
        if isinstance(self._coder, RangeEncoder):
            bits = np.array([bit], np.uint8)
            used = encode_adaptive(self._coder, self._models, bits, np.array([ctx], np.int32))
        else:
            bits, used = decode_adaptive(self._coder, self._models, np.array([ctx], np.int32))
        self._bits += float(code_length(bits, used)[0])
        return int(bits[0])

    def block(self, wanted: Wanted) -> tuple[list[LeafCell], float]:
        """Flags of one 64-block -> ([(x, y, z, size) of each coded block, depth first], bits spent).

        wanted(origin, size) gives the flag to encode; the decoder's returns None.
        """
        self._bits = 0.0
        leaves: list[LeafCell] = []
        self._visit((0, 0, 0), 0, wanted, leaves)
        return leaves, self._bits

    def _visit(
        self,
        origin: tuple[int, int, int],
        level: int,
        wanted: Wanted,
        leaves: list[LeafCell],
    ) -> None:
        """An occupied block: its split flag, then its children's flags."""
        size = BLOCK_SIZE >> level
        split = 0
        if level + 1 < self._max_level:
            flag = wanted(origin, size)
            split = self._code(level * 2 + self._last_split[level], None if flag is None else int(flag == 2))
            self._last_split[level] = split
        if not split:
            leaves.append((*origin, size))
            return
        half, occupied = size // 2, 0
        for k, step in enumerate(CHILDREN.tolist()):
            child = (origin[0] + step[0] * half, origin[1] + step[1] * half, origin[2] + step[2] * half)
            if k == 7 and not occupied:
                there = 1
            else:
                flag = wanted(child, half)
                ctx = MAX_LEVEL * 2 + (level * 8 + k) * 8 + min(occupied, 7)
                there = self._code(ctx, None if flag is None else int(flag != 0))
            occupied += there
            if there:
                self._visit(child, level + 1, wanted, leaves)
