"""What parameters say: transforms, trees of symbols, relations; packed, unpacked, and refused where wrong."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scans import image, layout_of, scan

from octavox.codec.codecs.attributes.packing import stored
from octavox.codec.codecs.attributes.rows.choosing import transform_of
from octavox.codec.codecs.attributes.rows.layout import MASK, MODE, NUMBERS, SIZE, TIME
from octavox.codec.codecs.attributes.rows.plan import pack_plan, unpack_plan
from octavox.codec.codecs.attributes.rows.planning import plan_columns
from octavox.codec.codecs.attributes.rows.transforms import (
    BITS,
    CONSTANT,
    DECIMALS,
    KEYS,
    to_column,
    to_integers,
)
from octavox.codec.codecs.attributes.rows.trees import lengths_of, tree_of
from octavox.codec.errors import CorruptStreamError
from octavox.codec.job import JobContext


def test_transforms_find_what_numbers_are() -> None:
    decimals = np.array([0.01, 0.25, np.nan, -3.5] * 500)
    found = transform_of(decimals)
    assert (found.kind, found.places, len(found.exceptions)) == (DECIMALS, 2, 1)
    colours = np.arange(300, dtype=np.uint16) % 200 * 257
    found = transform_of(colours)
    assert (found.kind, found.step, found.size) == (KEYS, 257, 200)
    assert transform_of(np.full(9, -0.0)).kind == CONSTANT
    few = np.array([1, 1 << 40, 3 << 50] * 200)
    palette = transform_of(few).palette
    assert palette is not None
    assert len(palette) == 3
    kinds_of_nan = (np.arange(900, dtype=np.uint32) + 0x7FC00000).view(np.float32)
    assert transform_of(kinds_of_nan).kind == BITS
    assert transform_of(np.array([0, 1 << 63, 1], np.uint64)).wide


@settings(max_examples=200, deadline=None)
@given(st.binary(min_size=8, max_size=400), st.sampled_from(("u1", "i2", "f2", "f4", "f8", "i8", "u8")))
def test_transforms_give_every_bit_back(data: bytes, kind: str) -> None:
    size = np.dtype(kind).itemsize
    column = np.frombuffer(data[: len(data) // size * size], kind).copy()
    transform = transform_of(column)
    integers, symbols = to_integers(column, transform)
    assert to_column(integers, symbols, transform, column.dtype).tobytes() == column.tobytes()
    if not transform.wide:
        assert integers.min() >= 0
        assert integers.max() < transform.size
    assert stored(column).dtype == column.dtype


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(0, 1 << 40), min_size=2, max_size=256))
def test_trees_have_a_leaf_for_each_symbol(counts: list[int]) -> None:
    lengths = lengths_of(np.array(counts, np.int64))
    tree = tree_of(lengths)
    for symbol, (code, length) in enumerate(zip(tree.codes, tree.lengths)):
        node = 0
        for depth in range(int(length)):
            assert node >= 0
            node = int(tree.children[node, (int(code) >> (int(length) - 1 - depth)) & 1])
        assert ~node == symbol


@pytest.mark.parametrize("lengths", [[1, 1, 1], [1, 2], [0, 1], [25] * 2, [2, 2, 2]])
def test_trees_that_cannot_be_are_refused(lengths: list[int]) -> None:
    with pytest.raises(CorruptStreamError):
        tree_of(lengths)


@pytest.mark.parametrize("columns", [scan(2000), image(64, 40)])
def test_a_plan_comes_back(columns: list[np.ndarray]) -> None:
    rows = len(columns[0])
    plan = plan_columns(columns, layout_of(rows), JobContext()).plan
    found = unpack_plan(pack_plan(plan), [column.dtype for column in columns], rows)
    assert np.array_equal(found.table()[0], plan.table()[0])
    assert np.array_equal(found.table()[1], plan.table()[1])
    assert (found.trees, found.bases, found.width) == (plan.trees, plan.bases, plan.width)


def test_times_come_first_and_have_symbols_for_their_steps() -> None:
    pulse = np.repeat(np.arange(4000), 2)
    columns = [np.random.default_rng(1).integers(0, 9000, 8000), 5.0 + pulse * 1e-5]
    plan = plan_columns(columns, layout_of(8000), JobContext()).plan
    time, place = plan.columns[1].fields[0], plan.columns[0].fields[0]
    assert time < place
    assert plan.fields[place][TIME] == time
    assert plan.fields[time][MODE] == NUMBERS
    mask = int(plan.fields[time][MASK])
    assert mask in plan.steps
    assert len(plan.steps[mask]) == plan.fields[mask][SIZE]
