"""VoxelDNN on a CPU: the stages of `stages`, for whole blocks and along the wavefront."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ..entropy.jit import Int, njit
from ..entropy.logistic import logit_to_p1
from ..entropy.range_coder import Bytes, RangeDecoder, State, decode_bit
from ..models.sites import BACKGROUND_ROWS, FIRST_ROW, SIZES, Layout, background_neighbours
from ..models.weights import VoxelDNNWeights
from .evaluate import BackgroundCosts
from .network import Front, Logits, Sites
from .stages import (
    INNER,
    WIDTH,
    Buffers,
    Ints,
    Layers,
    Reach,
    Rows,
    background,
    layers_of,
    mark_ahead,
    mark_all,
    reach,
    stage1,
    stage2,
    stage3,
)
from .wavefront import Schedule, wave

BATCH = 1024  # sites between two looks at whether the job was cancelled
SLACK = 8  # cells are read and written eight at a time


class CompiledVoxelDNN:
    """See Network."""

    def __init__(self, weights: VoxelDNNWeights) -> None:
        self.identity = weights.identity
        self.layers, self.reach = layers_of(weights), reach()
        self._tables = _room(BACKGROUND_ROWS, 1)
        self.background_logits: Logits = np.empty(BACKGROUND_ROWS, np.int16)
        near = background_neighbours().astype(np.int64)
        background(self.layers, near, self._tables, self.background_logits)

    def room(self, n: int, streams: int) -> Buffers:
        """Buffers for n sites, `streams` of them at a time under way; the background's rows are filled in."""
        buffers = _room(streams, 0, n)
        for own, ready in ((buffers.h1, self._tables.h1), (buffers.h2, self._tables.h2)):
            own[: FIRST_ROW * INNER] = ready[: FIRST_ROW * INNER]
        return buffers

    def sites(self, layout: Layout, occupied: Ints, batch: int | None, check: Callable[[], None]) -> Sites:
        kinds = layout.size_classes()
        cells, active = np.zeros((2, layout.total + SLACK), np.uint8)
        cells[occupied] = 1
        mark_all(self.reach, active, occupied, kinds[layout.block_of(occupied)])
        rows = layout.rows()
        position = np.flatnonzero(active[: layout.total] & (rows > 0))
        row, kind = rows[position].astype(np.int64), kinds[layout.block_of(position)]
        escape = np.sort(occupied[active[occupied] == 0])
        escape_row = rows[escape].astype(np.int64)
        rows[position] = np.arange(FIRST_ROW, FIRST_ROW + len(position), dtype=np.int32)
        logit = self._logits(cells, rows, position, kind, batch or BATCH, check)
        return Sites(position, row, logit, cells[position], escape, escape_row)

    def _logits(
        self, cells: Bytes, rows: Rows, position: Ints, kind: Ints, batch: int, check: Callable[[], None]
    ) -> Logits:
        n = len(position)
        room, logit = self.room(n, n), np.empty(n, np.int16)
        net, at = self.layers, self.reach
        for stage in (1, 2, 3):
            for a in range(0, n, batch):
                check()
                b = min(a + batch, n)
                if stage == 1:
                    stage1(net, at, cells, position, kind, a, b, room, FIRST_ROW)
                elif stage == 2:
                    stage2(net, at, rows, position, kind, a, b, room, FIRST_ROW)
                else:
                    stage3(net, at, rows, position, kind, a, b, room, logit)
        return logit

    def front(
        self, background: BackgroundCosts, coder: RangeDecoder, layout: Layout, limit: int
    ) -> CompiledFront:
        return CompiledFront(self, background, coder, layout, limit)


def _room(streams: int, first_row: int, sites: int | None = None) -> Buffers:
    rows = FIRST_ROW + (sites if sites is not None else 0)
    return Buffers(
        np.empty(streams * WIDTH, np.int16),
        np.zeros(rows * INNER, np.int16),
        np.zeros(rows * INNER, np.int16),
    )


class Waves(NamedTuple):
    """The wavefront of a layout's groups of equal blocks.

    kind, first, end: (G,) size class and range of blocks. base: (B,) first cell of each block. order: cells
    of a block by step, one size after the other; start: (G, steps + 1) where a group's steps begin in it.
    """

    kind: Ints
    first: Ints
    end: Ints
    base: Ints
    order: Rows
    start: Ints


class Known(NamedTuple):
    """What is known of each buffer cell: occupied, has context, row of its state."""

    occupied: Bytes
    active: Bytes
    rows: Rows


class Records(NamedTuple):
    """Of each active site, in coding order: position, size class, block, background row, logit index, bit."""

    position: Ints
    kind: Ints
    block: Ints
    row: Ints
    logit: Logits
    bit: Bytes


def waves_of(layout: Layout, steps: int) -> Waves:
    """The wavefront of a layout that takes `steps` steps."""
    groups = layout.groups()
    start, order, length = np.empty((len(groups), steps + 1), np.int64), [], 0
    for g, (size, _, _) in enumerate(groups):
        cells, begin, _ = wave(size)
        start[g] = length + np.append(begin, np.full(max(0, steps + 1 - len(begin)), begin[-1]))
        order.append(cells.astype(np.int32))
        length += len(cells)
    columns = np.array([(SIZES.index(s), a, b) for s, a, b in groups], np.int64).reshape(-1, 3)
    kind, first, end = (np.ascontiguousarray(c) for c in columns.T)
    return Waves(kind, first, end, layout.base, np.concatenate(order), start)


@njit
def collect(waves: Waves, known: Known, t: Int, want: Int, into: Records, used: Int) -> Int:
    """Appends the voxels of step t with (want 1) or without (0) context to `into`; returns the new length."""
    n = used
    for g in range(waves.kind.size):
        for block in range(waves.first[g], waves.end[g]):
            for i in range(waves.start[g, t], waves.start[g, t + 1]):
                p = waves.base[block] + waves.order[i]
                if known.active[p] == want:
                    into.position[n] = p
                    into.kind[n] = waves.kind[g]
                    into.block[n] = block
                    into.row[n] = known.rows[p]
                    n += 1
    return n


@njit
def decode_sites(
    net: Layers,
    at: Reach,
    known: Known,
    sites: Records,
    first: Int,
    b: Buffers,
    coder: State,
    payload: Bytes,
    p1: npt.NDArray[np.uint32],
) -> Int:
    """Decodes the sites of one step; returns how many are occupied. first: row of the first one's states."""
    n = sites.position.size
    for i in range(n):
        known.rows[sites.position[i]] = first + i
    stage1(net, at, known.occupied, sites.position, sites.kind, 0, n, b, first)
    stage2(net, at, known.rows, sites.position, sites.kind, 0, n, b, first)
    stage3(net, at, known.rows, sites.position, sites.kind, 0, n, b, sites.logit)
    found = 0
    for i in range(n):
        bit = decode_bit(coder, payload, np.int64(p1[sites.logit[i]]))
        sites.bit[i] = bit
        if bit:
            found += 1
            known.occupied[sites.position[i]] = 1
            mark_ahead(at, known.active, sites.position[i], sites.kind[i])
    return found


class CompiledFront(Front):
    """See Front."""

    def __init__(
        self,
        net: CompiledVoxelDNN,
        background: BackgroundCosts,
        coder: RangeDecoder,
        layout: Layout,
        limit: int,
    ) -> None:
        super().__init__(background, coder, layout, limit, Schedule(layout))
        self._net, self._zero, self._p1 = net, background.zero, logit_to_p1()
        self._waves = waves_of(layout, self.schedule.steps)
        self._kinds = layout.size_classes()
        cells = layout.total + SLACK
        self._known = Known(np.zeros(cells, np.uint8), np.zeros(cells, np.uint8), layout.rows())
        width = np.diff(self._waves.start, axis=1) * (self._waves.end - self._waves.first)[:, None]
        self._widest = int(width.sum(0).max(initial=0))
        self._used, self._capacity = 0, 0
        self._room, self._records = net.room(0, self._widest), _records(0)
        self._grow()

    def _grow(self) -> None:
        """Makes room for one more step of any width."""
        if self._used + self._widest <= self._capacity:
            return
        self._capacity = max(2 * self._capacity, self._used + self._widest)
        room, filled = self._net.room(self._capacity, 0), (FIRST_ROW + self._used) * INNER
        room.h1[:filled], room.h2[:filled] = self._room.h1[:filled], self._room.h2[:filled]
        self._room = room._replace(x=self._room.x)
        records = _records(self._capacity)
        for new, old in zip(_columns(records), _columns(self._records), strict=True):
            new[: self._used] = old[: self._used]
        self._records = records

    def _decode_sites(self, t: int) -> tuple[Ints, int]:
        self._grow()
        used = self._used
        self._used = int(collect(self._waves, self._known, t, 1, self._records, used))
        if self._used == used:
            return np.empty(0, np.int64), 0
        sites = Records(*(column[used : self._used] for column in _columns(self._records)))
        coder, net = self.coder, self._net
        first = FIRST_ROW + used
        decode_sites(
            net.layers, net.reach, self._known, sites, first, self._room, coder.state, coder.payload, self._p1
        )
        coder.check()
        return sites.position[sites.bit != 0], int(self._zero[sites.row].sum())

    def _idle(self, t: int) -> tuple[Ints, Ints]:
        idle = _records(self._widest)
        n = int(collect(self._waves, self._known, t, 0, idle, 0))
        # Sites of this step are active; those that it found occupied made only later voxels active.
        return idle.position[:n], idle.row[:n]

    def _occupy(self, position: Ints) -> None:
        self._known.occupied[position] = 1
        kinds = self._kinds[self.layout.block_of(position)]
        mark_all(self._net.reach, self._known.active, position, kinds)

    def _sites(self) -> tuple[Ints, Ints, Logits, Bytes]:
        r, n = self._records, self._used
        return r.block[:n], r.row[:n], r.logit[:n], r.bit[:n]


def _records(n: int) -> Records:
    a, b, c, d = np.empty((4, n), np.int64)
    return Records(a, b, c, d, np.empty(n, np.int16), np.empty(n, np.uint8))


def _columns(records: Records) -> tuple[npt.NDArray[Any], ...]:
    return tuple(records)
