"""A frame of a sequence, taken out as the stream of a single cloud."""

from __future__ import annotations

import io

from octavox.codec.files.source import Source

from .chunks import ChunkWriter, Kind, read_payload
from .frames import Frames
from .header_parser import parse_header


def stream_of_frame(source: Source, frames: Frames, number: int) -> bytes | None:
    """The chunks of a frame, copied into a stream of their own; None for a frame that needs another one.

    Raises CorruptStreamError, UnsupportedStreamError.
    """
    written = io.BytesIO()
    writer = ChunkWriter(written.write)
    for chunk in frames.chunks(source, number):
        payload = read_payload(source, chunk)
        if chunk.kind == Kind.HEADER and parse_header(payload, chunk.first_byte).reference:
            return None
        writer.add(chunk.kind, payload, 0, chunk.component, chunk.part)
    writer.finish()
    return written.getvalue()
