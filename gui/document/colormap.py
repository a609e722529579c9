"""Colour maps and legends. Maps are interpolated in OKLab, so equal steps look equal."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from . import text

Colors = npt.NDArray[np.uint8]

# Lightness rises along each map. The dark ends stand out from the dark ground three to one, also shaded; on a
# light ground all are darkened (`on_light`).
HEAT = ("#5a5bde", "#9b51d3", "#d9529d", "#f67559", "#fda636", "#ffdc50")
TERRAIN = ("#466fb5", "#4397b8", "#4ab797", "#8fcc70", "#dcd561", "#f7ecab")
GREY = ("#6d7077", "#f4f5f7")
# After matplotlib's maps of these names (S. van der Walt, N. Smith, 2015; J. Nunez and others, 2018), dark
# ends lifted. The second looks nearly the same with every common colour-vision deficiency.
VIRIDIS = ("#9153a3", "#7980c9", "#5da8bf", "#51cba5", "#8ce464", "#fde725")
CIVIDIS = ("#4d72a4", "#7386b2", "#999ca4", "#b9b39b", "#dccc7a", "#fee838")
# Two hues that meet in grey, also told apart with common colour-vision deficiencies.
DIVERGING = ("#2f72b9", "#6fabd5", "#c3cad3", "#f2a27c", "#cd4536")
# One colour for each power of two, distinguishable with common colour-vision deficiencies.
SIZE_COLORS = {
    4: "#e05a9c",
    8: "#f0702c",
    16: "#e3c22f",
    32: "#2fb59a",
    64: "#4a8df0",
    128: "#a45be6",
    256: "#9aa6bd",
}
# For names of classes: neighbours in the list differ in hue and in lightness.
LABEL_COLORS = (
    *("#4a8df0", "#f08a3c", "#2fb59a", "#e05a9c", "#e3c22f", "#a45be6", "#6fbf4b", "#e0524a"),
    *("#5fc3e4", "#b98a5a", "#8fa3ff", "#c7d66d", "#d39be0", "#4f9d6b", "#f2b8a0", "#9aa6bd"),
)
SLICE_COLORS = ("#4a8df0", "#f08a3c", "#2fb59a", "#e05a9c", "#e3c22f", "#a45be6", "#6fbf4b", "#5fc3e4")

MOST_LIGHT = 0.655  # OKLab lightness of what is drawn on a light ground
_BITS = 6  # of each channel that the table of darkened colours tells apart

_TO_LMS = np.array(
    [[0.4122214708, 0.5363325363, 0.0514459929], [0.2119034982, 0.6806995451, 0.1073969566],
     [0.0883024619, 0.2817188376, 0.6299787005]]
)  # fmt: skip
_TO_LAB = np.array(
    [[0.2104542553, 0.7936177850, -0.0040720468], [1.9779984951, -2.4285922050, 0.4505937099],
     [0.0259040371, 0.7827717662, -0.8086757660]]
)  # fmt: skip


def rgb(color: str) -> tuple[int, int, int]:
    """'#rrggbb' -> (r, g, b)."""
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


def _oklab(colors: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    linear = np.where(colors <= 0.04045, colors / 12.92, ((colors + 0.055) / 1.055) ** 2.4)
    return np.asarray(np.cbrt(linear @ _TO_LMS.T) @ _TO_LAB.T, np.float64)


def _srgb(lab: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    linear = np.clip((lab @ np.linalg.inv(_TO_LAB).T) ** 3 @ np.linalg.inv(_TO_LMS).T, 0.0, 1.0)
    return np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)


def lightness(colors: Colors) -> npt.NDArray[np.float64]:
    """(N, 3) uint8 -> (N,) OKLab lightness in 0..1."""
    return _oklab(np.asarray(colors, np.float64) / 255)[:, 0]


def table(stops: tuple[str, ...], entries: int = 256) -> Colors:
    """(entries, 3) uint8 colour table through the stops, evenly spaced."""
    lab = _oklab(np.array([rgb(stop) for stop in stops], np.float64) / 255)
    at = np.linspace(0, len(stops) - 1, entries)
    mixed = np.column_stack([np.interp(at, np.arange(len(stops)), lab[:, k]) for k in range(3)])
    return np.asarray(np.rint(_srgb(mixed) * 255), np.uint8)


HEAT_TABLE = table(HEAT)
TERRAIN_TABLE = table(TERRAIN)
GREY_TABLE = table(GREY)
VIRIDIS_TABLE = table(VIRIDIS)
CIVIDIS_TABLE = table(CIVIDIS)
DIVERGING_TABLE = table(DIVERGING)


@lru_cache(maxsize=1)
def _darkened() -> Colors:
    """(2 ** (3 * _BITS), 3) darker colours, by the high bits of red, green and blue."""
    levels = np.arange(1 << _BITS) * 255 / ((1 << _BITS) - 1) / 255
    lab = _oklab(np.stack(np.meshgrid(levels, levels, levels, indexing="ij"), -1).reshape(-1, 3))
    lab[:, 0] *= MOST_LIGHT
    return np.asarray(np.rint(_srgb(lab) * 255), np.uint8)


def on_light(colors: Colors) -> Colors:
    """(..., 3) uint8 as they are drawn on a light ground: the same hues, darker."""
    high = np.asarray(colors, np.uint8).astype(np.intp) >> 8 - _BITS
    return _darkened()[(high[..., 0] << 2 * _BITS) | (high[..., 1] << _BITS) | high[..., 2]]


@dataclass(frozen=True)
class Legend:
    """What a legend shows: a scale with ticks, or named swatches.

    ticks: (place in 0..1, text). swatches: (colour, text). clipped: the scale ends below the largest value.
    note: a second line below the title. mode: key of what is coloured, where the scale can be changed.
    scale: the scale itself.
    """

    title: str
    unit: str = ""
    colors: Colors | None = None
    ticks: tuple[tuple[float, str], ...] = ()
    swatches: tuple[tuple[tuple[int, int, int], str], ...] = ()
    clipped: bool = False
    note: str = ""
    mode: str = ""
    scale: Scale | None = None

    def on_light(self) -> Legend:
        """The same for a light ground."""
        colors = None if self.colors is None else on_light(self.colors)
        darker = [
            (tuple(on_light(np.array(color, np.uint8)).tolist()), name) for color, name in self.swatches
        ]
        return replace(self, colors=colors, swatches=tuple(darker))


@dataclass(frozen=True)
class Scale:
    """Values low..high spread over a colour table; values outside take the end colours.

    log: equal steps of the table are equal factors; low is above 0 then.
    """

    low: float
    high: float
    table: Colors = field(default_factory=lambda: HEAT_TABLE)
    log: bool = False

    @staticmethod
    def of(values: npt.ArrayLike, colors: Colors) -> tuple[Scale, bool]:
        """The scale from 0 or the least value to the 99th percentile, and whether it cuts anything off."""
        v = np.asarray(values, np.float64)
        v = v[np.isfinite(v)]
        if not len(v):
            return Scale(0.0, 1.0, colors), False
        low, high, top = float(v.min()), float(np.percentile(v, 99)), float(v.max())
        if high < low + 0.5 * (top - low):  # a long tail would squeeze the rest into one colour
            clipped = True
        else:
            high, clipped = top, False
        if 0 <= low < 0.25 * high:
            low = 0.0
        if high <= low:
            high = low + 1.0
        return Scale(low, high, colors), clipped

    def colors_of(self, values: npt.ArrayLike) -> Colors:
        """(N,) -> (N, 3) uint8."""
        v = self._places(np.asarray(values, np.float64)) * (len(self.table) - 1)
        index = np.nan_to_num(np.clip(v, 0, len(self.table) - 1)).astype(np.intp)
        return np.asarray(self.table[index], np.uint8)

    def _places(self, values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Where values lie on the scale: 0 at its low end, 1 at the high one."""
        if not self.log:
            return np.asarray((values - self.low) / (self.high - self.low), np.float64)
        with np.errstate(divide="ignore", invalid="ignore"):
            share = np.log(np.maximum(values, 0) / self.low) / math.log(self.high / self.low)
        return np.asarray(share, np.float64)

    def legend(self, title: str, unit: str, clipped: bool, mode: str = "") -> Legend:
        """mode: key of what is coloured, where the scale can be changed."""
        ticks = log_ticks(self.low, self.high) if self.log else nice_ticks(self.low, self.high)
        places = self._places(np.array([value for value, _ in ticks]))
        marks = tuple((float(place), label) for place, (_, label) in zip(places, ticks, strict=True))
        return Legend(title, unit, self.table, marks, clipped=clipped, mode=mode, scale=self)


def nice_ticks(low: float, high: float, most: int = 6) -> list[tuple[float, str]]:
    """Round values inside low..high with their texts, `most` at the most."""
    if not high > low:
        return [(low, text.number(low))]
    raw = (high - low) / (most - 1)
    base = 10.0 ** math.floor(math.log10(raw))
    step = next(base * m for m in (1, 2, 5, 10) if base * m >= raw)
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    first = math.ceil(low / step - 1e-9)
    values = [k * step for k in range(first, math.floor(high / step + 1e-9) + 1)]
    return [(v, text.fixed(v, decimals)) for v in values]


def whole_ticks(low: float, high: float, most: int = 6) -> list[tuple[float, str]]:
    """As `nice_ticks`, whole numbers alone."""
    values = range(math.ceil(low), math.floor(high) + 1)
    return [(float(v), str(v)) for v in values[:: max(1, -(-len(values) // most))]]


def log_ticks(low: float, high: float, most: int = 6) -> list[tuple[float, str]]:
    """As `nice_ticks` for logarithmic scales: powers of ten, and 2 and 5 times these where there is room."""
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    for factors in ((1, 2, 5), (1,)):
        values = [f * 10.0**k for k in range(first, last + 1) for f in factors]
        values = [v for v in values if low * (1 - 1e-9) <= v <= high * (1 + 1e-9)]
        if len(values) <= most:
            break
    values = values[:: -(-len(values) // most)] if values else [low]
    return [(v, text.number(v)) for v in values]
