"""The jobs themselves, free of Qt: each runs in a worker thread and returns plain results to show."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

import codec
from codec import (
    CancelToken,
    Certificate,
    CodecOptions,
    DecodeResult,
    EncodeResult,
    PointCloud,
    Progress,
    VoxelCloud,
    VoxelizationReport,
)

from .blocks import morton
from .display import CloudDisplay, prepare
from .surprise import NETWORK, Surprise, surprise_of

Report = Callable[[Progress], None]

STREAM_SUFFIX = ".ovx"


@dataclass(frozen=True)
class OpenedCloud:
    """A cloud file, read and voxelized. source: the file's own points where voxels are not all of them."""

    path: str
    display: CloudDisplay
    voxelization: VoxelizationReport
    source: PointCloud | None


@dataclass(frozen=True)
class Compressed:
    result: EncodeResult


@dataclass(frozen=True)
class Decompressed:
    """path: the file the stream came from, None for a stream in memory."""

    result: DecodeResult
    display: CloudDisplay
    data: bytes
    path: str | None
    certificate: Certificate | None


def open_cloud(path: str, report: Report, cancel: CancelToken) -> OpenedCloud:
    """Reads, voxelizes and prepares a cloud. Raises as `codec.read_cloud` and `codec.voxelize`."""
    report(Progress("read", 0, 0))
    points = codec.read_cloud(path)
    cancel.raise_if_cancelled()
    report(Progress("voxelize", 0, 0))
    cloud, voxelization = codec.voxelize(points)
    cancel.raise_if_cancelled()
    report(Progress("prepare", 0, 0))
    return OpenedCloud(path, prepare(cloud), voxelization, points if voxelization.merged else None)


def compress(
    source: VoxelCloud | PointCloud, options: CodecOptions, report: Report, cancel: CancelToken
) -> Compressed:
    """Raises as `codec.encode`."""
    return Compressed(codec.encode(source, options=options, progress=report, cancel=cancel))


def decompress(
    stream: bytes | str,
    original: VoxelCloud | None,
    options: CodecOptions,
    report: Report,
    cancel: CancelToken,
) -> Decompressed:
    """Decodes bytes or a file, and compares with the original if there is one. Raises as `codec.decode`."""
    path = stream if isinstance(stream, str) else None
    data = Path(stream).read_bytes() if isinstance(stream, str) else stream
    source = data if path is None else path
    result = codec.decode(source, options=options, progress=report, cancel=cancel)
    certificate = None
    if original is not None:
        report(Progress("verify", 0, 0))
        certificate = certify(original, result.cloud, data)
    cancel.raise_if_cancelled()
    report(Progress("prepare", 0, 0))
    return Decompressed(result, prepare(result.cloud), data, path, certificate)


def ask(
    cloud: VoxelCloud,
    origin: tuple[int, int, int],
    size: int,
    options: CodecOptions,
    report: Report,
    cancel: CancelToken,
) -> Surprise:
    """Asks about one block, whatever codec is chosen now. Raises as `codec.voxel_probabilities`."""
    report(Progress("surprise", 0, 0))
    options = replace(options, codec=NETWORK)
    found = codec.voxel_probabilities(cloud, origin, size, options=options)
    cancel.raise_if_cancelled()
    return surprise_of(cloud, origin, size, found)


def certify(original: VoxelCloud, decoded: VoxelCloud, data: bytes) -> Certificate:
    """Compares a decoded cloud with its original, voxel by voxel, without decoding again.

    A cloud on another grid (depth or transform) differs even where coordinates happen to agree.
    """
    same_grid = original.depth == decoded.depth and original.transform == decoded.transform
    missing, extra = _set_difference(original.coords, decoded.coords)
    notes = () if same_grid else ("the bitstream has another voxel grid than the open cloud",)
    return Certificate(
        identical=missing == 0 and extra == 0 and same_grid,
        points_original=len(original),
        points_decoded=len(decoded),
        missing=missing,
        extra=extra,
        sha256_original=_digest(original),
        sha256_decoded=_digest(decoded),
        sha256_stream=hashlib.sha256(data).hexdigest(),
        depth=decoded.depth,
        voxel_size=decoded.transform.scale,
        moved_max=0.0,
        notes=notes,
    )


def _set_difference(a: np.ndarray, b: np.ndarray) -> tuple[int, int]:
    """Rows in a but not in b, and in b but not in a."""
    ours, theirs = morton(a), morton(b)
    common = len(np.intersect1d(ours, theirs, assume_unique=True))
    return len(ours) - common, len(theirs) - common


def _digest(cloud: VoxelCloud) -> str:
    return hashlib.sha256(np.ascontiguousarray(cloud.coords, "<i4").tobytes()).hexdigest()
