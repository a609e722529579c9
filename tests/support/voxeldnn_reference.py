"""A second decoder of codec "voxeldnn", written from docs/voxeldnn-codec.md: plain, slow, and simple.

The range coder and the two logistic tables are those of octree_reference.py.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from decimal import Decimal, getcontext
from functools import cache, lru_cache
from math import isqrt
from typing import Any

import numpy as np
import numpy.typing as npt
from octree_reference import FULL, STRETCH, Reader, Voxel, children, held, squash

from octavox.codec.codecs.interface import SECTION_SLICE, SECTION_TREE, GeometryStream

Ints = npt.NDArray[np.int64]
Leaf = tuple[Voxel, int]  # corner in the cloud, edge

GOLDEN, SECOND = 0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F
OFFSETS = [(dz, dy, dx) for dz in (-2, -1, 0) for dy in range(-2, 3) for dx in range(-2, 3)][:62]
NEAREST = sorted(range(62), key=lambda i: sum(d * d for d in OFFSETS[i]))
SHAPE = [i for i in range(62) if max(map(abs, OFFSETS[i])) <= 1]
SEEN = [
    SHAPE,
    NEAREST[:24],
    NEAREST[:36],
    list(range(62)),
    NEAREST[:18],
    [i for i in range(62) if OFFSETS[i][0] == -1],
    [i for i in range(62) if OFFSETS[i][0] == 0],
    SHAPE,
    NEAREST[:18],
]
SELECTING = [31, 32, 33, 36, 37, 38, 41, 42, 43, 56, 57, 58, 61]


class BadStream(Exception):
    """What a decoder must refuse."""


def between(value: int, low: int, high: int) -> int:
    return min(max(value, low), high)


# The range coder's adaptive bits.


class Adaptive:
    """Adaptive bits of one payload, by context."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.models: dict[object, tuple[int, int]] = {}

    def bit(self, context: object) -> int:
        a, b = self.models.get(context, (1 << 15, 1 << 15))
        bit = self.reader.bit((a + b) << 7)
        if bit:
            self.models[context] = a + (65536 - a >> 4), b + (65536 - b >> 7)
        else:
            self.models[context] = a - (a >> 4), b - (b >> 7)
        return bit


def read_tree(payload: bytes, levels: int) -> list[Voxel]:
    """64-blocks in Morton order, in units of 64."""
    reader = Reader(payload)
    flags = Adaptive(reader)
    nodes: list[Voxel] = [(0, 0, 0)]
    for _ in range(levels):
        below = []
        for node in nodes:
            elder = 0
            for k, child in enumerate(children(node)):
                if (k == 7 and not elder) or flags.bit(8 * k + elder):
                    elder += 1
                    below.append(child)
        nodes = below
    if not reader.ends_here():
        raise BadStream("tree")
    return nodes


def visit(flags: Adaptive, last: dict[int, int], corner: Voxel, level: int, max_level: int) -> Iterator[Leaf]:
    """The coded blocks of an occupied block. last: the last split bit of each level."""
    split = 0
    if level + 1 < max_level:
        split = last[level] = flags.bit(("split", level, last.get(level, 0)))
    edge = 64 >> level
    if not split:
        yield corner, edge
        return
    elder = 0
    for k in range(8):
        if (k == 7 and not elder) or flags.bit(("occupied", level, k, elder)):
            elder += 1
            at = (k >> 2, k >> 1 & 1, k & 1)
            child = (
                corner[0] + at[0] * edge // 2,
                corner[1] + at[1] * edge // 2,
                corner[2] + at[2] * edge // 2,
            )
            yield from visit(flags, last, child, level + 1, max_level)


# Code lengths and probabilities.


@lru_cache(maxsize=1)
def logit_table() -> list[int]:
    """P(index)."""
    getcontext().prec = 50
    exact = [Decimal(1 << 24) / (1 + (Decimal(2048 - i) / 128).exp()) for i in range(4096)]
    return [between(int(p + Decimal("0.5")), 16, (1 << 24) - 16) for p in exact]


def code_length(a: int, b: int) -> int:
    x = (a << 64) // b
    n = x.bit_length() - 65
    x >>= n
    length = n
    for _ in range(40):
        x = x * x >> 64
        length *= 2
        if x >= 1 << 65:
            length += 1
            x >>= 1
    return length


@cache
def empty_cost(index: int) -> int:
    return code_length(1 << 24, (1 << 24) - logit_table()[index])


@lru_cache(maxsize=1)
def factors() -> list[int]:
    root, result = 1 << 399, []  # 1/2 in units of 2**-400
    for _ in range(40):
        root = isqrt(root << 400)
        result.append(root >> 338)
    return result


def some(cost: int) -> int:
    whole, fraction = cost >> 40, cost & ((1 << 40) - 1)
    none = 1 << 62
    for k, factor in enumerate(factors(), 1):
        if fraction >> (40 - k) & 1:
            none = none * factor >> 62
    return (1 << 62) if whole >= 62 else (1 << 62) - (none >> whole)


def first(cost: int) -> int:
    return between(some(cost) >> 38, 1, (1 << 24) - 1)


def given(part: int, whole: int) -> int:
    return between((some(part) << 24) // max(some(whole), 1), 1, (1 << 24) - 1)


def search(reader: Reader, costs: list[int], start: int) -> Iterator[int]:
    """Numbers of the occupied voxels of a list that holds one. start: number of its first voxel."""
    if len(costs) == 1:
        yield start
        return
    half = len(costs) // 2
    left, right = costs[:half], costs[half:]
    if not reader.bit(given(sum(left), sum(costs))):
        yield from search(reader, right, start + half)
        return
    yield from search(reader, left, start)
    if reader.bit(first(sum(right))):
        yield from search(reader, right, start + half)


# The network.


class Block:
    """A block of edge `edge` with what is known of it: arrays by z, y, x, within padding of zeros.

    occupied (E + 3, E + 6, E + 6), active (E, E, E), h1 and h2 (E + 2, E + 4, E + 4, 32), cost (E, E, E).
    """

    def __init__(self, corner: Voxel, edge: int) -> None:
        self.corner, self.edge, self.points = corner, edge, 0
        self.occupied = np.zeros((edge + 3, edge + 6, edge + 6), np.int64)
        self.active = np.zeros((edge, edge, edge), bool)
        self.h1, self.h2 = np.zeros((2, edge + 2, edge + 4, edge + 4, 32), np.uint8)
        self.cost = np.zeros((edge, edge, edge), np.int64)

    def occupy(self, z: int, y: int, x: int) -> None:
        self.points += 1
        self.occupied[z + 3, y + 3, x + 3] = 1
        for number in range(171):
            dz, dy, dx = number // 49 - 3, number // 7 % 7 - 3, number % 7 - 3
            at = (z - dz, y - dy, x - dx)  # sees this voxel at that offset
            if all(0 <= c < self.edge for c in at):
                self.active[at] = True

    def word(self, z: int, y: int, x: int) -> int:
        window = self.occupied[z + 1 : z + 4, y + 1 : y + 6, x + 1 : x + 6].reshape(-1)[:62]
        return sum(int(v) << i for i, v in enumerate(window))


class Network:
    """tensors: those of the weights file, by name."""

    def __init__(self, tensors: dict[str, npt.NDArray[Any]]) -> None:
        self.tensors = {name: tensor.astype(np.int64) for name, tensor in tensors.items()}
        self.empty_blocks: dict[int, tuple[Block, Ints]] = {}

    def shifted(self, name: str, v: Ints) -> Ints:
        weight, bias, shift = (self.tensors[f"{name}.{part}"] for part in ("weight", "bias", "shift"))
        rounding = np.where(shift > 0, 1 << np.maximum(shift - 1, 0), 0)
        return np.asarray((v @ weight + bias + rounding) >> shift)

    def layer(self, name: str, v: Ints) -> Ints:
        return np.clip(self.shifted(name, v), 0, 255)

    def index(self, block: Block, z: int, y: int, x: int) -> int:
        """Of a voxel that is evaluated as a site; leaves its h1 and h2 in the block."""
        window = block.occupied[z : z + 4, y : y + 7, x : x + 7].reshape(-1)[:171]
        stream = self.layer("first", window)
        for number, table in (("1", block.h1), ("2", block.h2)):
            table[z + 2, y + 2, x + 2] = self.layer("down" + number, stream)
            taps = table[z : z + 3, y : y + 5, x : x + 5].reshape(75, 32)[:63]
            inner = self.layer("conv" + number, taps.reshape(-1).astype(np.int64))
            stream = np.minimum(stream + self.layer("up" + number, inner), 255)
        return between(int(self.shifted("logit", self.layer("head", stream))[0]) + 2048, 0, 4095)

    def empty(self, edge: int) -> tuple[Block, Ints]:
        """An empty block, and the index of each of its voxels (E, E, E)."""
        if edge not in self.empty_blocks:
            block, index = Block((0, 0, 0), edge), np.zeros((edge, edge, edge), np.int64)
            for at in np.ndindex(index.shape):
                index[at] = self.index(block, *at)
            self.empty_blocks[edge] = block, index
        return self.empty_blocks[edge]

    def new_block(self, corner: Voxel, edge: int) -> Block:
        """One in which no voxel is known yet."""
        block, small = Block(corner, edge), min(edge, 9)
        model, index = self.empty(small)
        c = np.arange(edge)
        place = c if edge <= 9 else np.where(c < 4, c, np.where(edge - 1 - c < 4, 8 - (edge - 1 - c), 4))
        block.h1[2:, 2:-2, 2:-2] = model.h1[np.ix_(place + 2, place + 2, place + 2)]
        block.h2[2:, 2:-2, 2:-2] = model.h2[np.ix_(place + 2, place + 2, place + 2)]
        cost = np.array([empty_cost(int(i)) for i in index.reshape(-1)], np.int64).reshape(index.shape)
        block.cost = cost[np.ix_(place, place, place)]
        return block


# Refinement.


class Refiner:
    def __init__(self) -> None:
        self.counters: dict[tuple[int, int], tuple[int, int]] = {}
        self.sets: dict[tuple[int, int], list[int]] = {}
        self.last: dict[int, list[int]] = {}

    def predict(self, word: int, index: int) -> int:
        logit = held(2 * (index - 2048))
        q = between((logit >> 7) + 16, 0, 31)
        self.places = []
        for c, seen in enumerate(SEEN):
            h = (word & sum(1 << i for i in seen)) * GOLDEN
            h = (h + (q + 1) * SECOND if c >= 7 else h) & FULL
            h = (h ^ h >> 32) * GOLDEN & FULL
            self.places.append((c, h >> 46))
        found = [self.counters.get(place, (1 << 21, 0)) for place in self.places]
        self.inputs = [logit, *(STRETCH[p >> 6] for p, _ in found)]

        n = [min(count, 3) for _, count in found]
        u = between((logit + 2048) >> 8, 0, 15)
        numbers = [
            sum((word >> bit & 1) << i for i, bit in enumerate(SELECTING)),
            sum((word >> bit & 1) << i for i, bit in enumerate(NEAREST[13:26])),
            16 * (16 * n[1] + 4 * n[2] + n[3]) + u,
            16 * (16 * n[4] + 4 * n[5] + n[6]) + u,
        ]
        self.chosen = [
            self.sets.setdefault((j, number), [65536] + [0] * 9) for j, number in enumerate(numbers)
        ]
        self.final = self.last.setdefault(u, [16384] * 4)
        self.outputs = [
            held(sum(s * (w >> 4) for s, w in zip(self.inputs, weights)) >> 12) for weights in self.chosen
        ]
        return held(sum(o * w for o, w in zip(self.outputs, self.final)) >> 16)

    def learn(self, x: int, bit: int) -> None:
        error = 65536 * bit - (squash(x) >> 8)
        if abs(error) >= 64:
            for j, output in enumerate(self.outputs):
                self.final[j] = held(self.final[j] + ((output * error + (1 << 18)) >> 19), 1 << 19)
                step = 7 * (65536 * bit - (squash(output) >> 8)) >> 5
                for i, s in enumerate(self.inputs):
                    moved = self.chosen[j][i] + ((s * step + (1 << 12)) >> 13)
                    self.chosen[j][i] = held(moved, 1 << 19)
        for place in self.places:
            p, n = self.counters.get(place, (1 << 21, 0))
            p += ((bit << 22) - p) * (131072 // (2 * n + 3)) >> 16
            self.counters[place] = between(p, 1 << 8, (1 << 22) - (1 << 8)), min(n + 1, 1000)


# Slices and streams.


@cache
def waves(edge: int) -> list[Ints]:
    """The voxels (n, 3) z, y, x of each step of a block, in raster order."""
    voxels = np.indices((edge, edge, edge)).reshape(3, -1).T
    t = voxels @ [16, 4, 1]
    order = np.argsort(t, kind="stable")
    return np.split(voxels[order], np.cumsum(np.bincount(t))[:-1])


class Slice:
    """counts: how many sites, escapes (voxels) and escape flags were decoded."""

    def __init__(
        self, payload: bytes, corners: list[Voxel], points: int, max_level: int, net: Network
    ) -> None:
        self.reader, self.net, self.points = Reader(payload), net, points
        flags, last = Adaptive(self.reader), dict[int, int]()
        leaves = [leaf for corner in corners for leaf in visit(flags, last, corner, 0, max_level)]
        leaves.sort(key=lambda leaf: -leaf[1])
        self.blocks = [net.new_block(*leaf) for leaf in leaves]
        self.refiner = Refiner()
        self.voxels: list[Voxel] = []
        self.sites = self.escapes = self.flags = 0
        for t in range(21 * (leaves[0][1] - 1) + 1):
            self.step(t)
        if len(self.voxels) != points or any(not block.points for block in self.blocks):
            raise BadStream("points")
        if not self.reader.ends_here():
            raise BadStream("end")

    def step(self, t: int) -> None:
        sites, idle = [], []
        for block in self.blocks:
            if t < len(waves(block.edge)):
                for z, y, x in waves(block.edge)[t].tolist():
                    (sites if block.active[z, y, x] else idle).append((block, z, y, x))
        for block, z, y, x in sites:
            index = self.net.index(block, z, y, x)
            stretched = self.refiner.predict(block.word(z, y, x), index)
            bit = self.reader.bit(squash(stretched))
            self.refiner.learn(stretched, bit)
            if bit:
                self.occupy(block, z, y, x)
        self.sites += len(sites)
        costs = [int(block.cost[z, y, x]) for block, z, y, x in idle]
        if costs and self.reader.bit(first(sum(costs))):
            self.flags += 1
            for number in search(self.reader, costs, 0):
                self.escapes += 1
                self.occupy(*idle[number])

    def occupy(self, block: Block, z: int, y: int, x: int) -> None:
        block.occupy(z, y, x)
        self.voxels.append((block.corner[0] + x, block.corner[1] + y, block.corner[2] + z))
        if len(self.voxels) > self.points:
            raise BadStream("points")


def decode_slices(stream: GeometryStream, tensors: dict[str, npt.NDArray[Any]]) -> list[Slice]:
    """The slices of a stream, of weights with these tensors."""
    max_level, slice_blocks = struct.unpack("<BH", stream.params)
    trees = [s for s in stream.sections if s.kind == SECTION_TREE]
    parts = stream.sections[len(trees) :]
    if any(s.kind != SECTION_SLICE for s in parts) or len(trees) != (stream.depth > 6 and bool(parts)):
        raise BadStream("sections")
    nodes: list[Voxel] = [(0, 0, 0)] if parts else []
    if trees:
        nodes = read_tree(trees[0].payload, stream.depth - 6)
    corners = [(64 * x, 64 * y, 64 * z) for x, y, z in nodes]
    if -(-len(corners) // slice_blocks) != len(parts) or sum(s.points for s in parts) != stream.points:
        raise BadStream("slices")
    net = Network(tensors)
    slices = [
        Slice(s.payload, corners[k * slice_blocks : (k + 1) * slice_blocks], s.points, max_level, net)
        for k, s in enumerate(parts)
    ]
    if any(max(voxel) >> stream.depth for part in slices for voxel in part.voxels):
        raise BadStream("depth")
    return slices
