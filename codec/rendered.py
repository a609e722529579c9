"""Pictures of two clouds from fixed cameras, and how alike they are: MSE, PSNR and SSIM of luma.

Orthographic projections along the axes and the diagonals of the cube, of which those pixels count that a
point covers (E. Alexiou, T. Ebrahimi, "Exploiting user interactivity in quality assessment of point cloud
imaging", QoMEX 2019). Points are squares; the nearest one is seen. numpy draws them; scikit-image measures
SSIM (Z. Wang et al., "Image quality assessment: from error visibility to structural similarity", IEEE
Transactions on Image Processing, 2004).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from .arrays import BoolArray, FloatArray
from .color_loss import psnr_of
from .job import JobContext
from .optional import optional_package
from .report import Report

SIZE = 512  # pixels along an edge of a picture
BACKGROUND = 128.0
PEAK = 255.0
_MARGIN = 1.1  # the picture is so much wider than the box of A seen from any side
_SPLAT = 1.5  # edge of a point, in the spacing of the points of A
_DEPTH_BITS = 40
_NOTHING = np.int64((1 << 63) - 1)
# (14, 3): which way each camera looks.
VIEWS = np.array(
    [sign * axis for axis in np.eye(3) for sign in (1, -1)]
    + [[x, y, z] / np.sqrt(3.0) for x in (1, -1) for y in (1, -1) for z in (1, -1)]
)


@dataclass(frozen=True)
class RenderedDistortion(Report):
    """How alike the pictures of two clouds are, in the mean of all views.

    colored: whether the pictures show the colours' luma; else a lamp at the camera lights the surfaces. size:
    pixels along an edge of a picture. splat: pixels along an edge of a point. psnr: in dB, at the peak 255;
    None where nothing differs. ssim: 1 where nothing differs. worst_ssim: of the view where it is least.
    """

    views: int
    size: int
    splat: int
    colored: bool
    mse: float
    psnr: float | None
    ssim: float
    worst_ssim: float


@dataclass(frozen=True)
class Scene:
    """What is drawn. points: (P, 3). luma: (P,) in [0, 255]; None where `normals` (P, 3) shade the points."""

    points: FloatArray
    luma: FloatArray | None
    normals: FloatArray | None = None

    def seen(self, view: FloatArray) -> FloatArray:
        """(P,) luma of the points, from a camera that looks that way."""
        if self.luma is not None:
            return self.luma
        assert self.normals is not None
        return np.asarray(PEAK * np.abs(self.normals @ view), np.float64)


@dataclass(frozen=True)
class Camera:
    """All cameras look at `centre` (3,). pixel: edge of a pixel, in units of the points; splat: see above."""

    centre: FloatArray
    pixel: float
    splat: int

    @staticmethod
    def for_cloud(points: FloatArray, spacing: float) -> Camera:
        """A camera that sees all of the points (P, 3) from each side."""
        low, high = points.min(axis=0), points.max(axis=0)
        edge = _MARGIN * float(np.linalg.norm(high - low)) or 1.0
        pixel = edge / SIZE
        return Camera((low + high) / 2, pixel, max(1, math.ceil(_SPLAT * spacing / pixel)))


def similarity_module() -> Any:
    """scikit-image's metrics. Raises InputError where it is not installed."""
    return optional_package("skimage.metrics", "comparing pictures", "scikit-image")


def compare_pictures(a: Scene, b: Scene, spacing: float, job: JobContext) -> RenderedDistortion:
    """spacing: of the points of A, the reference. Raises InputError without scikit-image, CancelledError."""
    metrics, camera = similarity_module(), Camera.for_cloud(a.points, spacing)
    errors, alike = [], []
    for view in VIEWS:
        job.check()
        (ours, our_cover), (theirs, their_cover) = (draw(scene, view, camera) for scene in (a, b))
        covered = our_cover | their_cover
        errors.append(float(((ours - theirs)[covered] ** 2).mean()))
        alike.append(float(similarity(metrics, ours, theirs)[covered].mean()))
    mse = float(np.mean(errors))
    return RenderedDistortion(
        views=len(VIEWS),
        size=SIZE,
        splat=camera.splat,
        colored=a.luma is not None,
        mse=mse,
        psnr=psnr_of(mse, PEAK),
        ssim=float(np.mean(alike)),
        worst_ssim=min(alike),
    )


def similarity(metrics: Any, ours: FloatArray, theirs: FloatArray) -> FloatArray:
    """(SIZE, SIZE) SSIM around each pixel: Gaussian windows of sigma 1.5, as in the paper."""
    windows = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False}
    _, found = metrics.structural_similarity(ours, theirs, data_range=PEAK, full=True, **windows)
    return np.asarray(found, np.float64)


def draw(scene: Scene, view: FloatArray, camera: Camera) -> tuple[FloatArray, BoolArray]:
    """(SIZE, SIZE) luma, and which pixels a point covers. view: (3,) unit vector, the way the camera looks.

    Of points that are equally near the darkest is seen, so their order does not matter.
    """
    across, up = _axes_of(view)
    own = scene.points - camera.centre
    corner = SIZE / 2 - (camera.splat - 1) / 2
    columns, rows = (np.floor(own @ axis / camera.pixel + corner).astype(np.int64) for axis in (across, up))
    reach = SIZE * camera.pixel  # twice as far as a point of A may be
    depth = np.clip((own @ view) / (2 * reach) + 0.5, 0.0, 1.0) * ((1 << _DEPTH_BITS) - 1)
    shade = np.clip(np.rint(scene.seen(view)), 0, PEAK).astype(np.int64)
    keys = (depth.astype(np.int64) << 8) | shade
    nearest = np.full(SIZE * SIZE, _NOTHING)
    for dx in range(camera.splat):
        for dy in range(camera.splat):
            x, y = columns + dx, rows + dy
            inside = (x >= 0) & (x < SIZE) & (y >= 0) & (y < SIZE)
            np.minimum.at(nearest, (y * SIZE + x)[inside], keys[inside])
    covered = nearest != _NOTHING
    luma = np.where(covered, (nearest & 0xFF).astype(np.float64), BACKGROUND)
    return luma.reshape(SIZE, SIZE), np.asarray(covered.reshape(SIZE, SIZE), bool)


def _axes_of(view: FloatArray) -> tuple[FloatArray, npt.NDArray[np.float64]]:
    """Two unit vectors (3,) across the view and each other."""
    other = np.eye(3)[int(np.argmin(np.abs(view)))]
    across = np.cross(view, other)
    across /= np.linalg.norm(across)
    return across, np.cross(across, view)
