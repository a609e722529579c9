"""The results of a batch, as the window shows them: columns of a table, and points of two plots."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from octavox.codec import BatchRow, codec_infos

from . import text
from .colormap import SLICE_COLORS
from .words import tr

Numbers = npt.NDArray[np.float64]


RESULT_STATES = ("pending", "done", "failed", "identical", "different")


@dataclass(frozen=True)
class ResultColumn:
    """title, tip: its head. values: (N,) to sort by; of texts, their places in the alphabet. words: of each
    row. left: texts stand on the left."""

    title: str
    tip: str
    values: npt.NDArray[Any]
    words: Sequence[str]
    left: bool = False


@dataclass(frozen=True)
class Series:
    """Points of one colour. rows: places of the points in the table. x, y: theirs; an infinite y is at the
    top."""

    title: str
    colour: str
    rows: npt.NDArray[np.int64]
    x: Numbers
    y: Numbers


@dataclass(frozen=True)
class ResultPlot:
    """x_title, y_title: of the axes. log_x, log_y: whether they have logarithmic scales."""

    series: tuple[Series, ...]
    x_title: str
    y_title: str
    log_x: bool = True
    log_y: bool = False


@dataclass(frozen=True)
class _Text:
    title: str
    tip: str
    of: Callable[[BatchRow], str]


@dataclass(frozen=True)
class _Number:
    title: str
    tip: str
    of: Callable[[BatchRow], float | None]
    show: Callable[[float], str]


def _options(row: BatchRow) -> str:
    """Options as a person reads them: "drop levels 1, effort high"."""
    try:
        told = json.loads(row.options)
        return ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in told.items())
    except (ValueError, AttributeError):
        return row.options


def _pace(seconds: float | None, row: BatchRow) -> float | None:
    return 1e6 * seconds / row.points if seconds is not None and row.points else None


def _state(row: BatchRow) -> str:
    if row.state != "done":
        return tr(row.state)
    if row.kept is False:
        return tr("different")
    return tr("identical" if row.identical else "done")


RESULT_COLUMNS: tuple[_Text | _Number, ...] = (
    _Text("Cloud", "Name of the file below the folder of the batch", lambda r: r.cloud),
    _Text("Action", "What was done with the file", lambda r: r.action),
    _Text("Codec", "How the cloud is coded", lambda r: r.codec or ""),
    _Text("Options", "Options that differ from their defaults", _options),
    _Text("State", "Whether it is done, and what a comparison found", _state),
    _Number("Points", "Points of the file", lambda r: r.points, text.count),
    _Number("Bytes", "Size of the bitstream", lambda r: r.bytes, text.count),
    _Number(
        "bpp", "Bits of the bitstream for each point of the file", lambda r: r.bpp, lambda v: text.fixed(v, 4)
    ),
    _Number(
        "D1 PSNR",
        "Between voxels, in dB; only where levels are left out",
        lambda r: r.d1_psnr_db,
        lambda v: text.fixed(v, 2),
    ),
    _Number(
        "Encode s/M",
        "Seconds of compressing for a million points",
        lambda r: _pace(r.encode_seconds, r),
        lambda v: text.number(v, 3),
    ),
    _Number(
        "Decode s/M",
        "Seconds of decompressing for a million points",
        lambda r: _pace(r.decode_seconds, r),
        lambda v: text.number(v, 3),
    ),
    _Text("Remarks", "Why it failed, or what does not come back", lambda r: r.error or r.notes),
)


def columns_of(rows: Sequence[BatchRow]) -> list[ResultColumn]:
    """The table of a batch: a row for each file and choice of options."""
    return [_column(spec, rows) for spec in RESULT_COLUMNS]


def _column(spec: _Text | _Number, rows: Sequence[BatchRow]) -> ResultColumn:
    if isinstance(spec, _Text):
        words = [spec.of(row) for row in rows]
        _, places = np.unique(np.array([w.casefold() for w in words], dtype=object), return_inverse=True)
        return ResultColumn(spec.title, spec.tip, places.reshape(-1), words, left=True)
    found = [spec.of(row) for row in rows]
    values = np.array([math.nan if v is None else float(v) for v in found], np.float64)
    return ResultColumn(spec.title, spec.tip, values, ["" if v is None else spec.show(v) for v in found])


def rate_and_time(rows: Sequence[BatchRow]) -> ResultPlot:
    """Seconds for a million points against bits a point: of compressing, else of decompressing."""
    encoded = any(row.encode_seconds is not None for row in rows)
    words = tr("compressing, seconds per million points")
    if not encoded:
        words = tr("decompressing, seconds per million points")

    def seconds(row: BatchRow) -> float | None:
        return _pace(row.encode_seconds if encoded else row.decode_seconds, row) or None

    return ResultPlot(_series(rows, seconds), tr("bits per point"), words, log_y=True)


def rate_and_distortion(rows: Sequence[BatchRow]) -> ResultPlot:
    """D1 PSNR against bits a point; rows without loss of voxels are infinite."""

    def psnr(row: BatchRow) -> float | None:
        if row.level == "lossy":
            return math.inf if row.d1_psnr_db is None else row.d1_psnr_db
        return math.inf if row.level in ("records", "file") else None

    return ResultPlot(_series(rows, psnr), tr("bits per point"), tr("D1 PSNR, dB"))


def _series(rows: Sequence[BatchRow], of: Callable[[BatchRow], float | None]) -> tuple[Series, ...]:
    """The points of each codec, in the order of the registry."""
    known = {info.name: info.title for info in codec_infos()}
    names = [*known, *sorted({row.codec for row in rows if row.codec} - known.keys())]
    found = []
    for number, name in enumerate(names):
        points = [
            (k, row.bpp, level)
            for k, row in enumerate(rows)
            if row.codec == name and row.bpp and (level := of(row)) is not None
        ]
        if points:
            places, rates, levels = zip(*points, strict=True)
            colour = SLICE_COLORS[number % len(SLICE_COLORS)]
            title = tr(known[name]) if name in known else name
            x, y = np.array(rates, np.float64), np.array(levels, np.float64)
            found.append(Series(title, colour, np.array(places, np.int64), x, y))
    return tuple(found)


def table_csv(columns: Sequence[ResultColumn], order: npt.NDArray[np.int64]) -> str:
    """The table as it is shown, in its order; numbers in full, with a decimal point."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([tr(column.title) for column in columns])
    for k in order.tolist():
        writer.writerow([c.words[k] if c.left else _number(c.values[k]) for c in columns])
    return out.getvalue()


def _number(value: float) -> str:
    if math.isnan(value):
        return ""
    return str(int(value)) if value == int(value) else repr(float(value))
