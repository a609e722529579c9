"""Voxels that a thinned or damaged cloud lacks, found on its own grid, level by level.

The input's cells two levels up, and those around them, are the first nodes. The network says which of their
children are occupied; the likeliest are the second nodes, whose children are voxels.
"""

from __future__ import annotations

import numpy as np

from octavox.codec.arrays import BoolArray, Int32Array, Int64Array, UInt8Array
from octavox.codec.cloud.morton import distinct, morton_decode
from octavox.codec.codecs.geometry.octree.levels import (
    AXIS_MASK,
    X_SHIFT,
    Y_SHIFT,
    coords_to_raster,
    raster_to_morton,
)
from octavox.codec.codecs.geometry.octree.neighbours import Neighbours, find_neighbours
from octavox.codec.codecs.geometry.octree.ordered import children_kept
from octavox.codec.coding.kernels.jit import Int, njit
from octavox.codec.job import JobContext
from octavox.codec.models.densifier_weights import ratio_class
from octavox.codec.models.upsampler_weights import CHILDREN, LOGIT_LIMIT

from .densifier import Case, Densifier
from .network import NO_FEATURES
from .selecting import expected_count, largest

SPARE = 1.3  # of the first level, how many times as many nodes are kept as the network expects there are
MIRRORS = (0, 7)  # in which the network sees a cloud: as it is, and mirrored along all axes
MIDDLE = 13  # tap of a node itself among the 27
LEAST = 4  # voxels wanted for each node of the second level, at the most


def completed(
    net: Densifier,
    codes: Int64Array,
    depth: int,
    ratio: float,
    job: JobContext,
    threads: int | None = None,
    cells: Int64Array | None = None,
) -> Int64Array:
    """The voxels of a cloud (n,), as sorted Morton codes, and the likeliest of those that it lacks.

    ratio: how many times as many there will be, rounded; fewer where there are not as many cells within 5^3
    of its voxels and 2**depth an axis. cells: sorted Morton codes of the occupied cells of 2^3 voxels, where
    somebody knows them: so the second level can be measured apart from the first. Raises CancelledError.
    """
    wanted = round(ratio * len(codes))
    case = False, ratio_class(ratio)
    return _found(net, (codes,), depth, case, wanted, job, threads, cells)


def cleaned(
    net: Densifier, codes: Int64Array, depth: int, job: JobContext, threads: int | None = None
) -> Int64Array:
    """The voxels of the cloud that was damaged to these, sorted Morton codes (n,): as many as are expected.

    Raises CancelledError.
    """
    return _found(net, (codes,), depth, (True, 0), None, job, threads)


def agreed(
    net: Densifier,
    clouds: tuple[Int64Array, ...],
    depth: int,
    wanted: int,
    job: JobContext,
    threads: int | None = None,
) -> Int64Array:
    """Of the voxels of several damaged clouds of one object, those that all have, and the likeliest others.

    clouds: sorted Morton codes of each. wanted: how many, at most as many as there are. Raises
    CancelledError.
    """
    return _found(net, clouds, depth, (True, 0), wanted, job, threads)


def _found(
    net: Densifier,
    clouds: tuple[Int64Array, ...],
    depth: int,
    case: Case,
    wanted: int | None,
    job: JobContext,
    threads: int | None,
    cells: Int64Array | None = None,
) -> Int64Array:
    damaged, bits = case[0], max(depth - 2, 0)
    codes = clouds[0] if len(clouds) == 1 else distinct(np.concatenate(clouds))
    key = dilated(np.sort(coords_to_raster(morton_decode(distinct(codes >> 6)))), bits)
    views = [(k, _View(net, case, mirror, job, threads)) for k in range(len(clouds)) for mirror in MIRRORS]
    seen = [given_children(key, distinct(cloud >> 3)) for cloud in clouds]
    logits = _mean([view.logits(key, seen[k], bits) for k, view in views])
    known = _bits(np.bitwise_or.reduce(seen))
    expected = _expected(logits, known, damaged)
    order = np.argsort(raster_to_morton(key))
    least = 0 if wanted is None else -(-wanted // LEAST)
    count = max(round(SPARE * expected), least)
    nodes = children_kept(key, _kept(logits, known, order, count), order) if cells is None else cells
    key = np.sort(coords_to_raster(morton_decode(nodes)))
    seen = [given_children(key, cloud) for cloud in clouds]
    logits = _mean([view.logits(key, seen[k], bits + 1) for k, view in views])
    second = np.bitwise_or.reduce(seen)
    order, known = np.argsort(raster_to_morton(key)), _bits(second)
    if wanted is None:
        wanted, fixed = _expected(logits, known, damaged), np.zeros_like(known)
    else:
        fixed = _bits(np.bitwise_and.reduce(seen))
    near = near_children(find_neighbours(key), second) if len(clouds) == 1 else known
    logits[~near] = _NEVER
    kept = _kept(logits, fixed, order, wanted)
    found = children_kept(key, kept, order)
    return found[: np.searchsorted(found, np.int64(1) << 3 * depth)] if depth < 2 else found


class _View:
    """What the network says of a cloud that is mirrored along axes: bit 2 is x, bit 1 is y, bit 0 is z."""

    def __init__(self, net: Densifier, case: Case, mirror: int, job: JobContext, threads: int | None) -> None:
        self._net, self._case, self._mirror, self._job, self._threads = net, case, mirror, job, threads
        self._features = NO_FEATURES

    def logits(self, key: Int64Array, given: UInt8Array, bits: int) -> Int32Array:
        """(n, 8) of the children of the nodes of the next level. bits: of their coordinates."""
        ends = (np.int64(1) << bits) - 1
        axes = [ends << shift for k, shift in enumerate((0, Y_SHIFT, X_SHIFT)) if self._mirror >> k & 1]
        mirrored = key ^ np.int64(sum(axes))
        order, octants = np.argsort(mirrored), np.arange(CHILDREN) ^ self._mirror
        own = np.packbits(_bits(given)[order][:, octants], axis=1, bitorder="little")[:, 0]
        nodes = mirrored[order], own
        self._features, found = self._net.predict(nodes, self._case, self._features, self._job, self._threads)
        logits = np.empty_like(found)
        logits[order] = found[:, octants]
        return logits


def _mean(logits: list[Int32Array]) -> Int32Array:
    """The mean, rounded down."""
    return np.asarray(sum(logits[1:], logits[0]) // len(logits), np.int32)


_NEVER = -LOGIT_LIMIT - 1


def _kept(logits: Int32Array, known: BoolArray, order: Int64Array, count: int) -> BoolArray:
    """(n, 8) the known children, and the likeliest others until there are `count`, if there are as many."""
    values = (logits + LOGIT_LIMIT).astype(np.int32)
    values[known] = -1
    wanted = min(max(count - int(known.sum()), 0), int((values >= 0).sum()))
    return known | largest(values, order, wanted)


def _expected(logits: Int32Array, known: BoolArray, damaged: bool) -> int:
    """How many children there are in truth. known: (n, 8); they exist, unless the input is damaged."""
    return expected_count(logits) if damaged else int(known.sum()) + expected_count(logits, ~known)


def dilated(key: Int64Array, bits: int) -> Int64Array:
    """Sorted raster keys of the 3^3 around cells (n,) with sorted keys, of `bits` bits per axis."""
    for shift in (0, Y_SHIFT, X_SHIFT):
        at = (key >> shift) & AXIS_MASK
        step = np.int64(1) << shift
        key = distinct(np.concatenate([key[at > 0] - step, key, key[at + 1 < 1 << bits] + step]))
    return key


def given_children(key: Int64Array, codes: Int64Array) -> UInt8Array:
    """(n,) which children of nodes with these sorted raster keys are among distinct Morton codes (m,).

    Bit k is child k. All codes are of children of the nodes.
    """
    row = np.searchsorted(key, coords_to_raster(morton_decode(codes >> 3)))
    return np.bincount(row, (1 << (codes & 7)).astype(np.float64), len(key)).astype(np.uint8)


def isolated(codes: Int64Array) -> int:
    """How many voxels, sorted Morton codes (n,), have no other one within the 5^3 around them."""
    key = np.sort(coords_to_raster(morton_decode(distinct(codes >> 3))))
    given = given_children(key, codes)
    near = find_neighbours(key)
    return int(_alone(near.first, near.mask, given, _reached()))


def _bits(given: UInt8Array) -> BoolArray:
    """(n, 8) the bits of bytes (n,)."""
    return np.unpackbits(given[:, None], axis=1, bitorder="little").astype(bool)


def near_children(near: Neighbours, given: UInt8Array) -> BoolArray:
    """(n, 8) which children of nodes have a given child within the 5^3 around them. given: (n,) bytes."""
    found = np.zeros((len(given), CHILDREN), np.bool_)
    _near(near.first, near.mask, given, _reached(), found)
    return found


def _reached() -> UInt8Array:
    """(27, 256) which children of a node have, within 5^3, any of the given children of the node at a tap."""
    table = np.zeros((27, 256), np.uint8)
    place = np.stack([np.arange(8) >> 2, np.arange(8) >> 1 & 1, np.arange(8) & 1], 1)
    for tap in range(27):
        offset = np.array([tap // 9 - 1, tap // 3 % 3 - 1, tap % 3 - 1])
        apart = np.abs(place[:, None] - (place[None] + 2 * offset)).max(
            axis=2
        )  # of own and of given children
        for given in range(8):
            table[tap, (np.arange(256) >> given & 1) > 0] |= np.uint8(
                ((apart[:, given] <= 2) << np.arange(8)).sum()
            )
    return table


@njit
def _reach(
    i: Int, first: Int32Array, mask: Int32Array, given: UInt8Array, reached: UInt8Array, own: Int
) -> Int:
    """Which children of a node have a given one within 5^3, as bits. own: 1 counts its own children, too."""
    bits = np.int64(0)
    for row in range(9):
        at = np.int64(first[i, row])
        for z in range(3):
            if (mask[i] >> (3 * row + z)) & 1:
                if own or 3 * row + z != MIDDLE:
                    bits |= np.int64(reached[3 * row + z, given[at]])
                at += 1
    return bits


@njit
def _near(
    first: Int32Array, mask: Int32Array, given: UInt8Array, reached: UInt8Array, found: BoolArray
) -> None:
    for i in range(given.size):
        bits = _reach(i, first, mask, given, reached, 1)
        for k in range(CHILDREN):
            found[i, k] = (bits >> k) & 1


@njit
def _alone(first: Int32Array, mask: Int32Array, given: UInt8Array, reached: UInt8Array) -> Int:
    """How many nodes have one given child, without another one within the 5^3 around it."""
    count = np.int64(0)
    for i in range(given.size):
        own = np.int64(given[i])
        if own & (own - 1) == 0 and own & _reach(i, first, mask, given, reached, 0) == 0:
            count += 1
    return count
