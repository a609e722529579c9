"""The results of a batch, as the window shows them: columns of a table, and points of two plots."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path

from octavox.codec import BatchRow

from . import text
from .results import NumberColumn, PlotKind, ResultPlot, Results, TextColumn, series_of
from .words import tr

RESULT_STATES = ("pending", "done", "failed", "identical", "different")


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


RESULT_COLUMNS: tuple[TextColumn | NumberColumn, ...] = (
    TextColumn("Cloud", "Name of the file below the folder of the batch", lambda r: r.cloud),
    TextColumn("Action", "What was done with the file", lambda r: r.action),
    TextColumn("Codec", "How the cloud is coded", lambda r: r.codec or ""),
    TextColumn("Options", "Options that differ from their defaults", _options),
    TextColumn("State", "Whether it is done, and what a comparison found", _state),
    NumberColumn("Points", "Points of the file", lambda r: r.points, text.count),
    NumberColumn("Bytes", "Size of the bitstream", lambda r: r.bytes, text.count),
    NumberColumn(
        "bpp", "Bits of the bitstream for each point of the file", lambda r: r.bpp, lambda v: text.fixed(v, 4)
    ),
    NumberColumn(
        "D1 PSNR",
        "Between voxels, in dB; only where levels are left out",
        lambda r: r.d1_psnr_db,
        lambda v: text.fixed(v, 2),
    ),
    NumberColumn(
        "Encode s/M",
        "Seconds of compressing for a million points",
        lambda r: _pace(r.encode_seconds, r),
        lambda v: text.number(v, 3),
    ),
    NumberColumn(
        "Decode s/M",
        "Seconds of decompressing for a million points",
        lambda r: _pace(r.decode_seconds, r),
        lambda v: text.number(v, 3),
    ),
    TextColumn("Remarks", "Why it failed, or what does not come back", lambda r: r.error or r.notes),
)


def _rate(row: BatchRow) -> float | None:
    return row.bpp


def rate_and_time(rows: Sequence[BatchRow]) -> ResultPlot:
    """Seconds for a million points against bits a point: of compressing, else of decompressing."""
    encoded = any(row.encode_seconds is not None for row in rows)
    words = tr("compressing, seconds per million points")
    if not encoded:
        words = tr("decompressing, seconds per million points")

    def seconds(row: BatchRow) -> float | None:
        return _pace(row.encode_seconds if encoded else row.decode_seconds, row) or None

    return ResultPlot(series_of(rows, _rate, seconds), tr("bits per point"), words, log_y=True)


def rate_and_distortion(rows: Sequence[BatchRow]) -> ResultPlot:
    """D1 PSNR against bits a point; rows without loss of voxels are infinite."""

    def psnr(row: BatchRow) -> float | None:
        if row.level == "lossy":
            return math.inf if row.d1_psnr_db is None else row.d1_psnr_db
        return math.inf if row.level in ("records", "file") else None

    return ResultPlot(series_of(rows, _rate, psnr), tr("bits per point"), tr("D1 PSNR, dB"))


def batch_results(path: str, rows: Sequence[BatchRow]) -> Results:
    """A row for each file and choice of options. path: of the table."""
    plots = [  # distortion comes first where rows are lossy
        PlotKind("time", tr("Rate and time"), rate_and_time),
        PlotKind("distortion", tr("Rate and distortion"), rate_and_distortion),
    ]
    if any(row.d1_psnr_db is not None for row in rows):
        plots.reverse()
    name = Path(path).name
    failed = sum(row.state == "failed" for row in rows)
    note = tr("{n} failed", n=text.count(failed)) if failed else ""
    title = tr("Results of a batch: {name}", name=name)
    return Results(title, name, path, RESULT_COLUMNS, plots, rows, note)
