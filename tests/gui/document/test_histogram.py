"""The histogram of the blocks and its brush."""

from __future__ import annotations

import numpy as np
import pytest

from octavox.codec import BlockTable
from octavox.gui.base.action_spec import has_sizes
from octavox.gui.document.histogram import Histogram
from octavox.gui.document.session import Session


def table(bits: list[float], size: int = 64) -> BlockTable:
    count = len(bits)
    origin = np.column_stack([np.arange(count) * size, np.zeros(count), np.zeros(count)])
    return BlockTable.make(origin, size, np.arange(1, count + 1), bits, 1.0, np.arange(count) % 3)


def test_every_block_is_in_one_bar() -> None:
    blocks = table(np.random.default_rng(0).gamma(2.0, 100.0, 500).tolist())
    for column in ("bits", "bpov", "points", "slice", "size"):
        histogram = Histogram.of(blocks, column)
        assert histogram.counts.sum() == 500
        assert (np.diff(histogram.edges) > 0).all()
    assert len(Histogram.of(blocks, "slice")) == 3  # a bar for every whole number
    assert len(Histogram.of(BlockTable.empty(), "bits")) == 0


@pytest.mark.parametrize(("first", "last"), [(0, 0), (3, 10), (10, 3), (0, 59), (59, 59), (30, 99)])
def test_a_brush_keeps_the_blocks_of_its_bars(first: int, last: int) -> None:
    blocks = table(np.random.default_rng(1).gamma(2.0, 100.0, 500).tolist())
    histogram = Histogram.of(blocks, "bits")
    low, high = sorted((first, min(last, len(histogram) - 1)))
    keep = histogram.brushed(first, last)
    assert keep.mask(blocks).sum() == histogram.counts[low : high + 1].sum()
    assert keep.active == ((low, high) != (0, len(histogram) - 1))


def test_heights_say_what_they_are() -> None:
    few = Histogram.of(table([1.0, 1.0, 9.0]), "bits")
    assert not few.logarithmic and few.ticks() == [1, 2]
    assert few.height(1) == few.height(2) / 2 == 0.5
    many = Histogram.of(table([1.0] * 300 + [9.0]), "bits")
    assert many.logarithmic and many.ticks() == [1, 10, 100, 300]
    assert many.height(300) == 1.0 and 0.1 < many.height(1) < 0.2


def test_a_plot_of_sizes_needs_several() -> None:
    session = Session()
    assert "no blocks" in has_sizes(session)
    session.set_blocks(table([1.0, 2.0]))
    assert has_sizes(session) == "all blocks have one size"
    two = BlockTable.concatenate([table([1.0]), table([2.0], 32)])
    session.set_blocks(two)
    assert has_sizes(session) == ""


def test_the_most_expensive_by_rate_is_no_block_of_few_points() -> None:
    session = Session()
    blocks = BlockTable.make(np.eye(3, dtype=np.int32) * 64, 64, [2, 100, 60], [90.0, 80.0, 60.0], 0.0)
    session.set_blocks(blocks)
    session.set_view(block_mode="bits")
    assert session.by_cost.tolist() == [0, 1, 2]
    session.set_view(block_mode="bpov")
    assert session.by_cost.tolist() == [2, 1, 0]
