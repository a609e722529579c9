"""The nearest voxel of another set, for voxels that lie near it, and D1 between such sets."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from octavox.codec.arrays import Int32Array, Int64Array
from octavox.codec.codecs.distances import Distance
from octavox.codec.codecs.geometry.octree.levels import AXIS_MASK, X_SHIFT, Y_SHIFT, coords_to_raster
from octavox.codec.coding.kernels.jit import Int, njit
from octavox.codec.job import JobContext
from octavox.codec.parallel import SharedJob, map_parallel

_PART = 1 << 14
_NONE = np.int64(1) << 62


@njit
def _first_at_least(key: Int64Array, target: Int, near: Int) -> Int:
    """The place of the first of sorted keys that is at least `target`; found soon where `near` is near it."""
    low, high, step = near, near, 1
    if near < key.size and key[near] < target:  # low is before it, high is not
        high = near + 1
        while high < key.size and key[high] < target:
            low, high, step = high, high + 2 * step, 2 * step
        high = min(high, key.size)
    else:
        low = near - 1
        while low >= 0 and key[low] >= target:
            high, low, step = low, low - 2 * step, 2 * step
        low = max(low, -1)
    while high - low > 1:
        middle = (low + high) >> 1
        if key[middle] < target:
            low = middle
        else:
            high = middle
    return high


@njit
def _find(
    key: Int64Array,
    rows: Int64Array,
    wanted: Int64Array,
    found: Int64Array,
    squared: Int64Array,
    start: Int,
    end: Int,
    places: Int64Array,
) -> None:
    """Fills in rows of the nearest keys and squared distances.

    rows: (r, 3) dx, dy and their squared length, which rises. places: (r,) where the last search in each row
    ended and the next one begins, -1 at first: neighbours in `wanted` are neighbours in space.
    """
    for i in range(start, end):
        q = wanted[i]
        x, y, z = q >> X_SHIFT, (q >> Y_SHIFT) & AXIS_MASK, q & AXIS_MASK
        best, place = _NONE, np.int64(-1)
        for r in range(rows.shape[0]):
            flat = rows[r, 2]
            if flat >= best:
                break
            u, v = x + rows[r, 0], y + rows[r, 1]
            if u < 0 or v < 0 or v > AXIS_MASK:
                continue
            row = (u << X_SHIFT) | (v << Y_SHIFT)
            if places[r] < 0:
                p = np.int64(np.searchsorted(key, row | z))
            else:
                p = np.int64(_first_at_least(key, row | z, places[r]))
            places[r] = p
            for at in (p, p - 1):
                if 0 <= at < key.size and (key[at] >> Y_SHIFT) == (row >> Y_SHIFT):
                    dz = (key[at] & AXIS_MASK) - z
                    if flat + dz * dz < best:
                        best, place = flat + dz * dz, np.int64(at)
        found[i], squared[i] = place, best


@dataclass(frozen=True)
class Nearest:
    """rows: (n,) of the nearest voxel, -1 where none is near. squared: (n,) its squared distance."""

    rows: Int64Array
    squared: Int64Array


def nearest(
    key: Int64Array, wanted: Int64Array, reach: int, job: JobContext, threads: int | None = None
) -> Nearest:
    """For each raster key of `wanted` the nearest of the sorted raster keys `key`.

    reach: no voxel is farther than this along x or y from its nearest one; farther ones may be missed.
    Raises CancelledError.
    """
    axis = np.arange(-reach, reach + 1, dtype=np.int64)
    dx, dy = (part.ravel() for part in np.meshgrid(axis, axis, indexing="ij"))
    flat = dx * dx + dy * dy
    order = np.argsort(flat, kind="stable")
    rows = np.ascontiguousarray(np.stack([dx, dy, flat], axis=1)[order])
    found, squared = np.empty(len(wanted), np.int64), np.empty(len(wanted), np.int64)

    def part(number: int) -> None:
        start = number * _PART
        places = np.full(len(rows), -1, np.int64)
        _find(key, rows, wanted, found, squared, start, min(start + _PART, len(wanted)), places)

    map_parallel(SharedJob(job, "measure", len(wanted)), -(-len(wanted) // _PART), threads, part)
    return Nearest(found, squared)


def distance(
    a: Int32Array, b: Int32Array, reach: int, job: JobContext, threads: int | None = None
) -> Distance:
    """How far voxels b (M, 3) are from voxels a (N, 3), neither empty. reach: as `nearest` takes it.

    Infinite where a voxel has none of the other set within reach. Raises CancelledError.
    """
    sets = a, b
    shared = SharedJob(job, "measure", len(a) + len(b))
    one, other = map_parallel(shared, 2, threads, lambda number: np.sort(coords_to_raster(sets[number])))
    return distance_of_keys(one, other, reach, job, threads)


def distance_of_keys(
    one: Int64Array, other: Int64Array, reach: int, job: JobContext, threads: int | None = None
) -> Distance:
    """`distance` of voxels that are given by their sorted raster keys (N,) and (M,)."""
    forth = nearest(other, one, reach, job, threads)
    back = nearest(one, other, reach, job, threads)
    if (forth.rows < 0).any() or (back.rows < 0).any():
        return Distance(math.inf, math.inf, math.inf)
    most = max(int(forth.squared.max()), int(back.squared.max()))
    return Distance(float(forth.squared.mean()), float(back.squared.mean()), math.sqrt(most))
