"""Tables that serve one slice after the other begin empty each time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from sample_clouds import make_sphere

from octavox import codec
from octavox.codec.coding.counters import MOST_SPARE, release_counters, take_counters

SIZE = 3_000_000


def test_a_table_comes_back_empty() -> None:
    table = take_counters(SIZE)
    table[:] = 7
    release_counters(table)
    again = take_counters(SIZE)
    assert again is table
    assert not again.any()


def test_nobody_gets_what_another_one_uses() -> None:
    tables = [take_counters(SIZE) for _ in range(MOST_SPARE + 1)]
    for table in tables:
        release_counters(table)
    with ThreadPoolExecutor(4) as threads:
        taken = list(threads.map(lambda _: take_counters(SIZE), range(8)))
    assert len({table.ctypes.data for table in taken}) == 8
    assert len(take_counters(5)) == 5


@pytest.mark.parametrize("name", ["octree", "multiscale"])
def test_streams_do_not_depend_on_what_was_coded_before(name: str) -> None:
    options = codec.CodecOptions(codec=name)
    small, other = make_sphere(6, 20.0), make_sphere(6, 29.0)
    first = codec.encode(small, options=options).data
    codec.encode(other, options=options)
    assert codec.encode(small, options=options).data == first
    assert np.array_equal(codec.decode(first, options=options).cloud.coords, small.coords)
