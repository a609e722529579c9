"""What the plot of rate and distortion shows of the open cloud."""

from __future__ import annotations

from dataclasses import dataclass

from octavox.codec import codec_infos

from . import text
from .colormap import SLICE_COLORS
from .quality import MOST_LEVELS, STEP, Quality, RatePoint
from .words import several, tr


@dataclass(frozen=True)
class Mark:
    """A point. psnr: None without loss. words: its numbers."""

    bits: float
    psnr: float | None
    words: str


@dataclass(frozen=True)
class Curve:
    """The points of one codec, those of the smallest rate first."""

    title: str
    colour: str
    marks: tuple[Mark, ...]


@dataclass(frozen=True)
class Plot:
    """bits, psnr: ends of the axes. lossless: a point without loss is on it. expected: what a sample lets
    expect, in the order of its rates. chosen: where the choice of levels lies. title, short: what is
    measured."""

    curves: tuple[Curve, ...] = ()
    expected: tuple[tuple[float, float], ...] = ()
    chosen: tuple[float, float | None] | None = None
    bits: tuple[float, float] = (0.01, 1.0)
    psnr: tuple[float, float] = (40.0, 80.0)
    lossless: bool = False
    title: str = ""
    short: str = ""

    @property
    def empty(self) -> bool:
        return not self.curves and not self.expected


def levels_words(drop: float) -> str:
    """A number of levels that are guessed: "without loss", "1 level guessed", "1.5 levels guessed"."""
    if not drop:
        return tr("without loss")
    return several(1 if drop == 1 else 2, "{n} level guessed", "{n} levels guessed", n=text.number(drop))


def short_words(drop: float) -> str:
    """The same where there is little room."""
    if not drop:
        return tr("without loss")
    return several(1 if drop == 1 else 2, "{n} level", "{n} levels", n=text.number(drop))


def point_words(point: RatePoint) -> str:
    """The numbers of a measured point."""
    rate, chosen = text.rate(point.bits), point.setting or levels_words(point.drop)
    words = f"{chosen}: {tr('{n} bytes', n=text.count(point.bytes))}, {rate}"
    if point.psnr is None:
        return words
    far = text.number(point.hausdorff)
    return f"{words}, D1 {text.psnr(point.psnr)}, Hausdorff {tr('{n} voxels', n=far)}"


def plot_of(quality: Quality, codec: str, depth: int, drop: float) -> Plot:
    """Other programs' curves come last.

    codec, drop: as they are chosen. depth: bits per axis of the open cloud.
    """
    curves = []
    titles = {info.name: info.title for info in codec_infos()}
    others = sorted({point.codec for point in quality.measured} - titles.keys())
    for number, name in enumerate([*titles, *others]):
        points = quality.curve(name, depth)
        if points:
            marks = tuple(Mark(p.bits, p.psnr, point_words(p)) for p in points)
            curves.append(Curve(titles.get(name, name), SLICE_COLORS[number % len(SLICE_COLORS)], marks))
    found = [quality.expected(codec, depth, k * STEP) for k in range(1, round(MOST_LEVELS / STEP) + 1)]
    expected = [(e.bits, e.psnr) for e in found if e is not None and e.psnr is not None]
    here = quality.expected(codec, depth, drop)
    chosen = None if here is None else (here.bits, here.psnr)
    every = [(m.bits, m.psnr) for curve in curves for m in curve.marks] + list(expected)
    every += [chosen] if chosen is not None else []
    if not every:
        return Plot()
    rates = [bits for bits, _ in every]
    levels = [psnr for _, psnr in every if psnr is not None] or [60.0]
    lossless = any(psnr is None for _, psnr in every)
    best = max(levels) + (8.0 if lossless else 1.5)
    title = tr("D1 PSNR, dB; peak 2^{d} − 1 = {peak} voxels", d=depth, peak=text.count((1 << depth) - 1))
    return Plot(
        tuple(curves),
        tuple(expected),
        chosen,
        (0.8 * min(rates), 1.25 * max(rates)),
        (min(levels) - 1.5, best),
        lossless,
        title,
        tr("D1 PSNR, dB"),
    )
