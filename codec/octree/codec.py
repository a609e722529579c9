"""The codec "octree" (id 1): breadth-first octree coding with adaptive contexts and no network.

Stream: params = model version u8, table bits u8; one section for each slice. docs/octree-codec.md
specifies it.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event, Lock
from typing import TypeVar

import numpy as np

from ..codecs import SECTION_SLICE, DecodedGeometry, EncodedGeometry, GeometryStream, Section
from ..errors import CancelledError, CorruptStreamError, InputError, UnsupportedStreamError
from ..order import CodeArray, morton_decode, morton_encode
from ..types import MAX_DEPTH, BlockTable, CodecOptions, JobContext, Progress, VoxelCloud
from .levels import raster_to_coords
from .slice_coder import Report, decode_slice, encode_slice
from .slicing import MAX_SLICE_POINTS, SLICE_POINTS, split_slices

MODEL_VERSION = 1
MIN_TABLE_BITS, MAX_TABLE_BITS = 12, 22

T = TypeVar("T")


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

    def encode(self, cloud: VoxelCloud, options: CodecOptions, job: JobContext) -> EncodedGeometry:
        """Raises InputError for coordinates that are not unique and in Morton order, CancelledError."""
        codes = _codes_of(cloud)
        bounds = split_slices(codes, self.slice_points)
        spans = [slice(int(a), int(b)) for a, b in zip(bounds, bounds[1:])]
        table_bits = table_bits_for(max((s.stop - s.start for s in spans), default=0))

        def work(k: int, report: Report) -> tuple[bytes, BlockTable]:
            return encode_slice(codes[spans[k]], cloud.depth, table_bits, k, report)

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
            sections=sections,
        )
        return EncodedGeometry(stream, blocks, _side_bits(stream, blocks))

    def decode(self, stream: GeometryStream, options: CodecOptions, job: JobContext) -> DecodedGeometry:
        """Raises CorruptStreamError for any stream that `encode` cannot have made, CancelledError."""
        table_bits = _read_params(stream)
        _check_sections(stream)

        def work(k: int, report: Report) -> tuple[CodeArray, BlockTable]:
            section = stream.sections[k]
            return decode_slice(section.payload, section.points, stream.depth, table_bits, k, report)

        crew = _Crew("decode", [s.points for s in stream.sections], options.threads, job)
        decoded = crew.run(work)
        for k in range(1, len(decoded)):
            if decoded[k][0][0] <= decoded[k - 1][0][-1]:
                raise CorruptStreamError("slices overlap or are out of order", field=f"slice {k}", byte=0)
        codes = np.concatenate([np.empty(0, np.int64), *(c for c, _ in decoded)])
        blocks = BlockTable.concatenate([table for _, table in decoded])
        return DecodedGeometry(morton_decode(codes), blocks, _side_bits(stream, blocks))


class _Crew:
    """Runs the slices, several at a time, and joins their reports."""

    def __init__(self, stage: str, points: list[int], threads: int | None, job: JobContext) -> None:
        self.stage, self.points, self.job = stage, points, job
        self.threads = max(1, min(threads or os.cpu_count() or 1, len(points)))
        self.done = [0.0] * len(points)
        self.total = sum(points)
        self.reported = 0
        self.failed = Event()
        self.lock = Lock()

    def run(self, work: Callable[[int, Report], tuple[T, BlockTable]]) -> list[tuple[T, BlockTable]]:
        """work(k, report) for every slice k; the first error stops the others."""

        def one(k: int) -> tuple[T, BlockTable]:
            try:
                result = work(k, lambda fraction, keys: self._report(k, fraction, keys))
                self._report(k, 1.0, None, result[1])
                return result
            except BaseException:
                self.failed.set()
                raise

        if self.threads == 1:
            return [one(k) for k in range(len(self.points))]
        with ThreadPoolExecutor(self.threads) as pool:
            futures = [pool.submit(one, k) for k in range(len(self.points))]
        return [f.result() for f in sorted(futures, key=_stopped)] and [f.result() for f in futures]

    def _report(
        self, k: int, fraction: float, keys: CodeArray | None, blocks: BlockTable | None = None
    ) -> None:
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
    return min(max(max(points, 1).bit_length() + 4, MIN_TABLE_BITS), 20)


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
