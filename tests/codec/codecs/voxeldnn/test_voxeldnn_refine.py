"""Refinement of the network: what it starts from, what it learns, and that it sees the right voxels."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from octavox.codec.codecs.geometry.voxeldnn.refine import new_refiner, refine_known
from octavox.codec.codecs.geometry.voxeldnn.refinement import SLACK, _windows, refine_sites, stretched_to_p1
from octavox.codec.coding.logistic import STRETCH_LIMIT, STRETCH_OFFSET, squash_table
from octavox.codec.models.sites import SIZES, Layout
from octavox.codec.models.weights import LOGIT_BIAS


def bits_of(stretched: np.ndarray, bits: np.ndarray) -> float:
    p1 = squash_table()[stretched.astype(np.int64) + STRETCH_OFFSET] / 2**24
    return float(-np.log2(np.where(bits == 1, p1, 1 - p1)).sum())


def refined(windows: np.ndarray, logits: np.ndarray, bits: np.ndarray) -> np.ndarray:
    out = np.empty(len(bits), np.int16)
    refine_known(new_refiner(), windows, logits, bits.astype(np.uint8), out)
    return out


@settings(max_examples=20)
@given(st.integers(0, 2**62 - 1), st.integers(-5000, 5000))
def test_at_first_the_network_is_believed(window: int, logit: int) -> None:
    found = refined(np.array([window]), np.array([logit]), np.array([1]))[0]
    assert found == pytest.approx(
        np.clip(logit, -STRETCH_LIMIT, STRETCH_LIMIT), abs=4
    )  # roundings of the mixers


def test_a_wrong_network_is_corrected_and_a_right_one_kept() -> None:
    rng = np.random.default_rng(3)
    windows = rng.integers(0, 2**62, 40, dtype=np.int64)[rng.integers(0, 40, 20_000)]
    truth = (windows & 1).astype(np.uint8)
    wrong = np.where(truth == 1, -400, 400)  # off by 1.6 nats, the wrong way
    assert bits_of(refined(windows, wrong, truth), truth) < 0.1 * bits_of(wrong, truth)
    p = rng.uniform(0.02, 0.98, 20_000)
    drawn = (rng.random(20_000) < p).astype(np.uint8)
    right = np.round(256 * np.log(p / (1 - p))).astype(np.int64)
    noise = rng.integers(0, 2**62, 20_000, dtype=np.int64)
    assert bits_of(refined(noise, right, drawn), drawn) < 1.04 * bits_of(right, drawn)


@settings(max_examples=15)
@given(st.integers(0, 2**32), st.sampled_from(SIZES))
def test_windows_hold_the_voxels_before(seed: int, size: int) -> None:
    rng = np.random.default_rng(seed)
    layout = Layout.of(np.array([size, size]))
    voxels = np.unique(rng.integers(0, size, (min(60, size**3), 3)), axis=0)
    cells = np.zeros(layout.total + SLACK, np.uint8)
    cells[layout.positions(np.ones(len(voxels), np.int64), voxels)] = 1
    at = rng.integers(0, size, (8, 3))
    position = layout.positions(np.ones(8, np.int64), at)
    found = np.empty(8, np.int64)
    _windows(cells, position, layout.size_classes()[layout.block_of(position)], found)
    there = {tuple(v) for v in voxels.tolist()}
    span = range(-2, 3)
    for (x, y, z), word in zip(at.tolist(), found.tolist(), strict=True):
        window = [(x + c, y + b, z + a) in there for a in span for b in span for c in span][:62]
        assert word == sum(1 << i for i, occupied in enumerate(window) if occupied)


def test_sites_are_refined_in_their_order() -> None:
    layout = Layout.of(np.array([8]))
    at = layout.positions(np.zeros(3, np.int64), np.array([[0, 0, 0], [1, 0, 0], [2, 0, 0]]))
    logit, bit = np.full(3, LOGIT_BIAS - 100, np.int16), np.array([1, 1, 1], np.uint8)
    found = refine_sites(layout, at, logit, bit, at)
    assert found[0] == pytest.approx(-200, abs=4)  # 1/128 nat to 1/256
    assert np.array_equal(stretched_to_p1(found), squash_table()[found.astype(np.int64) + STRETCH_OFFSET])
