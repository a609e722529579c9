"""The stage between geometry and points of a stream with guessed levels, in both directions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from octavox.codec.arrays import Int32Array
from octavox.codec.cloud.cloud import VoxelCloud
from octavox.codec.codecs.nearest import Distance, distance
from octavox.codec.coding.bytes import ByteReader, varint
from octavox.codec.errors import CorruptStreamError, WeightsError
from octavox.codec.job import JobContext
from octavox.codec.options import CodecOptions
from octavox.codec.points import Chunk, Points
from octavox.codec.stream.chunks import Kind
from octavox.codec.stream.header import NO_WEIGHTS, Guess
from octavox.codec.stream.reader import StreamReader

from .levels import Counts, Regrown, Rows, level_counts, regrown, upsampler
from .transfer import carried_over


@dataclass(frozen=True)
class Grown:
    """What a decoder will have. voxels: with their grid. rows: of the slices. points: shared out to them."""

    voxels: VoxelCloud
    rows: Rows
    points: Points | None
    header: Guess
    chunks: list[Chunk]


def grow(
    voxels: VoxelCloud,
    base: VoxelCloud,
    rows: Rows,
    points: Points | None,
    options: CodecOptions,
    job: JobContext,
) -> Grown:
    """What comes back of voxels of which a base is coded. rows: of the base's slices.

    Guesses, unless the middles of the base's cells are nearer. Raises WeightsError, CancelledError.
    """
    levels, threads = voxels.depth - base.depth, options.threads
    reach = 1 << levels
    counts = level_counts(voxels, base, rows, levels)
    best, distances = _best(voxels, base, rows, counts, options, job)
    found, chosen = best
    grown = replace(voxels, coords=found.coords, colors=None)
    if points is not None:
        points = replace(points, done=carried_over(points.done, grown, reach, job, threads))
    identity = NO_WEIGHTS if chosen is None else upsampler(options).identity
    header = Guess(levels, len(base), identity, found.digest, distances.mse, distances.hausdorff)
    chunks = [] if chosen is None else [_chunk(own, k) for k, own in enumerate(chosen)]
    return Grown(grown, found.rows, points, header, chunks)


def _best(
    voxels: VoxelCloud, base: VoxelCloud, rows: Rows, counts: Counts, options: CodecOptions, job: JobContext
) -> tuple[tuple[Regrown, Counts | None], Distance]:
    """Guesses or middles, whichever is nearer to the voxels."""
    levels, threads = voxels.depth - base.depth, options.threads
    guesses = regrown(base.coords, rows, levels, counts, options, job)
    measured = distance(voxels.coords, guesses.coords, 1 << levels, job, threads)
    found = (guesses, counts), measured
    if measured.mse <= _LEAST_OF_MIDDLES * _middle_mse(voxels, levels):
        return found
    middles = regrown(base.coords, rows, levels, None, options, job)
    other = distance(voxels.coords, middles.coords, 1 << levels, job, threads)
    return found if measured.mse <= other.mse else ((middles, None), other)


_LEAST_OF_MIDDLES = 0.5  # of their mean squared error within nodes; a voxel of another node is rarely nearer


def _middle_mse(voxels: VoxelCloud, levels: int) -> float:
    """Mean squared distance of the voxels from the middles of their own nodes."""
    offset = (voxels.coords & ((1 << levels) - 1)) - (1 << (levels - 1))
    return float((offset.astype(np.float64) ** 2).sum(axis=1).mean())


def _chunk(counts: Sequence[int], number: int) -> Chunk:
    return Chunk(Kind.GUESS, b"".join(map(varint, counts)), 0, number)


def regrow(
    stream: StreamReader,
    numbers: Sequence[int],
    base: Int32Array,
    rows: Rows,
    options: CodecOptions,
    job: JobContext,
) -> Regrown:
    """The voxels of a stream, from its base (M, 3). numbers: of the slices that were decoded.

    Raises CorruptStreamError, WeightsError, CancelledError.
    """
    guess = stream.header.guess
    assert guess is not None
    counts: list[tuple[int, ...]] | None = None
    if guess.weights_id != NO_WEIGHTS:
        net = upsampler(options)
        if net.identity != guess.weights_id:
            raise _other_weights(guess.weights_id.hex(), net.identity.hex())
        counts = [_counts(stream, number, guess.levels) for number in numbers]
    found = regrown(base, rows, guess.levels, counts, options, job)
    if len(numbers) == len(stream.slices) and found.digest != guess.digest:
        raise CorruptStreamError("the voxels are not those that the encoder had", field="guess")
    return found


def _other_weights(wanted: str, found: str) -> WeightsError:
    return WeightsError(f"the stream needs the upsampler's weights {wanted}, these are {found}")


def _counts(stream: StreamReader, number: int, levels: int) -> tuple[int, ...]:
    entry = stream.part(Kind.GUESS, 0, number)
    reader = ByteReader(stream.payload(entry), first_byte=entry.first_byte)
    found = tuple(reader.varint(entry.name, stream.header.coded_points << 3 * levels) for _ in range(levels))
    reader.done(entry.name)
    return found
