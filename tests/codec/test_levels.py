"""Levels: what comes back of a cloud is what the stream promises, and the certificate says so."""

from __future__ import annotations

import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import ovx_reader
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from sample_clouds import ROOT, make_sphere

from octavox import codec
from octavox.codec import InputError, PointCloud
from octavox.codec.cloud.records import axis_columns, keys_of

OCTREE = codec.CodecOptions(codec="octree")


def sorted_keys(cloud: PointCloud) -> bytes:
    return np.sort(keys_of(axis_columns(cloud))).tobytes()


def round_trip(cloud: PointCloud, **kept: object) -> tuple[codec.EncodeResult, codec.DecodeResult]:
    coded = codec.encode(cloud, options=OCTREE, **kept)
    return coded, codec.decode(coded.data)


def independent_points(data: bytes) -> list[tuple[object, ...]]:
    """The points as the reader of the tests has them; the voxels alone come from the library."""
    voxels = codec.decode(data).voxels.coords.tolist()
    counts = [count for own in ovx_reader.counts_of(data) for count in own]
    return ovx_reader.points_of(data, voxels, counts)


STEPS = st.sampled_from([1, 10, 0.5, 2.0**-20, 0.1, 0.01, 0.001, 1e-6, 25])
TYPES = st.sampled_from(["f4", "f8", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8"])


@st.composite
def clouds(draw) -> PointCloud:
    """Points on a lattice for each axis, some of them several times, in any order."""
    dtype = np.dtype(draw(TYPES))
    n = draw(st.integers(0, 40))
    cells = draw(npst.arrays(np.int64, (n, 3), elements=st.integers(0, 100)))
    cells = cells[
        draw(
            npst.arrays(
                np.int64, (draw(st.integers(0, 60)) if n else 0,), elements=st.integers(0, max(n - 1, 0))
            )
        )
    ]
    if dtype.kind in "iu":
        return PointCloud((cells + draw(st.integers(0, 27))).astype(dtype))
    columns = [cells[:, k] * draw(STEPS) + draw(st.sampled_from([0, 1, -1000, 500000])) for k in range(3)]
    decimal = [np.array([float(f"{v:.6f}") for v in column]) for column in columns]
    return PointCloud(np.stack(decimal, 1).reshape(-1, 3).astype(dtype))


@settings(max_examples=150)
@given(clouds())
def test_records_come_back_to_the_last_bit(cloud):
    coded, decoded = round_trip(cloud)
    assert coded.report.level == "records"
    assert decoded.cloud.coords.dtype == cloud.coords.dtype
    assert sorted_keys(decoded.cloud) == sorted_keys(cloud)
    certificate = codec.verify(cloud, coded.data)
    assert certificate.kept and certificate.identical
    if not any(codec.decode(coded.data).header.rough):
        assert sorted(independent_points(coded.data)) == sorted(map(tuple, decoded.cloud.coords.tolist()))
    assert coded.report.bits.owned == pytest.approx(coded.report.bits.total, rel=1e-3)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, -0.0, 1e30])
def test_points_off_the_grid_are_kept_as_they_are(value):
    coords = np.round(np.random.default_rng(1).random((500, 3)) * 100, 2).astype(np.float32)
    coords[7] = value
    cloud = PointCloud(coords)
    coded, decoded = round_trip(cloud)
    assert coded.report.level == "records"
    assert sorted_keys(decoded.cloud) == sorted_keys(cloud)
    assert codec.verify(cloud, coded.data).identical
    assert len(ovx_reader.strays_of(coded.data)) == 1


def test_the_payload_of_a_nan_is_kept():
    coords = np.zeros((100, 3), np.float32)
    coords[3, 1] = np.uint32(0x7FC12345).view(np.float32)
    cloud = PointCloud(coords)
    assert sorted_keys(round_trip(cloud)[1].cloud) == sorted_keys(cloud)


def test_one_far_point_is_a_stray_and_needs_a_word_as_a_voxel():
    rng = np.random.default_rng(2)
    coords = np.round(rng.random((300, 3)) * [100, 100, 30] + [500000, 5400000, 100], 2)
    cloud = PointCloud(np.vstack([coords, np.zeros((1, 3))]))
    assert codec.verify(cloud, round_trip(cloud)[0].data).identical
    with pytest.raises(InputError, match=r"point 300 at \(0, 0, 0\)"):
        codec.encode(cloud, options=OCTREE, keep="voxels")


def test_las_integers_are_taken_as_they_are():
    stored = np.random.default_rng(3).integers(-1000, 1000, (200, 3)).astype(np.int32)
    cloud = PointCloud(stored, scale=(0.01, 0.01, 0.001), offset=(5e5, 5.4e6, 0.0))
    _, decoded = round_trip(cloud)
    assert (decoded.cloud.scale, decoded.cloud.offset) == (cloud.scale, cloud.offset)
    assert sorted_keys(decoded.cloud) == sorted_keys(cloud)
    assert decoded.voxels.transform.axis_scale == (0.01, 0.01, 0.001)
    assert np.allclose(np.sort(decoded.voxels.positions, 0), np.sort(np.unique(cloud.positions, axis=0), 0))


@pytest.mark.filterwarnings("ignore::octavox.codec.DroppedWarning")
def test_the_scale_of_las_moves_no_point():
    stored = np.random.default_rng(3).integers(-100000, 100000, (300, 3)).astype(np.int32)
    cloud = PointCloud(stored, scale=(0.01, 0.001, 0.01), offset=(5e5, 5.4e6, 0.1))
    data = codec.encode(cloud, options=OCTREE, keep="voxels").data
    certificate = codec.verify(cloud, data)
    assert certificate.kept and certificate.moved_max == certificate.moved_mean == 0.0


def test_voxels_say_what_became_of_the_points():
    cloud = PointCloud(np.random.default_rng(4).random((1000, 3)), attributes={"intensity": np.arange(1000)})
    with pytest.warns(codec.MovedPointsWarning, match="15 merge"):
        coded = codec.encode(cloud, options=OCTREE, keep="voxels", drop="intensity")
    assert (coded.report.level, coded.report.dropped) == ("voxels", ("intensity",))
    certificate = codec.verify(cloud, coded.data)
    assert certificate.kept and not certificate.identical
    voxelization = coded.report.voxelization
    assert certificate.moved_max == pytest.approx(voxelization.moved_max)
    assert certificate.merged == voxelization.merged == 1000 - len(codec.decode(coded.data).cloud)
    assert certificate.dropped == ("intensity",)
    info = codec.info(coded.data)
    assert (info.level, info.merged, info.dropped) == ("voxels", certificate.merged, ("intensity",))
    assert info.moved_max == pytest.approx(certificate.moved_max)


def test_what_was_asked_for_gets_no_warning():
    cloud = PointCloud(np.random.default_rng(5).random((100, 3)))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert codec.encode(cloud, options=OCTREE, depth=8).report.depth == 8
        size = codec.encode(cloud, options=OCTREE, voxel_size=0.125).report.voxelization.voxel_size
    assert size == 0.125


@pytest.mark.parametrize(
    ("cloud", "kept", "field"),
    [
        (PointCloud(np.zeros((2, 3))), {"keep": "file"}, "keep"),
        (PointCloud(np.zeros((2, 3)), attributes={"a": [1, 2]}), {"drop": "b"}, "drop"),
        (PointCloud(np.zeros((2, 3))), {"keep": "records", "depth": 4}, "keep"),
        (PointCloud(np.zeros((2, 3))), {"depth": 4, "voxel_size": 1.0}, "voxel size"),
        (PointCloud(np.zeros((2, 3))), {"voxel_size": -1.0}, "voxel size"),
        (PointCloud(np.zeros((2, 3))), {"keep": "everything"}, "keep"),
        (PointCloud(np.full((2, 3), np.nan)), {"nan": "error"}, "positions"),
        (make_sphere(4, 5.0), {"depth": 3}, "depth"),
    ],
)
def test_what_cannot_be_kept_is_refused(cloud, kept, field):
    with pytest.raises(InputError) as caught:
        codec.encode(cloud, options=OCTREE, **kept)
    assert caught.value.field == field


def test_a_fresh_process_that_never_saw_the_original(tmp_path: Path):
    cells = np.random.default_rng(7).integers(0, 50, (4000, 3))
    cloud = PointCloud((cells * 0.125).astype(np.float32))
    coded, _ = round_trip(cloud)
    path = tmp_path / "a.ovx"
    path.write_bytes(coded.data)
    script = (
        "import sys, numpy as np, hashlib, octavox as ov\n"
        "from octavox.codec.cloud.records import axis_columns, keys_of\n"
        "cloud = ov.decode(sys.argv[1]).cloud\n"
        "print(hashlib.sha256(np.sort(keys_of(axis_columns(cloud))).tobytes()).hexdigest())"
    )
    command = [sys.executable, "-c", script, str(path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=250)
    import hashlib

    assert done.stdout.strip() == hashlib.sha256(sorted_keys(cloud)).hexdigest()


def test_slices_have_their_own_duplicates():
    cells = np.random.default_rng(8).integers(0, 200, (3000, 3))
    cloud = PointCloud(np.concatenate([cells, cells[::3]]).astype(np.int32))
    data = codec.encode(cloud, options=codec.CodecOptions(codec="octree", slices=3)).data
    count = len(ovx_reader.slices_of(data))
    parts = [codec.decode(data, slices=[k]).cloud.coords for k in range(count)]
    assert count > 1
    assert np.array_equal(np.concatenate(parts), codec.decode(data).cloud.coords)
