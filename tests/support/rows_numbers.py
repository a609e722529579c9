"""Fields of numbers of the second decoder of coder "rows" (see rows_reference)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from octree_reference import Reader
from rows_reference import (
    Cell,
    Column,
    Field,
    Mixed,
    Parameters,
    Tables,
    before,
    bits_to_key,
    column_bits,
    double_of,
    hashed,
    key_to_bits,
    masked_value,
)
from rows_search import Distribution, Search, clip, sign_class, size_class


class Squares:
    """One of the two predictors."""

    def __init__(self, fade: int) -> None:
        self.fade = fade
        self.a: dict[tuple[int, int], int] = {}
        self.c: dict[int, int] = {}
        self.w: dict[int, int] = {}

    def predict(self, x: list[int]) -> int:
        return sum(v * self.w.get(k, 0) for k, v in enumerate(x)) >> 16

    def join(self, block: list[tuple[list[int], int]], n: int) -> None:
        for r in range(n):
            for s in range(n):
                total = sum(x[r] * x[s] for x, _ in block)
                old = self.a.get((r, s), 0)
                self.a[r, s] = old + (total << 3) - (old >> self.fade)
            old = self.c.get(r, 0)
            self.c[r] = old + (sum(x[r] * y for x, y in block) << 3) - (old >> self.fade)
        for r in range(n):
            e = (self.c[r] << 8) - sum((self.a[r, s] * self.w.get(s, 0)) >> 8 for s in range(n))
            own = self.a[r, r]
            self.w[r] = clip(self.w.get(r, 0) + e // ((own + (own >> 8) + 512) >> 8), 32 << 16)


class Numbers:
    """A field while it is decoded."""

    def __init__(self, p: Parameters, f: int, values: list[list[int]], rows: int, reader: Reader) -> None:
        self.p, self.f, self.values, self.rows = p, f, values, rows
        self.own: Field = p.fields[f]
        self.mine = values[f]
        self.mixed = Mixed(reader, rows, (round(0.12 * 65536), round(0.3 * 65536)))
        self.tables = Tables(self.own, rows)
        self.squares = [Squares(7), Squares(4)]
        self.block: list[tuple[list[int], int]] = []
        self.errors: list[list[int]] = []
        self.running = [0] * 6
        self.scales: dict[tuple[int, ...], tuple[int, int]] = {}
        self.biases: dict[int, tuple[int, int]] = {}
        self.steps: dict[int, list[int]] = {}
        self.last: dict[int, int] = {}
        self.residuals = [0, 0]
        self.times: list[tuple[int, int]] = []
        self.means: dict[int, tuple[float, int]] = {}
        w = p.width
        self.offsets = [1, w, w + 1, w - 1, 2, 2 * w, 2 * w - 1] if w else list(range(1, 8))

    def neighbour(self, i: int, k: int) -> int:
        return before(self.mine, i, self.offsets[k])

    def unit(self, f: int, x: int) -> int:
        own = self.p.fields[f]
        return clip((x << own.fraction) >> own.shift, 4095)

    def continuation(self, i: int, k: int, base: int) -> int:
        if len(self.times) <= k:
            return 0
        (t, v), (t1, v1) = self.times[-1], self.times[-1 - k]
        if t <= t1:
            return 0
        m = min(max(self.values[self.own.time][i] - t, 0), 8 * (t - t1), 1 << 30)
        return clip(v - v1, 1 << 30) * m // (t - t1) + v - base

    def features(self, i: int, base: int, kind: int, cells: list[Cell]) -> list[int]:
        w, own = self.p.width, self.own
        found = [self.unit(self.f, self.neighbour(i, k) - base) for k in range(1, 7 if w else 6)]
        if own.cells[0]:
            found += [self.unit(self.f, cell.value - base) for cell in cells]
        for k, g in enumerate(own.related):
            if g < 0:
                continue
            other = self.values[g]
            b = other[i - 1] if i else 0
            places = [i]
            if w:
                places += [i - w] + ([i - w - 1, i + 1] if k < 2 else []) + ([i + w] if k < 1 else [])
            else:
                places += [i - 2] + ([i + 1] if k < 2 else [])
            found += [self.unit(g, (other[j] if 0 <= j < self.rows else b) - b) for j in places]
        if own.time >= 0:
            found += [self.unit(self.f, self.continuation(i, k, base)) for k in (1, 5)]
        if own.classes[0] >= 0:
            found.append(self.unit(self.f, self.last[kind] - base) if kind in self.last else 0)
        return found

    def shape(self, i: int, base: int, kind: int) -> int:
        if self.own.ratio >= 0:
            guess = self.by_ratio(i)
            if guess is not None:
                return guess
        if self.p.width:
            north, corner = self.neighbour(i, 1), self.neighbour(i, 2)
            return sorted((base, north, base + north - corner))[1]
        steps = self.steps.get(kind, [])
        return base + sorted(steps)[len(steps) // 2] if steps else base

    def ratio_parts(self) -> tuple[Column, int, int]:
        """The column of this field, bytes of its type, and its low key, of float64 as a signed number."""
        column = next(c for c in self.p.columns if self.f in c.fields)
        size = self.p.types[self.p.columns.index(column)].itemsize
        return column, size, column.low if size == 4 else column.low - (1 << 63)

    def base_of_ratio(self, i: int) -> float:
        number = self.p.bases[self.own.ratio]
        column, dtype = self.p.columns[number], self.p.types[number]
        bits = column_bits(self.p, column, dtype, self.values, i)
        return float(np.array(bits, np.uint64).astype(f"u{dtype.itemsize}").view(dtype))

    def by_ratio(self, i: int) -> int | None:
        mean, count = self.means.get(self.values[self.own.key][i], (0.0, 0))
        number = self.base_of_ratio(i) * mean
        if not count or not math.isfinite(number):
            return None
        column, size, low = self.ratio_parts()
        with np.errstate(over="ignore"):
            bits = np.float64(number).astype(f"f{size}").view(f"u{size}")
        key = bits_to_key(int(bits), 8 * size) - (1 << 63 if size == 8 else 0)
        return min(max((key - low) // column.step, 0), self.own.size - 1)

    def learn_ratio(self, i: int) -> None:
        column, size, _ = self.ratio_parts()
        z = self.base_of_ratio(i)
        dtype = np.dtype(f"f{size}")
        x = double_of(key_to_bits(column.low + self.mine[i] * column.step, dtype), size)
        if z == 0 or not math.isfinite(z) or not math.isfinite(x):
            return
        with np.errstate(over="ignore"):
            ratio = float(np.float64(x) / np.float64(z))
        if not math.isfinite(ratio):
            return
        key = self.values[self.own.key][i]
        mean, count = self.means.get(key, (0.0, 0))
        count = min(count + 1, 16)
        self.means[key] = mean + (ratio - mean) / count, count

    def recent(self, i: int, cells: list[Cell]) -> list[int]:
        if i < 2:
            return [4 << self.own.fraction] * 7
        near = [self.errors[max(i - self.offsets[k], 0)] for k in range(4)]
        found = [(2 * a + 2 * b + c + d) // 6 for a, b, c, d in zip(*near)]
        if not self.p.width:
            found[:6] = [r >> 4 for r in self.running]
        if self.own.cells[0]:
            for t, cell in enumerate(cells):
                m = 4 + t
                found[m] = (found[m] + 3 * cell.error) >> 2 if cell.hit else 2 * found[m]
        return found

    def scale(self, place: tuple[int, ...], size: int) -> tuple[int, int]:
        if place not in self.scales:
            least = size if size < 2 else (2 + (size & 1)) << (size // 2 - 1)
            self.scales[place] = ((1 + least) << 6, 0)
        return self.scales[place]

    def code_row(self, i: int) -> None:
        scores = self.p.scores
        own, F, S = self.own, self.own.fraction, self.own.shift
        base = before(self.mine, i, 1)
        kind = 0
        for g in own.classes:
            if g >= 0:
                kind = kind * 8 + min(self.values[g][i], 7)
        signs = apart = 0
        for g in own.related:
            if g >= 0:
                score = scores[g][i]
                signs = signs * 7 + sign_class(score, 96)
                apart = max(apart, sum(abs(score) >> 5 >= t for t in (1, 2, 4, 6, 10, 16, 24)))
        cells = self.tables.look_up(self.values, i, base, 1 << 20)
        x = self.features(i, base, kind, cells)
        top = (own.size - 1) << F
        if own.cells[0]:
            four, five = cells[0].value << F, cells[1].value << F
        else:
            four, five = (2 * base - before(self.mine, i, 2)) << F, self.neighbour(i, 1) << F
            if own.classes[0] >= 0 and kind in self.last:
                four = self.last[kind] << F
        g = [base << F, *(((base << F) + (q.predict(x) << S)) for q in self.squares)]
        g += [self.shape(i, base, kind) << F, four, five]
        g = [min(max(v, 0), top) for v in g]
        recent = self.recent(i, cells)
        least = min(recent[:6])
        weights = [
            (((least + 2) << 10) // (r + 2)) ** 3 >> (14 if m else 16) for m, r in enumerate(recent[:6])
        ]
        moved = sum(w * clip((v - (base << F)) >> S, 1 << 40) for w, v in zip(weights, g))
        blend = (base << F) + ((moved // max(sum(weights), 1)) << S)
        place = min(size_class((recent[6] << 2) >> S), 15) * 343 + signs
        centre = min(max(blend + ((self.biases.get(place, (0, 0))[0] >> 8) << S), 0), top)
        hits = 2 * cells[0].hit + cells[1].hit
        kinds = [apart, *[(kind >> 3) % 8] * 3, hits, kind % 8]
        places, distributions = [], []
        for m in range(6):
            size = size_class((recent[6 if m in (0, 5) else m] << 2) >> S)
            other = size_class((self.running[0] >> 2) >> S) if m == 5 else 0
            places.append((m, size, other, kinds[m]))
            sigma = max(((self.scale(places[m], size)[0] * 184) >> 8) << S, 64)
            k = max(sigma.bit_length() - 16, 0)
            distributions.append(Distribution(centre if m in (0, 5) else g[m], k, (1 << 32) // (sigma >> k)))
        first = self.scales[places[0]][0]
        expected = (first << S) >> 8
        start = min(max((centre + ((1 << F) >> 1)) >> F, 0), own.size - 1)
        W = 0
        while expected > (3 << (F + W)):
            W += 1
        self.set_contexts(i, base, kind, signs, apart, cells, g, centre, expected, first, start, W)
        sets = self.set_numbers(kind, signs, cells, first, W)
        salts = self.salts(i, base, kind, W)
        v = Search(self.mixed, F, own.size - 1, distributions, start, W, base, sets, salts).value()
        self.mine[i] = v
        self.learn(i, v, x, base, kind, g, centre, blend, place, places, distributions, expected, cells)
        away = clip((v << F) - centre, 1 << 50) * 64
        scores[self.f][i] = clip(away // (expected + 1 + ((1 << F) >> 2)), 32000)
        self.residuals = [v - start, self.residuals[0]]

    def set_contexts(
        self, i: int, base: int, kind: int, signs: int, apart: int, cells: list[Cell], *more: Any
    ) -> None:
        g, centre, expected, first, c, W = more
        F, D, m = self.own.fraction, 1 << W, expected + 1
        hits, low = 2 * cells[0].hit + cells[1].hit, kind % 16
        o = centre - (c << F) + ((1 << F) >> 1)
        f = ((o << (1 if W else 2)) >> F) % 4

        def near(x: int, d: int, n: int) -> int:
            return clip(x // d, n) + n

        y = 0
        for other in self.own.related[:2]:
            if other >= 0:
                step = self.values[other][i] - before(self.values[other], i, 1)
                y = y * 64 + near(self.unit(other, step), 8, 31)
        x = [
            size_class(first >> 6) << 16 | apart << 4 | f | kind << 24,
            signs * 64 + f * 16 + low,
            near(base - c, D, 6) * 256
            + near(self.neighbour(i, 1) - c, D, 6) * 16
            + near(self.neighbour(i, 2) - c, D, 3),
            sign_class(g[1] - centre, m) * 64
            + sign_class(g[3] - centre, m) * 8
            + sign_class(g[2] - g[1], m)
            + f * 1024
            + sign_class(g[4] - centre, m) * 4096
            + hits * 65536,
            near(self.residuals[0], D, 6) * 16 + near(self.residuals[1], D, 3) + kind * 1024,
            near(cells[0].value - c, 1, 200) * 512
            + near(cells[1].value - c, 1, 200)
            + (hits << 40)
            + ((cells[0].error == 0) << 43),
            y * 16 + low,
        ]
        for k, value in enumerate(x):
            self.mixed.set_hash(k, hashed(64 * value + W, k + 1))

    def set_numbers(self, kind: int, signs: int, cells: list[Cell], first: int, W: int) -> tuple[int, ...]:
        both = cells[0].hit + cells[1].hit
        return (
            min(W, 7) * 28,
            min(size_class(first >> 4), 31) * 8,
            signs % 49 * 8,
            (both * 16 + kind % 16) * 8,
        )

    def salts(self, i: int, base: int, kind: int, W: int) -> tuple[int, int]:
        other = self.own.related[0]
        if self.p.width:
            t = 1000 * self.values[other][i] if other >= 0 else 0
        else:
            t = 1000 * kind + 1000000 * clip(base - before(self.mine, i, 2), 1000)
        return 64 * (77 + 100 * kind) + W, 64 * (88 + t) + W

    def learn(self, i: int, v: int, x: list[int], base: int, kind: int, g: list[int], *more: Any) -> None:
        centre, blend, place, places, distributions, expected, cells = more
        F, S = self.own.fraction, self.own.shift
        self.block.append((x, self.unit(self.f, v - base)))
        if len(self.block) == 16:
            for squares in self.squares:
                squares.join(self.block, len(x))
            self.block = []
        value = v << F
        errors = [min(abs(value - guess), 1 << 40) for guess in (*g, centre)]
        self.errors.append(errors)
        for m in range(6):
            mean = self.running[m] >> 4
            self.running[m] += min(errors[m], 4 * mean + 16) - mean
        for at, d in zip(places, distributions):
            M, n = self.scales[at]
            e = min((min(abs(value - d.centre), 1 << 40) << 8) >> S, 1 << 28, 4 * M + 1024)
            self.scales[at] = M + (e - M) // (n + 3), min(n + 1, 60)
        M, n = self.biases.get(place, (0, 0))
        n = min(n + 1, 120)
        off = clip(value - blend, 3 * expected + (1 << F)) >> S
        self.biases[place] = M + (clip(off << 8, 1 << 30) - M) // (n + 8), n
        for t, cell in enumerate(cells):
            error = min(abs(value - (cell.value << F)), 1 << 40)
            self.tables.enter(t, cell, v, (cell.error + error) >> 1 if cell.hit else error)
        self.steps[kind] = [v - base, *self.steps.get(kind, [])][:5]
        self.last[kind] = v
        if self.own.time >= 0:
            time = self.values[self.own.time][i]
            if not self.times or self.times[-1][0] != time:
                self.times.append((time, v))
        if self.own.ratio >= 0:
            self.learn_ratio(i)


def code_numbers(p: Parameters, f: int, values: list[list[int]], rows: int, reader: Reader) -> None:
    """Decodes a field of numbers."""
    numbers = Numbers(p, f, values, rows, reader)
    for i in range(rows):
        forced = masked_value(p, f, values, i)
        if forced is None:
            numbers.code_row(i)
            continue
        values[f][i] = forced
        numbers.errors.append(list(numbers.errors[-1]) if i else [0] * 7)
