"""The orbit camera: a turntable around a centre, as plain numbers that both views share."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from octavox.codec import Transform

from .proportions import Proportions

Vector = npt.NDArray[np.float64]
Grid = tuple[Transform, Proportions]
FOV = 30.0  # vertical, degrees
BEHIND = 1e8  # how far behind its centre a parallel camera stands, so that all of a cloud lies before it
# Distances between which everything can be drawn, in view coordinates.
NEAREST, FARTHEST = 1e-3, 1e15
FILL = 0.9  # share of the view that a fitted box takes

# Directions that the camera looks from: (azimuth, elevation) in degrees.
STANDARD_VIEWS: dict[str, tuple[float, float]] = {
    "front": (0.0, 0.0),
    "back": (180.0, 0.0),
    "right": (90.0, 0.0),
    "left": (-90.0, 0.0),
    "top": (0.0, 90.0),
    "bottom": (0.0, -90.0),
    "corner": (35.0, 20.0),
}


@dataclass(frozen=True)
class Camera:
    """center: (x, y, z). distance: of the eye from it. azimuth, elevation in degrees. up: "y" or "z".
    parallel: an orthographic view, in which everything is as large as it is at the centre in perspective.

    Lengths are in view coordinates (see `Proportions`), which are voxels where these are cubes.
    """

    center: tuple[float, float, float] = (0.0, 0.0, 0.0)
    distance: float = 1.0
    azimuth: float = 35.0
    elevation: float = 20.0
    up: str = "y"
    parallel: bool = False

    def axes(self) -> tuple[Vector, Vector, Vector]:
        """Unit vectors (right, up, backward) of the view; backward points at the eye."""
        a, e = math.radians(self.azimuth), math.radians(self.elevation)
        sa, ca, se, ce = math.sin(a), math.cos(a), math.sin(e), math.cos(e)
        right, up, back = (ca, 0.0, -sa), (-sa * se, ce, -ca * se), (sa * ce, se, ca * ce)
        if self.up == "z":  # the same turntable, laid so that y-up becomes z-up
            right, up, back = ((x, -z, y) for x, y, z in (right, up, back))
        return np.array(right), np.array(up), np.array(back)

    @property
    def eye(self) -> Vector:
        return np.asarray(self.center) + self.axes()[2] * (BEHIND if self.parallel else self.distance)

    def orbit(self, dx: float, dy: float) -> Camera:
        """Turn by a drag of (dx, dy) pixels, y down."""
        azimuth = (self.azimuth - 0.35 * dx + 180.0) % 360.0 - 180.0
        return replace(self, azimuth=azimuth, elevation=min(90.0, max(-90.0, self.elevation + 0.35 * dy)))

    def pan(self, dx: float, dy: float, height: int) -> Camera:
        """Shift by a drag of (dx, dy) pixels in a view `height` pixels high; the scene follows."""
        right, up, _ = self.axes()
        step = 2 * self.distance * math.tan(math.radians(FOV / 2)) / max(1, height)
        x, y, z = np.asarray(self.center) + (-dx * right + dy * up) * step
        return replace(self, center=(float(x), float(y), float(z)))

    def zoom(self, steps: float) -> Camera:
        """Move closer by `steps` wheel notches (negative: away)."""
        return replace(self, distance=max(1.0, self.distance * 0.85**steps))

    def fit(self, points: npt.ArrayLike, aspect: float = 1.0) -> Camera:
        """Look at the middle of (N, 3) points from where they just fill a view of this width to height."""
        p = np.asarray(points, np.float64).reshape(-1, 3)
        middle = (p.min(axis=0) + p.max(axis=0)) / 2
        right, up, back = ((p - middle) @ axis for axis in self.axes())
        reach = math.tan(math.radians(FOV / 2)) * FILL
        # A point at depth distance - back must lie within reach * depth of the middle of the view.
        across = np.maximum(np.abs(right) / aspect, np.abs(up)) / reach
        distance = (across if self.parallel else back + across).max()
        x, y, z = (float(v) for v in middle)
        return replace(self, center=(x, y, z), distance=max(2.0, float(distance)))

    def centred(self, position: npt.ArrayLike) -> Camera:
        """Turn about another point, keeping the distance to it."""
        x, y, z = (float(v) for v in np.asarray(position, np.float64))
        return replace(self, center=(x, y, z))

    def on_grid(self, old: Grid, new: Grid) -> Camera:
        """The same view of the same place in the voxels of another grid."""
        (before, was), (after, now) = old, new
        place = np.array(before.origin) + before.steps * (was.to_voxels(np.asarray(self.center)) - 0.5)
        x, y, z = now.to_view((place - np.array(after.origin)) / after.steps + 0.5).tolist()
        return replace(self, center=(x, y, z), distance=self.distance * was.unit / now.unit)

    def scale(self, height: int) -> float:
        """Pixels of the length 1 at depth 1 in a view of that height; at every depth of a parallel view."""
        unit = max(1, height) / (2 * math.tan(math.radians(FOV / 2)))
        return unit / self.distance if self.parallel else unit

    def nearer(self, share: float) -> tuple[float, Vector]:
        """A scale and a shift that bring all things to this share of their distance, in the same places of
        the picture; in a parallel view as far as that is for what lies at the centre."""
        if self.parallel:
            return 1.0, (1 - share) * self.distance * self.axes()[2]
        return share, (1 - share) * self.eye

    def looking_from(self, view: str) -> Camera:
        """The same centre from one of STANDARD_VIEWS."""
        azimuth, elevation = STANDARD_VIEWS[view]
        return replace(self, azimuth=azimuth, elevation=elevation)

    def facing(self, axis: int, end: int) -> Camera:
        """The same centre, seen from the low (0) or the high (1) end of an axis."""
        up = "xyz".index(self.up)
        if axis == up:
            return replace(self, elevation=90.0 if end else -90.0)
        front = 2 if self.up == "y" else 1  # the axis that "front" and "back" look along
        if axis == front:
            return replace(self, azimuth=0.0 if bool(end) == (front == 2) else 180.0, elevation=0.0)
        return replace(self, azimuth=90.0 if end else -90.0, elevation=0.0)

    def clipping(self, middle: npt.ArrayLike, radius: float) -> tuple[float, float]:
        """Near and far plane that hold a sphere; equal cameras have equal planes."""
        along = float(np.dot(self.eye - np.asarray(middle, np.float64), self.axes()[2]))
        far = max(along + radius * 1.01, 1.0)
        return max(along - radius * 1.01, far * 1e-4), far

    def project(self, points: npt.ArrayLike, width: int, height: int) -> Vector:
        """(N, 3) places -> (N, 3) pixel x, pixel y (down), distance along the view."""
        right, up, back = self.axes()
        rel = np.asarray(points, np.float64).reshape(-1, 3) - self.eye
        depth = -rel @ back
        scale = self.scale(height) / (1.0 if self.parallel else depth)
        x = width / 2 + (rel @ right) * scale
        y = height / 2 - (rel @ up) * scale
        return np.column_stack([x, y, depth])

    def ray(self, x: float, y: float, width: int, height: int) -> tuple[Vector, Vector]:
        """Where the ray through pixel (x, y), y down, begins, and its unit direction."""
        right, up, back = self.axes()
        scale = self.scale(height)
        across = right * ((x - width / 2) / scale) + up * ((height / 2 - y) / scale)
        if self.parallel:
            return self.eye + across, -back
        direction = across - back
        return self.eye, np.asarray(direction / np.linalg.norm(direction), np.float64)

    def depths(self, z: npt.NDArray[Any], clip: tuple[float, float]) -> npt.NDArray[Any]:
        """Distances along the view for values of the z-buffer in [0, 1], of the same type; from the near
        plane in a parallel view."""
        near, far = (z.dtype.type(v) for v in clip)
        span = z.dtype.type(clip[1] - clip[0])
        return z * span if self.parallel else np.asarray(near * far / (far - z * span), z.dtype)

    def buffered(self, depth: float, clip: tuple[float, float]) -> float:
        """The value of the z-buffer for a distance along the view: 0 at the near plane, 1 at the far one."""
        near, far = clip
        share = (depth - near) / (far - near)
        return share if self.parallel else share * far / max(depth, 1e-9)

    def unproject(
        self, x: float, y: float, z: float, size: tuple[int, int], clip: tuple[float, float]
    ) -> Vector:
        """The place at pixel (x, y), y down, whose z-buffer value is z in [0, 1]."""
        depth = float(self.depths(np.array(z, np.float64), clip)) + (clip[0] if self.parallel else 0.0)
        start, ray = self.ray(x, y, *size)
        return np.asarray(start + ray * (depth / float(np.dot(ray, -self.axes()[2]))), np.float64)


def box_corners(low: npt.ArrayLike, high: npt.ArrayLike) -> Vector:
    """(8, 3) corners of a box."""
    ends = np.array([low, high], np.float64)
    return np.array([[ends[k >> axis & 1][axis] for axis in range(3)] for k in range(8)])


def natural_up(extent: npt.ArrayLike) -> str:
    """ "z" for a cloud that lies flat in x and y (terrain, a scanned street), otherwise "y"."""
    x, y, z = np.asarray(extent, np.float64)
    return "z" if z * 3 < min(x, y) else "y"
