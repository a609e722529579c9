"""Parts of the octree codec against slow definitions: levels, context words, slices, mixing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from octree_fixtures import cloud_of
from octree_reference import CUBE, Model, Voxel, children, context_words, parent

from codec.entropy.logistic import STRETCH_LIMIT, STRETCH_OFFSET, squash_table
from codec.entropy.range_coder import PROB_ONE
from codec.octree.contexts import TEMPLATES, fill_rows, fill_words, popcount, template_masks, window_bit
from codec.octree.levels import (
    PADDING,
    X_SHIFT,
    Y_SHIFT,
    find_neighbours,
    occupancies,
    raster_to_coords,
    raster_to_morton,
)
from codec.octree.mixing import (
    COUNT_LIMIT,
    INPUTS,
    MIXERS,
    SELECTOR_STARTS,
    WEIGHT_LIMIT,
    learn,
    new_mixing,
    predict,
)
from codec.octree.slicing import BLOCK_BITS, split_slices
from codec.octree.walk import code_lengths
from codec.order import morton_encode

TOP = (1 << 20) - 1  # the largest coordinate of a node
seeds = st.integers(0, 2**32)


def nodes_near(rng: np.random.Generator, count: int) -> list[Voxel]:
    """Nodes crowded around a place, often at a face, edge or corner of the largest cube, in raster order."""
    place = rng.choice([0, TOP, int(rng.integers(TOP))], 3)
    near = place + rng.integers(-3, 4, (count, 3))
    far = rng.integers(0, TOP + 1, (2, 3))
    return sorted({(int(x), int(y), int(z)) for x, y, z in np.clip(np.concatenate([near, far]), 0, TOP)})


def keys_of(voxels: list[Voxel]) -> np.ndarray:
    return np.array([x << X_SHIFT | y << Y_SHIFT | z for x, y, z in voxels], np.int64)


# Levels.


@given(seeds, st.integers(1, 60))
def test_neighbours(seed: int, count: int) -> None:
    nodes = nodes_near(np.random.default_rng(seed), count)
    index = {node: i for i, node in enumerate(nodes)}
    around = find_neighbours(keys_of(nodes))
    for i, (x, y, z) in enumerate(nodes):
        there = [index.get((x + dx, y + dy, z + dz)) for dx, dy, dz in CUBE]
        assert around.mask[i] == sum((j is not None) << bit for bit, j in enumerate(there))
        for row in range(9):
            of_row = [j for j in there[3 * row : 3 * row + 3] if j is not None]
            first = int(around.first[i, row])
            assert 0 <= first <= len(nodes)
            assert of_row == list(range(first, first + len(of_row)))


@given(seeds, st.integers(1, 21), st.integers(1, 60))
def test_occupancies(seed: int, depth: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    low, side = rng.integers(0, 1 << depth, 3), 1 << depth
    voxels = np.clip(low + rng.integers(-3, 4, (count, 3)), 0, side - 1)
    codes = np.unique(morton_encode(voxels, depth))
    levels = occupancies(codes, depth)
    assert len(levels) == depth
    assert levels[0].bits.size == 1
    for level, (bits, first) in enumerate(levels):
        below = sorted({int(c) >> 3 * (depth - level - 1) for c in codes})
        nodes = sorted({c >> 3 for c in below})
        assert bits.tolist() == [sum(1 << (c & 7) for c in below if c >> 3 == node) for node in nodes]
        assert first.tolist() == [next(i for i, c in enumerate(below) if c >> 3 == node) for node in nodes]


@given(st.tuples(*[st.integers(0, (1 << 21) - 1)] * 3))
def test_raster_keys(voxel: Voxel) -> None:
    key = keys_of([voxel])
    assert raster_to_coords(key).tolist() == [list(voxel)]
    assert np.array_equal(raster_to_morton(key), morton_encode([voxel]))


# What is known of a child.


@given(st.integers(0, 2**32 - 1))
def test_popcount(value: int) -> None:
    assert popcount(value) == value.bit_count()


def test_window_bits_count_up_in_raster_order() -> None:
    """62 voxels before the own one fill word 0, 62 after it word 1; templates never name the own one."""
    offsets = [(x, y, z) for x in range(-2, 3) for y in range(-2, 3) for z in range(-2, 3)]
    places = [window_bit(offset) for offset in offsets]
    assert places[:62] == [(0, bit) for bit in range(62)]
    assert places[63:] == [(1, bit) for bit in range(62)]
    masks = template_masks(TEMPLATES)
    assert np.all(masks[:, :2] >= 0)
    assert np.all(masks[:, :2] < 1 << 62)


@settings(max_examples=25)
@given(seeds, st.integers(1, 12), st.integers(0, 15), st.floats(0.1, 1.0))
def test_context_words(seed: int, count: int, level: int, density: float) -> None:
    """Every child of a small level, at the moment it is coded, against the definition in the document."""
    rng = np.random.default_rng(seed)
    nodes = nodes_near(rng, count)
    index = {node: i for i, node in enumerate(nodes)}
    key = keys_of(nodes)
    first, mask = find_neighbours(key)
    occ = np.zeros(len(nodes) + PADDING, np.uint8)
    occ[len(nodes) :] = 255  # the padding must not be looked at
    rows, words = np.zeros(26, np.int64), np.zeros(4, np.int64)
    here, known = set(nodes), set[Voxel]()
    for child in sorted(voxel for node in nodes for voxel in children(node)):
        i = index[parent(child)]
        xb, yb, zb = (v & 1 for v in child)
        parity = 4 * xb + 2 * yb + zb
        fill_rows(occ, first, mask, i, xb, yb, rows)
        fill_words(rows, zb, int(mask[i]), int(occ[i]), parity, level, int(key[i]), words)
        assert tuple(words.tolist()) == context_words(child, here, known, level)
        if rng.random() < density:
            known.add(child)
            occ[i] |= 1 << parity


# Slices.


@given(seeds, st.integers(1, 12), st.integers(0, 400), st.integers(1, 500))
def test_slices_hold_whole_blocks(seed: int, blocks: int, count: int, limit: int) -> None:
    rng = np.random.default_rng(seed)
    side = int(rng.integers(1, blocks + 1))
    corner = rng.integers(0, side, (blocks, 3))[rng.integers(0, blocks, count)] << BLOCK_BITS
    codes = morton_encode(cloud_of(corner + rng.integers(0, 8, (count, 3)), 11).coords)
    bounds = split_slices(codes, limit)
    assert bounds[0] == 0
    assert bounds[-1] == len(codes)
    assert np.all(np.diff(bounds) > 0)
    block = codes >> (3 * BLOCK_BITS)
    for start, end in zip(bounds[:-1], bounds[1:]):
        assert start == 0 or block[start - 1] != block[start]
        assert end - start <= limit or block[start] == block[end - 1]
    if len(codes) <= limit:
        assert len(bounds) == 1 + (len(codes) > 0)


@given(seeds, st.integers(200, 2000))
def test_slices_of_small_blocks_are_few_and_alike(seed: int, limit: int) -> None:
    rng = np.random.default_rng(seed)
    blocks = np.repeat(np.sort(rng.choice(3000, 500, replace=False)), rng.integers(1, 12, 500))
    codes = (blocks << (3 * BLOCK_BITS)) + np.arange(len(blocks))
    sizes = np.diff(split_slices(codes, limit))
    assert -(-len(codes) // limit) <= len(sizes) <= len(codes) / (0.7 * limit) + 1
    assert sizes.max() <= limit
    assert len(sizes) == 1 or sizes.min() >= 0.4 * limit


def test_a_cut_prefers_the_coarsest_boundary() -> None:
    """Of blocks in a row along z, the cut near the middle falls where the higher octree node ends."""
    blocks = np.repeat(np.arange(100), 10)
    z = blocks * 64 + np.tile(np.arange(10), 100)
    codes = morton_encode(np.stack([np.zeros_like(z), np.zeros_like(z), z], 1))
    assert split_slices(codes, 640).tolist() == [0, 480, 1000]  # at block 48 = 3 * 16, not at 50


# Mixing.

TABLE_BITS = 12


def words_of(*values: int) -> np.ndarray:
    return np.array([*values, *[0] * (4 - len(values))], np.int64)


@settings(max_examples=30)
@given(seeds, st.floats(0.0, 1.0))
def test_predictions_stay_inside_their_limits(seed: int, ones: float) -> None:
    """Also the weights, the probabilities and the counts, whatever is coded; and all equal the document's."""
    rng = np.random.default_rng(seed)
    m, slow = new_mixing(TABLE_BITS), Model(TABLE_BITS)
    few = rng.integers(0, 1 << 62, (3, 4))
    for _ in range(150):
        words = few[rng.integers(3)].copy()
        parity, bit = int(rng.integers(8)), int(rng.random() < ones)
        x = int(predict(m, words, parity, TABLE_BITS))
        assert x == slow.predict(tuple(words.tolist()), parity)
        assert -STRETCH_LIMIT <= x <= STRETCH_LIMIT
        assert 1 <= squash_table()[x + STRETCH_OFFSET] < PROB_ONE
        assert np.abs(m.outputs).max() <= STRETCH_LIMIT
        assert np.all((SELECTOR_STARTS[:MIXERS] <= m.chosen) & (m.chosen < SELECTOR_STARTS[1:]))
        learn(m, parity, x, bit)
        slow.learn(parity, x, bit)
    assert max(np.abs(m.weights).max(), np.abs(m.last).max()) <= WEIGHT_LIMIT


@pytest.mark.parametrize("bit", [0, 1])
def test_a_constant_bit_is_learnt_and_never_certain(bit: int) -> None:
    m, words = new_mixing(TABLE_BITS), words_of(12345, 678)
    sign = 2 * bit - 1
    before = int(predict(m, words, 5, TABLE_BITS))
    assert before == 0
    for step in range(2000):
        learn(m, 5, before, bit)
        after = int(predict(m, words, 5, TABLE_BITS))
        if step < 20:
            assert sign * after > sign * before
        assert sign * after >= sign * before - 1  # rounding
        before = after
    assert 2500 < sign * before <= STRETCH_LIMIT
    assert np.all(m.counts == COUNT_LIMIT)


@given(seeds, st.lists(st.integers(0, 1), min_size=1, max_size=60))
def test_every_slot_moves_towards_the_bit(seed: int, bits: list[int]) -> None:
    words = np.random.default_rng(seed).integers(0, 1 << 62, 4)
    m = new_mixing(TABLE_BITS)

    def probabilities() -> np.ndarray:
        return (m.slots[m.places].astype(np.int64) ^ 0x80000000) >> 10

    for n, bit in enumerate(bits):
        x = int(predict(m, words, 3, TABLE_BITS))
        assert len(set(m.places.tolist())) == INPUTS
        assert m.counts.tolist() == [n] * INPUTS
        before = probabilities()
        learn(m, 3, x, bit)
        after = probabilities()
        assert np.all((after - before) * (2 * bit - 1) > 0)
        assert np.all((after >= 0) & (after < 1 << 22))
    assert np.count_nonzero(m.slots) == INPUTS  # and nothing else moved


def test_contexts_are_told_apart() -> None:
    """Two places with opposite bits, in turn, and noise in a third."""
    rng = np.random.default_rng(3)
    m = new_mixing(TABLE_BITS)
    places = [words_of(1 << 61), words_of(1 << 57), words_of(1 << 37)]
    for step in range(1500):
        k = step % 3
        bit = (0, 1, int(rng.integers(2)))[k]
        learn(m, 2, int(predict(m, places[k], 2, TABLE_BITS)), bit)
    zero, one, noise = (int(predict(m, p, 2, TABLE_BITS)) for p in places)
    assert zero < -1000
    assert one > 1000
    assert abs(noise) < 500


def test_code_lengths() -> None:
    lengths = code_lengths()
    assert np.abs(np.exp2(-lengths).sum(axis=0) - 1).max() < 1e-12
    assert lengths[:, STRETCH_OFFSET].tolist() == [1.0, 1.0]
    assert np.all(np.diff(lengths[0]) >= 0)
