"""The codec "octree" (id 1): breadth-first octree coding with adaptive contexts and no network.

A stream has the params that `params` describes, and one section for each slice. docs/octree-codec.md
specifies it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from threading import Lock
from typing import NamedTuple

import numpy as np

from octavox.codec.arrays import Int32Array
from octavox.codec.blocks import BLOCK_SIZES, BlockPlace, BlockTable, VoxelProbabilities
from octavox.codec.cloud.cloud import MAX_DEPTH, VoxelCloud
from octavox.codec.cloud.morton import CodeArray, morton_decode, morton_encode
from octavox.codec.codecs.interface import (
    SECTION_SLICE,
    DecodedGeometry,
    EncodedGeometry,
    GeometryStream,
    Section,
    SliceGuess,
)
from octavox.codec.errors import CorruptStreamError, InputError, WeightsError
from octavox.codec.job import JobContext, Progress
from octavox.codec.options import EFFORTS, CodecOptions
from octavox.codec.parallel import thread_count

from .axes import permuted_codes, slices_of, unpermuted_blocks, unpermuted_coords
from .direct import NEVER
from .effort import Search
from .isolated import best_direct, first_singles, mostly_isolated
from .learning import DEFAULT_LEARNING, NETWORK_LEARNING, Learning
from .levels import morton_to_coords
from .ordered import nodes_of
from .params import Params, read_params, table_bits_for
from .predictor import Network, Predictor
from .probabilities import block_of
from .sensor import Sensor
from .sensor_search import find_sensor
from .slice_coder import (
    CodedSlice,
    Guess,
    Report,
    SliceJob,
    SliceSettings,
    decode_levels,
    decode_slice,
    encode_slice,
)
from .slice_runner import SliceRunner
from .slicing import MAX_SLICE_POINTS, MAX_SLICES, SLICE_POINTS, slices_by_bytes, split_slices


class OctreeCodec:
    """See GeometryCodec.

    slice_points: the most points of a slice that the encoder makes; a decoder does not need it. shared_from:
    a cloud of more points is cut into two slices at least, for two processors: 2 to 3 % more bytes in half
    the time. A cloud whose slices have many bytes is cut into more: what is damaged then loses less, and more
    processors work, for 0.5 % more bytes at most. `CodecOptions.slices` asks for another number. direct_from:
    the first level on which isolated points are coded directly, or NEVER; None: it is chosen for each cloud.
    sensor: of the scans that are coded, with `direct_from`; without that, an encoder looks for one in each
    cloud.
    """

    name = "octree"
    id = 1
    shared_from: int | None = 400_000
    senses = True  # whether an encoder looks for the sensor of a scan

    def __init__(
        self, slice_points: int = SLICE_POINTS, direct_from: int | None = None, sensor: Sensor | None = None
    ) -> None:
        if not 1 <= slice_points <= MAX_SLICE_POINTS:
            raise InputError(
                f"slice size {slice_points} is outside 1 to {MAX_SLICE_POINTS}", field="slice points"
            )
        if direct_from is not None and not 0 <= direct_from <= NEVER:
            raise InputError(f"level {direct_from} is outside 0 to {NEVER}", field="direct from")
        self.slice_points, self.direct_from, self.sensor = slice_points, direct_from, sensor

    def network(self, options: CodecOptions) -> Network | None:
        """The network that predicts the bits: none in this codec."""
        return None

    def predictor(
        self, net: Network | None, number: int, codes: CodeArray | None, threaded: bool
    ) -> Predictor | None:
        """The predictor of slice `number`. codes: its voxels in an encoder; None in a decoder."""
        return net.predictor(threaded) if net else None

    def all_refer(self, slices: int) -> bool:
        """Whether all of so many slices have a reference, see `inter.codec`."""
        return False

    def fitted(self, params: Params, net: Network | None, slices: list[CodeArray]) -> Params:
        """An encoder's params with what depends on the slices, of which it gets the sorted codes."""
        return replace(params, table_bits=table_bits_for(max(map(len, slices), default=0), net is not None))

    def _wanted_slices(self, points: int, options: CodecOptions) -> int:
        """The number of slices that are asked for. Raises InputError."""
        if options.slices is None:
            return 1 if self.shared_from is None or points <= self.shared_from else 2
        if not 1 <= options.slices <= MAX_SLICES:
            raise InputError(f"{options.slices} slices are outside 1 to {MAX_SLICES}", field="slices")
        return options.slices

    def encode(
        self, cloud: VoxelCloud, options: CodecOptions, job: JobContext, guess: SliceGuess | None = None
    ) -> EncodedGeometry:
        """Raises InputError for coordinates that are not unique and in Morton order, CancelledError.

        guess: see LevelCodec; with it, effort is normal.
        """
        _block_bits(options)
        self._wanted_slices(len(cloud), options)
        high = _high_effort(options) and guess is None
        _check_cloud(cloud)
        net = self.network(options)
        table_bits = table_bits_for(min(len(cloud), self.slice_points), net is not None)
        if not high:  # otherwise the search reports first
            job.report(Progress("encode", 0, len(cloud)))
        direct_from = best_direct(cloud, job) if self.direct_from is None else self.direct_from
        sensed = self.sensor is not None and direct_from < NEVER
        default = Params(table_bits, _default_learning(net), direct_from=direct_from, sensed=sensed)
        ways = [_Way(default, self.sensor)]
        if high:
            search = Search(cloud, lambda: net.predictor(False) if net else None, options.threads, job)
            found = search.best(default)
            ways = [_Way(found)] if found == default or search.saw_all else [_Way(default), _Way(found)]
        if guess is None and self.direct_from is None:
            ways += self._by_sensor(cloud, default, job)
        if len(ways) == 1:
            return self._coded(cloud, options, job, net, ways[0], guess)
        tried = [
            self._coded(cloud, options, _part(job, k, len(ways)), net, way) for k, way in enumerate(ways)
        ]
        return min(tried, key=coded_bytes)

    def _by_sensor(self, cloud: VoxelCloud, default: Params, job: JobContext) -> list[_Way]:
        """How to code the scan of a spinning sensor, if the cloud is one."""
        if not self.senses or not mostly_isolated(cloud):
            return []
        sensor = find_sensor(cloud.coords, job)
        level = first_singles(cloud) if sensor else NEVER
        return [] if level == NEVER else [_Way(replace(default, direct_from=level, sensed=True), sensor)]

    def _coded(
        self,
        cloud: VoxelCloud,
        options: CodecOptions,
        job: JobContext,
        net: Network | None,
        way: _Way,
        guess: SliceGuess | None = None,
    ) -> EncodedGeometry:
        """Codes the cloud in this way, except for the table size, which depends on the slices."""
        params = way.params
        default, block_bits = _default_learning(net), _block_bits(options)
        codes = permuted_codes(cloud.coords, params.axes, cloud.depth)
        wanted = self._wanted_slices(len(codes), options)
        if options.slices is None:
            wanted = max(wanted, slices_by_bytes(codes))
        bounds = split_slices(codes, self.slice_points, wanted)
        spans = [slice(int(a), int(b)) for a, b in zip(bounds, bounds[1:])]
        points = [s.stop - s.start for s in spans]
        params = self.fitted(params, net, [codes[span] for span in spans])
        settings = SliceSettings.of(cloud.depth, params, block_bits)

        ends: list[list[int]] = [[] for _ in spans]
        spent: list[list[float]] = [[] for _ in spans]

        def work(k: int, report: Report) -> CodedSlice:
            predictor = self.predictor(net, k, codes[spans[k]], runner.spare_thread)
            own = codes[spans[k]]
            with _begun(guess, k, own, runner.spare_thread) as given:
                job = SliceJob(k, report, predictor, (), ends[k], given, spent[k], way.sensor)
                return encode_slice(own, settings, job)

        runner = SliceRunner("encode", points, options.threads, job, params.axes)
        coded = runner.run(work)
        sections = [Section(SECTION_SLICE, one.payload, len(one.codes)) for one in coded]
        blocks = BlockTable.concatenate([unpermuted_blocks(one.blocks, params.axes) for one in coded])
        stream = GeometryStream(
            depth=cloud.depth,
            points=sum(section.points for section in sections),
            params=params.to_bytes(default),
            weights_id=net.identity if net else bytes(8),
            sections=sections,
        )
        side, device = _side_bits(stream, blocks), net.device if net else "cpu"
        numbers = slices_of(cloud.coords, params.axes, cloud.depth, codes, bounds)
        found = EncodedGeometry(stream, blocks, side, device, numbers, ends, None, _by_level(spent))
        if guess is None:
            return found
        codes = np.concatenate([one.codes for one in coded])
        return replace(found, coords=morton_to_coords(codes), slice_of=None)

    def decode(
        self, stream: GeometryStream, options: CodecOptions, job: JobContext, guess: SliceGuess | None = None
    ) -> DecodedGeometry:
        """Raises CorruptStreamError unless the stream holds the voxels that it declares; CancelledError."""
        block_bits = _block_bits(options)
        net = self._checked(stream, options)
        params = read_params(stream.params, _default_learning(net))
        settings = SliceSettings.of(stream.depth, params, block_bits)
        chosen, order = stream.chosen, _Order(stream.chosen)
        spent: list[list[float]] = [[] for _ in chosen]

        def work(k: int, report: Report) -> tuple[CodeArray, BlockTable]:
            section = stream.sections[chosen[k]]
            predictor = self.predictor(net, chosen[k], None, runner.spare_thread)
            own = None if guess is None else partial(guess, chosen[k], None)
            job = SliceJob(chosen[k], report, predictor, guess=own, level_bits=spent[k])
            codes, blocks = decode_slice(section.payload, section.points, settings, job)
            order.add(k, codes)
            return codes, blocks

        points = [stream.sections[k].points for k in chosen]
        runner = SliceRunner("decode", points, options.threads, job, params.axes)
        decoded = runner.run(work)
        codes = np.concatenate([np.empty(0, np.int64), *(c for c, _ in decoded)])
        coords, numbers = unpermuted_coords(morton_to_coords(codes), params.axes), None
        if params.axes:
            rows = np.argsort(morton_encode(coords, stream.depth))
            coords = coords[rows]
            numbers = np.repeat(np.array(chosen, np.int32), [len(c) for c, _ in decoded])[rows]
        blocks = BlockTable.concatenate([unpermuted_blocks(table, params.axes) for _, table in decoded])
        side_bits = _side_bits(stream, blocks)
        device = net.device if net else "cpu"
        return DecodedGeometry(coords, blocks, side_bits, device, numbers, None, _by_level(spent))

    def decode_levels(
        self, stream: GeometryStream, levels: int, options: CodecOptions, job: JobContext
    ) -> Int32Array:
        """See LevelCodec."""
        net = self._checked(stream, options)
        params = read_params(stream.params, _default_learning(net))
        settings = SliceSettings.of(stream.depth, params, _block_bits(options))
        chosen = stream.chosen
        points = [stream.sections[k].points for k in chosen]
        runner = SliceRunner("levels", points, options.threads, job)

        def work(k: int, report: Report) -> CodeArray:
            predictor = self.predictor(net, chosen[k], None, runner.spare_thread)
            section, job = stream.sections[chosen[k]], SliceJob(chosen[k], report, predictor)
            return decode_levels(section.payload, section.points, settings, job, levels)

        codes = np.unique(np.concatenate([np.empty(0, np.int64), *runner.run(work)]))
        coords = unpermuted_coords(morton_decode(codes), params.axes)
        return coords[np.argsort(morton_encode(coords, levels))] if params.axes else coords

    def voxel_probabilities(
        self,
        stream: GeometryStream,
        cloud: VoxelCloud,
        block: BlockPlace,
        options: CodecOptions,
        job: JobContext,
    ) -> VoxelProbabilities:
        """See ProbabilityCodec. Decodes the slice that holds the block."""
        net, threaded = self._checked(stream, options), thread_count(options.threads) > 1
        params = read_params(stream.params, _default_learning(net))
        return block_of(
            stream, params, lambda number: self.predictor(net, number, None, threaded), cloud, block, job
        )

    def _checked(self, stream: GeometryStream, options: CodecOptions) -> Network | None:
        """The stream's network. Raises CorruptStreamError or WeightsError for a wrong header or sections."""
        _check_sections(stream)
        net = self.network(options)
        if net is None and any(stream.weights_id):
            raise CorruptStreamError("a codec without a network names weights", field="weights id")
        if net and net.identity != stream.weights_id:
            raise _other_weights(stream.weights_id, net.identity)
        few = read_params(stream.params, _default_learning(net)).few
        if few and not self.all_refer(len(stream.sections)):
            raise CorruptStreamError("few contexts, but not every slice has a reference", field="params")
        return net


@contextmanager
def _begun(guess: SliceGuess | None, number: int, codes: CodeArray, early: bool) -> Iterator[Guess | None]:
    """What an encoder guesses of a slice with these sorted codes (N,), whose nodes it knows from the start.

    early: a second thread works it out while the levels above are coded.
    """
    if guess is None or not early:
        yield None if guess is None else partial(guess, number, codes)
        return
    nodes = codes >> 3
    nodes = nodes[np.concatenate([[True], nodes[1:] != nodes[:-1]])]
    with ThreadPoolExecutor(1, "octavox-guess") as pool:
        found = pool.submit(lambda: guess(number, codes, nodes_of(nodes).key))
        yield lambda key: found.result()


class _Way(NamedTuple):
    """How a cloud is coded. sensor: where `params` say that there is one."""

    params: Params
    sensor: Sensor | None = None


def _part(job: JobContext, which: int, count: int) -> JobContext:
    """The job of one of several codings: a part of the progress; blocks in the last one."""

    def report(step: Progress) -> None:
        done, total = step.done + which * step.total, count * step.total
        job.report(replace(step, done=done, total=total, blocks=step.blocks if which == count - 1 else None))

    return JobContext(report if job.progress else None, job.cancel)


class _Order:
    """Refuses slices that overlap, as soon as two consecutive ones are decoded. chosen: their numbers."""

    def __init__(self, chosen: Sequence[int]) -> None:
        self._chosen, self._lock = chosen, Lock()
        self._ends: dict[int, tuple[int, int]] = {}

    def add(self, k: int, codes: CodeArray) -> None:
        """codes: sorted, of slice chosen[k]. Raises CorruptStreamError."""
        with self._lock:
            self._ends[k] = (int(codes[0]), int(codes[-1]))
            for one, other in ((k - 1, k), (k, k + 1)):
                ends = self._ends
                if one in ends and other in ends and ends[other][0] <= ends[one][1]:
                    field = f"slice {self._chosen[other]}"
                    raise CorruptStreamError("slices overlap or are out of order", field=field, byte=0)


def _by_level(spent: list[list[float]]) -> tuple[float, ...]:
    """Bits of each level. spent: of each slice, the bits up to each level."""
    return tuple(np.diff(np.sum(spent, axis=0), prepend=0.0).tolist()) if spent else ()


def coded_bytes(coded: EncodedGeometry) -> int:
    """What slices and params take."""
    return sum(len(s.payload) for s in coded.stream.sections) + len(coded.stream.params)


def _default_learning(net: Network | None) -> Learning:
    """What a stream need not say."""
    return NETWORK_LEARNING if net else DEFAULT_LEARNING


def _other_weights(wanted: bytes, found: bytes) -> WeightsError:
    return WeightsError(f"the stream needs weights {wanted.hex()}, these are {found.hex()}")


def _block_bits(options: CodecOptions) -> int:
    if options.block_size not in BLOCK_SIZES:
        sizes = ", ".join(map(str, BLOCK_SIZES))
        raise InputError(f"block size {options.block_size} is none of {sizes}", field="block size")
    return options.block_size.bit_length() - 1


def _high_effort(options: CodecOptions) -> bool:
    if options.effort not in EFFORTS:
        raise InputError(f"effort '{options.effort}' is none of {', '.join(EFFORTS)}", field="effort")
    return options.effort == "high"


def _check_cloud(cloud: VoxelCloud) -> None:
    if not 1 <= cloud.depth <= MAX_DEPTH:
        raise InputError(f"depth {cloud.depth} is outside 1 to {MAX_DEPTH}", field="depth")
    try:
        codes = morton_encode(cloud.coords, cloud.depth)
    except ValueError as error:
        raise InputError(str(error), field="coordinates") from error
    if np.any(codes[1:] <= codes[:-1]):
        raise InputError("voxels are not unique and in Morton order", field="coordinates")


def _check_sections(stream: GeometryStream) -> None:
    if not 1 <= stream.depth <= MAX_DEPTH:
        raise CorruptStreamError(f"depth {stream.depth} is outside 1 to {MAX_DEPTH}", field="depth")
    for k, section in enumerate(stream.sections):
        if section.kind != SECTION_SLICE:
            raise CorruptStreamError("an octree stream has slices only", field=f"slice {k}")
        if not 1 <= section.points <= min(MAX_SLICE_POINTS, 8**stream.depth):
            raise CorruptStreamError(f"a slice of {section.points} points", field=f"slice {k}")
    found = sum(s.points for s in stream.sections)
    if found != stream.points:
        raise CorruptStreamError(
            f"slices of {found} points in all instead of {stream.points}", field="points"
        )


def _side_bits(stream: GeometryStream, blocks: BlockTable) -> dict[str, float]:
    """The bits of the payloads beyond the code lengths: rounding and last bytes of the range coder."""
    total = 8.0 * sum(len(s.payload) for s in stream.sections)
    return {"termination": total - float(np.sum(blocks.bits) + np.sum(blocks.flag_bits))}


CODEC = OctreeCodec()
