"""The stage between geometry and points of a stream with guessed levels, in both directions."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from octavox.codec.arrays import Int32Array, Int64Array
from octavox.codec.blocks import BlockTable
from octavox.codec.cloud.cloud import VoxelCloud
from octavox.codec.codecs.distances import Distance
from octavox.codec.codecs.geometry.octree.levels import coords_to_morton
from octavox.codec.codecs.geometry.octree.ordered import nodes_of
from octavox.codec.codecs.interface import EncodedGeometry, LevelCodec
from octavox.codec.codecs.registry import get_codec
from octavox.codec.codecs.upsampling.guess import Upsampler
from octavox.codec.codecs.upsampling.nearest import distance_of_keys
from octavox.codec.coding.bytes import ByteReader, varint
from octavox.codec.errors import CorruptStreamError, WeightsError
from octavox.codec.job import JobContext
from octavox.codec.options import CodecOptions
from octavox.codec.points import Chunk, Points
from octavox.codec.report import ColorDistortion
from octavox.codec.stream.chunks import Kind
from octavox.codec.stream.header import NO_WEIGHTS, Guess, most_guessed
from octavox.codec.stream.reader import StreamReader

from .levels import (
    Counts,
    Guesses,
    Regrown,
    Rows,
    grown_blocks,
    level_counts,
    more_voxels,
    regrown,
    thinned,
    upsampler,
)
from .partly import PartlyGuessed
from .transfer import Shares, colors_of_points, colors_of_voxels, reach_of


@dataclass(frozen=True)
class Grown:
    """What a decoder will have. voxels: with their grid. rows: of the slices. points: shared out to them.

    color: how far the colours of the nearest voxels differ.
    """

    voxels: VoxelCloud
    blocks: BlockTable
    rows: Rows
    points: Points | None
    header: Guess
    chunks: list[Chunk]
    color: ColorDistortion | None = None


@dataclass(frozen=True)
class Coded:
    """The coded level of a cloud. base: its nodes, as a decoder gets them. rows: of the slices.

    blocks: of the base. partly: how its last level was guessed in part; None where all of it was coded.
    """

    base: VoxelCloud
    rows: Rows
    blocks: BlockTable
    partly: PartlyGuessed | None = None


def encode_base(
    voxels: VoxelCloud, levels: int, share: float, options: CodecOptions, job: JobContext
) -> tuple[VoxelCloud, EncodedGeometry, PartlyGuessed | None]:
    """The nodes `levels` above voxels, as a decoder gets them, and their coding.

    share: of the nodes of the level above these, whose children are guessed. Raises WeightsError,
    CancelledError.
    """
    codec, base = get_codec(options.codec), thinned(voxels, levels)
    if not share or not isinstance(codec, LevelCodec):
        return base, codec.encode(base, options, job), None
    partly = PartlyGuessed(upsampler(options), levels, job, share, threads=options.threads)
    coded = codec.encode(base, options, job, partly)
    return base if coded.coords is None else replace(base, coords=coded.coords), coded, partly


def grow(
    voxels: VoxelCloud, coded: Coded, points: Points | None, options: CodecOptions, job: JobContext
) -> Grown:
    """What comes back of voxels of which a coarser level is coded.

    Guesses, unless the middles of the coded level's cells are nearer. Raises WeightsError, CancelledError.
    """
    base, threads = coded.base, options.threads
    levels = voxels.depth - base.depth
    counts = level_counts(voxels, base, coded.rows, levels)
    (found, chosen), measured = _best(voxels, coded, counts, options, job)
    grown = replace(voxels, coords=found.coords, colors=None)
    grown, points, color = _dressed(voxels, grown, levels, points, job, threads)
    identity = NO_WEIGHTS if chosen is None else upsampler(options).identity
    partly = coded.partly
    header = Guess(
        levels, len(base), identity, found.digest, measured.mse, measured.hausdorff, partly is not None
    )
    chunks = []
    for number, own in enumerate(chosen or ()):
        first = () if partly is None else partly.numbers[number]
        chunks.append(Chunk(Kind.GUESS, b"".join(map(varint, (*first, *own))), 0, number))
    blocks = grown_blocks(coded.blocks, found, levels)
    return Grown(grown, blocks, found.rows, points, header, chunks, color)


def _dressed(
    voxels: VoxelCloud,
    grown: VoxelCloud,
    levels: int,
    points: Points | None,
    job: JobContext,
    threads: int | None,
) -> tuple[VoxelCloud, Points | None, ColorDistortion | None]:
    """The voxels of a decoder with what the originals have: colours, or properties of points."""
    if points is not None and not points.columns:
        return grown, replace(points, done=replace(points.done, voxels=grown, counts=None)), None
    before = voxels.colors
    if points is None and before is None:
        return grown, None, None
    shares = Shares.of(voxels, grown, reach_of(levels), job, threads)
    if points is None:
        assert before is not None
        colors = shares.colors(before)
        return replace(grown, colors=colors), None, colors_of_voxels(before, colors, shares, job, threads)
    carried = shares.points(points.done)
    return grown, replace(points, done=carried), colors_of_points(points, carried, shares, job, threads)


def _best(
    voxels: VoxelCloud, coded: Coded, counts: Counts, options: CodecOptions, job: JobContext
) -> tuple[tuple[Regrown, Counts | None], Distance]:
    """Guesses or middles, whichever is nearer to the voxels."""
    levels = voxels.depth - coded.base.depth
    source = _Source(nodes_of(coords_to_morton(voxels.coords)).key, levels, job, options.threads)
    found, measured = _balanced(source, coded, counts, options, job)
    if coded.partly is not None or measured.mse <= _LEAST_OF_MIDDLES * _middle_mse(voxels, levels):
        return found, measured
    middles = regrown(coded.base.coords, coded.rows, levels, None, options, job)
    other = source.distance(middles)
    return (found, measured) if measured.mse <= other.mse else ((middles, None), other)


@dataclass(frozen=True)
class _Source:
    """The voxels of the source, as sorted raster keys (N,), and how others are compared with them."""

    key: Int64Array
    levels: int
    job: JobContext
    threads: int | None

    def distance(self, found: Regrown) -> Distance:
        return distance_of_keys(self.key, found.key, reach_of(self.levels), self.job, self.threads)


def _balanced(
    source: _Source, coded: Coded, counts: Counts, options: CodecOptions, job: JobContext
) -> tuple[tuple[Regrown, Counts], Distance]:
    """Guesses; where voxels are missed more than guessed wrongly, a few more of them.

    D1 is the worse of both directions, and more guesses make one better and the other worse.
    """
    base, levels = coded.base, source.levels
    if not levels:
        same = regrown(base.coords, coded.rows, levels, counts, options, job)
        return (same, counts), source.distance(same)
    guesses = Guesses(base.coords, coded.rows, counts, options, job)
    first = guesses.regrown(counts)
    measured = source.distance(first)
    found = (first, counts), measured
    if not 0 < measured.back <= measured.forth < math.inf:
        return found
    more = min(math.log(measured.forth / measured.back) / _EFFECT[levels], _MOST_MORE)
    if more < _LEAST_MORE:
        return found
    other_counts = more_voxels(counts, more)
    other = guesses.regrown(other_counts)
    again = source.distance(other)
    return ((other, other_counts), again) if again.mse < measured.mse else found


# By how much the logarithm of the errors' ratio falls with the share of voxels that are more; by the levels
# left out, as training clouds have it (decision 0008).
_EFFECT = {1: 2.2, 2: 2.2, 3: 1.5, 4: 1.5}
_LEAST_MORE, _MOST_MORE = 0.01, 0.15
_LEAST_OF_MIDDLES = 0.5  # of their mean squared error within nodes; a voxel of another node is rarely nearer


def _middle_mse(voxels: VoxelCloud, levels: int) -> float:
    """Mean squared distance of the voxels from the middles of their own nodes."""
    offset = (voxels.coords & ((1 << levels) - 1)) - (1 << (levels - 1))
    flat = offset.astype(np.float64).ravel()  # whole numbers, whose squares add up exactly
    return float(flat @ flat) / len(voxels)


def partly_guessed(
    stream: StreamReader, guess: Guess, numbers: Sequence[int], options: CodecOptions, job: JobContext
) -> PartlyGuessed:
    """What a decoder guesses of the coded level of these slices. Raises CorruptStreamError, WeightsError."""
    found = {k: _numbers(stream, k, guess)[0] for k in numbers}
    net = _network(guess, options)
    return PartlyGuessed(net, guess.levels, job, numbers=found, threads=options.threads)


def _network(guess: Guess, options: CodecOptions) -> Upsampler:
    net = upsampler(options)
    if net.identity != guess.weights_id:
        wanted, found = guess.weights_id.hex(), net.identity.hex()
        reason = f"the stream needs the upsampler's weights {wanted}, these are {found}"
        raise WeightsError(reason, field="weights id")
    return net


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
        _network(guess, options)
        counts = [_numbers(stream, k, guess)[1] for k in numbers]
        _check_points(stream, numbers, counts)
    found = regrown(base, rows, guess.levels, counts, options, job)
    if _is_whole(stream, numbers) and found.digest != guess.digest:
        raise CorruptStreamError("the voxels are not those that the encoder had", field="guess")
    return found


def _is_whole(stream: StreamReader, numbers: Sequence[int]) -> bool:
    """Whether these are all slices of a stream; a damaged one has no more than some."""
    return sum(stream.part(Kind.SLICE, 0, k).points for k in numbers) == stream.header.coded_points


def _numbers(stream: StreamReader, number: int, guess: Guess) -> tuple[tuple[int, int], tuple[int, ...]]:
    """What the chunk of a slice holds: guessed nodes and kept children of the coded level, and the counts."""
    entry, nodes = stream.part(Kind.GUESS, 0, number), stream.part(Kind.SLICE, 0, number).points
    reader, partly = ByteReader(stream.payload(entry), first_byte=entry.first_byte), (0, 0)
    if guess.partly:
        known = reader.varint(entry.name, nodes)
        partly = known, reader.varint(entry.name, min(8 * known, nodes), known)
    counts = []
    for _ in range(guess.levels):
        nodes = reader.varint(entry.name, 8 * nodes, nodes)
        counts.append(nodes)
    reader.done(entry.name)
    return partly, tuple(counts)


def _check_points(stream: StreamReader, numbers: Sequence[int], counts: Counts) -> None:
    """The header says how many voxels there are, and not so many that a small file takes much memory."""
    own = [
        given[-1] if given else stream.part(Kind.SLICE, 0, k).points
        for k, given in zip(numbers, counts, strict=True)
    ]
    if not own:
        return
    declared, first = stream.header.points, stream.part(Kind.GUESS, 0, numbers[0]).first_byte
    whole = _is_whole(stream, numbers)
    if sum(own) > declared or (whole and sum(own) < declared):
        reason = f"{sum(own):,} voxels guessed, {declared:,} declared"
        raise CorruptStreamError(reason, field="guess", byte=first)
    if declared > most_guessed(stream.size):
        raise CorruptStreamError(f"{declared:,} voxels of {stream.size:,} bytes", field="points", byte=first)
