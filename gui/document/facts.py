"""The session as labelled facts, for the inspector and the properties panel."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from octavox.codec import LEVELS, LossyReport, VoxelizationReport

from . import text
from .blocks import SURPRISES, TOTAL, component_bits, component_title, components_of, has_column
from .byte_map import part_of
from .certificate import tone, verdict
from .colour_modes import COLOUR_ERROR
from .items import CloudItem
from .on_disk import OnDisk
from .property_errors import error_words
from .reading import in_words
from .session import Session
from .surprise import Surprise
from .words import several, tr

NO_BREAK = "\u00a0"  # a space at which no line ends


@dataclass(frozen=True)
class Fact:
    """A label and a value; `section` starts a group, `tone` is "", "good", "fair" or "bad". share: of a
    whole, shown as a bar."""

    label: str
    value: str
    section: str = ""
    tone: str = ""
    share: float | None = None


def properties(session: Session) -> list[Fact]:
    """Facts on everything open, grouped."""
    facts: list[Fact] = []
    if session.certificate is not None:
        facts += _certificate(session)
    cloud = session.reference
    if cloud is not None:
        came_back = cloud is session.decoded or (cloud.made_from is not None and not cloud.is_frame)
        decoded = came_back and cloud.voxelization is None  # which files have that are opened as they are
        original = "Original" if session.timeline is None else "Frame"
        facts += _cloud(cloud, "Decoded cloud" if decoded else original)
    if session.stream is not None:
        facts += _stream(session)
    if len(session.blocks):
        facts += _blocks(session)
        facts += _owners(session)
    return facts


def _cloud(entry: CloudItem, section: str) -> Iterator[Fact]:
    cloud, display = entry.display.cloud, entry.display
    if entry.path:
        yield Fact("File", Path(entry.path).name, section)
    if in_words(entry.read):
        yield Fact("Read as", in_words(entry.read), section)
    if entry.on_disk is not None:
        yield from _on_disk(entry.on_disk, section)
    else:
        points = len(cloud) if entry.source is None else len(entry.source)
        yield Fact("Points", text.count(points), section)
    if entry.detail is None and entry.on_disk is not None:
        yield Fact("Voxels shown", text.count(len(cloud)), section)
    elif entry.detail is None:
        yield Fact("Voxels", text.count(len(cloud)), section)
    else:
        size, words = tr("{n} voxels", n=f"{display.cell}³"), tr("{n} of {size}")
        if entry.refining is not None:
            words = tr("{n}, the finest of {size}")
        yield Fact("Cells", words.format(n=text.count(len(cloud)), size=size), section)
        if entry.refining is not None and entry.refining.fault:
            yield Fact("Fault", entry.refining.fault, section, "bad")
    yield Fact("Bit depth", tr("{depth}  ({edge}³ grid)", depth=cloud.depth, edge=1 << cloud.depth), section)
    extent = " × ".join(str(v) for v in display.high - display.low) if len(cloud) else "–"
    yield Fact("Extent", extent, section)
    yield Fact("Colours", "yes" if cloud.colors is not None else "no", section)
    report = entry.voxelization
    if report is not None:
        yield from _voxelized(entry, report, section)


def _on_disk(disk: OnDisk, section: str) -> Iterator[Fact]:
    """How many points there are, and how many of them are in the view."""
    yield Fact("Points", text.count(disk.points), section)
    yield Fact("Shown", text.count(disk.shown), section)
    cells = disk.cloud.cells
    if disk.fault:
        yield Fact("Fault", disk.fault, section, "bad")
    elif cells is None:
        yield Fact("Looked through", text.percent(disk.share), section)
    elif cells.nowhere:
        yield Fact("Without a place", text.count(cells.nowhere), section)


def _voxelized(entry: CloudItem, report: VoxelizationReport, section: str) -> Iterator[Fact]:
    """How the points became voxels, and what a bitstream keeps of them without further options."""
    transform = entry.display.cloud.transform
    steps = (transform.scale,) if transform.axis_scale is None else transform.axis_scale
    yield Fact("Voxel size", " × ".join(text.number(step) for step in steps), section)
    if entry.level:
        yield Fact("Level", level_words(entry.level), section)
    if entry.level == "records":
        yield Fact("Share a voxel", text.count(report.merged), section)
        yield Fact("Strays", text.count(entry.strays), section)
        yield Fact("Moved", "0 (exact)", section)
        return
    yield Fact("Merged", text.count(report.merged), section)
    if report.left_out:
        yield Fact("Left out", text.count(report.left_out), section)
    most, mean = text.number(report.moved_max), text.number(report.moved_mean)
    moved = tr("at most {d}, {mean} on average", d=most, mean=mean)
    yield Fact("Moved", "0 (exact)" if not report.moved_max else moved, section)
    if report.dropped:
        yield Fact("Not stored", ", ".join(report.dropped), section)


def level_words(level: str) -> str:
    """A level and what it means."""
    return f"{tr(level)}: {tr(LEVELS[level])}"


def _stream(session: Session) -> Iterator[Fact]:
    stream, entry = session.stream, session.reference
    if stream is None:
        return
    if stream.label:
        yield Fact("File", stream.label, "Bitstream")
    else:
        yield Fact("File", Path(stream.path).name if stream.path else "not saved yet", "Bitstream")
    yield Fact("Codec", stream.codec or text.UNKNOWN, "Bitstream")
    report = session.encode_report or session.decode_report
    if report is not None:
        yield Fact("Keeps", level_words(report["level"]), "Bitstream")
    beside, hint = ((report or {}).get(name) for name in ("beside", "hint"))
    if beside:
        yield Fact("Not stored", ", ".join(map(_beside, beside)), "Bitstream")
    if hint:
        words = tr(
            "the coordinates lie on no lattice; voxels of {depth} bits per axis would take about {size}, "
            "move points by up to {most} and merge {n}",
            depth=hint["depth"],
            size=text.size(hint["bytes"]),
            most=text.number(hint["moved_max"]),
            n=text.count(hint["merged"]),
        )
        yield Fact("Hint", words, "Bitstream")
    yield Fact("Size", text.size(len(stream.data)), "Bitstream")
    yield Fact("Bytes", text.count(len(stream.data)), "Bitstream")
    if entry is not None and len(entry.display):
        n = (report or {}).get("points") or len(entry.display)  # some levels alone are fewer
        yield Fact("Rate", tr("{rate}, whole file", rate=text.rate(8 * len(stream.data) / n)), "Bitstream")
        yield Fact("Raw size", f"{text.size(12 * n)} (÷{text.count(12 * n / len(stream.data))})", "Bitstream")


def _beside(name: str) -> str:
    """What a file has beside its points, as the library calls it."""
    kind, _, rest = name.partition(" ")
    if kind == "element":
        return tr("table {name}", name=rest)
    return tr("header of the file") if kind == "header" else tr(name)


def _blocks(session: Session) -> Iterator[Fact]:
    blocks = session.blocks
    yield Fact("Blocks", text.count(len(blocks)), "Blocks")
    for size, number in zip(*np.unique(blocks.size, return_counts=True), strict=True):
        yield Fact(f"{size}³", text.count(number), "Blocks")
    total, flags = float(blocks.bits.sum() + blocks.flag_bits.sum()), float(blocks.flag_bits.sum())
    if total:
        yield Fact("Share of flags", text.percent(flags / total), "Blocks")


def comparison_facts(session: Session) -> list[Fact]:
    """D1 and D2 of the clouds in views A and B; nothing while they have not been measured."""
    if session.comparison is None:
        return []
    report, facts = session.comparison.report, list[Fact]()
    if session.pair is not None:
        a, b = session.pair
        facts += [Fact("A", a.label, "Clouds"), Fact("B", b.label, "Clouds")]
    for error in session.property_errors:
        name = tr("Colour") if error.name == COLOUR_ERROR else error.name
        mark = "good" if error.identical else "fair" if error.there else ""
        facts.append(Fact(name, error_words(error), "Properties", mark))
    for name, section, d in (
        ("D1", "D1, point to point", report.d1),
        ("D2", "D2, point to plane", report.d2),
    ):
        tone = "good" if d.psnr is None else ""
        facts += [
            Fact(
                f"{name} PSNR",
                "∞ (equal)" if d.psnr is None else f"{text.fixed(d.psnr, 3)} dB",
                section,
                tone,
            ),
            Fact(f"{name} MSE", text.number(d.mse, 6), section),
            Fact("A to B", text.number(d.mse_a_to_b, 6), section),
            Fact("B to A", text.number(d.mse_b_to_a, 6), section),
            Fact("Hausdorff", text.number(d.hausdorff, 6), section),
        ]
    facts.append(Fact("Peak", text.number(report.peak, 6), "D2, point to plane"))
    return facts


def _owners(session: Session) -> Iterator[Fact]:
    """Bits of the file by kind; every bit has an owner."""
    report = session.encode_report or session.decode_report
    if session.stream is None or report is None:
        return
    bits, section = report["bits"], "Bits by kind"
    total = max(1, bits["total"])
    found = session.component_bytes
    for name, size in found.items():
        yield _part(component_title(name), size, "Bytes by component", sum(found.values()))
    levels = bits.get("levels", ())
    for number, spent in enumerate(levels, 1):
        yield _part(tr("Level {n}", n=number), spent, "Bits of the geometry by level", sum(levels))
    side = {name: value for name, value in bits["side"].items() if name not in found}
    kinds = {"occupancy": bits["occupancy"], "flags": bits["flags"], **side}
    for name, value in kinds.items():
        yield _part(name.capitalize(), value, section, total)


def _part(label: str, value: float, section: str, whole: float) -> Fact:
    """A part of a whole, with its share, in one line."""
    share = value / whole if whole else 0.0
    words = f"{text.count(value)} ({text.percent(share, 1)})".replace(" ", NO_BREAK)
    return Fact(label, words, section, share=share)


def _certificate(session: Session) -> Iterator[Fact]:
    c = session.certificate
    if c is None:
        return
    section = "Lossless certificate" if c.lossy is None else "Certificate of loss"
    yield Fact("Result", verdict(c), section, tone(c))
    yield Fact("Original", tr("{n} points", n=text.count(c.points_original)), section)
    yield Fact("Decoded", tr("{n} points", n=text.count(c.points_decoded)), section)
    if c.lossy is not None:
        yield from _guesses(c.lossy, section)
    elif not c.kept:
        yield Fact("Missing", text.count(c.missing), section, "bad")
        yield Fact("Extra", text.count(c.extra), section, "bad")
    yield Fact("SHA-256 A", c.sha256_original[:16], section)
    yield Fact("SHA-256 B", c.sha256_decoded[:16], section)
    for note in c.notes:
        yield Fact("Note", note, section)


def _guesses(lossy: LossyReport, section: str) -> Iterator[Fact]:
    """How many levels are guessed, and how far the voxels are from those of the original."""
    whole = several(lossy.levels, "{n} level", "{n} levels", n=lossy.levels)
    words = tr("{levels} and part of the next one", levels=whole) if lossy.partly else whole
    words = words if lossy.levels else tr("part of the finest level")
    yield Fact(
        "Guessed", words if lossy.guessed else tr("{levels}, as middles of cells", levels=words), section
    )
    yield Fact("D1 PSNR", text.psnr(lossy.d1_psnr), section)
    far = text.number(lossy.hausdorff)
    yield Fact("Hausdorff", several(1 if far == "1" else 2, "{n} voxel", "{n} voxels", n=far), section)


def block_facts(session: Session, row: int) -> list[Fact]:
    """Facts on one block."""
    b = session.blocks
    bits = float(b.bits[row] + b.flag_bits[row])
    size, points = int(b.size[row]), int(b.points[row])
    total = float(b.bits.sum() + b.flag_bits.sum()) or 1.0
    by_rate = int((b.bpov > b.bpov[row]).sum()) + 1
    by_bits = int((b.bits + b.flag_bits > bits).sum()) + 1
    every = text.count(len(b))
    cost = "Cost of the geometry" if components_of(b) else "Cost"
    facts = [
        Fact("Origin", text.triple(b.origin[row].tolist()), "Place"),
        Fact("Size", tr("{n} voxels", n=f"{size}³"), "Place"),
        *_slice(session, row),
        Fact("Points", text.count(points), "Content"),
        Fact("Filled", text.percent(points / size**3), "Content"),
        Fact("Bits", text.fixed(bits, 1), cost),
        Fact("Flags", tr("{n} of these", n=text.fixed(b.flag_bits[row], 2)), cost),
        Fact("Bytes", text.fixed(bits / 8, 1), cost),
        Fact("Rate", text.rate(float(b.bpov[row])), cost),
        Fact("Of all blocks", text.percent(bits / total), cost),
        Fact(
            "Rank by cost",
            tr("{n} of {all} by bits", n=text.count(by_bits), all=every),
            cost,
        ),
        Fact("", tr("{n} of {all} by bpov", n=text.count(by_rate), all=every), cost),
        *_surprises(session, row, cost),
    ]
    known = session.shown_surprise if row == session.view.selected else None
    return (_surprise(known) if known else []) + facts + _components(session, row) + _choice(session, row)


def _surprises(session: Session, row: int, section: str) -> Iterator[Fact]:
    """Mean and largest surprise of a block, once they are computed."""
    for column in SURPRISES:
        if has_column(session.blocks, column.key):
            value = column.values(session.blocks)[row].item()
            yield Fact(column.title, tr("{n} bits", n=column.show(value)), section)


def _components(session: Session, row: int) -> list[Fact]:
    """What the bits of a block are for; nothing where it holds but geometry."""
    found = components_of(session.blocks)
    total = float(component_bits(session.blocks, TOTAL)[row])
    facts = []
    for name, bits in found.items():
        facts.append(_part(component_title(name), float(bits[row]), "Bits by component", total))
    if facts:
        facts.append(Fact("Total", text.count(total), "Bits by component"))
    return facts


def _slice(session: Session, row: int) -> Iterator[Fact]:
    """The slice of a block and the bytes of the file that hold it."""
    yield Fact("Slice", str(int(session.blocks.slice[row])), "Place")
    part = part_of(session.parts, session.blocks, row)
    if part is not None:
        yield Fact("In bytes", f"{text.count(part.first)}–{text.count(part.last - 1)}", "Place")


def _surprise(known: Surprise) -> list[Fact]:
    """What the codec expected of the block; labels differ from those of its cost."""
    section, (most, place), coarser = "Surprise", known.costliest, known.found.coarser_bits
    levels = [Fact("Coarser", tr("{n} bits in all", n=text.fixed(coarser, 1)), section)] if coarser else []
    return [
        Fact("With context", tr("{n} voxels", n=text.count(len(known.found.coords))), section),
        Fact("Occupied", tr("{n} bits each", n=text.fixed(known.mean_bits, 3)), section),
        Fact("Empty", tr("{n} bits in all", n=text.fixed(known.empty_bits, 1)), section),
        *levels,
        Fact("Maximum", tr("{n} bits", n=text.fixed(most, 2)), section),
        Fact("At voxel", text.triple(place), section),
    ]


def _choice(session: Session, row: int) -> list[Fact]:
    """Why the block is coded whole: its cost beside that of its eight children."""
    b, section = session.blocks, "Why this size?"
    whole, split = float(b.unsplit_bits[row]), float(b.split_bits[row])
    if math.isnan(whole) and math.isnan(split):
        return [Fact("Reason", _untried(session), section)]
    facts = [
        Fact("As one", "not tried" if math.isnan(whole) else _bits(whole), section),
        Fact("As eight", "not tried" if math.isnan(split) else _bits(split), section),
    ]
    if not math.isnan(whole + split):
        facts.append(Fact("Saved", _bits(abs(split - whole)), section, "good"))
    return [*facts, Fact("Reason", _reason(whole, split), section)]


def _untried(session: Session) -> str:
    """Why there are no costs to compare."""
    codec = session.stream.codec if session.stream else ""
    if codec and codec != "voxeldnn":
        return "all blocks have one size; only VoxelDNN chooses among several"
    return "not known from the bitstream; compress with several block sizes to see"


def _bits(value: float) -> str:
    return tr("{n} bits", n=text.fixed(value, 1))


def _reason(whole: float, split: float) -> str:
    """The codec's choice for a block, in words."""
    if math.isnan(split):
        return "kept whole: no smaller blocks are allowed here"
    if math.isnan(whole):
        return "split like its siblings"
    return "kept whole: cheaper" if whole <= split else "split: cheaper"
