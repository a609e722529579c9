"""Parts of the octree codec against slow definitions: levels, context words, slices, mixing."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from octree_fixtures import cloud_of
from octree_reference import CUBE, Model, Voxel, children, context_words, parent

from octavox.codec.cloud.morton import morton_encode
from octavox.codec.codecs.geometry.octree.contexts import (
    MASKS,
    NodeFacts,
    fill_words,
    popcount,
    window_bit,
    window_of,
)
from octavox.codec.codecs.geometry.octree.cursor import (
    CURSOR_WORDS,
    NODE,
    ROW_END,
    last_node,
    next_row,
    start_walk,
)
from octavox.codec.codecs.geometry.octree.learning import DEFAULT_LEARNING, Learning
from octavox.codec.codecs.geometry.octree.levels import (
    PADDING,
    X_SHIFT,
    Y_SHIFT,
    occupancies,
    raster_to_coords,
    raster_to_morton,
)
from octavox.codec.codecs.geometry.octree.mixing import (
    INPUTS,
    MIXERS,
    SELECTOR_STARTS,
    Mixing,
    gather,
    learn,
    new_mixing,
    predict,
    prepare,
)
from octavox.codec.codecs.geometry.octree.neighbours import ALONE, NeighbourSearch, find_neighbours
from octavox.codec.codecs.geometry.octree.slicing import BLOCK_BITS, split_slices
from octavox.codec.codecs.geometry.octree.state import Child
from octavox.codec.codecs.geometry.octree.walk import code_lengths
from octavox.codec.coding.kernels.counting import UNSEEN
from octavox.codec.coding.kernels.jit import njit
from octavox.codec.coding.logistic import STRETCH_LIMIT, STRETCH_OFFSET, squash_table
from octavox.codec.coding.mixing import WEIGHT_LIMIT
from octavox.codec.coding.range_coder import PROB_ONE

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
    search = NeighbourSearch(keys_of(nodes))
    for end in range(1, len(nodes) + 1, 7):  # in parts
        search.until(end)
        assert np.array_equal(search.found.mask[:end], around.mask[:end])
        assert np.array_equal(search.found.first[:end], around.first[:end])
        assert not search.found.mask[end:].any()
    for i, (x, y, z) in enumerate(nodes):
        there = [index.get((x + dx, y + dy, z + dz)) for dx, dy, dz in CUBE]
        assert around.mask[i] == sum((j is not None) << bit for bit, j in enumerate(there))
        for row in range(9):
            of_row = [j for j in there[3 * row : 3 * row + 3] if j is not None]
            first = int(around.first[i, row])
            assert 0 <= first <= len(nodes)
            assert of_row == list(range(first, first + len(of_row)))


@given(seeds, st.integers(1, 60))
def test_nodes_below_isolated_ones_have_no_neighbours(seed: int, count: int) -> None:
    """So the search passes over those of them that were coded directly, and finds the same."""
    rng = np.random.default_rng(seed)
    nodes = np.unique(rng.integers(0, 24, (count, 3)), axis=0)
    alone = find_neighbours(keys_of([tuple(node) for node in nodes])).mask == ALONE
    direct = alone & (rng.random(len(nodes)) < 0.7)
    below: dict[Voxel, int] = {}  # children and their tails; a direct node has one child
    for node, single in zip(nodes.tolist(), direct):
        octants = rng.permutation(8)[: 1 if single else rng.integers(1, 9)]
        for k in octants.tolist():
            x, y, z = (2 * v + (k >> shift & 1) for v, shift in zip(node, (2, 1, 0)))
            below[x, y, z] = 5 if single else -1
    key = keys_of(sorted(below))
    remaining_code = np.array([below[node] for node in sorted(below)])
    search, every = NeighbourSearch(key, remaining_code), find_neighbours(key)
    for end in (len(key) // 2, len(key)):
        search.until(end)
    assert np.array_equal(search.found.mask, every.mask)
    for row in range(9):
        there = (every.mask >> 3 * row & 7) > 0
        assert np.array_equal(search.found.first[there, row], every.first[there, row])


@given(seeds, st.integers(1, 21), st.integers(1, 60))
def test_occupancies(seed: int, depth: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    low, side = rng.integers(0, 1 << depth, 3), 1 << depth
    voxels = np.clip(low + rng.integers(-3, 4, (count, 3)), 0, side - 1)
    codes = np.unique(morton_encode(voxels, depth))
    direct = int(rng.integers(0, depth + 1))
    levels = occupancies(codes, depth, direct)
    assert len(levels) == depth
    assert levels[0].bits.size == 1
    for level, (bits, first, remaining_code) in enumerate(levels):
        below = sorted({int(c) >> 3 * (depth - level - 1) for c in codes})
        nodes = sorted({c >> 3 for c in below})
        assert bits.tolist() == [sum(1 << (c & 7) for c in below if c >> 3 == node) for node in nodes]
        assert first.tolist() == [next(i for i, c in enumerate(below) if c >> 3 == node) for node in nodes]
        shift = 3 * (depth - level)
        inside = [[int(c) & ((1 << shift) - 1) for c in codes if int(c) >> shift == node] for node in nodes]
        with_remaining_codes = [held[0] if len(held) == 1 else -1 for held in inside]
        assert remaining_code.tolist() == (with_remaining_codes if level >= direct else [])


@given(st.tuples(*[st.integers(0, (1 << 21) - 1)] * 3))
def test_raster_keys(voxel: Voxel) -> None:
    key = keys_of([voxel])
    assert raster_to_coords(key).tolist() == [list(voxel)]
    assert np.array_equal(raster_to_morton(key), morton_encode([voxel]))


# What is known of a child.


@given(st.integers(0, 2**32 - 1))
def test_popcount(value: int) -> None:
    assert popcount(value) == value.bit_count()


def test_every_window_voxel_has_a_bit_of_its_own() -> None:
    """But the own voxel and the two before it in its row; the masks name no bit that stands for nothing."""
    offsets = [(x, y, z) for x in range(-2, 3) for y in range(-2, 3) for z in range(-2, 3)]
    places = [window_bit(offset) for offset in offsets if offset[:2] != (0, 0) or offset[2] > 0]
    assert len(set(places)) == 122
    voxels = [sum(1 << bit for word, bit in places if word == w) for w in range(3)]
    fields = [0, 0, (1 << 42) - 1 | 15 << 54, (1 << 63) - 1]
    assert voxels[2] & fields[2] == 0
    known = [v | f for v, f in zip([*voxels, 0], fields)]
    assert all(int(mask) & ~known[j] == 0 for row in MASKS for j, mask in enumerate(row))


@njit
def words_at(
    occ: np.ndarray,
    first: np.ndarray,
    around: int,
    i: int,
    own: int,
    parity: int,
    level: int,
    key: int,
    words: np.ndarray,
) -> None:
    window = window_of(occ, first, around, i, parity >> 2, (parity >> 1) & 1)
    fill_words(window, NodeFacts(around, own, level, key), parity, words)


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
    here, known = set(nodes), set[Voxel]()
    for child in sorted(voxel for node in nodes for voxel in children(node)):
        i = index[parent(child)]
        xb, yb, zb = (v & 1 for v in child)
        parity = 4 * xb + 2 * yb + zb
        before = int(occ[i]) & ~(3 << (parity & 6))  # what was coded before this row
        words = np.zeros(4, np.int64)
        words_at(occ, first, int(mask[i]), i, before, parity, level, int(key[i]), words)
        assert tuple(words.tolist()) == context_words(child, here, known, level)
        if rng.random() < density:
            known.add(child)
            occ[i] |= 1 << parity


# The order of coding.


@given(seeds, st.integers(1, 40), st.integers(1, 30), st.integers(1, 9))
def test_the_last_node_of_some_visits(seed: int, count: int, visits: int, most: int) -> None:
    """From every place that a part of at most `most` nodes ends at, against the whole order, step by step."""
    key = keys_of(nodes_near(np.random.default_rng(seed), count))
    cursor = np.zeros(CURSOR_WORDS, np.int64)
    start_walk(cursor, key)
    order, more = [], True
    while more:
        order += list(range(int(cursor[NODE]), int(cursor[ROW_END])))
        more = bool(next_row(cursor, key))
    assert sorted(order) == [i for i in range(len(key)) for _ in range(4)]
    start_walk(cursor, key)
    done = 0
    while done < len(order):
        assert last_node(cursor, key, visits) == max(order[done : done + visits])
        end = min(int(cursor[ROW_END]), int(cursor[NODE]) + most)
        done += end - int(cursor[NODE])
        cursor[NODE] = end
        if end == cursor[ROW_END]:
            next_row(cursor, key)


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


PARTS = 4  # bits that are prepared together


@njit
def find(m, words, t):  # type: ignore[no-untyped-def]
    for k in range(4):
        m.words[k] = words[k]
    prepare(m, t)


@njit
def forecast(m, words, t, row, logit, octant, rows):  # type: ignore[no-untyped-def]
    """rows (4,): takes the numbers of the mixers' weight sets."""
    find(m, words, t)
    inputs = gather(m, Child(0, octant, t, row), logit)
    sets = inputs.sets
    rows[0], rows[1], rows[2], rows[3] = sets.a, sets.b, sets.c, sets.d
    return predict(m, inputs)


@njit
def forecast_and_learn(m, words, t, row, logit, octant, bit):  # type: ignore[no-untyped-def]
    find(m, words, t)
    child = Child(0, octant, t, row)
    inputs = gather(m, child, logit)
    prediction = predict(m, inputs)
    learn(m, child, inputs, prediction, bit)
    return prediction.x


class Asked(NamedTuple):
    """x: stretched probability. outputs: of the mixers. rows: of their weights."""

    x: int
    outputs: list[int]
    rows: list[int]


def ask_all(m: Mixing, words: np.ndarray, parity: int, row: int = 0, t: int = 0, more: int = 0) -> Asked:
    rows = np.zeros(4, np.int64)
    x, *outputs = forecast(m, words, t, row, more, parity, rows)
    return Asked(x, outputs, rows.tolist())


def ask(m: Mixing, words: np.ndarray, parity: int, row: int = 0, t: int = 0, more: int = 0) -> int:
    return ask_all(m, words, parity, row, t, more).x


def teach(
    m: Mixing, words: np.ndarray, parity: int, bit: int, row: int = 0, t: int = 0, more: int = 0
) -> None:
    forecast_and_learn(m, words, t, row, more, parity, bit)


def counters_of(m: Mixing, words: np.ndarray, row: int) -> np.ndarray:
    """The contexts' counters, probability << 10 | count."""
    find(m, words, 0)
    places = m.groups[:INPUTS] + row
    assert len(set(places.tolist())) == INPUTS
    assert np.all(places % 4 == row)
    return m.counters[places].astype(np.int64) ^ UNSEEN


def words_of(*values: int) -> np.ndarray:
    return np.array([*values, *[0] * (4 - len(values))], np.int64)


any_byte = st.integers(1, 255)
any_learning = st.just(DEFAULT_LEARNING) | st.builds(Learning, st.integers(1, 63), *[any_byte] * 4)


@pytest.mark.slow
@settings(max_examples=30)
@given(seeds, st.floats(0.0, 1.0), any_learning)
def test_predictions_stay_inside_their_limits(seed: int, ones: float, learning: Learning) -> None:
    """Also the weights, the probabilities and the counts, whatever is coded; and all equal the document's."""
    rng = np.random.default_rng(seed)
    m, slow = new_mixing(TABLE_BITS, PARTS, learning=learning), Model(TABLE_BITS, learning=tuple(learning))
    few = rng.integers(0, 1 << 62, (3, 4))
    for _ in range(150):
        words = few[rng.integers(3)].copy()
        parity, bit, row = int(words[2]) >> 35 & 7, int(rng.random() < ones), int(rng.integers(4))
        t = int(rng.integers(PARTS))
        said = ask_all(m, words, parity, row, t)
        assert said.x == slow.predict(tuple(words.tolist()), row, parity)
        assert -STRETCH_LIMIT <= said.x <= STRETCH_LIMIT
        assert 1 <= squash_table()[said.x + STRETCH_OFFSET] < PROB_ONE
        assert np.abs(said.outputs).max() <= STRETCH_LIMIT
        rows = np.array(said.rows)
        assert np.all((SELECTOR_STARTS[:MIXERS] <= rows) & (rows < SELECTOR_STARTS[1:]))
        teach(m, words, parity, bit, row, t)
        slow.learn(said.x, bit)
    assert max(np.abs(m.mixer.weights).max(), np.abs(m.mixer.final).max()) <= WEIGHT_LIMIT


def test_no_rate_is_larger_than_the_mixer_allows() -> None:
    """test_mixing.py codes with this rate."""
    fastest = Learning(rate=63, start=255)
    assert fastest.valid
    assert not Learning(rate=64).valid
    assert fastest.rates().max() == 318


def test_an_input_beyond_the_contexts_is_mixed_and_weighed() -> None:
    """Of no effect at 0, and trusted once it is right."""
    rng = np.random.default_rng(5)
    m, words = new_mixing(TABLE_BITS, PARTS), words_of(99)
    for _ in range(2000):
        bit = int(rng.integers(2))
        teach(m, words, 1, bit, more=500 * (2 * bit - 1))
    assert ask(m, words, 1, more=500) > 1000
    assert ask(m, words, 1, more=-500) < -1000


@pytest.mark.parametrize("bit", [0, 1])
def test_a_constant_bit_is_learnt_and_never_certain(bit: int) -> None:
    m, words = new_mixing(TABLE_BITS, PARTS), words_of(12345, 678)
    sign = 2 * bit - 1
    before = ask(m, words, 5)
    assert before == 0
    for step in range(2000):
        teach(m, words, 5, bit)
        after = ask(m, words, 5)
        if step < 10:
            assert sign * after > sign * before
        assert sign * after >= sign * before - 1  # rounding
        before = after
    assert 1500 < sign * before <= STRETCH_LIMIT
    assert np.all(counters_of(m, words, 0) & 1023 == DEFAULT_LEARNING.memory)


@given(seeds, st.integers(0, 3), st.lists(st.integers(0, 1), min_size=1, max_size=60))
def test_every_counter_moves_towards_the_bit(seed: int, row: int, bits: list[int]) -> None:
    words = np.random.default_rng(seed).integers(0, 1 << 62, 4)
    m = new_mixing(TABLE_BITS, PARTS)

    for n, bit in enumerate(bits):
        before = counters_of(m, words, row)
        assert (before & 1023).tolist() == [n] * INPUTS
        teach(m, words, 3, bit, row)
        moved = (counters_of(m, words, row) >> 10) - (before >> 10)
        assert np.all(moved * (2 * bit - 1) > 0)
    assert np.count_nonzero(m.counters) == INPUTS  # and nothing else moved


def test_contexts_are_told_apart() -> None:
    """Two places with opposite bits, in turn, and noise in a third; then two rows at one place."""
    rng = np.random.default_rng(3)
    m = new_mixing(TABLE_BITS, PARTS)
    places = [words_of(1 << 44), words_of(1 << 38), words_of(1 << 50)]
    for step in range(1500):
        k = step % 3
        bit = (0, 1, int(rng.integers(2)))[k]
        teach(m, places[k], 2, bit)
    zero, one, noise = (ask(m, p, 2) for p in places)
    assert zero < -1000
    assert one > 1000
    assert abs(noise) < 500
    for step in range(600):
        teach(m, places[2], 2, step % 2, step % 4)
    assert [ask(m, places[2], 2, row) > 0 for row in range(4)] == [False, True, False, True]


def test_code_lengths() -> None:
    """Of a 1 at x, and so of a 0 at -x; the two probabilities of a bit add up to 1."""
    lengths = code_lengths()
    assert lengths[STRETCH_OFFSET] == 1.0
    assert np.abs(np.exp2(-lengths[1:]) + np.exp2(-lengths[:0:-1]) - 1).max() < 1e-12
    assert np.all(np.diff(lengths) <= 0)
