"""The networks that find voxels which a cloud lacks, and what they find on an input's grid."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from octavox.codec.arrays import Int64Array
from octavox.codec.cloud.morton import morton_decode, morton_encode
from octavox.codec.codecs.networks import Networks
from octavox.codec.codecs.upsampling.completing import cleaned
from octavox.codec.codecs.upsampling.densifier import CompiledDensifier
from octavox.codec.codecs.upsampling.guess import expected
from octavox.codec.job import JobContext
from octavox.codec.models.densifier_weights import load_densifier
from octavox.codec.options import CodecOptions

from .levels import SPARE, upsampler
from .placing import Placed, check_span

MARGIN = 8  # voxels around a damaged cloud in which its true voxels may lie; a multiple of 4


def _load(path: Path, device: str) -> CompiledDensifier:
    return CompiledDensifier(load_densifier(path))


_NETWORKS = Networks("densifier", "densifier.safetensors", _load)


def densifier() -> CompiledDensifier:
    """The shipped network. Raises WeightsError."""
    return _NETWORKS.on("cpu", CodecOptions())


def coarse_levels(numbers: Int64Array) -> int:
    """How many octree levels integers (n, 3) lack: the step of the last one divides all differences.

    Axes along which nothing differs say nothing. None lack where nothing differs at all.
    """
    step = int(np.gcd.reduce((numbers - numbers[:1]).ravel())) if len(numbers) else 0
    return (step & -step).bit_length() - 1 if step else 0


def restored(
    placed: Placed, levels: int, unit: int, job: JobContext, threads: int | None
) -> tuple[Int64Array, bytes]:
    """The cells (m, 3) of a cloud, a multiple of `unit` apart, and the id of the network that found them."""
    if not levels:
        return repaired(placed.numbers, job, threads)
    base = placed.numbers.min(axis=0)
    found, identity = refined((placed.numbers - base) // unit, levels, job, threads)
    return found * unit + base + (unit >> 1), identity


def refined(
    numbers: Int64Array, levels: int, job: JobContext, threads: int | None
) -> tuple[Int64Array, bytes]:
    """The voxels (m, 3) of cells with an edge of 2**levels, and the id of the network.

    numbers: (n, 3) the middle of each cell, rounded up. Raises InputError for numbers that span too much,
    WeightsError, CancelledError.
    """
    net, half = upsampler(CodecOptions()), 1 << levels >> 1
    low = numbers.min(axis=0) - half
    nodes = (numbers - half - low) >> levels
    check_span(nodes)
    codes = expected(net, np.unique(morton_encode(nodes)), levels, SPARE[levels], job, threads)
    return morton_decode(codes).astype(np.int64) + low, net.identity


def repaired(numbers: Int64Array, job: JobContext, threads: int | None) -> tuple[Int64Array, bytes]:
    """The voxels (m, 3) of a cloud that was damaged to voxels (n, 3), and the id of the network.

    Raises as `refined`.
    """
    net, low = densifier(), numbers.min(axis=0) - MARGIN
    placed = numbers - low
    check_span(placed)
    depth = int(placed.max() + MARGIN).bit_length()
    codes = cleaned(net, np.unique(morton_encode(placed)), depth, job, threads)
    return morton_decode(codes).astype(np.int64) + low, net.identity
