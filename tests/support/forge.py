"""Streams of format 2 taken apart and put together with right checksums: what only a forger would write."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from octavox.codec.cloud.grid import Grid
from octavox.codec.cloud.lattice import INTEGER, Lattice
from octavox.codec.codecs.interface import SECTION_TREE, Section
from octavox.codec.coding.bytes import varint
from octavox.codec.files.source import open_source
from octavox.codec.stream.chunks import ChunkWriter, Kind
from octavox.codec.stream.header import Header, pack_header
from octavox.codec.stream.reader import StreamReader


def parse(data: bytes) -> StreamReader:
    return StreamReader(open_source(data))


def others(data: bytes) -> list[tuple[int, int, bytes]]:
    """Kind, part and payload of the chunks that are neither header nor geometry."""
    stream = parse(data)
    kinds = (Kind.TREE, Kind.SLICE)
    return [(e.kind, e.part, stream.payload(e)) for e in stream.entries if e.kind not in kinds]


def pack(header: Header, sections: list[Section], more: list[tuple[int, int, bytes]] | None = None) -> bytes:
    """A stream of a header and its parts; whole numbers are its grid where the header has none.

    more: kind, part and payload of further chunks, which follow the geometry.
    """
    if header.grid is None:
        plain = Lattice(INTEGER)
        header = replace(header, grid=Grid((plain,) * 3, header.depth, (np.dtype("f4"),) * 3))
    pieces: list[bytes] = []
    writer = ChunkWriter(pieces.append)
    writer.add(Kind.HEADER, pack_header(header))
    number = 0
    for section in sections:
        if section.kind == SECTION_TREE:
            writer.add(Kind.TREE, section.payload)
        else:
            writer.add(Kind.SLICE, varint(section.points) + section.payload, part=number)
            number += 1
    for kind, part, payload in more or []:
        writer.add(kind, payload, part=part)
    writer.finish()
    return b"".join(pieces)
