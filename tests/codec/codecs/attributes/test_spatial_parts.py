"""Parts of the attribute coder against slow definitions."""

from __future__ import annotations

import math

import numpy as np
import spatial_reference
from hypothesis import given, settings
from hypothesis import strategies as st

from octavox.codec.cloud.morton import morton_encode
from octavox.codec.codecs.attributes.spatial.lattice import find_lattices
from octavox.codec.codecs.attributes.spatial.neighbours import (
    NEIGHBOURS,
    Neighbours,
    find_neighbours,
    new_search,
)
from octavox.codec.codecs.attributes.spatial.tables import logarithms
from octavox.codec.coding.kernels.jit import njit
from octavox.codec.coding.kernels.lanes import add_scaled
from octavox.codec.coding.kernels.simd import LANES, bit_count, bit_length, load, splat, store_words


def test_logarithms_are_rounded_right() -> None:
    plus, minus = logarithms()
    for x in range(2048):
        assert plus[x] == round(256 * math.log1p(math.exp(-x / 256)))
        if x:
            assert minus[x] == round(-256 * math.log(-math.expm1(-x / 256)))
    assert plus.tolist() == spatial_reference.PLUS
    assert minus.tolist() == spatial_reference.MINUS


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_neighbours_are_those_of_the_definition(data: st.DataObject) -> None:
    rows = data.draw(st.integers(1, 90))
    reach = data.draw(st.sampled_from((0, 1, 5, 30, 900, (1 << 21) - 1)))
    random = np.random.default_rng(data.draw(st.integers(0, 1 << 30)))
    offset = (1 << 21) - 1 - reach if data.draw(st.booleans()) else 0
    cells = (random.integers(0, reach + 1, (rows, 3)) + offset).astype(np.int32)
    codes = morton_encode(cells, 21)
    order = np.argsort(codes, kind="stable")
    cells, codes = cells[order], codes[order]
    found = Neighbours(
        np.zeros(rows * NEIGHBOURS, np.int32), np.zeros(rows * NEIGHBOURS, np.int32), np.zeros(rows, np.int32)
    )
    find_neighbours(new_search(codes, cells), found, 0, rows)
    for i, wanted in enumerate(spatial_reference.neighbours([tuple(c) for c in cells.tolist()])):
        own = slice(i * NEIGHBOURS, i * NEIGHBOURS + len(wanted))
        assert found.sizes[i] == len(wanted)
        assert list(zip(found.row[own].tolist(), found.weight[own].tolist())) == wanted


def test_a_lattice_is_found() -> None:
    """Values whose sum with the steps (10, 70, 45) / 100 is nearly whole."""
    random = np.random.default_rng(3)
    smooth = 100 + 90 * np.sin(np.arange(60_000)[:, None] / np.array([700, 900, 1100]))
    values = np.rint(smooth + 4 * random.normal(size=(60_000, 3))).astype(np.int64)
    phase = (values @ np.array([0.10, 0.70, 0.45])) % 1
    values = values[np.abs(phase - 0.5) < 0.15].astype(np.int32)
    found = find_lattices(values)
    assert len(found) >= 1
    steps = found[0] / 1024
    wanted = np.array([0.10, 0.70, 0.45])
    off = [np.abs((sign * steps - wanted + 0.5) % 1 - 0.5).max() for sign in (1, -1)]
    assert min(off) < 0.01
    plain = np.clip(np.rint(smooth + 4 * random.normal(size=(60_000, 3))), 0, 255)
    assert len(find_lattices(plain.astype(np.int32))) == 0


@njit
def _bits(words: np.ndarray, counts: np.ndarray, lengths: np.ndarray) -> None:
    for i in range(len(words)):
        counts[i] = bit_count(words[i])
        lengths[i] = bit_length(words[i])


def test_bits_of_words() -> None:
    words = np.array([0, 1, 2, 3, 255, 1 << 40, (1 << 63) - 1, -1, -(1 << 63)], np.int64)
    counts, lengths = np.zeros_like(words), np.zeros_like(words)
    _bits(words, counts, lengths)
    unsigned = [int(w) % (1 << 64) for w in words]
    assert counts.tolist() == [w.bit_count() for w in unsigned]
    assert lengths.tolist() == [w.bit_length() for w in unsigned]


@njit
def _scale(sums: np.ndarray, values: np.ndarray, factor: int, out: np.ndarray) -> None:
    add_scaled(sums, 3, load(values, 0), factor)
    store_words(out, 0, splat(factor))


def test_scaled_sums() -> None:
    sums, out = np.arange(24, dtype=np.int32), np.zeros(LANES, np.int32)
    values = np.arange(LANES, dtype=np.int32) - 5
    wanted = sums.copy()
    wanted[3 : 3 + LANES] += values * -7
    _scale(sums, values, -7, out)
    assert sums.tolist() == wanted.tolist()
    assert out.tolist() == [-7] * LANES
