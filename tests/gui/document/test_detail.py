"""How much of a cloud a frame draws."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from octavox.gui.document.detail import MOST_NEW, FrameBudget, interleave


def test_budget_learns_and_always_draws_something() -> None:
    budget = FrameBudget(moving=70, still=45)
    for _ in range(40):
        budget.measured(1, 1000)
    assert budget.chunks(moving=True) == 1
    for _ in range(60):
        budget.measured(10, 20)
    assert budget.chunks(moving=True) == pytest.approx(35, abs=2)
    assert budget.chunks(moving=True, views=2) <= budget.chunks(moving=True) / 2 + 1


def test_new_chunks_come_a_few_at_a_time() -> None:
    """What OpenGL has not seen holds up the thread that submits it."""
    budget = FrameBudget()
    assert budget.new_chunks == 1
    for _ in range(40):
        budget.submitted(0, 5.0)
        budget.submitted(4, 5.8)
    assert budget.new_chunks == MOST_NEW
    for _ in range(40):
        budget.submitted(2, 13.0)  # 4 ms each
    assert budget.new_chunks == 2
    budget.busy = True
    assert budget.new_chunks == 1


@given(st.lists(st.integers(0, 30), max_size=4))
def test_every_chunk_is_drawn_once_and_layers_keep_pace(sizes: list[int]) -> None:
    order = interleave(sizes)
    assert sorted(order) == [(k, i) for k, n in enumerate(sizes) for i in range(n)]
    for stop in range(len(order)):
        for k, n in enumerate(sizes):
            drawn = sum(1 for layer, _ in order[:stop] if layer == k)
            assert abs(drawn - n * stop / max(1, len(order))) <= len(sizes)
