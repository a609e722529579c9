"""Encodes one slice: partitions its 64-blocks by their code lengths, then codes flags and voxels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from octavox.codec.arrays import BoolArray, Float64Array, Int16Array, Int64Array, UInt8Array, UInt32Array
from octavox.codec.blocks import BLOCK_SIZE, BlockTable
from octavox.codec.coding.range_coder import RangeEncoder
from octavox.codec.models.sites import Layout

from .costs import BackgroundCosts, block_costs, some_p1, stretched_costs
from .engine import Engine
from .escapes import locate
from .evaluate import Evaluation, evaluate_blocks
from .leaves import Leaves, block_table
from .partition import FlagCoder, Level, choose
from .refinement import refine_sites, stretched_to_p1
from .wavefront import Schedule, times


@dataclass(frozen=True)
class Symbols:
    """Voxels of chosen blocks, block by block. leaf: key of the block (Leaves.key); cell: position in it."""

    leaf: Int64Array
    cell: Int64Array
    time: Int64Array
    logit: Int16Array
    bit: UInt8Array
    escape_leaf: Int64Array
    escape_cell: Int64Array
    escape_time: Int64Array


@dataclass(frozen=True)
class Plan:
    """The chosen blocks of a run of 64-blocks with their symbols. Costs in units of 2**-40 bit."""

    leaves: Leaves
    points: Int64Array
    cost: Int64Array
    whole: Int64Array
    split: Int64Array
    flags: dict[tuple[int, int, int, int, int], int]  # (64-block, x, y, z, size): 1 coded, 2 split
    symbols: list[Symbols]

    def preview(self, corner64: Int64Array, slice_index: int) -> BlockTable:
        """The table of the blocks as they will be coded, without flag bits, which are not known yet."""
        none = np.zeros(len(corner64))
        columns = (self.points, self.cost, none, slice_index, self.whole, self.split)
        return block_table(self.leaves, corner64, *columns)


def plan_blocks(
    tools: Engine,
    parent64: Int64Array,
    local: Int64Array,
    max_level: int,
    batch: int | None,
    check: Callable[[], None],
) -> Plan:
    """Algorithm 1 on a run of 64-blocks: parent64 (N,) their numbers, local (N, 3) voxels within them.

    check is called between batches, to raise if the job was cancelled.
    """
    numbers, index = np.unique(parent64, return_inverse=True)
    levels, evaluations, points = [], [], []
    for depth in range(max_level):
        size = BLOCK_SIZE >> depth
        n = BLOCK_SIZE // size
        c = local // size
        key = ((index * n + c[:, 0]) * n + c[:, 1]) * n + c[:, 2]
        present, block = np.unique(key, return_inverse=True)
        origin = np.stack(np.unravel_index(present % n**3, (n, n, n)), 1).astype(np.int64) * size
        sizes = np.full(len(present), size, np.int64)
        evaluation = evaluate_blocks(tools, sizes, block, local % size, batch, check)
        levels.append(Level(size, present // n**3, origin, evaluation.cost))
        evaluations.append(evaluation)
        points.append(np.bincount(block, minlength=len(present)))
    return _collect(numbers, levels, evaluations, points)


def _collect(
    numbers: Int64Array, levels: list[Level], evaluations: list[Evaluation], points: list[Int64Array]
) -> Plan:
    """What Algorithm 1 chose of the evaluated blocks of all levels."""
    flags, symbols, parts = {}, [], []
    chosen: list[Leaves] = []
    for level, evaluation, choice, count in zip(levels, evaluations, choose(levels), points, strict=True):
        number = numbers[level.parent64]
        for mask, flag in ((choice.coded, 1), (choice.divided, 2)):
            for i in np.flatnonzero(mask):
                x, y, z = level.origin[i].tolist()
                flags[int(number[i]), x, y, z, level.size] = flag
        leaves = Leaves(number, level.origin, np.full(len(number), level.size, np.int64))
        symbols.append(_symbols(evaluation, leaves.key(), choice.coded))
        chosen.append(leaves.take(choice.coded))
        parts.append([c[choice.coded] for c in (count, level.cost, choice.whole, choice.split)])
    count, cost, whole, split = (np.concatenate(c) for c in zip(*parts, strict=True))
    return Plan(Leaves.concatenate(chosen), count, cost, whole, split, flags, symbols)


def _symbols(evaluation: Evaluation, keys: Int64Array, coded: BoolArray) -> Symbols:
    """Symbols of the coded blocks of one level."""
    layout = evaluation.layout

    def place(block: Int64Array, position: Int64Array) -> tuple[Int64Array, Int64Array, Int64Array]:
        kept = coded[block]
        block, position = block[kept], position[kept]
        return keys[block], position - layout.base[block], times(layout, block, position)

    kept = coded[evaluation.site_block]
    return Symbols(
        *place(evaluation.site_block, evaluation.site_position),
        evaluation.site_logit[kept],
        evaluation.site_bit[kept],
        *place(evaluation.escape_block, evaluation.escape_position),
    )


def encode_flags(
    coder: RangeEncoder, blocks: int, plans: list[Plan], max_level: int
) -> tuple[Leaves, Float64Array]:
    """Codes the partition of `blocks` 64-blocks -> (leaves in layout order, bits of each one's flags)."""
    flags = {k: v for plan in plans for k, v in plan.flags.items()}
    flag_coder = FlagCoder(coder, max_level)
    found, bits = [], np.zeros(blocks)
    for number in range(blocks):

        def wanted(origin: tuple[int, int, int], size: int, number: int = number) -> int:
            return flags.get((number, *origin, size), 0)

        leaves, bits[number] = flag_coder.block(wanted)
        found.append((number, leaves))
    return Leaves.of(found).in_layout_order(), bits


def encode_slice(
    background: BackgroundCosts, corner64: Int64Array, plans: list[Plan], max_level: int, slice_index: int
) -> tuple[bytes, BlockTable]:
    """The payload of a slice of 64-blocks at corner64 (n, 3), whose numbers in `plans` are 0 .. n - 1."""
    coder = RangeEncoder()
    leaves, flag_bits = encode_flags(coder, len(corner64), plans, max_level)
    bits, p1, cost = voxel_stream(background, leaves, [s for plan in plans for s in plan.symbols])
    coder.encode_bits(bits, p1)
    planned = Leaves.concatenate([p.leaves for p in plans])
    order = _ranks(planned.key(), leaves.key())
    points, whole, split = (
        np.concatenate([getattr(p, n) for p in plans])[order] for n in ("points", "whole", "split")
    )
    table = block_table(leaves, corner64, points, cost, flag_bits, slice_index, whole, split)
    return coder.finish(), table


def _ranks(keys: Int64Array, wanted: Int64Array) -> Int64Array:
    """Index in `keys` of each of `wanted`; both hold the same unique values."""
    order = np.argsort(keys)
    return np.asarray(order[np.searchsorted(keys, wanted, sorter=order)], np.int64)


def voxel_stream(
    background: BackgroundCosts, leaves: Leaves, symbols: list[Symbols]
) -> tuple[UInt8Array, UInt32Array, Int64Array]:
    """All voxels of a slice as (bits, p1), in wavefront order: in each step active sites, then escapes.

    And the code length of each leaf (L,), in units of 2**-40 bit.
    """
    layout = Layout.of(leaves.size)
    schedule = Schedule(layout)
    keys = leaves.key()
    by_key = np.argsort(keys)

    def position(leaf: Int64Array, cell: Int64Array) -> Int64Array:
        return np.asarray(layout.base[by_key[np.searchsorted(keys, leaf, sorter=by_key)]] + cell, np.int64)

    at = position(np.concatenate([s.leaf for s in symbols]), np.concatenate([s.cell for s in symbols]))
    time = np.concatenate([s.time for s in symbols])
    order = np.lexsort((at, time))
    at, time = at[order], time[order]
    bit = np.concatenate([s.bit for s in symbols])[order]
    logit = np.concatenate([s.logit for s in symbols])[order]
    e_leaf = np.concatenate([s.escape_leaf for s in symbols])
    e_at = position(e_leaf, np.concatenate([s.escape_cell for s in symbols]))
    e_time = np.concatenate([s.escape_time for s in symbols])
    stretched = refine_sites(layout, at, logit, bit, np.concatenate([at[bit == 1], e_at]))
    p1 = stretched_to_p1(stretched)
    rows = layout.rows().astype(np.int64)
    site = (layout.block_of(at), rows[at], stretched_costs(stretched, bit))
    cost = block_costs(leaves.size, background, site, (layout.block_of(e_at), rows[e_at]))

    contextless = schedule.zero_cost(background.zero)
    np.subtract.at(contextless, time, background.zero[rows[at]])
    active = np.zeros(layout.total, np.bool_)
    active[at] = True

    start = np.searchsorted(time, np.arange(schedule.steps + 1))
    out_bits, out_p1 = [], []
    for t in range(schedule.steps):
        span = slice(start[t], start[t + 1])
        out_bits.append(bit[span])
        out_p1.append(p1[span])
        if contextless[t] == 0:
            continue
        escaped = e_at[e_time == t]
        flags = [(int(len(escaped) > 0), some_p1(int(contextless[t])))]
        if len(escaped):
            flags += _search(schedule, background, active, t, escaped)
        out_bits.append(np.array([f[0] for f in flags], np.uint8))
        out_p1.append(np.array([f[1] for f in flags], np.uint32))
    return np.concatenate(out_bits), np.concatenate(out_p1), cost


def _search(
    schedule: Schedule, background: BackgroundCosts, active: BoolArray, t: int, escaped: Int64Array
) -> list[tuple[int, int]]:
    """(bit, p1) of the flags that name the occupied ones among step t's voxels without context."""
    positions, rows = schedule.step(t)
    contextless = ~active[positions]
    index = np.searchsorted(positions[contextless], np.sort(escaped))
    prefix = np.concatenate([[0], np.cumsum(background.zero[rows[contextless]])])
    flags: list[tuple[int, int]] = []

    def look_up(p1: int, low: int, high: int) -> int:
        found = int(np.searchsorted(index, high) > np.searchsorted(index, low))
        flags.append((found, p1))
        return found

    for _ in locate(prefix, look_up):
        pass
    return flags
