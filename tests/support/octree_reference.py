"""A second decoder of octree slices, written from docs/octree-codec.md in plain Python: slow, and simple.

With a network (docs/multiscale-codec.md) it decodes slices of codec "multiscale", with that of
inter_reference.py those that have a reference. Of the library it uses the two logistic tables alone, which
test_entropy_models.py holds against formulas.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import Protocol

from sample_clouds import ROOT
from spinning_reference import Scanner

from octavox.codec.coding.logistic import STRETCH_OFFSET, squash_table, stretch_table

Voxel = tuple[int, int, int]
Cells = set[Voxel]

FULL = (1 << 64) - 1
LIMIT = 3071
SQUASH: list[int] = squash_table().tolist()
STRETCH: list[int] = stretch_table().tolist()
CUBE = [(a, b, c) for a in (-1, 0, 1) for b in (-1, 0, 1) for c in (-1, 0, 1)]
WINDOW = [(a - 2, b - 2, c - 2) for a in range(5) for b in range(5) for c in range(5)]
# Bits (word, bit) that number the weight sets of the first two mixers, above the voxel before; lowest first.
SELECTORS = (
    [(0, bit) for bit in (37, 38, 39, 43, 44, 45, 49, 50, 51)] + [(2, 49), (2, 50), (2, 51)],
    [(2, 50), (1, 5), (0, 44), (1, 29), (1, 20), (0, 50), (1, 50), (1, 22), (0, 45)],
)
CONFIDENT = (4, 5, 6, 10)
CONTEXTS = 11
TRUST = 65536  # first weight of a network's input


class Network(Protocol):
    """What foresees a slice's children."""

    def start(self, below: int, nodes: list[Voxel]) -> None:
        """The level of these nodes begins. below: levels below their children's."""

    def logit(self, child: Voxel, known: Cells) -> int:
        """Of a child, in 1/256 nat. known: occupied children before it."""

    def words(self, child: Voxel, known: Cells) -> tuple[int, ...]:
        """Further context words of a child."""

    def model(self, table_bits: int, learning: tuple[int, ...]) -> Model:
        """The adaptive models of a slice."""


def documented_masks() -> list[tuple[int, ...]]:
    """The table of contexts in the document: four masks each."""
    text = (ROOT / "docs" / "octree-codec.md").read_text("utf-8")
    rows = re.findall(r"^\| (\d+) \| ([0-9a-f]+) \| ([0-9a-f]+) \| ([0-9a-f]+) \| ([0-9a-f]+) \|", text, re.M)
    assert [int(row[0]) for row in rows] == list(range(CONTEXTS))
    return [tuple(int(v, 16) for v in row[1:]) for row in rows]


def documented_fields() -> dict[str, int]:
    """The table of the fields of w2 in the document: the first bit of each."""
    text = (ROOT / "docs" / "octree-codec.md").read_text("utf-8")
    rows = re.findall(r"^  \| (\d+)-(\d+) \| (\w+) \| .+ \|$", text, re.M)
    assert [name for _, _, name in rows] == ["neighbours", "own", "parity", "level", "near", "crowd"]
    ends = [int(last) + 1 for _, last, _ in rows]
    assert [int(low) for low, _, _ in rows] == [0, *ends[:-1]]
    return {name: int(low) for low, _, name in rows}


MASKS = documented_masks()
FIELDS = documented_fields()


def parent(voxel: Voxel) -> Voxel:
    return (voxel[0] >> 1, voxel[1] >> 1, voxel[2] >> 1)


def shifted(voxel: Voxel, offset: Voxel) -> Voxel:
    return (voxel[0] + offset[0], voxel[1] + offset[1], voxel[2] + offset[2])


def children(node: Voxel) -> list[Voxel]:
    return [(2 * node[0] + (k >> 2), 2 * node[1] + (k >> 1 & 1), 2 * node[2] + (k & 1)) for k in range(8)]


def context_words(child: Voxel, nodes: Cells, known: Cells, level: int) -> tuple[int, int, int, int]:
    """w0 to w3 of a child. known: occupied children before it. level: the field's value."""
    w0 = w1 = near = 0
    for at, (dx, dy, dz) in enumerate(WINDOW):
        other = shifted(child, (dx, dy, dz))
        if other in known and at < 50:
            w0 |= 1 << (6 * (5 * (dx + 2) + dy + 2) + dz + 2)
        if other in known and 50 <= at < 60:
            near |= 1 << (6 * (dy + 2) + dz + 2)
        if at > 62 and parent(other) in nodes:
            w1 |= 1 << (at - 63)
    node = parent(child)
    around = sum((shifted(node, offset) in nodes) << i for i, offset in enumerate(CUBE))
    own = sum((voxel in known and voxel[:2] != child[:2]) << k for k, voxel in enumerate(children(node)))
    parity = 4 * (child[0] & 1) + 2 * (child[1] & 1) + (child[2] & 1)
    values = {
        "neighbours": around,
        "own": own,
        "parity": parity,
        "level": level,
        "near": near,
        "crowd": around.bit_count() // 2,
    }
    w2 = sum(values[name] << low for name, low in FIELDS.items())
    return w0, w1, w2, child[0] | child[1] << 21 | child[2] << 42


def row_before(child: Voxel, known: Cells) -> int:
    return 2 * (shifted(child, (0, 0, -1)) in known) + (shifted(child, (0, 0, -2)) in known)


FACTORS = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0xD6E8FEB86659FD93, 0xA0761D6478BD642F, 0x8CB92BA72F3D8DD7)


def counter_number(words: tuple[int, ...], masks: tuple[int, ...], row: int, table_bits: int) -> int:
    h = sum((w & m) * f for w, m, f in zip(words, masks, FACTORS)) & FULL
    h = (h ^ h >> 32) * 0x94D049BB133111EB & FULL
    return 4 * (h >> (66 - table_bits)) + row


def held(value: int, limit: int = LIMIT) -> int:
    return max(-limit, min(limit, value))


def squash(x: int) -> int:
    return SQUASH[x + STRETCH_OFFSET]


class WeightSet:
    def __init__(self, first: list[int]) -> None:
        self.weights = list(first)
        self.uses = 0

    def learn(self, changes: list[int]) -> None:
        self.weights = [held(w + change, 1 << 19) for w, change in zip(self.weights, changes)]
        self.uses = min(self.uses + 1, 1023)


# rate, start, last, sure, memory: where a stream does not say them.
LEARNING, NETWORK_LEARNING = (10, 100, 2, 75, 255), (10, 50, 1, 25, 255)


class Model:
    """Contexts, mixers and last mixer. guided: a network's logit comes after the contexts' inputs."""

    masks, confident = MASKS, CONFIDENT

    def __init__(self, table_bits: int, with_network: bool = False, learning: tuple[int, ...] = ()) -> None:
        self.table_bits, contexts = table_bits, len(self.masks)
        self.learning = learning or (NETWORK_LEARNING if with_network else LEARNING)
        self.first = [0] * contexts + [TRUST] if with_network else [131072 // contexts] * contexts
        self.counters: dict[tuple[int, int], tuple[int, int]] = {}
        self.sets: dict[tuple[int, int], WeightSet] = {}
        self.last = [WeightSet([16384] * 4) for _ in range(8)]

    def predict(self, words: tuple[int, ...], row: int, parity: int, logits: tuple[int, ...] = ()) -> int:
        self.places = [(c, counter_number(words, m, row, self.table_bits)) for c, m in enumerate(self.masks)]
        found = [self.counters.get(place, (1 << 21, 0)) for place in self.places]
        self.inputs = [STRETCH[(p >> 10) * 16 + 8] for p, _ in found] + list(logits)

        numbers = []
        for positions in SELECTORS:
            bits = [row >> 1, *(words[word] >> at & 1 for word, at in positions)]
            numbers.append(sum(bit << i for i, bit in enumerate(bits)))
        third, self.final = self.choose(words, row, parity)
        numbers.append(third)
        numbers.append(sum(min(found[c][1], 3) << (2 * i) for i, c in enumerate(self.confident)))
        self.chosen = [self.sets.setdefault((j, n), WeightSet(self.first)) for j, n in enumerate(numbers)]
        self.outputs = [
            held(sum(s * (w >> 4) for s, w in zip(self.inputs, chosen.weights)) >> 12)
            for chosen in self.chosen
        ]
        return held(sum(o * w for o, w in zip(self.outputs, self.last[self.final].weights)) >> 16)

    def choose(self, words: tuple[int, ...], row: int, parity: int) -> tuple[int, int]:
        """The sets of the third mixer and of the last one."""
        return (row >> 1) + 2 * parity + 16 * (words[2] >> 27 & 127), parity

    def learn(self, x: int, bit: int) -> None:
        error = 65536 * bit - (squash(x) >> 8)
        rate, start, last, sure, memory = self.learning
        if abs(error) >= 4 * sure:
            self.last[self.final].learn([(o * last * error + (1 << 17)) >> 18 for o in self.outputs])
            for chosen, output in zip(self.chosen, self.outputs):
                own = 65536 * bit - (squash(output) >> 8)
                step = own * (rate + 16 * start // (16 + chosen.uses)) >> 5
                chosen.learn([(s * step + (1 << 12)) >> 13 for s in self.inputs])
        for place in self.places:
            p, n = self.counters.get(place, (1 << 21, 0))
            p += ((bit << 22) - p) * (655360 // (10 * n + 13)) >> 16
            self.counters[place] = (min(p, (1 << 22) - 1), n + (n < memory))


@dataclass
class Reader:
    payload: bytes
    low: int = 0
    range: int = FULL
    taken: int = 0
    value: int = field(init=False)

    def __post_init__(self) -> None:
        self.value = self.take(8)

    def take(self, count: int) -> int:
        piece = self.payload[self.taken : self.taken + count]
        self.taken += count
        return int.from_bytes(piece.ljust(count, b"\0"), "big")

    def bit(self, p1: int) -> int:
        split = (self.range >> 24) * p1
        bit = int(self.value < split)
        if bit:
            self.range = split
        else:
            self.value, self.low, self.range = self.value - split, self.low + split & FULL, self.range - split
        if self.range < 1 << 32:
            self.value = self.value << 32 | self.take(4)
            self.low, self.range = self.low << 32 & FULL, self.range << 32
        return bit

    def ends_here(self) -> bool:
        for size in range(9):
            unit = 1 << (64 - 8 * size)
            end = -(-self.low // unit) * unit
            if end < self.low + self.range:
                return self.value == end - self.low and self.taken == len(self.payload) + 8 - size
        return False


@dataclass
class Decoded:
    """voxels: in raster order. costs: bits of the children of each node, by level and node."""

    voxels: list[Voxel]
    costs: list[dict[Voxel, float]]
    ends_well: bool


class Flag:
    """An adaptive bit."""

    def __init__(self) -> None:
        self.fast = self.slow = 1 << 15

    @property
    def p1(self) -> int:
        return (self.fast + self.slow) << 7

    def learn(self, bit: int) -> None:
        self.fast += (65536 - self.fast) >> 4 if bit else -(self.fast >> 4)
        self.slow += (65536 - self.slow) >> 7 if bit else -(self.slow >> 7)


@dataclass
class DirectCoding:
    """Isolated points that are coded as they are. first: the level it begins with. scanner: of a spinning
    scan. placed: bits of the places that it coded."""

    first: int
    depth: int
    scanner: Scanner | None = None
    voxels: dict[Voxel, Voxel] = field(default_factory=dict)  # of nodes of the current level
    flags: dict[int, Flag] = field(default_factory=dict)
    placed: float = 0.0

    def read(self, reader: Reader, level: int, node: Voxel, nodes: Cells) -> float:
        """What there is to read before a node's first child; returns its bits."""
        alone = sum(shifted(node, offset) in nodes for offset in CUBE) == 1
        if level < self.first or node in self.voxels or not alone:
            return 0.0
        flag = self.flags.setdefault(level, Flag())
        p1, bit = flag.p1, reader.bit(flag.p1)
        flag.learn(bit)
        if bit and self.scanner:
            self.voxels[node], bits = self.scanner.voxel(reader.bit, node, self.depth - level)
            self.placed += bits
        elif bit:
            voxel = node
            for _ in range(level, self.depth):
                k = [reader.bit(1 << 23) for _ in range(3)]
                voxel = (2 * voxel[0] + k[0], 2 * voxel[1] + k[1], 2 * voxel[2] + k[2])
            self.voxels[node] = voxel
        return -math.log2((p1 if bit else (1 << 24) - p1) / (1 << 24))

    def down(self, level: int) -> None:
        """To the nodes of the next level, `level`."""
        shift = self.depth - level
        self.voxels = {(v[0] >> shift, v[1] >> shift, v[2] >> shift): v for v in self.voxels.values()}


def own_axes(voxel: Voxel, params: bytes) -> Voxel:
    """A coded voxel with its axes as in the cloud."""
    coded = ("xyz", "xzy", "yxz", "yzx", "zxy", "zyx")[params[2] if len(params) >= 8 else 0]
    x, y, z = (voxel[coded.index(axis)] for axis in "xyz")
    return x, y, z


def decode_slice(payload: bytes, depth: int, params: bytes, network: Network | None = None) -> Decoded:
    """params: of the stream. Voxels and nodes are told with their axes as they were coded; see `own_axes`."""
    assert params[0] in (2, 3, 4, 5)
    scanner = Scanner(payload) if params[0] == 4 else None
    payload = payload[scanner.begin :] if scanner else payload
    direct = DirectCoding(params[-1] if params[0] in (3, 4) else depth, depth, scanner)
    learning = tuple(params[3:8])
    reader, model = Reader(payload), Model(params[1], False, learning)
    if network:
        model = network.model(params[1], learning)
    nodes: list[Voxel] = [(0, 0, 0)]
    costs = []
    for level in range(depth):
        here, known, cost = set(nodes), set[Voxel](), dict.fromkeys(nodes, 0.0)
        found = []
        if network:
            network.start(depth - 1 - level, nodes)
        for child in sorted(voxel for node in nodes for voxel in children(node)):
            node = parent(child)
            if child == children(node)[0]:
                placed = direct.placed
                cost[node] += direct.read(reader, level, node, here) + direct.placed - placed
                cost[node] += 3 * (node in direct.voxels and not scanner)
            if node in direct.voxels:
                shift = depth - 1 - level
                if child == tuple(v >> shift for v in direct.voxels[node]):
                    known.add(child)
                    found.append(child)
                continue
            words: tuple[int, ...] = context_words(child, here, known, min(depth - 1 - level, 15))
            if network:
                words += network.words(child, known)
            parity, row = words[2] >> 35 & 7, row_before(child, known)
            bit = 1
            if parity < 7 or any(voxel in known for voxel in children(node)):
                logits = (network.logit(child, known),) if network else ()
                x = model.predict(words, row, parity, logits)
                bit = reader.bit(squash(x))
                model.learn(x, bit)
                cost[node] -= math.log2((squash(x) if bit else (1 << 24) - squash(x)) / (1 << 24))
            if bit:
                known.add(child)
                found.append(child)
        nodes = found
        direct.down(level + 1)
        costs.append(cost)
    return Decoded(nodes, costs, reader.ends_here())
