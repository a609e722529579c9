"""The certificate: what came back of a cloud, and whether that is what the stream promised."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from .arrays import IntArray
from .cloud.cloud import COLOURS, PointCloud, VoxelCloud
from .cloud.morton import morton_encode
from .cloud.quantize import quantize, quantize_stored
from .cloud.records import count_differences, keys_of, record_columns
from .codecs.distances import Distance, psnr_of
from .color_loss import color_loss
from .color_match import match_within
from .files.source import Readable, Source, open_source
from .job import JobContext
from .report import Certificate, ColorLoss, LossyReport
from .stream.header import NO_WEIGHTS, Guess, Header


def voxel_digest(coords: IntArray) -> str:
    """SHA-256, in hexadecimal, of (N, 3) coordinates in Morton order as little-endian int32."""
    return hashlib.sha256(np.ascontiguousarray(coords, "<i4").reshape(-1).data).hexdigest()


def absent_codes(codes: npt.NDArray[np.int64], there: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """(N,) which of the sorted codes are not among the sorted others."""
    if not len(there):
        return np.ones(len(codes), bool)
    place = np.minimum(np.searchsorted(there, codes), len(there) - 1)
    return np.asarray(there[place] != codes, bool)


def _voxel_colors(original: VoxelCloud, cloud: PointCloud, bound: int) -> ColorLoss | None:
    """How far the colours of decoded voxels are off; both are in Morton order. None if they are not there."""
    found = [cloud.attributes.get(name) for name in COLOURS[:3]]
    columns = [column for column in found if isinstance(column, np.ndarray)]
    if original.colors is None or len(columns) < 3 or len(cloud) != len(original):
        return None
    return color_loss([original.colors[:, k] for k in range(3)], columns, bound)


@dataclass(frozen=True)
class _Voxels:
    """The voxels of an original on the stream's grid, and how far its points lie from them."""

    coords: IntArray
    outside: int
    moved_mean: float
    moved_max: float
    points: int
    left_out: int


def certify(
    original: PointCloud | VoxelCloud,
    cloud: PointCloud,
    voxels: VoxelCloud,
    header: Header,
    stream: Source | Readable,
) -> Certificate:
    """What a decoded stream has of its original.

    cloud, voxels, header: of the decoded stream, which `stream` is. Raises InputError if it cannot be read.
    """
    if not isinstance(stream, Source):
        with open_source(stream) as given:
            return certify(original, cloud, voxels, header, given)
    placed = header.of_voxels or (header.points > 0 and not any(header.rough))
    ours = _voxels_of(original, voxels, header) if placed else _unplaced(original, voxels)
    theirs, mine = morton_encode(ours.coords, voxels.depth), morton_encode(voxels.coords, voxels.depth)
    missing = int(absent_codes(theirs, mine).sum()) + ours.outside
    extra = int(absent_codes(mine, theirs).sum())
    same_voxels = not missing and not extra
    lost, added = _records(original, cloud) if isinstance(original, PointCloud) else (missing, extra)
    exact, color, dropped = not lost and not added, None, header.dropped
    if isinstance(original, PointCloud):
        dropped = tuple(name for name in original.attributes if name not in cloud.attributes)
        if header.bounds and not header.of_voxels and not exact:
            lost, added, color = _within(original, cloud, header)
    elif original.colors is not None:
        color = _voxel_colors(original, cloud, header.color_error)
        if color is None or color.largest > color.bound:
            dropped = ("red", "green", "blue")
        exact = exact and color is not None and not color.largest
        color = None if exact or not header.bounds else color
    every = not lost and not added
    note = f"{ours.outside:,} voxels of the original lie outside the stream's grid"
    found = Certificate(
        level=header.level,
        kept=same_voxels if header.of_voxels else every,
        identical=exact and not dropped,
        points_original=ours.points,
        points_decoded=len(cloud),
        missing=missing if header.of_voxels else lost,
        extra=extra if header.of_voxels else added,
        merged=ours.points - ours.left_out - len(voxels) if header.of_voxels and same_voxels else 0,
        left_out=ours.left_out if header.of_voxels else 0,
        dropped=dropped,
        sha256_original=voxel_digest(ours.coords) if not ours.outside and (every or placed) else "",
        sha256_decoded=voxel_digest(voxels.coords),
        sha256_stream=stream.sha256,
        depth=voxels.depth,
        voxel_size=voxels.transform.scale,
        moved_mean=ours.moved_mean if header.of_voxels else 0.0,
        moved_max=ours.moved_max if header.of_voxels else 0.0,
        source=original.source if isinstance(original, PointCloud) else None,
        notes=(note,) if ours.outside else (),
        color_error=header.color_error,
        color=color,
    )
    return found if header.guess is None else _of_guesses(found, ours, voxels, header)


def _of_guesses(found: Certificate, ours: _Voxels, voxels: VoxelCloud, header: Header) -> Certificate:
    """The certificate of a stream with guessed levels: kept, where no more differs than it says."""
    from .codecs.upsampling.nearest import distance  # compiled code

    guess = header.guess
    assert guess is not None
    there = len(ours.coords) > 0 and len(voxels) > 0
    reach, measured = 2 << guess.levels, Distance(0.0, 0.0, 0.0)
    if there:
        measured = distance(ours.coords, voxels.coords, reach, JobContext())
    within = measured.mse <= guess.mse and measured.hausdorff <= guess.hausdorff
    kept = within and not ours.outside and there == (len(voxels) > 0)
    report = _lossy(guess, header.depth, measured)
    return replace(found, kept=kept, lossy=report, merged=0)


def lossy_report(header: Header) -> LossyReport | None:
    """What a stream says of its guessed levels; None without them."""
    guess = header.guess
    if guess is None:
        return None
    return _lossy(guess, header.depth, Distance(guess.mse, guess.mse, guess.hausdorff))


def _lossy(guess: Guess, depth: int, measured: Distance) -> LossyReport:
    finite = math.isfinite(measured.mse)
    return LossyReport(
        levels=guess.levels,
        guessed=guess.weights_id != NO_WEIGHTS,
        partly=guess.partly,
        d1_mse=measured.mse if finite else -1.0,
        d1_psnr=psnr_of(measured.mse, depth) if finite else None,
        hausdorff=measured.hausdorff if finite else -1.0,
    )


def of_file(certificate: Certificate, original: Source, file: bytes) -> Certificate:
    """The certificate of a stream that gives back a file. Raises InputError if the original is unreadable."""
    found = hashlib.sha256(file).hexdigest()
    same = found == original.sha256
    return replace(certificate, kept=same, identical=same, sha256_file=found)


def _voxels_of(original: PointCloud | VoxelCloud, voxels: VoxelCloud, header: Header) -> _Voxels:
    if isinstance(original, VoxelCloud):
        if original.depth == voxels.depth and original.transform == voxels.transform:
            return _Voxels(original.coords, 0, 0.0, 0.0, len(original), 0)
        original = PointCloud(original.positions)
    if header.grid is not None and (original.scale, original.offset) == (header.scale, header.offset):
        found = quantize_stored(original, header.grid)
    else:
        found = quantize(original, voxels.transform, voxels.depth)
    left_out = len(original) - int(original.finite.sum())
    return _Voxels(found.coords, found.outside, found.moved_mean, found.moved_max, len(original), left_out)


def _unplaced(original: PointCloud | VoxelCloud, voxels: VoxelCloud) -> _Voxels:
    """Of a stream whose cells are no voxels of the original's positions: its records are compared alone."""
    return _Voxels(voxels.coords, 0, 0.0, 0.0, len(original), 0)


def _within(original: PointCloud, cloud: PointCloud, header: Header) -> tuple[int, int, ColorLoss | None]:
    """Points that are missing and added, colours within the stream's bound being the same, and their loss."""
    bounded = [a.name for k, a in enumerate(header.attributes) if k in header.bounds]
    both = [name for name in original.attributes if name in cloud.attributes]
    kinds = [getattr(one.attributes.get(n), "dtype", None) for one in (original, cloud) for n in bounded]
    same = kinds[: len(bounded)] == kinds[len(bounded) :] and None not in kinds
    if not same or (original.scale, original.offset) != (cloud.scale, cloud.offset):
        return len(original), len(cloud), None
    return match_within(
        original, cloud, [name for name in both if name not in bounded], bounded, header.color_error
    )


def _records(original: PointCloud, cloud: PointCloud) -> tuple[int, int]:
    """Points of each that the other one lacks, with the properties that both have."""
    names = [name for name in original.attributes if name in cloud.attributes]
    ours, theirs = record_columns(original, names), record_columns(cloud, names)
    if (original.scale, original.offset) != (cloud.scale, cloud.offset):
        return len(original), len(cloud)
    return count_differences(keys_of(ours), keys_of(theirs))
