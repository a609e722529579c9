"""The voxels of a frame between two others: both moved to its time, and where they differ the likeliest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from octavox.codec.arrays import BoolArray, Int64Array
from octavox.codec.cloud.morton import CodeArray, distinct, morton_decode, morton_encode
from octavox.codec.job import JobContext
from octavox.codec.parallel import SharedJob, map_parallel

from .completing import agreed
from .densifier import Densifier
from .motion_field import FRACTION, Frames, motion_field, search_levels

SHARE_BITS = 16  # of the time between two frames
_SHARE_ONE = 1 << SHARE_BITS


@dataclass(frozen=True)
class Motion:
    """From one frame to the other, and back.

    there: (n, 3) int64 vectors of the voxels of the first, in 2**-FRACTION voxels; back: (m, 3) those of the
    second. left_out: octree levels below the finest one that was searched; vectors are no finer. rigid: the
    second frame is the first one, moved as a whole.
    """

    there: Int64Array
    back: Int64Array
    left_out: int = 0
    rigid: bool = False


@dataclass(frozen=True)
class Between:
    """codes: (k,) sorted Morton codes. rows: (k,) of the voxels that moved there; in_b: (k,) whether of the
    second frame. shared: how many both frames have there. guessed: whether a network chose among the others.
    """

    codes: CodeArray
    rows: Int64Array
    in_b: BoolArray
    shared: int
    guessed: bool


def find_motion(a: CodeArray, b: CodeArray, job: JobContext, threads: int | None) -> Motion:
    """The motion between two frames (n,) and (m,), sorted Morton codes. Raises CancelledError."""
    step = _rigid(a, b)
    if step is not None:
        there = step << FRACTION
        return Motion(np.repeat(there[None], len(a), 0), np.repeat(-there[None], len(b), 0), rigid=True)
    levels = search_levels(a, b)
    shared = SharedJob(job, "motion", 2 * sum(level.sweeps for _, level in levels))
    pairs = Frames(a, b), Frames(b, a)
    there, back = map_parallel(shared, 2, threads, lambda k: motion_field(pairs[k], levels, shared))
    return Motion(there, back, levels[-1][0])


def _rigid(a: CodeArray, b: CodeArray) -> Int64Array | None:
    """(3,) the one step from all voxels of a to all of b; None where there is none."""
    if len(a) != len(b):
        return None
    rows = [morton_decode(codes).astype(np.int64) for codes in (a, b)]
    one, other = (own[np.lexsort(own.T)] for own in rows)
    steps = other - one
    return np.asarray(steps[0]) if (steps == steps[:1]).all() else None


def share_of(at: float) -> int:
    """A time between 0 and 1 as a share of 2**SHARE_BITS, neither none nor all of it."""
    return min(max(round(at * _SHARE_ONE), 1), _SHARE_ONE - 1)


def moved(codes: CodeArray, vectors: Int64Array, share: int, depth: int) -> tuple[CodeArray, Int64Array]:
    """The voxels (n,) after a share of their ways: (m,) sorted Morton codes, and rows (m,) that came there.

    Halves are rounded up. What would leave the cube stays at its side. Of voxels that meet, the first one
    is kept.
    """
    bits = FRACTION + SHARE_BITS
    coords = morton_decode(codes) + ((vectors * share + (1 << bits >> 1)) >> bits)
    there = morton_encode(np.clip(coords, 0, (1 << depth) - 1), depth)
    order = np.argsort(there, kind="stable")
    rows = order[np.diff(there[order], prepend=-1) != 0]
    return there[rows], rows


def between(
    a: CodeArray,
    b: CodeArray,
    motion: Motion,
    share: int,
    depth: int,
    network: Callable[[], Densifier],
    job: JobContext,
    threads: int | None,
) -> Between:
    """The frame at a share of the time from a (n,) to b (m,), sorted Morton codes.

    It has the voxels to which both frames moved, and of those to which one did the likeliest, until there are
    as many as the number of voxels between n and m at that time; fewer where there are not as many. Raises
    WeightsError, CancelledError.
    """
    (one, rows_a), (other, rows_b) = (
        moved(a, motion.there, share, depth),
        moved(b, motion.back, _SHARE_ONE - share, depth),
    )
    wanted = (len(a) * (_SHARE_ONE - share) + len(b) * share + (_SHARE_ONE >> 1)) >> SHARE_BITS
    union = distinct(np.concatenate([one, other]))
    guessed = len(union) > wanted
    found = agreed(network(), (one, other), depth, wanted, job, threads) if guessed else union
    at_a, at_b = _rows(one, found), _rows(other, found)
    in_b = (at_a < 0) | ((at_b >= 0) & (2 * share > _SHARE_ONE))
    rows = np.where(in_b, rows_b[at_b], rows_a[at_a])
    return Between(found, rows, in_b, len(one) + len(other) - len(union), guessed)


def _rows(codes: CodeArray, wanted: CodeArray) -> Int64Array:
    """(k,) where each of the wanted codes is among sorted ones, -1 where it is not."""
    at = np.minimum(np.searchsorted(codes, wanted), len(codes) - 1)
    return np.where(codes[at] == wanted, at, -1)
