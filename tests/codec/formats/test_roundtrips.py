"""Clouds of any content written and read again: what a format holds comes back bit for bit."""

from __future__ import annotations

import tempfile
import warnings
from pathlib import Path

import numpy as np
import pytest
from cloud_files import (
    ALL_CODES,
    PLY_CODES,
    assert_same,
    assert_same_info,
    numbers_of,
    plain_clouds,
    ply_clouds,
    same_bits,
    same_numbers,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from octavox.codec import PointCloud, ReadOptions, WriteOptions, read_cloud, write_cloud
from octavox.codec.cloud.columns import Column

FEW = settings(max_examples=60, deadline=None)


def back(
    cloud: PointCloud, suffix: str, read: ReadOptions | None = None, **options: bool
) -> tuple[PointCloud, tuple[str, ...]]:
    """The cloud once it has been in a file, and what the format could not hold."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"cloud{suffix}")
        lost = write_cloud(path, cloud, options=WriteOptions(**options))
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message=".*no points")
            return read_cloud(path, options=read), lost


@FEW
@given(cloud=ply_clouds())
def test_ply(cloud: PointCloud) -> None:
    found, lost = back(cloud, ".ply")
    assert lost == ()
    assert_same(cloud, found)
    assert_same_info(cloud.info, found.info)


@FEW
@given(cloud=ply_clouds())
def test_ply_as_text(cloud: PointCloud) -> None:
    found, lost = back(cloud, ".ply", ascii=True)
    assert all(name.startswith("bits of NaN") for name in lost)
    assert_same(cloud, found, same_numbers)
    assert_same_info(cloud.info, found.info, same_numbers)


def test_bits_of_nan_that_text_loses_are_named() -> None:
    odd = np.array([0x7FC00001, 0x7FC00000], np.uint32).view(np.float32)
    cloud = PointCloud(np.zeros((2, 3)), attributes={"a": odd, "b": np.full(2, np.nan, np.float32)})
    for suffix in (".ply", ".pcd", ".xyz"):
        assert back(cloud, suffix, ascii=True)[1] == ("bits of NaN in a",)


@FEW
@given(cloud=plain_clouds(ALL_CODES, components=3), compressed=st.booleans())
def test_pcd(cloud: PointCloud, compressed: bool) -> None:
    found, lost = back(cloud, ".pcd", compressed=compressed)
    assert lost == ()
    assert_same(cloud, found)


@FEW
@given(cloud=plain_clouds(ALL_CODES, components=3))
def test_pcd_as_text(cloud: PointCloud) -> None:
    found, lost = back(cloud, ".pcd", ascii=True)
    assert all(name.startswith("bits of NaN") for name in lost)
    assert_same(cloud, found, same_numbers)


@FEW
@given(
    cloud=plain_clouds((*ALL_CODES, "?"), components=3), suffix=st.sampled_from((".npy", ".npz", ".npz.gz"))
)
def test_numpy(cloud: PointCloud, suffix: str) -> None:
    found, lost = back(cloud, suffix)
    assert lost == ()
    assert_same(cloud, found)


@FEW
@given(
    cloud=plain_clouds(("i1", "u4", "i8", "u8", "f8"), least=1),
    suffix=st.sampled_from((".csv", ".xyz", ".txt", ".csv.gz")),
)
def test_text(cloud: PointCloud, suffix: str) -> None:
    found, lost = back(cloud, suffix)
    assert all(name.startswith("bits of NaN") for name in lost)
    assert list(found.attributes) == list(cloud.attributes)
    for name, column in cloud.attributes.items():
        assert same_as_text(column, found.attributes[name])
    for k in range(3):
        assert same_as_text(cloud.coords[:, k], found.coords[:, k])


def same_as_text(a: Column, b: Column) -> bool:
    """Whether numbers agree, whatever their types; the sign of zeros too where they are floats."""
    (x,), (y,) = numbers_of(a), numbers_of(b)
    if x.dtype.kind == "f" and y.dtype.kind == "f":
        return same_numbers(x, y.astype(x.dtype))
    return x.astype(object).tolist() == y.astype(object).tolist()


@FEW
@given(cloud=plain_clouds(("i4",)), suffix=st.sampled_from((".las", ".laz")), scale=st.floats(1e-3, 10))
def test_las(cloud: PointCloud, suffix: str, scale: float) -> None:
    cloud.scale, cloud.offset = (scale, 0.01, 1.0), (5.0, -scale, 0.0)
    known = {"gps_time", "intensity", "red", "green", "blue"}
    cloud.attributes = {name: c for name, c in cloud.attributes.items() if name not in known}
    found, lost = back(cloud, suffix)
    assert lost == ()
    assert same_bits(found.coords, cloud.coords)
    assert (found.scale, found.offset) == (cloud.scale, cloud.offset)
    assert all(same_bits(column, found.attributes[name]) for name, column in cloud.attributes.items())
    again, _ = back(found, suffix)
    assert_same(found, again)


@settings(max_examples=25, deadline=None)
@given(cloud=plain_clouds(("i1", "u1", "i2", "u2", "i4", "u4", "i8", "f4", "f8"), least=1))
def test_e57(cloud: PointCloud) -> None:
    pytest.importorskip("pye57")
    found, lost = back(cloud, ".e57")
    assert lost == ()
    assert_same(cloud, found)


@FEW
@given(cloud=plain_clouds(("f4",), least=1))
def test_raw_floats(cloud: PointCloud) -> None:
    intensity = cloud.attributes.get("intensity", np.zeros(len(cloud), np.float32))
    fields = ReadOptions(fields=("x", "y", "z", "intensity"))
    found, lost = back(cloud, ".bin", fields)
    assert set(lost) == set(cloud.attributes) - {"intensity"}
    assert same_bits(found.coords, cloud.coords)
    assert same_bits(found.attributes["intensity"], intensity)


@FEW
@given(cloud=plain_clouds(("f8",), least=1), suffix=st.sampled_from((".obj", ".off")))
def test_vertices(cloud: PointCloud, suffix: str) -> None:
    found, _ = back(cloud, suffix)
    assert same_numbers(found.coords, cloud.coords)


@pytest.mark.parametrize("suffix", [".ply", ".pcd", ".npy", ".npz", ".xyz", ".csv"])
@pytest.mark.parametrize(
    "codes", [("f4", "f8", "f8"), ("i4", "f4", "u1"), ("u1", "i2", "i2"), ("f2", "i1", "f4")]
)
def test_axes_of_several_types(tmp_path: Path, suffix: str, codes: tuple[str, str, str]) -> None:
    """Coordinates have one type that holds all; a file gets back what the axes had."""
    row = np.dtype([(axis, code) for axis, code in zip("xyz", codes)])
    table = np.zeros(4, row)
    for axis, values in zip("xyz", ([1, 2, 3, 4], [9, 8, 7, 6], [100, 5, 4, 0])):
        table[axis] = values
    np.save(tmp_path / "a.npy", table)
    cloud = read_cloud(tmp_path / "a.npy")
    assert cloud.axis_types == tuple(row[axis] for axis in "xyz")
    write_cloud(tmp_path / f"b{suffix}", cloud)
    again = read_cloud(tmp_path / f"b{suffix}")
    assert np.array_equal(again.coords, cloud.coords)
    if suffix in (".pcd", ".npy", ".npz") or (suffix == ".ply" and "f2" not in codes):
        assert again.axis_types == cloud.axis_types
    assert set(PLY_CODES) <= set(ALL_CODES)
