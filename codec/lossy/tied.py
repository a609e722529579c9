"""Means of what equally near voxels have."""

from __future__ import annotations

import numpy as np

from octavox.codec.arrays import FloatArray, Int64Array
from octavox.codec.cloud.cloud import VoxelCloud
from octavox.codec.codecs.geometry.octree.levels import AXIS_MASK, X_SHIFT, Y_SHIFT, coords_to_raster
from octavox.codec.codecs.upsampling.nearest import nearest
from octavox.codec.coding.kernels.jit import Int, njit
from octavox.codec.job import JobContext
from octavox.codec.parallel import SharedJob, map_parallel

_PART = 1 << 14
_COLUMNS = 3


@njit
def _add_tied(
    key: Int64Array,
    rows: Int64Array,
    wanted: Int64Array,
    squared: Int64Array,
    values: FloatArray,
    out: FloatArray,
    start: Int,
    end: Int,
) -> None:
    """Adds up the values of all keys at the squared distance of each wanted one, and divides by their number.

    rows: (r, 3) dx, dy and their squared length, which rises. values, out: three for each key and wanted one.
    """
    for i in range(start, end):
        q, best, count = wanted[i], squared[i], 0
        x, y, z = q >> X_SHIFT, (q >> Y_SHIFT) & AXIS_MASK, q & AXIS_MASK
        for r in range(rows.shape[0]):
            rest = best - rows[r, 2]
            if rest < 0:
                break
            high = np.int64(np.sqrt(np.float64(rest)) + 0.5)
            u, v = x + rows[r, 0], y + rows[r, 1]
            if high * high != rest or u < 0 or v < 0 or v > AXIS_MASK:
                continue
            for side in range(2 if high else 1):
                w = z + high if side == 0 else z - high
                if w < 0 or w > AXIS_MASK:
                    continue
                target = (u << X_SHIFT) | (v << Y_SHIFT) | w
                at = np.searchsorted(key, target)
                if at < key.size and key[at] == target:
                    count += 1
                    for c in range(_COLUMNS):
                        out[_COLUMNS * i + c] += values[_COLUMNS * at + c]
        for c in range(_COLUMNS):
            out[_COLUMNS * i + c] /= max(count, 1)


def means_of_nearest(
    voxels: VoxelCloud,
    others: VoxelCloud,
    values: FloatArray,
    reach: int,
    job: JobContext,
    threads: int | None = None,
) -> FloatArray:
    """(N, 3) for each of `voxels` the mean value of those of `others` (M voxels) that are nearest to it.

    values: (M, 3) of `others`. reach: see `nearest`. Raises CancelledError.
    """
    key, wanted = coords_to_raster(others.coords), coords_to_raster(voxels.coords)
    order = np.argsort(key)
    key = key[order]
    squared = nearest(key, wanted, reach, job, threads).squared
    axis = np.arange(-reach, reach + 1, dtype=np.int64)
    dx, dy = (part.ravel() for part in np.meshgrid(axis, axis, indexing="ij"))
    flat = dx * dx + dy * dy
    rows = np.ascontiguousarray(np.stack([dx, dy, flat], axis=1)[np.argsort(flat, kind="stable")])
    given = np.ascontiguousarray(values[order], np.float64).reshape(-1)
    out = np.zeros(_COLUMNS * len(wanted))

    def part(number: int) -> None:
        start = number * _PART
        _add_tied(key, rows, wanted, squared, given, out, start, min(start + _PART, len(wanted)))

    map_parallel(SharedJob(job, "measure", len(wanted)), -(-len(wanted) // _PART), threads, part)
    return out.reshape(-1, _COLUMNS)
