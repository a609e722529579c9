"""VoxelDNN on a CPU: the stages of `stages`, for whole blocks and along the wavefront."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from octavox.codec.arrays import Int16Array, Int32Array, Int64Array, UInt8Array
from octavox.codec.coding.kernels.jit import Int, njit
from octavox.codec.coding.range_coder import RangeDecoder
from octavox.codec.models.sites import BACKGROUND_ROWS, FIRST_ROW, SIZES, Layout, background_neighbours
from octavox.codec.models.weights import VoxelDNNWeights

from .costs import BackgroundCosts
from .network import Sites, WavefrontDecoder
from .refinement import SLACK, RefinedDecoder, StepSites
from .stages import (
    INNER,
    WIDTH,
    Buffers,
    CompiledNet,
    Scratch,
    SiteRange,
    background,
    layers_of,
    mark_all,
    reach,
    scratch,
    stage1,
    stage2,
    stage3,
)
from .wavefront import Schedule, wave

BATCH = 1024  # sites between two checks whether the job was cancelled
REACH_STEPS = 2 + 4 * 2 + 16 * 2  # a 5^3 kernel looks back so many wavefront steps
PART_SITES = 32  # fewer are not worth another thread


class CompiledVoxelDNN:
    """See Network."""

    def __init__(self, weights: VoxelDNNWeights) -> None:
        self.identity, self.device = weights.identity, "cpu"
        self.net = CompiledNet(layers_of(weights), reach())
        self._tables = _room(BACKGROUND_ROWS, FIRST_ROW)
        self.background_logits: Int16Array = np.empty(BACKGROUND_ROWS, np.int16)
        near = background_neighbours().astype(np.int64)
        background(self.net.layers, near, self._tables, self.background_logits, scratch())

    def room(self, n: int, streams: int) -> Buffers:
        """Buffers for n sites, `streams` of them computed at a time; the background's rows are filled in."""
        buffers = _room(streams, FIRST_ROW + n)
        for own, ready in ((buffers.h1, self._tables.h1), (buffers.h2, self._tables.h2)):
            own[: FIRST_ROW * INNER] = ready[: FIRST_ROW * INNER]
        return buffers

    def sites(
        self, layout: Layout, occupied: Int64Array, batch: int | None, check: Callable[[], None]
    ) -> Sites:
        kinds = layout.size_classes()
        cells, active = np.zeros((2, layout.total + SLACK), np.uint8)
        cells[occupied] = 1
        mark_all(self.net.reach, active, occupied, kinds[layout.block_of(occupied)])
        rows = layout.rows()
        position = np.flatnonzero(active[: layout.total] & (rows > 0))
        row, kind = rows[position].astype(np.int64), kinds[layout.block_of(position)]
        escape = np.sort(occupied[active[occupied] == 0])
        escape_row = rows[escape].astype(np.int64)
        rows[position] = np.arange(FIRST_ROW, FIRST_ROW + len(position), dtype=np.int32)
        logit = self._logits(cells, rows, position, kind, batch or BATCH, check)
        return Sites(position, row, logit, cells[position], escape, escape_row)

    def _logits(
        self,
        cells: UInt8Array,
        rows: Int32Array,
        position: Int64Array,
        kind: Int64Array,
        batch: int,
        check: Callable[[], None],
    ) -> Int16Array:
        n = len(position)
        room, logit = self.room(n, n), np.empty(n, np.int16)
        net, own = self.net, scratch()
        for stage in (1, 2, 3):
            for a in range(0, n, batch):
                check()
                b = min(a + batch, n)
                sites = SiteRange(position, kind, a, b)
                if stage == 1:
                    stage1(net, cells, sites, room)
                elif stage == 2:
                    stage2(net, rows, sites, room, own)
                else:
                    stage3(net, rows, sites, room, logit, own)
        return logit

    def decoder(
        self, background: BackgroundCosts, coder: RangeDecoder, layout: Layout, limit: int, threads: int
    ) -> CompiledDecoder:
        return CompiledDecoder(self, background, coder, layout, limit, threads)


def _room(streams: int, rows: int) -> Buffers:
    h1, h2 = np.empty((2, rows * INNER), np.uint8)
    h1[:INNER] = h2[:INNER] = 0  # row 0 is the padding
    return Buffers(np.empty(streams * WIDTH, np.uint8), h1, h2, FIRST_ROW)


class Waves(NamedTuple):
    """The wavefront of a layout's groups of equal blocks.

    kind, first, end: (G,) size class and range of blocks. base: (B,) first cell of each block. order: cells
    of a block by step, one size after the other; start: (G, steps + 1) where a group's steps begin in it.
    """

    kind: Int64Array
    first: Int64Array
    end: Int64Array
    base: Int64Array
    order: Int32Array
    start: Int64Array


class Known(NamedTuple):
    """Of each buffer cell: whether it is occupied, whether it has context, the row of its state."""

    occupied: UInt8Array
    active: UInt8Array
    rows: Int32Array


class Records(NamedTuple):
    """Of each active site, in coding order: position, size class, block, background row, logit index, bit,
    and the stretched probability that it was decoded with.
    """

    position: Int64Array
    kind: Int64Array
    block: Int64Array
    row: Int64Array
    logit: Int16Array
    bit: UInt8Array
    stretched: Int16Array


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
def evaluate_sites(
    net: CompiledNet, known: Known, sites: SiteRange, b: Buffers, logit: Int16Array, own: Scratch
) -> None:
    """Logits of sites of one step, which do not depend on each other."""
    for i in range(sites.start, sites.end):
        known.rows[sites.position[i]] = b.first + i
    stage1(net, known.occupied, sites, b)
    stage2(net, known.rows, sites, b, own)
    stage3(net, known.rows, sites, b, logit, own)


class CompiledDecoder(WavefrontDecoder):
    """See WavefrontDecoder."""

    def __init__(
        self,
        net: CompiledVoxelDNN,
        background: BackgroundCosts,
        coder: RangeDecoder,
        layout: Layout,
        limit: int,
        threads: int,
    ) -> None:
        super().__init__(background, coder, layout, limit, Schedule(layout))
        self._threads = threads
        self._pool = ThreadPoolExecutor(threads - 1, "octavox-sites") if threads > 1 else None
        self._net, self._zero, self._refined = net, background.zero, RefinedDecoder(coder)
        self._waves = waves_of(layout, self.schedule.steps)
        self._kinds = layout.size_classes()
        cells = layout.total + SLACK
        self._known = Known(np.zeros(cells, np.uint8), np.zeros(cells, np.uint8), layout.rows())
        width = np.diff(self._waves.start, axis=1) * (self._waves.end - self._waves.first)[:, None]
        self._widest = int(width.sum(0).max(initial=0))
        self._begun: list[int] = []  # sites before each step
        self._used, self._dropped = 0, 0
        self._records, self._room = _records(self._widest), net.room(4 * self._widest, self._widest)

    def _make_room(self) -> None:
        """Makes room for one more step of any width; drops states that no later voxel uses."""
        self._begun.append(self._used)
        if self._used + self._widest > len(self._records.position):
            records = _records(2 * (self._used + self._widest))
            for new, old in zip(_columns(records), _columns(self._records), strict=True):
                new[: self._used] = old[: self._used]
            self._records = records
        rows = len(self._room.h1) // INNER - FIRST_ROW
        if self._used - self._dropped + self._widest <= rows:
            return
        oldest = self._begun[max(0, len(self._begun) - 1 - REACH_STEPS)]
        shift, kept = oldest - self._dropped, self._used - oldest
        room = self._net.room(max(rows, 2 * (kept + self._widest)), 0)
        for new, table in ((room.h1, self._room.h1), (room.h2, self._room.h2)):
            new[FIRST_ROW * INNER :][: kept * INNER] = table[(FIRST_ROW + shift) * INNER :][: kept * INNER]
        self._known.rows[self._records.position[oldest : self._used]] -= np.int32(shift)
        self._room, self._dropped = room._replace(x=self._room.x), oldest

    def _decode_sites(self, t: int) -> tuple[Int64Array, int]:
        self._make_room()
        used = self._used
        self._used = int(collect(self._waves, self._known, t, 1, self._records, used))
        if self._used == used:
            return np.empty(0, np.int64), 0
        sites = Records(*(column[used : self._used] for column in _columns(self._records)))
        self._evaluate(sites, FIRST_ROW + used - self._dropped)
        known = self._known
        self._refined.step(
            known.occupied,
            StepSites(sites.position, sites.kind, sites.logit, sites.bit, sites.stretched),
        )
        occupied = sites.bit != 0
        found = sites.position[occupied]
        known.occupied[found] = 1
        mark_all(self._net.net.reach, known.active, found, sites.kind[occupied])
        return found, int(self._zero[sites.row].sum())

    def _evaluate(self, sites: Records, first: int) -> None:
        n, net = len(sites.position), self._net.net
        room = self._room._replace(first=first)
        parts = min(self._threads, n // PART_SITES) if self._pool else 1

        def work(part: int) -> None:
            start, end = n * part // parts, n * (part + 1) // parts
            part_sites = SiteRange(sites.position, sites.kind, start, end)
            evaluate_sites(net, self._known, part_sites, room, sites.logit, scratch())

        if self._pool is None or parts <= 1:
            parts = 1
            work(0)
            return
        others = [self._pool.submit(work, part) for part in range(1, parts)]
        work(0)
        for other in others:
            other.result()

    def close(self) -> None:
        if self._pool:
            self._pool.shutdown()

    def _without_context(self, t: int) -> tuple[Int64Array, Int64Array]:
        contextless = _records(self._widest)
        n = int(collect(self._waves, self._known, t, 0, contextless, 0))
        # Sites of this step are active; those that it found occupied made only later voxels active.
        return contextless.position[:n], contextless.row[:n]

    def _occupy(self, position: Int64Array) -> None:
        self._known.occupied[position] = 1
        kinds = self._kinds[self.layout.block_of(position)]
        mark_all(self._net.net.reach, self._known.active, position, kinds)

    def _sites(self) -> tuple[Int64Array, Int64Array, Int16Array, UInt8Array]:
        r, n = self._records, self._used
        return r.block[:n], r.row[:n], r.stretched[:n], r.bit[:n]


def _records(n: int) -> Records:
    a, b, c, d = np.empty((4, n), np.int64)
    logit, stretched = np.empty((2, n), np.int16)
    return Records(a, b, c, d, logit, np.empty(n, np.uint8), stretched)


def _columns(records: Records) -> tuple[npt.NDArray[Any], ...]:
    return tuple(records)
