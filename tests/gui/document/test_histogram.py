"""The histogram of the blocks and its brush."""

from __future__ import annotations

import numpy as np
import pytest

from octavox.codec import BlockTable
from octavox.gui.document.histogram import Histogram


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
