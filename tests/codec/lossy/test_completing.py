"""The parts of upsampling: cells around cells, what is near, the network on two ways, what is kept."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from octavox.codec.cloud.morton import morton_decode, morton_encode
from octavox.codec.codecs.geometry.multiscale.trunk import find_parents
from octavox.codec.codecs.geometry.octree.levels import coords_to_raster, raster_to_morton
from octavox.codec.codecs.geometry.octree.neighbours import find_neighbours
from octavox.codec.codecs.upsampling.completing import (
    SPARE,
    cleaned,
    completed,
    dilated,
    given_children,
    isolated,
    near_children,
)
from octavox.codec.codecs.upsampling.densifier import CompiledDensifier
from octavox.codec.codecs.upsampling.network import NO_FEATURES
from octavox.codec.errors import CancelledError
from octavox.codec.job import CancelToken, JobContext
from octavox.codec.models.densifier import GivenTables
from octavox.codec.models.densifier_integer import IntegerDensifier
from octavox.codec.models.densifier_weights import load_densifier, ratio_class
from octavox.resources import FOLDER

JOB = JobContext()
WEIGHTS = load_densifier(FOLDER / "weights" / "densifier.safetensors")
NET = CompiledDensifier(WEIGHTS)
Cells = set[tuple[int, int, int]]
AROUND = [(x, y, z) for x in (-1, 0, 1) for y in (-1, 0, 1) for z in (-1, 0, 1)]


def some_cells(seed: int, count: int, edge: int) -> np.ndarray:
    """Distinct cells."""
    return np.unique(np.random.default_rng(seed).integers(0, edge, (count, 3)).astype(np.int32), axis=0)


def surface(edge: int, seed: int = 0) -> np.ndarray:
    """A hilly surface in a cube."""
    x, y = (a.ravel() for a in np.meshgrid(np.arange(edge), np.arange(edge), indexing="ij"))
    waves = np.random.default_rng(seed).uniform(3, 9, 2)
    z = edge / 2 + edge / 6 * np.sin(x / waves[0]) * np.cos(y / waves[1])
    return np.stack([x, y, np.rint(z)], 1).astype(np.int32)


def keys(cells: np.ndarray) -> np.ndarray:
    return np.sort(coords_to_raster(np.ascontiguousarray(cells, np.int32)))


def codes_of(cells: np.ndarray) -> np.ndarray:
    return np.unique(morton_encode(cells))


def as_set(cells: np.ndarray) -> Cells:
    return {(int(x), int(y), int(z)) for x, y, z in cells}


def moved(cell: tuple[int, int, int], by: tuple[int, int, int]) -> tuple[int, int, int]:
    return cell[0] + by[0], cell[1] + by[1], cell[2] + by[2]


@settings(deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 40), st.integers(0, 4))
def test_cells_around_cells(seed: int, count: int, bits: int) -> None:
    cells = some_cells(seed, count, 1 << bits)
    expected = {moved(cell, by) for cell in as_set(cells) for by in AROUND}
    expected = {cell for cell in expected if min(cell) >= 0 and max(cell) < 1 << bits}
    found = dilated(keys(cells), bits)
    assert (np.diff(found) > 0).all()
    assert as_set(morton_decode(raster_to_morton(found))) == expected


def placed(cells: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Nodes around the parents of voxels, and which of their children the voxels are."""
    key = dilated(keys(np.unique(cells >> 1, axis=0)), 20)
    return key, given_children(key, codes_of(cells))


@settings(deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 40), st.integers(2, 12))
def test_what_is_near_a_given_voxel(seed: int, count: int, edge: int) -> None:
    cells = some_cells(seed, count, edge)
    key, given = placed(cells)
    assert sum(int(byte).bit_count() for byte in given) == len(cells)
    near = near_children(find_neighbours(key), given)
    apart = np.abs(cells[:, None].astype(int) - cells[None]).max(-1)
    assert isolated(codes_of(cells)) == int(((apart <= 2).sum(1) == 1).sum())
    nodes = morton_decode(raster_to_morton(key))
    for node, bits, byte in zip(nodes, near, given):
        for k in range(8):
            child = 2 * node + [k >> 2, k >> 1 & 1, k & 1]
            assert bits[k] == (np.abs(cells - child).max(1) <= 2).any()
            assert (byte >> k & 1) == (cells == child).all(1).any()


def by_torch(
    key: np.ndarray, given: np.ndarray, case: tuple[bool, int], above: tuple[np.ndarray, np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """Features and logits of the network in matrix products."""
    places = {int(k): i + 1 for i, k in enumerate(key)}
    nodes = morton_decode(raster_to_morton(key)).astype(int)

    def row(cell: np.ndarray) -> int:
        if min(cell) < 0:
            return 0
        return places.get(int(coords_to_raster(cell[None].astype(np.int32))[0]), 0)

    axis = range(-2, 3)
    window = [(x, y, z) for x in axis for y in axis for z in axis]
    around = np.array([[row(node + by) > 0 for by in window] for node in nodes], np.uint8)
    near = np.array([[row(node + by) for by in AROUND] for node in nodes], np.int32)
    bits = np.unpackbits(given[:, None], axis=1, bitorder="little")
    parent, octant = np.zeros(len(key), np.int32), np.zeros(len(key), np.uint8)
    coarser = None
    if len(above[0]):
        find_parents(key, above[0], parent, octant, 0, len(key))
        coarser = torch.from_numpy(above[1].reshape(-1, 32).astype(np.float32))
    parts = (around, near, octant.astype(np.int64), parent.astype(np.int64), bits)
    tables = GivenTables(*map(torch.from_numpy, parts))
    features, logits = IntegerDensifier(WEIGHTS)(tables, case, coarser)
    return features.numpy().astype(np.uint8).ravel(), logits.numpy()


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("case", [(False, 0), (False, 1), (False, 3), (True, 0)])
@pytest.mark.parametrize("cells", [some_cells(3, 30, 9), surface(24)[::5]])
def test_compiled_loops_and_torch_give_the_same_numbers(
    cells: np.ndarray, case: tuple[bool, int], threads: int
) -> None:
    above, other = NO_FEATURES, NO_FEATURES
    key = dilated(keys(np.unique(cells >> 2, axis=0)), 20)
    given = given_children(key, codes_of(cells >> 1))
    for _ in range(2):
        above, logits = NET.predict((key, given), case, above, JOB, threads)
        features, same = by_torch(key, given, case, other)
        other = key, features
        assert np.array_equal(above[1], features) and np.array_equal(logits, same)
        key, given = placed(cells)
        key = key[np.isin(raster_to_morton(key) >> 3, raster_to_morton(above[0]))]
        given = given_children(key, codes_of(cells))


def in_both_mirrors(
    key: np.ndarray,
    given: np.ndarray,
    case: tuple[bool, int],
    above: list[tuple[np.ndarray, np.ndarray]],
    bits: int,
) -> tuple[list[tuple[np.ndarray, np.ndarray]], np.ndarray]:
    """Keys and features of a cloud and of its mirror image, and the mean of both logits."""
    cells = morton_decode(raster_to_morton(key))
    across = coords_to_raster(np.ascontiguousarray((1 << bits) - 1 - cells))
    order = np.argsort(across)
    back = np.array([int(f"{int(byte):08b}"[::-1], 2) for byte in given], np.uint8)
    features, plain = by_torch(key, given, case, above[0])
    others, mirrored = by_torch(across[order], back[order], case, above[1])
    logits = np.empty_like(plain)
    logits[order] = mirrored[:, ::-1]
    return [(key, features), (across[order], others)], (plain + logits) // 2


def plainly(cells: np.ndarray, depth: int, wanted: int | None, case: tuple[bool, int]) -> Cells:
    """What docs/densifying.md says, with a network in matrix products."""
    damaged = case[0]
    key = dilated(keys(np.unique(cells >> 2, axis=0)), max(depth - 2, 0))
    given = given_children(key, codes_of(cells >> 1))
    bits = max(depth - 2, 0)
    above, logits = in_both_mirrors(key, given, case, [NO_FEATURES] * 2, bits)

    def children(key: np.ndarray, logits: np.ndarray, held: np.ndarray) -> list[tuple[int, int, bool]]:
        """(-logit, Morton code, whether it is given) of all children."""
        known, rows = {int(code) for code in held}, zip(raster_to_morton(key), logits)
        every = [(-int(row[k]), 8 * int(code) + k) for code, row in rows for k in range(8)]
        return [(logit, code, code in known) for logit, code in every]

    def expected(rows: list[tuple[int, int, bool]]) -> int:
        share = [round(2**24 / (1 + np.exp(min(max(x, -3071), 3071) / 256))) for x, _, held in rows
                 if damaged or not held]  # fmt: skip
        return sum(share) // 2**24 + (0 if damaged else sum(held for *_, held in rows))

    rows = children(key, logits, codes_of(cells >> 1))
    count = max(round(SPARE * expected(rows)), 0 if wanted is None else -(-wanted // 4))
    kept = [code for _, code, held in rows if held]
    kept += [code for _, code, held in sorted(rows) if not held][: max(count - len(kept), 0)]
    key = keys(morton_decode(np.array(sorted(kept))))
    given = given_children(key, codes_of(cells))
    _, logits = in_both_mirrors(key, given, case, above, bits + 1)
    rows = children(key, logits, codes_of(cells))
    if wanted is None:
        wanted = expected(rows)
    fixed = [] if damaged else [code for _, code, held in rows if held]
    near = [row for row in rows if damaged or not row[2]]
    places = morton_decode(np.array([code for _, code, _ in near], np.int64))
    apart = np.abs(places[:, None].astype(int) - cells[None]).max(-1).min(1)
    likely = sorted(row for row, far in zip(near, apart) if far <= 2)
    found = [*fixed, *(code for _, code, _ in likely[: max(wanted - len(fixed), 0)])]
    return as_set(morton_decode(np.array(found)))


@pytest.mark.parametrize("cells", [some_cells(3, 30, 9), surface(24)[::5], some_cells(5, 4, 2)])
def test_what_the_document_says_is_what_comes_out(cells: np.ndarray) -> None:
    depth = int(cells.max()).bit_length()
    for ratio in (2.0, 5.0, 16.0):
        wanted = round(ratio * len(cells))
        expected = plainly(cells, depth, wanted, (False, ratio_class(ratio)))
        expected = {cell for cell in expected if max(cell) < 1 << depth}
        found = completed(NET, codes_of(cells), depth, ratio, JOB)
        assert as_set(morton_decode(found)) == expected
    expected = {c for c in plainly(cells, depth, None, (True, 0)) if max(c) < 1 << depth}
    assert as_set(morton_decode(cleaned(NET, codes_of(cells), depth, JOB))) == expected


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10**6), st.integers(1, 60), st.integers(1, 6), st.sampled_from([2.0, 3.7, 8.0, 16.0]))
def test_what_is_given_stays_and_the_rest_lies_near(seed: int, count: int, depth: int, ratio: float) -> None:
    cells = some_cells(seed, count, 1 << depth)
    found = completed(NET, codes_of(cells), depth, ratio, JOB, 1)
    assert (np.diff(found) > 0).all() and found[-1] < 8**depth
    assert np.isin(codes_of(cells), found).all()
    assert len(found) <= round(ratio * len(cells))
    apart = np.abs(morton_decode(found)[:, None].astype(int) - cells[None]).max(-1).min(1)
    assert apart.max() <= 2
    assert np.array_equal(found, completed(NET, codes_of(cells), depth, ratio, JOB, 2))


def test_a_surface_gets_as_many_as_were_asked_for() -> None:
    cells = surface(64)
    few = cells[np.random.default_rng(1).permutation(len(cells))[: len(cells) // 4]]
    assert len(completed(NET, codes_of(few), 6, 4.0, JOB)) == 4 * len(few)


def test_a_cancel_is_heard() -> None:
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(CancelledError):
        completed(NET, codes_of(surface(32)), 5, 4.0, JobContext(cancel=cancel))
