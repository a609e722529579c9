"""`interpolate` of the library: which points lie between two frames, and with what properties."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

import octavox as ov
from octavox.codec.codecs.distances import psnr_of
from octavox.codec.codecs.upsampling import motion_field
from octavox.codec.codecs.upsampling.between import find_motion, moved, share_of
from octavox.codec.codecs.upsampling.nearest import distance
from octavox.codec.job import CancelToken, JobContext

JOB = JobContext()


def hills(edge: int = 48) -> np.ndarray:
    """A hilly surface."""
    x, y = (a.ravel() for a in np.meshgrid(np.arange(edge), np.arange(edge), indexing="ij"))
    return np.stack([x, y, np.rint(30 + 9 * np.sin(x / 7) * np.cos(y / 9))], 1).astype(np.int32)


def bent(turn: float) -> np.ndarray:
    """A round bar from the origin, of which the far half is turned about its middle."""
    u = np.random.default_rng(1).random((40_000, 2)) * [80, 2 * np.pi]
    bar = np.stack([u[:, 0], 7 * np.cos(u[:, 1]), 7 * np.sin(u[:, 1])], 1)
    far = np.clip((bar[:, 0] - 36) / 8, 0, 1) * turn
    x, y = bar[:, 0] - 40, bar[:, 1]
    turned = np.where(
        (bar[:, 0] > 40)[:, None],
        np.stack([40 + x * np.cos(far) - y * np.sin(far), x * np.sin(far) + y * np.cos(far), bar[:, 2]], 1),
        bar,
    )
    return np.unique(np.rint(turned).astype(np.int32) + np.array([10, 40, 20]), axis=0)


def rows(cloud: ov.PointCloud | ov.VoxelCloud | np.ndarray) -> set[tuple[int, ...]]:
    return {tuple(c) for c in np.asarray(getattr(cloud, "coords", cloud)).tolist()}


def d1(truth: np.ndarray, other: np.ndarray) -> float:
    """D1 PSNR in dB at a peak of 127."""
    found = psnr_of(distance(truth.astype(np.int32), other.astype(np.int32), 60, JOB).mse, 7)
    assert found is not None
    return found


@pytest.mark.parametrize("at", [0.01, 1 / 3, 0.5, 0.99])
def test_between_equal_frames_lies_the_same_frame(at: float) -> None:
    cloud = ov.PointCloud(hills(), attributes={"k": np.arange(48 * 48, dtype=np.uint16)})
    found = ov.interpolate(cloud, ov.PointCloud(hills(), attributes=dict(cloud.attributes)), at)
    order = np.lexsort(found.cloud.coords.T[::-1])
    assert np.array_equal(found.cloud.coords[order], cloud.coords)
    assert np.array_equal(found.cloud.attributes["k"][order], cloud.attributes["k"])
    assert found.report.rigid and found.report.motion_max == 0 and found.report.shared == len(cloud)


@pytest.mark.parametrize("step", [(8, 0, 4), (-6, 10, 0), (300, -212, 40)])
def test_a_frame_that_moves_as_a_whole_is_at_its_middle(step: tuple[int, int, int]) -> None:
    a, move = hills() + 400, np.array(step)
    found = ov.interpolate(ov.PointCloud(a), ov.PointCloud((a + move)[::-1]))
    assert rows(found.cloud) == rows(a + move // 2) and len(found.cloud) == len(a)
    assert found.report.rigid and found.report.weights_id == ""
    assert found.report.motion_mean == pytest.approx(np.linalg.norm(move))
    voxels = [ov.VoxelCloud.from_coords(c, depth=10) for c in (a, a + move)]
    assert rows(ov.interpolate(*voxels, 0.5).cloud) == rows(found.cloud)


def test_odd_steps_take_both_frames_to_the_same_place() -> None:
    a = hills() + 20
    found = ov.interpolate(ov.PointCloud(a), ov.PointCloud(a + np.array([3, -5, 1])))
    assert rows(found.cloud) == rows(a + np.array([2, -2, 1]))  # halves are rounded up


@pytest.mark.slow
def test_a_turning_limb_is_followed() -> None:
    """The motion is found by a search: no step takes one frame to the other as a whole."""
    a, truth, b = (bent(turn) for turn in (0.0, 0.25, 0.5))
    found = ov.interpolate(ov.PointCloud(a), ov.PointCloud(b))
    assert not found.report.rigid and found.report.weights_id
    best = max(d1(truth, a), d1(truth, b))
    assert d1(truth, found.cloud.coords) > best + 10
    assert abs(len(found.cloud) - (len(a) + len(b)) / 2) <= 1
    early = ov.interpolate(ov.PointCloud(a), ov.PointCloud(b), 0.25)
    assert d1(bent(0.125), early.cloud.coords) > d1(bent(0.125), found.cloud.coords) + 3


def test_points_have_the_properties_of_those_that_moved_there() -> None:
    a, b = bent(0.0), bent(0.3)
    first, second = np.zeros(len(a), np.uint8), np.ones(len(b), np.uint8)
    lists = [ov.ListColumn(np.full(n, 2), np.arange(2 * n)) for n in (len(a), len(b))]
    one = ov.PointCloud(
        a.astype(np.float32),
        attributes={
            "frame": first,
            "row": np.arange(len(a)),
            "pair": lists[0],
            "alone": first,
            "typed": first,
        },
    )
    two = ov.PointCloud(
        b.astype(np.float32),
        attributes={
            "typed": second.astype(np.int16),
            "frame": second,
            "row": np.arange(len(b)),
            "pair": lists[1],
        },
    )
    for at in (0.3, 0.7):
        found = ov.interpolate(one, two, at)
        cloud, report = found.cloud, found.report
        assert isinstance(cloud, ov.PointCloud) and cloud.coords.dtype == np.float32
        assert report.carried == ("frame", "row", "pair") == tuple(cloud.attributes)
        assert report.not_carried == ("alone", "typed")
        of_b, row = cloud.attributes["frame"] == 1, cloud.attributes["row"]
        assert of_b.any() and not of_b.all()
        assert of_b.mean() > 0.5 if at > 0.5 else of_b.mean() < 0.5
        share = share_of(at)
        codes = [np.sort(ov.morton_encode(c, 7)) for c in (a, b)]
        motion = find_motion(*codes, JOB, 1)
        assert report.depth == 7
        for own, coords, vectors, mine, part in (
            (codes[0], a, motion.there, ~of_b, share),
            (codes[1], b, motion.back, of_b, (1 << 16) - share),
        ):
            there, came = moved(own, vectors, part, 7)
            place = dict(zip(there.tolist(), own[came].tolist()))
            new = ov.morton_encode(cloud.coords[mine].astype(np.int64), 7)
            assert [place[c] for c in new.tolist()] == ov.morton_encode(coords[row[mine]], 7).tolist()
        values = cloud.attributes["pair"].values.reshape(-1, 2)
        assert np.array_equal(values, np.stack([2 * row, 2 * row + 1], 1))


def test_voxels_both_frames_move_to_stay() -> None:
    a, b = (np.sort(ov.morton_encode(bent(t), 7)) for t in (0.0, 0.3))
    motion = find_motion(a, b, JOB, 2)
    one, other = moved(a, motion.there, 1 << 15, 7)[0], moved(b, motion.back, 1 << 15, 7)[0]
    voxels = [ov.VoxelCloud.from_coords(bent(t), depth=7) for t in (0.0, 0.3)]
    found = ov.interpolate(*voxels)
    new = ov.morton_encode(found.cloud.coords, 7)
    assert np.isin(np.intersect1d(one, other), new).all() and np.isin(new, np.union1d(one, other)).all()
    assert found.report.shared == len(np.intersect1d(one, other))


def test_clouds_of_voxels_keep_grid_and_colours() -> None:
    grid = ov.Transform((5.0, 6.0, 7.0), 0.25)
    frames = []
    for turn, depth in ((0.0, 7), (0.3, 8)):
        voxels = ov.VoxelCloud.from_coords(bent(turn), grid, depth)
        voxels.colors = np.full((len(voxels), 3), 10 * depth, np.uint8)
        frames.append(voxels)
    found = ov.interpolate(*frames, threads=1)
    assert isinstance(found.cloud, ov.VoxelCloud)
    assert (found.cloud.depth, found.cloud.transform) == (8, grid)
    assert set(found.cloud.colors.ravel().tolist()) == {70, 80}
    again = ov.VoxelCloud.from_coords(found.cloud.coords, grid, 8)  # Morton order, no repeats
    assert np.array_equal(again.coords, found.cloud.coords)
    assert found.report.motion_step == 0.25
    frames[0].colors = None
    assert ov.interpolate(*frames).cloud.colors is None


def test_units_of_files(tmp_path: Path) -> None:
    low = np.minimum(bent(0.0).min(axis=0), bent(0.3).min(axis=0))  # where the lattice begins
    a, b = bent(0.0) - low, bent(0.3) - low
    for name, coords in (("a", a), ("b", b)):
        ov.write_cloud(tmp_path / f"{name}.ply", ov.PointCloud(coords * 0.002 - 7))
    found = ov.interpolate(tmp_path / "a.ply", tmp_path / "b.ply")
    plain = ov.interpolate(ov.PointCloud(a), ov.PointCloud(b))
    assert found.report.own_grid and found.report.voxel_size == pytest.approx(0.002)
    assert found.report.motion_max == pytest.approx(0.002 * plain.report.motion_max)
    scale, offset = (0.01, 0.01, 0.01), (1e5, 2e5, 0.0)
    scaled = [ov.PointCloud(c, scale=scale, offset=offset) for c in (a, b)]
    same = ov.interpolate(*scaled).cloud
    assert (same.scale, same.offset) == (scale, offset)
    assert rows(same) == rows(plain.cloud)


@pytest.mark.slow
def test_floats_on_no_lattice_get_the_grid_of_the_first_frame() -> None:
    dice = np.random.default_rng(1)
    points = dice.uniform(0, 1, (4000, 3))
    points[:, 2] = 0.3 + 0.05 * np.sin(7 * points[:, 0])
    a, b = ov.PointCloud(points[:300]), ov.PointCloud(points[300:] + np.array([0, 0, 0.2]))
    found, size = ov.interpolate(a, b), ov.voxelize(a)[1].voxel_size
    assert not found.report.own_grid and found.report.voxel_size == pytest.approx(size, rel=1e-3)
    assert ov.voxelize(ov.PointCloud(np.concatenate([a.coords, b.coords])))[1].voxel_size < 0.6 * size
    off = np.abs(found.cloud.coords[:, 2] - 0.4 - 0.05 * np.sin(7 * found.cloud.coords[:, 0]))
    assert np.median(off) < 2 * size
    assert ov.interpolate(a, b, depth=5).report.depth == 5


def test_points_without_a_place_are_counted() -> None:
    a = np.concatenate([hills(), [[np.nan, 0, 0]]]).astype(np.float32)
    report = ov.interpolate(ov.PointCloud(a), ov.PointCloud(hills().astype(np.float32))).report
    assert (report.left_out_a, report.left_out_b, report.voxels_a) == (1, 0, 48 * 48)


@pytest.mark.slow
@settings(deadline=None, max_examples=25)
@given(
    st.tuples(*[
        arrays.arrays(
            st.sampled_from([np.int16, np.uint8, np.float32, np.float64, np.int64]),
            st.tuples(st.integers(1, 30), st.just(3)),
            elements={"min_value": 0, "max_value": 100},
        )
        for _ in range(2)
    ]),
    st.floats(0, 1, exclude_min=True, exclude_max=True),
)  # fmt: skip
def test_any_two_clouds(coords: tuple[np.ndarray, np.ndarray], at: float) -> None:
    try:
        found = ov.interpolate(*(ov.PointCloud(c, attributes={"k": np.arange(len(c))}) for c in coords), at)
    except ov.InputError as error:  # coordinates of random bits may span too much, or lie too close
        assert error.field in ("positions", "depth"), error
        return
    cloud, report = found.cloud, found.report
    assert 1 <= len(cloud) == report.points <= max(report.voxels_a, report.voxels_b)
    assert len(rows(cloud)) == len(cloud)
    assert (cloud.coords >= 0).all()
    assert set(cloud.attributes["k"]) <= set(range(max(map(len, coords))))


@settings(deadline=None, max_examples=25)
@given(
    st.lists(st.tuples(*[st.integers(0, 15)] * 3), min_size=1, max_size=40, unique=True),
    st.lists(st.tuples(*[st.integers(0, 15)] * 3), min_size=1, max_size=40, unique=True),
)
def test_any_two_clouds_of_voxels(a: list, b: list) -> None:
    found = ov.interpolate(*(ov.VoxelCloud.from_coords(np.array(c), depth=4) for c in (a, b)))
    again = ov.VoxelCloud.from_coords(found.cloud.coords, depth=4)
    assert found.cloud.depth == 4 and np.array_equal(again.coords, found.cloud.coords)


def test_far_apart_and_spread_out() -> None:
    dice = np.random.default_rng(1)
    a, b = (dice.integers(0, 1 << 21, (300, 3)) for _ in range(2))
    report = ov.interpolate(ov.PointCloud(a), ov.PointCloud(b)).report
    assert report.points <= 300 and report.motion_step > 1
    one = ov.interpolate(ov.PointCloud([[0, 0, 0]]), ov.PointCloud([[100, 40, 2]]))
    assert one.cloud.coords.tolist() == [[50, 20, 1]]


def test_the_number_of_threads_changes_nothing() -> None:
    frames = ov.PointCloud(bent(0.0)), ov.PointCloud(bent(0.4))
    one, two = (ov.interpolate(*frames, 0.4, threads=n).cloud for n in (1, 2))
    assert np.array_equal(one.coords, two.coords)


@pytest.mark.parametrize("at", [0, 1, -0.5, 1.5, float("nan"), float("inf")])
def test_times_of_no_new_frame(at: float) -> None:
    with pytest.raises(ov.InputError, match="is not between 0 and 1") as error:
        ov.interpolate(ov.PointCloud(hills(8)), ov.PointCloud(hills(8)), at)
    assert error.value.field == "at"


def test_what_cannot_be_is_refused(tmp_path: Path) -> None:
    cloud, voxels = ov.PointCloud(hills(8)), ov.VoxelCloud.from_coords(hills(8))
    for empty in (np.empty((0, 3)), np.full((3, 3), np.nan)):
        for pair in ((cloud, ov.PointCloud(empty)), (ov.PointCloud(empty), cloud)):
            with pytest.raises(ov.InputError, match="no points with finite coordinates"):
                ov.interpolate(*pair)
    with pytest.raises(ov.InputError, match="cannot read"):
        ov.interpolate(cloud, tmp_path / "none.ply")
    with pytest.raises(ov.InputError, match="one cloud has voxels and the other one points"):
        ov.interpolate(cloud, voxels)
    with pytest.raises(ov.InputError, match="different scales"):
        ov.interpolate(cloud, ov.PointCloud(hills(8), scale=(0.5, 0.5, 0.5)))
    other = ov.VoxelCloud.from_coords(hills(8), ov.Transform((0.0, 0.0, 0.0), 0.5))
    with pytest.raises(ov.InputError, match=r"different grids: origin 0, 0, 0, step 1 and .*step 0.5"):
        ov.interpolate(voxels, other)
    with pytest.raises(ov.InputError, match="voxelized already"):
        ov.interpolate(voxels, voxels, depth=4)
    with pytest.raises(ov.InputError, match="no positive number"):
        ov.interpolate(cloud, cloud, threads=0)
    with pytest.raises(ov.InputError, match="a number"):
        ov.interpolate(cloud, cloud, "half")  # type: ignore[arg-type]


def test_missing_weights_are_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("octavox.codec.codecs.networks.FOLDER", tmp_path)
    same = ov.PointCloud(hills(16))
    assert ov.interpolate(same, same).report.points == 256  # nothing to be guessed
    with pytest.raises(ov.WeightsError, match="densifier"):
        ov.interpolate(ov.PointCloud(bent(0.0)), ov.PointCloud(bent(0.3)))


def test_progress_and_cancel() -> None:
    steps: list[ov.Progress] = []
    frames = ov.PointCloud(bent(0.0)), ov.PointCloud(bent(0.3))
    ov.interpolate(*frames, progress=steps.append)
    assert [*dict.fromkeys(step.stage for step in steps)] == ["motion", "guess"]
    assert all(0 <= step.done <= step.total for step in steps)
    assert [s.done for s in steps if s.stage == "motion"] == list(range(1, steps[0].total + 1))
    cancel = CancelToken()
    heard: list[str] = []

    def stop(step: ov.Progress) -> None:
        heard.append(step.stage)
        if len(heard) == 3:
            cancel.cancel()

    with pytest.raises(ov.CancelledError):
        ov.interpolate(*frames, progress=stop, cancel=cancel)
    assert len(heard) <= 4


def test_levels_of_the_search_end_where_memory_would() -> None:
    ends = [np.sort(ov.morton_encode(np.array([[0, 0, 0], [s, s, s]]))) for s in (200, 1 << 12, 1 << 20)]
    levels = [[left_out for left_out, _ in motion_field.search_levels(e, e)] for e in ends]
    assert levels[0] == [2, 1, 0]
    assert levels[1][-1] == 3 and levels[2][-1] == 11
    assert all(x == [*range(x[0], x[-1] - 1, -1)] for x in levels)
