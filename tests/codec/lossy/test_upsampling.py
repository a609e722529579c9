"""The parts of guessing: which children are kept, the network on two ways, nearest voxels."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from octavox.codec.cloud.morton import morton_decode, morton_encode
from octavox.codec.codecs.geometry.octree.levels import coords_to_raster, raster_to_morton
from octavox.codec.codecs.geometry.octree.ordered import children_kept
from octavox.codec.codecs.upsampling.device import DeviceUpsampler
from octavox.codec.codecs.upsampling.nearest import distance, nearest
from octavox.codec.codecs.upsampling.network import NO_FEATURES, CompiledUpsampler
from octavox.codec.codecs.upsampling.selecting import most_likely, surest
from octavox.codec.coding.logistic import squash_table
from octavox.codec.job import JobContext
from octavox.codec.models import upsampler
from octavox.codec.models.upsampler_weights import LOGIT_LIMIT, load_upsampler
from octavox.resources import FOLDER

JOB = JobContext()


def some_nodes(seed: int, count: int, edge: int) -> np.ndarray:
    """Sorted raster keys of distinct cells."""
    cells = np.unique(np.random.default_rng(seed).integers(0, edge, (count, 3)).astype(np.int32), axis=0)
    return np.sort(coords_to_raster(cells))


def plainly_kept(logits: np.ndarray, codes: np.ndarray, count: int) -> set[int]:
    """Morton codes of the children that are kept: sorted as the document says."""
    best = {int(np.argmax(row)) + 8 * int(code) for row, code in zip(logits, codes)}
    others = [
        (-int(row[k]), 8 * int(code) + k)
        for row, code in zip(logits, codes)
        for k in range(8)
        if 8 * int(code) + k not in best
    ]
    return best | {code for _, code in sorted(others)[: max(count - len(best), 0)]}


@settings(deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 40), st.integers(0, 400), st.sampled_from([1, 3, LOGIT_LIMIT]))
def test_the_likeliest_are_kept_and_ties_go_by_morton_order(seed: int, n: int, count: int, most: int) -> None:
    rng = np.random.default_rng(seed)
    key = some_nodes(seed, n, 8)
    logits = rng.integers(-most, most + 1, (len(key), 8)).astype(np.int32)
    order = np.argsort(raster_to_morton(key))
    kept = most_likely(logits, order, count)
    assert kept.sum() == min(max(count, len(key)), 8 * len(key))
    codes = children_kept(key, kept, order)
    assert (np.diff(codes) > 0).all()
    assert set(codes.tolist()) == plainly_kept(logits, raster_to_morton(key), count)
    by_torch = upsampler.most_likely(torch.from_numpy(logits[order]).float(), count)
    assert np.array_equal(by_torch.numpy(), kept[order])


@settings(deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 60), st.floats(0, 1), st.sampled_from([1, 40, LOGIT_LIMIT]))
def test_the_surest_are_chosen_ties_by_morton_order(seed: int, n: int, share: float, most: int) -> None:
    rng, key = np.random.default_rng(seed), some_nodes(seed, n, 8)
    logits = rng.integers(-most, most + 1, (len(key), 8)).astype(np.int32)
    codes, count = raster_to_morton(key), round(share * len(key))
    table = squash_table().astype(int)
    errors = [sum(table[3072 - min(abs(int(v)), 3071)] for v in row) for row in logits]
    ranked = sorted(range(len(key)), key=lambda i: (errors[i], codes[i]))
    chosen = surest(logits, np.argsort(codes), count)
    assert set(np.flatnonzero(chosen).tolist()) == set(ranked[:count])


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize(("count", "edge"), [(1, 4), (300, 16), (4000, 24), (20_000, 400)])
def test_compiled_loops_and_torch_give_the_same_numbers(count: int, edge: int, threads: int) -> None:
    weights = load_upsampler(FOLDER / "weights" / "upsampler.safetensors")
    fast, plain = CompiledUpsampler(weights), DeviceUpsampler(weights, "cpu")
    key, above = some_nodes(count, count, edge), NO_FEATURES
    other = above
    for below in (2, 1, 0):
        above, logits = fast.predict(key, below, above, JOB, threads)
        other, same = plain.predict(key, below, other, JOB)
        assert np.array_equal(above[1], other[1]) and np.array_equal(logits, same)
        order = np.argsort(raster_to_morton(key))
        codes = children_kept(key, most_likely(logits, order, len(key)), order)
        key = np.sort(coords_to_raster(morton_decode(codes)))


@settings(deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 60), st.integers(1, 60), st.integers(2, 12))
def test_the_nearest_voxel_is_found(seed: int, n: int, m: int, edge: int) -> None:
    rng = np.random.default_rng(seed)
    a, b = (np.unique(rng.integers(0, edge, (k, 3)).astype(np.int32), axis=0) for k in (n, m))
    key = np.sort(coords_to_raster(b))
    placed = b[np.argsort(coords_to_raster(b))]
    squared = ((a[:, None].astype(int) - placed[None]) ** 2).sum(-1)
    found = nearest(key, coords_to_raster(a), edge, JOB)
    assert np.array_equal(found.squared, squared.min(1))
    assert np.array_equal(squared[np.arange(len(a)), found.rows], squared.min(1))
    measured = distance(a, b, edge, JOB)
    assert measured.forth == pytest.approx(squared.min(1).mean(), rel=1e-12)
    assert measured.back == pytest.approx(squared.min(0).mean(), rel=1e-12)
    assert measured.hausdorff == np.sqrt(max(squared.min(1).max(), squared.min(0).max()))


def test_voxels_out_of_reach_are_told_apart() -> None:
    a, b = np.array([[0, 0, 0]], np.int32), np.array([[9, 0, 0]], np.int32)
    assert distance(a, b, 9, JOB).hausdorff == 9.0
    assert distance(a, b, 8, JOB).hausdorff == np.inf


def test_morton_codes_of_nodes_are_those_of_their_cells() -> None:
    key = some_nodes(1, 50, 30)
    order = np.argsort(raster_to_morton(key))
    kept = np.zeros((len(key), 8), bool)
    kept[:, 5] = True
    codes = children_kept(key, kept, order)
    assert np.array_equal(codes >> 3, raster_to_morton(key)[order])
    assert np.array_equal(codes, morton_encode(morton_decode(codes)))
