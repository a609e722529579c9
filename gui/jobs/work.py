"""The jobs themselves, free of Qt: each runs in a worker thread and returns plain results to show."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from octavox import codec
from octavox.codec import (
    BlockPlace,
    CancelToken,
    Certificate,
    CodecOptions,
    Comparison,
    DecodeResult,
    EncodeResult,
    PointCloud,
    Progress,
    VoxelCloud,
    VoxelizationReport,
)
from octavox.gui.document.difference import Difference, differences
from octavox.gui.document.display import CloudDisplay, flat, prepare, same_points, shade
from octavox.gui.document.items import StreamBlocks
from octavox.gui.document.job_state import SampleRead
from octavox.gui.document.overlap import Overlap
from octavox.gui.document.surprise import Surprise, surprise_of
from octavox.gui.document.words import tr

from .compiling import COMPILER
from .subprocess_job import run_in_subprocess

Report = Callable[[Progress], None]

STREAM_SUFFIX = ".ovx"
PREVIEW_POINTS = 250_000  # points of a large file that are shown before the rest is read


@dataclass(frozen=True)
class OpenedCloud:
    """A cloud file, read and voxelized. source: the file's own points where voxels are not all of them."""

    path: str
    display: CloudDisplay
    voxelization: VoxelizationReport
    source: PointCloud | None


@dataclass(frozen=True)
class Compressed:
    result: EncodeResult


@dataclass(frozen=True)
class Decompressed:
    """path: the file the stream came from, None for a stream in memory."""

    result: DecodeResult
    display: CloudDisplay
    data: bytes
    path: str | None
    certificate: Certificate | None
    overlap: Overlap | None


def open_cloud(path: str, depth: int | None, report: Report, cancel: CancelToken) -> OpenedCloud:
    """Reads and voxelizes a cloud, and prepares it without its shading; reports points of a large file first.

    depth: bits per axis, None for the cloud's own.
    Raises as `codec.read_cloud` and `codec.voxelize`.
    """
    report(Progress("read", 0, 0))
    sample = codec.read_sample(path, PREVIEW_POINTS)
    if sample is not None:
        with contextlib.suppress(codec.InputError):  # reading the whole file reports what is wrong
            few, _ = codec.voxelize(sample, depth=depth, cancel=cancel)
            report(SampleRead("read", 0, 0, display=flat(few)))
    points = codec.read_cloud(path, cancel=cancel)
    report(Progress("voxelize", 0, 0))
    cloud, voxelization = codec.voxelize(points, depth=depth, cancel=cancel)
    report(Progress("prepare", 0, 0))
    display = flat(cloud, cancel.raise_if_cancelled)
    return OpenedCloud(path, display, voxelization, points if voxelization.merged else None)


def compress(
    source: VoxelCloud | PointCloud,
    depth: int | None,
    options: CodecOptions,
    report: Report,
    cancel: CancelToken,
) -> Compressed:
    """depth: of the grid, for a PointCloud. Raises as `codec.encode`."""
    depth = depth if isinstance(source, PointCloud) else None
    COMPILER.ensure(options.codec, report, cancel)
    return Compressed(codec.encode(source, options=options, depth=depth, progress=report, cancel=cancel))


@dataclass(frozen=True)
class PartDecoded:
    """One slice of the open bitstream, decoded alone. bytes: that were read for it."""

    slice: int
    display: CloudDisplay
    bytes: int


def decode_slice(
    data: bytes, number: int, options: CodecOptions, report: Report, cancel: CancelToken
) -> PartDecoded:
    """Raises as `codec.decode`."""
    COMPILER.ensure_for(data, report, cancel)
    result = codec.decode(
        data, options=options, slices=[number], progress=_without_content(report), cancel=cancel
    )
    report(Progress("prepare", 0, 0))
    return PartDecoded(number, prepare(result.cloud), result.report.bytes)


@dataclass(frozen=True)
class FileCompressed:
    """A file of the queue, done."""

    target: str
    bytes: int
    bpov: float


def compress_file(
    path: str, target: str, options: CodecOptions, report: Report, cancel: CancelToken
) -> FileCompressed:
    """Compresses a file into another one; open items stay as they are. Raises as `codec.encode`."""
    COMPILER.ensure(options.codec, report, cancel)
    result = codec.encode(path, options=options, progress=_without_content(report), cancel=cancel)
    cancel.raise_if_cancelled()
    codec.save_stream(target, result.data)
    return FileCompressed(target, len(result.data), result.report.bpov)


def _without_content(report: Report) -> Report:
    """Reports the progress of a job without its blocks and voxels, which are not those of the open cloud."""
    return lambda step: report(replace(step, blocks=None, coords=None))


@dataclass(frozen=True)
class Written:
    """A file that a job wrote."""

    path: str


def write_cloud(path: str, cloud: VoxelCloud, report: Report, cancel: CancelToken) -> Written:
    """A cloud as a PLY file, which appears complete or not at all. Raises as `codec.write_ply`."""
    report(Progress("write", 0, 0))
    codec.write_ply(path, cloud, cancel=cancel)
    return Written(path)


def decompress(
    stream: bytes | str,
    original: CloudDisplay | None,
    options: CodecOptions,
    report: Report,
    cancel: CancelToken,
) -> Decompressed:
    """Decodes bytes or a file, and compares with the original if there is one. Raises as `codec.decode`."""
    path = stream if isinstance(stream, str) else None
    data = Path(stream).read_bytes() if isinstance(stream, str) else stream
    source = data if path is None else path
    COMPILER.ensure_for(source, report, cancel)
    result = codec.decode(source, options=options, progress=report, cancel=cancel)
    certificate = overlap = None
    if original is not None:
        report(Progress("verify", 0, 0))
        overlap = overlap_of(original.cloud, result.cloud)
        certificate = certify(original.cloud, result.cloud, data, overlap)
    cancel.raise_if_cancelled()
    report(Progress("prepare", 0, 0))
    same = original is not None and overlap is not None and overlap.same
    display = same_points(original, result.cloud) if original and same else flat(result.cloud)
    return Decompressed(result, display, data, path, certificate, overlap)


@dataclass(frozen=True)
class Shaded:
    display: CloudDisplay


def shade_cloud(display: CloudDisplay, report: Report, cancel: CancelToken) -> Shaded:
    """Completes a display that was opened flat."""
    shade(display, cancel.raise_if_cancelled)
    return Shaded(display)


@dataclass(frozen=True)
class Compared:
    comparison: Comparison
    differences: dict[str, Difference]


def compare_clouds(a: VoxelCloud, b: VoxelCloud, report: Report, cancel: CancelToken) -> Compared:
    """In another process: sorting, search trees and normals block other threads for seconds at a time.

    Raises as `codec.compare` and `run_in_subprocess`.
    """
    report(Progress("compare", 0, 0))
    comparison = run_in_subprocess(codec.compare, a, b, report=report, cancel=cancel)
    return Compared(comparison, differences(comparison, a.transform.scale))


def read_blocks(path: str, options: CodecOptions, report: Report, cancel: CancelToken) -> StreamBlocks:
    """Decodes a bitstream for its blocks alone."""
    COMPILER.ensure_for(path, report, cancel)
    result = codec.decode(path, options=options, progress=_without_content(report), cancel=cancel)
    return StreamBlocks(Path(path).name, result.report.depth, result.blocks, Path(path).stat().st_size)


def compute_surprise(
    cloud: VoxelCloud,
    block: BlockPlace,
    data: bytes,
    options: CodecOptions,
    report: Report,
    cancel: CancelToken,
) -> Surprise:
    """Computes the surprise of a block. Raises as `codec.voxel_probabilities`."""
    report(Progress("surprise", 0, 0))
    COMPILER.ensure_for(data, report, cancel)
    found = codec.voxel_probabilities(cloud, block, data, options=options, progress=report, cancel=cancel)
    cancel.raise_if_cancelled()
    return surprise_of(cloud, block.origin, block.size, found)


def overlap_of(original: VoxelCloud, decoded: VoxelCloud) -> Overlap:
    """Which voxels of each cloud the other lacks; clouds are in Morton order, so a search answers."""
    ours, theirs = codec.morton_encode(original.coords), codec.morton_encode(decoded.coords)
    return Overlap(codec.absent_codes(ours, theirs), codec.absent_codes(theirs, ours))


def certify(
    original: VoxelCloud, decoded: VoxelCloud, data: bytes, overlap: Overlap | None = None
) -> Certificate:
    """Compares a decoded cloud with its original, voxel by voxel, without decoding again.

    A cloud on another grid (depth or transform) differs even where coordinates happen to agree.
    """
    same_grid = original.depth == decoded.depth and original.transform == decoded.transform
    overlap = overlap or overlap_of(original, decoded)
    missing, extra = int(overlap.only_a.sum()), int(overlap.only_b.sum())
    notes = () if same_grid else (tr("the bitstream has another voxel grid than the open cloud"),)
    return Certificate(
        identical=missing == 0 and extra == 0 and same_grid,
        points_original=len(original),
        points_decoded=len(decoded),
        missing=missing,
        extra=extra,
        sha256_original=codec.voxel_digest(original.coords),
        sha256_decoded=codec.voxel_digest(decoded.coords),
        sha256_stream=hashlib.sha256(data).hexdigest(),
        depth=decoded.depth,
        voxel_size=decoded.transform.scale,
        moved_max=0.0,
        notes=notes,
    )
