"""Clouds to objects of other packages and back: what the other side holds is kept, all else is named."""

from __future__ import annotations

import builtins
import importlib
import re
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from cloud_files import assert_same, plain_clouds, same_bits
from hypothesis import given, settings
from hypothesis import strategies as st

import octavox as ov
from octavox.codec.cloud.columns import ListColumn

FEW = settings(max_examples=40, deadline=None)
RNG = np.random.default_rng(11)


@pytest.fixture
def _every_warning_counts() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("error", ov.DroppedWarning)
        yield


def cloud(rows: int = 6, **more: Any) -> ov.PointCloud:
    """A cloud with colours, normals and columns of several types."""
    attributes = {
        "intensity": RNG.integers(0, 1 << 16, rows).astype(np.uint16),
        "nx": RNG.random(rows),
        "ny": RNG.random(rows),
        "nz": RNG.random(rows),
        "feature": RNG.random((rows, 2)).astype(np.float32),
        "time": np.arange(rows) + (1 << 60),
        "ground": RNG.random(rows) < 0.5,
    }
    colors = RNG.integers(0, 256, (rows, 3)).astype(np.uint8)
    positions = RNG.random((rows, 3)).astype(np.float32)
    return ov.PointCloud(positions, colors, attributes={**attributes, **more})


def same_columns(a: ov.PointCloud, b: ov.PointCloud) -> None:
    """Fails where coordinates or columns differ, in any order."""
    assert same_bits(a.coords, b.coords)
    assert sorted(a.attributes) == sorted(b.attributes)
    for name, column in a.attributes.items():
        assert same_bits(column, b.attributes[name]), name


LISTS = ListColumn(np.array([2, 0, 1, 0, 3, 1], np.uint8), np.arange(7, dtype=np.int16))


# -- NumPy -------------------------------------------------------------------------------------------


@FEW
@given(given_cloud=plain_clouds(("i1", "u2", "i4", "i8", "u8", "f2", "f4", "f8", "?"), components=3))
def test_arrays_give_the_cloud_back(given_cloud: ov.PointCloud) -> None:
    assert_same(given_cloud, ov.PointCloud.from_numpy(given_cloud.to_numpy()))


def test_arrays_of_numbers_have_their_columns_named() -> None:
    rows = np.arange(15, dtype=np.int16).reshape(3, 5)
    plain = ov.PointCloud.from_numpy(rows)
    assert same_bits(plain.coords, rows[:, :3].copy()) and list(plain.attributes) == ["column_4", "column_5"]
    named = ov.PointCloud.from_numpy(rows, names=("label", "x", "y", "z"))
    assert same_bits(named.coords, rows[:, 1:4].copy())
    assert list(named.attributes) == ["label", "column_5"]
    assert same_bits(named.attributes["label"], rows[:, 0].copy())
    more = ov.PointCloud.from_numpy(rows[:, :3], columns={"a": [1, 2, 3], "b": np.ones((3, 2))})
    assert list(more.attributes) == ["a", "b"]
    assert len(ov.PointCloud.from_numpy(np.empty((0, 3)))) == 0


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("name", ["xyz", "points", "positions", "coords"])
def test_structured_arrays_with_one_field_of_three_numbers(name: str, order: str) -> None:
    rows = np.zeros(4, [("label", "u1"), (name, f"{order}f4", (3,))])
    rows[name] = np.arange(12).reshape(4, 3)
    found = ov.PointCloud.from_numpy(rows)
    assert same_bits(found.coords, np.arange(12, dtype=np.float32).reshape(4, 3))
    assert list(found.attributes) == ["label"]


def test_axes_of_several_types_stay_so() -> None:
    rows = np.zeros(3, [("x", "f8"), ("y", "f4"), ("z", "i2"), ("i", ">u4")])
    rows["x"], rows["z"], rows["i"] = [0.1, 1e300, -0.0], [-5, 3, 2], [1, 2, 3]
    found = ov.PointCloud.from_numpy(rows)
    assert found.axis_types == (np.dtype("f8"), np.dtype("f4"), np.dtype("i2"))
    again = found.to_numpy()
    assert all(np.array_equal(again[name], rows[name]) for name in "xyzi")
    assert again.dtype["z"] == np.dtype("i2")


@pytest.mark.parametrize(
    ("array", "arguments", "field"),
    [
        (np.zeros((4, 2)), {}, "array"),
        (np.zeros(4), {}, "array"),
        (np.zeros((4, 3), complex), {}, "array"),
        (np.array([["a", "b", "c"]]), {}, "array"),
        (np.zeros((4, 3)), {"names": ("x", "y")}, "z"),
        (np.zeros((4, 4)), {"names": ("x", "y", "z", "z")}, "names"),
        (np.zeros((4, 3)), {"names": ("a", "b", "c")}, "x"),
        (np.zeros((4, 3)), {"columns": {"a": [1, 2]}}, "a"),
        (np.zeros((4, 3)), {"columns": {"": [1, 2, 3, 4]}}, "attributes"),
        (np.zeros((4, 3)), {"columns": {"a": ["b"] * 4}}, "a"),
        (np.zeros((4, 4)), {"columns": {"column_4": [1, 2, 3, 4]}}, "column_4"),
        (np.zeros(4, [("x", "f4"), ("y", "f4")]), {}, "z"),
        (np.zeros(4, [("x", "f4"), ("y", "f4"), ("z", "U3")]), {}, "z"),
        (np.zeros(4, [("x", "f4"), ("y", "f4"), ("z", "f4")]), {"names": ("x", "y", "z")}, "names"),
        ([[1, 2, 3], [4, 5]], {}, "array"),
        ("no array", {}, "array"),
        (None, {}, "array"),
    ],
)
def test_what_is_no_cloud_is_an_error_of_ours(array: Any, arguments: dict[str, Any], field: str) -> None:
    with pytest.raises(ov.InputError) as error:
        ov.PointCloud.from_numpy(array, **arguments)
    assert error.value.field == field


def test_scaled_positions_are_given_in_the_units_of_the_file() -> None:
    las = ov.PointCloud(np.array([[1, 2, 3]], np.int32), scale=(0.5, 0.25, 1.0), offset=(10.0, 0.0, 0.0))
    rows = las.to_numpy()
    assert (rows["x"].item(), rows["y"].item(), rows["z"].item()) == (10.5, 0.5, 3.0)
    assert las.to_pandas()[["x", "y", "z"]].to_numpy().tolist() == [[10.5, 0.5, 3.0]]


# -- pandas ------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("_every_warning_counts")
def test_data_frames_give_the_cloud_back() -> None:
    pytest.importorskip("pandas")
    ours = cloud(ids=LISTS)
    frame = ours.to_pandas()
    assert list(frame.columns)[:4] == ["x", "y", "z", "intensity"]
    assert {"feature_0", "feature_1"} <= set(frame.columns)
    assert frame["ids"][0].tolist() == [0, 1] and frame["ids"][1].tolist() == []
    found = ov.PointCloud.from_pandas(frame)
    assert same_bits(found.coords, ours.coords)
    assert np.array_equal(found.attributes["feature_1"], ours.attributes["feature"][:, 1])
    ids = found.attributes["ids"]
    assert isinstance(ids, ListColumn) and same_bits(ids.values, LISTS.values)
    assert ids.lengths.tolist() == LISTS.lengths.tolist()
    for name in ("intensity", "red", "time", "ground"):
        assert same_bits(found.attributes[name], ours.attributes[name])


def test_what_a_data_frame_has_beside_numbers_is_named() -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(
        {
            "X": [1.0, 2.0],
            "Y": [1, 2],
            "Z": [0.0, 0.5],
            "name": ["a", "b"],
            "when": pandas.to_datetime(["2026-01-01", "2026-01-02"]),
            "whole": pandas.array([1, 2], "Int32"),
            "gaps": pandas.array([1, None], "Int32"),
            7: [1, 2],
        },
        index=["p", "q"],
    )
    with pytest.warns(ov.DroppedWarning, match="name, when, gaps, index") as caught:
        found = ov.PointCloud.from_pandas(frame)
    assert caught[0].filename == __file__
    assert found.positions.tolist() == [[1, 1, 0], [2, 2, 0.5]]
    assert {name: c.dtype for name, c in found.attributes.items()} == {"whole": "int32", "7": "int64"}
    with pytest.raises(ov.InputError, match="'z'"):
        ov.PointCloud.from_pandas(pandas.DataFrame({"x": [1], "y": [2]}))
    with pytest.raises(ov.InputError, match="two columns"):
        ov.PointCloud.from_pandas(pandas.DataFrame([[1, 2]], columns=["x", "x"]))


def test_data_frames_can_be_changed_without_changing_the_cloud() -> None:
    pytest.importorskip("pandas")
    ours = cloud()
    frame = ours.to_pandas()
    frame.loc[0, "x"] = 99.0
    assert ours.coords[0, 0] != 99.0


# -- Open3D ------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("_every_warning_counts")
def test_tensors_of_open3d_give_the_cloud_back() -> None:
    open3d = pytest.importorskip("open3d")
    ours = cloud()
    theirs = ours.to_open3d()
    assert isinstance(theirs, open3d.t.geometry.PointCloud)
    assert theirs.point.colors.dtype == open3d.core.uint8 and theirs.point.normals.shape[1] == 3
    same_columns(ours, ov.PointCloud.from_open3d(theirs))


@FEW
@given(
    given_cloud=plain_clouds(("i1", "u2", "i4", "u4", "i8", "u8", "f4", "f8", "?"), components=3, least=1),
    name=st.sampled_from(("open3d", "pyvista")),
)
def test_any_columns_come_back(given_cloud: ov.PointCloud, name: str) -> None:
    pytest.importorskip(name)
    if name == "pyvista":
        given_cloud.coords = np.clip(np.nan_to_num(given_cloud.coords.astype(np.float64)), -1e9, 1e9).astype(
            np.float32
        )
    found = getattr(ov.PointCloud, f"from_{name}")(getattr(given_cloud, f"to_{name}")())
    same_columns(given_cloud, found)


def test_clouds_of_open3d_hold_positions_normals_and_colours() -> None:
    open3d = pytest.importorskip("open3d")
    ours = cloud()
    with pytest.warns(ov.DroppedWarning, match="cannot hold: intensity, feature, time, ground$"):
        theirs = ours.to_open3d(legacy=True)
    assert isinstance(theirs, open3d.geometry.PointCloud)
    found = ov.PointCloud.from_open3d(theirs)
    assert np.array_equal(found.coords, ours.coords) and found.coords.dtype == np.float64
    assert np.array_equal(found.attributes["nx"], ours.attributes["nx"])
    assert np.array_equal(found.colors, ours.colors)


def test_lines_and_columns_without_components_are_named() -> None:
    open3d = pytest.importorskip("open3d")
    points = open3d.utility.Vector3dVector(np.arange(6.0).reshape(2, 3))
    lines = open3d.geometry.LineSet(points, open3d.utility.Vector2iVector(np.array([[0, 1]])))
    with pytest.warns(ov.DroppedWarning, match="a cloud cannot hold: lines"):
        assert len(ov.PointCloud.from_open3d(lines)) == 2
    with pytest.warns(ov.DroppedWarning, match="cannot hold: none"):
        ov.PointCloud(np.zeros((2, 3)), attributes={"none": np.empty((2, 0))}).to_open3d()
    empty = ov.PointCloud(np.empty((0, 3)))
    for legacy in (False, True):
        assert len(ov.PointCloud.from_open3d(empty.to_open3d(legacy=legacy))) == 0


def test_lists_comments_and_elements_are_named() -> None:
    face = ov.Element("face", 1, {"vertex_indices": ListColumn(np.array([3], np.uint8), np.arange(3))})
    ours = cloud(ids=LISTS)
    ours.info = ov.FileInfo("PLY", (b"by hand",), (face,))
    for name in ("numpy", "open3d", "pyvista", "laspy"):
        with pytest.warns(ov.DroppedWarning) as caught:
            getattr(ours, f"to_{name}")()
        (warning,) = (w for w in caught if w.category is ov.DroppedWarning)
        assert all(part in str(warning.message) for part in ("ids", "comments", "element face")), name
        assert warning.filename == __file__
    with pytest.warns(ov.DroppedWarning, match="a data frame cannot hold: element face, comments"):
        ours.to_pandas()


def test_integers_beyond_doubles_are_named_where_doubles_hold_them() -> None:
    pytest.importorskip("open3d")
    far = ov.PointCloud(np.array([[1, 2, (1 << 60) + 1]]))
    assert same_bits(ov.PointCloud.from_open3d(far.to_open3d()).coords, far.coords)
    with pytest.warns(ov.DroppedWarning, match="z beyond doubles"):
        far.to_open3d(legacy=True)
    with pytest.warns(ov.DroppedWarning, match="z beyond doubles"):
        far.to_pyvista()


# -- PyVista -----------------------------------------------------------------------------------------


@pytest.mark.usefixtures("_every_warning_counts")
def test_meshes_of_pyvista_give_the_cloud_back() -> None:
    pytest.importorskip("pyvista")
    ours = cloud()
    mesh = ours.to_pyvista()
    assert mesh.n_points == 6 and mesh.point_data["RGB"].dtype == np.uint8
    same_columns(ours, ov.PointCloud.from_pyvista(mesh))
    alpha = cloud(alpha=np.arange(6, dtype=np.uint8))
    assert alpha.to_pyvista().point_data["RGBA"].shape == (6, 4)
    same_columns(alpha, ov.PointCloud.from_pyvista(alpha.to_pyvista()))
    assert len(ov.PointCloud.from_pyvista(ov.PointCloud(np.empty((0, 3))).to_pyvista())) == 0


def test_what_a_mesh_has_beside_points_is_named() -> None:
    pyvista = pytest.importorskip("pyvista")
    mesh = pyvista.Sphere(theta_resolution=5, phi_resolution=5)
    mesh.cell_data["area"] = np.arange(mesh.n_cells)
    mesh.field_data["title"] = ["a ball"]
    mesh.point_data["words"] = ["w"] * mesh.n_points
    with pytest.warns(ov.DroppedWarning, match="words, cell data area, field data title, cells"):
        found = ov.PointCloud.from_pyvista(mesh)
    assert len(found) == mesh.n_points and list(found.attributes) == ["nx", "ny", "nz"]


# -- laspy -------------------------------------------------------------------------------------------


def test_las_data_give_the_cloud_back_with_header_and_records(tmp_path) -> None:
    laspy = pytest.importorskip("laspy")
    las = laspy.create(point_format=3, file_version="1.2")
    las.header.scales, las.header.offsets = [0.01, 0.01, 0.001], [8e5, 4.8e6, 0]
    las.add_extra_dim(laspy.ExtraBytesParams("quality", "f4"))
    las.vlrs.append(laspy.vlrs.VLR("user", 17, "a record", b"payload"))
    las.x, las.y, las.z = 8e5 + RNG.random(50) * 100, 4.8e6 + RNG.random(50) * 100, RNG.random(50)
    las.intensity, las.red, las.quality = np.arange(50), np.arange(50) * 257, RNG.random(50)
    ours = ov.PointCloud.from_laspy(las)
    assert ours.scale == (0.01, 0.01, 0.001) and ours.coords.dtype == np.int32
    assert np.array_equal(ours.coords[:, 0], las.X) and np.array_equal(ours.attributes["red"], las.red)
    back = ours.to_laspy()
    assert back.vlrs.get_by_id("user")[0].record_data == b"payload" and back.point_format == las.point_format
    assert all(np.array_equal(back[name], las[name]) for name in las.point_format.dimension_names)
    las.write(tmp_path / "a.las")
    assert_same(ov.read_cloud(tmp_path / "a.las"), ours)


@pytest.mark.filterwarnings("ignore::octavox.codec.DroppedWarning")
@pytest.mark.parametrize("suffix", [".las", ".pcd", ".e57"])
def test_headers_that_have_no_place_are_named(tmp_path, suffix: str) -> None:
    if suffix == ".e57":
        pytest.importorskip("pye57")
    ov.write_cloud(tmp_path / f"a{suffix}", ov.PointCloud(np.arange(6, dtype=np.float32).reshape(2, 3)))
    ours = ov.read_cloud(tmp_path / f"a{suffix}")
    for name in ("numpy", "pandas", "open3d", "pyvista", *(["laspy"] if suffix != ".las" else [])):
        pytest.importorskip(name)
        with pytest.warns(ov.DroppedWarning, match=f"header of {suffix[1:].upper()}$"):
            getattr(ours, f"to_{name}")()


# -- all of them -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "needed"),
    [
        ("open3d", "extra open3d: pip install 'octavox[open3d]'"),
        ("pyvista", "extra gui: pip install 'octavox[gui]'"),
        ("laspy", "package laspy, which is not installed: pip install laspy"),
        ("pandas", "package pandas, which is not installed: pip install pandas"),
    ],
)
def test_a_package_that_is_not_installed_is_named(
    name: str, needed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def absent(wanted: str, package: str | None = None) -> Any:
        if wanted == name:
            raise ModuleNotFoundError(f"No module named '{name}'", name=name)
        return real(wanted, package)

    real = importlib.import_module
    monkeypatch.setattr(importlib, "import_module", absent)
    with pytest.raises(ov.InputError, match=re.escape(f"needs the {needed}")):
        getattr(cloud(), f"to_{name}")()


@pytest.mark.parametrize("name", ["open3d", "pyvista", "laspy", "pandas"])
@pytest.mark.parametrize("wrong", [None, 3, "text", [[1, 2, 3]], object()])
def test_other_objects_are_refused(name: str, wrong: Any) -> None:
    with pytest.raises(ov.InputError):
        getattr(ov.PointCloud, f"from_{name}")(wrong)


def test_nothing_heavy_loads_before_a_converter_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def watch(name: str, *args: Any, **kwargs: Any) -> Any:
        assert name.partition(".")[0] not in ("open3d", "pyvista", "laspy", "pandas"), name
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", watch)
    module = importlib.import_module("octavox.codec.interop.open3d_clouds")
    importlib.reload(module)
    assert len(ov.PointCloud.from_numpy(np.zeros((2, 3)))) == 2
