"""A second decoder of attribute coders "spatial" and "referring", from docs/attribute-coding.md in plain
Python: slow, simple.

Of the library it uses the tables of stretch and squash alone, which test_entropy_models.py holds against
formulas.
"""

from __future__ import annotations

import copy
import math
from decimal import Decimal, getcontext

import numpy as np

from octavox.codec.coding.logistic import STRETCH_OFFSET, squash_table, stretch_table

getcontext().prec = 60
LIMIT = 3071
SQUASH: list[int] = squash_table().tolist()
STRETCH: list[int] = stretch_table().tolist()
FULL = (1 << 64) - 1
HASH = 0x9E3779B97F4A7C15
TYPES = ("?", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8")
STARTS = [0, 86528, 148480, 476160, 508928, 558080, 689152]
CLASS = [0, 1, 2, 3, 3, 3] + [4] * 9 + [5] * 3 + [6] * 9 + [7] * 5
KIND = {0: 0, 1: 1, 3: 2, 4: 3, 15: 5, 16: 6, 27: 0}


def clip(x: int, m: int) -> int:
    return min(max(x, -m), m)


def _ln_tables() -> tuple[list[int], list[int]]:
    plus, minus = [], [0]
    for x in range(2048):
        e = (Decimal(-x) / 256).exp()
        plus.append(int((256 * (1 + e).ln()).to_integral_value()))
        if x:
            minus.append(int((-256 * (1 - e).ln()).to_integral_value()))
    minus[0] = minus[1] + 177
    return plus, minus


PLUS, MINUS = _ln_tables()


def softplus(x: int) -> int:
    return max(x, 0) + PLUS[min(abs(x), 2047)]


def growth(x: int) -> int:
    return x - MINUS[min(x, 2047)]


def squash(x: int) -> int:
    return SQUASH[x + STRETCH_OFFSET]


def level_of(e: int) -> int:
    if e < 2:
        return e
    h = e.bit_length() - 1
    return min(2 * h + ((e >> (h - 1)) & 1), 40)


def trust(e: int) -> int:
    q = e
    if e >= 8:
        h = e.bit_length() - 1
        q = min(4 * (h - 1) + ((e >> (h - 2)) & 3), 79)
    g = q if q < 8 else (4 + (q & 3)) << ((q >> 2) - 1)
    return (1 << 40) // (g + 2) ** 3 + 1


def signed(x: int) -> int:
    x &= FULL
    return x - (1 << 64) if x >> 63 else x


def kind_of(node: int) -> int:
    if node in KIND:
        return KIND[node]
    return 4 if node < 15 else 7 if node < 27 else 1


class Bits:
    """The range decoder."""

    def __init__(self, payload: bytes) -> None:
        self.payload, self.low, self.range = payload, 0, FULL
        self.value, self.at = int.from_bytes((payload + bytes(8))[:8], "big"), 8

    def bit(self, p1: int) -> int:
        split = (self.range >> 24) * p1
        found = int(self.value < split)
        if found:
            self.range = split
        else:
            self.value -= split
            self.low = (self.low + split) & FULL
            self.range -= split
        if self.range < 1 << 32:
            word = int.from_bytes((self.payload[self.at : self.at + 4] + bytes(4))[:4], "big")
            self.value, self.at = (self.value << 32 | word) & FULL, self.at + 4
            self.low, self.range = (self.low << 32) & FULL, self.range << 32
        return found

    def close(self) -> None:
        for kept in range(9):
            unit = 1 << (64 - 8 * kept)
            end = -(-self.low // unit) * unit
            if end < self.low + self.range:
                break
        assert self.value == end - self.low and self.at - 8 + kept == len(self.payload)


class Params:
    """The params, read without checks."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0
        version = self.byte()
        assert version in (1, 2)
        self.columns = [self.column() for _ in range(self.byte())]
        self.channels = [(self.byte(), self.byte(), self.byte()) for _ in range(self.byte())]
        self.bounds = [self.number() if version == 2 else 0 for _ in self.channels]
        self.lattices = []
        for _ in range(self.byte()):
            self.lattices.append([self.byte() | self.byte() << 8 for _ in range(3)])
        assert self.at == len(data)

    def byte(self) -> int:
        self.at += 1
        return self.data[self.at - 1]

    def number(self) -> int:
        value, shift = 0, 0
        while True:
            byte = self.byte()
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    def column(self) -> dict:
        form: dict = {"type": TYPES[self.byte()], "kind": self.byte()}
        form["least"] = sum(self.byte() << 8 * k for k in range(8))
        form["top"] = self.number() if form["kind"] else 0
        if form["kind"] in (1, 3):
            form["step"] = self.number()
        if form["kind"] == 3:
            form["source"] = self.byte()
        if form["kind"] == 2:
            form["gaps"] = [self.number() for _ in range(form["top"])]
        return form

    def raw(self, column: int) -> int:
        return max(self.columns[column]["top"].bit_length() - 16, 0)

    def values(self, column: int, numbers: dict[int, list[int]], rows: int) -> np.ndarray:
        form = self.columns[column]
        if form["kind"] == 0:
            found = [form["least"]] * rows
        elif form["kind"] == 2:
            found = [form["least"] + sum(form["gaps"][:v]) for v in numbers[column]]
        else:
            own = numbers[form["source"] if form["kind"] == 3 else column]
            found = [form["least"] + v * form["step"] for v in own]
        return np.array([v & FULL for v in found], np.uint64).astype(form["type"])


def neighbours(cells: list[tuple[int, ...]]) -> list[list[tuple[int, int]]]:
    """(point, weight) of the neighbours of each point."""
    counts = [len({tuple(v >> s for v in cell) for cell in cells}) for s in range(22)]
    last = counts.index(1)
    lowest = max(s for s in range(last + 1) if 4 * counts[s] >= 3 * counts[0])
    found = []
    for i, cell in enumerate(cells):
        for s in range(lowest, last + 1):
            runs: dict[tuple[int, ...], list[int]] = {}
            for j in range(i):
                other = tuple(v >> s for v in cells[j])
                if all(abs(a - (b >> s)) <= 1 for a, b in zip(other, cell)):
                    runs.setdefault(other, []).append(j)
            there = [j for run in runs.values() for j in run[-24:]]
            if len(there) >= min(8, i):
                break
        far = {j: min(sum((a - b) ** 2 for a, b in zip(cells[j], cell)), (1 << 40) - 1) for j in there}
        near = sorted(there, key=lambda j: (far[j], i - j))[:12]
        u = [((2 * far[near[0]] + 1) << 12) // (2 * far[j] + 1) for j in near]
        w = [(x << 12) // sum(u) for x in u]
        if w:
            w[0] += 4096 - sum(w)
        found.append(list(zip(near, w)))
    return found


class Regression:
    """Two sets of weights of one channel."""

    def __init__(self) -> None:
        self.r = [[0] * 16 for _ in range(16)]
        self.q = [0] * 16
        self.a = [[[0] * 16 for _ in range(16)] for _ in range(2)]
        self.b = [[0] * 16 for _ in range(2)]
        self.fine = [[0] * 16 for _ in range(2)]

    def predict(self, x: list[int], which: int) -> int:
        return sum(v * (w >> 4) for v, w in zip(x, self.fine[which])) >> 12

    def observe(self, x: list[int], y: int) -> None:
        for j in range(16):
            self.q[j] += x[j] * y
            for k in range(16):
                self.r[j][k] += x[j] * x[k]

    def end_period(self) -> None:
        for which, f in enumerate((8, 4)):
            a, b, fine = self.a[which], self.b[which], self.fine[which]
            for j in range(16):
                b[j] += (self.q[j] << 3) - (b[j] >> f)
                for k in range(16):
                    a[j][k] += (self.r[j][k] << 3) - (a[j][k] >> f)
            for k in range(16):
                rest = (b[k] << 16) - sum(a[k][j] * fine[j] for j in range(16))
                fine[k] = clip(fine[k] + rest // (a[k][k] + (a[k][k] >> 8) + 1024), 1 << 18)
        self.r, self.q = [[0] * 16 for _ in range(16)], [0] * 16


Cell = tuple[int, ...]


class Before:
    """The reference of coder "referring". cells: its voxels; columns: their values."""

    def __init__(self, cells: list[Cell], columns: list[list[int]], params: Params) -> None:
        self.values: dict[Cell, list[int]] = {cell: [] for cell in cells}
        for column, _, _ in params.channels:
            form = params.columns[column]
            for cell, value in zip(cells, columns[column], strict=True):
                t = signed(int(value) - form["least"])
                if form["kind"] == 2:
                    palette = [sum(form["gaps"][:v]) for v in range(form["top"] + 1)]
                    number = min(sum(one < max(t, 0) for one in palette), form["top"])
                else:
                    number = min(max(t // form["step"], 0), form["top"])
                self.values[cell].append(number >> params.raw(column))
        self.smooth: dict[Cell, list[int]] = {}
        self.slopes: dict[Cell, list[int]] = {}
        for cell, own in self.values.items():
            near = {d: self.values[c] for d in AROUND if (c := moved(cell, d)) in self.values}
            sums = [sum(v[c] for v in near.values()) for c in range(len(own))]
            self.smooth[cell] = [(total + (len(near) >> 1)) // len(near) for total in sums]
            slopes = []
            for axis in range(3):
                total = sum(d[axis] * (v[0] - own[0]) for d, v in near.items())
                slopes.append(2 * total // max(sum(abs(d[axis]) for d in near), 1))
            self.slopes[cell] = slopes
        self.first = min(cells, key=lambda cell: (tuple(v >> 5 for v in cell), morton(cell)))

    def matches(self, cells: list[Cell], payload: bytes) -> tuple[list[Cell], bytes]:
        """The voxel that each point goes with, and what follows the vectors."""
        from ovx_columns import unpacked
        from ovx_reader import Take

        take = Take(payload)
        blocks = sorted({tuple(v >> 5 for v in cell) for cell in cells}, key=morton)
        axes = [unpacked(take.raw(take.varint()), "<i1", len(blocks)).tolist() for _ in range(3)]
        vectors = dict(zip(blocks, zip(*axes), strict=True))
        assert all(abs(v) <= 4 for axis in axes for v in axis)
        found, last = [], self.first
        for cell in cells:
            v = vectors[tuple(v >> 5 for v in cell)]
            place = tuple(a - b for a, b in zip(cell, v))
            last = next((c for d in NEAR if (c := moved(place, d)) in self.values), last)
            found.append(last)
        return found, take.raw(take.left)


AROUND = [(a, b, c) for a in (-1, 0, 1) for b in (-1, 0, 1) for c in (-1, 0, 1)]
NEAR = sorted(
    ((a, b, c) for a in range(-3, 4) for b in range(-3, 4) for c in range(-3, 4)),
    key=lambda d: (d[0] ** 2 + d[1] ** 2 + d[2] ** 2, d),
)


def moved(cell: Cell, by: Cell) -> Cell:
    return tuple(a + b for a, b in zip(cell, by))


def morton(cell: Cell) -> int:
    return sum((cell[k] >> b & 1) << (3 * b + 2 - k) for k in range(3) for b in range(22))


class Slice:
    """Decodes one slice."""

    def __init__(
        self,
        cells: list[Cell],
        params: Params,
        payload: bytes,
        before: Before | None = None,
        start: Slice | None = None,
    ) -> None:
        self.before, self.goes = before, []
        if before:
            self.goes, payload = before.matches(cells, payload)
        self.opinion_count = 6 if before else 5
        self.params, self.bits, self.n = params, Bits(payload), len(cells)
        self.count = len(params.channels)
        self.near = neighbours(cells)
        self.v: list[list[int]] = [[] for _ in cells]
        self.raw: list[list[int]] = [[] for _ in cells]
        self.record: list[list[dict]] = [[] for _ in cells]
        self.regressions = [Regression() for _ in range(self.count)]
        self.scales: dict[tuple[int, ...], list[int]] = {}
        self.counters: dict[int, list[int]] = {}
        self.weights: dict[tuple[int, int], list[int]] = {}
        self.uses: dict[tuple[int, int], int] = {}
        self.final: dict[int, list[int]] = {}
        if start is not None and start.count == self.count:
            self.begin(start)

    def begin(self, start: Slice) -> None:
        """Goes on with what another slice has learned."""
        for own, other in zip(self.regressions, start.regressions):
            own.a, own.b, own.fine = (copy.deepcopy(v) for v in (other.a, other.b, other.fine))
        for name in ("scales", "counters", "weights", "uses", "final"):
            setattr(self, name, copy.deepcopy(getattr(start, name)))
        if start.opinion_count < self.opinion_count:
            for row in self.weights.values():
                row[13] = 13107

    def run(self) -> list[list[int]]:
        """The numbers of each channel."""
        for i in range(self.n):
            self.i, self.now, self.apart = i, [], []
            for c, (column, fraction, shift) in enumerate(self.params.channels):
                raw = self.params.raw(column)
                self.c, self.f, self.s = c, fraction, shift
                self.top, self.d = self.params.columns[column]["top"] >> raw, self.params.bounds[c]
                self.predict()
                self.step = 2 * self.d + 1
                below = (self.centre + self.d) // self.step
                self.first = self.centre - below * self.step - self.d
                cell = self.decode(below, below + (self.top - self.centre + self.d) // self.step)
                value = min(max(self.middle(cell), 0), self.top)
                self.learn(value)
                low = 0
                for _ in range(raw):
                    low = low << 1 | self.bits.bit(1 << 23)
                self.raw[i].append(value << raw | low)
            if (i + 1) % 32 == 0:
                for regression in self.regressions:
                    regression.end_period()
        self.bits.close()
        return [[self.raw[i][c] for i in range(self.n)] for c in range(self.count)]

    def middle(self, cell: int) -> int:
        """The value that stands for a cell."""
        return self.first + cell * self.step + self.d

    def mean(self, name: str) -> int:
        return sum(w * self.record[j][self.c][name] for j, w in self.near[self.i]) >> 12

    def predict(self) -> None:
        near, c, f, s, high = self.near[self.i], self.c, self.f, self.s, self.top << self.f
        errors = [self.mean(f"e{k}") if near else 4 << f for k in range(4)]
        missed = self.mean("size") if near else 4 << f
        base = self.mean("V") if near else (self.top >> 1) << f
        rows = [self.record[j] for j, _ in near]
        self.deviations = [clip((row[c]["V"] - base) >> s, 2047) for row in rows]
        x = (self.deviations[:6] + [0] * 6)[:6]
        x += ([clip(row[c]["m"] >> s, 2047) for row in rows[:5]] + [0] * 5)[:5]
        x.append(clip(self.mean("m") >> s, 2047))
        before = self.now[max(c - 3, 0) : c]
        x += ([p["y"] for p in reversed(before)] + [0] * 4)[:4]
        if self.before:
            self.see_before(self.before, x)
        self.x, self.base = x, base
        p = [base] + [base + (self.regressions[c].predict(x, k) << s) for k in range(2)]
        p.append(self.similar(before))
        p = [min(max(v, 0), high) for v in p]
        t = [trust(e) for e in errors]
        t[0] >>= 2
        total = sum(a * (v - base) for a, v in zip(t, p))
        self.best = min(max(base + total // sum(t), 0), high)
        self.p = p
        z = max([4 * abs(q["miss"]) // q["expected"] for q in before], default=0)
        self.surprise = sum(z >= bound for bound in (1, 2, 4, 6, 10, 16, 24))
        self.signs = 0
        for q in self.now[max(c - 2, 0) : c]:
            g = sum(4 * abs(q["miss"]) >= k * q["expected"] for k in (1, 3, 8))
            self.signs = 7 * self.signs + 3 + (-g if q["miss"] < 0 else g)
        self.opinions = [self.best, p[1], p[2], p[3], p[0]]
        of_opinions = [missed, errors[1], errors[2], errors[3], errors[0]]
        if self.before:
            self.p.append(min(max(base + (self.apart[c] << s), 0), high))
            self.opinions.append(self.p[4])
            of_opinions.append(self.mean("e4") if near else 0)
        self.keys, self.slopes = [], []
        for o, e in enumerate(of_opinions):
            level = level_of(e)
            g = level if level < 2 else (2 + (level & 1)) << ((level >> 1) - 1)
            scale = self.scales.setdefault((o, c, level, self.surprise), [(g + 1) << 8, 0])
            self.keys.append(scale)
            self.slopes.append((1 << 32) // max((184 * scale[0]) >> 8, 64))
        self.s0 = self.keys[0][0]
        self.expected = self.s0 >> 8
        self.w = 0
        while self.w < 12 and 6 * self.d + 3 << (f + self.w) < self.expected:
            self.w += 1
        self.centre = (self.best + (1 << (f - 1))) >> f

    def see_before(self, before: Before, x: list[int]) -> None:
        """The inputs that coder "referring" replaces."""
        c, f, s, near = self.c, self.f, self.s, self.near[self.i]
        own = self.goes[self.i]

        def apart(values: dict[Cell, list[int]]) -> int:
            if not near:
                return 0
            mean = sum(w * (values[self.goes[j]][c] << f) for j, w in near) >> 12
            return clip(((values[own][c] << f) - mean) >> s, 2047)

        self.apart.append(apart(before.values))
        x[8], x[9] = apart(before.smooth), self.apart[c]
        x[10] = self.apart[c - 1] if c > 0 else 0
        x[15] = self.apart[c - 2] if c > 1 else 0
        if c == 0:
            x[12:15] = [clip((slope << f) >> s, 2047) for slope in before.slopes[own]]

    def similar(self, before: list[dict]) -> int:
        near, c = self.near[self.i], self.c
        if not near:
            return self.base
        if c == 0:
            return self.record[near[0][0]][0]["V"]
        total = weights = 0
        for k, (j, w) in enumerate(near):
            d = min(sum(abs(q["deviations"][k] - q["y"]) for q in before), 1023)
            a = w * ((1 << 20) // (16 + ((d * d) >> 4) + 4 * d)) + 1
            total += a * self.record[j][c]["V"]
            weights += a
        return (total + (weights >> 1)) // weights

    def learn(self, value: int) -> None:
        exact, f = value << self.f, self.f
        y = clip((exact - self.base) >> self.s, 2047)
        self.regressions[self.c].observe(self.x, y)
        m = clip(exact - self.best, 65535)
        record = {"V": exact, "m": m, "size": abs(m), "r": value - self.centre}
        for k, p in enumerate(self.p):
            record[f"e{k}"] = min(abs(exact - p), 65535)
        for o, scale in enumerate(self.keys):
            error = min(abs(exact - self.opinions[o]), 65535)
            scale[1] = min(scale[1] + 1, 255)
            scale[0] += (((error << 8) - scale[0]) * (65536 // (scale[1] + 3))) >> 16
        self.now.append(
            {
                "y": y,
                "miss": exact - self.best,
                "expected": self.expected + (1 << f >> 2) + 1,
                "deviations": self.deviations,
            }
        )
        self.record[self.i].append(record)
        self.v[self.i].append(value)

    def z(self, o: int, t: int) -> int:
        t = t * self.step + self.first
        return (((t << self.f) - (1 << (self.f - 1)) - self.opinions[o]) * self.slopes[o]) >> 16

    def grown(self, o: int, size: int) -> int:
        return ((size * self.step << self.f) * self.slopes[o]) >> 16

    def decode(self, centre: int, top: int) -> int:
        w, five = self.w, range(self.opinion_count)
        above = centre
        if w == 0:
            given = []
            for o in five:
                p = (squash(clip(self.z(o, centre + 1), LIMIT)) - squash(clip(self.z(o, centre), LIMIT))) >> 8
                given.append(STRETCH[min(max(p, 0), 65535)])
            if self.decide(0, centre, given):
                return centre
            above = centre + 1
        up = 1
        if above > top:
            up = 0
        elif centre > 0:
            given = [-self.z(o, centre) for o in five]
            if w == 0:
                given = [softplus(-self.z(o, centre)) - softplus(self.z(o, centre + 1)) for o in five]
            up = self.decide(1, centre, given)
        edge, size, n = (above if up else centre - 1), 1 << w, 0
        a = [self.z(o, edge) if up else -self.z(o, edge + 1) for o in five]
        while True:
            following = edge + size if up else edge - size
            if not 0 <= following <= top:
                break
            given = [softplus(-a[o]) - growth(self.grown(o, size)) for o in five]
            a = [a[o] + self.grown(o, size) for o in five]
            if not self.decide((3 if up else 15) + min(n, 11), edge, given):
                break
            edge, n = following, n + 1
            if n >= 6 and n % 2 == 0:
                size *= 2
        low = edge if up else edge - size + 1
        while size > 1:
            half = size >> 1
            middle = low + half
            upper = int(middle <= 0)
            if 0 < middle <= top:
                given = []
                for o in five:
                    given.append(
                        softplus(self.z(o, low)) - softplus(self.z(o, low + 2 * half)) + self.grown(o, half)
                    )
                upper = self.decide(27 + min(half.bit_length() - 1, 4), middle, given)
            low, size = (middle if upper else low), half
        return low

    def places(self, node: int, t: int) -> tuple[list[int], list[int]]:
        """Counters and sets of weights of a decision."""
        i, c, w, k = self.i, self.c, self.w, min(self.w, 3)
        rows = [self.record[j][c] for j, _ in self.near[i]]
        ab = [((row["V"] >> self.f) - self.centre + self.d) // self.step >> w for row in rows]
        rest = ([clip((row["r"] + self.d) // self.step >> w, 5) for row in rows[:2]] + [0, 0])[:2]
        a, b = (clip(v, 6) for v in [*ab, 0, 0][:2])
        third = b
        if self.before:
            smooth = self.before.smooth[self.goes[i]][c]
            ours = [(self.p[4] >> self.f) - self.centre, smooth - self.centre]
            rest = [clip((one + self.d) // self.step >> w, 5) for one in ours]
            third = rest[0]
        near, kind = 13 * (a + 6) + b + 6, kind_of(node) + (8 if w else 0)
        inner, outer = 8 * kind + (t & 7), t >> 3
        v1 = self.v[i][c - 1] if c > 0 else 0
        v2 = self.v[i][c - 2] if c > 1 else 0
        key = ((64 * self.centre + level_of(self.expected >> 1)) * 4 + k) * 4 + c
        place2 = 32 * ((signed(key * HASH) >> 40) & 2047) + node
        if c:
            exact = (c << 16) + v1
            exact = (exact << 16) + v2 if c > 1 else exact
            place2 = 65536 + 128 * ((signed(((exact << 14) + outer) * HASH) >> 40) & 2047) + inner
        low3 = (v1 & 7) | (v2 & 7) << 3 if c else (t >> 3) & 63
        part = ((self.best - (self.centre << self.f) + (1 << (self.f - 1))) << 2) >> self.f
        phase, mixer3 = 256 + 32 * c + 4 * self.surprise + part, None
        if self.params.lattices and c == self.count - 1:
            phase, n = 0, (32, 12, 6)[len(self.params.lattices) - 1]
            for steps in self.params.lattices:
                turn = sum(a * v for a, v in zip(steps, [*self.v[i][:c], t])) & 1023
                phase = phase * n + ((turn * n) >> 10)
            mixer3 = 8 * phase + CLASS[node]
        votes = 0
        for q, (j, _) in enumerate(self.near[i][:6]):
            votes |= (abs(self.v[j][c] - t) <= self.d) << (3 + q)
            if q < 3 and c:
                same = self.v[j][c - 1] == v1 and (c < 2 or self.v[j][c - 2] == v2)
                votes |= same << q
        counters = [
            ((4 * c + k) * 169 + near) * 32 + node,
            ((4 * c + k) * 121 + 11 * (rest[0] + 5) + rest[1] + 5) * 32 + node,
            place2,
            (64 * c + low3) * 128 + inner,
            (4 * phase + k) * 32 + node,
            ((4 * outer + c) & 1023) * 128 + inner,
            ((c << 9) + votes) * 16 + kind,
        ]
        if mixer3 is None:
            mixer3 = (49 * c + 7 * (clip(a, 3) + 3) + clip(third, 3) + 3) * 8 + CLASS[node]
        sets = [
            (8 * c + min(w, 7)) * 32 + node,
            (32 * c + min(level_of(self.s0 >> 4), 31)) * 8 + CLASS[node],
            (49 * c + self.signs) * 8 + CLASS[node],
            mixer3,
        ]
        return [STARTS[n] + place for n, place in enumerate(counters)], sets

    def decide(self, node: int, cell: int, opinions: list[int]) -> int:
        places, sets = self.places(node, self.middle(cell))
        counters = [self.counters.setdefault(place, [1 << 21, 0]) for place in places]
        x = [STRETCH[16 * (p >> 10) + 8] for p, _ in counters] + [256]
        count = self.opinion_count
        x += [clip(v, LIMIT) for v in opinions] + [0] * (8 - count)
        first = [9000] * 7 + [0] + [13107] * count + [0] * (8 - count)
        weights = [self.weights.setdefault((j, s), list(first)) for j, s in enumerate(sets)]
        final = self.final.setdefault(32 * self.c + node, [16384] * 4)
        outputs = [clip(sum(a * (w >> 4) for a, w in zip(x, row)) >> 12, LIMIT) for row in weights]
        mixed = clip(sum(o * w for o, w in zip(outputs, final)) >> 16, LIMIT)
        bit = self.bits.bit(squash(mixed))
        error = 65536 * bit - (squash(mixed) >> 8)
        if abs(error) >= 64:
            for j in range(4):
                final[j] = clip(final[j] + ((outputs[j] * 4 * error + (1 << 18)) >> 19), 1 << 19)
                u = self.uses.get((j, sets[j]), 0)
                self.uses[j, sets[j]] = min(u + 1, 1023)
                step = ((6 + 960 // (16 + u)) * (65536 * bit - (squash(outputs[j]) >> 8))) >> 5
                row = weights[j]
                for k in range(16):
                    row[k] = clip(row[k] + ((x[k] * step + (1 << 12)) >> 13), 1 << 19)
        for counter in counters:
            p, n = counter
            p += (((bit << 22) - p) * (655360 // (10 * n + 13))) >> 16
            counter[0], counter[1] = min(p, (1 << 22) - 1), min(n + 1, 1023)
        return bit


def decode(
    cells: np.ndarray,
    params: bytes,
    payloads: list[bytes],
    slices: list[int],
    before: tuple[list[Cell], list[list[int]]] | None = None,
    starts: list[Slice | None] | None = None,
    ends: list[Slice] | None = None,
) -> list[np.ndarray]:
    """The columns of a stream. before: voxels of the reference, and the columns of the group there.

    starts: what each slice begins with. ends: gets the slices, with what they have learned.
    """
    read, numbers = Params(params), [[] for _ in range(256)]
    reference = Before(*before, read) if before and read.channels else None
    begun = iter(starts or [None] * len(payloads))
    for first, end, payload in zip(slices, slices[1:], payloads):
        if not read.channels:
            assert payload == b""
            continue
        rows = [tuple(int(v) for v in cell) for cell in cells[first:end]]
        own = Slice(rows, read, payload, reference, next(begun))
        if ends is not None:
            ends.append(own)
        for (column, _, _), found in zip(read.channels, own.run()):
            numbers[column] += found
    known = dict(enumerate(numbers))
    return [read.values(k, known, len(cells)) for k in range(len(read.columns))]


assert math.isclose(PLUS[0], 256 * math.log(2), abs_tol=0.5)
