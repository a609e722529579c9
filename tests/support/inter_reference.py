"""Frames that have a reference, decoded as docs/inter-codec.md says: slow, and simple."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import ovx_reader
from multiscale_reference import Ints, MultiscaleReference, octant
from octree_reference import CUBE, MASKS, Cells, Model, Voxel, decode_slice, shifted
from ovx_columns import Learned, Reference, attributes_of, bounds_of, records_of, unpacked
from ovx_reader import Header, Lattice, Take, header_of, need
from sample_clouds import ROOT

Tensors = dict[str, npt.NDArray[Any]]
BEFORE = [CUBE.index(offset) for offset in CUBE if offset[0] == -1 or offset[:2] == (0, -1)]


def documented_masks() -> list[tuple[int, ...]]:
    """The table of further contexts in the document: five masks each."""
    text = (ROOT / "docs" / "inter-codec.md").read_text("utf-8")
    rows = re.findall(r"^\| (\d+)" + r" \| ([0-9a-f]+)" * 5 + r" \|", text, re.M)
    assert [int(row[0]) for row in rows] == list(range(11, 15))
    return [tuple(int(v, 16) for v in row[1:]) for row in rows]


def few_contexts() -> tuple[int, ...]:
    """The contexts that model version 5 uses."""
    text = (ROOT / "docs" / "inter-codec.md").read_text("utf-8")
    (listed,) = re.findall(r"model version 5.*?the contexts ([\d, ]+)\s+and (\d+)", text, re.S)
    return tuple(int(c) for c in f"{listed[0]}, {listed[1]}".split(", "))


class InterModel(Model):
    """The adaptive models of a slice that uses the reference."""

    masks = [*((*own, 0) for own in MASKS), *documented_masks()]  # noqa: RUF012
    confident = (4, 5, 11, 12)

    def choose(self, words: tuple[int, ...], row: int, parity: int) -> tuple[int, int]:
        w, before = words[4], row >> 1
        lacks, alone = w >> 27 & 3, w >> 29 & 3
        places = sum((w >> place & 1) << i for i, place in enumerate((4, 10, 12, 13, 14, 16, 22)))
        third = before + 2 * (lacks > 0) + 4 * alone + 16 * places
        return third, before + 2 * (w >> 13 & 1) + 4 * (lacks > 0 or alone > 0)


class FewModel(InterModel):
    """The same with model version 5."""

    used = few_contexts()
    masks = [InterModel.masks[c] for c in used]  # noqa: RUF012
    confident = (0, 3, 6, 7)  # places among these


class InterReference(MultiscaleReference):
    """The network, one object for one slice. tensors: of the inter weights. moved: the moved reference."""

    def __init__(self, tensors: Tensors, moved: list[Voxel], version: int = 2) -> None:
        super().__init__(tensors)
        self.moved, self.version = moved, version

    def start(self, below: int, nodes: list[Voxel]) -> None:
        self.children: dict[Voxel, set[Voxel]] = {}  # of the reference, and what each of them has in turn
        for x, y, z in self.moved:
            own = self.children.setdefault((x >> below, y >> below, z >> below), set())
            if below:
                own.add((x >> below - 1, y >> below - 1, z >> below - 1))
        super().start(below, nodes)

    def full(self, cell: Voxel, degree: int) -> bool:
        least = (0, 3, 6)[degree]
        return cell in self.children and len(self.children[cell]) >= least

    def more_of_node(self, node: Voxel) -> Ints:
        total = np.zeros(32, np.int64)
        for degree in range(3):
            for place in range(64):
                step = (place // 16 - 1, place // 4 % 4 - 1, place % 4 - 1)
                if self.full(shifted((2 * node[0], 2 * node[1], 2 * node[2]), step), degree):
                    total += self.w["reference"][64 * degree + place]
        return total

    def more_of_child(self, child: Voxel) -> Ints:
        total = np.zeros(64, np.int64)
        for degree in range(3):
            for i, offset in enumerate(CUBE):
                if self.full(shifted(child, offset), degree):
                    total += self.w["beside"][octant(child), 27 * degree + i]
        return total

    def words(self, child: Voxel, known: Cells) -> tuple[int, ...]:
        seen = [shifted(child, offset) in self.children for offset in CUBE]
        there = {i: shifted(child, CUBE[i]) in known for i in BEFORE}
        lacks = min(sum(there[i] and not seen[i] for i in BEFORE), 3)
        alone = min(sum(seen[i] and not there[i] for i in BEFORE), 3)
        return (sum(bit << i for i, bit in enumerate(seen)) + (lacks << 27) + (alone << 29),)

    def model(self, table_bits: int, learning: tuple[int, ...]) -> Model:
        return (FewModel if self.version == 5 else InterModel)(table_bits, True, learning)


def morton(voxel: Voxel) -> int:
    return sum((voxel[k] >> b & 1) << (3 * b + 2 - k) for k in range(3) for b in range(21))


def cells_between(own: Lattice, other: Lattice) -> int:
    """How many cells of a frame's axis lie before those of its reference, whose axis is `own`."""
    need(own.kind == other.kind, "lattices of other kinds")
    if own.kind == 3:
        need(own.scale == other.scale, "lattices of other scales")
        steps = (own.origin - other.origin) / own.scale
        need(abs(steps) < 1 << 40, "lattices that are far apart")
        return round(steps)  # ties to even
    need((own.step, own.places) == (other.step, other.places), "lattices of other steps")
    steps, rest = divmod(own.base - other.base, own.step)
    need(rest == 0 and abs(steps) < 1 << 40, "lattices between each other")
    return steps


# Where a voxel of the reference comes to lie in the frame, and where it was.
Placed = dict[Voxel, Voxel]


def shifted_reference(voxels: list[Voxel], own: Header, frame: Header) -> Placed:
    """voxels: of the reference, whose header is `own`."""
    depth = frame.geometry[1]
    need(depth <= 20, "a frame too deep for a reference")
    steps = [cells_between(a, b) for a, b in zip(own.lattices, frame.lattices)]
    found = {(v[0] + steps[0], v[1] + steps[1], v[2] + steps[2]): v for v in voxels}
    found = {cell: v for cell, v in found.items() if all(0 <= c < 1 << depth for c in cell)}
    need(bool(found), "nothing of the reference is left")
    return found


def moved_reference(placed: Placed, vectors: dict[Voxel, Voxel], depth: int) -> Placed:
    """vectors: of blocks, by their place in units of 2^5 voxels."""
    found: Placed = {}
    for cell in sorted(placed, key=morton):
        place = shifted(cell, vectors[cell[0] >> 5, cell[1] >> 5, cell[2] >> 5])
        if all(0 <= c < 1 << depth for c in place):
            found.setdefault(place, placed[cell])
    return found or placed


def motion_of(payload: bytes, slices: int, placed: Placed) -> tuple[list[bool], dict[Voxel, Voxel]]:
    """Which slices use the reference, and the vectors of its blocks."""
    take = Take(payload)
    bits = int.from_bytes(take.raw((slices + 7) // 8), "little")
    need(0 < bits < 1 << slices, "not the slices of the frame")
    blocks = sorted({(x >> 5, y >> 5, z >> 5) for x, y, z in placed}, key=morton)
    need(take.varint() == len(blocks), "other blocks")
    changes = take.varint()
    which = unpacked(take.raw(take.varint()), "<u1", (len(blocks) + 7) // 8)
    steps = [unpacked(take.raw(take.varint()), "<i2", changes).tolist() for _ in range(3)]
    need(take.left == 0, "bytes left of the motion")
    changed = int.from_bytes(which.tobytes(), "little")
    need(changed.bit_count() == changes and changed < 1 << len(blocks), "other changes")
    vectors, last, rows = {}, (0, 0, 0), iter(zip(*steps))
    for k, block in enumerate(blocks):
        if changed >> k & 1:
            last = shifted(last, next(rows))
        need(max(map(abs, last)) <= 127, "a vector too long")
        vectors[block] = last
    return [bool(bits >> k & 1) for k in range(slices)], vectors


def reference_of(data: bytes) -> tuple[int, bytes]:
    """Field 15: how many frames back, and the id of the weights; 0 without it."""
    header = header_of(data)
    if 15 not in header.fields:
        return 0, b""
    take = Take(header.fields[15])
    back = take.varint()
    weights = take.raw(take.byte())
    need(1 <= back <= 255 and take.left == 0 and len(weights) in (0, 8), "the field of the reference")
    return back, weights


def place_reference(data: bytes, before: tuple[bytes, list[Voxel]]) -> tuple[Placed, list[bool]]:
    """The reference moved onto a frame, and which slices use it. before: its stream and its voxels."""
    header = header_of(data)
    placed = shifted_reference(before[1], header_of(before[0]), header)
    slices = len(ovx_reader.slices_of(data))
    if not reference_of(data)[1]:
        return placed, [False] * slices
    (chunk,) = [chunk for chunk in ovx_reader.chunks_of(data) if chunk.kind == 16]
    uses, vectors = motion_of(chunk.payload, slices, placed)
    return moved_reference(placed, vectors, header.geometry[1]), uses


def voxels_of(
    data: bytes, weights: dict[bytes, Tensors], moved: list[Voxel], uses: list[bool]
) -> list[Voxel]:
    """The voxels of a frame of codec "multiscale", in Morton order. weights: tensors by their ids."""
    codec, depth, plain, params = header_of(data).geometry
    need(codec == 3, "another codec")
    need(params[0] != 5 or all(uses), "a version for slices that have a reference")
    found: list[Voxel] = []
    for (count, payload), use in zip(ovx_reader.slices_of(data), uses, strict=True):
        network = MultiscaleReference(weights[plain])
        if use:
            need(params[2:3] in (b"", b"\0") or len(params) < 8, "turned axes")
            network = InterReference(weights[reference_of(data)[1]], moved, params[0])
        told = decode_slice(payload, depth, params, network)
        need(told.ends_well and len(told.voxels) == count, "a slice that ends elsewhere")
        found += sorted(told.voxels, key=morton)
    return found


@dataclass
class Frame:
    """A decoded frame. voxels: in Morton order. first: the row of the first point of each voxel.

    columns: x, y, z and those of all properties, of all points. learned: by the coders of these.
    """

    data: bytes
    voxels: list[Voxel]
    first: list[int]
    columns: list[Any]
    learned: Learned

    def seen(self, placed: Placed) -> Reference:
        """As the reference of another frame, where `placed` says."""
        rows = dict(zip(self.voxels, self.first, strict=True))
        rows_of_places = [rows[voxel] for voxel in placed.values()]
        bounds, at, found = bounds_of(self.data), 3, {}
        for number, one in enumerate(attributes_of(self.data)):
            own = self.columns[at : at + len(one.kinds)]
            at += len(one.kinds)
            if number not in bounds and not one.lengths:
                found[one.name] = [column[rows_of_places] for column in own]
        return Reference(list(placed), found, self.learned)


def decode_sequence(data: bytes, weights: dict[bytes, Tensors]) -> list[Frame]:
    """All frames of a sequence of codec "multiscale". weights: tensors by their ids."""
    done: list[Frame] = []
    for number, chunks in enumerate(ovx_reader.frames_of(data)):
        stream = ovx_reader.alone(chunks)
        back, _ = reference_of(stream)
        placed: Placed = {}
        uses = [False] * len(ovx_reader.slices_of(stream))
        if back:
            need(back <= number, "a reference before the first frame")
            before = done[number - back]
            placed, uses = place_reference(stream, (before.data, before.voxels))
        voxels = voxels_of(stream, weights, list(placed), uses)
        seen = done[number - back].seen(placed) if back else None
        counts = [count for own in ovx_reader.counts_of(stream) for count in own]
        first = [sum(counts[:k]) for k in range(len(counts))]
        learned: Learned = {}
        done.append(Frame(stream, voxels, first, records_of(stream, voxels, seen, learned), learned))
    return done
