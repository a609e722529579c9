"""Which points of a cloud on disk a view gets, and what is drawn of them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from octavox import codec
from octavox.gui.document import on_disk
from octavox.gui.document.camera import Camera
from octavox.gui.document.detail import CHUNK_POINTS
from octavox.gui.document.draw_order import draw_order
from octavox.gui.document.on_disk import OnDisk, grid_around, large_from, prepared, shares
from octavox.gui.document.proportions import Proportions

SIZE = (800, 600)


@pytest.fixture
def disk(tmp_path):
    """A flat square of 20,000 points, 400 x 400, of which 500 from everywhere are read."""
    dice = np.random.default_rng(0)
    flat = np.column_stack([dice.integers(0, 400, (20_000, 2)), dice.integers(0, 3, 20_000)])
    path = tmp_path / "flat.las"
    codec.write_cloud(path, codec.PointCloud(flat.astype(np.int32), scale=(0.1, 0.1, 0.1)))
    cloud = codec.open_on_disk(path)
    assert cloud is not None
    rows = cloud.even_rows(500)
    cells = cloud.index(rows)
    yield OnDisk(cloud, grid_around(cloud.read(rows), cells.bounds), rows, rows, share=1.0)
    cloud.close()


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 500), st.just(0.0) | st.floats(0.001, 1e5)), min_size=1, max_size=40),
    st.integers(0, 3000),
)
def test_shares_keep_the_budget_and_use_it(cells, budget) -> None:
    counts, pixels = np.array([c for c, _ in cells]), np.array([p for _, p in cells])
    got = shares(counts, pixels, budget)
    seen = int(counts[pixels > 0].sum())
    assert (got >= 0).all() and (got <= counts).all()
    assert (got[pixels == 0] == 0).all()
    assert got.sum() <= budget
    assert got.sum() >= min(budget, seen) - len(cells)  # each share is rounded down
    room = got < counts
    for k in np.flatnonzero(room & (pixels > 0)):
        denser = pixels > 0
        assert (got[denser] <= got[k] / pixels[k] * pixels[denser] + pixels[denser] / pixels[k] + 1).all()


def test_a_near_camera_gets_all_points_of_what_it_sees(disk) -> None:
    camera = Camera(center=(200.0, 200.0, 1.0), distance=60.0, elevation=60.0, up="z")
    rows = on_disk.wanted_rows(disk, camera, SIZE, Proportions(), 4000)
    assert len(rows) <= 4000 and np.isin(disk.everywhere, rows).all()
    points = disk.cloud.read(np.arange(disk.points))
    places = disk.grid.voxels(points)[0] + 0.5
    x, y, depth = camera.project(places, *SIZE).T
    seen = (x >= 0) & (x < SIZE[0]) & (y >= 0) & (y < SIZE[1]) & (depth > 0)
    assert 100 < seen.sum() < 3000
    assert np.isin(np.flatnonzero(seen), rows).all()


@pytest.mark.parametrize("budget", [400, 500, 2000, 20_000, 50_000])
@pytest.mark.parametrize("parallel", [False, True])
def test_the_budget_is_kept_from_afar(disk, budget, parallel) -> None:
    camera = Camera(center=(200.0, 200.0, 1.0), distance=900.0, up="z", parallel=parallel)
    rows = on_disk.wanted_rows(disk, camera, SIZE, Proportions(), budget)
    assert (np.diff(rows) > 0).all()
    assert len(rows) <= max(budget, len(disk.everywhere))
    if budget >= disk.points + len(disk.everywhere):
        assert len(rows) == disk.points


def test_what_is_drawn_are_the_points_that_were_read(disk) -> None:
    rows = np.sort(np.random.default_rng(1).permutation(disk.points)[:3000])
    rows = np.union1d(rows, disk.everywhere)
    points = disk.cloud.read(rows)
    read = prepared(disk, rows, points, disk.grid)
    display, data = read.display, read.data
    assert read.shown == len(rows) == len(points)
    assert sorted(display.points.place.tolist()) == list(range(len(display)))
    assert (display.points.positions == display.cloud.coords[display.points.place] + 0.5).all()
    held = [data.points_of(voxel).tolist() for voxel in range(len(display))]
    assert sorted(row for own in held for row in own) == list(range(len(rows)))
    for voxel, own in enumerate(held):
        assert own == sorted(own)
        assert np.abs(points.positions[own] - display.cloud.positions[voxel]).max() < 1e-9
    assert (display.low == 0).all() and display.high.tolist() == [400, 400, 3]


def test_points_without_a_place_are_not_drawn(tmp_path) -> None:
    coords = np.random.default_rng(0).normal(size=(300, 3))
    coords[::3, 1] = np.nan
    np.save(tmp_path / "holes.npy", coords)
    cloud = codec.open_on_disk(tmp_path / "holes.npy")
    assert cloud is not None
    rows = np.arange(300)
    points = cloud.read(rows)
    disk = OnDisk(cloud, grid_around(points), rows, rows)
    read = prepared(disk, rows, points, disk.grid)
    assert read.shown == 200
    assert np.concatenate([read.data.points_of(v) for v in range(len(read.display))]).size == 200
    nothing = codec.PointCloud(np.full((5, 3), np.nan))
    empty = prepared(
        OnDisk(cloud, grid_around(nothing), rows[:5], rows[:5]), rows[:5], nothing, grid_around(nothing)
    )
    assert empty.shown == len(empty.display) == 0
    cloud.close()


def test_what_is_drawn_everywhere_comes_in_the_same_chunks_whatever_else_is_read() -> None:
    """Its chunks are then not made anew, and every prefix has some of both."""
    dice = np.random.default_rng(0)
    base, every = 2 * CHUNK_POINTS, []
    for extra in (6 * CHUNK_POINTS, 8 * CHUNK_POINTS + 77):
        voxels = base + extra
        everywhere = np.sort(dice.permutation(voxels)[:base])
        order = draw_order(everywhere, voxels)
        assert np.sort(order).tolist() == list(range(voxels))
        name = np.full(voxels, -1)
        name[everywhere] = np.arange(base)
        every.append(name[order])
    chunks = [order[: 8 * CHUNK_POINTS].reshape(8, CHUNK_POINTS) for order in every]
    for k in (0, 4):
        assert (chunks[0][k] >= 0).all() and (chunks[0][k] == chunks[1][k]).all()
    for k in (1, 2, 3, 5, 6, 7):
        assert (chunks[0][k] == -1).all()


def test_points_from_everywhere_that_share_a_voxel_are_drawn_once() -> None:
    order = draw_order(np.array([4, 2, 4, -1, 0, 2]), 6)
    assert sorted(order.tolist()) == list(range(6))
    assert set(order[:3].tolist()) == {0, 2, 4}


def test_clouds_stay_on_disk_earlier_where_memory_is_short() -> None:
    assert large_from(256 << 30) == on_disk.LARGE
    assert large_from(4 << 30) < large_from(8 << 30) < on_disk.LARGE
    assert large_from(4 << 30) * on_disk.POINT_BYTES <= 1 << 30


def test_words_say_what_is_shown_of_how_many(disk) -> None:
    disk.shown = 500
    assert on_disk.disk_words(disk) == "500 of 20,000 points"
    assert on_disk.budget_words([disk], 2_000_000) == "Showing 500 of 20,000 points, at most 2,000,000"
    assert on_disk.budget_words([], 1) == ""
    disk.share = 0.42
    assert on_disk.disk_words(disk) == "500 of 20,000 points · 42 % looked through"
    disk.fault = "gone"
    assert on_disk.disk_words(disk) == "500 of 20,000 points · the others cannot be read"
