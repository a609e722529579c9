"""Clouds that stay on disk: every point is found once, and is what reading the whole file gives."""

from __future__ import annotations

import io
import os

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from octavox import codec
from octavox.codec.disk.cells import MOST_CELLS, CellGrid
from octavox.codec.disk.cloud import DiskCloud
from octavox.codec.disk.rows import RecordCache, StoredRows
from octavox.codec.files.source import Source, open_source
from octavox.codec.formats import las
from octavox.codec.formats.tables import RowTable, TableField


def scene(points: int, seed: int = 0) -> codec.PointCloud:
    """A sloping ground with integers like those of LAS, far from the origin, each point with its number."""
    dice = np.random.default_rng(seed)
    ground = dice.integers(0, 40_000, (points, 2))
    coords = np.column_stack([ground, ground.sum(axis=1) // 50 + dice.integers(0, 90, points)])
    number = np.arange(points)
    return codec.PointCloud(
        coords.astype(np.int32),
        attributes={"intensity": (number % 65_536).astype(np.uint16), "gps_time": number.astype(np.float64)},
        scale=(0.01, 0.01, 0.01),
        offset=(412_000.0, 5_651_000.0, 0.0),
    )


def same(a: codec.PointCloud, b: codec.PointCloud, rows: np.ndarray) -> None:
    """The points of `a` are those rows of `b`, to the bit."""
    assert a.coords.tobytes() == np.ascontiguousarray(b.coords[rows]).tobytes()
    assert (a.scale, a.offset) == (b.scale, b.offset)
    assert list(a.attributes) == list(b.attributes)
    for name, column in a.attributes.items():
        assert np.asarray(column).tobytes() == np.asarray(b.attributes[name])[rows].tobytes(), name


@pytest.fixture(params=["las", "laz", "ply", "pcd", "npy", "bin"])
def cloud_file(request, tmp_path):
    path = tmp_path / f"scene.{request.param}"
    points = scene(3000)
    if request.param in ("ply", "pcd", "npy", "bin"):
        kept = {"intensity": points.attributes["intensity"]}
        if request.param == "bin":
            kept = {"intensity": kept["intensity"].astype(np.float32)}
        near = (points.positions - np.array(points.offset)).astype(np.float32)
        points = codec.PointCloud(near, attributes=kept)
    codec.write_cloud(path, points)
    return path


def test_any_rows_are_those_of_the_file(cloud_file) -> None:
    whole, disk = codec.read_cloud(cloud_file), codec.open_on_disk(cloud_file)
    assert disk is not None and disk.points == len(whole) == 3000
    dice = np.random.default_rng(1)
    for count in (0, 1, 700, 3000):
        rows = np.sort(dice.permutation(3000)[:count])
        same(disk.read(rows), whole, rows)
    disk.close()


def test_every_point_lies_in_one_cell_and_in_its_box(cloud_file) -> None:
    whole, disk = codec.read_cloud(cloud_file), codec.open_on_disk(cloud_file)
    assert disk is not None
    cells = disk.index(disk.even_rows(100))
    assert sorted(cells.rows.tolist()) == list(range(3000))
    assert cells.nowhere == 0
    numbers = whole.coords.astype(np.float64)
    for cell in range(len(cells.counts)):
        own = numbers[cells.rows[cells.starts[cell] : cells.starts[cell + 1]]]
        assert len(own) == cells.counts[cell] > 0
        assert (own >= cells.low[cell] - 1e-6).all() and (own <= cells.high[cell] + 1e-6).all()
    assert cells.bounds[0].tolist() == numbers.min(axis=0).tolist()
    assert cells.bounds[1].tolist() == numbers.max(axis=0).tolist()
    disk.close()


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(1, 60), min_size=1, max_size=30), st.integers(0, 80))
def test_more_of_a_cell_holds_what_less_of_it_held(counts, wanted) -> None:
    cells = index_of(np.array(counts))
    less = cells.choose(np.full(len(counts), wanted))
    more = cells.choose(np.full(len(counts), wanted + 3))
    assert len(less) == np.minimum(counts, wanted).sum()
    assert (np.diff(less) > 0).all()
    assert np.isin(less, more).all()
    everything = cells.choose(np.array(counts))
    assert everything.tolist() == list(range(sum(counts)))


def index_of(counts: np.ndarray) -> codec.CellIndex:
    nothing = np.zeros((len(counts), 3))
    starts = np.append(0, np.cumsum(counts))
    rows = np.random.default_rng(0).permutation(int(counts.sum())).astype(np.uint32)
    return codec.CellIndex(nothing, nothing, counts, starts, rows, 0, (nothing[0], nothing[0]))


def test_points_without_a_place_are_counted_and_in_no_cell(tmp_path) -> None:
    coords = np.random.default_rng(0).normal(size=(500, 3))
    coords[[3, 77, 400], [0, 1, 2]] = np.nan, np.inf, -np.inf
    np.save(tmp_path / "holes.npy", coords)
    disk = codec.open_on_disk(tmp_path / "holes.npy")
    assert disk is not None
    cells = disk.index(disk.even_rows(10))
    assert cells.nowhere == 3
    assert sorted(cells.rows[: cells.starts[-1]].tolist()) == sorted(set(range(500)) - {3, 77, 400})
    disk.close()


def test_few_points_far_away_do_not_spoil_the_cells(tmp_path) -> None:
    """The grid follows most points; boxes at its border reach as far as those outside."""
    coords = np.random.default_rng(0).integers(0, 10_000, (4000, 3))
    coords[0] = 2_000_000_000, -1_500_000_000, 1_000_000
    path = tmp_path / "bird.las"
    codec.write_cloud(path, codec.PointCloud(coords.astype(np.int32), scale=(0.01, 0.01, 0.01)))
    disk = codec.open_on_disk(path)
    assert disk is not None
    cells = disk.index(disk.even_rows(10))
    assert cells.counts.max() < 100
    far = int(np.flatnonzero(cells.rows == 0)[0])
    cell = int(np.searchsorted(cells.starts, far, side="right")) - 1
    assert (cells.low[cell] <= coords[0]).all() and (coords[0] <= cells.high[cell]).all()
    disk.close()


def test_a_grid_has_few_enough_cells_in_any_proportions() -> None:
    dice = np.random.default_rng(0)
    for extent in ((1, 1, 1), (1e6, 1e6, 10), (1e6, 1, 1), (0, 0, 0), (5, 0, 0)):
        grid = CellGrid.of(dice.random((1000, 3)) * extent, (1.0, 1.0, 1.0))
        assert 1 <= np.prod(grid.shape) <= MOST_CELLS
        ids = grid.ids(list((dice.random((50, 3)) * extent).T))
        assert (ids < np.prod(grid.shape)).all()


# -- what is kept in memory ------------------------------------------------------------------------------


def test_what_is_kept_is_bounded_and_what_was_used_last_stays(tmp_path) -> None:
    path = tmp_path / "scene.las"
    codec.write_cloud(path, scene(1000))
    asked: list[int] = []
    with open_source(path) as source:
        table = las.table(source)
        assert table is not None
        cache = RecordCache(table, 300 * (table.dtype.itemsize + 16))
        whole = np.frombuffer(source.read(table.at), table.dtype, table.rows)

        def read(rows):
            asked.extend(rows.tolist())
            return whole[rows]

        assert cache.limit == 300
        for first in (0, 100, 200, 300, 50):
            rows = np.arange(first, first + 200)
            assert cache.get(rows, read).tobytes() == whole[rows].tobytes()
            assert len(cache) <= 300
        asked.clear()
        cache.get(np.arange(50, 250), read)
        assert asked == []
        cache.get(np.arange(0, 1000), read)
        assert len(cache) == 300


def test_rows_that_are_kept_on_the_way_are_not_read_again(tmp_path, monkeypatch) -> None:
    path = tmp_path / "scene.las"
    codec.write_cloud(path, scene(5000))
    disk = codec.open_on_disk(path)
    assert disk is not None
    even = disk.even_rows(400)
    disk.index(even)
    monkeypatch.setattr(
        "octavox.codec.disk.rows.read_chosen",
        lambda *args: pytest.fail(f"{len(args[2])} rows") if len(args[2]) else np.empty(0, args[1].dtype),
    )
    same(disk.read(even), codec.read_cloud(path), even)
    disk.close()


# -- a first look, and rows from everywhere --------------------------------------------------------------


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 4000), st.integers(1, 5000))
def test_first_and_even_rows_are_ascending_and_from_all_over(points, wanted) -> None:
    dtype = np.dtype("<i4")
    fields = tuple(TableField(axis, dtype) for axis in "xyz")
    table = RowTable(0, points, fields, lambda columns: codec.PointCloud(np.zeros((0, 3))))
    disk = DiskCloud(StoredRows(Source(io.BytesIO(), "<memory>"), table), 0)
    for rows in (disk.first_rows(wanted), disk.even_rows(wanted)):
        assert len(rows) and (np.diff(rows) > 0).all()
        assert rows[0] >= 0 and rows[-1] < points
        assert len(rows) <= max(wanted, 100)
    even = disk.even_rows(wanted)
    assert len(even) == min(points, wanted)
    assert np.diff(even, prepend=0, append=points).max() <= 2 * -(-points // len(even))


# -- files that cannot be shown so -----------------------------------------------------------------------


def test_what_cannot_be_read_by_rows_is_left_to_reading_all(tmp_path) -> None:
    points = scene(300)
    near = codec.PointCloud((points.positions - np.array(points.offset)).astype(np.float32))
    for name in ("a.xyz", "a.ply.gz"):
        codec.write_cloud(tmp_path / name, points if name == "a.xyz" else near)
        assert codec.open_on_disk(tmp_path / name) is None
    codec.write_cloud(tmp_path / "text.ply", near, options=codec.WriteOptions(ascii=True))
    assert codec.open_on_disk(tmp_path / "text.ply") is None
    assert codec.open_on_disk(tmp_path / "none.las") is None
    (tmp_path / "junk.las").write_bytes(b"LASF" + bytes(400))
    assert codec.open_on_disk(tmp_path / "junk.las") is None


def test_a_truncated_file_is_left_to_the_reader_which_says_what_is_wrong(tmp_path) -> None:
    path = tmp_path / "cut.las"
    codec.write_cloud(path, scene(500))
    os.truncate(path, os.path.getsize(path) - 100)
    assert codec.open_on_disk(path) is None
    with pytest.raises(codec.InputError, match="truncated"):
        codec.read_cloud(path)


def test_a_file_that_becomes_shorter_is_an_error_that_names_it(tmp_path) -> None:
    path = tmp_path / "shrinks.las"
    codec.write_cloud(path, scene(5000))
    disk = codec.open_on_disk(path)
    assert disk is not None
    os.truncate(path, 20_000)
    with pytest.raises(codec.InputError, match="shorter") as caught:
        disk.read(np.arange(4000, 5000))
    assert "shrinks.las" in str(caught.value)
    with pytest.raises(codec.InputError, match="shorter"):
        disk.index(disk.even_rows(10))
    disk.close()


def test_looking_through_a_file_can_be_cancelled_and_tells_how_far_it_is(tmp_path) -> None:
    path = tmp_path / "scene.las"
    codec.write_cloud(path, scene(5000))
    disk = codec.open_on_disk(path)
    assert disk is not None
    told: list[float] = []
    disk.index(disk.even_rows(10), told.append)
    assert told == sorted(told) and told[-1] == 1
    cancel = codec.CancelToken()
    cancel.cancel()
    disk.cells = None
    with pytest.raises(codec.CancelledError):
        disk.index(disk.even_rows(10), cancel=cancel)
    assert disk.cells is None
    with pytest.raises(codec.CancelledError):
        disk.read(disk.even_rows(3000), cancel)
    disk.close()


# -- the grid for drawing --------------------------------------------------------------------------------


def test_integers_are_voxels_themselves_where_there_is_room() -> None:
    cloud = scene(200)
    low, high = (end.astype(np.float64) for end in (cloud.coords.min(axis=0), cloud.coords.max(axis=0)))
    grid = codec.VoxelGrid.of(low, high, cloud)
    voxels, inside = grid.voxels(cloud)
    assert inside.all() and grid.covers(low, high) and not grid.covers(low - 1, high)
    assert (voxels == cloud.coords - cloud.coords.min(axis=0)).all()
    assert np.abs(grid.transform.apply(voxels) - cloud.positions).max() < 1e-6


@pytest.mark.parametrize("kind", [np.float32, np.float64, np.int32])
def test_voxels_lie_within_half_a_step_of_their_points(kind) -> None:
    dice = np.random.default_rng(0)
    coords = (
        dice.random((300, 3)) * (4e9 if kind is np.int32 else 1000) - (2e9 if kind is np.int32 else 3)
    ).astype(kind)
    cloud = codec.PointCloud(coords)
    low, high = (end.astype(np.float64) for end in (coords.min(axis=0), coords.max(axis=0)))
    grid = codec.VoxelGrid.of(low, high, cloud)
    voxels, inside = grid.voxels(cloud)
    assert inside.all() and voxels.min() >= 0 and voxels.max() < 1 << grid.depth <= 1 << codec.MAX_DEPTH
    assert np.abs(grid.transform.apply(voxels) - coords).max() <= grid.step / 2


def test_points_outside_of_a_grid_have_no_voxel() -> None:
    cloud = codec.PointCloud(np.array([[0.0, 0, 0], [9, 9, 9], [-5, 0, 0], [0, 99, 0], [np.nan, 0, 0]]))
    grid = codec.VoxelGrid.of(np.zeros(3), np.full(3, 9.0), cloud)
    assert grid.voxels(cloud)[1].tolist() == [True, True, False, False, False]
