"""The jobs themselves, free of Qt: each runs in a worker thread and returns plain results to show."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path

from octavox import codec
from octavox.codec import (
    CancelToken,
    Certificate,
    CloudOptions,
    CodecOptions,
    Comparison,
    DecodeResult,
    DiskCloud,
    EncodeResult,
    PointCloud,
    Progress,
    ReadOptions,
    VoxelCloud,
    VoxelizationReport,
)
from octavox.gui.document.certificate import lost
from octavox.gui.document.difference import Difference, Voxels, differences
from octavox.gui.document.display import CloudDisplay, flat, prepare, same_points, shade
from octavox.gui.document.items import CloudItem, StreamBlocks
from octavox.gui.document.job_state import SampleRead
from octavox.gui.document.on_disk import LARGE, OnDisk
from octavox.gui.document.overlap import Overlap, on_one_grid, overlap_of
from octavox.gui.document.point_data import PointData
from octavox.gui.document.property_errors import PropertyError, property_errors

from .compiling import COMPILER
from .detail import preview_levels
from .disk import first_look
from .job import Report, without_content
from .subprocess_job import run_in_subprocess

STREAM_SUFFIX, STREAM_MAGIC = ".ovx", b"\x89OVX"
ROWS = "rows"  # the coder of files whose order comes back
PREVIEW_POINTS = 250_000  # points of a large file that are shown before the rest is read


def is_stream(path: str) -> bool:
    """Whether a file is a bitstream, by its name or its first bytes."""
    if Path(path).suffix.lower() == STREAM_SUFFIX:
        return True
    try:
        with open(path, "rb") as file:
            return file.read(len(STREAM_MAGIC)) == STREAM_MAGIC
    except (OSError, ValueError):  # opening it says what is wrong
        return False


@dataclass(frozen=True)
class OpenedCloud:
    """A cloud file, read and voxelized. source: the file's own points. level, strays: as in `CloudItem`.

    on_disk, data: as in `CloudItem`, of a file most of whose points stay there.
    """

    path: str
    display: CloudDisplay
    voxelization: VoxelizationReport | None
    source: PointCloud
    level: str
    strays: int
    on_disk: OnDisk | None = None
    data: PointData | None = None


@dataclass(frozen=True)
class Compressed:
    """display: of the cloud's voxels on the grid that was coded, where they are not those that are shown."""

    result: EncodeResult
    display: CloudDisplay | None = None


@dataclass(frozen=True)
class Decompressed:
    """path: the file the stream came from, None for a stream in memory.

    of: the open cloud that the stream is of; certificate, overlap: against it. None where there is none.
    """

    result: DecodeResult
    display: CloudDisplay
    data: bytes
    path: str | None
    certificate: Certificate | None
    overlap: Overlap | None
    of: CloudItem | None = None


def open_cloud(
    path: str,
    depth: int | None,
    read: ReadOptions,
    report: Report,
    cancel: CancelToken,
    large: int = LARGE,
) -> OpenedCloud:
    """Reads and voxelizes a cloud, and prepares it without its shading; reports points of a large file first.

    depth: bits per axis, None for the cloud's own. read: what the file does not say itself. large: points
    from which on a cloud stays on disk, if its points can be read there.
    Raises as `codec.read_cloud` and `codec.propose`.
    """
    report(Progress("read", 0, 0))
    held = codec.open_on_disk(path) if read == ReadOptions() else None
    if held is not None and held.points > large:
        return _open_on_disk(path, held, cancel)
    if held is not None:
        held.close()
    sample = codec.read_sample(path, PREVIEW_POINTS)
    if sample is not None:
        with contextlib.suppress(codec.InputError):  # reading the whole file reports what is wrong
            few, _ = codec.voxelize(sample, depth=depth, cancel=cancel)
            report(SampleRead("read", 0, 0, display=flat(few)))
    _say_nothing_of_what_the_window_shows()
    points = codec.read_cloud(path, options=read, cancel=cancel)
    report(Progress("voxelize", 0, 0))
    kept = codec.propose(points, CloudOptions(depth=depth), cancel=cancel)
    report(Progress("prepare", 0, 0))
    display = flat(kept.voxels, cancel.raise_if_cancelled)
    return OpenedCloud(path, display, kept.report, points, kept.level, kept.strays)


def _open_on_disk(path: str, cloud: DiskCloud, cancel: CancelToken) -> OpenedCloud:
    """A first look at a cloud that stays on disk."""
    try:
        disk, read = first_look(cloud, cancel)
    except BaseException:
        cloud.close()
        raise
    return OpenedCloud(path, read.display, None, read.source, "", 0, disk, read.data)


def compress(
    original: CloudItem,
    kept: CloudOptions,
    options: CodecOptions,
    report: Report,
    cancel: CancelToken,
) -> Compressed:
    """kept: what is to come back, for a cloud with points. Raises as `codec.encode`."""
    _compile(options, kept, report, cancel)
    source: PointCloud | VoxelCloud | str = original.codable
    shown = original.display.cloud
    wanted = asdict(kept) if isinstance(source, PointCloud) else {}
    if kept.keep == "file" and original.path is not None and original.read == ReadOptions():
        source = original.path  # only a file comes back to the byte
    result = codec.encode(source, options=options, progress=report, cancel=cancel, **wanted)
    coded = result.voxels if result.report.lossy is None else _voxels_of_grid(original, kept, result, cancel)
    if not len(result.blocks) or (on_one_grid(coded, shown) and len(coded) == len(shown)):
        return Compressed(result)
    report(Progress("prepare", 0, 0))
    return Compressed(result, flat(coded, cancel.raise_if_cancelled))


def _voxels_of_grid(
    original: CloudItem, kept: CloudOptions, result: EncodeResult, cancel: CancelToken
) -> VoxelCloud:
    """The voxels of a cloud on the grid of its lossy bitstream, which has others."""
    shown = original.display.cloud
    if original.source is None or on_one_grid(result.voxels, shown):
        return shown
    return codec.propose(original.source, replace(kept, drop_levels=0.0, keep="voxels"), cancel=cancel).voxels


def _compile(options: CodecOptions, kept: CloudOptions, report: Report, cancel: CancelToken) -> None:
    """Waits for the loops that compressing needs."""
    COMPILER.ensure(options.codec, report, cancel)
    if kept.keep == "file":
        COMPILER.ensure(ROWS, report, cancel)


def voxels_of(original: CloudItem, report: Report, cancel: CancelToken) -> VoxelizationReport | None:
    """What keeping only the voxels does to the points of a cloud; None for one known by its voxels alone.

    Raises as `codec.propose`.
    """
    report(Progress("voxelize", 0, 0))
    if original.source is None:
        return None
    return codec.propose(original.source, CloudOptions(keep="voxels"), cancel=cancel).report


@dataclass(frozen=True)
class PartDecoded:
    """One slice of the open bitstream, decoded alone. bytes: that were read for it."""

    slice: int
    display: CloudDisplay
    bytes: int
    source: PointCloud


def decode_slice(
    data: bytes, number: int, options: CodecOptions, report: Report, cancel: CancelToken
) -> PartDecoded:
    """Raises as `codec.decode`."""
    COMPILER.ensure_for(data, report, cancel)
    result = codec.decode(
        data, options=options, slices=[number], progress=without_content(report), cancel=cancel
    )
    report(Progress("prepare", 0, 0))
    return PartDecoded(number, prepare(result.voxels), result.report.bytes, result.cloud)


@dataclass(frozen=True)
class FileCompressed:
    """A file of the queue, done. lost: what the bitstream does not hold of it, in words; else ""."""

    target: str
    bytes: int
    bpov: float
    lost: str


def compress_file(
    path: str,
    target: str,
    read: ReadOptions,
    options: CodecOptions,
    kept: CloudOptions,
    report: Report,
    cancel: CancelToken,
) -> FileCompressed:
    """Compresses a file into another one; open items stay as they are. Raises as `codec.encode`."""
    _compile(options, kept, report, cancel)
    _say_nothing_of_what_the_window_shows()
    progress = without_content(report)
    source = path if read == ReadOptions() else codec.read_cloud(path, options=read, cancel=cancel)
    result = codec.encode(source, options=options, progress=progress, cancel=cancel, **asdict(kept))
    cancel.raise_if_cancelled()
    codec.save_stream(target, result.data)
    return FileCompressed(target, len(result.data), result.report.bpov, lost(result.report))


def _say_nothing_of_what_the_window_shows() -> None:
    """The library's warnings that the view and the list of files give in their own words."""
    warnings.simplefilter("ignore", codec.LossWarning)
    warnings.filterwarnings("ignore", message=".*the file holds no points")


@dataclass(frozen=True)
class Written:
    """A file that a job wrote. lost: what its format cannot hold."""

    path: str
    lost: tuple[str, ...] = ()


def write_cloud(path: str, item: CloudItem, report: Report, cancel: CancelToken) -> Written:
    """The points of a cloud in the format that the name ends in; the file appears complete or not at all.

    Raises as `codec.write_cloud`.
    """
    report(Progress("write", 0, 0))
    return Written(path, codec.write_cloud(path, item.points, cancel=cancel))


def decompress(
    stream: bytes | str,
    originals: Sequence[CloudItem],
    options: CodecOptions,
    report: Report,
    cancel: CancelToken,
) -> Decompressed:
    """Decodes bytes or a file; compares with the first of the originals that it is of. Raises as
    `codec.decode`.

    Of a large bitstream it reports coarse clouds first.
    """
    path = stream if isinstance(stream, str) else None
    COMPILER.ensure_for(stream, report, cancel)
    preview_levels(stream, originals[0] if originals else None, options, report, cancel)
    data = Path(stream).read_bytes() if isinstance(stream, str) else stream
    result = codec.decode(stream, options=options, progress=report, cancel=cancel)
    original, voxels, overlap = _owner(originals, result, cancel)
    certificate = None
    if original is not None and overlap is not None:
        report(Progress("verify", 0, 0))
        certificate = codec.certify(original.codable, result.cloud, result.voxels, result.header, data)
    cancel.raise_if_cancelled()
    report(Progress("prepare", 0, 0))
    same = original is not None and overlap is not None and overlap.same
    display = same_points(original.display, voxels) if original and same else flat(voxels)
    display = replace(display, guessed=result.guessed)
    return Decompressed(result, display, data, path, certificate, overlap, original)


def _owner(
    originals: Sequence[CloudItem], result: DecodeResult, cancel: CancelToken
) -> tuple[CloudItem | None, VoxelCloud, Overlap | None]:
    """The cloud that a bitstream is of, the voxels of the bitstream as that one has them, and what the two
    share. Where it is of none: None, and the voxels as the first cloud would have them."""
    first = None
    for item in originals:
        voxels = _on_grid_of(item, result, cancel)
        overlap = overlap_of(item.display.cloud, voxels, _levels_guessed(result))
        if overlap is not None:
            return item, voxels, overlap
        first = voxels if first is None else first
    return None, result.voxels if first is None else first, None


def salvage(path: str, options: CodecOptions, report: Report, cancel: CancelToken) -> Decompressed:
    """What is whole of a damaged bitstream. Raises as `codec.salvage`."""
    COMPILER.ensure_for(path, report, cancel)
    result = codec.salvage(path, options=options, progress=without_content(report), cancel=cancel)
    report(Progress("prepare", 0, 0))
    return Decompressed(result, flat(result.voxels), b"", path, None, None)


def _on_grid_of(original: CloudItem, result: DecodeResult, cancel: CancelToken) -> VoxelCloud:
    """The voxels of a bitstream. Where it holds points in the order of a file, or a file as it is, it has no
    grid of its own: they are those that the window shows of the file."""
    whole = result.report.level == "file" and original.level != "voxels"
    if not whole or on_one_grid(original.display.cloud, result.voxels) or not len(result.cloud):
        return result.voxels
    return codec.propose(result.cloud, cancel=cancel).voxels


@dataclass(frozen=True)
class Shaded:
    display: CloudDisplay


def shade_cloud(display: CloudDisplay, report: Report, cancel: CancelToken) -> Shaded:
    """Completes a display that was opened flat."""
    shade(display, cancel.raise_if_cancelled)
    return Shaded(display)


@dataclass(frozen=True)
class Compared:
    """differences: by point mode, those of properties included. errors: of each property."""

    comparison: Comparison
    differences: dict[str, Difference]
    errors: tuple[PropertyError, ...] = ()


def compare_clouds(a: CloudItem, b: CloudItem, report: Report, cancel: CancelToken) -> Compared:
    """Measures the points of the clouds, which are those of their files, and not their voxels.

    In another process: sorting, search trees and normals block other threads for seconds at a time.
    Raises as `codec.compare` and `run_in_subprocess`.
    """
    report(Progress("compare", 0, 0))
    grid, ours, theirs = a.display.cloud, a.positions, b.positions
    measure = partial(codec.compare, peak=((1 << grid.depth) - 1) * grid.transform.scale)
    comparison = run_in_subprocess(
        measure, PointCloud(ours), PointCloud(theirs), report=report, cancel=cancel
    )
    said = replace(comparison.report, peak_is=f"2^{grid.depth} - 1 voxels of {grid.transform.scale:g}")
    comparison = replace(comparison, report=said)
    places = Voxels.of(ours, a.display), Voxels.of(theirs, b.display)
    found = differences(comparison, *places, a.display.proportions)
    cancel.raise_if_cancelled()
    errors = property_errors(a, b, cancel.raise_if_cancelled)
    return Compared(comparison, found | errors.maps, errors.found)


def read_blocks(path: str, options: CodecOptions, report: Report, cancel: CancelToken) -> StreamBlocks:
    """Decodes a bitstream for its blocks alone."""
    COMPILER.ensure_for(path, report, cancel)
    result = codec.decode(path, options=options, progress=without_content(report), cancel=cancel)
    return StreamBlocks(Path(path).name, result.report.depth, result.blocks, Path(path).stat().st_size)


def _levels_guessed(result: DecodeResult) -> int:
    """How many levels of a bitstream its decoder guessed, in part or whole."""
    lossy = result.report.lossy
    return 0 if lossy is None else lossy.levels + lossy.partly
