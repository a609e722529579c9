"""Results: what coding and decoding give back, and the reports of them."""

from __future__ import annotations

import contextlib
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np

from .arrays import FloatArray, Int64Array, UInt8Array
from .blocks import BlockTable
from .certificate import lossy_report
from .cloud.cloud import PointCloud, VoxelCloud
from .cloud.voxel_rows import VoxelRows
from .cloud.voxelize import voxelize
from .decoding import Decoded
from .errors import DroppedWarning, InputError, MovedPointsWarning, warn_caller
from .hints import archive_hint, voxel_hint
from .html import html_table
from .job import JobContext
from .lod import LevelOfDetail
from .options import CloudOptions, CodecOptions
from .pipeline import Encoded
from .provenance import Stopwatch, device_name, library_versions
from .report import BitBalance, DecodeReport, EncodeReport, rows_by_size
from .stream.header import FILE, LOSSY, RECORDS, VOXELS, Header


@dataclass(frozen=True)
class EncodeResult:
    """data: the whole .ovx file. blocks: one row per block. voxels: those that were coded, in the order in
    which they are decoded. block_bits: (B,) bits of each block by component: "geometry", each property by
    its name, and, where there are such, "duplicates" and "remainders" (as in `report.components`).
    """

    data: bytes
    report: EncodeReport
    blocks: BlockTable
    voxels: VoxelCloud
    block_bits: dict[str, FloatArray] = field(default_factory=dict, repr=False)
    _rows: VoxelRows | None = field(default=None, repr=False)
    _original: VoxelCloud | None = field(default=None, repr=False)

    @property
    def inverse(self) -> Int64Array:
        """(N,) the row in `voxels`, and in `DecodeResult.voxels`, of each point of the source.

        Of level "lossy" that of the nearest voxel. -1 for points that have no voxel: those whose coordinates
        are not finite, and those that are stored beside the voxels. Computed when it is asked for.

            >>> import octavox as ov
            >>> cloud = ov.PointCloud([[7, 0, 0], [1, 2, 3], [7, 0, 0]])
            >>> result = ov.encode(cloud, options=ov.CodecOptions(codec="octree"))
            >>> result.inverse, result.voxels.coords[result.inverse].tolist()
            (array([1, 0, 1]), [[7, 0, 0], [1, 2, 3], [7, 0, 0]])
        """
        found = self._rows.inverse if self._rows is not None else None
        if self._original is None or self.report.lossy is None:
            return np.arange(len(self.voxels)) if found is None else found
        from .lossy.transfer import owners_of, reach_of  # compiled code

        reach = reach_of(self.report.lossy.levels)
        near = owners_of(self._original, self.voxels, reach, JobContext(), None)
        return near if found is None else np.where(found < 0, -1, near[found])

    def __repr__(self) -> str:
        return _words_of("EncodeResult", self.report)

    def _repr_html_(self) -> str:
        return _html_of("EncodeResult", self.report)


@dataclass(frozen=True)
class DecodeResult:
    """cloud: the points that the stream holds, at the level that it was coded in. voxels: those it was coded
    as. blocks: one row per block of the slices that were decoded. file: of a stream of level "file", the
    file, byte for byte; `suffix` is the ending of its name. block_bits: as in `EncodeResult`. guessed: (N,)
    of level "lossy", how many levels of each voxel are guesses, 0 where it was coded; None of other levels
    and of a region.
    """

    cloud: PointCloud
    voxels: VoxelCloud
    blocks: BlockTable
    header: Header
    report: DecodeReport
    file: bytes | None = None
    block_bits: dict[str, FloatArray] = field(default_factory=dict, repr=False)
    guessed: UInt8Array | None = field(default=None, repr=False)

    @property
    def suffix(self) -> str:
        """The ending of the name of the file, with the dot; "" without a file, or where that is not known."""
        return "" if self.file is None or self.report.archive is None else self.report.archive.suffix

    def __repr__(self) -> str:
        return _words_of("DecodeResult", self.report)

    def _repr_html_(self) -> str:
        return _html_of("DecodeResult", self.report)


def _words_of(title: str, report: EncodeReport | DecodeReport) -> str:
    """What an interpreter shows of a result: not its bytes and arrays."""
    points = report.returned if isinstance(report, DecodeReport) else report.input_points
    return f"{title}({points:,} points, {report.codec}, {report.level}, {report.bytes:,} bytes)"


def _html_of(title: str, report: EncodeReport | DecodeReport) -> str:
    """What a notebook shows of a result."""
    rows = [
        ("codec", report.codec),
        ("keeps", report.level),
        ("points", f"{report.input_points:,}"),
        ("voxels", f"{report.points:,} of {report.depth} bits per axis"),
        ("bytes", f"{report.bytes:,}"),
        ("bits per occupied voxel", f"{report.bpov:.4f}"),
        ("seconds", f"{sum(report.seconds.values()):.2f}"),
    ]
    dropped = getattr(report, "dropped", ())
    return html_table(title, [*rows, *([("not stored", ", ".join(dropped))] if dropped else [])])


def _common(
    header: Header, size: int, points: int, options: CodecOptions, clock: Stopwatch
) -> dict[str, Any]:
    """Fields that every report has alike. size: in bytes; points: of what was coded."""
    return {
        "codec": header.codec_name,
        "level": header.level,
        "points": points,
        "input_points": header.input_points,
        "bytes": size,
        "bpov": 8 * size / max(points, 1),
        "seconds": clock.seconds,
        "options": asdict(options),
        "weights_id": header.weights_hex,
        "versions": library_versions(),
    }


def encode_result(
    coded: Encoded, chosen: CloudOptions, options: CodecOptions, job: JobContext, clock: Stopwatch
) -> EncodeResult:
    """What `encode` gives back. Warns of tables that are not stored and of points that move."""
    plan = coded.plan
    data, header, geometry, done = coded.data, coded.header, coded.geometry, plan.report
    report = EncodeReport(
        **_common(header, len(data), header.points, options, clock),
        depth=header.depth,
        by_size=rows_by_size(geometry.blocks),
        bits=coded.bits,
        device=device_name(geometry.device),
        dropped=header.dropped,
        components=coded.components,
        color_error=header.color_error,
        color=coded.color,
        beside=() if plan.points is None or plan.level == FILE else plan.points.cloud.info.beside,
        voxelization=done,
        archive=coded.archive,
        lossy=lossy_report(header),
        color_distortion=None if coded.shape is None else coded.shape.color,
    )
    if plan.level == RECORDS and plan.points is not None:
        hints = voxel_hint(plan.points, coded.bits, job), archive_hint(plan.points, coded.bits, job)
        report = replace(report, hint=hints[0], archive_hint=hints[1])
    if tables := [name for name in report.beside if name.startswith("element ")]:
        warn_caller(f"not stored: {', '.join(tables)}", DroppedWarning)
    if chosen.depth is None and chosen.voxel_size is None:
        _warn_of_moves(report)
    rows, original = None if plan.points is None else VoxelRows.of(plan.points.done), None
    if plan.level == LOSSY and coded.shape is not None:
        original = coded.shape.original
        rows = None if rows is None else replace(rows, voxels=original)
    return EncodeResult(data, report, geometry.blocks, plan.voxels, coded.block_bits, rows, original)


def _warn_of_moves(report: EncodeReport) -> None:
    """Warns where voxels are kept, and those of the default grid are not where the points are."""
    done = report.voxelization
    if report.level in (VOXELS, LOSSY) and done is not None and done.moved_max > 0:
        words = f"points move by up to {done.moved_max:.3g} to voxels of {done.depth} bits"
        warn_caller(words + (f", {done.merged:,} merge" if done.merged else ""), MovedPointsWarning)


def lod_result(found: LevelOfDetail, options: CodecOptions, clock: Stopwatch) -> DecodeResult:
    """What `decode` gives back of a level of detail."""
    header, points = found.header, len(found.cloud)
    report = DecodeReport(
        **_common(header, found.bytes_read, points, options, clock),
        depth=found.level,
        by_size=(),
        bits=BitBalance(0.0, 0.0, {"geometry": 8.0 * found.bytes_read}, 8 * found.bytes_read),
        device=device_name("cpu"),
        components={"geometry": found.bytes_read},
        color_error=0,
        whole=False,
        returned=points,
        lod=found.level,
    )
    return DecodeResult(found.cloud, found.voxels, BlockTable.empty(), header, report)


def decode_result(done: Decoded, options: CodecOptions, clock: Stopwatch, whole: bool = True) -> DecodeResult:
    """What `decode` gives back. whole: all of the stream was asked for."""
    header, geometry = done.header, done.geometry
    report = DecodeReport(
        **_common(header, done.bytes, done.points, options, clock),
        depth=header.depth,
        by_size=rows_by_size(geometry.blocks),
        bits=done.bits,
        device=device_name(geometry.device),
        components=done.components,
        color_error=header.color_error,
        whole=whole and (done.loss is None or done.loss.nothing),
        returned=len(done.cloud),
        loss=done.loss,
        lossy=lossy_report(header),
        archive=done.archive,
    )
    voxels = _voxels(done)
    guessed = (
        geometry.guessed if geometry.guessed is not None and len(geometry.guessed) == len(voxels) else None
    )
    bits = done.block_bits
    return DecodeResult(done.cloud, voxels, geometry.blocks, header, report, done.file, bits, guessed)


def _voxels(done: Decoded) -> VoxelCloud:
    """The voxels that the points were coded as; of points coded as rows, those of a default grid."""
    header = done.header
    if not len(done.voxels) and len(done.cloud):
        with contextlib.suppress(InputError):
            return voxelize(done.cloud)[0]
    transform = header.transform.scaled(header.scale, header.offset)
    kind = header.coordinate_type
    return VoxelCloud(done.voxels, header.depth, transform, kind, done.colors, grid=header.grid)
