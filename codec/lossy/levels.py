"""Levels that are left out of a stream, and guessed by its decoder, slice by slice."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from octavox.codec.arrays import BoolArray, Int32Array, Int64Array, UInt8Array
from octavox.codec.blocks import BlockTable
from octavox.codec.cloud.cloud import VoxelCloud
from octavox.codec.codecs.geometry.octree.levels import coords_to_morton, morton_to_coords
from octavox.codec.codecs.geometry.octree.ordered import nodes_of
from octavox.codec.codecs.networks import Networks
from octavox.codec.codecs.upsampling.guess import Answers, Upsampler, answers, centres
from octavox.codec.errors import CorruptStreamError
from octavox.codec.job import JobContext
from octavox.codec.models.devices import check_device, pick_device
from octavox.codec.models.upsampler_weights import load_upsampler
from octavox.codec.options import CodecOptions

# How many nodes are kept on the levels that are guessed from, for each that is there; by the levels left out.
# Decision 0008 has what other numbers give.
SPARE = {1: 1.0, 2: 1.15, 3: 1.25, 4: 1.0}
WEIGHTS_FILE = "upsampler.safetensors"
Rows = list[slice | BoolArray]  # where the voxels of each slice lie among all
Counts = Sequence[Sequence[int]]  # of each slice, how many voxels each guessed level has, coarse to fine


def _load(path: Path, device: str) -> Upsampler:
    from octavox.codec.codecs.upsampling.network import CompiledUpsampler

    weights = load_upsampler(path)
    if device == "cpu":
        return CompiledUpsampler(weights)
    from octavox.codec.codecs.upsampling.device import DeviceUpsampler

    return DeviceUpsampler(weights, device)


_NETWORKS = Networks("upsampler", WEIGHTS_FILE, _load)


def upsampler(options: CodecOptions) -> Upsampler:
    """The shipped network, on the device of these options. Raises WeightsError, InputError."""
    check_device(options.device)
    device = pick_device(options.device) if options.device != "auto" else "cpu"
    return _NETWORKS.on(device, replace(options, weights=None))


def thinned(voxels: VoxelCloud, levels: int) -> VoxelCloud:
    """The nodes `levels` above the voxels, as a cloud of its own, without grid and colours."""
    if not levels:
        return VoxelCloud(voxels.coords, voxels.depth)
    own = _distinct(coords_to_morton(voxels.coords) >> 3 * levels)
    return VoxelCloud(morton_to_coords(own), voxels.depth - levels)


def _distinct(codes: Int64Array) -> Int64Array:
    """The different ones of codes that do not fall."""
    return codes[np.concatenate([[True], codes[1:] != codes[:-1]])] if len(codes) else codes


def level_counts(voxels: VoxelCloud, base: VoxelCloud, rows: Rows, levels: int) -> Counts:
    """How many nodes of each slice are kept on each level below the base.

    On the finest, as many as there are voxels; on those that are guessed from in turn, by SPARE.
    """
    if not levels:
        return [()] * len(rows)
    above = coords_to_morton(base.coords)
    owner = np.empty(len(base), np.int32)
    for number, own in enumerate(rows):
        owner[own] = number
    found, nodes = [], coords_to_morton(voxels.coords)
    for up in range(levels, 0, -1):  # levels to the base; a node between its nodes counts with the next one
        ends = np.searchsorted(nodes, (above + 1) << 3 * up)
        ends[-1:] = len(nodes)  # where the base is guessed, nodes may lie after all of its own
        found.append(np.bincount(owner, np.diff(ends, prepend=0), len(rows)).astype(np.int64))
        nodes = _distinct(nodes >> 3)
    found.reverse()
    spare = [SPARE[levels]] * (levels - 1) + [1.0]
    nodes, chosen = np.array([len(base.coords[own]) for own in rows]), []
    for level, more in zip(found, spare, strict=True):
        nodes = np.minimum(np.maximum((level * more).astype(np.int64), nodes), 8 * nodes)
        chosen.append(nodes)
    return [tuple(int(level[k]) for level in chosen) for k in range(len(rows))]


def more_voxels(counts: Counts, share: float) -> Counts:
    """The same counts but for the finest level of each slice, which has this share more."""
    return [(*own[:-1], own[-1] + int(share * own[-1])) for own in counts]


@dataclass(frozen=True)
class Regrown:
    """The voxels that a decoder gets. codes: (N,) sorted Morton codes. rows: of each slice."""

    codes: Int64Array
    rows: Rows

    @cached_property
    def coords(self) -> Int32Array:
        """(N, 3) in Morton order."""
        return morton_to_coords(self.codes)

    @cached_property
    def key(self) -> Int64Array:
        """(N,) sorted raster keys."""
        return nodes_of(self.codes).key

    @property
    def digest(self) -> bytes:
        """The first 8 bytes of the SHA-256 of the voxels (docs/format.md)."""
        return hashlib.sha256(np.ascontiguousarray(self.coords, "<i4").tobytes()).digest()[:8]


def regrown(
    base: Int32Array, rows: Rows, levels: int, counts: Counts | None, options: CodecOptions, job: JobContext
) -> Regrown:
    """The voxels `levels` below a base (M, 3) in Morton order: guesses, or the middles without `counts`.

    rows: of the slices, in the order of `counts`. Raises CorruptStreamError for counts that cannot be,
    WeightsError, CancelledError.
    """
    codes = coords_to_morton(base)
    if not levels:
        return _together([codes[own] for own in rows])
    if counts is None:
        return _together([centres(codes[own], levels) for own in rows])
    net, parts = upsampler(options), []
    for own, given in zip(rows, counts, strict=True):
        parts.append(_asked(net, codes[own], given, options, job).kept(given[-1]).codes)
    return _together(parts)


class Guesses:
    """What the network says of the nodes above the voxels of each slice; any number of voxels can be kept."""

    def __init__(
        self, base: Int32Array, rows: Rows, counts: Counts, options: CodecOptions, job: JobContext
    ) -> None:
        """counts: of a level or more. See `regrown`, as which this raises."""
        codes, net = coords_to_morton(base), upsampler(options)
        pairs = zip(rows, counts, strict=True)
        self._answers = [_asked(net, codes[own], given, options, job) for own, given in pairs]

    def regrown(self, counts: Counts) -> Regrown:
        """The voxels; of each slice the last count is used."""
        pairs = zip(self._answers, counts, strict=True)
        return _together([own.kept(given[-1]).codes for own, given in pairs])


def _asked(
    net: Upsampler, codes: Int64Array, counts: Sequence[int], options: CodecOptions, job: JobContext
) -> Answers:
    """What the network says of the nodes above the voxels of a slice."""
    nodes = len(codes)
    for count in counts:
        if not nodes <= count <= 8 * nodes:
            raise CorruptStreamError(f"{count:,} children of {nodes:,} nodes", field="guess")
        nodes = count
    return answers(net, codes, counts[:-1], job, options.threads)


def _together(parts: list[Int64Array]) -> Regrown:
    """The voxels of all slices, from the sorted Morton codes of each."""
    every = np.concatenate([np.empty(0, np.int64), *parts])
    sizes = [len(part) for part in parts]
    if (every[1:] > every[:-1]).all():
        ends = np.cumsum([0, *sizes]).tolist()
        return Regrown(every, [slice(a, b) for a, b in zip(ends, ends[1:])])
    order = np.argsort(every)
    owner = np.repeat(np.arange(len(parts), dtype=np.int32), sizes)[order]
    return Regrown(every[order], [owner == k for k in range(len(parts))])


def levels_guessed(base: Int32Array, of_base: UInt8Array | None, grown: Regrown, levels: int) -> UInt8Array:
    """(N,) how many levels of each grown voxel, `levels` below a base (M, 3), are guesses.

    of_base: (M,) those of the base, where it was guessed in part.
    """
    if of_base is None:
        return np.full(len(grown.codes), levels, np.uint8)
    if not levels:
        return of_base
    ends = np.searchsorted(grown.codes, (coords_to_morton(base) + 1) << 3 * levels)
    ends[-1:] = len(grown.codes)  # the end of the whole grid is no number of 64 bits
    return np.repeat(of_base + np.uint8(levels), np.diff(ends, prepend=0))


def grown_blocks(blocks: BlockTable, grown: Regrown, levels: int) -> BlockTable:
    """The blocks of a base as blocks of its voxels, with the points that these have in them."""
    origin, size = blocks.origin << levels, blocks.size << levels
    first = coords_to_morton(origin)
    ends = first + size.astype(np.int64) ** 3
    points = np.searchsorted(grown.codes, ends) - np.searchsorted(grown.codes, first)
    return replace(blocks, origin=origin, size=size, points=points)
