"""Reports as text for people."""

from __future__ import annotations

from collections.abc import Iterable

from octavox.codec.cloud.cloud import VoxelizationReport
from octavox.codec.metrics import ComparisonReport, Distortion
from octavox.codec.rendered import RenderedDistortion
from octavox.codec.report import (
    BitBalance,
    BlockSizeRow,
    Certificate,
    CodingReport,
    ColorDistortion,
    ColorLoss,
    DecodeReport,
    EncodeReport,
    Loss,
    LossyReport,
    TargetReport,
    VoxelHint,
)
from octavox.codec.stream_info import StreamInfo
from octavox.codec.wording import STORED, promise, verdict


def encode_summary(report: EncodeReport, path: str, verbose: bool = False) -> str:
    """A few lines on what `encode` wrote to `path`."""
    lines = [_coded(report, path), f"{report.level}: {promise(report.level, report.color_error)}"]
    if report.lossy is not None:
        lines.append(lossy_text(report.lossy, report.depth))
    if report.target is not None:
        lines.append(target_text(report.target))
    if report.color_distortion is not None:
        lines.append(f"colours of the nearest voxels: PSNR {_psnr_text(report.color_distortion)}")
    lines += _color_lines(report.color)
    if report.archive is not None:
        lines.append(f"stored {STORED[report.archive.stored]}; sha256 {report.archive.sha256}")
    if report.hint is not None:
        lines.append(_hint(report.hint, report.bytes))
    if report.archive_hint is not None:
        size, share = report.archive_hint, report.archive_hint / report.bytes
        where = "as an archive, in the order of its file (--archive)"
        lines.append(f"{where}, it would take about {size:,} bytes, {share:.0%} of this")
    if verbose:
        lines += _where_it_went(report)
    return "\n".join([*lines, *_bits_table(report.by_size, report.bits)])


def _hint(hint: VoxelHint, size: int) -> str:
    merged = f", of which {hint.merged:,} would share a voxel with another one" if hint.merged else ""
    return (
        f"the coordinates lie on no lattice; --keep voxels --depth {hint.depth} would take about "
        f"{hint.bytes:,} bytes, {hint.bytes / size:.0%} of this, and move points by up to "
        f"{hint.moved_max:.3g} ({hint.moved_mean:.3g} on average){merged}"
    )


def lossy_text(found: LossyReport, depth: int) -> str:
    """What guessed levels cost."""
    how = "guessed" if found.guessed else "given by the middles of cells, which are nearer than guesses"
    psnr = "infinite" if found.d1_psnr is None else f"{found.d1_psnr:.2f} dB"
    more = " and a part of the next" if found.partly else ""
    return (
        f"{found.levels} of {depth} levels{more} {how}: D1 PSNR {psnr} (peak {(1 << depth) - 1} voxels), "
        f"Hausdorff distance {found.hausdorff:.4g} voxels"
    )


def target_text(found: TargetReport) -> str:
    """What a target came to, on the points of the file."""

    def psnr(value: float | None) -> str:
        return "infinite" if value is None else f"{value:.2f} dB"

    return (
        f"levels left out: {found.drop_levels:g}; {found.bpp:.4g} bits a point of the source, D1 PSNR "
        f"{psnr(found.d1_psnr)}, D2 PSNR {psnr(found.d2_psnr)} (peak {found.peak:.6g}), Hausdorff distance "
        f"{found.hausdorff:.4g}, in the units of the file"
    )


def encode_line(report: EncodeReport, path: str) -> str:
    """One line on what `encode` wrote, as one of several files."""
    return f"{path}: {report.input_points:,} points in {report.bytes:,} bytes, {report.level}"


def decode_summary(report: DecodeReport, path: str, verbose: bool = False, file: bool = False) -> str:
    """One line on what `decode` wrote to `path`; verbose: and where bits and time went.

    file: it wrote the file that was archived.
    """
    seconds, n = sum(report.seconds.values()), report.returned
    kept = report.level
    if report.level == "file":
        kept = f"of the archived {'' if report.archive is None else report.archive.suffix}".strip()
    what = f"the file, byte for byte, {n:,} points" if file else f"{n:,} points ({kept})"
    line = f"{path}: {what}, decoded{_by(report)} in {seconds:.2f} s"
    return "\n".join([line, *_where_it_went(report)]) if verbose else line


def _by(report: CodingReport) -> str:
    """The codec of the geometry, where there is one."""
    return "" if report.archive is not None and report.archive.stored != "voxels" else f" by {report.codec}"


def _where_it_went(report: CodingReport) -> list[str]:
    times = [f"{name:<12}{value:8.3f} s" for name, value in report.seconds.items()]
    return times + [f"{name:<16}{value / 8:12,.0f} bytes" for name, value in report.bits.side.items()]


def loss_text(loss: Loss | None) -> list[str]:
    """What a damaged stream lacks, one sentence each."""
    if loss is None:
        return []
    found = []
    if loss.slices:
        numbers = ", ".join(map(str, loss.slices[:20])) + (", ..." if len(loss.slices) > 20 else "")
        found.append(f"slices {numbers} are lost, with {loss.voxels:,} occupied voxels")
    for number, box in list(zip(loss.slices, loss.boxes))[:20]:
        x0, y0, z0, x1, y1, z1 = (f"{value:.10g}" for value in box)
        found.append(f"slice {number} lay between ({x0}, {y0}, {z0}) and ({x1}, {y1}, {z1})")
    if loss.uncounted:
        numbers = ", ".join(map(str, loss.uncounted[:20]))
        found.append(f"duplicates of the slices {numbers} are lost: each position comes back once")
    for blank in loss.blanks:
        numbers = ", ".join(map(str, blank.slices[:20]))
        where = f"'{blank.name}' of {blank.points:,} points is lost (slices {numbers})"
        found.append(f"{where}: it is 0 there, or of floats not a number")
    if loss.file:
        found.append("the file that was archived does not come back, only points of it")
    if loss.strays:
        found.append(f"{loss.strays:,} points off the grid are lost")
    found += [f"{_bytes(first, end)} damaged" for first, end in loss.damaged[:20]]
    found += [f"{_bytes(first, end)} put right by a checksum" for first, end in loss.repaired[:20]]
    if not loss.ended:
        found.append("the end of the stream is missing")
    if loss.points:
        found.append(f"{loss.points:,} points are lost")
    elif found:
        found.append("every point came back")
    return found


def _bytes(first: int, end: int) -> str:
    return f"bytes {first:,} to {end - 1:,} are" if end > first + 1 else f"byte {first:,} is"


def encode_warnings(report: EncodeReport) -> list[str]:
    """What the stream does not keep, or keeps in another way, one sentence each."""
    found = []
    if dropped := [*report.dropped, *(name for name in report.beside if name.startswith("element "))]:
        found.append(f"not stored: {', '.join(dropped)}")
    v = report.voxelization
    if v is None or report.level not in ("voxels", "lossy"):
        return found
    if not v.exact:
        found.append(_moved(v))
    if v.merged:
        found.append(
            f"{v.merged:,} of {v.input_points:,} points share a voxel with another one and are merged"
        )
    if v.left_out:
        found.append(f"{v.left_out:,} points have coordinates that are not finite and are left out")
    return found


def lost_in_format(names: tuple[str, ...], format: str) -> list[str]:
    """What a file format cannot hold."""
    return [f"{format} cannot hold: {', '.join(names)}"] if names else []


def comparison_text(report: ComparisonReport) -> str:
    """D1 and D2 in both directions and together, as a table."""

    def row(name: str, mse: float, psnr: str, far: float) -> tuple[str, ...]:
        return name, f"{mse:.6g}", psnr, f"{far:.6g}"

    def rows(name: str, d: Distortion) -> list[tuple[str, ...]]:
        psnr = "infinite" if d.psnr is None else f"{d.psnr:.4f}"
        return [
            row(f"{name}, A to B", d.mse_a_to_b, "", d.hausdorff_a_to_b),
            row(f"{name}, B to A", d.mse_b_to_a, "", d.hausdorff_b_to_a),
            row(f"{name}, symmetric", d.mse, psnr, d.hausdorff),
        ]

    head = (
        f"A {report.points_a:,} points, B {report.points_b:,} points, peak {report.peak:g} ({report.peak_is})"
    )
    if report.left_out_a or report.left_out_b:
        head += f"; not finite, left out: A {report.left_out_a:,}, B {report.left_out_b:,}"
    lines = table([("", "MSE", "PSNR, dB", "Hausdorff"), *rows("D1", report.d1), *rows("D2", report.d2)])
    if report.color is not None:
        color = report.color
        worst = f"largest error {color.largest:g}"
        lines += ["", f"colours of nearest points: {worst}, PSNR {_psnr_text(color)}"]
    if report.rendered is not None:
        lines += ["", _rendered_text(report.rendered)]
    return "\n".join([head, "", *lines])


def _rendered_text(found: RenderedDistortion) -> str:
    """How alike pictures are, in a line."""
    psnr = "infinite" if found.psnr is None else f"{found.psnr:.2f} dB"
    shown = "luma of the colours" if found.colored else "surfaces lit from the camera"
    return (
        f"pictures from {found.views} sides, {shown}: MSE {found.mse:.6g}, PSNR {psnr} (peak 255), "
        f"SSIM {found.ssim:.4f}, least {found.worst_ssim:.4f}"
    )


def info_text(stream: StreamInfo, verbose: bool = False) -> str:
    """All of a StreamInfo, one field a line, then a table of sections. verbose: params, too."""
    fields = [
        ("file", _name_of(stream)),
        ("format", f"{stream.version}, header of {stream.header_bytes:,} bytes"),
        ("keeps", f"{stream.level}: {promise(stream.level, stream.color_error)}"),
        *_archive_fields(stream),
        *(_voxel_fields(stream) if stream.archive is None or stream.archive.stored == "voxels" else ()),
    ]
    if stream.reference is not None:
        weights = f", weights {stream.inter_weights_id}" if stream.inter_weights_id else ""
        fields.append(("needs", f"frame {stream.reference}, which is decoded first{weights}"))
    if stream.lossy is not None:
        fields.append(("lossy", lossy_text(stream.lossy, stream.depth)))
    if stream.moved_max or stream.merged:
        fields.append(("moved", f"by up to {stream.moved_max:g}; {stream.merged:,} points merged"))
    if stream.dropped:
        fields.append(("not stored", ", ".join(stream.dropped)))
    if verbose:
        fields.append(("params", stream.params or "none"))
    lines = [f"{name:<12}{value}" for name, value in fields]
    rows = [("section", "first byte", "bytes", "points", "checksum")]
    rows += [(s.name, f"{s.first_byte:,}", f"{s.bytes:,}", f"{s.points:,}", s.crc) for s in stream.sections]
    lines += ["", *table(rows)]
    shares = [
        (name, f"{size:,}", f"{size / stream.file_size:.1%}") for name, size in stream.components.items()
    ]
    lines += ["", *table([("component", "bytes", "of the file"), *shares])]
    if stream.by_size is not None and stream.bits is not None:
        lines += ["", *_bits_table(stream.by_size, stream.bits)]
    return "\n".join(lines)


def sequence_text(path: str | None, size: int, frames: list[StreamInfo | str], verbose: bool = False) -> str:
    """A table of the frames of a sequence; verbose: all of each. frames: an error where one is damaged."""
    rows = [("frame", "bytes", "points", "voxels", "bits per point", "codec", "keeps", "needs", "checksums")]
    for number, one in enumerate(frames):
        if isinstance(one, str):
            rows.append((str(number), "", "", "", "", "", "", "", "damaged"))
            continue
        rate = f"{8 * one.file_size / max(one.input_points, 1):.4f}"
        numbers = f"{one.file_size:,}", f"{one.input_points:,}", f"{one.points:,}", rate
        needs = "" if one.reference is None else f"frame {one.reference}"
        rows.append((str(number), *numbers, one.codec, one.level, needs, "ok" if one.sound else "mismatch"))
    head = f"{'file':<12}{path or '(memory)'}, {size:,} bytes, {len(frames):,} frames"
    lines = [head, "", *table(rows)]
    if verbose:
        for number, one in enumerate(frames):
            lines += ["", f"frame {number}", one if isinstance(one, str) else info_text(one, verbose)]
    return "\n".join(lines)


def _name_of(stream: StreamInfo) -> str:
    name = stream.path or "(memory)"
    if stream.frames > 1:
        name += f", frame {stream.frame} of {stream.frames:,} (0 to {stream.frames - 1:,})"
    return f"{name}, {stream.file_size:,} bytes"


def _archive_fields(stream: StreamInfo) -> list[tuple[str, str]]:
    """The file that a stream holds."""
    if stream.archive is None:
        return []
    points = "none that are read without a choice"
    if stream.input_points:
        points = f"{stream.input_points:,}, {8 * stream.file_size / stream.input_points:.4f} bits for each"
    return [
        ("archive", f"a file *{stream.archive.suffix}, stored {STORED[stream.archive.stored]}"),
        ("sha256", stream.archive.sha256),
        ("its points", points),
    ]


def _voxel_fields(stream: StreamInfo) -> list[tuple[str, str]]:
    """The geometry of a stream."""
    place = ", ".join(f"{value:.12g}" for value in stream.origin)
    return [
        ("codec", stream.codec + (f", weights {stream.weights_id}" if stream.weights_id else "")),
        ("points", f"{stream.input_points:,} in the source, {stream.points:,} occupied voxels"),
        ("source", stream.format or "not said"),
        ("rate", f"{stream.bpov:.4f} bits per occupied voxel"),
        ("depth", f"{stream.depth} bits per axis"),
        ("coordinates", f"{stream.coordinate_type}, ({place}) + {stream.scale:g} * voxel"),
    ]


def certificate_text(c: Certificate, verbose: bool = False) -> str:
    """The outcome of `verify`. verbose: each of its numbers, too."""
    more = ("points_original", "points_decoded", "missing", "extra", "merged", "left_out", "depth")
    lines = [verdict(c), f"level                   {c.level}: {promise(c.level, c.color_error)}"]
    lines += _color_lines(c.color)
    if c.sha256_file:
        lines.append(f"the file that came back sha256 {c.sha256_file}")
    else:
        lines += [
            f"largest move            {c.moved_max:.6g}",
            f"voxels of the original  sha256 {c.sha256_original or '(outside the grid)'}",
            f"voxels of the stream    sha256 {c.sha256_decoded}",
        ]
    lines.append(f"the stream itself       sha256 {c.sha256_stream}")
    if verbose:
        lines += [f"{name.replace('_', ' '):<24}{getattr(c, name)}" for name in more]
        lines.append(f"{'voxel size':<24}{c.voxel_size:g}")
    return "\n".join([*lines, *c.notes])


def _color_lines(loss: ColorLoss | None) -> list[str]:
    """What colours lost."""
    if loss is None:
        return []
    return [f"colours within {loss.bound}: largest error {loss.largest}, PSNR {_psnr_text(loss)}"]


def _psnr_text(loss: ColorLoss | ColorDistortion) -> str:
    psnr = (loss.psnr_y, loss.psnr_u, loss.psnr_v)
    y, u, v = ("infinite" if value is None else f"{value:.2f} dB" for value in psnr)
    return f"Y {y}, U {u}, V {v} (BT.709, peak {loss.peak:g})"


def table(rows: Iterable[tuple[str, ...]]) -> list[str]:
    """Rows of equal length as aligned lines: first column left, the others right."""
    cells = list(rows)
    widths = [max(len(row[k]) for row in cells) for k in range(len(cells[0]))]
    lines = []
    for row in cells:
        first = row[0].ljust(widths[0])
        lines.append("  ".join([first, *(cell.rjust(w) for cell, w in zip(row[1:], widths[1:]))]))
    return lines


def _coded(report: EncodeReport, path: str) -> str:
    seconds = sum(report.seconds.values())
    if report.archive is not None:
        rate = 8 * report.bytes / max(report.input_points, 1)
        words = f"{path}: {report.input_points:,} points in {report.bytes:,} bytes, {rate:.4f} bits per point"
        return f"{words},{_by(report)} in {seconds:.2f} s"
    return (
        f"{path}: {report.points:,} points in {report.bytes:,} bytes, {report.bpov:.4f} bits per "
        f"occupied voxel, by {report.codec} in {seconds:.2f} s"
    )


def _moved(v: VoxelizationReport) -> str:
    return (
        f"coordinates are rounded to {v.depth} bits (voxel size {v.voxel_size:g}): points move by "
        f"{v.moved_max:.3g} at most, {v.moved_mean:.3g} on average"
    )


def _bits_table(by_size: tuple[BlockSizeRow, ...], bits: BitBalance) -> list[str]:
    if not by_size:
        return []
    rows = [("block size", "blocks", "points", "bits", "bpov", "of points", "of bits")]
    for r in by_size:
        shares = f"{r.share_of_points:.1%}", f"{r.share_of_bits:.1%}"
        rows.append(
            (str(r.size), f"{r.blocks:,}", f"{r.points:,}", f"{r.bits:,.0f}", f"{r.bpov:.4f}", *shares)
        )
    share = bits.flags / bits.total if bits.total else 0.0
    side = sum(bits.side.values())
    lines = [*table(rows), f"flags {share:.2%} of the file, side information {side:,.0f} bits"]
    if bits.levels:
        every = sum(bits.levels) or 1.0
        levels = [(str(k), f"{spent:,.0f}", f"{spent / every:.1%}") for k, spent in enumerate(bits.levels, 1)]
        lines += ["", *table([("level", "bits", "of the geometry"), *levels])]
    return lines
