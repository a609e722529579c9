"""Two bitstreams, block by block."""

from __future__ import annotations

import numpy as np
import pytest

from octavox.codec import BlockTable
from octavox.gui.document.block_comparison import compare_blocks


def table(bits: list[float], size: int = 64) -> BlockTable:
    count = len(bits)
    origin = np.column_stack([np.arange(count) * size, np.zeros(count), np.zeros(count)])
    return BlockTable.make(origin, size, np.arange(1, count + 1), bits, 1.0, np.arange(count) % 3)


def test_equal_tables_compare_row_by_row() -> None:
    a, b = table([10.0, 20.0, 30.0]), table([12.0, 15.0, 30.0])
    found = compare_blocks(a, b)
    assert found.delta.tolist() == [2.0, -5.0, 0.0]
    assert found.row.tolist() == [0, 1, 2]
    assert found.share[0] == pytest.approx(100 * 2 / 11)


def test_other_partitions_compare_in_the_cubes_of_the_largest_block() -> None:
    a = BlockTable.make([[0, 0, 0], [64, 0, 0]], 64, [5, 7], [100.0, 50.0])
    b = BlockTable.make([[0, 0, 0], [32, 0, 0], [128, 0, 0]], [32, 32, 64], [2, 3, 4], [30.0, 40.0, 9.0])
    found = compare_blocks(a, b)
    assert found.origin[:, 0].tolist() == [0, 64, 128]
    assert found.bits_a.tolist() == [100.0, 50.0, 0.0]
    assert found.bits_b.tolist() == [70.0, 0.0, 9.0]
    assert found.points.tolist() == [5, 7, 4]
    assert found.row.tolist() == [0, 1, -1]
    assert np.isinf(found.share[2])


def test_the_most_expensive_of_a_cube_stands_for_it() -> None:
    a = BlockTable.make([[0, 0, 0], [32, 0, 0]], 32, [5, 7], [10.0, 50.0])
    b = BlockTable.make([[0, 0, 0]], 64, 12, 70.0)
    assert compare_blocks(a, b).row.tolist() == [1]
