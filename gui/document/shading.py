"""Normals and brightness of a cloud's surface: a plane fitted to each cell of voxels and its neighbours."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from octavox.codec import morton_encode

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]

CELL_BITS = 2  # normals are fitted to cells of 4^3 voxels and their neighbours
PART = 100_000  # points at a time: np.add.reduceat holds the interpreter, a cancellation waits for one part
_LIGHT = np.array([0.35, 0.80, 0.49])


def _go_on() -> None:
    """The default `check`: nobody can cancel."""


def surface(
    coords: npt.NDArray[np.int32],
    codes: Ints,
    check: Callable[[], None] = _go_on,
    steps: tuple[float, float, float] = (1.0, 1.0, 1.0),
) -> tuple[npt.NDArray[np.int8], Floats]:
    """(N, 3) int8 normals, 127 times unit length, and (N,) brightness in 0..1 of the points of a cloud.

    Cells are runs of the Morton order, so their moments are segment sums; no neighbour search over points.
    check: called repeatedly; an exception that it raises ends the work. steps: lengths of a voxel's edges.
    """
    n = len(coords)
    if n < 3:
        return np.zeros((n, 3), np.int8), np.ones(n, np.float32)
    cell = codes >> (3 * CELL_BITS)
    first = np.flatnonzero(np.r_[True, cell[1:] != cell[:-1]])
    keys = cell[first]
    corner = coords[first] >> CELL_BITS
    moments = _cell_moments(coords, first, check)
    total = moments.copy()
    for dx in (-1, 0, 1):
        for dy in (-1, 0, 1):
            for dz in (-1, 0, 1):
                if dx or dy or dz:
                    check()
                    _add_neighbours(total, moments, keys, corner + np.array([dx, dy, dz]))
    check()
    normal = _in_view(_smallest_axis(total), steps)
    check()
    bright = (0.5 + 0.5 * np.abs(normal @ _LIGHT)).astype(np.float32)
    starts = np.zeros(n, np.int8)
    starts[first[1:]] = 1
    owner = np.cumsum(starts, dtype=np.int64)
    # np.take releases the interpreter's lock; np.repeat, which needs no owners, does not.
    return np.take(np.rint(127 * normal).astype(np.int8), owner, axis=0), np.take(bright, owner)


def _cell_moments(
    coords: npt.NDArray[np.int32], first: Ints, check: Callable[[], None]
) -> npt.NDArray[np.float64]:
    """(C, 10) sums over the cells that begin at the points `first`, in parts that begin with a cell."""
    edges = [0, *np.searchsorted(first, range(PART, len(coords), PART)).tolist(), len(first)]
    ends = np.r_[first, len(coords)]
    sums = []
    for low, high in zip(edges, edges[1:], strict=False):
        check()
        if high > low:
            # Sums about the cloud's middle would cancel badly in float32; float64 holds them.
            x = coords[ends[low] : ends[high]].astype(np.float64)
            sums.append(np.add.reduceat(_moments(x), first[low:high] - ends[low], axis=0))
    return np.concatenate(sums)


def _moments(x: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """(N, 3) -> (N, 10): 1, x, y, z, xx, xy, xz, yy, yz, zz."""
    products = [x[:, i] * x[:, j] for i, j in ((0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2))]
    return np.column_stack([np.ones(len(x)), x, *products])


def _add_neighbours(
    total: npt.NDArray[np.float64], moments: npt.NDArray[np.float64], keys: Ints, cells: npt.NDArray[np.int32]
) -> None:
    valid = np.flatnonzero(cells.min(axis=1) >= 0)
    wanted = morton_encode(cells[valid])
    place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    found = keys[place] == wanted
    total[valid[found]] += moments[place[found]]


def _smallest_axis(m: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """(C, 10) moments -> (C, 3) unit normals: the covariance's axis of least variance."""
    mean = m[:, 1:4] / m[:, :1]
    second = m[:, [4, 5, 6, 5, 7, 8, 6, 8, 9]].reshape(-1, 3, 3) / m[:, 0, None, None]
    covariance = second - mean[:, :, None] * mean[:, None, :]
    return np.asarray(np.linalg.eigh(covariance)[1][:, :, 0], np.float64)


def _in_view(normal: npt.NDArray[np.float64], steps: tuple[float, float, float]) -> npt.NDArray[np.float64]:
    """(C, 3) unit normals of planes whose voxels have edges of these lengths."""
    if steps == (1.0, 1.0, 1.0):
        return normal
    across = normal / np.array(steps)
    return np.asarray(across / np.linalg.norm(across, axis=1, keepdims=True), np.float64)
