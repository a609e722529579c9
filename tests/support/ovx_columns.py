"""Columns, rough grids and files of an .ovx stream, read as docs/format.md says, without the library.

pcodec and zstandard unpack what they packed; all else is plain Python.
"""

from __future__ import annotations

import hashlib
import itertools
import lzma
import struct
from dataclasses import dataclass
from typing import Any

import numpy as np
from ovx_reader import Take, chunks_of, counts_of, header_of, need

TYPES = ("<f4", "<f8", "<i1", "<u1", "<i2", "<u2", "<i4", "<u4", "<f2", "<i8", "<u8", "|b1")
PART = 1 << 18


def unpacked(data: bytes, kind: str, count: int) -> Any:
    """A packed column."""
    import zstandard
    from pcodec import standalone

    stored = np.dtype("u1" if kind == "|b1" else kind)
    if not count:
        need(not data, "bytes of a column without numbers")
        return np.empty(0, kind)
    method, rest, width = data[0], data[1:], stored.itemsize
    if method == 0:
        found = np.array([np.frombuffer(rest, stored)[0]] * count, stored)
        need(len(rest) == width, "a constant of another width")
    elif method == 1:
        found = np.frombuffer(rest, stored)
    elif method == 2:
        found = standalone.simple_decompress(rest)
        need(found.dtype == stored, "pcodec of another type")
    else:
        need(method in (3, 4), "an unknown method")
        raw = zstandard.ZstdDecompressor().decompress(rest, max_output_size=count * width)
        planes = [raw[k * count : (k + 1) * count] for k in range(width)]
        found = np.frombuffer(b"".join(bytes(row) for row in zip(*planes)), stored)
        if method == 4:
            total, numbers = 0, []
            for step in found.view(f"<u{width}").tolist():
                total = (total + step) % (1 << (8 * width))
                numbers.append(total)
            found = np.array(numbers, f"<u{width}").view(stored)
    need(len(found) == count, "a column of another length")
    return found.view(kind) if kind == "|b1" else found


@dataclass
class Attribute:
    name: str
    kind: str
    components: int | None = None
    lengths: str = ""

    @property
    def kinds(self) -> list[str]:
        return [self.lengths, self.kind] if self.lengths else [self.kind] * (self.components or 1)


def text(take: Take) -> str:
    return take.raw(take.varint()).decode()


def attributes_of(data: bytes) -> list[Attribute]:
    found = []
    for value in header_of(data).repeated.get(8, []):
        take = Take(value)
        one = Attribute(text(take), TYPES[take.byte()])
        if take.left:
            components = take.varint()
            if components:
                one.components = components
            else:
                one.lengths = TYPES[take.byte()]
        need(take.left == 0, "bytes left in an attribute")
        found.append(one)
    return found


def bounds_of(data: bytes) -> dict[int, int]:
    """How far values of each property may be off, by its number."""
    take, found = Take(header_of(data).fields.get(13, b"")), dict[int, int]()
    while take.left:
        number = take.varint()
        found[number] = take.varint()
    return found


def shares_of(data: bytes) -> dict[str, int]:
    """Bytes of each property of points that are coded by their voxels, from field 66."""
    take, attributes = Take(header_of(data).fields.get(66, b"")), attributes_of(data)
    owners = [attribute.name for attribute in attributes for _ in attribute.kinds]
    found = dict.fromkeys(owners, 0)
    for number, value in enumerate(header_of(data).repeated.get(10, [])):
        group = Take(value)
        if group.varint() == 0:
            continue
        names = list(dict.fromkeys(owners[group.varint()] for _ in range(group.varint())))
        left = sum(len(c.payload) for c in chunks_of(data) if c.kind == 6 and c.component == number)
        for name in names[:-1]:
            own = take.varint()
            found[name] += own
            left -= own
        found[names[-1]] += left
    return found


@dataclass
class Part:
    number: int
    cells: list[Any]


def parts_of(data: bytes, cells: list[list[Any]]) -> list[Part]:
    """cells: of the points of each slice, in their order."""
    found = []
    for k, own in enumerate(cells):
        pieces = max(round(len(own) / PART), 1)
        for j in range(pieces):
            some = own[len(own) * j // pieces : len(own) * (j + 1) // pieces]
            found.append(Part(k + (j << 20), some))
    return found


# Columns of a group: a property and the component; of each part, by its number, its slice at the end.
Together = tuple[tuple[str, int], ...]
Learned = dict[Together, dict[int, Any]]


@dataclass
class Reference:
    """What coder 4 sees. cells: voxels of the reference, moved; properties: their columns by name; learned:
    by its coders.
    """

    cells: list[tuple[int, int, int]]
    properties: dict[str, list[Any]]
    learned: Learned

    def columns(self, own: list[int], attributes: list[Attribute]) -> list[list[int]]:
        """Those of the reference that go with the columns of a group."""
        owners = [(one, k) for one in attributes for k in range(len(one.kinds))]
        found = []
        for number in own:
            one, k = owners[number]
            there = self.properties.get(one.name, [])
            need(
                not one.lengths and [c.dtype for c in there] == [np.dtype(kind) for kind in one.kinds],
                "another property",
            )
            need(np.dtype(one.kind).kind in "iub", "a property without integers")
            found.append(there[k].tolist())
        return found

    def starts(self, together: Together, parts: list[int]) -> list[Any]:
        """What each part of a group begins with."""
        known = list(self.learned.get(together, {}).items())[:8]
        found: list[Any] = []
        for number in parts:
            if not known:
                found.append(None)
                continue
            k = min(number % (1 << 20), max(own % (1 << 20) for own, _ in known))
            those = [end for own, end in known if own % (1 << 20) == k]
            found.append(those[min(number >> 20, len(those) - 1)])
        return found


def columns_of(
    data: bytes, parts: list[Part], before: Reference | None = None, learned: Learned | None = None
) -> dict[int, Any]:
    """The columns of all properties, by number, of the points on the grid. before: the frame's reference.

    learned: gets what coders had learned.
    """
    kinds = [kind for one in attributes_of(data) for kind in one.kinds]
    values = set()
    for one in attributes_of(data):
        if one.lengths:
            values.add(sum(len(a.kinds) for a in attributes_of(data)[: attributes_of(data).index(one)]) + 1)
    chunks = {(c.component, c.part): c.payload for c in chunks_of(data) if c.kind == 6}
    found: dict[int, Any] = {}
    for number, value in enumerate(header_of(data).repeated.get(10, [])):
        take = Take(value)
        coder = take.varint()
        own = [take.varint() for _ in range(take.varint())]
        if coder == 0:
            found[own[0]] = found[take.varint()]
            continue
        if coder in (2, 4):
            payloads, seen = [chunks[number, part.number] for part in parts], None
            if coder == 4:
                need(before is not None, "no reference")
                assert before is not None
                seen = before.cells, before.columns(own, attributes_of(data))
            owners = [(one.name, k) for one in attributes_of(data) for k in range(len(one.kinds))]
            together, numbers = tuple(owners[k] for k in own), [part.number for part in parts]
            starts = before.starts(together, numbers) if coder == 4 and before else [None] * len(parts)
            ends: list[Any] = []
            columns = spatial(take, payloads, parts, [kinds[k] for k in own], seen, starts, ends)
            found |= dict(zip(own, columns, strict=True))
            if learned is not None:
                learned[together] = dict(zip(numbers, ends))
            continue
        need(coder == 1, "a coder that this reader has not")
        pieces: dict[int, list[Any]] = {k: [] for k in own}
        for place, part in enumerate(parts):
            payload = Take(chunks[number, part.number])
            for k in own:
                count = len(part.cells)
                if k in values:
                    start = sum(len(p.cells) for p in parts[:place])
                    count = int(found[k - 1][start : start + count].astype(object).sum())
                pieces[k].append(unpacked(payload.raw(payload.varint()), kinds[k], count))
            need(payload.left == 0, "bytes left in a part")
        found |= {k: np.concatenate(some) if some else np.empty(0, kinds[k]) for k, some in pieces.items()}
    return found


def spatial(
    take: Take,
    payloads: list[bytes],
    parts: list[Part],
    kinds: list[str],
    before: Any = None,
    starts: list[Any] | None = None,
    ends: list[Any] | None = None,
) -> list[Any]:
    """The columns of a group of coder 2, or with a reference of coder 4."""
    import spatial_reference
    from ovx_reader import Lattice

    lattices: list[Lattice | None] = []
    for _ in kinds:
        if not take.byte():
            lattices.append(None)
            continue
        kind, base, step = take.byte(), take.zigzag(), take.varint()
        lattices.append(Lattice(kind, base, step, take.varint() if kind else 0))
    cells = np.array([cell for part in parts for cell in part.cells], np.int64).reshape(-1, 3)
    bounds = np.cumsum([0, *(len(part.cells) for part in parts)]).tolist()
    need(before is None or lattices == [None] * len(kinds), "a lattice with a reference")
    found = spatial_reference.decode(cells, take.raw(take.left), payloads, bounds, before, starts, ends)
    columns = []
    for numbers, lattice, kind in zip(found, lattices, kinds, strict=True):
        if lattice is None:
            columns.append(np.asarray(numbers).astype(kind))
        else:
            form = {"<f2": "<e", "<f4": "<f", "<f8": "<d"}[kind]
            columns.append(np.array([lattice.number(int(n), form) for n in numbers], kind))
    return columns


def stray_columns(data: bytes) -> list[Any]:
    """x, y, z and the columns of all properties of the points off the grid."""
    header = header_of(data)
    count = header.points[2]
    payload = next((chunk.payload for chunk in chunks_of(data) if chunk.kind == 5), b"")
    if not count:
        return [np.empty(0, TYPES[0])] * 3
    take, found = Take(payload), []
    for kind in header.numpy_types:
        found.append(unpacked(take.raw(take.varint()), kind, count))
    for one in attributes_of(data):
        for k, kind in enumerate(one.kinds):
            rows = int(found[-1].astype(object).sum()) if one.lengths and k else count
            found.append(unpacked(take.raw(take.varint()), kind, rows))
    need(take.left == 0, "bytes left of the strays")
    return found


def key(number: Any, kind: str) -> int:
    """Numbers in rising order have rising keys."""
    width = struct.calcsize(kind)
    bits = int.from_bytes(struct.pack(kind, number), "little")
    top = 1 << (8 * width - 1)
    if kind[1] in "bhiq":
        return bits ^ top
    if kind[1] in "efd":
        return bits ^ (2 * top - 1) if bits & top else bits | top
    return bits


def number(of: int, kind: str) -> Any:
    width = struct.calcsize(kind)
    top = 1 << (8 * width - 1)
    bits = of % (2 * top)
    if kind[1] in "bhiq":
        bits ^= top
    elif kind[1] in "efd":
        bits = bits ^ top if bits & top else bits ^ (2 * top - 1)
    return struct.unpack(kind, bits.to_bytes(width, "little"))[0]


def coordinates_of(data: bytes, parts: list[Part]) -> list[list[Any]]:
    """x, y and z of the points on the grid."""
    header = header_of(data)
    modes = header.fields.get(11, b"\0\0\0")
    chunks = {c.part: c.payload for c in chunks_of(data) if c.kind == 9}
    found: list[list[Any]] = [[], [], []]
    for part in parts:
        take = Take(chunks.get(part.number, b"\0\0\0"))
        for k, (axis, kind, mode) in enumerate(zip(header.lattices, header.types, modes)):
            cells = [int(cell[k]) for cell in part.cells]
            first = [axis.number(c, kind) for c in cells]
            mark = take.byte()
            if not mark:
                found[k] += first
                continue
            if mode == 2:
                sizes = [axis.step] * len(cells)
            else:
                sizes = [key(axis.number(c + 1, kind), kind) - key(f, kind) for c, f in zip(cells, first)]
            classes = [exponent(size - 1) for size in sizes]
            rests = {}
            for own in sorted(set(classes)):
                places = [i for i, e in enumerate(classes) if e == own]
                width = next(w for w in (1, 2, 4, 8) if own < 8 * w)
                column = unpacked(take.raw(take.varint()), f"<u{width}", len(places))
                rests |= dict(zip(places, (int(v) - (mark == 2) for v in column)))
            for i, f in enumerate(first):
                if mode == 2:
                    whole = type(axis)(axis.kind, axis.base + axis.step * cells[i] + rests[i], 1, axis.places)
                    found[k].append(whole.number(0, kind))
                else:
                    found[k].append(number(key(f, kind) + rests[i], kind))
        need(take.left == 0, "bytes left of the remainders")
    return found


def exponent(most: int) -> int:
    return int(np.frexp(np.float64(max(most, 0)))[1])


def records_of(
    data: bytes, voxels: Any, before: Reference | None = None, learned: Learned | None = None
) -> list[Any]:
    """x, y, z and the columns of all properties of all points. voxels: decoded; slices in turn. before,
    learned: as in `columns_of`.
    """
    if 12 in header_of(data).fields:
        return rows_of(data)
    cells, at = [], 0
    for own in counts_of(data):
        count = len(own)
        some = voxels[at : at + count]
        cells.append([cell for cell, times in zip(some, own) for _ in range(times)])
        at += count
    parts = parts_of(data, cells)
    header = header_of(data)
    kinds = header.numpy_types
    axes = [np.array(c, k) for c, k in zip(coordinates_of(data, parts), kinds)]
    columns = columns_of(data, parts, before, learned)
    strays = stray_columns(data)
    if not header.points[2]:
        return [*axes, *(columns[k] for k in sorted(columns))]
    own = [*axes, *(columns[k] for k in sorted(columns))]
    return [np.concatenate(pair) for pair in zip(own, strays, strict=True)]


def rows_of(data: bytes) -> list[Any]:
    """x, y, z and the columns of all properties of points that were coded as rows."""
    import rows_reference

    header = header_of(data)
    take = Take(header.fields[12])
    count = take.varint()
    params, types = take.raw(take.left), [np.dtype(kind) for kind in header.numpy_types]
    types += [np.dtype(kind) for one in attributes_of(data) for kind in one.kinds]
    pieces = max(round(count / (1 << 19)), 1)
    payloads = [c.payload for c in chunks_of(data) if c.kind == 10]
    need(len(payloads) == pieces, "parts of rows missing")
    parts = []
    for k, payload in enumerate(payloads):
        size = count * (k + 1) // pieces - count * k // pieces
        parts.append(rows_reference.decode_part(params, payload, types, size))
    return [np.concatenate(columns) for columns in zip(*parts)]


def order_of(data: bytes, axes: list[Any]) -> list[int]:
    """The decoded point of each row of the file."""
    if 12 in header_of(data).fields:
        return list(range(len(axes[0])))
    payload = next(c.payload for c in chunks_of(data) if c.kind == 7)
    count = len(axes[0])
    if not count:
        return []
    if payload[0] >= 2:
        chosen = list(itertools.permutations(range(3)))[(payload[0] - 2) // 8]
        falling = list(itertools.product((False, True), repeat=3))[(payload[0] - 2) % 8]
        letters = {"<f4": "<f", "<f8": "<d", "<f2": "<e"}

        def row(i: int) -> tuple[int, ...]:
            keys = []
            for k, down in zip(chosen, falling):
                kind = letters.get(axes[k].dtype.str, "<" + axes[k].dtype.char)
                one = key(axes[k][i].item(), kind)
                keys.append(-one if down else one)
            return tuple(keys)

        return sorted(range(count), key=row)
    steps = unpacked(payload[1:], "<i8", count)
    places = np.cumsum(steps).tolist()
    if payload[0] == 1:
        return places
    found = [0] * count
    for place, row_number in enumerate(places):
        found[row_number] = place
    return found


def unsqueezed(data: bytes, mark: int) -> bytes:
    lc, lp, pb = ((3, 0, 2), (3, 0, 0), (0, 2, 2), (1, 0, 0))[mark % 4]
    window = 1 << (12 + mark % 60 // 4)
    filters = [{"id": lzma.FILTER_LZMA2, "dict_size": window, "lc": lc, "lp": lp, "pb": pb}]
    return lzma.decompress(data + b"\0", lzma.FORMAT_RAW, filters=filters)


def spelled(value: Any, spelling: int, digits: int) -> str:
    if spelling == 0:
        return str(int(value))
    if spelling in (1, 2):
        shortest = str(value)
        return shortest[:-2] if spelling == 2 and shortest.endswith(".0") else shortest
    return "%.{}{}".format(digits, {3: "f", 4: "g", 5: "e"}[spelling]) % float(value)


def file_of(data: bytes, voxels: Any) -> bytes:
    """The file of a stream of level file; of rows, PLY in little endian and LAS of formats 6 and 7 alone."""
    chunk = next(c for c in chunks_of(data) if c.kind == 8)
    take = Take(chunk.payload)
    digest, mark = take.raw(32), take.byte()
    method = mark // 60
    if method == 0:
        found = unsqueezed(take.raw(take.left), mark)
    else:
        start, length, style_bytes = take.varint(), take.varint(), take.varint()
        kept = unsqueezed(take.raw(take.left), mark)
        around, style = kept[: len(kept) - style_bytes], kept[len(kept) - style_bytes :]
        columns = records_of(data, voxels)
        order = order_of(data, columns[:3])
        names = ["x", "y", "z", *(a.name for a in attributes_of(data))]
        by_name = {n: [c[i] for i in order] for n, c in zip(names, columns)}
        rows = lines(style, by_name) if method == 2 else table_rows(around[:start], by_name)
        need(len(rows) == length, "rows of another length")
        found = around[:start] + rows + around[start:]
    need(hashlib.sha256(found).digest() == digest, "another file")
    return found


LAS_FIELDS = "x:i y:i z:i intensity:H return_number:4 number_of_returns:4 synthetic:1 key_point:1 withheld:1 "
LAS_FIELDS += "overlap:1 scanner_channel:2 scan_direction_flag:1 edge_of_flight_line:1 classification:B "
LAS_FIELDS += "user_data:B scan_angle:h point_source_id:H gps_time:d"
LAS_MORE = {6: "", 7: " red:H green:H blue:H"}


def table_rows(head: bytes, columns: dict[str, Any]) -> bytes:
    """Binary rows of numbers."""
    if not head.startswith(b"LASF"):
        return ply_rows(head, columns)
    fields = [word.split(":") for word in (LAS_FIELDS + LAS_MORE[head[104]]).split()]
    found = b""
    for values in zip(*(columns[name] for name, _ in fields)):
        byte, place = 0, 0
        for value, (_, code) in zip(values, fields):
            if code.isdigit():  # so many bits of a byte, the lowest first
                byte, place = byte | int(value) << place, place + int(code)
                if place == 8:
                    found, byte, place = found + bytes([byte]), 0, 0
            else:
                found += struct.pack("<" + code, value)
    return found


def ply_rows(head: bytes, columns: dict[str, Any]) -> bytes:
    need(head.startswith(b"ply") and b"little" in head, "a format that this reader has not")
    vertex = head.split(b"element vertex")[1].split(b"element")[0]
    names = [line.split()[-1].decode() for line in vertex.splitlines() if line.startswith(b"property")]
    return b"".join(b"".join(v.tobytes() for v in row) for row in zip(*(columns[n] for n in names)))


def lines(style: bytes, columns: dict[str, Any]) -> bytes:
    take = Take(style)
    count = take.varint()
    names = [text(take) for _ in range(count)]
    between = [take.raw(take.varint()) for _ in range(count + 1)]
    spellings = [(take.byte(), take.byte()) for _ in range(count)]
    odd, row = {}, -1
    for _ in range(take.varint()):
        row += take.varint() + 1
        odd[row] = take.raw(take.varint())
    need(take.left == 0, "bytes left of the style")
    found = []
    for k, values in enumerate(zip(*(columns[n] for n in names))):
        line = between[0]
        for value, (spelling, digits), after in zip(values, spellings, between[1:]):
            line += spelled(value, spelling, digits).encode() + after
        found.append(odd.get(k, line))
    return b"".join(found)
