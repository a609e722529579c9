"""One slice: all levels of its octree through the coding loop, in both directions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from octavox.codec.arrays import Int16Array, UInt8Array
from octavox.codec.blocks import BlockTable
from octavox.codec.cloud.morton import CodeArray
from octavox.codec.coding.counters import release_counters
from octavox.codec.coding.range_coder import FLUSH_BYTES, POSITION, RangeDecoder, RangeEncoder
from octavox.codec.errors import CorruptStreamError

from .attribution import Attribution
from .beams import new_beams
from .cursor import CHILDREN, CURSOR_WORDS, PLANE, VISITS_PER_NODE, last_node, start_walk
from .direct import MOST_BITS, NEVER, flag_models
from .learning import DEFAULT_LEARNING, Learning
from .levels import (
    NO_REMAINING_CODES,
    PADDING,
    X_SHIFT,
    Nodes,
    Occupancy,
    occupancies,
    raster_to_morton,
    root,
)
from .mixing import new_mixing
from .neighbours import NeighbourSearch
from .ordered import codes_of_children, with_order
from .params import Params
from .predictor import Predictor
from .sensor import Sensor, read_sensor
from .slicing import BLOCK_BITS
from .state import LevelState, Output
from .walk import (
    BITS_PER_VISIT,
    CHILDREN_PER_VISIT,
    DONE,
    MORE,
    NO_TRACE,
    NOT_CODED,
    OVERRUN,
    PART_BITS,
    code_lengths,
    walk_alone,
)

STEP_VISITS = 1 << 14  # between two reports: some milliseconds
FIRST_VISITS = 1 << 9  # of a level, for which the loop waits

# fraction of the slice's work done; new voxels as raster keys, or None; blocks that became final, or None
Report = Callable[[float, CodeArray | None, BlockTable | None], None]

# Raster keys (n,) of the finest nodes to their children that both sides know, see `LevelState.given`.
Guess = Callable[[CodeArray], UInt8Array]

_ALL_CODED: UInt8Array = np.empty(0, np.uint8)
_NO_TRUTH = Occupancy(np.zeros(1, np.uint8), np.zeros(1, np.int32), np.zeros(1, np.int64))


@dataclass(frozen=True)
class SliceSettings:
    """What the slices of a stream share. block_bits: log2 of the edge of the table's blocks.

    direct_from: the first level on which isolated points are coded directly. sensed: whether each slice
    begins with its sensor.
    """

    depth: int
    table_bits: int
    learning: Learning = DEFAULT_LEARNING
    block_bits: int = BLOCK_BITS
    direct_from: int = NEVER
    sensed: bool = False

    @classmethod
    def of(cls, depth: int, params: Params, block_bits: int = BLOCK_BITS) -> SliceSettings:
        """Those of a stream."""
        return cls(depth, params.table_bits, params.learning, block_bits, params.direct_from, params.sensed)


@dataclass
class TracedLevel:
    """What the children of one level were coded with. nodes: of that level. trace: (8 n,), see `walk`.

    below: levels below these children, 0 for the voxels themselves.
    """

    nodes: Nodes = field(default_factory=lambda: root(False))
    trace: Int16Array = field(default_factory=lambda: NO_TRACE)
    below: int = 0


@dataclass(frozen=True)
class SliceJob:
    """One slice: its number, its progress report, its predictor, and levels to keep the trace of.

    ends: gets, for each coded level, how many bytes a decoder has read after it. guess: what is known of the
    voxels without being coded. level_bits: gets, for each coded level, the code length of all levels so far.
    sensor: of an encoder's slice, where its settings say so.
    """

    index: int
    report: Report
    predictor: Predictor | None = None
    traced: tuple[TracedLevel, ...] = ()
    ends: list[int] | None = None
    guess: Guess | None = None
    level_bits: list[float] | None = None
    sensor: Sensor | None = None


class _Slice:
    """What both directions share. limit: points of the slice."""

    range_coder: RangeEncoder | RangeDecoder
    _finest: tuple[Nodes, UInt8Array]  # the nodes above the voxels, and their children but for direct ones

    def __init__(self, settings: SliceSettings, job: SliceJob, limit: int, sensor: Sensor | None) -> None:
        self.depth, self.direct_from, self.limit = settings.depth, settings.direct_from, limit
        self.job, self.predictor = job, job.predictor
        self.walk = job.predictor.walk if job.predictor else walk_alone
        bits, learning = settings.table_bits, settings.learning
        predictor = job.predictor
        self.mixing = (
            predictor.mixing(bits, learning) if predictor else new_mixing(bits, PART_BITS, False, learning)
        )
        self.blocks = Attribution(settings.depth, settings.block_bits)
        self.flags, self.lengths, self.beams = flag_models(), code_lengths(), new_beams(sensor)
        self.head = sensor.to_bytes() if sensor else b""
        self.visited = 0

    @property
    def encoding(self) -> bool:
        """Whether the slice is encoded."""
        return isinstance(self.range_coder, RangeEncoder)

    def work(self, level: int, n_nodes: int) -> float:
        """Visits in the whole slice, as far as is known when `level` begins."""
        raise NotImplementedError

    def fail(self, status: int) -> None:
        """Raises the error for a status of the loop other than MORE and DONE."""
        raise NotImplementedError

    def code_level(self, level: int, nodes: Nodes, truth: Occupancy) -> Nodes:
        """Codes the children of a level's nodes and returns them."""
        n, below, direct = len(nodes.key), self.depth - 1 - level, level >= self.direct_from
        if level == self.direct_from:
            nodes = nodes._replace(remaining_code=np.full(n, -1, np.int64))
        search = NeighbourSearch(nodes.key, nodes.remaining_code)
        state = self._state(below, nodes, search, truth)  # a guess needs both threads, so it comes first
        prior = self.predictor.level(below, nodes, search) if self.predictor else None
        children = self._room(None, 0, min(2 * n, self.limit), direct and below > 0)
        trace = self._trace(below, nodes)
        total, left, step, status = self.work(level, n), VISITS_PER_NODE * n, FIRST_VISITS, MORE
        while status == MORE:
            begin, visits = int(state.cursor[CHILDREN]), min(left, step, STEP_VISITS)
            if self.predictor:
                self.predictor.ensure(int(last_node(state.cursor, nodes.key, visits)) + 1)
            most = min(begin + CHILDREN_PER_VISIT * visits, self.limit)
            children = self._room(children, begin, most, direct and below > 0)
            output = Output(children, self.limit, self.blocks.costs, self.lengths, trace)
            coder = self.range_coder.bit_coder((BITS_PER_VISIT + direct * MOST_BITS) * visits)
            status = int(self.walk(coder, state, self.mixing, prior, output, visits))
            if status not in (MORE, DONE):
                self.fail(status)
            left, step = left - visits, 2 * step
            self.visited += visits
            self._report(state, children, begin, status == DONE, total)
        if below == 0:
            self._finest = nodes, state.occupied[:n]
        end = int(state.cursor[CHILDREN])
        key, source, owner, remaining_code = children
        return Nodes(key[:end], source[:end], owner[:end], remaining_code[:end])

    def _state(self, below: int, nodes: Nodes, search: NeighbourSearch, truth: Occupancy) -> LevelState:
        """The level as the loop begins it. Without a predictor, all neighbours are found first."""
        if self.predictor is None:
            search.until(len(nodes.key))
        occupied = np.zeros(len(nodes.key) + PADDING, np.uint8)
        cursor = np.zeros(CURSOR_WORDS, np.int64)
        start_walk(cursor, nodes.key)
        guess = self.job.guess
        given = guess(nodes.key) if guess is not None and below == 0 else _ALL_CODED
        return LevelState(below, nodes, search.found, truth, occupied, self.flags, self.beams, cursor, given)

    def _trace(self, below: int, nodes: Nodes) -> Int16Array:
        """Room for the trace of a level, where it is wanted."""
        for level in self.job.traced:
            if level.below == below:
                level.nodes, level.trace = nodes, np.full(8 * len(nodes.key), NOT_CODED, np.int16)
                return level.trace
        return NO_TRACE

    def _report(self, state: LevelState, children: Nodes, begin: int, done: bool, total: float) -> None:
        """Reports the children from row `begin` on. done: the level is. total: as `work`."""
        new, final = None, None
        if state.below == 0:
            found = slice(begin, int(state.cursor[CHILDREN]))
            new = children.key[found].copy()
            plane = None if done else 2 * int(state.nodes.key[state.cursor[PLANE]] >> X_SHIFT)
            final = self.blocks.finished(children.owner[found], plane, self.job.index)
        self.job.report(min(self.visited / total, 1.0), new, final)

    def _room(self, children: Nodes | None, used: int, need: int, with_codes: bool) -> Nodes:
        """`children` with room for `need` rows; grows by doubling, so that memory follows what is decoded.

        used: rows to keep. with_codes: the level has remaining codes.
        """
        if children is not None and need <= len(children.key):
            return children
        size = need if children is None else min(max(need, 2 * len(children.key)), self.limit)
        grown = Nodes(
            np.empty(size, np.int64),
            np.empty(size if self.encoding else 1, np.int32),
            np.empty(size, np.int32),
            np.empty(size, np.int64) if with_codes else NO_REMAINING_CODES,
        )
        if children is not None:
            grown.key[:used] = children.key[:used]
            grown.source[:used] = children.source[:used]
            grown.owner[:used] = children.owner[:used]
            grown.remaining_code[:used] = children.remaining_code[:used]
        return grown

    def codes(self, voxels: Nodes) -> CodeArray:
        """Sorted Morton codes (n,) of the voxels that all levels gave."""
        nodes, occupied = self._finest
        if nodes.remaining_code.size:  # nodes that were coded directly have no children there
            return np.sort(raster_to_morton(voxels.key))
        return codes_of_children(with_order(nodes.key), occupied)

    def run(self, truths: list[Occupancy] | None, levels: int | None = None) -> Nodes:
        """The first `levels` levels, or all; returns their children, at the end the voxels."""
        nodes = root(self.encoding)
        try:
            for level in range(self.depth if levels is None else levels):
                nodes = self.blocks.begin(level, nodes)
                nodes = self.code_level(level, nodes, truths[level] if truths else _NO_TRUTH)
                if self.job.ends is not None:
                    self.job.ends.append(len(self.head) + int(self.range_coder.state[POSITION]) + FLUSH_BYTES)
                if self.job.level_bits is not None:
                    self.job.level_bits.append(self.blocks.total)
        finally:
            if self.predictor:
                self.predictor.close()
            release_counters(self.mixing.counters)
        return nodes


class _Encoder(_Slice):
    def __init__(self, codes: CodeArray, settings: SliceSettings, job: SliceJob) -> None:
        limit = len(codes) if job.guess is None else 8 * len(codes)
        super().__init__(settings, job, limit, job.sensor if settings.sensed else None)
        self.range_coder: RangeEncoder = RangeEncoder()
        self.truths = occupancies(codes, settings.depth, settings.direct_from)

    def work(self, level: int, n_nodes: int) -> float:
        return float(VISITS_PER_NODE * sum(len(t.bits) for t in self.truths))


class _Decoder(_Slice):
    def __init__(self, payload: bytes, points: int, settings: SliceSettings, job: SliceJob) -> None:
        self.field = f"slice {job.index}"
        sensor, begin = read_sensor(payload, self.field) if settings.sensed else (None, 0)
        super().__init__(settings, job, points, sensor)
        self.range_coder: RangeDecoder = RangeDecoder(payload[begin:], self.field, begin)

    def work(self, level: int, n_nodes: int) -> float:
        """Levels not decoded yet are estimated by even growth from here to the number of points."""
        levels = self.depth - level
        growth = (self.limit / n_nodes) ** (1.0 / levels)
        return float(self.visited + VISITS_PER_NODE * n_nodes * sum(growth**k for k in range(levels)))

    def fail(self, status: int) -> None:
        if status == OVERRUN:
            self.range_coder.check()
        raise CorruptStreamError(f"more than the declared {self.limit} points", field=self.field)


class CodedSlice(NamedTuple):
    """payload, block table, and sorted Morton codes of the voxels that a decoder gets."""

    payload: bytes
    blocks: BlockTable
    codes: CodeArray


def encode_slice(
    codes: CodeArray, settings: SliceSettings, job: SliceJob, blocks: Attribution | None = None
) -> CodedSlice:
    """The slice with these sorted, unique Morton codes (N,), N >= 1.

    blocks: what collects the code lengths; None for the blocks of the settings.
    """
    coder = _Encoder(codes, settings, job)
    if blocks is not None:
        coder.blocks = blocks
    voxels = coder.run(coder.truths)
    table, found = coder.blocks.table(voxels.owner, job.index), codes
    if job.guess is not None:
        found = coder.codes(voxels)
    return CodedSlice(coder.head + coder.range_coder.finish(), table, found)


def decode_slice(
    payload: bytes, points: int, settings: SliceSettings, job: SliceJob
) -> tuple[CodeArray, BlockTable]:
    """Sorted Morton codes (points,) and block table of a slice.

    Raises CorruptStreamError unless the payload holds exactly `points` voxels and ends after them.
    """
    coder = _Decoder(payload, points, settings, job)
    voxels = coder.run(None)
    if len(voxels.key) != points:
        raise CorruptStreamError(f"{len(voxels.key)} points instead of {points}", field=coder.field)
    coder.range_coder.close()
    return coder.codes(voxels), coder.blocks.table(voxels.owner, job.index)


def decode_levels(
    payload: bytes, points: int, settings: SliceSettings, job: SliceJob, levels: int
) -> CodeArray:
    """Sorted Morton codes, of `levels` bits per axis, of the nodes of a slice on that level.

    payload: as many bytes of it as these levels take, or more. Raises CorruptStreamError where it ends too
    early or holds more nodes than `points`; other damage is not noticed, as its end is not reached.
    """
    coder = _Decoder(payload, points, settings, job)
    nodes = coder.run(None, levels)
    coder.range_coder.check()
    return np.sort(raster_to_morton(nodes.key))
