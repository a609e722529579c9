"""Files of writers that share no code with the readers: simple ones made here, and other packages."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import numpy as np
import pytest
from cloud_files import assert_same, assert_same_info, plain_clouds, ply_clouds, same_bits, same_numbers
from hypothesis import given, settings
from hypothesis import strategies as st

from octavox.codec import PointCloud, ReadOptions, read_cloud
from octavox.codec.cloud.columns import Column, ListColumn

FEW = settings(max_examples=80, deadline=None)
PLY = {
    "i1": "int8",
    "u1": "uchar",
    "i2": "short",
    "u2": "uint16",
    "i4": "int",
    "u4": "uint32",
    "f4": "float",
    "f8": "float64",
}


def word(value: object) -> str:
    """A number as C writes it: the sign of a NaN included."""
    if isinstance(value, float):
        return ("-nan" if np.signbit(value) else "nan") if np.isnan(value) else f"{value:.17g}"
    return str(value)


def ply_file(cloud: PointCloud, order: str, end: bytes, blank: str) -> bytes:
    """A PLY file, value by value with struct. order: "<", ">" or "" for text."""
    form = {"<": "binary_little_endian", ">": "binary_big_endian", "": "ascii"}[order]
    lines = [b"ply", f"format {form} 1.0".encode(), *(b"comment " + c for c in cloud.info.comments)]
    tables: list[tuple[str, int, dict[str, Column]]] = [
        (e.name, e.count, e.columns) for e in cloud.info.elements
    ]
    points: dict[str, Column] = {axis: cloud.coords[:, k] for k, axis in enumerate("xyz")}
    points |= cloud.attributes
    tables.insert(cloud.info.before, ("vertex", len(cloud), points))
    body = b""
    for name, count, columns in tables:
        lines.append(f"element {name} {count}".encode())
        for key, column in columns.items():
            kinds = (
                f"list {PLY[column.lengths.dtype.str[1:]]} {PLY[column.values.dtype.str[1:]]}"
                if isinstance(column, ListColumn)
                else PLY[column.dtype.str[1:]]
            )
            lines.append(f"property {kinds} {key}".encode())
        starts = {
            key: np.concatenate([[0], np.cumsum(c.lengths, dtype=np.int64)])
            for key, c in columns.items()
            if isinstance(c, ListColumn)
        }
        for row in range(count):
            values: list[tuple[str, object, bytes]] = []
            for key, column in columns.items():
                if not isinstance(column, ListColumn):
                    some = [column[row]]
                else:
                    some = [column.lengths[row], *column.values[starts[key][row] : starts[key][row + 1]]]
                values += [(v.dtype.char, v.item(), v.tobytes()) for v in some]
            if order:
                body += b"".join(raw if order == "<" else raw[::-1] for _, _, raw in values)
            else:
                body += blank.join(word(v) for _, v, _ in values).encode() + end
    return end.join([*lines, b"end_header", b""]) + body


@FEW
@given(
    cloud=ply_clouds(),
    order=st.sampled_from(["<", ">", ""]),
    end=st.sampled_from([b"\n", b"\r\n", b"\r"]),
    blank=st.sampled_from([" ", "\t", "  "]),
)
@pytest.mark.filterwarnings("ignore:.*no points")
def test_ply(cloud: PointCloud, order: str, end: bytes, blank: str) -> None:
    found = read_cloud(ply_file(cloud, order, end, blank))
    same = same_bits if order else same_numbers
    assert_same(cloud, found, same)
    assert_same_info(cloud.info, found.info, same)


def literals(data: bytes) -> bytes:
    """LZF without references."""
    return b"".join(bytes([len(data[k : k + 32]) - 1]) + data[k : k + 32] for k in range(0, len(data), 32))


def pcd_file(cloud: PointCloud, layout: str) -> bytes:
    """A PCD file, row by row. layout: "ascii", "binary" or "binary_compressed"."""
    columns = {axis: cloud.coords[:, k] for k, axis in enumerate("xyz")} | cloud.attributes
    kinds = {"f": "F", "i": "I", "u": "U"}
    head = [
        "# .PCD v.7 - Point Cloud Data file format",
        "VERSION .7",
        "FIELDS " + " ".join(columns),
        "SIZE " + " ".join(str(c.dtype.itemsize) for c in columns.values()),
        "TYPE " + " ".join(kinds[c.dtype.kind] for c in columns.values()),
        "COUNT " + " ".join(str(c.shape[1] if c.ndim == 2 else 1) for c in columns.values()),
        f"WIDTH {len(cloud)}",
        "HEIGHT 1",
        "VIEWPOINT 0 0 0 1 0 0 0",
        f"POINTS {len(cloud)}",
        f"DATA {layout}",
        "",
    ]
    if layout == "ascii":
        rows = [
            " ".join(word(v) for c in columns.values() for v in np.atleast_1d(c[k]).tolist())
            for k in range(len(cloud))
        ]
        return "\n".join([*head, *rows, ""]).encode() if rows else "\n".join(head).encode()
    if layout == "binary":
        body = b"".join(c[k].tobytes() for k in range(len(cloud)) for c in columns.values())
    else:
        plain = b"".join(c.tobytes() for c in columns.values())
        packed = literals(plain)
        body = struct.pack("<II", len(packed), len(plain)) + packed
    return "\n".join(head).encode() + body


@FEW
@given(cloud=plain_clouds(components=3), layout=st.sampled_from(["ascii", "binary", "binary_compressed"]))
@pytest.mark.filterwarnings("ignore:.*no points")
def test_pcd(cloud: PointCloud, layout: str) -> None:
    names = {"red": "r", "green": "g", "blue": "b", "alpha": "q"}
    cloud.attributes = {names.get(name, name): c for name, c in cloud.attributes.items()}
    assert_same(cloud, read_cloud(pcd_file(cloud, layout)), same_numbers if layout == "ascii" else same_bits)


@pytest.mark.parametrize("point_format", range(11))
@pytest.mark.parametrize("suffix", [".las", ".laz"])
def test_las_by_laspy(tmp_path: Path, point_format: int, suffix: str) -> None:
    laspy = pytest.importorskip("laspy")
    rng = np.random.default_rng(point_format)
    header = laspy.LasHeader(point_format=point_format, version="1.4" if point_format > 5 else "1.3")
    header.scales, header.offsets = [0.01, 0.001, 0.5], [100.0, 0.0, -7.0]
    header.add_extra_dims(
        [
            laspy.ExtraBytesParams("height", "f4"),
            laspy.ExtraBytesParams("n", "3i2"),
            laspy.ExtraBytesParams("scaled", "i4", scales=np.array([0.25]), offsets=np.array([3.0])),
        ]
    )
    las = laspy.LasData(header)
    rows = 300
    table = las.points = laspy.ScaleAwarePointRecord.zeros(rows, header=header)
    table.array[:] = np.frombuffer(rng.bytes(table.array.nbytes), table.array.dtype)
    las.write(tmp_path / f"cloud{suffix}")
    cloud, las = read_cloud(tmp_path / f"cloud{suffix}"), laspy.read(tmp_path / f"cloud{suffix}")
    assert np.array_equal(cloud.coords, np.stack([las.X, las.Y, las.Z], axis=1))
    assert np.array_equal(cloud.positions, np.stack([las.x, las.y, las.z], axis=1))
    names = [name for name in las.point_format.dimension_names if name not in "XYZ"]
    assert list(cloud.attributes) == names
    for name in names:
        stored = las.points.array[name] if name == "scaled" else np.asarray(las[name])
        column = cloud.attributes[name]
        assert stored.astype(column.dtype).tobytes() == column.tobytes()
    assert cloud.info.extra.scaling == {"scaled": ((0.25,), (3.0,))}


def test_e57_by_pye57(tmp_path: Path) -> None:
    pye57 = pytest.importorskip("pye57")
    rng = np.random.default_rng(1)
    scans = [
        {
            **{f"cartesian{a}": rng.random(50 + k).astype("f4").astype("f8") for a in "XYZ"},
            **{f"color{c}": rng.integers(0, 256, 50 + k).astype("u1") for c in ("Red", "Green", "Blue")},
            "intensity": rng.random(50 + k).astype("f4"),
        }
        for k in range(2)
    ]
    with pye57.E57(str(tmp_path / "a.e57"), "w") as file:
        for k, scan in enumerate(scans):
            file.write_scan_raw(scan, name=f"scan {k}", translation=np.array([k, 0.0, 0.0]))
    cloud = read_cloud(tmp_path / "a.e57")
    assert np.array_equal(np.bincount(cloud.attributes["scan"]), [50, 51])
    for k, name in enumerate(("cartesianX", "cartesianY", "cartesianZ")):
        assert np.array_equal(cloud.coords[:, k], np.concatenate([scan[name] for scan in scans]))
    assert cloud.coords.dtype == np.float32
    assert np.array_equal(cloud.attributes["red"], np.concatenate([scan["colorRed"] for scan in scans]))
    assert cloud.info.extra.names == ("scan 0", "scan 1")
    assert cloud.info.extra.poses[1] == ((1.0, 0.0, 0.0, 0.0), (1.0, 0.0, 0.0))


@pytest.mark.parametrize("kind", ["obj", "stl", "stl_ascii", "off", "glb"])
def test_meshes_by_trimesh(tmp_path: Path, kind: str) -> None:
    trimesh = pytest.importorskip("trimesh")
    mesh = trimesh.creation.icosphere(1)
    path = tmp_path / f"mesh.{kind.split('_')[0]}"
    mesh.export(path, file_type=kind)
    found = read_cloud(path, options=ReadOptions(mesh="vertices"))
    assert len(found) == len(mesh.vertices)
    order = [np.lexsort(np.round(v, 5).T) for v in (found.coords, mesh.vertices)]
    assert np.allclose(found.coords[order[0]], mesh.vertices[order[1]], atol=1e-6)
    drawn = read_cloud(path, options=ReadOptions(mesh="samples", samples=4000))
    assert len(drawn) == 4000
    radius = np.linalg.norm(drawn.coords, axis=1)
    assert radius.max() < 1.0001 and radius.min() > 0.9
    assert np.abs(drawn.coords.mean(axis=0)).max() < 0.05  # from all over


def test_points_of_a_scene_by_trimesh(tmp_path: Path) -> None:
    trimesh = pytest.importorskip("trimesh")
    rng = np.random.default_rng(2)
    points = rng.random((20, 3)).astype(np.float32)
    colors = rng.integers(0, 256, (20, 4)).astype(np.uint8)
    trimesh.Scene([trimesh.PointCloud(points, colors=colors)]).export(tmp_path / "a.glb")
    cloud = read_cloud(tmp_path / "a.glb")
    assert same_bits(cloud.coords, points)
    assert np.array_equal(cloud.colors, colors[:, :3])


def test_pcd_by_open3d(tmp_path: Path) -> None:
    open3d = pytest.importorskip("open3d")
    rng = np.random.default_rng(3)
    points, colors = rng.random((500, 3)).astype("f4"), rng.integers(0, 256, (500, 3))
    theirs = open3d.geometry.PointCloud(open3d.utility.Vector3dVector(points))
    theirs.colors = open3d.utility.Vector3dVector(colors / 255)
    for text, packed in ((False, False), (False, True), (True, False)):
        open3d.io.write_point_cloud(str(tmp_path / "a.pcd"), theirs, write_ascii=text, compressed=packed)
        cloud = read_cloud(tmp_path / "a.pcd")
        assert np.allclose(cloud.coords, points, atol=0 if not text else 1e-6)
        assert np.array_equal(cloud.colors, colors)


def test_npz_by_numpy(tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    x, y, z = rng.random((3, 30))
    np.savez_compressed(tmp_path / "a.npz", x=x, y=y, z=z, label=np.arange(30, dtype="u2"), note=np.array(3))
    cloud = read_cloud(tmp_path / "a.npz")
    assert np.array_equal(cloud.coords, np.stack([x, y, z], axis=1))
    assert list(cloud.attributes) == ["label"]
    assert cloud.info.extra.arrays["note"].tolist() == 3
    stream = io.BytesIO()
    np.save(stream, np.asfortranarray(rng.random((9, 5)).astype("f4")))
    assert list(read_cloud(stream.getvalue()).attributes) == ["column_4", "column_5"]
