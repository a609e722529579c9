"""The codec "voxeldnn" (id 2): paper sections 3.2 and 3.3, in slices of 64-blocks.

A stream has the params max_level u8 and 64-blocks a slice u16; a tree section where the cube is larger than a
block; and a section for each run of 64-blocks in Morton order. docs/voxeldnn-codec.md specifies it.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from octavox.codec.arrays import Int32Array, Int64Array
from octavox.codec.blocks import BlockPlace, BlockTable, VoxelProbabilities
from octavox.codec.cloud.cloud import VoxelCloud
from octavox.codec.cloud.morton import sort_unique
from octavox.codec.codecs.interface import (
    SECTION_SLICE,
    SECTION_TREE,
    DecodedGeometry,
    EncodedGeometry,
    GeometryStream,
    Section,
)
from octavox.codec.errors import CorruptStreamError, InputError, WeightsError
from octavox.codec.job import JobContext
from octavox.codec.options import CodecOptions
from octavox.codec.parallel import SharedJob, map_parallel, thread_count

from .blocktree import decode_tree, encode_tree
from .engine import Engine, engine, weights_path
from .partition import MAX_LEVEL
from .slice_decoder import CodedSlice, decode_slice
from .slice_encoder import Plan, encode_slice, plan_blocks
from .surprise import voxel_probabilities

SLICE_BLOCKS = 96  # most 64-blocks of a slice; the next slice learns from the beginning
MAX_SLICE_BLOCKS = (
    128  # the most that a decoder accepts: each takes some 2 MB before its first voxel is known
)
ONE_SLICE = 96  # up to so many blocks make one slice; more make an even number of them, for two processors
SLICES_AT_ONCE = 2  # slices whose plans are held in memory together
GROUP_SITES = 60_000  # sites evaluated between two progress reports, about
SITES_A_POINT = 6
BLOCK_BITS = 6  # log2 of the largest block's edge
_PARAMS = struct.Struct("<BH")


def split_blocks(coords: Int32Array) -> tuple[Int32Array, Int64Array]:
    """Morton-ordered coords (N, 3) -> (corner (B, 3) of each 64-block, start (B + 1,) of each in coords)."""
    if not len(coords):
        return np.empty((0, 3), np.int32), np.zeros(1, np.int64)
    corner = coords >> BLOCK_BITS
    first = np.flatnonzero(np.append(True, (corner[1:] != corner[:-1]).any(1)))
    return (corner[first] << BLOCK_BITS).astype(np.int32), np.append(first, len(coords)).astype(np.int64)


def slice_blocks(blocks: int) -> int:
    """The number of 64-blocks in each slice of a cloud that has `blocks` in all."""
    if blocks <= ONE_SLICE:
        return ONE_SLICE
    slices = 2 * -(-blocks // (2 * SLICE_BLOCKS))
    return -(-blocks // slices)


class VoxelDNNCodec:
    """See GeometryCodec."""

    name = "voxeldnn"
    id = 2

    def encode(self, cloud: VoxelCloud, options: CodecOptions, job: JobContext) -> EncodedGeometry:
        if not 1 <= options.max_level <= MAX_LEVEL:
            raise InputError(f"max level {options.max_level} is outside 1 to {MAX_LEVEL}", field="max level")
        tools = engine(options)
        corner, start = split_blocks(cloud.coords)
        sections, side = [], 0.0
        if len(corner) and cloud.depth > BLOCK_BITS:
            tree = encode_tree(corner >> BLOCK_BITS, cloud.depth - BLOCK_BITS)
            sections.append(Section(SECTION_TREE, tree))
            side = 8.0 * len(tree)
        size = slice_blocks(len(corner))
        shared = SharedJob(job, "encode", len(cloud))
        encoder = _Encoder(tools, cloud.coords, corner, start, options, shared, size)
        tables = []
        for first in range(0, len(corner), size * SLICES_AT_ONCE):
            last = min(first + size * SLICES_AT_ONCE, len(corner))
            for section, table in encoder.slices(range(first, last, size)):
                sections.append(section)
                tables.append(table)
        blocks = _share_tree(BlockTable.concatenate(tables), side)
        stream = GeometryStream(
            depth=cloud.depth,
            points=len(cloud),
            params=_PARAMS.pack(options.max_level, size),
            weights_id=tools.net.identity,
            sections=sections,
        )
        return EncodedGeometry(stream, blocks, device=tools.net.device)

    def decode(self, stream: GeometryStream, options: CodecOptions, job: JobContext) -> DecodedGeometry:
        max_level, slice_blocks = _read_params(stream.params)
        tools = _engine_of(stream, options)
        corner, slices, tree_bits = _read_tree(stream, slice_blocks, job)
        chosen = stream.chosen
        shared = SharedJob(job, "decode", sum(slices[k].points for k in chosen))
        # If there are more threads than slices, each slice uses several within its steps.
        threads = max(1, thread_count(options.threads) // max(1, len(chosen)))

        def work(place: int) -> tuple[Int32Array, BlockTable]:
            k = chosen[place]

            def report(coords: Int32Array) -> None:
                shared.advance(len(coords), coords=coords if len(coords) else None)

            own = corner[k * slice_blocks : (k + 1) * slice_blocks]
            coded = CodedSlice(slices[k].payload, own, slices[k].points, k)
            coords, table = decode_slice(tools, coded, max_level, report, threads)
            shared.advance(0, blocks=table)
            return coords, table

        decoded = map_parallel(shared, len(chosen), options.threads, work)
        parts = [np.empty((0, 3), np.int32), *(coords for coords, _ in decoded)]
        tables = [table for _, table in decoded]
        coords = sort_unique(np.concatenate(parts), max(stream.depth, BLOCK_BITS))
        if len(coords) and int(coords.max()) >> stream.depth:
            raise CorruptStreamError("a voxel lies outside the cube of the header's depth", field="depth")
        blocks = _share_tree(BlockTable.concatenate(tables), tree_bits)
        return DecodedGeometry(coords, blocks, device=tools.net.device)

    def voxel_probabilities(
        self,
        stream: GeometryStream,
        cloud: VoxelCloud,
        block: BlockPlace,
        options: CodecOptions,
        job: JobContext,
    ) -> VoxelProbabilities:
        """See ProbabilityCodec. No slice is decoded: a block depends on its own voxels only."""
        return voxel_probabilities(cloud, block, _engine_of(stream, options))


def _engine_of(stream: GeometryStream, options: CodecOptions) -> Engine:
    """The network of a stream. Raises WeightsError unless its weights are those of the stream."""
    tools = engine(options)
    if stream.weights_id != tools.net.identity:
        wanted, found = stream.weights_id.hex(), tools.net.identity.hex()
        raise WeightsError(
            f"the stream needs weights {wanted}, these are {found}", path=weights_path(options)
        )
    return tools


class _Encoder:
    """Plans groups of 64-blocks in parallel, then codes each slice from the plans of its groups.

    size: 64-blocks in a slice.
    """

    def __init__(
        self,
        tools: Engine,
        coords: Int32Array,
        corner: Int32Array,
        start: Int64Array,
        options: CodecOptions,
        shared: SharedJob,
        size: int,
    ) -> None:
        self._tools, self._coords, self._start = tools, coords, start
        self._corner = corner.astype(np.int64)
        self._options, self._shared, self._size = options, shared, size

    def slices(self, first: range) -> Iterator[tuple[Section, BlockTable]]:
        """Section and block table of each slice that begins at one of the 64-blocks `first`."""
        spans = [slice(a, min(a + self._size, len(self._corner))) for a in first]
        groups = [(span, *group) for span in spans for group in self._groups(span)]
        plans = map_parallel(
            self._shared, len(groups), self._options.threads, lambda k: self._plan(*groups[k])
        )
        for span in spans:
            own = [plan for plan, group in zip(plans, groups, strict=True) if group[0] == span]
            corner64, index = self._corner[span], span.start // self._size
            payload, table = encode_slice(
                self._tools.background, corner64, own, self._options.max_level, index
            )
            yield (
                Section(SECTION_SLICE, payload, int(self._start[span.stop] - self._start[span.start])),
                table,
            )

    def _groups(self, span: slice) -> Iterator[tuple[int, int]]:
        """Runs of 64-blocks that have few enough sites to be evaluated together."""
        first = span.start
        while first < span.stop:
            last = first + 1
            while last < span.stop and self._sites(first, last + 1) <= GROUP_SITES:
                last += 1
            yield first, last
            first = last

    def _sites(self, first: int, last: int) -> int:
        return int(self._start[last] - self._start[first]) * SITES_A_POINT

    def _plan(self, span: slice, first: int, last: int) -> Plan:
        start, options = self._start, self._options
        number = np.repeat(np.arange(first, last), np.diff(start[first : last + 1]))
        local = self._coords[start[first] : start[last]].astype(np.int64) - self._corner[number]
        plan = plan_blocks(
            self._tools,
            number - span.start,
            local,
            options.max_level,
            options.batch_sites,
            self._shared.check,
        )
        preview = plan.preview(self._corner[span], span.start // self._size)
        self._shared.advance(int(start[last] - start[first]), blocks=preview)
        return plan


def _share_tree(blocks: BlockTable, tree_bits: float) -> BlockTable:
    """Adds the bits of the block tree to the flag bits, divided evenly among the 64-blocks."""
    if not len(blocks) or not tree_bits:
        return blocks
    corner = blocks.origin >> BLOCK_BITS
    _, index, count = np.unique(corner, axis=0, return_inverse=True, return_counts=True)
    share = tree_bits / len(count) / count[index.reshape(-1)]
    return replace(blocks, flag_bits=blocks.flag_bits + share)


def _read_params(params: bytes) -> tuple[int, int]:
    if len(params) != _PARAMS.size:
        raise CorruptStreamError(f"{len(params)} bytes, expected {_PARAMS.size}", field="params")
    max_level, slice_blocks = _PARAMS.unpack(params)
    if not 1 <= max_level <= MAX_LEVEL or not 1 <= slice_blocks <= MAX_SLICE_BLOCKS:
        raise CorruptStreamError(f"max level {max_level}, {slice_blocks} blocks a slice", field="params")
    return max_level, slice_blocks


def _read_tree(
    stream: GeometryStream, slice_blocks: int, job: JobContext
) -> tuple[Int64Array, list[Section], float]:
    """(corner (B, 3) of the 64-blocks, slice sections, bits of the tree); counts are checked first."""
    trees = [s for s in stream.sections if s.kind == SECTION_TREE]
    slices = [s for s in stream.sections if s.kind == SECTION_SLICE]
    if stream.sections != trees + slices:
        raise CorruptStreamError("expected a tree, then slices", field="sections")
    if sum(s.points for s in slices) != stream.points:
        raise CorruptStreamError("the slices' points do not add up to the header's", field="points")
    if len(trees) != (1 if slices and stream.depth > BLOCK_BITS else 0):
        raise CorruptStreamError(f"{len(trees)} trees at depth {stream.depth}", field="sections")
    limit = min(stream.points, len(slices) * slice_blocks)
    if trees:
        nodes = decode_tree(trees[0].payload, stream.depth - BLOCK_BITS, limit, job)
    else:
        nodes = np.zeros((1 if slices else 0, 3), np.int32)
    if (len(nodes) + slice_blocks - 1) // slice_blocks != len(slices):
        raise CorruptStreamError(f"{len(nodes)} blocks in {len(slices)} slices", field="tree")
    bits = 8.0 * len(trees[0].payload) if trees else 0.0
    return nodes.astype(np.int64) << BLOCK_BITS, slices, bits


CODEC = VoxelDNNCodec()
