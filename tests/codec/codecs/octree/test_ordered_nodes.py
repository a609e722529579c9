"""Nodes in raster and in Morton order, and their children, against sorting; steps through sorted keys."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from octavox.codec.cloud.morton import morton_decode, morton_encode
from octavox.codec.codecs.geometry.multiscale.trunk import nodes_around
from octavox.codec.codecs.geometry.octree.levels import (
    NO_REMAINING_CODES,
    coords_to_morton,
    coords_to_raster,
    morton_to_coords,
    morton_to_raster,
    raster_to_coords,
    raster_to_morton,
)
from octavox.codec.codecs.geometry.octree.ordered import (
    as_bits,
    children_of,
    codes_of_children,
    mark_children,
    nodes_of,
    with_order,
)
from octavox.codec.coding.kernels.jit import njit
from octavox.codec.coding.kernels.sorted_keys import first_from, places_from

seeds = st.integers(0, 2**32)


def surface(edge: int, count: int, seed: int) -> np.ndarray:
    """Sorted Morton codes of cells that lie densely in a corner, and of some others."""
    rng = np.random.default_rng(seed)
    cells = np.concatenate([rng.integers(0, edge, (count, 3)), rng.integers(0, 1 << 20, (5, 3))])
    return np.unique(morton_encode(cells))


@settings(deadline=None, max_examples=40)
@given(seeds, st.sampled_from([(3, 20), (30, 900), (12, 9000), (40, 4000), (1 << 20, 3000)]))
def test_nodes_are_those_that_sorting_finds(seed: int, kind: tuple[int, int]) -> None:
    codes = surface(*kind, seed)
    nodes, key = nodes_of(codes), np.sort(coords_to_raster(morton_decode(codes)))
    assert np.array_equal(nodes.key, key)
    assert np.array_equal(raster_to_morton(nodes.key)[nodes.order], codes)
    assert np.array_equal(with_order(key).order, nodes.order)


def test_no_nodes_have_no_children() -> None:
    nodes = nodes_of(np.empty(0, np.int64))
    below = children_of(nodes, np.empty(0, np.uint8))
    assert len(nodes.key) == len(nodes.order) == len(below.key) == len(below.order) == 0


@settings(deadline=None, max_examples=40)
@given(seeds, st.integers(0, 300), st.sampled_from([4, 16, 1 << 19]))
def test_children_are_those_that_sorting_finds(seed: int, count: int, edge: int) -> None:
    rng, nodes = np.random.default_rng(seed), nodes_of(surface(edge, count, seed))
    kept = rng.random((len(nodes.key), 8)) < rng.random()
    plain = (raster_to_morton(nodes.key)[:, None] * 8 + np.arange(8))[kept]
    below = children_of(nodes, as_bits(kept))
    assert np.array_equal(below.key, np.sort(morton_to_raster(plain)))
    assert np.array_equal(raster_to_morton(below.key)[below.order], np.sort(plain))
    assert np.array_equal(codes_of_children(nodes, as_bits(kept)), np.sort(plain))
    some = np.sort(rng.permutation(raster_to_morton(nodes.key))[: len(nodes.key) // 2])
    marked = np.zeros(len(plain), np.uint8)
    mark_children(np.sort(plain), some, marked)
    assert np.array_equal(marked, np.isin(np.sort(plain) >> 3, some))


def test_codes_and_keys_are_each_others_inverse() -> None:
    coords = np.random.default_rng(1).integers(0, 1 << 21, (500, 3)).astype(np.int32)
    codes = morton_encode(coords)
    assert np.array_equal(coords_to_morton(coords), codes)
    assert np.array_equal(morton_to_coords(codes), coords)
    assert np.array_equal(raster_to_coords(morton_to_raster(codes)), coords)
    x, y, z = coords.astype(np.int64).T
    assert np.array_equal(coords_to_raster(coords[:, ::-1]), (z << 42) | (y << 21) | x)


@njit
def _step(key, p, wanted, width):  # type: ignore[no-untyped-def]
    at = first_from(key, p, wanted)
    return at, places_from(key, at, wanted, width)


@settings(deadline=None)
@given(seeds, st.integers(0, 60), st.sampled_from([70, 300, 1 << 60]), st.sampled_from([3, 5, 8]))
def test_steps_through_keys(seed: int, count: int, span: int, width: int) -> None:
    rng = np.random.default_rng(seed)
    key = np.unique(rng.integers(0, span, count))
    for wanted in np.sort(rng.integers(-5, span + 9, 20)).tolist():
        first = int(np.searchsorted(key, wanted))
        at, places = _step(key, int(rng.integers(0, first + 1)), wanted, width)
        assert at == first
        assert places == sum(1 << k for k in range(width) if wanted + k in set(key.tolist()))


@pytest.mark.parametrize("corner", [0, (1 << 20) - 6])
def test_the_nodes_about_each_node(corner: int) -> None:
    rng = np.random.default_rng(corner)
    cells = np.unique(corner + rng.integers(0, 6, (90, 3)), axis=0)
    key = coords_to_raster(cells)
    there = {tuple(cell) for cell in cells.tolist()}
    words = np.zeros(2 * len(key), np.uint64)
    for start in range(0, len(key), 13):  # in parts
        nodes_around(key, NO_REMAINING_CODES, words, start, min(start + 13, len(key)))
    for i, (x, y, z) in enumerate(cells.tolist()):
        found = int(words[2 * i]) | int(words[2 * i + 1]) << 64
        cube = [(dx, dy, dz) for dx in range(-2, 3) for dy in range(-2, 3) for dz in range(-2, 3)]
        assert found == sum(
            1 << k for k, (dx, dy, dz) in enumerate(cube) if (x + dx, y + dy, z + dz) in there
        )
