"""The predicted probability of each voxel of a block, and what its bit cost, found by decoding a stream."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

import numpy as np

from octavox.codec.arrays import Int32Array
from octavox.codec.blocks import BLOCK_SIZES, BlockPlace, BlockTable, VoxelProbabilities
from octavox.codec.cloud.cloud import VoxelCloud
from octavox.codec.codecs.block_check import voxels_in
from octavox.codec.codecs.interface import GeometryStream
from octavox.codec.coding.logistic import STRETCH_OFFSET, squash_table
from octavox.codec.coding.range_coder import PROB_ONE
from octavox.codec.errors import InputError
from octavox.codec.job import JobContext, Progress

from .axes import permuted_codes, unpermuted_blocks, unpermuted_coords
from .direct import LEVEL_BITS
from .levels import raster_to_coords
from .params import Params
from .predictor import Predictor
from .slice_coder import SliceJob, SliceSettings, TracedLevel, decode_slice
from .walk import DIRECT, IMPLIED, NOT_CODED, code_lengths

_CHILDREN = np.stack(np.unravel_index(np.arange(8), (2, 2, 2)), 1).astype(np.int32)


@dataclass(frozen=True)
class _DecodedSlice:
    """A decoded slice, and what it was decoded from. prediction: see Predictor."""

    payload: bytes
    settings: SliceSettings
    weights_id: bytes
    prediction: bytes
    finest: TracedLevel
    blocks: BlockTable


_lock = Lock()
_last: _DecodedSlice | None = None  # the next block asked for is mostly in the same slice


def block_of(
    stream: GeometryStream,
    params: Params,
    predictor: Callable[[int], Predictor | None],
    cloud: VoxelCloud,
    block: BlockPlace,
    job: JobContext,
) -> VoxelProbabilities:
    """The probabilities of a block of a stream of this cloud. predictor: gives that of a slice.

    Raises InputError if there is no such block or nothing in it, or the stream is another cloud's;
    CorruptStreamError, CancelledError.
    """
    voxels_in(cloud, block, (*BLOCK_SIZES, 1 << cloud.depth))
    number = block.slice
    if stream.depth != cloud.depth or (number is None and stream.points != len(cloud)):
        raise InputError("the stream is not of this cloud", field="stream")
    number = _slice_of(stream, params, cloud, block) if number is None else number
    if not 0 <= number < len(stream.sections):
        raise InputError(f"there is no slice {number}", field="slice")
    settings = SliceSettings.of(stream.depth, params, block.size.bit_length() - 1)
    decoded = _decoded(stream, number, settings, predictor(number), job)
    blocks = unpermuted_blocks(decoded.blocks, params.axes)
    row = np.flatnonzero((blocks.origin == np.array(block.origin)).all(1))
    if len(row) != 1:
        raise InputError(f"the stream has no block at {block.origin}", field="block")
    return _answer(decoded.finest, params.axes, block, float(blocks.bits[row[0]]))


def _slice_of(stream: GeometryStream, params: Params, cloud: VoxelCloud, block: BlockPlace) -> int:
    """Slices follow each other in Morton order of the coded axes; each holds whole 64-blocks."""
    codes = permuted_codes(cloud.coords, params.axes, cloud.depth)
    first = np.searchsorted(
        codes, permuted_codes(np.array([block.origin], np.int32), params.axes, cloud.depth)[0]
    )
    ends = np.cumsum([section.points for section in stream.sections])
    return int(np.searchsorted(ends, first, side="right"))


def _decoded(
    stream: GeometryStream,
    number: int,
    settings: SliceSettings,
    predictor: Predictor | None,
    job: JobContext,
) -> _DecodedSlice:
    global _last
    section, finest = stream.sections[number], TracedLevel()
    prediction = b"" if predictor is None else predictor.prediction
    asked = (section.payload, settings, stream.weights_id, prediction)
    with _lock:
        known = _last
    if known and (known.payload, known.settings, known.weights_id, known.prediction) == asked:
        return known

    def report(fraction: float, *news: object) -> None:
        job.check()
        job.report(Progress("ask", int(fraction * section.points), section.points))

    slice_job = SliceJob(number, report, predictor, (finest,))
    _, blocks = decode_slice(section.payload, section.points, settings, slice_job)
    decoded = _DecodedSlice(*asked, finest, blocks)
    with _lock:
        _last = decoded
    return decoded


def _answer(finest: TracedLevel, axes: int, block: BlockPlace, block_bits: float) -> VoxelProbabilities:
    """block_bits: what the block cost in all, without flags."""
    nodes, corner = raster_to_coords(finest.nodes.key), np.array(block.origin)
    own = 2 * unpermuted_coords(nodes, axes)
    rows = np.flatnonzero(((own >= corner) & (own < corner + block.size)).all(1))
    trace = finest.trace.reshape(-1, 8)[rows].astype(np.int64).reshape(-1)
    children = (2 * nodes[rows, None] + _CHILDREN).reshape(-1, 3)
    there = trace != NOT_CODED
    trace, coords = trace[there], unpermuted_coords(children[there], axes)
    implied, direct = trace == IMPLIED, trace == DIRECT
    coded = np.where(implied | direct, 0, trace)
    stretched, occupied = coded >> 1, (coded & 1 == 1) | implied | direct
    probability = squash_table()[stretched + STRETCH_OFFSET] / PROB_ONE
    bits = code_lengths()[np.where(occupied, stretched, -stretched) + STRETCH_OFFSET]
    probability[implied], bits[implied] = 1.0, 0.0
    probability[direct], bits[direct] = 0.5**LEVEL_BITS, LEVEL_BITS
    found: Int32Array = np.ascontiguousarray(coords, np.int32)
    return VoxelProbabilities(found, probability, occupied, bits, 0.0, block_bits - float(bits.sum()))
