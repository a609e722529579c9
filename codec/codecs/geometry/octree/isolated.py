"""Chooses the level from which on isolated points are coded directly, by coding a sample of the cloud.

In a lattice or a grid of heights the places of isolated points follow a pattern. The contexts learn it;
direct coding would not use it. So the encoder codes a sample by its contexts, and compares the bits of
isolated points with the bits of their remaining codes.
"""

from __future__ import annotations

import numpy as np

from octavox.codec.arrays import BoolArray, Float64Array, Int32Array
from octavox.codec.blocks import BlockTable
from octavox.codec.cloud.cloud import VoxelCloud
from octavox.codec.cloud.morton import CodeArray, morton_encode
from octavox.codec.job import JobContext

from .attribution import Attribution
from .direct import LEVEL_BITS, NEVER
from .levels import Nodes, raster_to_morton
from .neighbours import ALONE, find_neighbours
from .ordered import nodes_of
from .params import table_bits_for
from .slice_coder import SliceJob, SliceSettings, encode_slice

PIECES, PIECE_POINTS = 8, 6000  # of the sample: runs of Morton order
FIRST_LOOK = 750  # points of each piece that a first, quick test uses
SINGLES = 0.125  # of the isolated nodes of a level: where a sensor is known, direct coding begins early
MOST = 0.5  # of the finest nodes: unless more of them are isolated, direct coding saves little
FOLLOWED = 0.9  # of the points the next value of an axis occurs, too; with random places it is 0.98
_GROUP_BITS = 6  # log2 of the number of values in a group of `_skips_values`


def best_direct(cloud: VoxelCloud, job: JobContext) -> int:
    """The level from which on direct coding saves bits, NEVER if none.

    cloud: its voxels in Morton order. Raises CancelledError.
    """
    if not mostly_isolated(cloud) or _skips_values(cloud):
        return NEVER
    codes = morton_encode(_sample(cloud.coords, PIECE_POINTS), cloud.depth)
    tally = _Tally(cloud.depth)
    settings = SliceSettings(cloud.depth, table_bits_for(len(codes)))
    encode_slice(codes, settings, SliceJob(0, lambda *news: job.check()), tally)
    return tally.best(codes)


def mostly_isolated(cloud: VoxelCloud) -> bool:
    """Whether most of the finest nodes of a small sample have no neighbours."""
    few = morton_encode(_sample(cloud.coords, FIRST_LOOK), cloud.depth)
    return bool(len(few)) and _has_isolated(few)


def first_singles(cloud: VoxelCloud) -> int:
    """The first level on which a share SINGLES of the isolated nodes hold a single voxel; NEVER if none."""
    codes = morton_encode(cloud.coords, cloud.depth)
    for level in range(cloud.depth):
        inside = codes >> LEVEL_BITS * (cloud.depth - level)
        node, held = np.unique(inside, return_counts=True)
        nodes = nodes_of(node)
        alone = (find_neighbours(nodes.key).mask == ALONE)[nodes.order]
        if np.count_nonzero(alone & (held == 1)) > SINGLES * np.count_nonzero(alone) > 0:
            return level
    return NEVER


def _sample(coords: Int32Array, each: int) -> Int32Array:
    """All of a small cloud, PIECES of `each` points of a large one. coords: (N, 3) in Morton order."""
    if len(coords) <= PIECES * each:
        return coords
    starts = np.linspace(0, len(coords) - each, PIECES).astype(np.int64)
    return np.concatenate([coords[at : at + each] for at in starts])


def _has_isolated(codes: CodeArray) -> bool:
    nodes = codes >> LEVEL_BITS
    nodes = nodes[np.append(True, nodes[1:] != nodes[:-1])]
    key = nodes_of(nodes).key
    alone = np.count_nonzero(find_neighbours(key).mask == ALONE)
    return bool(alone > MOST * len(key))


def _skips_values(cloud: VoxelCloud) -> bool:
    """Whether many values of an axis never occur among others that do, as in a lattice of every third voxel.

    Contexts learn that, but from more points than a sample has. The points of one value count up to a limit,
    so that planes and objects are not taken for a lattice. False where a cloud has too few points to tell.
    """
    if cloud.depth < _GROUP_BITS:
        return False
    for axis in cloud.coords.T:
        counts = np.bincount(axis, minlength=1 << cloud.depth).reshape(-1, 1 << _GROUP_BITS)
        weight = np.minimum(counts, 1 << _GROUP_BITS)
        known = np.sum(weight, axis=1) >= 4 << _GROUP_BITS
        if 2 * np.sum(counts[known]) < len(cloud):
            continue
        weight = weight[known]
        later = (
            np.maximum.accumulate(weight[:, :0:-1], axis=1)[:, ::-1] > 0
        )  # whether a later value of the group occurs
        before, after = weight[:, :-1], weight[:, 1:]
        if np.sum(before[after > 0]) < FOLLOWED * np.sum(before[later]):
            return True
    return False


class _Tally(Attribution):
    """Code lengths of each node of each level."""

    def __init__(self, depth: int) -> None:
        super().__init__(depth)
        self._depth = depth
        self._levels: list[tuple[CodeArray, Float64Array]] = []

    def begin(self, level: int, nodes: Nodes) -> Nodes:
        self.costs = np.zeros(len(nodes.key))
        self._levels.append((nodes.key, self.costs))
        return nodes._replace(owner=np.arange(len(nodes.key), dtype=np.int32))

    def table(self, owner: Int32Array, slice_index: int) -> BlockTable:
        return BlockTable.empty()

    def best(self, codes: CodeArray) -> int:
        """codes: sorted, of the voxels that were coded."""
        gains = []
        known: CodeArray = np.empty(0, np.int64)  # Morton codes of isolated nodes with one voxel, a level up
        for level, (key, costs) in enumerate(self._levels):
            alone = find_neighbours(key).mask == ALONE
            node = raster_to_morton(key)
            shift = LEVEL_BITS * (self._depth - level)
            inside = codes >> shift
            held = np.searchsorted(inside, node, "right") - np.searchsorted(inside, node)
            single = alone & (held == 1)
            spent = float(np.sum(costs[single])) - LEVEL_BITS * float(np.count_nonzero(single))
            fresh = ~_among(node >> LEVEL_BITS, known)
            flags = [_entropy(single[alone]), _entropy(single[alone & fresh])]
            gains.append((spent - flags[1], flags[1] - flags[0]))
            known = np.sort(node[single])
        total, best, found = 0.0, 0.0, NEVER
        for level in reversed(range(len(gains))):
            total += gains[level][0]
            if total + gains[level][1] > best:
                best, found = total + gains[level][1], level
        return found


def _among(codes: CodeArray, known: CodeArray) -> BoolArray:
    """Which of the codes are among the sorted ones."""
    return np.searchsorted(known, codes, "right") > np.searchsorted(known, codes)


def _entropy(flags: BoolArray) -> float:
    """Bits that flags take, by their frequency."""
    ones = np.count_nonzero(flags)
    counts = np.array([ones, len(flags) - ones], np.float64)
    counts = counts[counts > 0]
    return float(-np.sum(counts * np.log2(counts / len(flags)))) if len(flags) else 0.0
