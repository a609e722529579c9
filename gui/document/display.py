"""A cloud made ready for drawing, off the GUI thread: codes, draw order, float positions, shading."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from octavox.codec import VoxelCloud, morton_encode

from .proportions import Proportions
from .shading import Floats, Ints, surface

PART = 1 << 16  # points at a time
AROUND = 2  # voxels to each side that are looked up one by one for the nearest
_AROUND = np.stack(np.meshgrid(*[np.arange(-AROUND, AROUND + 1)] * 3), axis=-1).reshape(-1, 3)


@dataclass(frozen=True)
class Sample:
    """Some points of a cloud, ready to draw; n of them.

    positions: (n, 3) float32 middles of the voxels. normals: (n, 3) int8, 127 times the surface normals, to
    either side. shade: (n,) float32 brightness in 0..1. colors: (n, 3) uint8 or None. place: (n,) where each
    stands in the cloud's own (Morton) order.
    """

    positions: Floats
    normals: npt.NDArray[np.int8]
    shade: Floats
    colors: npt.NDArray[np.uint8] | None
    place: Ints

    def __len__(self) -> int:
        return len(self.place)


@dataclass(frozen=True)
class CloudDisplay:
    """One cloud, ready to draw.

    codes: (N,) int64 Morton codes, in the cloud's order. points: all points in a random order, so that any
    prefix of them is an even sample (level of detail). low, high: (3,) bounds in voxels, high excluded.
    shaded: set once the points have their normals and brightness; before, they are flat. cell: edge of what
    each point stands for, in voxels: more than 1 where only some levels of a bitstream are known. guessed:
    (N,) of how many levels each voxel is a decoder's guess, in the cloud's order; None where none can be.
    coarser: by how many octree levels voxels are joined for shading, of points that lie far apart. below:
    (N,) where cells have several sizes, how many octree levels are unknown of each; `cell` is the least then.
    """

    cloud: VoxelCloud
    codes: Ints
    points: Sample
    low: npt.NDArray[np.int64]
    high: npt.NDArray[np.int64]
    shaded: threading.Event = field(default_factory=threading.Event)
    cell: int = 1
    guessed: npt.NDArray[np.uint8] | None = None
    coarser: int = 0
    below: npt.NDArray[np.uint8] | None = None

    def __len__(self) -> int:
        return len(self.cloud.coords)

    @cached_property
    def proportions(self) -> Proportions:
        """How long a voxel is along each axis when this cloud is drawn."""
        return Proportions.of(self.cloud.transform, self.high - self.low)

    def cells(self, rows: Ints) -> Ints:
        """(n,) edges of what some voxels stand for, by their rows."""
        if self.below is None:
            return np.full(len(rows), self.cell, np.int64)
        return np.asarray(np.int64(1) << self.below[rows].astype(np.int64), np.int64)

    @property
    def extent(self) -> npt.NDArray[np.float64]:
        """(3,) in view coordinates."""
        return self.proportions.to_view(self.high - self.low)

    @property
    def middle(self) -> npt.NDArray[np.float64]:
        """(3,) of its bounds, in view coordinates."""
        return self.proportions.to_view(self.low + self.high) / 2

    @property
    def radius(self) -> float:
        """Of a sphere around its bounds, in view coordinates."""
        return max(1.0, float(np.linalg.norm(self.extent)) / 2)

    @cached_property
    def rank(self) -> npt.NDArray[np.int32]:
        """(N,) which of `points` stands for each voxel, in the cloud's own order."""
        rank = np.empty(len(self), np.int32)
        rank[self.points.place] = np.arange(len(self), dtype=np.int32)
        return rank

    def prepare_cubes(self) -> None:
        """Finds out here what drawing near voxels needs, so that the thread that draws does not."""
        _ = self.rank

    def sample(self, part: slice | Ints) -> Sample:
        """A part of `points`; a slice copies nothing."""
        p = self.points
        colors = None if p.colors is None else p.colors[part]
        return Sample(p.positions[part], p.normals[part], p.shade[part], colors, p.place[part])

    def nearest_voxel(self, position: npt.ArrayLike) -> npt.NDArray[np.int32]:
        """The occupied voxel whose middle is nearest to a position."""
        near = self._nearest_around(np.asarray(position, np.float64))
        if near is not None:
            return near
        delta = self.points.positions - np.asarray(position, np.float32)
        best = int(np.argmin(np.einsum("ij,ij->i", delta, delta)))
        return self.cloud.coords[self.points.place[best]]

    def row_of(self, voxel: npt.ArrayLike) -> int | None:
        """Where an occupied voxel stands in the cloud's order; None for others."""
        code = int(morton_encode(np.asarray(voxel, np.int64).reshape(1, 3))[0])
        place = int(np.searchsorted(self.codes, code))
        return place if place < len(self.codes) and int(self.codes[place]) == code else None

    def _nearest_around(self, position: npt.NDArray[np.float64]) -> npt.NDArray[np.int32] | None:
        """The same among the voxels around a position; None if the nearest may lie further away."""
        middle = np.floor(position).astype(np.int64)
        around = middle + _AROUND
        around = around[((around >= 0) & (around < 1 << self.cloud.depth)).all(axis=1)]
        codes = morton_encode(around)
        place = np.minimum(np.searchsorted(self.codes, codes), len(self.codes) - 1)
        found = self.cloud.coords[place[self.codes[place] == codes]]
        gaps = ((found + 0.5 - position) ** 2).sum(axis=1)
        if not len(found) or gaps.min() > AROUND**2:
            return None
        return found[int(gaps.argmin())]


def prepare(cloud: VoxelCloud) -> CloudDisplay:
    """Build the display of a cloud with its shading; 1 M points take about a second."""
    display = flat(cloud)
    shade(display)
    return display


def flat(cloud: VoxelCloud, check: Callable[[], None] = lambda: None) -> CloudDisplay:
    """The display of a cloud whose shading is still to be done: a quarter of the time.

    check: called repeatedly; an exception that it raises ends the work.
    """
    coords = cloud.coords
    n = len(coords)
    # By column and in parts that fit the cache: several times as fast as all at once.
    low = np.array([coords[:, k].min() for k in range(3)] if n else [0, 0, 0], np.int64)
    high = np.array([coords[:, k].max() for k in range(3)] if n else [0, 0, 0], np.int64) + 1
    check()
    order = np.random.default_rng(0).permutation(n)
    codes, positions = np.empty(n, np.int64), np.empty((n, 3), np.float32)
    for first in range(0, n, PART):
        check()
        part = slice(first, first + PART)
        codes[part] = morton_encode(coords[part])
        positions[part] = np.take(coords, order[part], axis=0)
        positions[part] += np.float32(0.5)
    points = Sample(
        positions,
        np.zeros((n, 3), np.int8),
        np.ones(n, np.float32),
        None if cloud.colors is None else cloud.colors[order],
        order,
    )
    return CloudDisplay(cloud, codes, points, low, high)


def coarse(cells: VoxelCloud, whole: VoxelCloud, shaded: bool = True) -> CloudDisplay:
    """The display of a cloud of which only some levels are known, on the grid of all of it.

    cells: nodes of a level, (N, 3); each is drawn as a point in its middle. whole: has the grid; its voxels
    do not matter. shaded: with normals and brightness, which take most of the time.
    """
    display, below = flat(cells), whole.depth - cells.depth
    if shaded:
        shade(display)
    middles = (cells.coords << below) + (1 << below >> 1)
    cloud = replace(whole, coords=middles, colors=None)
    codes = morton_encode(middles) if len(middles) else display.codes
    points = replace(display.points, positions=display.points.positions * np.float32(1 << below))
    low, high = display.low << below, display.high << below
    return replace(display, cloud=cloud, codes=codes, points=points, low=low, high=high, cell=1 << below)


def shade(display: CloudDisplay, check: Callable[[], None] = lambda: None) -> None:
    """Give the points of `flat` their normals and brightness, in place: samples of them see both.

    check: called repeatedly; an exception that it raises ends the work.
    """
    coords, codes = display.cloud.coords, display.codes
    if display.coarser:
        coords, codes = coords >> display.coarser, codes >> 3 * display.coarser
    normals, bright = surface(coords, codes, check, display.proportions.steps)
    display.points.normals[:] = normals[display.points.place]
    check()
    display.points.shade[:] = bright[display.points.place]
    display.shaded.set()


def same_points(display: CloudDisplay, cloud: VoxelCloud) -> CloudDisplay:
    """The display of a cloud with the very voxels of another one that is displayed already."""
    p = display.points
    colors = None if cloud.colors is None else cloud.colors[p.place]
    return replace(display, cloud=cloud, points=replace(p, colors=colors))
