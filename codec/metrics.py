"""Distortion between two clouds as the MPEG reference metric (pc_error, mpeg-pcc-dmetric) defines it.

D1, point to point: for every point of one cloud the squared distance to its nearest point in the other.
D2, point to plane: that error vector projected on the normal of the nearest point; where several points are
equally near, the mean of their squared projections (D. Tian et al., "Geometric distortion metrics for point
cloud compression", ICIP 2017). MSE is the larger of the two directions, PSNR the smaller, with 3 * peak^2
over the error. Normals are those of A; points of B take the mean of the normals of the points of A that they
are nearest to. Open3D finds neighbours and normals; it loads on the first call.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from octavox.codec.cloud.cloud import PointCloud, VoxelCloud
from octavox.codec.cloud.voxelize import voxelize
from octavox.codec.formats.ply_write import positions_of

from .arrays import FloatArray
from .errors import InputError
from .job import CancelToken, JobContext, Progress, ProgressCallback
from .report import Report

__all__ = ["Comparison", "ComparisonReport", "Distortion", "compare"]

TIED = 30  # points equally near that the reference takes into account, at the most
SAME = 1e-8  # squared distances that differ by less are equal to the reference
NORMAL_NEIGHBOURS = 12  # of the plane fitted at a point
CHUNK = 100_000  # query points at a time: bounds memory, and a cancellation waits for one

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Distortion(Report):
    """One metric, D1 or D2. MSE in squared units of the positions; PSNR in dB, None where nothing differs.

    hausdorff: the largest error of a point, in units of the positions (pc_error prints its square).
    """

    mse_a_to_b: float
    mse_b_to_a: float
    mse: float
    psnr: float | None
    hausdorff_a_to_b: float
    hausdorff_b_to_a: float
    hausdorff: float
    hausdorff_psnr: float | None

    @staticmethod
    def of(forth: FloatArray, back: FloatArray, peak: float) -> Distortion:
        """From the squared errors of the points of A (N,) and of B (M,)."""
        ab, ba = float(forth.mean()), float(back.mean())
        far_ab, far_ba = float(forth.max()), float(back.max())
        return Distortion(
            ab,
            ba,
            max(ab, ba),
            _psnr(max(ab, ba), peak),
            math.sqrt(far_ab),
            math.sqrt(far_ba),
            math.sqrt(max(far_ab, far_ba)),
            _psnr(max(far_ab, far_ba), peak),
        )


@dataclass(frozen=True)
class ComparisonReport(Report):
    """Distortion of B against A. points_a, points_b: distinct positions; peak: in units of the positions."""

    points_a: int
    points_b: int
    peak: float
    d1: Distortion
    d2: Distortion

    @property
    def identical(self) -> bool:
        """Whether both clouds are the same set of points."""
        return self.d1.hausdorff == 0.0


@dataclass(frozen=True)
class Comparison:
    """The report, and the squared errors of each point: D1 and D2 of a (N,) and of b (M,), in their order."""

    report: ComparisonReport
    a_d1: FloatArray
    a_d2: FloatArray
    b_d1: FloatArray
    b_d2: FloatArray


def compare(
    a: VoxelCloud | PointCloud,
    b: VoxelCloud | PointCloud,
    *,
    peak: float | None = None,
    normals: FloatArray | None = None,
    progress: ProgressCallback | None = None,
    cancel: CancelToken | None = None,
) -> Comparison:
    """Measures how far B is from A, the reference.

    peak: for PSNR, in units of the positions; by default 2**depth - 1 voxels of A. normals: (N, 3) of the
    points of A, of unit length, pointing to either side; estimated by default. Progress: stage "compare".
    Raises InputError for a cloud without points, a peak that is not positive or normals of another shape;
    CancelledError.
    """
    job = JobContext(progress, cancel)
    if not len(_positions(a)) or not len(_positions(b)):
        raise InputError("a cloud without points cannot be compared", field="points")
    if normals is not None and normals.shape != (len(_positions(a)), 3):
        raise InputError(
            f"normals of shape {normals.shape} for {len(_positions(a)):,} points", field="normals"
        )
    peak = _peak_of(a) if peak is None else peak
    if not (math.isfinite(peak) and peak > 0):
        raise InputError(f"the peak has to be positive, not {peak:g}", field="peak")
    points_a, first_a, back_a = np.unique(_positions(a), axis=0, return_index=True, return_inverse=True)
    points_b, back_b = np.unique(_positions(b), axis=0, return_inverse=True)
    steps = _Steps(job, len(points_a), len(points_b))
    ours = _normals(points_a) if normals is None else np.asarray(normals, np.float64)[first_a]
    forth, back = _Nearest(points_a, points_b, steps), _Nearest(points_b, points_a, steps)
    theirs = _carried_over(ours, forth, back)
    d2_a, d2_b = forth.to_plane(theirs), back.to_plane(ours)
    report = ComparisonReport(
        points_a=len(points_a),
        points_b=len(points_b),
        peak=peak,
        d1=Distortion.of(forth.squared, back.squared, peak),
        d2=Distortion.of(d2_a, d2_b, peak),
    )
    inverse_a, inverse_b = back_a.ravel(), back_b.ravel()
    return Comparison(
        report, forth.squared[inverse_a], d2_a[inverse_a], back.squared[inverse_b], d2_b[inverse_b]
    )


class _Steps:
    """Counts query points for the progress of a job."""

    def __init__(self, job: JobContext, a: int, b: int) -> None:
        self._job, self._total, self._done = job, a + b, 0
        job.report(Progress("compare", 0, self._total))

    def add(self, count: int) -> None:
        self._done += count
        self._job.report(Progress("compare", min(self._done, self._total), self._total))


class _Nearest:
    """The nearest points in `there` of each of the points `here`, ties included.

    squared: (N,) squared distance. query, found: (P,) rows of `here` and `there`, one pair for every tie,
    sorted by query; ties: (N,) pairs of each.
    """

    def __init__(self, here: FloatArray, there: FloatArray, steps: _Steps) -> None:
        self._here, self._there = here, there
        search = _search(there)
        nearest = np.empty(len(here), np.int64)
        for first in range(0, len(here), CHUNK):
            part = slice(first, first + CHUNK)
            nearest[part] = _knn(search, here[part], 1)[:, 0]
            steps.add(len(here[part]))
        self.squared = _squared(here, there[nearest])
        apart = np.flatnonzero(self.squared > 0)  # no second point lies at distance 0: positions are distinct
        pairs = [np.column_stack([np.flatnonzero(self.squared == 0), nearest[self.squared == 0]])]
        for first in range(0, len(apart), CHUNK):
            rows = apart[first : first + CHUNK]
            many = _knn(search, here[rows], min(TIED, len(there)))
            near = _squared(here[rows][:, None, :], there[many])
            self.squared[rows] = near.min(axis=1)
            query, column = np.nonzero(near - self.squared[rows][:, None] < SAME)
            pairs.append(np.column_stack([rows[query], many[query, column]]))
            steps.add(0)
        both = np.concatenate(pairs)
        both = both[np.argsort(both[:, 0], kind="stable")]
        self.query: Rows = both[:, 0]
        self.found: Rows = both[:, 1]
        self.ties: Rows = np.bincount(self.query, minlength=len(here))

    @property
    def first(self) -> Rows:
        """(N,) the first of the nearest points."""
        return np.asarray(self.found[np.cumsum(self.ties) - self.ties], np.int64)

    def to_plane(self, normals: FloatArray) -> FloatArray:
        """(N,) squared projections on the normals (M, 3) of the nearest points, the mean over ties."""
        errors = self._here[self.query] - self._there[self.found]
        projected = np.einsum("ij,ij->i", errors, normals[self.found]) ** 2
        return np.asarray(np.bincount(self.query, projected, len(self._here)) / self.ties, np.float64)


def _carried_over(normals: FloatArray, forth: _Nearest, back: _Nearest) -> FloatArray:
    """(M, 3) normals of B: the mean over the points of A to which each is nearest; where there is none, the
    mean over the points of A that are nearest to it.

    Estimated normals point to either side; each is turned to the side of the first one before it is added.
    """
    toward = normals[back.first]
    total, count = np.zeros_like(toward), np.zeros(len(toward))
    for target, source in ((forth.found, forth.query), (back.query, back.found)):
        missing = count == 0
        use = missing[target]
        rows, vectors = target[use], normals[source[use]]
        side = np.where(np.einsum("ij,ij->i", vectors, toward[rows]) < 0, -1.0, 1.0)
        for axis in range(3):
            total[:, axis] += np.bincount(rows, vectors[:, axis] * side, len(toward))
        count += np.bincount(rows, minlength=len(toward))
    return np.asarray(total / count[:, None], np.float64)


def _positions(cloud: VoxelCloud | PointCloud) -> FloatArray:
    stored = positions_of(cloud) if isinstance(cloud, VoxelCloud) else cloud.positions
    return np.asarray(stored, np.float64)


def _peak_of(cloud: VoxelCloud | PointCloud) -> float:
    voxels = cloud if isinstance(cloud, VoxelCloud) else voxelize(cloud)[0]
    return ((1 << voxels.depth) - 1) * voxels.transform.scale


def _psnr(mse: float, peak: float) -> float | None:
    return 10 * math.log10(3 * peak * peak / mse) if mse > 0 else None


def _squared(a: FloatArray, b: FloatArray) -> FloatArray:
    return np.asarray(((a - b) ** 2).sum(axis=-1), np.float64)


def _search(points: FloatArray) -> Any:
    o3c = _open3d().core
    search = o3c.nns.NearestNeighborSearch(o3c.Tensor(np.ascontiguousarray(points)))
    search.knn_index()
    return search


def _knn(search: Any, queries: FloatArray, count: int) -> Rows:
    """(Q, 3) -> (Q, count) rows of the nearest points."""
    indices, _ = search.knn_search(_open3d().core.Tensor(np.ascontiguousarray(queries)), count)
    return np.asarray(indices.numpy(), np.int64).reshape(len(queries), -1)


def _normals(points: FloatArray) -> FloatArray:
    """(N, 3) unit normals of planes fitted to the nearest neighbours."""
    o3d = _open3d()
    cloud = o3d.geometry.PointCloud(o3d.utility.Vector3dVector(points))
    cloud.estimate_normals(o3d.geometry.KDTreeSearchParamKNN(NORMAL_NEIGHBOURS))
    return np.asarray(cloud.normals, np.float64)


def _open3d() -> Any:
    try:
        import open3d
    except ImportError as error:
        raise InputError("comparing clouds needs the package open3d, which is not installed") from error
    return open3d
