"""Writes streams of format 1, as docs/format.md has them: the library only reads them."""

from __future__ import annotations

import struct
import zlib

from octavox.codec.cloud.cloud import Transform
from octavox.codec.codecs.interface import Section
from octavox.codec.coding.bytes import u32, varint
from octavox.codec.stream.chunks import MAGIC
from octavox.codec.stream.header import MAX_PARAMS, NO_WEIGHTS, Header
from octavox.codec.stream.version1 import (
    _FLAG_INPUT_POINTS,
    _FLAG_TRANSFORM,
    _FLAG_WEIGHTS,
    COORDINATE_TYPES,
    MAX_SECTIONS,
)

VERSION = (1, 0)


def pack(header: Header, sections: list[Section]) -> bytes:
    """The whole file. Raises ValueError for fields that the format cannot hold."""
    body = _pack_fields(header) + varint(len(sections))
    if len(sections) > MAX_SECTIONS:
        raise ValueError(f"{len(sections)} sections, at most {MAX_SECTIONS}")
    if sum(s.points for s in sections) != header.points:
        raise ValueError("the points of the sections do not add up to the header's")
    table = [
        bytes([s.kind]) + varint(s.points) + varint(len(s.payload)) + u32(zlib.crc32(s.payload))
        for s in sections
    ]
    body += b"".join(table)
    start = MAGIC + bytes(VERSION) + u32(len(body)) + body
    data = b"".join([start, u32(zlib.crc32(start)), *(s.payload for s in sections)])
    return data


def _pack_fields(header: Header) -> bytes:
    has_transform = header.transform != Transform()
    has_weights = header.weights_id != NO_WEIGHTS
    has_input = header.input_points != header.points
    flags = _FLAG_TRANSFORM * has_transform + _FLAG_WEIGHTS * has_weights + _FLAG_INPUT_POINTS * has_input
    if header.coordinate_type not in COORDINATE_TYPES:
        raise ValueError(f"unknown coordinate type '{header.coordinate_type}'")
    if len(header.weights_id) != 8 or len(header.params) > MAX_PARAMS:
        raise ValueError("weights id or params of a wrong length")
    kind = COORDINATE_TYPES.index(header.coordinate_type)
    fields = bytes([header.codec_id, header.depth, kind, flags]) + varint(header.points)
    if has_input:
        fields += varint(header.input_points)
    if has_transform:
        fields += struct.pack("<4d", *header.transform.origin, header.transform.scale)
    if has_weights:
        fields += header.weights_id
    return fields + bytes([len(header.params)]) + header.params
