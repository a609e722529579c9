"""The certificate: whether a decoded cloud has the very voxels of its original."""

from __future__ import annotations

import hashlib

import numpy as np
import numpy.typing as npt

from .arrays import IntArray
from .cloud.cloud import VoxelCloud
from .cloud.morton import morton_encode
from .cloud.voxelize import Quantized
from .report import Certificate


def voxel_digest(coords: IntArray) -> str:
    """SHA-256, in hexadecimal, of (N, 3) coordinates in Morton order as little-endian int32."""
    return hashlib.sha256(np.ascontiguousarray(coords, "<i4").reshape(-1).data).hexdigest()


def absent_codes(codes: npt.NDArray[np.int64], there: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """(N,) which of the sorted codes are not among the sorted others."""
    if not len(there):
        return np.ones(len(codes), bool)
    place = np.minimum(np.searchsorted(there, codes), len(there) - 1)
    return np.asarray(there[place] != codes, bool)


def compare_voxels(original: Quantized, decoded: VoxelCloud, data: bytes) -> Certificate:
    """The voxel set of an original, on the grid of a decoded cloud, compared with that cloud.

    data: the stream that was decoded.
    """
    theirs = morton_encode(original.coords, decoded.depth)
    mine = morton_encode(decoded.coords, decoded.depth)
    missing = int(absent_codes(theirs, mine).sum()) + original.outside
    extra = int(absent_codes(mine, theirs).sum())
    notes: tuple[str, ...] = ()
    if original.outside:
        notes = (f"{original.outside:,} voxels of the original lie outside the stream's grid",)
    return Certificate(
        identical=missing == 0 and extra == 0,
        points_original=len(theirs) + original.outside,
        points_decoded=len(mine),
        missing=missing,
        extra=extra,
        sha256_original=voxel_digest(original.coords) if not original.outside else "",
        sha256_decoded=voxel_digest(decoded.coords),
        sha256_stream=hashlib.sha256(data).hexdigest(),
        depth=decoded.depth,
        voxel_size=decoded.transform.scale,
        moved_max=original.moved_max,
        notes=notes,
    )
