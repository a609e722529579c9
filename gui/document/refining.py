"""A bitstream of very many voxels that is known to some levels: to finer ones where the camera looks."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from octavox.codec import CancelToken, CodecOptions, StreamParts, VoxelCloud, morton_decode

from . import text
from .camera import Camera
from .display import CloudDisplay, Sample
from .draw_order import draw_order
from .near import in_view
from .proportions import Proportions
from .shading import Ints, surface
from .words import tr

LEAST_PIXELS = 1.0  # of the edge of a cell: smaller ones would not be seen
_FINER = math.sqrt(0.5)  # cells of the next try are so much smaller
_TRIES = 32
Levels = npt.NDArray[np.uint8]


@dataclass(eq=False)
class Refining:
    """What is known of a bitstream that is decoded where one looks.

    level: of the nodes that are shown wherever the camera looks. nodes: (n,) their Morton codes, slice by
    slice. owner: (n,) the slice of each; a node may be in two. low, high: (3,) bounds of all in voxels, high
    excluded. cells: how many are shown; finest: the level of the finest. fault: why no others can be had; ""
    where they can.
    """

    parts: StreamParts
    options: CodecOptions
    level: int
    nodes: Ints
    owner: Ints
    low: Ints
    high: Ints
    cells: int = 0
    finest: int = 0
    fault: str = ""
    share: float = field(default=1.0, init=False)  # of a look through the file, which is not needed

    @staticmethod
    def of(parts: StreamParts, options: CodecOptions, level: int, cancel: CancelToken) -> Refining:
        """Shows the nodes of a level everywhere. Raises as `StreamParts.nodes`."""
        found = parts.nodes(range(len(parts)), level, options, cancel)
        nodes, owner = np.concatenate(found), np.repeat(np.arange(len(found)), [len(n) for n in found])
        coords = morton_decode(nodes).astype(np.int64)
        low, high = coords.min(axis=0), coords.max(axis=0) + 1
        below = parts.depth - level
        return Refining(parts, options, level, nodes, owner, low << below, high << below)

    @property
    def points(self) -> int:
        """Voxels of the bitstream that can be decoded."""
        return int(self.parts.points.sum())

    def close(self) -> None:
        """Lets go of the file."""
        self.parts.close()


@dataclass(frozen=True)
class Refined:
    """Cells that are ready to be drawn. whole: whether they are all that were wanted, or more are to come."""

    display: CloudDisplay
    finest: int
    whole: bool


# -- which levels ----------------------------------------------------------------------------------------


def wanted_levels(
    known: Refining,
    camera: Camera,
    size: tuple[int, int],
    proportions: Proportions,
    budget: int,
    least: float = LEAST_PIXELS,
) -> Levels:
    """(n,) the level on which a view of that width and height is to show each node: where it is not seen,
    the node's own. Cells are equally large in the picture, as small as `budget` of them allow, but no smaller
    than `least` pixels."""
    parts, below = known.parts, known.parts.depth - known.level
    half = np.full(3, (1 << below) / 2)
    middle = proportions.to_view((morton_decode(known.nodes).astype(np.float64) * 2 + 1) * half)
    radius = float(np.linalg.norm(proportions.to_view(half)))
    near, inside = in_view(middle, np.full(len(middle), radius), camera, size)
    depth = 1.0 if camera.parallel else np.maximum(near, radius / 2)
    across = camera.scale(size[1]) * proportions.point * (1 << below) / depth
    pixels, levels = np.where(inside, across, 0.0), np.full(len(middle), known.level, np.uint8)
    edge = max(least, float(pixels.max(initial=least)))
    for _ in range(_TRIES):
        finer = _levels_for(pixels, edge, known.level, parts.coded)
        if _expected(known, finer) > budget or _kept(known, finer) > known.parts.room:
            break
        levels = finer
        if edge <= least:
            break
        edge = max(least, edge * _FINER)
    return levels


def _levels_for(pixels: npt.NDArray[np.float64], edge: float, level: int, most: int) -> Levels:
    """On which level cells have an edge of at most so many pixels; `pixels`: (n,) of the nodes."""
    deeper = np.ceil(np.log2(np.maximum(pixels / edge, 1.0)) - 1e-9)
    return np.minimum(level + deeper, most).astype(np.uint8)


def _expected(known: Refining, levels: Levels) -> float:
    """About how many cells nodes have on these levels."""
    parts, depth = known.parts, known.parts.coded + 1
    held = np.bincount(known.owner * depth + levels, minlength=len(parts) * depth).reshape(-1, depth)
    total = 0.0
    for number, level in zip(*np.nonzero(held), strict=True):
        k, at = int(number), int(level)
        share = held[k, at] / held[k].sum()
        total += share * (parts.counted(k, at) if at > known.level else held[k].sum())
    return total


def _kept(known: Refining, levels: Levels) -> float:
    """About how many nodes are kept of slices that are decoded that far."""
    return sum(known.parts.counted(k, level) for k, level in _deepest(known, levels))


def _deepest(known: Refining, levels: Levels) -> list[tuple[int, int]]:
    """Slices of which finer nodes are wanted, and the deepest level: those of which most is seen first."""
    deepest, seen = np.zeros(len(known.parts), np.int64), levels > known.level
    np.maximum.at(deepest, known.owner[seen], levels[seen].astype(np.int64))
    often = np.bincount(known.owner[seen], minlength=len(deepest))
    return [(k, int(deepest[k])) for k in np.argsort(-often, kind="stable").tolist() if deepest[k]]


def missing_slices(known: Refining, levels: Levels) -> list[tuple[int, int]]:
    """Slices that are to be decoded, and to which level: those of which most is seen first."""
    return [(k, level) for k, level in _deepest(known, levels) if not known.parts.knows(k, level)]


# -- the cells -------------------------------------------------------------------------------------------


def gathered(known: Refining, levels: Levels, cancel: CancelToken) -> tuple[Ints, Levels]:
    """Codes of middles (m,), sorted, and levels (m,) of the cells of nodes on these levels (n,); of slices
    that are not decoded that far, on the deepest that is known of them."""
    parts, codes, found = known.parts, [], []
    starts = np.searchsorted(known.owner, np.arange(len(parts) + 1))
    for k in range(len(parts)):
        cancel.raise_if_cancelled()
        own = slice(int(starts[k]), int(starts[k + 1]))
        nodes, at = known.nodes[own], np.minimum(levels[own], max(known.level, parts.known_level(k)))
        for level in np.unique(at).tolist():
            cells = nodes[at == level]
            if level > known.level:
                cells = parts.nodes([k], level, known.options, cancel)[0]
                place = np.minimum(np.searchsorted(nodes, cells >> 3 * (level - known.level)), len(nodes) - 1)
                cells = cells[at[place] == level]
            codes.append(_middles(cells, parts.depth - level))
            found.append(np.full(len(cells), level, np.uint8))
    all_codes, all_levels = np.concatenate(codes), np.concatenate(found)
    order = np.argsort(all_codes, kind="stable")
    order = order[np.diff(all_codes[order], prepend=-1) > 0]  # a node may be in two slices
    return all_codes[order], all_levels[order]


def _middles(nodes: Ints, below: int) -> Ints:
    """Codes of the voxels in the middle of nodes so many levels above the voxels."""
    return (nodes << 3 * below) | (7 << 3 * (below - 1) if below else 0)


def refined(
    known: Refining, codes: Ints, levels: Levels, check: Callable[[], None] = lambda: None
) -> CloudDisplay:
    """The display of cells by the codes of their middles, with shading. check: called repeatedly; an
    exception that it raises ends the work."""
    parts = known.parts
    coords = morton_decode(codes)
    below = np.asarray(parts.depth - levels, np.uint8)
    cell = 1 << int(below.min(initial=parts.depth - known.level))
    cloud = VoxelCloud(coords, parts.depth, parts.transform, parts.coordinate_type)
    draw = draw_order(np.flatnonzero(levels == known.level), len(codes))
    check()
    positions = coords[draw].astype(np.float32)
    positions[below[draw] == 0] += np.float32(0.5)
    n = len(codes)
    points = Sample(positions, np.zeros((n, 3), np.int8), np.ones(n, np.float32), None, draw)
    display = CloudDisplay(cloud, codes, points, known.low, known.high, cell=cell, below=below)
    _shade(display, check)
    display.prepare_cubes()
    return display


def _shade(display: CloudDisplay, check: Callable[[], None]) -> None:
    """Normals and brightness, of the cells of each size by themselves."""
    below, place = display.below, display.points.place
    assert below is not None
    normals, bright = np.zeros((len(place), 3), np.int8), np.ones(len(place), np.float32)
    for levels in np.unique(below).tolist():
        own = np.flatnonzero(below == levels)
        coords, codes = display.cloud.coords[own] >> levels, display.codes[own] >> 3 * levels
        normals[own], bright[own] = surface(coords, codes, check, display.proportions.steps)
    display.points.normals[:], display.points.shade[:] = normals[place], bright[place]
    display.shaded.set()


# -- words -----------------------------------------------------------------------------------------------


def cells_words(known: Refining) -> str:
    """How many cells are shown, and how large the finest and the others are."""
    edge = 1 << (known.parts.depth - known.finest)
    words = tr("{n} cells, the finest of {size} voxels", n=text.count(known.cells), size=f"{edge}³")
    return tr("{words} · finer ones cannot be read", words=words) if known.fault else words


def refined_words(shown: list[Refining], budget: int) -> str:
    """What the views show of bitstreams of very many voxels; "" without any."""
    if not shown:
        return ""
    return tr(
        "Showing {n} cells of {all} voxels, at most {most}",
        n=text.count(sum(known.cells for known in shown)),
        all=text.count(sum(known.points for known in shown)),
        most=text.count(budget * len(shown)),
    )
