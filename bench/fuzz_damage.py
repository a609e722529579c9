"""Damage to files, the same each time: a case is a sound file, a kind of damage and a number.

`mended_stream` changes what lies behind checksums and makes these right again, as a forger would.
"""

from __future__ import annotations

import importlib
import json
import random
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from octavox.codec import CorruptStreamError

_bytes: Any = importlib.import_module("octavox.codec.coding.bytes")
_chunks: Any = importlib.import_module("octavox.codec.stream.chunks")
version1: Any = importlib.import_module("octavox.codec.stream.version1")
open_source: Any = importlib.import_module("octavox.codec.files.source").open_source
ending: Any = importlib.import_module("octavox.codec.stream.frames").ending
is_version1: Any = importlib.import_module("octavox.codec.stream.reader").is_version1
salvage_chunks: Any = importlib.import_module("octavox.codec.stream.scan").salvage_chunks
ByteReader, varint = _bytes.ByteReader, _bytes.varint
MAGIC, START_BYTES, VERSION, Kind = _chunks.MAGIC, _chunks.START_BYTES, _chunks.VERSION, _chunks.Kind
ChunkWriter, packed, read_payload = _chunks.ChunkWriter, _chunks.packed, _chunks.read_payload

SPANS = (
    b"\xff" * 4, b"\0" * 4, b"\xff\xff\xff\x7f", b"\xff" * 8, b"\0" * 8, b"\x80" * 9 + b"\x01",
    b"\xff" * 8 + b"\x7f", b"9999", b"-1 \n", b"1e999", b"nan",
)  # fmt: skip
_STRIDE = 0.6180339887498949  # bits and lengths come from all over a file, and each once


def places(count: int) -> Callable[[int], int]:
    """A permutation of 0, 1, ..., count - 1 that jumps about."""
    step = max(int(count * _STRIDE), 1)
    while _gcd(step, count) != 1:
        step += 1
    return lambda number: number * step % count


def _gcd(a: int, b: int) -> int:
    while b:
        a, b = b, a % b
    return a


def flipped(data: bytes, number: int) -> bytes:
    """One bit differs; each in turn."""
    bit = places(8 * len(data))(number % (8 * len(data)))
    return data[: bit // 8] + bytes([data[bit // 8] ^ 1 << bit % 8]) + data[bit // 8 + 1 :]


def cut(data: bytes, number: int) -> bytes:
    """The beginning of the file; each length in turn."""
    return data[: places(len(data))(number % len(data))]


def changed(data: bytes, chance: random.Random) -> bytes:
    """A few bytes changed, lost, doubled or put in; many of them near the start."""
    out = bytearray(data)
    for _ in range(chance.choice((1, 1, 1, 2, 4))):
        near = min(len(out), 8) if chance.random() < 0.3 else min(len(out), 200)
        at = chance.randrange(len(out) + 1) if chance.random() < 0.5 or not near else chance.randrange(near)
        kind = chance.random()
        if kind < 0.35:
            out[at : at + 1] = bytes([chance.randrange(256)])
        elif kind < 0.55 and at < len(out):
            out[at] ^= 1 << chance.randrange(8)
        elif kind < 0.65:
            del out[at : at + chance.choice((1, 1, 4, 30))]
        elif kind < 0.75:
            out[at:at] = chance.randbytes(chance.choice((1, 1, 4, 30)))
        elif kind < 0.8:
            del out[at:]
        elif kind < 0.85:
            out[at:at] = out[at : at + chance.choice((1, 8, 40))]
        else:
            span = chance.choice(SPANS)
            out[at : at + len(span)] = span
    return bytes(out)


@dataclass(frozen=True)
class Part:
    """A chunk of a stream."""

    kind: int
    frame: int
    component: int
    part: int
    payload: bytes


def parts_of(data: bytes) -> list[Part]:
    """The chunks of a sound stream, without those that say where others are."""
    source = open_source(data)
    chunks, lost = salvage_chunks(source)
    if lost:
        raise ValueError(f"no sound stream: {lost}")
    around = (Kind.FRAME, Kind.FRAMES)
    found = (c for c in chunks if c.kind not in around)
    return [Part(c.kind, c.frame, c.component, c.part, read_payload(source, c)) for c in found]


def stream_of(parts: list[Part]) -> bytes:
    """A stream with these chunks, and what says where they are. Each run of one frame number is a frame."""
    if len({part.frame for part in parts}) < 2:
        pieces: list[bytes] = []
        writer = ChunkWriter(pieces.append)
        for p in parts:
            writer.add(p.kind, p.payload, p.frame, p.component, p.part)
        writer.finish()
        return b"".join(pieces)
    frames: list[tuple[int, bytes]] = []
    for p in parts:
        if not frames or frames[-1][0] != p.frame:
            frames.append((p.frame, b""))
        own = packed(p.kind, p.payload, p.frame, p.component, p.part)
        frames[-1] = p.frame, frames[-1][1] + own
    data: bytes = MAGIC + bytes([VERSION]) + frames[0][1]
    starts = [START_BYTES]
    for number, body in frames[1:]:
        starts.append(len(data))
        data += packed(Kind.FRAME, b"", number, len(body)) + body
    return data + ending([*starts, len(data)])


def mended_stream(data: bytes, chance: random.Random) -> bytes:
    """A stream with a few chunks changed, lost, doubled or moved, and right checksums."""
    if is_version1(open_source(data)):
        return _mended_version1(data, chance)
    parts = parts_of(data)
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        k = chance.randrange(len(parts))
        headers = [place for place, p in enumerate(parts) if p.kind == Kind.HEADER]
        if headers and chance.random() < 0.25:
            k = chance.choice(headers)
        parts[k : k + 1] = _changed_part(parts, k, chance)
        if not parts:
            break
    return stream_of(parts)


def _changed_part(parts: list[Part], k: int, chance: random.Random) -> list[Part]:
    """What takes the place of a chunk."""
    one, what = parts[k], chance.random()
    if what < 0.8:
        change = _changed_header if one.kind == Kind.HEADER else changed
        return [replace(one, payload=change(one.payload, chance))]
    if what < 0.84:
        return []
    if what < 0.88:
        return [one, one]
    if what < 0.92:
        return [replace(one, payload=chance.choice(parts).payload)]
    number = chance.choice((0, 1, 2, 3, 7, 1 << 20, (1 << 40) - 1))
    if what < 0.97:
        name = chance.choice(("component", "part", "part", "frame"))
        return [replace(one, **{name: number})]  # type: ignore[arg-type]
    return [replace(one, kind=chance.choice((*map(int, Kind), 40, 99)))]


def _changed_header(payload: bytes, chance: random.Random) -> bytes:
    """Its fields changed, lost, doubled or exchanged, each with the length that it has."""
    if chance.random() < 0.2:
        return changed(payload, chance)
    reader, fields = ByteReader(payload), list[tuple[int, bytes]]()
    try:
        while reader.left:
            key = reader.u8("key")
            fields.append((key, reader.take(reader.varint("length"), "value")))
    except CorruptStreamError:  # it was changed before
        return changed(payload, chance)
    if not fields:
        return changed(payload, chance)
    k, what = chance.randrange(len(fields)), chance.random()
    if what < 0.75:
        fields[k] = fields[k][0], changed(fields[k][1], chance)
    elif what < 0.82:
        del fields[k]
    elif what < 0.88:
        fields.insert(chance.randrange(len(fields)), fields[k])
    elif what < 0.94:
        fields[k] = chance.choice((*range(1, 17), 64, 65, 66, 70)), fields[k][1]
    else:
        other = chance.randrange(len(fields))
        fields[k], fields[other] = fields[other], fields[k]
    return b"".join(bytes([key]) + varint(len(value)) + value for key, value in fields)


def _mended_version1(data: bytes, chance: random.Random) -> bytes:
    """A stream of format 1 whose header or one of whose payloads differs."""
    source = open_source(data)
    _, entries, head = version1.parse(source)
    header, payloads = data[: head - version1.CRC_BYTES], data[head:]
    if chance.random() < 0.5:
        start = version1.PREFIX_BYTES
        fields = changed(header[start:], chance)
        header = header[: start - 4] + struct.pack("<I", len(fields)) + fields
    else:
        entry = chance.choice(entries)
        at = entry.first_byte - head
        own = changed(payloads[at : at + entry.length], chance)
        own = own[: entry.length].ljust(entry.length, b"\0")
        payloads = payloads[:at] + own + payloads[at + entry.length :]
        before = struct.pack("<I", entry.crc or 0)
        header = header.replace(before, struct.pack("<I", zlib.crc32(own)), 1)
    return header + struct.pack("<I", zlib.crc32(header)) + payloads


def mended_pages(data: bytes, chance: random.Random) -> bytes:
    """An E57 file whose pages have right checksums (CRC-32C)."""
    out = bytearray(changed(data, chance))
    out += bytes(-len(out) % 1024)
    for page in range(0, len(out), 1024):
        crc = 0xFFFFFFFF
        for byte in out[page : page + 1020]:
            crc = _CASTAGNOLI[(crc ^ byte) & 255] ^ (crc >> 8)
        out[page + 1020 : page + 1024] = (crc ^ 0xFFFFFFFF).to_bytes(4, "big")
    return bytes(out)


def _castagnoli(k: int) -> int:
    for _ in range(8):
        k = (k >> 1) ^ (0x82F63B78 if k & 1 else 0)
    return k


_CASTAGNOLI = [_castagnoli(k) for k in range(256)]
_ODD: tuple[Any, ...] = (None, True, -1, 0, 1e308, 5e-324, 1 << 70, "", "\ud800", "a\0b", "x" * 5000)
_ODD += ([], {}, [[]], {"a": {}})


def mended_json(text: bytes, chance: random.Random) -> bytes:
    """JSON in which one value is another one."""
    content = json.loads(text)
    spots: list[tuple[object, object]] = []

    def walk(value: object) -> None:
        items = (
            value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        )
        for key, inner in items:
            spots.append((value, key))
            walk(inner)

    walk(content)
    for _ in range(chance.choice((1, 1, 2))):
        holder, key = chance.choice(spots)
        other: object = chance.choice(_ODD)
        if chance.random() < 0.2:
            donor, its = chance.choice(spots)
            other = donor[its]  # type: ignore[index]
        holder[key] = other  # type: ignore[index]
    try:
        return json.dumps(content).encode()
    except ValueError:  # it has become a part of itself
        return b"[" * 100_000


def mended_weights(data: bytes, chance: random.Random) -> bytes:
    """A weights file whose header is other JSON, of the length that the file says."""
    size = int.from_bytes(data[:8], "little")
    header = data[8 : 8 + size]
    other = mended_json(header, chance) if chance.random() < 0.5 else changed(header, chance)
    return len(other).to_bytes(8, "little") + other + data[8 + size :]
