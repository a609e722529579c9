"""Nearest-neighbour spacing of a float cloud, from which the default bit depth follows. numpy only."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from octavox.codec.arrays import FloatArray
from octavox.codec.job import JobContext

from .cloud import MAX_DEPTH
from .morton import CodeArray, morton_encode

SAMPLE = 2048  # query points
SEED = 1
_CROWD = 32  # candidates looked at in one cell; more in a cell only make the answer an upper bound
_OFFSETS = np.stack(np.meshgrid(*[np.arange(-1, 2)] * 3, indexing="ij"), axis=-1).reshape(27, 3)


def median_spacing(positions: npt.NDArray[np.float64], job: JobContext | None = None) -> float:
    """Median distance from a point to its nearest distinct neighbour, over a fixed random sample.

    positions: (N, 3) finite, in any order. 0.0 with fewer than two distinct points.
    The search walks a grid from fine to coarse: a neighbour found within one cell width is the nearest.
    Raises CancelledError.
    """
    job = job or JobContext()
    if len(positions) < 2:
        return 0.0
    low = np.array([positions[:, k].min() for k in range(3)])
    extent = float((np.array([positions[:, k].max() for k in range(3)]) - low).max())
    if extent == 0.0:
        return 0.0
    unit, codes = np.empty(positions.shape), np.empty(len(positions), np.int64)
    for part in job.parts(len(positions)):
        unit[part] = (positions[part] - low) / extent
        codes[part] = morton_encode(_finest_cells(unit[part]))
    order = np.argsort(codes, kind="stable")
    job.check()
    unit, codes = _distinct_rows(unit, codes, order, job)
    chosen = np.random.default_rng(SEED).permutation(len(unit))[:SAMPLE]
    nearest = np.full(len(chosen), np.inf)
    open_queries = np.arange(len(chosen))
    for level in range(MAX_DEPTH, -1, -1):
        job.check()
        width = 0.5**level
        found = _nearest_in_cells(unit, codes, chosen[open_queries], level)
        nearest[open_queries] = np.minimum(nearest[open_queries], found)
        open_queries = open_queries[nearest[open_queries] > width]
        if not len(open_queries):
            break
    nearest = nearest[np.isfinite(nearest)]
    return float(np.median(nearest)) * extent if len(nearest) else 0.0


def _finest_cells(unit: FloatArray) -> npt.NDArray[np.int64]:
    """(N, 3) cells of the finest grid that hold positions in [0, 1]."""
    return np.minimum((unit * (1 << MAX_DEPTH)).astype(np.int64), (1 << MAX_DEPTH) - 1)


def _distinct_rows(
    unit: FloatArray, codes: CodeArray, order: npt.NDArray[np.int64], job: JobContext
) -> tuple[FloatArray, CodeArray]:
    """The positions and codes in the given order, without positions that repeat the one before."""
    ordered = np.empty_like(unit)
    for part in job.parts(len(unit)):
        ordered[part] = unit[order[part]]
    first = np.ones(len(unit), bool)
    for part in job.parts(len(unit) - 1):
        ends = slice(part.start + 1, part.stop + 1)
        first[ends] = np.any(ordered[ends] != ordered[part], axis=1)
    return ordered[first], codes[order[first]]


def _nearest_in_cells(
    unit: FloatArray,
    codes: CodeArray,
    queries: npt.NDArray[np.int64],
    level: int,
) -> FloatArray:
    """(Q,) distance of each query point to its nearest in the 27 cells around it at `level`, or inf."""
    shift = MAX_DEPTH - level
    around = (_finest_cells(unit[queries]) >> shift)[:, None, :] + _OFFSETS  # (Q, 27, 3)
    inside: npt.NDArray[np.bool_] = np.all((around >= 0) & (around < 1 << level), axis=2)
    keys = morton_encode(np.where(inside[..., None], around, 0).reshape(-1, 3)).reshape(inside.shape)
    first = np.searchsorted(codes, keys << (3 * shift))
    last = np.searchsorted(codes, ((keys + 1) << (3 * shift)) - 1, side="right")
    best = np.full(len(queries), np.inf)
    here = unit[queries]
    for k in range(_CROWD):
        candidate = first + k  # (Q, 27)
        valid = inside & (candidate < last) & (candidate != queries[:, None])
        if not valid.any():
            break
        other = unit[np.minimum(candidate, len(unit) - 1)]
        distance = np.sqrt(((other - here[:, None, :]) ** 2).sum(axis=2))
        best = np.minimum(best, np.where(valid & (distance > 0), distance, np.inf).min(axis=1))
    return best
