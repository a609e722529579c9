"""What colours the points and the blocks. A new mode is one entry in BLOCK_MODES or CLOUD_MODES.

Menus, tool bar, palette, keys, legend, undo and session files take the modes from there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from octavox.codec import BlockTable

from . import text
from .blocks import SURPRISES, TOTAL, column_of, component_of
from .colormap import HEAT_TABLE, SIZE_COLORS, SLICE_COLORS, TERRAIN_TABLE, Colors, Legend, Scale, rgb
from .display import CloudDisplay, Sample
from .point_data import Property, cost_of
from .property_colours import PropertyColours, PropertyScale, adjusted, scale_for
from .words import several, tr

HEIGHT = "height"
PLAIN = (196, 203, 214)
SOFT = 0.2  # shading that leaves a scale's colours readable


@dataclass(frozen=True)
class BlockMode:
    """Colours blocks by a number of each.

    values: (B,) the numbers. palette: a colour for each whole number instead of a scale. label: such a number
    as text. short: the title where a button has little room. for_points: whether points may take these
    colours from their blocks while the outlines show another mode.
    """

    key: str
    title: str
    unit: str
    shortcut: str
    tip: str
    values: Callable[[BlockTable], npt.NDArray[Any]]
    palette: Callable[[int], tuple[int, int, int]] | None = None
    label: Callable[[int], str] = str
    short: str = ""
    for_points: bool = False

    def paint(self, blocks: BlockTable, chosen: PropertyScale | None = None) -> tuple[Colors, Legend]:
        """(B, 3) uint8 colours and their legend. chosen: what the user chose of the scale."""
        return self.paint_values(self.values(blocks), chosen)

    def scale(self, values: npt.NDArray[Any], chosen: PropertyScale) -> Scale | None:
        """The scale of such numbers; None where each number has a colour of its own."""
        if self.palette is not None:
            return None
        return scale_for(values, HEAT_TABLE, chosen, self.title, self.unit, self.key)[0]

    def paint_values(
        self, values: npt.NDArray[Any], chosen: PropertyScale | None = None
    ) -> tuple[Colors, Legend]:
        """The same for numbers of blocks, which may be those of several bitstreams."""
        if self.palette is None:
            chosen = chosen or PropertyScale()
            scale, legend = scale_for(values, HEAT_TABLE, chosen, self.title, self.unit, self.key)
            return scale.colors_of(values), legend
        kinds, place, counts = np.unique(values.astype(np.int64), return_inverse=True, return_counts=True)
        colors = np.array([self.palette(int(k)) for k in kinds], np.uint8).reshape(-1, 3)
        swatches = tuple(
            (self.palette(int(k)), f"{self.label(int(k))}  ({text.count(c)})")
            for k, c in sorted(zip(kinds, counts, strict=True), reverse=self.key == "size")
        )
        return colors[place], Legend(self.title, self.unit, swatches=swatches[:12])


def size_color(size: int) -> tuple[int, int, int]:
    return rgb(SIZE_COLORS.get(size, "#9aa6bd" if size > 256 else "#d0d5df"))


def slice_color(index: int) -> tuple[int, int, int]:
    return rgb(SLICE_COLORS[index % len(SLICE_COLORS)])


def _total_bits(blocks: BlockTable) -> npt.NDArray[np.generic]:
    return blocks.bits + blocks.flag_bits


BLOCK_MODES: list[BlockMode] = [
    BlockMode(
        "size",
        "Block size",
        "voxels",
        "F2",
        "Edge of the block",
        lambda b: b.size,
        size_color,
        lambda k: f"{k}³",
    ),
    BlockMode("bits", "Bits per block", "bits", "F3", "Code length with flags", _total_bits, for_points=True),
    BlockMode(
        "bpov",
        "Bits per occupied voxel",
        "bpov",
        "F4",
        "Code length per point",
        lambda b: b.bpov,
        short="bpov",
        for_points=True,
    ),
    BlockMode("points", "Points per block", "points", "F5", "Occupied voxels", lambda b: b.points),
    BlockMode(
        "slice",
        "Slice",
        "",
        "F6",
        "Independently decodable part",
        lambda b: b.slice,
        slice_color,
        lambda k: f"#{k}",
    ),
    *(
        BlockMode(column.key, column.title, "bits", key, column.tip, column.values, for_points=True)
        for column, key in zip(SURPRISES, ("Shift+F3", "Shift+F4"), strict=True)
    ),
]


@dataclass(frozen=True)
class Look:
    """What modes need to know besides the cloud. up: "y" or "z". shaded: darken by the surface's slope.
    height: what was chosen of the scale of heights. heights: ends of the automatic one, for several clouds on
    one scale; None: those of the cloud."""

    up: str = "y"
    shaded: bool = True
    height: PropertyScale = field(default_factory=PropertyScale)
    heights: tuple[float, float] | None = None


@dataclass(frozen=True)
class CloudMode:
    """Colours points.

    paint: (n, 3) uint8 for a sample. missing: why a cloud cannot be coloured so. legend: of the colours.
    """

    key: str
    title: str
    tip: str
    paint: Callable[[Sample, CloudDisplay, Look], Colors]
    missing: Callable[[CloudDisplay], str] = lambda display: ""
    legend: Callable[[CloudDisplay, Look], Legend | None] = lambda display, look: None
    shortcut: str = ""


def _shade(colors: npt.NDArray[Any], sample: Sample, look: Look, strength: float) -> Colors:
    """Darken by the surface's slope: strength 0 leaves colours as they are, 1 is full shading."""
    if not look.shaded:
        return np.array(np.broadcast_to(colors, (len(sample), 3)), np.uint8)
    return np.asarray(colors * (1 - strength + strength * sample.shade[:, None]), np.uint8)


def _rgb(sample: Sample, display: CloudDisplay, look: Look) -> Colors:
    if sample.colors is None:
        return _plain(sample, display, look)
    return _shade(sample.colors, sample, look, 0.6)


def _plain(sample: Sample, display: CloudDisplay, look: Look) -> Colors:
    return _shade(np.array(PLAIN, np.float32), sample, look, 1.0)


def _height_scale(display: CloudDisplay, look: Look) -> Scale:
    axis = "xyz".index(look.up)
    low, high = look.heights or (float(display.low[axis]), float(display.high[axis]))
    automatic = Scale(low, max(high, low + 1), TERRAIN_TABLE)
    return adjusted(automatic, look.height, max(low, 0.5))


def _height(sample: Sample, display: CloudDisplay, look: Look) -> Colors:
    heights = sample.positions[:, "xyz".index(look.up)]
    return _shade(_height_scale(display, look).colors_of(heights), sample, look, SOFT)


def _height_legend(display: CloudDisplay, look: Look) -> Legend:
    return _height_scale(display, look).legend(tr("Height ({axis})", axis=look.up), "voxels", False, HEIGHT)


def _no_colors(display: CloudDisplay) -> str:
    return "" if display.cloud.colors is not None else "this cloud has no colours"


def _normal(sample: Sample, display: CloudDisplay, look: Look) -> Colors:
    """|x| red, |y| green, |z| blue: a surface has two sides, and both get one colour."""
    return np.asarray(40 + 215 / 127 * np.abs(sample.normals.astype(np.float32)), np.uint8)


def _normal_legend(display: CloudDisplay, look: Look) -> Legend:
    ends = {"along x": (255, 40, 40), "along y": (40, 255, 40), "along z": (40, 40, 255)}
    return Legend("Normal", swatches=tuple((color, words) for words, color in ends.items()))


# Of voxels that were coded, and of those of which 1, 2, ... levels are guesses.
GUESS_COLORS = np.array(
    [(74, 141, 240), (240, 138, 60), (224, 90, 156), (164, 91, 230), (227, 194, 47), (111, 191, 75)], np.uint8
)


def _no_guesses(display: CloudDisplay) -> str:
    return "" if display.guessed is not None else "no bitstream with guessed levels has been decoded"


def _guessed(sample: Sample, display: CloudDisplay, look: Look) -> Colors:
    if display.guessed is None:
        return _plain(sample, display, look)
    return _shade(GUESS_COLORS[display.guessed[sample.place]], sample, look, SOFT)


def _guessed_legend(display: CloudDisplay, look: Look) -> Legend:
    """How many voxels were coded, and how many are guesses."""
    if display.guessed is None:
        return Legend("Voxels", swatches=((PLAIN, "none is a guess"),))
    levels, counts = np.unique(display.guessed, return_counts=True)
    swatches = []
    for level, n in zip(levels.tolist(), counts.tolist(), strict=True):
        words = several(level, "1 level guessed", "{k} levels guessed", k=level) if level else tr("coded")
        words = tr("guessed") if level and 0 in levels else words  # there is but one number of levels then
        red, green, blue = GUESS_COLORS[level].tolist()
        swatches.append(((red, green, blue), f"{words} ({text.count(n)})"))
    return Legend("Voxels", swatches=tuple(swatches))


CLOUD_MODES: list[CloudMode] = [
    CloudMode("rgb", "Colour", "The cloud's own colours", _rgb, _no_colors, shortcut="C"),
    CloudMode(HEIGHT, "Height", "Height along the up axis", _height, legend=_height_legend, shortcut="H"),
    CloudMode(
        "normal", "Normal", "Direction of the surface", _normal, legend=_normal_legend, shortcut="Shift+N"
    ),
    CloudMode("plain", "Plain", "One colour, shaded by the surface", _plain, shortcut="P"),
    CloudMode(
        "guessed",
        "Coded or guessed",
        "Which voxels a bitstream holds, and of how many levels the others are guesses of its decoder",
        _guessed,
        _no_guesses,
        _guessed_legend,
        "G",
    ),
]
BY_BLOCK = "block"  # points take their block's colour; painted by `paint_by_block`
_OWN_BLOCK_MODE = (
    "block_"  # before the key of a block mode: points take its colours, whatever the outlines show
)
DIFFERENCES = {"d1": "Difference D1", "d2": "Difference D2"}  # painted by `paint_difference`
DELTA = "delta"  # bits that a second bitstream spends more on the block; painted by `paint_difference`
ERROR = "error:"  # before the name of a property: how far it differs; painted by `paint_difference`
COLOUR_ERROR = f"{ERROR}*colour"  # the largest of those of red, green and blue


def block_mode(key: str) -> BlockMode:
    """The mode of that key, which may name a component; StopIteration if there is none."""
    if component_of(key) is None:
        return next(mode for mode in BLOCK_MODES if mode.key == key)
    column = column_of(key)
    name = tr(column.title)
    title = name if component_of(key) == TOTAL else tr("Bits of {name}", name=name)
    return BlockMode(key, title, "bits", "", column.tip, column.values)


def is_block_mode(key: str) -> bool:
    """Whether blocks can be coloured so."""
    return component_of(key) is not None or any(mode.key == key for mode in BLOCK_MODES)


def modes_by_block() -> dict[str, BlockMode]:
    """Point modes that take the colours of one block mode, whatever the outlines show."""
    return {f"{_OWN_BLOCK_MODE}{mode.key}": mode for mode in BLOCK_MODES if mode.for_points}


def is_by_block(key: str) -> bool:
    """Whether points take the colour of their block."""
    return key == BY_BLOCK or key in modes_by_block()


def is_difference(key: str) -> bool:
    """Whether points are coloured by what a comparison found."""
    return key in DIFFERENCES or key == DELTA or key.startswith(ERROR)


def is_property(key: str) -> bool:
    """Whether points are coloured by one of their properties, or by what it cost."""
    return Property.of(key) is not None or cost_of(key) is not None


def is_point_mode(key: str) -> bool:
    """Whether points can be coloured so."""
    found = is_by_block(key) or is_difference(key) or is_property(key)
    return found or any(mode.key == key for mode in CLOUD_MODES)


def own_mode(key: str) -> CloudMode:
    """The mode of points whose colours by block, property or difference are not known."""
    return next((mode for mode in CLOUD_MODES if mode.key == key), cloud_mode("rgb"))


def paint_difference(sample: Sample, distance: npt.NDArray[np.float32], scale: Scale, look: Look) -> Colors:
    """(n, 3) uint8: heat for (N,) distances of all points of the cloud to the other one."""
    return _shade(scale.colors_of(distance[sample.place]), sample, look, SOFT)


def paint_property(
    sample: Sample, values: npt.NDArray[np.float64], colours: PropertyColours, look: Look
) -> Colors:
    """(n, 3) uint8: the colours of the numbers (N,) that a property has in all voxels of the cloud."""
    return _shade(colours.colors_of(values[sample.place]), sample, look, SOFT)


def cloud_mode(key: str) -> CloudMode:
    """The mode of that key; StopIteration if there is none."""
    return next(mode for mode in CLOUD_MODES if mode.key == key)


def paint_surprise(sample: Sample, look: Look) -> Colors:
    """(n, 3) uint8: the points of a surprise's display in their colours, softly shaded."""
    colors = np.array(PLAIN, np.uint8) if sample.colors is None else sample.colors
    return _shade(colors, sample, look, SOFT)


def paint_ink(sample: Sample, ink: tuple[int, int, int], look: Look) -> Colors:
    """(n, 3) uint8: one colour, shaded by the surface."""
    return _shade(np.array(ink, np.float32), sample, look, 1.0)


def paint_by_block(sample: Sample, owner: npt.NDArray[np.int32], palette: Colors, look: Look) -> Colors:
    """(n, 3) uint8: each point in its block's colour, softly shaded.

    owner: (N,) block row of every point of the cloud, -1 for none. palette: (B + 1, 3), the last for "none".
    """
    rows = owner[sample.place]
    known = np.where(rows < len(palette) - 1, rows, -1)  # blocks that arrived since have no colour yet
    return _shade(palette[known], sample, look, SOFT)
