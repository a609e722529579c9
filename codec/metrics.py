"""Distortion between two clouds as the MPEG reference metric (pc_error, mpeg-pcc-dmetric) defines it.

D1, point to point: for every point of one cloud the squared distance to its nearest point in the other.
D2, point to plane: that error vector projected on the normal of the nearest point; where several points are
equally near, the mean of their squared projections (D. Tian et al., "Geometric distortion metrics for point
cloud compression", ICIP 2017). MSE is the larger of the two directions, PSNR the smaller, with 3 * peak^2
over the error. Normals are those of A; points of B take the mean of the normals of the points of A that they
are nearest to. Open3D finds neighbours; it loads on the first call. `rendered` compares pictures.

Coordinates are measured from a point of A, and planes are fitted around each point, so that clouds far from
their origin (UTM) give the numbers that they would give near it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from octavox.codec.cloud.cloud import PointCloud, VoxelCloud
from octavox.codec.cloud.columns import as_array
from octavox.codec.cloud.grid import OnGrid, exact_grid
from octavox.codec.cloud.spacing import median_spacing

from .arrays import BoolArray, FloatArray
from .color_loss import PlacedColors, color_distortion
from .errors import InputError, check_type
from .job import CancelToken, JobContext, Progress, ProgressCallback
from .normals import CHUNK, Rows, fitted_normals, knn, search_of
from .rendered import RenderedDistortion, Scene, compare_pictures, similarity_module
from .report import ColorDistortion, Report

__all__ = ["Comparison", "ComparisonReport", "Distortion", "compare"]

TIED = 30  # points equally near that the reference takes into account, at the most
SAME = 1e-8  # squared distances that differ by less are equal to the reference; here: by this share
LARGEST = 1e150  # coordinates, whose squares still are numbers


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
    """Distortion of B against A, of their own points.

    points_a, points_b: distinct positions. peak: that PSNR refers to, in units of the positions; peak_is:
    what it is. left_out_a, left_out_b: points whose coordinates are not finite, which are not measured.
    color: of clouds whose colours are integers of one type. rendered: of pictures, where they were asked for.
    """

    points_a: int
    points_b: int
    peak: float
    peak_is: str
    d1: Distortion
    d2: Distortion
    left_out_a: int = 0
    left_out_b: int = 0
    color: ColorDistortion | None = None
    rendered: RenderedDistortion | None = None

    @property
    def identical(self) -> bool:
        """Whether both clouds are the same set of positions, with as many that are not finite."""
        return self.d1.hausdorff == 0.0 and self.left_out_a == self.left_out_b


@dataclass(frozen=True)
class Comparison:
    """The report, and the squared errors of each point: D1 and D2 of a (N,) and of b (M,), in their order.

    NaN for points whose coordinates are not finite.
    """

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
    rendered: bool = False,
    progress: ProgressCallback | None = None,
    cancel: CancelToken | None = None,
) -> Comparison:
    """Measures how far B is from A, the reference: the points themselves, whatever grid they are coded on.

    peak: for PSNR, in units of the positions; by default 2**depth - 1 voxels of A, or the longest edge of A's
    bounding box where its coordinates lie on no lattice with one step. normals: (N, 3) of the points of A, of
    unit length, pointing to either side; estimated by default. rendered: compare pictures from fixed cameras,
    too, which needs scikit-image. Progress: stage "compare".
    Raises InputError for a cloud without finite points, coordinates of 1e150 and more, a peak that is not
    positive, normals of another shape, or pictures without scikit-image; CancelledError.

        >>> import octavox as ov
        >>> plane = ov.PointCloud([[x, y, 0] for x in range(8) for y in range(8)])
        >>> raised = ov.PointCloud(plane.coords + [0, 0, 2])
        >>> report = ov.compare(plane, raised).report
        >>> report.d1.mse, report.d1.hausdorff, report.peak, report.peak_is
        (4.0, 2.0, 7.0, '2^3 - 1 voxels of 1')
    """
    job = JobContext(progress, cancel)
    for cloud in (a, b):
        check_type(cloud, (VoxelCloud, PointCloud), "a cloud", "cloud")
    check_type(peak, (int, float, np.number, type(None)), "a number", "peak")
    vectors = None if normals is None else as_array(normals, "normals")
    if vectors is not None and (vectors.shape != (len(a), 3) or vectors.dtype.kind not in "iuf"):
        raise InputError(
            f"normals of {vectors.dtype} and shape {vectors.shape} for {len(a):,} points", field="normals"
        )
    if rendered:
        similarity_module()  # an error comes at once
    peak, peak_is = _peak_of(a, job) if peak is None else (peak, "given")
    if not (math.isfinite(peak) and peak > 0):
        raise InputError(f"the peak has to be positive, not {peak:g}", field="peak")
    ours, theirs = _both(a, b)
    steps = _Steps(job, len(ours.points), len(theirs.points))
    forth, back = _Nearest(ours, theirs, steps), _Nearest(theirs, ours, steps)
    planes = (
        fitted_normals(ours.points, job) if vectors is None else vectors[ours.first_rows].astype(np.float64)
    )
    d2_a, d2_b = forth.to_plane(_carried_over(planes, forth, back)), back.to_plane(planes)
    color_a, color_b = (
        PlacedColors.of(cloud, own.rows, len(own.points)) for cloud, own in ((a, ours), (b, theirs))
    )
    report = ComparisonReport(
        points_a=len(ours.points),
        points_b=len(theirs.points),
        peak=peak,
        peak_is=peak_is,
        d1=Distortion.of(forth.squared, back.squared, peak),
        d2=Distortion.of(d2_a, d2_b, peak),
        left_out_a=ours.left_out,
        left_out_b=theirs.left_out,
        color=_color(color_a, color_b, forth, back),
        rendered=_rendered((ours, color_a, planes), (theirs, color_b, None), job) if rendered else None,
    )
    return Comparison(
        report,
        ours.by_row(forth.squared),
        ours.by_row(d2_a),
        theirs.by_row(back.squared),
        theirs.by_row(d2_b),
    )


@dataclass(frozen=True)
class _Positions:
    """The distinct positions of a cloud.

    points: (P, 3) float64, from a common origin. rows: (N,) the position of each point, -1 for one that is
    not finite. first_rows: (P,) a point at each position. blur: how far rounding may have moved a point.
    """

    points: FloatArray
    rows: Rows
    first_rows: Rows
    blur: float

    @staticmethod
    def of(positions: FloatArray, finite: BoolArray, blur: float) -> _Positions:
        """positions: (n, 3), of the rows (N,) that are finite."""
        points, first, back = np.unique(positions, axis=0, return_index=True, return_inverse=True)
        rows = np.full(len(finite), -1, np.int64)
        rows[finite] = back.ravel()
        return _Positions(points, rows, np.flatnonzero(finite)[first], blur)

    @property
    def left_out(self) -> int:
        """Points that are not finite."""
        return int(np.count_nonzero(self.rows < 0))

    def by_row(self, values: FloatArray) -> FloatArray:
        """(N,) values (P,) for each point; NaN where it has no position."""
        return np.where(self.rows < 0, np.nan, values[self.rows])


def _both(a: VoxelCloud | PointCloud, b: VoxelCloud | PointCloud) -> tuple[_Positions, _Positions]:
    """The positions of two clouds, from a point of A. Integers are subtracted as such, and so exact."""
    stored, finite = [], []
    for cloud, name in ((a, "A"), (b, "B")):
        positions = cloud.positions
        fine = np.asarray(np.isfinite(positions).all(axis=1), bool)
        if not fine.any():
            raise InputError(f"cloud {name} has no points with finite coordinates", field="points")
        if positions.dtype.kind == "f" and float(np.abs(positions[fine]).max()) >= LARGEST:
            raise InputError("coordinates of 1e150 and more cannot be compared", field="positions")
        stored.append(positions[fine])
        finite.append(fine)
    shift = stored[0][len(stored[0]) // 2]
    if all(positions.dtype.kind in "iu" for positions in stored):
        low = min(int(p.min()) for p in stored)
        if max(int(p.max()) for p in stored) - low < 1 << 63:  # differences have 64 bits, whatever wraps
            with np.errstate(over="ignore"):
                moved = [p.astype(np.int64) - shift.astype(np.int64) for p in stored]
            return _Positions.of(moved[0].astype(np.float64), finite[0], 0.0), _Positions.of(
                moved[1].astype(np.float64), finite[1], 0.0
            )
    blur = float(np.spacing(max(float(np.abs(p).max()) for p in stored)))
    ours, theirs = (p.astype(np.float64) - shift.astype(np.float64) for p in stored)
    return _Positions.of(ours, finite[0], blur), _Positions.of(theirs, finite[1], blur)


_Drawn = tuple[_Positions, PlacedColors | None, FloatArray | None]  # positions, their colours, their normals


def _rendered(a: _Drawn, b: _Drawn, job: JobContext) -> RenderedDistortion:
    """Pictures of positions with their colours, where both clouds have some of one type, or with normals."""
    both = a[1] is not None and b[1] is not None and a[1].dtype == b[1].dtype
    scenes = []
    for own, color, normals in (a, b):
        if both and color is not None:
            scenes.append(Scene(own.points, color.luma))
        else:
            planes = fitted_normals(own.points, job) if normals is None else normals
            scenes.append(Scene(own.points, None, planes))
    return compare_pictures(scenes[0], scenes[1], median_spacing(a[0].points, job), job)


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

    def __init__(self, ours: _Positions, theirs: _Positions, steps: _Steps) -> None:
        here, there = ours.points, theirs.points
        self._here, self._there = here, there
        blur = 4 * (ours.blur + theirs.blur)
        search = search_of(there)
        nearest = np.empty(len(here), np.int64)
        for first in range(0, len(here), CHUNK):
            part = slice(first, first + CHUNK)
            nearest[part] = knn(search, here[part], 1)[:, 0]
            steps.add(len(here[part]))
        self.squared = _squared(here, there[nearest])
        apart = np.flatnonzero(self.squared > 0)  # no second point lies at distance 0: positions are distinct
        pairs = [np.column_stack([np.flatnonzero(self.squared == 0), nearest[self.squared == 0]])]
        for first in range(0, len(apart), CHUNK):
            rows = apart[first : first + CHUNK]
            many = knn(search, here[rows], min(TIED, len(there)))
            near = _squared(here[rows][:, None, :], there[many])
            self.squared[rows] = near.min(axis=1)
            best = self.squared[rows]
            same = best * SAME + np.sqrt(best) * blur
            query, column = np.nonzero(near - best[:, None] <= same[:, None])
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

    def means(self, values: FloatArray) -> FloatArray:
        """(N, 3) the mean of the values (M, 3) of the nearest points."""
        sums = [np.bincount(self.query, values[self.found, k], len(self._here)) for k in range(3)]
        return np.asarray(np.stack(sums, axis=1) / self.ties[:, None], np.float64)

    def to_plane(self, normals: FloatArray) -> FloatArray:
        """(N,) squared projections on the normals (M, 3) of the nearest points, the mean over ties."""
        errors = self._here[self.query] - self._there[self.found]
        projected = np.einsum("ij,ij->i", errors, normals[self.found]) ** 2
        return np.asarray(np.bincount(self.query, projected, len(self._here)) / self.ties, np.float64)


def _color(
    a: PlacedColors | None, b: PlacedColors | None, forth: _Nearest, back: _Nearest
) -> ColorDistortion | None:
    """Of equally near positions the mean colour counts."""
    if a is None or b is None:
        return None
    return color_distortion(a, b, forth.means(b.mean), back.means(a.mean))


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


def _peak_of(cloud: VoxelCloud | PointCloud, job: JobContext) -> tuple[float, str]:
    """The peak that PSNR refers to, and what it is."""
    if isinstance(cloud, VoxelCloud) and len(set(cloud.transform.steps)) == 1:
        return _voxels(cloud.depth, cloud.transform.scale)
    positions = cloud.positions[np.isfinite(cloud.positions).all(axis=1)].astype(np.float64)
    with np.errstate(over="ignore"):
        edge = float(np.ptp(positions, axis=0).max()) if len(positions) else 0.0
    if edge == 0.0:
        return 1.0, "1, as all points of A are in one place"
    if isinstance(cloud, PointCloud):
        found = exact_grid(cloud, job)
        if isinstance(found, OnGrid) and not cloud.finite[found.strays].any():
            steps = found.grid.transform.scaled(cloud.scale, cloud.offset).steps
            if len(set(steps)) == 1:
                return _voxels(found.grid.depth, steps[0])
    return edge, "longest edge of the bounding box of A"


def _voxels(depth: int, step: float) -> tuple[float, str]:
    return ((1 << depth) - 1) * step, f"2^{depth} - 1 voxels of {step:g}"


def _psnr(mse: float, peak: float) -> float | None:
    return 10 * math.log10(3 * peak * peak / mse) if mse > 0 else None


def _squared(a: FloatArray, b: FloatArray) -> FloatArray:
    return np.asarray(((a - b) ** 2).sum(axis=-1), np.float64)
