"""What finds one value, for the second decoder of coder "rows" (see rows_reference)."""

from __future__ import annotations

from dataclasses import dataclass

from octree_reference import STRETCH, held
from rows_reference import Mixed, hashed, limited_squash

from octavox.codec.coding.softplus import log_expm1_table, softplus_table

SOFT, EXPM1 = softplus_table().tolist(), log_expm1_table().tolist()


def clip(value: int, most: int) -> int:
    return max(-most, min(most, value))


def size_class(x: int) -> int:
    if x < 2:
        return max(x, 0)
    e = x.bit_length() - 1
    return min(2 * e + (x >> (e - 1) & 1), 44)


def sign_class(x: int, m: int) -> int:
    size = abs(x)
    c = 0 if 4 * size < m else 1 if 4 * size < 3 * m else 2 if size < 2 * m else 3
    return 3 - c if x < 0 else 3 + c


def softplus(x: int) -> int:
    return x if x > 4095 else SOFT[max(x, -4096) + 4096]


def log_expm1(x: int) -> int:
    return x if x > 8191 else EXPM1[max(x, 0)]


@dataclass
class Distribution:
    centre: int
    k: int
    inverse: int

    def z(self, x: int) -> int:
        return clip(x >> self.k, 1 << 29) * self.inverse >> 16


class Search:
    """The bits of one value."""

    def __init__(
        self,
        mixed: Mixed,
        fraction: int,
        top: int,
        distributions: list[Distribution],
        start: int,
        W: int,
        base: int,
        sets: tuple[int, ...],
        salts: tuple[int, int],
    ) -> None:
        self.mixed, self.d, self.start, self.W = mixed, distributions, start, W
        self.F, self.top = fraction, top
        self.base, self.sets, self.salts = base, sets, salts

    def edge(self, d: Distribution, v: int) -> int:
        return d.z((v << self.F) - ((1 << self.F) >> 1) - d.centre)

    def ask(self, node: int, q: int, given: list[int]) -> int:
        kinds = ((3, node), (6, 3), (15, 4), (18, 5), (27, 6), (28, 7))
        kind = next(k for end, k in kinds if node < end)
        a, b, c, d = self.sets
        self.mixed.set_hash(7, hashed(q, self.salts[0]))
        self.mixed.set_hash(8, hashed(q - self.base, self.salts[1]))
        self.mixed.given = [held(x) for x in given]
        return self.mixed.bit(node, (a + node, b + kind, c + kind, d + kind))

    def value(self) -> int:
        c, W, edge = self.start, self.W, self.edge
        if W == 0:
            shares = [(limited_squash(edge(d, c + 1)) - limited_squash(edge(d, c))) >> 8 for d in self.d]
            if self.ask(0, c, [STRETCH[min(max(p, 0), 65535)] for p in shares]):
                return c
        above = c if W else c + 1
        if above > self.top:
            up = 0
        elif c < 1:
            up = 1
        else:
            given = [-edge(d, c) if W else softplus(-edge(d, c)) - softplus(edge(d, c + 1)) for d in self.d]
            up = self.ask(1, c, given)
        at, width, j = above if up else c - 1, 1 << W, 0
        while 0 <= (at + width if up else at - width) <= self.top:
            given = []
            for d in self.d:
                y = edge(d, at) if up else -edge(d, at + 1)
                given.append(softplus(-y) - log_expm1(d.z(width << self.F)))
            if not self.ask((3 if up else 15) + min(j, 11), at, given):
                break
            at += width if up else -width
            j += 1
            width <<= j >= 4
        return self.inside(at if up else at - width + 1, width, 2 * min(j, 3) + up)

    def inside(self, low: int, width: int, model: int) -> int:
        half = width >> 1
        if half and 0 < low + half <= self.top:
            given = []
            for d in self.d:
                ends = softplus(self.edge(d, low)) - softplus(self.edge(d, low + 2 * half))
                given.append(ends + d.z(half << self.F))
            low += half * self.ask(27, low + half, given)
            width = half
        while width > 1:
            width >>= 1
            if low + width <= 0:
                low += width
            elif low + width <= self.top:
                low += width * self.mixed.plain_bit(8 * (width.bit_length() - 1) + model)
        return low
