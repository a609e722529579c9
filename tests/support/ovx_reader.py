"""A reader of the .ovx format, written from docs/format.md, in plain Python without the library.

It gives the chunks, the header and the points of a stream, from voxels that somebody else decoded.
"""

from __future__ import annotations

import math
import struct
import zlib
from dataclasses import dataclass, field
from typing import Any

from octree_reference import Flag, Reader

MAGIC = bytes.fromhex("894F56580D0A1A0A")
TYPES = ("<f", "<d", "<b", "<B", "<h", "<H", "<i", "<I", "<e", "<q", "<Q")


class Bad(Exception):
    """The stream is not as the document says."""


def need(condition: bool, what: str) -> None:
    if not condition:
        raise Bad(what)


class Take:
    """Takes numbers from bytes."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def raw(self, count: int) -> bytes:
        need(self.at + count <= len(self.data), "the data end")
        self.at += count
        return self.data[self.at - count : self.at]

    def byte(self) -> int:
        return self.raw(1)[0]

    def varint(self) -> int:
        value = shift = 0
        while True:
            byte = self.byte()
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                need(byte != 0 or shift == 7, "a number longer than need be")
                need(value < 1 << 64, "a number of more than 64 bits")
                return value

    def zigzag(self) -> int:
        value = self.varint()
        return value // 2 if value % 2 == 0 else -(value + 1) // 2

    @property
    def left(self) -> int:
        return len(self.data) - self.at


@dataclass
class Chunk:
    kind: int
    frame: int
    component: int
    part: int
    payload: bytes
    start: int


def chunks_of(data: bytes) -> list[Chunk]:
    """All chunks, END included."""
    need(data[:8] == MAGIC and data[8] == 2, "not a stream of version 2")
    take, found = Take(data), []
    take.at = 9
    while True:
        start = take.at
        kind, frame, component, part, length = take.byte(), *(take.varint() for _ in range(4))
        head = data[start : take.at]
        need(int.from_bytes(take.raw(2), "little") == zlib.crc32(head) & 0xFFFF, "check")
        payload = take.raw(length)
        need(int.from_bytes(take.raw(4), "little") == zlib.crc32(data[start : take.at - 4]), "checksum")
        found.append(Chunk(kind, frame, component, part, payload, start))
        if kind == 8 and len(found) == 1 and take.left == 0:
            return found
        if kind == 15:
            need(take.left == 0, "bytes after the end")
            return found


def index_of(data: bytes) -> list[tuple[int, int, int, int, int]] | None:
    """(kind, frame, component, part, length) of the chunks as the index lists them; None without one."""
    found = chunks_of(data)
    if not found[-1].payload:
        return None
    at = int.from_bytes(found[-1].payload, "little")
    index = next(chunk for chunk in found if chunk.start == at)
    need(index.kind == 14, "the end names no index")
    take = Take(index.payload)
    rows = [(take.byte(), *(take.varint() for _ in range(4))) for _ in range(take.varint())]
    need(take.left == 0, "bytes left in the index")
    return rows


def frames_of(data: bytes) -> list[list[Chunk]]:
    """The chunks of each frame of a complete sequence, without FRAME, FRAMES, INDEX and END."""
    frames: list[list[Chunk]] = [[]]
    rows = chunks_of(data)
    for k, chunk in enumerate(rows):
        if chunk.kind in (13, 14, 15):
            need({c.kind for c in rows[k:]} <= {13, 14, 15}, "chunks behind the frames")
        elif chunk.kind == 12:
            need(chunk.frame == len(frames) and not chunk.payload, "frames out of order")
            following = rows[k + 1].start
            ends = [c.start for c in rows[k + 1 :] if c.kind in (12, 13, 14, 15)]
            need(ends[0] - following == chunk.component, "a frame of another length")
            frames.append([])
        else:
            need(chunk.frame == len(frames) - 1, "a chunk of another frame")
            frames[-1].append(chunk)
    need(all(frame and frame[0].kind in (1, 8) for frame in frames), "a frame without a header")
    return frames


def sizes_of_frames(data: bytes) -> list[int] | None:
    """What the chunk FRAMES says, which has to lead to itself; None without it."""
    found = chunks_of(data)
    if not found[-1].payload:
        return None
    at = int.from_bytes(found[-1].payload, "little")
    chunk = next(chunk for chunk in found if chunk.start == at)
    if chunk.kind != 13:
        return None
    take = Take(chunk.payload)
    sizes = [take.varint() for _ in range(take.varint())]
    need(take.left == 0 and 9 + sum(sizes) == at, "the list of frames leads elsewhere")
    return sizes


def alone(frame: list[Chunk]) -> bytes:
    """A frame as the stream of a single cloud."""
    parts = [MAGIC + b"\x02"]
    for c in [*frame, Chunk(15, 0, 0, 0, b"", 0)]:
        head = bytes([c.kind, 0]) + _varint(c.component) + _varint(c.part) + _varint(len(c.payload))
        head += (zlib.crc32(head) & 0xFFFF).to_bytes(2, "little")
        parts.append(head + c.payload + zlib.crc32(head + c.payload).to_bytes(4, "little"))
    return b"".join(parts)


def _varint(value: int) -> bytes:
    out = b""
    while value >= 128:
        out, value = out + bytes([value % 128 + 128]), value // 128
    return out + bytes([value])


@dataclass
class Lattice:
    kind: int = 0
    base: int = 0
    step: int = 1
    places: int = 0
    origin: float = 0.0
    scale: float = 1.0

    def number(self, cell: int, kind: str) -> Any:
        """The stored number of a cell, with its type."""
        if self.kind == 3:
            value: Any = self.origin + self.scale * cell
        else:
            value = self.base + self.step * cell
            if kind in "<e<f<d" and self.kind == 0:
                value = float(value)
            elif self.kind == 1:
                value = float(value) / 10.0**self.places
            elif self.kind == 2:
                value = math.ldexp(float(value), -self.places)
            elif self.kind == 4:
                value = float(value) / self.places
        if kind[1] in "efd":
            return struct.unpack(kind, struct.pack(kind, value))[0]
        return round(value)


@dataclass
class Header:
    fields: dict[int, bytes] = field(default_factory=dict)
    repeated: dict[int, list[bytes]] = field(default_factory=dict)

    @property
    def level(self) -> str:
        return ("voxels", "records", "file", "lossy")[self.fields[1][0]]

    @property
    def points(self) -> tuple[int, int, int]:
        """Voxels, points of the source, strays."""
        take = Take(self.fields[2])
        voxels = take.varint()
        return (voxels, take.varint(), take.varint()) if take.left else (voxels, voxels, 0)

    @property
    def geometry(self) -> tuple[int, int, bytes, bytes]:
        """Codec id, depth, weights id, params."""
        take = Take(self.fields[3])
        codec, depth = take.byte(), take.byte()
        weights = take.raw(take.byte())
        return codec, depth, weights, take.raw(take.left)

    @property
    def types(self) -> list[str]:
        raw = self.fields[5]
        return [TYPES[code] for code in (raw * 3 if len(raw) == 1 else raw)]

    @property
    def numpy_types(self) -> list[str]:
        names = ("<f4", "<f8", "<i1", "<u1", "<i2", "<u2", "<i4", "<u4", "<f2", "<i8", "<u8")
        return [names[TYPES.index(kind)] for kind in self.types]

    @property
    def lattices(self) -> list[Lattice]:
        if 4 not in self.fields:
            return [Lattice()] * 3
        take, found = Take(self.fields[4]), []
        for _ in range(3):
            kind = take.byte()
            if kind == 3:
                origin, scale = struct.unpack("<2d", take.raw(16))
                found.append(Lattice(3, origin=origin, scale=scale))
            else:
                base, step = take.zigzag(), take.varint()
                found.append(Lattice(kind, base, step, take.varint() if kind else 0))
        need(take.left == 0, "bytes left in the grid")
        return found


def header_of(data: bytes) -> Header:
    chunk = chunks_of(data)[0]
    need(chunk.kind == 1, "the first chunk is no header")
    take, header = Take(chunk.payload), Header()
    while take.left:
        key = take.byte()
        value = take.raw(take.varint())
        need(key in (8, 10) or key not in header.fields, "a field is there twice")
        header.repeated.setdefault(key, []).append(value)
        header.fields[key] = value
    return header


def slices_of(data: bytes) -> list[tuple[int, bytes]]:
    """(voxels, payload of the codec) of each slice."""
    found = []
    for chunk in chunks_of(data):
        if chunk.kind == 3:
            need(chunk.part == len(found), "slices out of order")
            take = Take(chunk.payload)
            found.append((take.varint(), take.raw(take.left)))
    return found


def table_of(data: bytes) -> list[tuple[int, list[list[tuple[int, int]]]]] | None:
    """Voxels and boxes of each slice: the first and last cell of each axis; None without a table."""
    payload = next((chunk.payload for chunk in chunks_of(data) if chunk.kind == 64), None)
    if payload is None:
        return None
    take, rows = Take(payload), []
    shift = take.byte()
    for _ in range(take.varint()):
        voxels, boxes = take.varint(), []
        for _ in range(take.varint()):
            box = []
            for _ in range(3):
                low = take.varint()
                high = low + take.varint()
                box.append((low << shift, ((high + 1) << shift) - 1))
            boxes.append(box)
        need(1 <= len(boxes) <= 8, "number of boxes")
        rows.append((voxels, boxes))
    need(take.left == 0, "bytes left in the slice table")
    return rows


@dataclass
class Guess:
    """Field 14. partly: whether the last coded level is guessed in part."""

    levels: int
    partly: bool
    nodes: int
    weights: bytes
    digest: bytes
    mse: float
    largest: float


def guess_of(data: bytes) -> Guess:
    take = Take(header_of(data).fields[14])
    first = take.byte()
    nodes = take.varint()
    weights = take.raw(take.byte())
    digest = take.raw(8)
    mse, largest = struct.unpack("<2f", take.raw(8))
    need(take.left == 0, "bytes left in the field of guesses")
    return Guess(first & 7, first >= 8, nodes, weights, digest, mse, largest)


def numbers_of_guesses(data: bytes) -> list[list[int]]:
    """The varints of each chunk GUESS."""
    found: list[list[int]] = []
    for chunk in chunks_of(data):
        if chunk.kind == 11:
            need(chunk.part == len(found), "guesses out of order")
            take, own = Take(chunk.payload), []
            while take.left:
                own.append(take.varint())
            found.append(own)
    return found


def guessed_of(data: bytes) -> list[int]:
    """How many voxels of each slice come back at level lossy."""
    guess, coded = guess_of(data), [voxels for voxels, _ in slices_of(data)]
    numbers = numbers_of_guesses(data)
    need(len(numbers) == (len(coded) if guess.weights else 0), "guesses missing")
    return [own[-1] for own in numbers] if guess.levels and guess.weights else coded


def counts_of(data: bytes) -> list[list[int]]:
    """The points of each voxel of each slice."""
    slices = slices_of(data)
    if header_of(data).level == "lossy":
        return [[1] * voxels for voxels in guessed_of(data)]
    if 9 not in header_of(data).fields:
        return [[1] * voxels for voxels, _ in slices]
    found: list[list[int]] = []
    for chunk in chunks_of(data):
        if chunk.kind == 4:
            need(chunk.part == len(found), "counts out of order")
            take = Take(chunk.payload)
            total = take.varint()
            counts = _decoded_counts(take.raw(take.left), slices[chunk.part][0])
            need(sum(counts) == total, "counts of another sum")
            found.append(counts)
    need(len(found) == len(slices), "counts missing")
    return found


def _decoded_counts(payload: bytes, voxels: int) -> list[int]:
    reader, flags, found, before = Reader(payload), [Flag() for _ in range(48 + 48)], [], 1

    def bit(model: int) -> int:
        value = reader.bit(flags[model].p1)
        flags[model].learn(value)
        return value

    for _ in range(voxels):
        count, model = 1, 12 * (min(before, 4) - 1)
        while count <= 12 and bit(model + count - 1):
            count += 1
        if count == 13:
            places = 0
            while places < 47 and bit(48 + places):
                places += 1
            rest = 1
            for _ in range(places):
                rest = 2 * rest + reader.bit(1 << 23)
            count = 12 + rest
        found.append(count)
        before = count
    need(reader.ends_here(), "counts end elsewhere")
    return found


def strays_of(data: bytes) -> list[tuple[Any, ...]]:
    """The stored coordinates of the points off the grid."""
    from ovx_columns import stray_columns

    return list(zip(*stray_columns(data)[:3]))


def points_of(data: bytes, voxels: list[list[int]], counts: list[int]) -> list[tuple[Any, ...]]:
    """All points. voxels: decoded, in Morton order. counts: of each, as COUNTS has them."""
    header, found = header_of(data), []
    for cell, count in zip(voxels, counts, strict=True):
        point = tuple(
            axis.number(c, kind) for axis, c, kind in zip(header.lattices, cell, header.types, strict=True)
        )
        found += [point] * count
    return found + strays_of(data)
