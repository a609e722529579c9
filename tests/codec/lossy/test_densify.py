"""`upsample` and `restore` of the library: which points come out, with what, and how near they are."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from sample_clouds import SAMPLE

import octavox as ov
from octavox.codec.codecs.distances import psnr_of
from octavox.codec.codecs.upsampling.nearest import distance
from octavox.codec.job import CancelToken, JobContext
from octavox.codec.training.damage import on_grid, on_planes

JOB = JobContext()


def hills(edge: int = 64) -> np.ndarray:
    """A hilly surface."""
    x, y = (a.ravel() for a in np.meshgrid(np.arange(edge), np.arange(edge), indexing="ij"))
    return np.stack([x, y, np.rint(30 + 9 * np.sin(x / 7) * np.cos(y / 9))], 1).astype(np.int32)


def thinned(cells: np.ndarray, ratio: float, seed: int = 1) -> np.ndarray:
    """A random subset, in random order."""
    return cells[np.random.default_rng(seed).permutation(len(cells))[: round(len(cells) / ratio)]]


def middles(cells: np.ndarray, levels: int) -> np.ndarray:
    """The middle, rounded up, of each cell `levels` above."""
    return np.unique((cells >> levels << levels) + (1 << (levels - 1)), axis=0)


def d1(truth: np.ndarray, other: np.ndarray, depth: int = 8) -> float:
    """D1 PSNR in dB."""
    found = psnr_of(distance(truth.astype(np.int32), other.astype(np.int32), 32, JOB).mse, depth)
    assert found is not None
    return found


@pytest.fixture(scope="module")
def sample() -> np.ndarray:
    """The voxels of the bundled cloud."""
    return np.asarray(ov.voxelize(ov.read_cloud(SAMPLE))[0].coords)


# Upsampling


@pytest.mark.slow
@pytest.mark.parametrize(("ratio", "gain"), [(2, 9.0), (4, 10.0), (8, 9.0), (16, 7.0)])
def test_an_upsampled_cloud_is_nearer_to_the_whole(sample: np.ndarray, ratio: int, gain: float) -> None:
    few = thinned(sample, ratio)
    found = ov.upsample(ov.PointCloud(few), ratio)
    assert found.report.points == ratio * len(few)
    assert d1(sample, found.cloud.coords) >= d1(sample, few) + gain


def test_the_points_of_the_input_stay_and_come_first() -> None:
    few = thinned(hills(), 4)
    lengths = np.arange(len(few) + 11) % 3
    given = ov.PointCloud(
        np.concatenate([few, few[:10], [[np.nan, 0, 0]]]).astype(np.float32),
        attributes={
            "intensity": np.arange(len(few) + 11, dtype=np.uint16),
            "normal": np.arange(3 * (len(few) + 11), dtype=np.float32).reshape(-1, 3),
            "tags": ov.ListColumn(lengths, np.arange(lengths.sum())),
        },
        info=ov.FileInfo(comments=(b"a comment",)),
    )  # fmt: skip
    found = ov.upsample(given, 4)
    cloud, n = found.cloud, len(given)
    assert isinstance(cloud, ov.PointCloud) and cloud.coords.dtype == np.float32
    assert cloud.coords[:n].tobytes() == given.coords.tobytes()
    assert cloud.info == given.info and list(cloud.attributes) == list(given.attributes)
    assert np.array_equal(cloud.attributes["intensity"][:n], given.attributes["intensity"])
    report = found.report
    assert (report.input_points, report.voxels, report.left_out) == (n, len(few), 1)
    assert report.points == len(cloud) == n + report.added and report.ratio == 4.0
    assert report.own_grid and report.carried == ("intensity", "normal", "tags")
    new = cloud.coords[n:]
    apart = ((new[:, None] - few[None]) ** 2).sum(-1)
    rows = cloud.attributes["intensity"][n:].astype(int)
    assert np.array_equal(apart[np.arange(len(new)), rows], apart.min(1))
    assert np.array_equal(cloud.attributes["normal"][n:], given.attributes["normal"][rows])
    tags = cloud.attributes["tags"]
    assert np.array_equal(tags.lengths[n:], rows % 3) and len(tags.values) == tags.lengths.sum()


def test_clouds_of_voxels_give_clouds_of_voxels() -> None:
    few = thinned(hills(), 4)
    transform = ov.Transform((5.0, 6.0, 7.0), 0.25)
    voxels = ov.VoxelCloud.from_coords(few, transform, 7)
    voxels.colors = np.random.default_rng(1).integers(0, 256, (len(few), 3)).astype(np.uint8)
    found = ov.upsample(voxels, 4).cloud
    points = ov.upsample(ov.PointCloud(few), 4, depth=7).cloud
    assert isinstance(found, ov.VoxelCloud)
    assert (found.depth, found.transform, len(found.colors)) == (7, transform, len(found))
    assert np.array_equal(found.coords, ov.VoxelCloud.from_coords(points.coords).coords)
    at = {tuple(c): k for k, c in enumerate(found.coords.tolist())}
    rows = [at[tuple(c)] for c in voxels.coords.tolist()]
    assert np.array_equal(found.colors[rows], voxels.colors)
    with pytest.raises(ov.InputError, match="voxelized already"):
        ov.upsample(voxels, 4, depth=5)


def test_a_file_and_its_units(tmp_path: Path) -> None:
    few = thinned(hills(), 4)
    few -= few.min(axis=0)  # where the lattice begins
    scaled = ov.PointCloud(few * 0.002 + 100)
    ov.write_cloud(tmp_path / "few.ply", scaled)
    found = ov.upsample(tmp_path / "few.ply", 4)
    plain = ov.upsample(ov.PointCloud(few), 4)
    assert found.report.own_grid and found.report.voxel_size == pytest.approx(0.002)
    assert np.allclose(found.cloud.coords, plain.cloud.coords * 0.002 + 100, atol=1e-9)


def test_floats_on_no_lattice_get_a_grid() -> None:
    points = np.random.default_rng(1).uniform(0, 1, (3000, 3))
    points[:, 2] = 0.3 + 0.05 * np.sin(7 * points[:, 0])
    found = ov.upsample(ov.PointCloud(points), 4)
    assert not found.report.own_grid
    assert np.array_equal(found.cloud.coords[:3000], points)
    new = found.cloud.coords[3000:]
    off = np.abs(new[:, 2] - 0.3 - 0.05 * np.sin(7 * new[:, 0]))
    assert np.median(off) < found.report.voxel_size
    coarse = ov.upsample(ov.PointCloud(points), 2, depth=5).report
    assert coarse.depth == 5 and coarse.voxel_size == pytest.approx(1 / 31, rel=0.01)


def test_points_far_apart_are_told() -> None:
    scattered = np.random.default_rng(1).integers(0, 1 << 14, (200, 3))
    report = ov.upsample(ov.PointCloud(scattered), 2).report
    assert report.alone == 200 and report.ratio == 2.0
    assert ov.upsample(ov.PointCloud(thinned(hills(), 2)), 2).report.alone == 0


def test_there_may_be_no_place() -> None:
    full = np.stack(np.meshgrid(*[np.arange(4)] * 3), -1).reshape(-1, 3)
    report = ov.upsample(ov.PointCloud(full), 2).report
    assert (report.added, report.ratio, report.points) == (0, 1.0, 64)
    one = ov.upsample(ov.PointCloud([[0, 0, 0]]), 16).report
    assert one.points <= 8 and one.depth == 1


@pytest.mark.parametrize("ratio", [1.9, 17, float("nan"), float("inf"), -4])
def test_ratios_out_of_range(ratio: float) -> None:
    with pytest.raises(ov.InputError, match="is not between 2 and 16") as error:
        ov.upsample(ov.PointCloud(hills(8)), ratio)
    assert error.value.field == "ratio"


@pytest.mark.parametrize("work", [lambda cloud, **kept: ov.upsample(cloud, 2, **kept), ov.restore])
def test_what_cannot_be_is_refused(work, tmp_path: Path) -> None:
    for empty in (np.empty((0, 3)), np.full((3, 3), np.nan)):
        with pytest.raises(ov.InputError, match="no points with finite coordinates"):
            work(ov.PointCloud(empty))
    with pytest.raises(ov.InputError, match="cannot read"):
        work(tmp_path / "none.ply")
    with pytest.raises(ov.InputError, match="no positive number"):
        work(ov.PointCloud(hills(8)), threads=0)
    with pytest.raises(ov.InputError, match="unique and in Morton order"):
        work(ov.VoxelCloud(hills(8)[::-1], 7))
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(ov.CancelledError):
        work(ov.PointCloud(hills()), cancel=cancel)


def test_progress_is_told() -> None:
    steps: list[ov.Progress] = []
    ov.upsample(ov.PointCloud(thinned(hills(), 4)), 4, progress=steps.append)
    assert {step.stage for step in steps} >= {"guess"}
    assert all(0 <= step.done <= step.total for step in steps)
    assert any(step.done == step.total for step in steps if step.stage == "guess")


@settings(deadline=None, max_examples=25)
@given(
    arrays.arrays(
        st.sampled_from([np.int16, np.uint8, np.float32, np.float64, np.int64]),
        st.tuples(st.integers(1, 30), st.just(3)),
        elements={"min_value": 0, "max_value": 100},
    ),
    st.sampled_from([2, 5, 16]),
)
def test_any_cloud(coords: np.ndarray, ratio: int) -> None:
    cloud = ov.PointCloud(coords, attributes={"k": np.arange(len(coords))})
    with told_of_the_positions():
        found = ov.upsample(cloud, ratio)
        assert np.array_equal(found.cloud.coords[: len(coords)], coords)
        assert found.report.points == len(coords) + found.report.added
    with told_of_the_positions():
        back = ov.restore(cloud)
        assert back.report.points == len(back.cloud)
        assert set(back.cloud.attributes["k"]) <= set(range(len(coords)))


@contextlib.contextmanager
def told_of_the_positions() -> Iterator[None]:
    """Coordinates of random bits may span too much, or lie too close."""
    try:
        yield
    except ov.InputError as error:
        assert error.field in ("positions", "depth"), error


# Restoring


@pytest.mark.slow
@pytest.mark.parametrize(("levels", "gain"), [(1, 10.0), (2, 9.0)])
def test_middles_of_cells_become_points_again(sample: np.ndarray, levels: int, gain: float) -> None:
    damaged = middles(sample, levels)
    found = ov.restore(ov.PointCloud(damaged))
    assert found.report.levels == levels and found.report.step == 1.0
    assert d1(sample, found.cloud.coords) >= d1(sample, damaged) + gain


@pytest.mark.slow
@pytest.mark.parametrize(
    ("damage", "gain"),
    [
        (lambda cells: on_planes(cells.astype(np.int64), 8, np.zeros(3, np.int64)), 0.5),
        (lambda cells: on_grid(cells.astype(np.int64), 4 / 3, np.zeros(3, np.int64)), 1.0),
    ],
)
def test_a_damaged_cloud_is_repaired_on_its_grid(sample: np.ndarray, damage, gain: float) -> None:
    damaged = np.unique(damage(sample), axis=0)
    found = ov.restore(ov.PointCloud(damaged))
    assert found.report.levels == 0
    assert d1(sample, found.cloud.coords) >= d1(sample, damaged) + gain


def test_fractions_of_integers_are_rounded_first() -> None:
    """As G-PCC gives back a cloud that it coded at 3/4 of its size."""
    cells = np.unique(np.rint(hills() * 0.75), axis=0)
    found = ov.restore(ov.PointCloud(cells / 0.75))
    same = ov.restore(ov.PointCloud(np.rint(cells / 0.75)), levels=0)
    assert found.report.levels == 0
    assert np.array_equal(found.cloud.coords, same.cloud.coords)
    assert np.array_equal(found.cloud.coords, np.rint(found.cloud.coords))


@pytest.mark.parametrize("levels", [1, 2])
def test_every_way_to_write_middles_gives_the_same(levels: int, tmp_path: Path) -> None:
    cells = middles(hills(), levels)
    first = ov.restore(ov.PointCloud(cells)).cloud.coords
    assert first.dtype == cells.dtype and first.min() >= 0 and first.max() < 64
    others = [
        ov.restore(ov.PointCloud(cells.astype(np.float32) - 0.5)).cloud.coords,
        ov.restore(ov.PointCloud(cells.astype(np.uint8))).cloud.coords,
        ov.restore(ov.VoxelCloud.from_coords(cells)).cloud.coords,
        np.rint((ov.restore(ov.PointCloud(cells * 0.001 + 5)).cloud.coords - 5) * 1000),
        ov.restore(ov.PointCloud(cells, scale=(0.5,) * 3, offset=(9.0,) * 3)).cloud.coords,
    ]
    for other in others:
        assert {tuple(c) for c in other.tolist()} == {tuple(c) for c in first.tolist()}


def test_levels_of_detail_are_restored(tmp_path: Path) -> None:
    whole = ov.VoxelCloud.from_coords(hills(), depth=6)
    stream = ov.encode(whole, options=ov.CodecOptions(codec="octree")).data
    coarse = ov.decode(stream, lod=5).cloud
    found = ov.restore(coarse)
    assert found.report.levels == 1
    assert d1(hills(), found.cloud.coords, 6) > d1(hills(), middles(hills(), 1), 6) + 3


def test_properties_are_those_of_the_nearest_point() -> None:
    cells = middles(hills(), 1)
    given = ov.PointCloud(cells, attributes={"k": np.arange(len(cells), dtype=np.uint32)})
    cloud = ov.restore(given).cloud
    apart = ((cloud.coords[:, None].astype(int) - cells[None]) ** 2).sum(-1)
    rows = cloud.attributes["k"]
    assert rows.dtype == np.uint32
    assert np.array_equal(apart[np.arange(len(cloud)), rows], apart.min(1))


def test_fewer_levels_and_too_many() -> None:
    cells = middles(hills(), 2)
    coarse = ov.restore(ov.PointCloud(cells), levels=1)
    assert (coarse.report.levels, coarse.report.step) == (1, 2.0)
    assert np.array_equal(np.unique(coarse.cloud.coords % 2), [1])
    assert ov.restore(ov.PointCloud(cells), levels=0).report.step == 1.0
    with pytest.raises(ov.InputError, match="multiples of 4 steps") as error:
        ov.restore(ov.PointCloud(cells), levels=3)
    assert error.value.field == "levels"
    for levels in (-1, 5):
        with pytest.raises(ov.InputError, match="is not between 0 and 4"):
            ov.restore(ov.PointCloud(cells), levels=levels)


def test_the_number_of_threads_changes_nothing() -> None:
    cells = thinned(hills(128), 3)
    one, two = (ov.upsample(ov.PointCloud(cells), 3, threads=n).cloud for n in (1, 2))
    assert np.array_equal(one.coords, two.coords)
    one, two = (ov.restore(ov.PointCloud(cells), threads=n).cloud for n in (1, 2))
    assert np.array_equal(one.coords, two.coords)


def test_missing_weights_are_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("octavox.codec.codecs.networks.FOLDER", tmp_path)
    with pytest.raises(ov.WeightsError, match="densifier"):
        ov.upsample(ov.PointCloud(hills(16)), 2)


def test_nothing_is_guessed_below_the_ground() -> None:
    """G-PCC's cells around 0 hold -1 and 0, and no voxel lies at -1."""
    ground = hills()
    ground[:, 2] = 0
    coarse = np.unique((ground + 1) // 2 * 2, axis=0)
    found = ov.restore(ov.PointCloud(coarse)).cloud.coords
    assert found.min() == 0 and len(np.unique(found, axis=0)) == len(found)
    assert d1(ground, found) > d1(ground, coarse) + 6
