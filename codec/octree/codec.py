"""The codec "octree" (id 1): breadth-first octree coding with adaptive contexts and no network.

Stream: params = model version u8, table bits u8; one section for each slice. docs/octree-codec.md
specifies it.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event, Lock
from typing import Protocol, TypeVar

import numpy as np

from ..codecs import SECTION_SLICE, DecodedGeometry, EncodedGeometry, GeometryStream, Section
from ..errors import CancelledError, CorruptStreamError, InputError, UnsupportedStreamError, WeightsError
from ..order import CodeArray, morton_decode, morton_encode
from ..types import BLOCK_SIZES, MAX_DEPTH, BlockTable, CodecOptions, JobContext, Progress, VoxelCloud
from .levels import raster_to_coords
from .slice_coder import Foresight, Report, decode_slice, encode_slice
from .slicing import MAX_SLICE_POINTS, SLICE_POINTS, split_slices

MODEL_VERSION = 2
MIN_TABLE_BITS, MAX_TABLE_BITS = 12, 22

T = TypeVar("T")


class Network(Protocol):
    """A network that foresees the bits of every slice.

    identity: the weights' id. device: cpu or cuda.
    """

    identity: bytes
    device: str

    def foresight(self, ahead: bool) -> Foresight:
        """A fresh one for a slice. ahead: it may use a thread of its own."""


class OctreeCodec:
    """See GeometryCodec. slice_points: points of a slice that an encoder aims at; a decoder needs no hint."""

    name = "octree"
    id = 1

    def __init__(self, slice_points: int = SLICE_POINTS) -> None:
        if not 1 <= slice_points <= MAX_SLICE_POINTS:
            raise InputError(
                f"slice size {slice_points} is outside 1 to {MAX_SLICE_POINTS}", field="slice points"
            )
        self.slice_points = slice_points

    def network(self, options: CodecOptions) -> Network | None:
        """What foresees the bits: nothing here."""
        return None

    def encode(self, cloud: VoxelCloud, options: CodecOptions, job: JobContext) -> EncodedGeometry:
        """Raises InputError for coordinates that are not unique and in Morton order, CancelledError."""
        block_bits = _block_bits(options)
        codes, net = _codes_of(cloud), self.network(options)
        bounds = split_slices(codes, self.slice_points)
        spans = [slice(int(a), int(b)) for a, b in zip(bounds, bounds[1:])]
        table_bits = table_bits_for(max((s.stop - s.start for s in spans), default=0))

        def work(k: int, report: Report) -> tuple[bytes, BlockTable]:
            foresight = net.foresight(crew.idle) if net else None
            return encode_slice(codes[spans[k]], cloud.depth, table_bits, k, report, foresight, block_bits)

        crew = _Crew("encode", [s.stop - s.start for s in spans], options.threads, job)
        coded = crew.run(work)
        sections = [
            Section(SECTION_SLICE, payload, s.stop - s.start) for (payload, _), s in zip(coded, spans)
        ]
        blocks = BlockTable.concatenate([table for _, table in coded])
        stream = GeometryStream(
            depth=cloud.depth,
            points=len(cloud),
            params=bytes([MODEL_VERSION, table_bits]),
            weights_id=net.identity if net else bytes(8),
            sections=sections,
        )
        return EncodedGeometry(stream, blocks, _side_bits(stream, blocks), net.device if net else "cpu")

    def decode(self, stream: GeometryStream, options: CodecOptions, job: JobContext) -> DecodedGeometry:
        """Raises CorruptStreamError for any stream that `encode` cannot have made, CancelledError."""
        table_bits, block_bits = _read_params(stream), _block_bits(options)
        _check_sections(stream)
        net = self.network(options)
        if net is None and any(stream.weights_id):
            raise CorruptStreamError("a codec without a network names weights", field="weights id")
        if net and net.identity != stream.weights_id:
            raise _other_weights(stream.weights_id, net.identity)

        chosen = stream.chosen

        def work(k: int, report: Report) -> tuple[CodeArray, BlockTable]:
            section, foresight = stream.sections[chosen[k]], net.foresight(crew.idle) if net else None
            return decode_slice(
                section.payload,
                section.points,
                stream.depth,
                table_bits,
                chosen[k],
                report,
                foresight,
                block_bits,
            )

        crew = _Crew("decode", [stream.sections[k].points for k in chosen], options.threads, job)
        decoded = crew.run(work)
        for k in range(1, len(decoded)):
            if decoded[k][0][0] <= decoded[k - 1][0][-1]:
                field = f"slice {chosen[k]}"
                raise CorruptStreamError("slices overlap or are out of order", field=field, byte=0)
        codes = np.concatenate([np.empty(0, np.int64), *(c for c, _ in decoded)])
        blocks = BlockTable.concatenate([table for _, table in decoded])
        side_bits = _side_bits(stream, blocks)
        return DecodedGeometry(morton_decode(codes), blocks, side_bits, net.device if net else "cpu")


def _other_weights(wanted: bytes, found: bytes) -> WeightsError:
    return WeightsError(f"the stream needs weights {wanted.hex()}, these are {found.hex()}")


class _Crew:
    """Runs the slices, several at a time, and joins their reports."""

    def __init__(self, stage: str, points: list[int], threads: int | None, job: JobContext) -> None:
        self.stage, self.points, self.job = stage, points, job
        given = threads or os.cpu_count() or 1
        self.threads = max(1, min(given, len(points)))
        self.idle = given >= 2 * self.threads  # a thread is left to help each slice
        self.done = [0.0] * len(points)
        self.total = sum(points)
        self.reported = 0
        self.failed = Event()
        self.lock = Lock()

    def run(self, work: Callable[[int, Report], tuple[T, BlockTable]]) -> list[tuple[T, BlockTable]]:
        """work(k, report) for every slice k; the first error stops the others."""

        def one(k: int) -> tuple[T, BlockTable]:
            try:
                result = work(k, lambda *news: self._report(k, *news))
                self._report(k, 1.0, None, None)
                return result
            except BaseException:
                self.failed.set()
                raise

        if self.threads == 1:
            return [one(k) for k in range(len(self.points))]
        with ThreadPoolExecutor(self.threads) as pool:
            futures = [pool.submit(one, k) for k in range(len(self.points))]
        return [f.result() for f in sorted(futures, key=_stopped)] and [f.result() for f in futures]

    def _report(self, k: int, fraction: float, keys: CodeArray | None, blocks: BlockTable | None) -> None:
        if self.failed.is_set():
            raise _StoppedError("another slice failed")
        self.job.check()
        show = keys is not None and len(keys) > 0 and self.stage == "decode" and self.job.progress is not None
        coords = raster_to_coords(keys) if show and keys is not None else None
        with self.lock:
            self.done[k] = max(self.done[k], fraction * self.points[k])
            self.reported = max(self.reported, int(sum(self.done)))
            self.job.report(Progress(self.stage, min(self.reported, self.total), self.total, blocks, coords))


class _StoppedError(CancelledError):
    """Ends a slice because another one failed; never leaves the codec."""


def _stopped(future: Future[T]) -> bool:
    """Sorts the futures that failed for a reason of their own first."""
    return isinstance(future.exception(), _StoppedError)


def table_bits_for(points: int) -> int:
    """log2 of the slots of each context: enough for `points`, little memory for few."""
    return min(max(max(points, 1).bit_length() + 4, MIN_TABLE_BITS), MAX_TABLE_BITS)


def _block_bits(options: CodecOptions) -> int:
    if options.block_size not in BLOCK_SIZES:
        sizes = ", ".join(map(str, BLOCK_SIZES))
        raise InputError(f"block size {options.block_size} is none of {sizes}", field="block size")
    return options.block_size.bit_length() - 1


def _codes_of(cloud: VoxelCloud) -> CodeArray:
    if not 1 <= cloud.depth <= MAX_DEPTH:
        raise InputError(f"depth {cloud.depth} is outside 1 to {MAX_DEPTH}", field="depth")
    try:
        codes = morton_encode(cloud.coords, cloud.depth)
    except ValueError as error:
        raise InputError(str(error), field="coordinates") from error
    if np.any(codes[1:] <= codes[:-1]):
        raise InputError("voxels are not unique and in Morton order", field="coordinates")
    return codes


def _read_params(stream: GeometryStream) -> int:
    """The table size; checks everything in the stream's header."""
    if not 1 <= stream.depth <= MAX_DEPTH:
        raise CorruptStreamError(f"depth {stream.depth} is outside 1 to {MAX_DEPTH}", field="depth")
    if len(stream.params) != 2:
        raise CorruptStreamError(f"{len(stream.params)} bytes of params instead of 2", field="params")
    version, table_bits = stream.params
    if version != MODEL_VERSION:
        raise UnsupportedStreamError(f"octree model version {version} is not known", field="params")
    if not MIN_TABLE_BITS <= table_bits <= MAX_TABLE_BITS:
        raise CorruptStreamError(f"table of 2**{table_bits} slots is out of range", field="params")
    return table_bits


def _check_sections(stream: GeometryStream) -> None:
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
    """What the payloads take beyond the code lengths: the range coder's rounding and last bytes."""
    total = 8.0 * sum(len(s.payload) for s in stream.sections)
    return {"termination": total - float(np.sum(blocks.bits) + np.sum(blocks.flag_bits))}


CODEC = OctreeCodec()
