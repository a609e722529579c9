"""A stream that is coded with the frame before: that frame on its grid, and the codec of its geometry."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from octavox.codec.arrays import Float64Array
from octavox.codec.cloud.morton import morton_decode
from octavox.codec.codecs.interface import GeometryCodec
from octavox.codec.codecs.registry import get_codec_by_id
from octavox.codec.errors import CorruptStreamError
from octavox.codec.options import CodecOptions
from octavox.codec.stream.chunks import Kind
from octavox.codec.stream.header import NO_WEIGHTS
from octavox.codec.stream.reader import StreamReader

from .frame import BLOCK_BITS, PlacedFrame, ReferenceFrame
from .motion_chunk import Motion, parse_motion

Arrows = tuple[Float64Array, Float64Array]


@dataclass(frozen=True)
class Before:
    """placed: the frame before, on the grid of the next; moved: by the vectors of its blocks.

    motion: how geometry uses it; None: not at all.
    """

    placed: PlacedFrame
    moved: PlacedFrame
    motion: Motion | None


def find_before(stream: StreamReader, frame: ReferenceFrame, slices: int) -> Before:
    """frame: the one that the stream's header names. slices: that the stream has.

    Raises CorruptStreamError, UnsupportedStreamError.
    """
    header = stream.header
    placed = None if header.grid is None else frame.on(header.grid, header.depth)
    if placed is None or header.guess is not None:
        reason = "the frame before lies on another grid"
        raise CorruptStreamError(reason, field="reference", byte=stream.first_byte)
    if header.inter_weights == NO_WEIGHTS:
        return Before(placed, placed, None)
    entry = stream.part(Kind.MOTION, 0, 0)
    motion = parse_motion(stream.payload(entry), entry.first_byte, slices, placed.blocks)
    return Before(placed, placed.moved(motion.vectors, header.depth), motion)


def geometry_codec(stream: StreamReader, before: Before | None, options: CodecOptions) -> GeometryCodec:
    """What decodes the geometry of a stream. before: what it is coded with.

    Raises CorruptStreamError, WeightsError, InputError.
    """
    header = stream.header
    codec = get_codec_by_id(header.codec_id)
    if header.inter_weights == NO_WEIGHTS:
        return codec
    from .geometry import REFERRING, codec_after  # compiled code

    if before is None or before.motion is None or codec.name != REFERRING:
        reason = f"codec {codec.name} has no frame before"
        raise CorruptStreamError(reason, field="reference", byte=stream.first_byte)
    return codec_after(before.moved.codes, header.depth, before.motion, header.inter_weights, options)


def arrows_of(stream: StreamReader, before: Before | None) -> Arrows | None:
    """Where blocks of the frame before were, and how far each is moved; None where no motion is coded.

    (origins, vectors), each (B, 3) in the units of the file. A block that leaves the cube stops at its side.
    """
    if before is None or before.motion is None or stream.header.grid is None:
        return None
    grid, blocks = stream.header.grid, before.placed.codes >> 3 * BLOCK_BITS
    first = blocks[np.diff(blocks, prepend=-1) != 0]
    corners = morton_decode(first) << BLOCK_BITS
    ends = np.clip(corners + before.motion.vectors, 0, (1 << stream.header.depth) - 1)
    old, new = (
        np.stack([np.asarray(axis, np.float64) for axis in grid.columns(cells.astype(np.int32))], 1)
        for cells in (corners, ends)
    )
    scale, offset = np.array(stream.header.scale), np.array(stream.header.offset)
    return offset + scale * old, scale * (new - old)
