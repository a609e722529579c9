"""How a property of points is coloured: the scale that the user chose or an automatic one, and the legend."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from . import text
from .colormap import (
    CIVIDIS_TABLE,
    DIVERGING_TABLE,
    GREY_TABLE,
    HEAT_TABLE,
    LABEL_COLORS,
    TERRAIN_TABLE,
    VIRIDIS_TABLE,
    Colors,
    Legend,
    Scale,
    rgb,
)
from .point_data import PropertyValues

LABELS = "labels"
MAPS = {
    "heat": HEAT_TABLE,
    "terrain": TERRAIN_TABLE,
    "grey": GREY_TABLE,
    "viridis": VIRIDIS_TABLE,
    "cividis": CIVIDIS_TABLE,
    "diverging": DIVERGING_TABLE,
}
# What the choices of a colour map are called; "" is the default.
MAP_NAMES = {
    "": "Automatic",
    "heat": "Heat",
    "terrain": "Terrain",
    "grey": "Grey",
    "viridis": "Viridis",
    "cividis": "Cividis",
    "diverging": "Diverging",
    LABELS: "Classes",
}
MOST_SWATCHES = 12
NOTHING = (96, 100, 108)  # of voxels without a value


@dataclass(frozen=True)
class PropertyScale:
    """What the user chose of a scale of colours. colours: a key of MAP_NAMES. low, high: the ends;
    None: automatic. log: a logarithmic scale."""

    colours: str = ""
    low: float | None = None
    high: float | None = None
    log: bool = False


@dataclass(frozen=True)
class PropertyColours:
    """Colours of the numbers of one property. scale: None where each number has a colour of its own."""

    legend: Legend
    scale: Scale | None
    kinds: npt.NDArray[np.int64]
    palette: Colors

    @staticmethod
    def of(
        title: str, known: PropertyValues, chosen: PropertyScale, unit: str = "", mode: str = ""
    ) -> PropertyColours:
        """known: the values that an automatic scale is made for. mode: key of the point mode."""
        classes = known.kinds is not None and chosen.colours in ("", LABELS)
        return _by_class(title, known) if classes else _by_scale(title, known, chosen, unit, mode)

    def colors_of(self, values: npt.NDArray[np.float64]) -> Colors:
        """(n,) -> (n, 3) uint8."""
        if self.scale is not None:
            colors = self.scale.colors_of(values)
        else:
            place = np.minimum(np.searchsorted(self.kinds, values), len(self.kinds) - 1)
            colors = self.palette[place]
            colors[self.kinds[place] != values] = NOTHING
        colors[np.isnan(values)] = NOTHING
        return colors


def _by_class(title: str, known: PropertyValues) -> PropertyColours:
    """A colour for each number, and how many voxels have it."""
    kinds = np.array(known.kinds, np.int64)
    palette = np.array([rgb(LABEL_COLORS[k % len(LABEL_COLORS)]) for k in range(len(kinds))], np.uint8)
    palette = palette.reshape(-1, 3)
    values = known.values[np.isfinite(known.values)]
    counts = [int(np.count_nonzero(values == kind)) for kind in kinds]
    first = np.argsort([-count for count in counts], kind="stable")[:MOST_SWATCHES]
    swatches = tuple(
        (
            (int(palette[k, 0]), int(palette[k, 1]), int(palette[k, 2])),
            f"{kinds[k]}  ({text.count(counts[k])})",
        )
        for k in sorted(first.tolist())
    )
    return PropertyColours(Legend(title, "", swatches=swatches), None, kinds, palette)


def _by_scale(
    title: str, known: PropertyValues, chosen: PropertyScale, unit: str, mode: str
) -> PropertyColours:
    scale = scale_of(known, chosen)
    low, high = known.range
    clipped = high > scale.high or low < scale.low
    legend = scale.legend(title, unit, clipped, mode)
    return PropertyColours(legend, scale, np.empty(0, np.int64), np.empty((0, 3), np.uint8))


def scale_of(known: PropertyValues, chosen: PropertyScale) -> Scale:
    """The scale in force: the ends that were chosen, else the least and the largest value, or those of the
    bulk where few values lie far from all others."""
    low, high = known.range
    bulk_low, bulk_high = known.bulk
    if bulk_high - bulk_low < 0.5 * (high - low) and bulk_high > bulk_low:
        low, high = bulk_low, bulk_high
    return adjusted(Scale(low, high), chosen, known.least_positive)


def adjusted(automatic: Scale, chosen: PropertyScale, least_positive: float | None) -> Scale:
    """An automatic scale with what was chosen of it. least_positive: of the values, where a logarithmic scale
    begins whose low end is not positive; without one there is no such scale."""
    low = automatic.low if chosen.low is None else chosen.low
    high = automatic.high if chosen.high is None else chosen.high
    log = chosen.log and least_positive is not None and high > 0
    if log and low <= 0:
        low = min(least_positive or high, high)
    if high <= low:
        high = 2 * low if log else low + 1.0
    return Scale(low, high, MAPS.get(chosen.colours, automatic.table), log)


def scale_for(
    values: npt.ArrayLike, table: Colors, chosen: PropertyScale, title: str, unit: str, mode: str
) -> tuple[Scale, Legend]:
    """The scale of numbers (N,) and its legend: automatic with a colour table, with what was chosen of it."""
    v = np.asarray(values, np.float64)
    v = v[np.isfinite(v)]
    positive = v[v > 0] if chosen.log else v[:0]
    scale = adjusted(Scale.of(v, table)[0], chosen, float(positive.min()) if len(positive) else None)
    clipped = bool(len(v)) and float(v.max()) > scale.high
    return scale, scale.legend(title, unit, clipped, mode)
