"""Results of codings as the window shows them: columns of a table, and points of plots."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from octavox.codec import codec_infos

from .colormap import SLICE_COLORS
from .words import tr

Numbers = npt.NDArray[np.float64]


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
    """x_title, y_title: of the axes. log_x, log_y: whether they have logarithmic scales. lines: whether the
    points of a series are joined, in the order of x. whole_x: whether x has whole numbers alone."""

    series: tuple[Series, ...]
    x_title: str
    y_title: str
    log_x: bool = True
    log_y: bool = False
    lines: bool = False
    whole_x: bool = False


@dataclass(frozen=True)
class TextColumn:
    title: str
    tip: str
    of: Callable[[Any], str]


@dataclass(frozen=True)
class NumberColumn:
    title: str
    tip: str
    of: Callable[[Any], float | None]
    show: Callable[[float], str]


Spec = TextColumn | NumberColumn


@dataclass(frozen=True)
class PlotKind:
    """One plot of some results. title: how it is chosen. of: makes it from the rows."""

    key: str
    title: str
    of: Callable[[Sequence[Any]], ResultPlot]


@dataclass(frozen=True)
class Results:
    """Rows of one kind, which may still grow. name: of the file or cloud. path: beside which they are saved.

    note: what the numbers are of; "" where the columns say it.
    """

    title: str
    name: str
    path: str
    specs: Sequence[Spec]
    plots: Sequence[PlotKind]
    rows: Sequence[Any]
    note: str = ""

    @property
    def columns(self) -> list[ResultColumn]:
        return table_of(self.specs, self.rows)


def table_of(specs: Sequence[Spec], rows: Sequence[Any]) -> list[ResultColumn]:
    """The columns of a table with a row for each result."""
    return [_column(spec, rows) for spec in specs]


def _column(spec: Spec, rows: Sequence[Any]) -> ResultColumn:
    if isinstance(spec, TextColumn):
        words = [spec.of(row) for row in rows]
        _, places = np.unique(np.array([w.casefold() for w in words], dtype=object), return_inverse=True)
        return ResultColumn(spec.title, spec.tip, places.reshape(-1), words, left=True)
    found = [spec.of(row) for row in rows]
    values = np.array([math.nan if v is None else float(v) for v in found], np.float64)
    return ResultColumn(spec.title, spec.tip, values, ["" if v is None else spec.show(v) for v in found])


def series_of(
    rows: Sequence[Any], x_of: Callable[[Any], float | None], y_of: Callable[[Any], float | None]
) -> tuple[Series, ...]:
    """The points of each codec, in the order of the registry; rows without one of the numbers have none."""
    known = {info.name: info.title for info in codec_infos()}
    names = [*known, *sorted({row.codec for row in rows if row.codec} - known.keys())]
    found = []
    for number, name in enumerate(names):
        points = [
            (k, x, y)
            for k, row in enumerate(rows)
            if row.codec == name and (x := x_of(row)) and (y := y_of(row)) is not None
        ]
        if points:
            places, xs, ys = zip(*points, strict=True)
            colour = SLICE_COLORS[number % len(SLICE_COLORS)]
            title = tr(known[name]) if name in known else name
            at = np.array(xs, np.float64), np.array(ys, np.float64)
            found.append(Series(title, colour, np.array(places, np.int64), *at))
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
