"""Morton order of voxels, whatever type their coordinates have."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from octavox.codec.cloud.morton import is_morton_sorted, morton_decode, morton_encode, sort_unique

INTEGERS = [np.int8, np.uint8, np.int16, np.uint16, np.int32, np.uint32, np.int64, np.uint64]


def by_definition(voxel: tuple[int, int, int]) -> int:
    bits = [(value >> b & 1) << (3 * b + 2 - axis) for axis, value in enumerate(voxel) for b in range(21)]
    return sum(bits)


@given(st.lists(st.tuples(*[st.integers(0, 2**21 - 1)] * 3), min_size=1, max_size=20))
def test_codes_are_those_of_the_definition_and_come_back(voxels: list[tuple[int, int, int]]) -> None:
    codes = morton_encode(voxels)
    assert codes.tolist() == [by_definition(voxel) for voxel in voxels]
    assert morton_decode(codes).tolist() == [list(voxel) for voxel in voxels]
    unique = sort_unique(voxels)
    assert is_morton_sorted(unique) and len(unique) == len(set(voxels))


@pytest.mark.parametrize("dtype", INTEGERS)
@pytest.mark.parametrize("depth", [7, 11, 12, 21])
def test_every_integer_type_gives_the_same_codes(dtype: type[np.integer], depth: int) -> None:
    top = min(np.iinfo(dtype).max, 2**depth - 1)
    voxels = [(top, 0, 1), (5, top, 3), (top - 1, 2, top)]
    codes = morton_encode(np.array(voxels, dtype), depth)
    assert codes.tolist() == [by_definition(voxel) for voxel in voxels]
