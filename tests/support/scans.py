"""Columns as scanners make them, in the order of a file, for the coder "rows"."""

from __future__ import annotations

import numpy as np

from octavox.codec.codecs.attributes.interface import Array, Layout


def layout_of(rows: int, *cuts: int, threads: int | None = 1) -> Layout:
    return Layout(np.empty((0, 3), np.int32), np.array([0, *cuts, rows], np.int64), threads)


def scan(rows: int, seed: int = 1) -> list[Array]:
    """The fields of an airborne scan: pulses with returns, on a wavy ground."""
    rng = np.random.default_rng(seed)
    pulse = np.cumsum(rng.integers(0, 2, rows))
    first = np.diff(pulse, prepend=-1) > 0
    angle = np.abs((pulse * 2) % 800 - 400) - 200
    x = pulse // 400 * 30 + angle * 10 + rng.integers(-3, 4, rows)
    z = (300 * np.sin(x / 900.0) + rng.normal(0, 5, rows) + 40 * ~first).astype(np.int32)
    time = 1e5 + pulse * 1.5e-5 + np.sin(pulse) * 1e-8
    return [
        x.astype(np.int32),
        (angle * 11 + rng.integers(-3, 4, rows)).astype(np.int32),
        z,
        rng.integers(20, 60, rows).astype(np.uint16),
        np.where(first, 1, 2).astype(np.uint8),
        (angle // 20).astype(np.int8),
        time,
        np.zeros(rows, np.uint8),
    ]


def image(width: int, height: int, seed: int = 1) -> list[Array]:
    """A depth camera's cloud with holes, and colours."""
    rng = np.random.default_rng(seed)
    row, column = np.divmod(np.arange(width * height), width)
    depth = np.float32(0.001) * np.rint(900 + 90 * np.sin(column / 17.0) + row).astype(np.float32)
    x = ((column - width / 2) * depth.astype(np.float64) / 525).astype(np.float32)
    y = ((row - height / 2) * depth.astype(np.float64) / 525).astype(np.float32)
    hole = (np.sin(column / 9.0) * np.sin(row / 7.0)) > 0.7
    for axis in (x, y, depth):
        axis[hole] = np.nan
    red = (128 + 60 * np.sin(column / 30.0 + row / 20.0) + rng.normal(0, 2, len(row))).astype(np.uint8)
    return [x, y, depth, red, (red // 2 + rng.integers(0, 3, len(row))).astype(np.uint8)]
