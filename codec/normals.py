"""Nearest neighbours and normals of points, by Open3D; it loads on the first call."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from .arrays import FloatArray
from .job import JobContext
from .optional import optional_package

NORMAL_NEIGHBOURS = 12  # of the plane fitted at a point
CHUNK = 100_000  # query points at a time: bounds memory, and a cancellation waits for one

Rows = npt.NDArray[np.int64]


def search_of(points: FloatArray) -> Any:
    """An index of points (N, 3) that `knn` takes. Raises InputError without Open3D."""
    o3c = _open3d().core
    search = o3c.nns.NearestNeighborSearch(o3c.Tensor(np.ascontiguousarray(points)))
    search.knn_index()
    return search


def knn(search: Any, queries: FloatArray, count: int) -> Rows:
    """(Q, 3) -> (Q, count) rows of the nearest points."""
    indices, _ = search.knn_search(_open3d().core.Tensor(np.ascontiguousarray(queries)), count)
    return np.asarray(indices.numpy(), np.int64).reshape(len(queries), -1)


def fitted_normals(points: FloatArray, job: JobContext) -> FloatArray:
    """(N, 3) unit normals of planes fitted to the nearest neighbours, a point itself among them.

    The direction in which the neighbours spread least (H. Hoppe et al., "Surface reconstruction from
    unorganized points", SIGGRAPH 1992, section 3.2); fewer than three points have the normal (0, 0, 1).
    """
    if len(points) < 3:
        return np.tile([0.0, 0.0, 1.0], (len(points), 1))
    search, normals = search_of(points), np.empty_like(points)
    for part in job.parts(len(points), CHUNK):
        near = points[knn(search, points[part], min(NORMAL_NEIGHBOURS, len(points)))] - points[part, None]
        near -= near.mean(axis=1, keepdims=True)
        near /= np.maximum(np.abs(near).max(axis=(1, 2), keepdims=True), np.finfo(np.float64).tiny)
        normals[part] = np.linalg.eigh(near.transpose(0, 2, 1) @ near)[1][:, :, 0]
    return normals


def _open3d() -> Any:
    return optional_package("open3d", "comparing clouds")
