"""Voxelization: integers come back exactly, floats move no further than the report says."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from sample_clouds import SAMPLE_POINTS

from octavox.codec import (
    CancelledError,
    CancelToken,
    InputError,
    PointCloud,
    Transform,
    read_cloud,
    voxelize,
    write_ply,
)
from octavox.codec.cloud.morton import is_morton_sorted, sort_unique
from octavox.codec.cloud.quantize import quantize
from octavox.codec.cloud.spacing import median_spacing
from octavox.codec.formats.ply_write import positions_of
from octavox.codec.job import PART


def check(cloud: PointCloud, depth: int | None = None):
    """Voxelizes and holds the result to what every result must fulfil."""
    voxels, report = voxelize(cloud, depth=depth)
    assert voxels.coords.dtype == np.int32
    assert is_morton_sorted(voxels.coords, voxels.depth)
    assert report.points == len(voxels)
    assert report.input_points == len(cloud.positions)
    assert report.merged == report.input_points - report.points - report.left_out
    assert report.depth == voxels.depth
    assert report.voxel_size == voxels.transform.scale > 0
    rebuilt = positions_of(voxels)
    assert np.isfinite(rebuilt).all()
    if report.exact and len(rebuilt):
        stored = voxels.grid.coords(voxels.coords)
        assert stored.dtype == cloud.coords.dtype
        finite = cloud.coords[np.isfinite(cloud.coords).all(axis=1)]
        assert np.array_equal(np.unique(stored, axis=0), np.unique(finite, axis=0))
    if cloud.coords.dtype.kind == "i" and len(cloud) and np.abs(cloud.coords).max() > 1 << 52:
        return voxels, report  # `quantize` counts in doubles
    found = quantize(cloud, voxels.transform, voxels.depth)
    assert found.outside == 0
    assert np.array_equal(found.coords, voxels.coords)
    if voxels.grid is not None and not report.exact:
        assert found.moved_max == pytest.approx(report.moved_max, rel=1e-6, abs=1e-300)
    return voxels, report


def rows(*points) -> np.ndarray:
    return np.array(points, np.float64).reshape(-1, 3)


INTEGERS = st.sampled_from([1, 100, (1 << 21) - 1]).flatmap(
    lambda high: npst.arrays(
        np.int64, st.tuples(st.integers(1, 30), st.just(3)), elements=st.integers(0, high)
    )
)


@given(
    INTEGERS, st.sampled_from([np.int64, np.float64, np.float32, np.uint32]), st.integers(-(1 << 40), 1 << 40)
)
def test_integers_come_back_exactly(values, dtype, shift):
    offset = shift if dtype in (np.int64, np.float64) else 0
    positions = (values + offset).astype(dtype)
    voxels, report = check(PointCloud(positions))
    assert report.exact
    assert report.moved_max == 0
    assert {tuple(p) for p in positions_of(voxels)} == {tuple(map(float, p)) for p in positions.tolist()}


@pytest.mark.parametrize(
    ("high", "depth"), [(0, 1), (1, 1), (2, 2), (255, 8), (256, 9), (1023, 10), ((1 << 21) - 1, 21)]
)
def test_depth_is_the_bit_length_and_the_grid_is_the_files(high, depth):
    voxels, report = check(PointCloud(rows([5 % (high + 1), 0, 0], [high, 0, 0])))
    assert voxels.depth == depth
    assert voxels.transform == Transform()
    assert report.shifted == (0, 0, 0)


def test_a_grid_that_does_not_begin_at_zero_is_shifted():
    voxels, report = check(PointCloud(rows([-5, 1000, 7], [-4, 1001, 8])))
    assert voxels.depth == 1
    assert report.shifted == (-5, 1000, 7)
    assert voxels.transform == Transform((-5.0, 1000.0, 7.0), 1.0)
    voxels, _ = check(PointCloud(rows([1 << 30, 0, 0], [(1 << 30) + 3, 0, 0], [(1 << 30) + 1, 0, 0])))
    assert (voxels.depth, voxels.transform.origin[0]) == (2, float(1 << 30))


def test_multiples_of_a_step_take_fewer_bits():
    grid = np.indices((9, 9, 9)).reshape(3, -1).T
    voxels, report = check(PointCloud(grid * np.array([100, 100, 7]) - 300))
    assert (voxels.depth, report.exact) == (4, True)
    assert voxels.transform == Transform((-300.0, -300.0, -300.0), 7.0, (100.0, 100.0, 7.0))
    flat, _ = check(PointCloud(grid * np.array([100, 100, 0])))
    assert flat.transform == Transform(
        (0.0, 0.0, 0.0), 100.0
    )  # an axis without extent takes the others' step


def test_a_larger_depth_changes_nothing_else():
    cloud = PointCloud(rows([0, 1, 2], [3, 3, 3]))
    small, _ = check(cloud)
    large, report = check(cloud, depth=12)
    assert np.array_equal(small.coords, large.coords)
    assert (large.depth, report.exact) == (12, True)


def test_a_smaller_depth_drops_low_bits_and_says_so():
    grid = np.indices((8, 8, 8)).reshape(3, -1).T
    voxels, report = check(PointCloud(grid), depth=2)
    assert np.array_equal(voxels.coords, sort_unique(grid >> 1, 2))
    assert voxels.transform == Transform((0.5, 0.5, 0.5), 2.0)
    assert (report.points, report.merged, report.exact) == (64, 448, False)
    assert report.moved_max == pytest.approx(np.sqrt(0.75))
    assert report.moved_mean == pytest.approx(np.sqrt(0.75))
    negative, report = check(PointCloud(grid - 4), depth=2)
    assert np.array_equal(negative.coords, voxels.coords)
    assert negative.transform.origin == (-3.5, -3.5, -3.5)


def test_integers_beyond_21_bits_need_a_depth():
    cloud = PointCloud(rows([0, 0, 0], [1 << 21, 0, 0], [1, 0, 0]))
    with pytest.raises(InputError, match=r"22 bits .*--depth N"):
        voxelize(cloud)
    voxels, report = check(cloud, depth=21)
    assert (voxels.transform.scale, report.exact) == (2.0, False)
    wide = PointCloud(np.array([[-(2**51), 0, 0], [2**51, 1, 0], [0, 3, 1]]))
    assert len(check(wide, depth=1)[0]) == 2
    with pytest.raises(InputError, match="2\\^51"):
        voxelize(PointCloud(wide.positions * 2), depth=1)
    far, report = check(PointCloud(np.array([[2**53 - 1, 0, 0], [2**53 - 2, 1, 0]])))
    assert (len(far), report.exact) == (2, True)


@pytest.mark.parametrize("value", [2**53 + 1, -(2**61), 2**62 - 1])
def test_integers_that_float64_cannot_hold_are_exact(value):
    _, report = check(PointCloud(np.array([[value, 0, 0], [value - 3, 0, 1]])))
    assert report.exact


@pytest.mark.parametrize("value", [-(2**63), 2**63 - 1, 2**62])
def test_integers_beyond_62_bits_are_refused(value):
    with pytest.raises(InputError, match="2\\^53"):
        voxelize(PointCloud(np.array([[value, 0, 0], [0, 0, 0]])), depth=10)


@pytest.mark.parametrize("depth", [0, -1, 22])
def test_depth_out_of_range(depth):
    with pytest.raises(InputError, match="outside"):
        voxelize(PointCloud(rows([0, 0, 0])), depth=depth)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_coordinates_that_are_not_finite_are_left_out(value):
    voxels, report = check(PointCloud(rows([0, 0, 0], [0, value, 0], [5, 6, 7])))
    assert (len(voxels), report.left_out, report.merged, report.exact) == (2, 1, 0, True)
    floats = np.random.default_rng(1).random((50, 3))
    floats[3] = value
    assert check(PointCloud(floats))[1].left_out == 1


@pytest.mark.parametrize("positions", [np.zeros(3), np.zeros((2, 2)), np.array([["a", "b", "c"]])])
def test_wrong_arrays(positions):
    with pytest.raises(InputError, match="positions must be"):
        voxelize(PointCloud(positions))
    with pytest.raises(InputError, match="colours must be"):
        voxelize(PointCloud(np.zeros((2, 3)), np.zeros((3, 3), np.uint8)))


# Floats


def test_float_grid_meets_both_ends():
    positions = np.random.default_rng(5).random((500, 3)) * [10, 4, 1] - 3
    voxels, report = check(PointCloud(positions), depth=8)
    extent = np.ptp(positions, axis=0).max()
    assert report.voxel_size == extent / 255
    assert voxels.coords.max() == 255
    assert report.moved_max <= np.sqrt(0.75) * report.voxel_size
    assert 0 < report.moved_mean < report.moved_max
    assert report.shifted == tuple(positions.min(axis=0))


def test_float_voxelization_is_idempotent():
    positions = np.random.default_rng(6).random((500, 3))
    once, _ = check(PointCloud(positions), depth=7)
    twice, report = check(PointCloud(positions_of(once)), depth=7)
    assert np.array_equal(once.coords, twice.coords)
    assert report.moved_max < 1e-12


def test_default_depth_follows_the_spacing():
    """A jittered lattice of step 1 in a cube of about 31: 5 bits resolve it, 4 do not."""
    rng = np.random.default_rng(7)
    grid = np.indices((32, 32, 2)).reshape(3, -1).T + rng.uniform(-0.2, 0.2, (2048, 3))
    voxels, report = check(PointCloud(grid))
    assert 5 <= voxels.depth <= 6
    assert report.merged < 100


@pytest.mark.parametrize("step", [0.02, 1 / 3, 1e-6, 1e20])
def test_a_float_lattice_keeps_its_step(step):
    """Voxel-downsampled scans in metres: every lattice point is a voxel of its own."""
    grid = np.indices((20, 20, 5)).reshape(3, -1).T
    positions = (grid * np.float64(step) + 7 * step).astype(np.float32).astype(np.float64)
    voxels, report = check(PointCloud(positions))
    assert report.voxel_size == pytest.approx(step, rel=1e-5)
    assert (report.merged, voxels.depth) == (0, 5)
    assert {tuple(c) for c in voxels.coords} == {tuple(c) for c in grid}
    assert report.moved_max < 1e-4 * step


def test_median_spacing_is_that_of_brute_force():
    rng = np.random.default_rng(8)
    for positions in (
        rng.random((300, 3)),
        rng.random((300, 3)) * [1, 1, 0] * 1e-3 + 5,
        np.concatenate([rng.random((200, 3)), 1000 + rng.random((5, 3))]),
        np.repeat(rng.random((50, 3)), 3, axis=0),
    ):
        unique = np.unique(positions, axis=0)
        distance = np.linalg.norm(unique[:, None] - unique[None], axis=2)
        np.fill_diagonal(distance, np.inf)
        assert median_spacing(positions) == pytest.approx(np.median(distance.min(axis=1)), rel=1e-9)


def test_median_spacing_of_a_crowd_is_bounded_work():
    """All points but one in one cell of the search grid: the answer stays finite."""
    positions = np.random.default_rng(9).random((3000, 3)) * 1e-9
    positions[0] = 1.0
    assert 0 < median_spacing(positions) < 1e-8


@pytest.mark.parametrize("positions", [np.empty((0, 3)), rows([0.5, 1, 2]), np.full((4, 3), 0.1)])
def test_clouds_without_extent(positions):
    voxels, report = check(PointCloud(positions))
    assert len(voxels) == min(len(positions), 1)
    assert (voxels.depth, report.exact) == (1, True)
    assert np.array_equal(positions_of(voxels), positions[:1])
    assert check(PointCloud(positions), depth=9)[0].depth == 9


def test_one_integer_point():
    voxels, report = check(PointCloud(rows([1000, 0, 7])))
    assert (len(voxels), voxels.depth, report.exact) == (1, 10, True)


@pytest.mark.parametrize("scale", [5e-324, 1e-310, 1e-30, 1e30, 1e300])
def test_extreme_scales(scale):
    positions = rows([0, 0, 0], [1, 2, 3], [3, 1, 0.5]) * scale
    _, report = check(PointCloud(positions))
    assert report.points == 3
    assert report.moved_max <= report.voxel_size


def test_neighbouring_floats_far_out():
    first = 1e16 + 2 * np.arange(3)
    cloud = PointCloud(np.stack([first, first, first], axis=1))
    _, report = check(cloud)
    assert (report.points, report.exact) == (3, True)
    with pytest.raises(InputError, match="at most"):
        voxelize(cloud, depth=20)


@pytest.mark.parametrize("high", [1.7e308, -1e308, 2.0**1000])
def test_a_range_that_overflows(high):
    with pytest.raises(InputError, match="overflows"):
        voxelize(PointCloud(rows([-1.7e308, 0, 0], [high, 0, 0])))


FINITE = st.floats(allow_nan=False, allow_infinity=False)


@settings(max_examples=300)
@given(
    npst.arrays(np.float64, st.tuples(st.integers(0, 12), st.just(3)), elements=FINITE),
    st.one_of(st.none(), st.integers(1, 21)),
)
def test_any_floats_are_voxelized_or_refused(positions, depth):
    try:
        _, report = check(PointCloud(positions), depth)
    except InputError:
        return
    assert report.moved_max <= report.voxel_size * (1 + 1e-9)


# Merging


def test_duplicates_merge_and_colours_are_averaged():
    colors = np.array([[0, 10, 255], [1, 30, 255], [9, 9, 9], [2, 20, 255]], np.uint8)
    cloud = PointCloud(rows([1, 1, 1], [1, 1, 1], [0, 0, 0], [1, 1, 1]), colors)
    voxels, report = check(cloud)
    assert (report.points, report.merged, report.exact) == (2, 2, True)
    assert voxels.colors.tolist() == [[9, 9, 9], [1, 20, 255]]


def test_colours_follow_their_voxels_into_morton_order():
    rng = np.random.default_rng(10)
    positions = np.unique(rng.integers(0, 200, (300, 3)), axis=0)
    rng.shuffle(positions)
    voxels, _ = check(PointCloud(positions, positions.astype(np.uint8)))
    assert np.array_equal(voxels.colors, voxels.coords)


def test_the_sample_is_exact(sample_path):
    voxels, report = check(read_cloud(sample_path))
    assert (report.points, report.merged, report.depth, report.exact) == (SAMPLE_POINTS, 0, 8, True)
    assert report.dropped == ("red", "green", "blue")
    assert voxels.colors is not None


def test_quantize_counts_what_lies_outside():
    cloud = PointCloud(rows([0, 0, 0], [7, 7, 7], [8, 0, 0], [8.2, 0, 0], [-1, 0, 0], [1e300, 0, 0]))
    found = quantize(cloud, Transform(), 3)
    assert found.coords.tolist() == [[0, 0, 0], [7, 7, 7]]
    assert (found.moved_max, found.outside) == (0, 3)


class Impatient(CancelToken):
    """Cancelled at its `patience`-th look; counts them."""

    def __init__(self, patience: float = np.inf) -> None:
        super().__init__()
        self.patience, self.looks = patience, 0

    def raise_if_cancelled(self) -> None:
        self.looks += 1
        if self.looks >= self.patience:
            self.cancel()
        super().raise_if_cancelled()


SCATTERED = np.random.default_rng(5).random((3 * PART + 7, 3))


@pytest.mark.slow
@pytest.mark.parametrize(
    "cloud",
    [
        PointCloud(SCATTERED),
        PointCloud((SCATTERED * 500).astype(np.int64) + 3),
        PointCloud(SCATTERED * 10 + 1),
    ],
    ids=["floats", "integers", "shifted"],
)
def test_a_cancel_is_heard_throughout_voxelizing(cloud):
    all_of_it = Impatient()
    voxels, _ = voxelize(cloud, cancel=all_of_it)
    assert all_of_it.looks >= 7  # each pass over the points looks once a part
    for patience in range(1, all_of_it.looks + 1):
        with pytest.raises(CancelledError):
            voxelize(cloud, cancel=Impatient(patience))
    again, _ = voxelize(cloud)
    assert np.array_equal(voxels.coords, again.coords)


def test_a_cancel_is_heard_while_a_file_is_read(tmp_path):
    path = tmp_path / "cloud.ply"
    write_ply(path, voxelize(PointCloud(SCATTERED), depth=12)[0])
    all_of_it = Impatient()
    read_cloud(path, cancel=all_of_it)
    assert all_of_it.looks >= 3
    for patience in range(1, all_of_it.looks + 1):
        with pytest.raises(CancelledError):
            read_cloud(path, cancel=Impatient(patience))
