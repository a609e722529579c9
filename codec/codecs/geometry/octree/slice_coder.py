"""One slice: all levels of its octree through the coding loop, in both directions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from octavox.codec.blocks import BlockTable
from octavox.codec.cloud.morton import CodeArray
from octavox.codec.codecs.geometry.multiscale.head import PART_BITS, Guide
from octavox.codec.coding.counters import give_slots
from octavox.codec.coding.range_coder import Bytes, RangeDecoder, RangeEncoder, State
from octavox.codec.errors import CorruptStreamError

from .attribution import Attribution
from .cursor import CHILDREN, CURSOR_WORDS, PLANE, VISITS_PER_NODE, last_node, start_walk
from .direct import MOST_BITS, NEVER, flag_models
from .learning import USUAL, Learning
from .levels import NO_TAIL, PADDING, X_SHIFT, Nodes, Occupancy, occupancies, raster_to_morton, root
from .mixing import new_mixing
from .neighbours import NeighbourSearch
from .params import Params
from .slicing import BLOCK_BITS
from .walk import (
    BITS_PER_VISIT,
    CHILDREN_PER_VISIT,
    DONE,
    MORE,
    NO_TRACE,
    OVERRUN,
    UNTOLD,
    Trace,
    code_lengths,
    walk,
)

STEP_VISITS = 1 << 14  # between two reports: some milliseconds
FIRST_VISITS = 1 << 9  # of a level, for which the loop waits

# fraction of the slice's work done; new voxels as raster keys, or None; blocks that became final, or None
Report = Callable[[float, CodeArray | None, BlockTable | None], None]

_NO_TRUTH = Occupancy(np.zeros(1, np.uint8), np.zeros(1, np.int32), np.zeros(1, np.int64))


class Foresight(Protocol):
    """A network that runs along the levels of a slice, coarse to fine."""

    def level(self, below: int, nodes: Nodes, near: NeighbourSearch) -> Guide:
        """Begins with the children of these nodes. below: levels below the children's.

        It finds the neighbours as far as it gets, in a thread of its own where it has one.
        Nothing is asked about nodes that were coded directly; more of them may become known meanwhile.
        """

    def ensure(self, nodes: int) -> None:
        """Returns when the guide and the neighbours are known of so many nodes. Raises what went wrong."""

    def close(self) -> None:
        """Ends what still works on the level."""


@dataclass(frozen=True)
class SliceSettings:
    """What the slices of a stream share. block_bits: log2 of the edge of the table's blocks.

    direct_from: the first level on which isolated points are coded directly.
    """

    depth: int
    table_bits: int
    learning: Learning = USUAL
    block_bits: int = BLOCK_BITS
    direct_from: int = NEVER

    @classmethod
    def of(cls, depth: int, params: Params, block_bits: int = BLOCK_BITS) -> SliceSettings:
        """Those of a stream."""
        return cls(depth, params.table_bits, params.learning, block_bits, params.direct_from)


@dataclass
class Finest:
    """What the voxels were coded with. nodes: of the finest level. trace: (8 n,), see `walk`."""

    nodes: Nodes = field(default_factory=lambda: root(False))
    trace: Trace = field(default_factory=lambda: NO_TRACE)


@dataclass(frozen=True)
class SliceJob:
    """One slice's number, whom it tells how far it is, what foresees its bits, and what keeps the finest."""

    index: int
    report: Report
    foresight: Foresight | None = None
    finest: Finest | None = None


class _Slice:
    """What both directions share. limit: points of the slice."""

    encoding: bool

    def __init__(self, settings: SliceSettings, job: SliceJob, limit: int) -> None:
        self.depth, self.table_bits, self.limit = settings.depth, settings.table_bits, limit
        self.index, self.report = job.index, job.report
        self.foresight, self.finest = job.foresight, job.finest
        guided = job.foresight is not None
        self.mixing = new_mixing(settings.table_bits, PART_BITS, guided, settings.learning)
        self.blocks = Attribution(settings.depth, settings.block_bits)
        self.direct_from, self.flags = settings.direct_from, flag_models()
        self.lengths = code_lengths()
        self.visited = 0

    def coder(self, n_bits: int) -> tuple[State, Bytes]:
        """The range coder's state and its buffer, with room for `n_bits` bits."""
        raise NotImplementedError

    def work(self, level: int, n_nodes: int) -> float:
        """Visits in the whole slice, as far as is known when `level` begins."""
        raise NotImplementedError

    def fail(self, status: int) -> None:
        """Raises the error for a status of `walk` other than MORE and DONE."""
        raise NotImplementedError

    def code_level(self, level: int, nodes: Nodes, truth: Occupancy) -> Nodes:
        """Codes the children of a level's nodes and returns them."""
        n = len(nodes.key)
        left = VISITS_PER_NODE * n
        total = self.work(level, n)
        near = NeighbourSearch(nodes.key, nodes.tail)
        occ = np.zeros(n + PADDING, np.uint8)
        cursor = np.zeros(CURSOR_WORDS, np.int64)
        start_walk(cursor, nodes.key)
        below, direct = self.depth - 1 - level, level >= self.direct_from
        if level == self.direct_from:
            nodes = nodes._replace(tail=np.full(n, -1, np.int64))
        tails = direct and below > 0  # of the children
        children = self._room(None, 0, min(2 * n, self.limit), tails)
        guide = self.foresight.level(below, nodes, near) if self.foresight else None
        if guide is None:
            near.until(n)
        trace = NO_TRACE
        if self.finest is not None and below == 0:
            trace = np.full(8 * n, UNTOLD, np.int16)
            self.finest.nodes, self.finest.trace = nodes, trace
        status, step = MORE, min(FIRST_VISITS, STEP_VISITS)
        while status == MORE:
            begin, visits = int(cursor[CHILDREN]), min(left, step)
            step = min(2 * step, STEP_VISITS)
            if self.foresight:
                self.foresight.ensure(int(last_node(cursor, nodes.key, visits)) + 1)
            most = min(begin + CHILDREN_PER_VISIT * visits, self.limit)
            children = self._room(children, begin, most, tails)
            state, buf = self.coder((BITS_PER_VISIT + direct * MOST_BITS) * visits)
            status = int(
                walk(
                    self.encoding,
                    state,
                    buf,
                    self.mixing,
                    self.table_bits,
                    below,
                    nodes,
                    near.found,
                    guide,
                    truth,
                    self.flags,
                    occ,
                    children,
                    self.blocks.costs,
                    self.lengths,
                    trace,
                    cursor,
                    visits,
                    self.limit,
                )
            )
            if status not in (MORE, DONE):
                self.fail(status)
            left -= visits
            self.visited += visits
            end = int(cursor[CHILDREN])
            new, final = None, None
            if level == self.depth - 1:
                new = children.key[begin:end].copy()
                plane = None if status == DONE else 2 * int(nodes.key[cursor[PLANE]] >> X_SHIFT)
                final = self.blocks.finished(children.owner[begin:end], plane, self.index)
            self.report(min(self.visited / total, 1.0), new, final)
        key, source, owner, tail = children
        return Nodes(key[:end], source[:end], owner[:end], tail[:end])

    def _room(self, children: Nodes | None, used: int, need: int, tails: bool) -> Nodes:
        """`children` with room for `need` rows; grows by doubling, so that memory follows what is decoded."""
        if children is not None and need <= len(children.key):
            return children
        size = need if children is None else min(max(need, 2 * len(children.key)), self.limit)
        grown = Nodes(
            np.empty(size, np.int64),
            np.empty(size if self.encoding else 1, np.int32),
            np.empty(size, np.int32),
            np.empty(size, np.int64) if tails else NO_TAIL,
        )
        if children is not None:
            grown.key[:used] = children.key[:used]
            grown.source[:used] = children.source[:used]
            grown.owner[:used] = children.owner[:used]
            grown.tail[:used] = children.tail[:used]
        return grown

    def run(self, truths: list[Occupancy] | None) -> Nodes:
        """All levels; returns the voxels."""
        nodes = root(self.encoding)
        try:
            for level in range(self.depth):
                nodes = self.blocks.begin(level, nodes)
                nodes = self.code_level(level, nodes, truths[level] if truths else _NO_TRUTH)
        finally:
            if self.foresight:
                self.foresight.close()
            give_slots(self.mixing.slots)
        return nodes


class _Encoder(_Slice):
    encoding = True

    def __init__(self, codes: CodeArray, settings: SliceSettings, job: SliceJob) -> None:
        super().__init__(settings, job, len(codes))
        self.range_coder = RangeEncoder()
        self.truths = occupancies(codes, settings.depth, settings.direct_from)

    def coder(self, n_bits: int) -> tuple[State, Bytes]:
        self.range_coder.reserve(n_bits)
        return self.range_coder.state, self.range_coder.buffer

    def work(self, level: int, n_nodes: int) -> float:
        return float(VISITS_PER_NODE * sum(len(t.bits) for t in self.truths))


class _Decoder(_Slice):
    encoding = False

    def __init__(self, payload: bytes, points: int, settings: SliceSettings, job: SliceJob) -> None:
        super().__init__(settings, job, points)
        self.field = f"slice {job.index}"
        self.range_coder = RangeDecoder(payload, self.field)

    def coder(self, n_bits: int) -> tuple[State, Bytes]:
        return self.range_coder.state, self.range_coder.payload

    def work(self, level: int, n_nodes: int) -> float:
        """Levels not decoded yet are guessed by even growth from here to the number of points."""
        levels = self.depth - level
        growth = (self.limit / n_nodes) ** (1.0 / levels)
        return float(self.visited + VISITS_PER_NODE * n_nodes * sum(growth**k for k in range(levels)))

    def fail(self, status: int) -> None:
        if status == OVERRUN:
            self.range_coder.check()
        raise CorruptStreamError(f"more than the declared {self.limit} points", field=self.field)


def encode_slice(
    codes: CodeArray, settings: SliceSettings, job: SliceJob, blocks: Attribution | None = None
) -> tuple[bytes, BlockTable]:
    """Payload and block table of the slice with these sorted, unique Morton codes (N,), N >= 1.

    blocks: what takes the code lengths, if not the blocks of the settings.
    """
    coder = _Encoder(codes, settings, job)
    if blocks is not None:
        coder.blocks = blocks
    voxels = coder.run(coder.truths)
    return coder.range_coder.finish(), coder.blocks.table(voxels.owner, job.index)


def decode_slice(
    payload: bytes, points: int, settings: SliceSettings, job: SliceJob
) -> tuple[CodeArray, BlockTable]:
    """Sorted Morton codes (points,) and block table of a slice.

    Raises CorruptStreamError unless the payload tells of exactly `points` voxels and ends with them.
    """
    coder = _Decoder(payload, points, settings, job)
    voxels = coder.run(None)
    if len(voxels.key) != points:
        raise CorruptStreamError(f"{len(voxels.key)} points instead of {points}", field=coder.field)
    coder.range_coder.close()
    return np.sort(raster_to_morton(voxels.key)), coder.blocks.table(voxels.owner, job.index)
