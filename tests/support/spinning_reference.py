"""Remaining codes of spinning scans, as docs/octree-codec.md says ("Spinning scans"): slow, and simple."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction

TURN = 1 << 32


def _table() -> list[int]:
    """arctan(i / 256) as parts of a turn, by the power series, with many digits."""

    def arctan(x: Fraction) -> Fraction:
        if x > Fraction(1, 2):
            return arctan(Fraction(1, 2)) + arctan((x - Fraction(1, 2)) / (1 + x / 2))
        total, power, sign = Fraction(0), x, 1
        for k in range(1, 140, 2):
            total += sign * power / k
            power = Fraction(round(power * x * x * 10**50), 10**50)
            sign = -sign
        return total

    whole = 8 * arctan(Fraction(1))
    found = [round(arctan(Fraction(i, 256)) / whole * TURN) for i in range(257)]
    return [*found, found[-1]]


TABLE = _table()


def turn(x: int, y: int) -> int:
    a, c = max(abs(x), abs(y)), min(abs(x), abs(y))
    q = (c << 20) // max(a, 1)
    i = q >> 12
    u = TABLE[i] + ((TABLE[i + 1] - TABLE[i]) * (q % 4096) >> 12)
    if abs(y) > abs(x):
        u = (1 << 30) - u
    if x < 0:
        u = (1 << 31) - u
    return (-u if y < 0 else u) % TURN


class Numbers:
    """The fields that a slice begins with."""

    def __init__(self, payload: bytes) -> None:
        self.payload, self.at = payload, 0

    def byte(self) -> int:
        self.at += 1
        return self.payload[self.at - 1]

    def varint(self) -> int:
        value = shift = 0
        while True:
            byte = self.byte()
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    def signed(self) -> int:
        n = self.varint()
        return n // 2 if n % 2 == 0 else -(n + 1) // 2


@dataclass
class Scanner:
    """The sensor of a slice, with what adapts. begin: first byte of the range coder's payload."""

    payload: bytes
    begin: int = field(init=False)
    counters: dict[int, tuple[int, int]] = field(default_factory=dict)
    phases: dict[tuple[int, int], int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        numbers = Numbers(self.payload)
        self.axis = numbers.signed(), numbers.signed()
        self.drift = numbers.signed(), numbers.signed()
        self.start = numbers.byte() << 24
        self.step = sum(numbers.byte() << 8 * k for k in range(4))
        slope, height = -(1 << 23), 0
        self.beams = []
        for _ in range(numbers.byte()):
            slope += numbers.varint()
            height += numbers.signed()
            self.beams.append((slope, height, numbers.signed()))
        self.begin = numbers.at

    def z(self, b: int, d: int) -> int:
        return self.beams[b][1] + (self.beams[b][0] * d >> 20)

    def nearest(self, d: int, z: int) -> int:
        return min(range(len(self.beams)), key=lambda b: abs(self.z(b, d) - z))

    def in_step(self, direction: int, b: int, d: int) -> int:
        return direction - self.beams[b][2] * 683565276 // max(d, 1)

    def wrapped(self, value: int) -> int:
        rest = value % self.step
        return rest - self.step if rest >= self.step >> 1 else rest

    def bit(self, code: Callable[[int], int], context: int) -> tuple[int, float]:
        """A bit, and its length."""
        p, n = self.counters.get(context, (1 << 21, 0))
        bit = code(4 * p)
        length = -math.log2((p if bit else (1 << 22) - p) / (1 << 22))
        p += ((bit << 22) - p) * (655360 // (10 * n + 13)) >> 16
        self.counters[context] = min(max(p, 64), (1 << 22) - 64), min(n + 1, 255)
        return bit, length

    def voxel(
        self, code: Callable[[int], int], node: tuple[int, int, int], m: int
    ) -> tuple[tuple[int, int, int], float]:
        """The voxel in a node of edge 2^m, and its bits. code: takes a bit with this probability of a 1."""
        low = [n << m for n in node]
        middle = [16 * n + 8 * 2**m - 8 for n in low]
        ox, oy = self.axis
        f = (turn(middle[0] - ox, middle[1] - oy) - self.start) % TURN
        ox, oy = ox + (self.drift[0] * f >> 32), oy + (self.drift[1] * f >> 32)
        axis = ox, oy
        first = 0 if abs(middle[0] - ox) >= abs(middle[1] - oy) else 1
        second, bits = 1 - first, 0.0

        def direction(p: int, q: int) -> int:
            return turn(p, q) if first == 0 else turn(q, p)

        place = [0, 0, 0]
        for k in reversed(range(m)):
            bit, length = self.bit(code, k)
            place[first] |= bit << k
            bits += length
        p = 16 * (low[first] + place[first]) - axis[first]
        s = middle[second] - axis[second]
        b = self.nearest(math.isqrt(p * p + s * s), middle[2])
        phase = None
        if self.step:
            sector = direction(p, s) >> 26
            for other in (sector, (sector + 1) % 64, (sector - 1) % 64):
                if phase is None:
                    phase = self.phases.get((b, other))
        for k in reversed(range(m)):
            context = 21 + k
            if phase is not None:
                half = 16 * (low[second] + place[second] + 2**k) - 8 - axis[second]
                context = self.second_context(b, phase, p, half, k, direction(p, half), first)
            bit, length = self.bit(code, context)
            place[second] |= bit << k
            bits += length
        q = 16 * (low[second] + place[second]) - axis[second]
        d = math.isqrt(p * p + q * q)
        edge = 16 * 2**m
        heights = [self.z(b, d) for b in range(len(self.beams))]
        bottom = 16 * low[2] - 8
        passing = [z for z in heights if bottom - edge <= z <= bottom + 2 * edge]
        for k in reversed(range(m)):
            half = 16 * (low[2] + place[2] + 2**k) - 8
            u = min((z - half for z in passing if z >= half), default=1 << 40)
            v = min((half - z for z in passing if z < half), default=1 << 40)
            u, v = min(4 * u // 2 ** (k + 4), 11), min(4 * v // 2 ** (k + 4), 11)
            bit, length = self.bit(code, 2346 + 12 * (12 * min(k, 11) + u) + v)
            place[2] |= bit << k
            bits += length
        if self.step:
            b = self.nearest(d, 16 * (low[2] + place[2]))
            at = b, direction(p, q) >> 26
            h = self.in_step(direction(p, q), b, d) % self.step
            if at in self.phases:
                h = (self.phases[at] + (self.wrapped(h - self.phases[at]) >> 1)) % self.step
            self.phases[at] = h
        return (low[0] + place[0], low[1] + place[1], low[2] + place[2]), bits

    def second_context(
        self, b: int, phase: int, p: int, half: int, k: int, direction: int, first: int
    ) -> int:
        n = p * p + half * half
        e = self.wrapped(phase - self.in_step(direction, b, math.isqrt(n)) % self.step)
        if (p <= 0) == (first == 0):
            e = -e
        g = (abs(p) << 30) // max(n, 1)
        w = max(min(2 ** (k + 4) * g >> 10, 1 << 30) * 683565276 >> 20, 1)
        if w >= self.step:
            return 21 + k
        grown, c = w, 0
        while grown < self.step and c < 11:
            grown, c = grown + (grown >> 1), c + 1
        o = max(-8, min(7, 4 * e // w))
        return 42 + 16 * (12 * min(k, 11) + c) + o + 8
