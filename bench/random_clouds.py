"""Random clouds of all kinds, each from its number alone: types, ranges, orders, properties, odd values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from octavox import codec

Rng = np.random.Generator
INTEGERS = ("i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8")
FLOATS = ("f4", "f8")
MOST = 400  # points


def lattice(rng: Rng, n: int) -> Any:
    """Floats in decimal or binary steps, anywhere."""
    step = rng.choice([1.0, 0.5, 0.25, 0.1, 0.01, 0.001, 2.0**-9])
    return (rng.integers(-900, 900, (n, 3)) * step).astype(str(rng.choice(FLOATS)))


def map_coordinates(rng: Rng, n: int) -> Any:
    """Metres of a map, far from the origin."""
    return np.round(rng.normal(0, 30, (n, 3)), 3) + np.array([431_000.0, 5_412_000.0, 210.0])


def raw_floats(rng: Rng, n: int) -> Any:
    """Floats on no lattice."""
    return rng.normal(0, 10.0 ** rng.integers(-6, 7), (n, 3)).astype(str(rng.choice(FLOATS)))


def any_bits(rng: Rng, n: int) -> Any:
    """Whatever eight bytes mean: infinities, NaN of all kinds, denormal numbers."""
    bits = rng.integers(0, 1 << 64, (n, 3), np.uint64)
    infinite = np.uint64(0x7FF << 52)
    bits |= np.where(rng.random((n, 3)) < 0.1, infinite, np.uint64(0))  # NaN, whatever its other bits are
    return np.where(rng.random((n, 3)) < 0.05, infinite, bits).view("<f8")


def integers(rng: Rng, n: int) -> Any:
    """Integers of any type, over all their range or a part of it."""
    dtype = np.dtype(str(rng.choice(INTEGERS)))
    bounds = np.iinfo(dtype)
    span = min(int(bounds.max), 1 << int(rng.integers(3, 64)))
    return rng.integers(max(int(bounds.min), -span), span, (n, 3), dtype, endpoint=True)


def surface(rng: Rng, n: int) -> Any:
    """A dense sheet, row by row."""
    k = np.arange(n)
    x, y = k % 20, k // 20
    return np.stack([x, y, (x * x + 3 * y * y) // 60 + rng.integers(0, 2, n)], axis=1).astype(
        str(rng.choice(FLOATS))
    )


def planes(rng: Rng, n: int) -> Any:
    """Few places, so that many points share one."""
    return rng.integers(0, 3, (n, 3)).astype(str(rng.choice([*FLOATS, *INTEGERS])))


KINDS: tuple[Callable[[Rng, int], Any], ...] = (
    lattice, map_coordinates, raw_floats, any_bits, integers, surface, planes,
)  # fmt: skip


def properties(rng: Rng, n: int) -> dict[str, Any]:
    """Columns of any types, some smooth, some noise, some constant, some copies of others, some lists."""
    found: dict[str, Any] = {}
    for k in range(int(rng.integers(0, 4))):
        dtype = np.dtype(str(rng.choice([*INTEGERS, *FLOATS, "f2", "?"])))
        kind = rng.integers(4)
        if kind == 0:
            column = (np.cumsum(rng.integers(0, 3, n)) % 100).astype(dtype)
        elif kind == 1:
            column = rng.integers(0, 256, (n, dtype.itemsize), np.uint8).view(dtype).reshape(n)
            column = (column.view("u1") & 1).view("?") if dtype.kind == "b" else column
        elif kind == 2 or not found:
            column = np.full(n, rng.integers(0, 2)).astype(dtype)
        else:
            column = next(iter(found.values()))
        found[f"p{k}"] = column
    if rng.random() < 0.1:
        lengths = rng.integers(0, 4, n).astype(np.uint8)
        found["list"] = codec.ListColumn(lengths, rng.integers(-9, 9, int(lengths.sum())).astype(np.int32))
    return found


def random_cloud(number: int) -> codec.PointCloud:
    """The cloud with this number."""
    rng = np.random.default_rng(number)
    n = int(rng.choice([0, 1, 2, int(rng.integers(3, MOST)), int(rng.integers(3, MOST))]))
    coords = KINDS[number % len(KINDS)](rng, n)
    if coords.dtype.kind == "f" and n > 3 and rng.random() < 0.2:
        coords[rng.integers(0, n, 2)] = rng.choice([np.nan, np.inf, -np.inf, -0.0], (2, 1))
    if rng.random() < 0.3:
        coords = coords[rng.integers(0, max(n, 1), n)]  # some twice, some not at all
    colors = rng.integers(0, 256, (n, int(rng.choice([3, 4]))), np.uint8) if rng.random() < 0.5 else None
    more: dict[str, Any] = {}
    if coords.dtype.kind == "i" and coords.dtype.itemsize == 4 and rng.random() < 0.5:
        more = {"scale": (0.01, 0.01, 0.001), "offset": (5e5, -3.0, 0.0)}
    return codec.PointCloud(coords, colors, attributes=properties(rng, n), **more)
