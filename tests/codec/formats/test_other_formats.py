"""LAS, NumPy arrays, raw floats, meshes and E57: what is special about each, and what is refused."""

from __future__ import annotations

import io
import json
import struct
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

from octavox.codec import InputError, PointCloud, ReadOptions, read_cloud, read_sample, write_cloud

RNG = np.random.default_rng(7)


# -- LAS ---------------------------------------------------------------------------------------------


def las_file(tmp_path: Path, evlrs: bool = True) -> Path:
    """A file with records of its own, by another package."""
    laspy = pytest.importorskip("laspy")
    las = laspy.create(point_format=7, file_version="1.4")
    las.header.system_identifier = "a scanner"
    las.add_extra_dim(
        laspy.ExtraBytesParams("depth", "u2", "below", scales=np.array([0.01]), offsets=np.array([1.0]))
    )
    las.vlrs.append(laspy.vlrs.VLR("user", 17, "a record", b"payload"))
    las.x, las.y, las.z = RNG.random((3, 200)) * 100
    las.depth = RNG.random(200) + 1
    las.return_number = RNG.integers(1, 6, 200)
    if evlrs:
        las.evlrs = laspy.vlrs.vlrlist.VLRList([laspy.vlrs.VLR("user", 18, "long", b"p" * 70_000)])
    las.write(tmp_path / "a.las")
    return tmp_path / "a.las"


def test_a_las_file_comes_back_byte_for_byte(tmp_path):
    path = las_file(tmp_path)
    cloud = read_cloud(path)
    assert write_cloud(tmp_path / "b.las", cloud) == ()
    assert (tmp_path / "b.las").read_bytes() == path.read_bytes()
    assert [(r.user, r.number) for r in cloud.info.extra.records] == [(b"LASF_Spec", 4), (b"user", 17)]
    assert [len(r.body) for r in cloud.info.extra.extended] == [70_000]
    assert write_cloud(tmp_path / "b.laz", cloud) == ()
    packed = read_cloud(tmp_path / "b.laz")
    assert write_cloud(tmp_path / "c.las", packed) == ()
    assert (tmp_path / "c.las").read_bytes() == path.read_bytes()


def test_other_programs_read_our_las(tmp_path):
    laspy = pytest.importorskip("laspy")
    positions = np.round(RNG.random((500, 3)) * 100 + [836419, 4818050, 0], 3)
    colors = RNG.integers(0, 256, (500, 3)).astype(np.uint8)
    attributes = {
        "intensity": np.arange(500, dtype=np.int64),
        "quality": RNG.random(500),
        "n": RNG.random((500, 3)),
    }
    cloud = PointCloud(positions, colors, attributes=attributes)
    for suffix in (".las", ".laz"):
        assert write_cloud(tmp_path / f"a{suffix}", cloud) == ()
        theirs, ours = laspy.read(tmp_path / f"a{suffix}"), read_cloud(tmp_path / f"a{suffix}")
        assert np.allclose(theirs.xyz, positions, rtol=0, atol=1e-9)
        assert np.array_equal(theirs.red, colors[:, 0].astype(np.uint16) * 257)
        assert np.array_equal(theirs.intensity, np.arange(500))
        assert np.array_equal(theirs.quality, attributes["quality"])
        assert np.array_equal(np.asarray(theirs["n"]), attributes["n"])
        assert ours.scale == (0.001, 0.001, 0.001)
        assert np.array_equal(ours.colors, colors)


def test_rounded_coordinates_are_named(tmp_path):
    positions = RNG.random((50, 3))
    assert write_cloud(tmp_path / "a.las", PointCloud(positions)) == ("x", "y", "z")
    assert np.abs(read_cloud(tmp_path / "a.las").positions - positions).max() <= 5e-10
    exact = PointCloud(np.array([[0.1, -5, 1e8], [0.2, 7, 2e9]], np.float32))
    assert write_cloud(tmp_path / "a.las", exact) == ()
    assert np.array_equal(read_cloud(tmp_path / "a.las").positions.astype(np.float32), exact.coords)


@pytest.mark.parametrize(
    ("at", "code", "value", "message"),
    [
        (24, "<B", 2, "LAS version 2.4 is not read"),
        (94, "<H", 100, "truncated or damaged: a header of 100 bytes"),
        (96, "<I", 1 << 31, "truncated or damaged"),
        (100, "<I", 1 << 31, "VLR 2 of 2,147,483,648 is not there"),
        (104, "<B", 11, "point format 11 is not read"),
        (105, "<H", 10, "too short for point format 7"),
        (131, "<d", float("nan"), "a scale is 0, or no finite number"),
        (131, "<d", 0.0, "a scale is 0"),
        (235, "<Q", 1 << 60, "EVLR 0 is not there"),
        (243, "<I", 3, "EVLR 1"),
        (247, "<Q", 1 << 40, "truncated: 1,099,511,627,776 points"),
    ],
)
def test_bad_las_headers(tmp_path, at, code, value, message):
    data = bytearray(las_file(tmp_path).read_bytes())
    struct.pack_into(code, data, at, value)
    with pytest.raises(InputError, match=message):
        read_cloud(bytes(data))


def test_layers_longer_than_their_chunk_are_not_believed(tmp_path):
    path = tmp_path / "a.laz"
    write_cloud(path, read_cloud(las_file(tmp_path)))
    data = bytearray(path.read_bytes())
    (body,) = struct.unpack_from("<I", data, 96)
    (length,) = struct.unpack_from("<H", data, 105)
    struct.pack_into("<I", data, body + 8 + length + 4, 0xFFFFFFFF)
    with pytest.raises(InputError, match="the layers of a chunk are longer than the chunk"):
        read_cloud(bytes(data))


def test_laz_without_its_package(tmp_path, monkeypatch):
    write_cloud(tmp_path / "a.laz", PointCloud(np.zeros((3, 3), np.int32)))
    monkeypatch.setitem(sys.modules, "lazrs", None)
    with pytest.raises(InputError, match="lazrs, which is not installed"):
        read_cloud(tmp_path / "a.laz")
    with pytest.raises(InputError, match="lazrs, which is not installed"):
        write_cloud(tmp_path / "b.laz", PointCloud(np.zeros((3, 3), np.int32)))


def test_a_sample_of_las(tmp_path):
    coords = np.arange(3000, dtype=np.int32).reshape(1000, 3)
    write_cloud(tmp_path / "a.las", PointCloud(coords))
    sample = read_sample(tmp_path / "a.las", 100)
    assert np.array_equal(sample.coords[:, 0] // 30, np.arange(100))


def test_a_sample_of_laz(tmp_path, monkeypatch):
    monkeypatch.setattr("octavox.codec.formats.las._LAZ_FROM", 1000)
    coords = np.arange(600_000, dtype=np.int32).reshape(-1, 3)
    write_cloud(tmp_path / "a.laz", PointCloud(coords))
    sample = read_sample(tmp_path / "a.laz", 3200)
    assert len(sample) == 3200
    places = sample.coords[:, 0] // 3
    assert np.array_equal(sample.coords, coords[places])
    assert np.array_equal(np.unique(places // 6250), np.arange(32))
    monkeypatch.undo()
    assert read_sample(tmp_path / "a.laz", 3200) is None  # to read it all is quicker


# -- NumPy -------------------------------------------------------------------------------------------


def saved(array: np.ndarray) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array)
    return stream.getvalue()


def test_names_of_columns():
    table = RNG.random((5, 6))
    assert list(read_cloud(saved(table)).attributes) == ["column_4", "column_5", "column_6"]
    named = read_cloud(saved(table), options=ReadOptions(fields=("t", "x", "y", "z")))
    assert np.array_equal(named.coords, table[:, 1:4])
    assert list(named.attributes) == ["t", "column_5", "column_6"]


def test_structured_arrays_with_gaps():
    dtype = np.dtype([("x", ">f4"), ("y", ">f4"), ("z", ">f4"), ("rgb", "u1", 3), ("ok", "?")], align=True)
    rows = np.zeros(4, dtype)
    rows["x"], rows["rgb"], rows["ok"] = np.arange(4), np.arange(12).reshape(4, 3), [1, 0, 1, 0]
    cloud = read_cloud(saved(rows))
    assert cloud.coords.dtype == np.float32 and cloud.coords[:, 0].tolist() == [0, 1, 2, 3]
    assert cloud.attributes["rgb"].tolist() == rows["rgb"].tolist()
    assert cloud.attributes["ok"].dtype == bool


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.zeros((4, 2)), "neither"),
        (np.zeros(4), "neither"),
        (np.zeros((4, 3), complex), "neither"),
        (np.zeros(3, [("x", "f4"), ("y", "f4")]), "there is no 'z'"),
        (np.zeros(3, [("x", "f4"), ("y", "f4"), ("z", "S4")]), "is not read"),
        (np.zeros(3, [("x", "f4"), ("y", "f4"), ("z", "f4", (2, 2))]), "is not read"),
        (np.array([[1, 2, object()]]), "Python objects"),
    ],
)
def test_arrays_that_are_no_clouds(array, message):
    with pytest.raises(InputError, match=message):
        read_cloud(saved(array))


@pytest.mark.parametrize("shape", ["(9999999999999, 3)", "(1, 3) + (2,)", "(-1, 3)", "9" * 5000, "(3.0, 3)"])
def test_shapes_that_are_wrong(shape):
    text = f"{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}}}\n"
    data = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text.encode() + bytes(36)
    with pytest.raises(InputError, match=r"truncated|no sound header|neither"):
        read_cloud(data)


def test_an_archive_that_unpacks_to_more_than_it_can_hold(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        text = "{'descr': '<f4', 'fortran_order': False, 'shape': (1000000000000, 3)}\n"
        archive.writestr("coords.npy", b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text.encode())
    with pytest.raises(InputError, match=r"truncated: an array of shape .*coords"):
        read_cloud(tmp_path / "a.npz")


def test_scaled_integers_keep_their_scale(tmp_path):
    cloud = PointCloud(
        np.arange(30, dtype=np.int32).reshape(10, 3), scale=(0.1, 0.2, 0.3), offset=(1.0, 2.0, 3.0)
    )
    write_cloud(tmp_path / "a.npz", cloud)
    found = read_cloud(tmp_path / "a.npz")
    assert (found.scale, found.offset) == (cloud.scale, cloud.offset)
    assert np.array_equal(found.positions, cloud.positions)


# -- raw floats --------------------------------------------------------------------------------------


def raw(tmp_path: Path, table: np.ndarray, name: str = "a.bin") -> Path:
    path = tmp_path / name
    path.write_bytes(table.astype("<f4").tobytes())
    return path


def test_kitti_and_nuscenes_are_told_apart(tmp_path):
    kitti = RNG.random((1001, 4))
    nuscenes = np.column_stack([RNG.random((1003, 4)), RNG.integers(0, 32, 1003)])
    assert list(read_cloud(raw(tmp_path, kitti)).attributes) == ["intensity"]
    assert list(read_cloud(raw(tmp_path, nuscenes)).attributes) == ["intensity", "ring"]
    assert list(read_cloud(raw(tmp_path, nuscenes[:1000], "a.pcd.bin")).attributes) == ["intensity", "ring"]


def test_what_may_be_either_is_asked_for(tmp_path):
    path = raw(tmp_path, np.zeros((1000, 4)))
    with pytest.raises(InputError, match=r"KITTI\) or 5 \(nuScenes\).*x,y,z,intensity,ring") as caught:
        read_cloud(path)
    assert caught.value.field == "fields"
    for fields in (
        ("x", "y", "z", "intensity"),
        ("x", "y", "z", "intensity", "ring"),
        ("a", "z", "y", "x", "b"),
    ):
        cloud = read_cloud(path, options=ReadOptions(fields=fields))
        assert len(cloud) == 4000 // len(fields)
        assert list(cloud.attributes) == [name for name in fields if name not in "xyz"]
    with pytest.raises(InputError, match="no whole number of rows of 3 floats"):
        read_cloud(path, options=ReadOptions(fields=("x", "y", "z")))
    with pytest.raises(InputError, match="no whole number of rows"):
        read_cloud(raw(tmp_path, np.zeros(13)))


# -- meshes ------------------------------------------------------------------------------------------

OBJ = b"# hi\nmtllib a.mtl\nv 0 0 0 1 0 0\nv 1 0 0 0 1 0\nv 0 1 0 0 0 1\nvt 0 0\nf 1/1 2/1 3/1\n"
OFF = b"OFF\n3 1 0\n0 0 0\n1 0 0\n0 1 0\n3 0 1 2\n"
STL = b"solid a\nfacet normal 0 0 1\nouter loop\nvertex 0 0 0\nvertex 1 0 0\nvertex 0 1 0\n"
STL += b"endloop\nendfacet\nendsolid\n"
FACES = b"element face 1\nproperty list uchar int vertex_indices\nend_header\n0 0 0\n1 0 0\n0 1 0\n3 0 1 2\n"
PLY = (
    b"ply\nformat ascii 1.0\nelement vertex 3\nproperty float x\nproperty float y\nproperty float z\n" + FACES
)


def gltf(**changes: object) -> bytes:
    """A scene with one triangle."""
    body = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0]], "<f4").tobytes()
    scene: dict[str, object] = {
        "asset": {"version": "2.0"},
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0}],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0}}]}],
        "accessors": [{"bufferView": 0, "componentType": 5126, "count": 3, "type": "VEC3"}],
        "bufferViews": [{"buffer": 0, "byteLength": len(body)}],
        "buffers": [{"byteLength": len(body)}],
    }
    text = json.dumps(scene | changes).encode()
    text += b" " * (-len(text) % 4)
    chunks = struct.pack("<I4s", len(text), b"JSON") + text + struct.pack("<I4s", len(body), b"BIN\0") + body
    return b"glTF" + struct.pack("<II", 2, 12 + len(chunks)) + chunks


@pytest.mark.parametrize(
    ("name", "data"), [("a.obj", OBJ), ("a.off", OFF), ("a.stl", STL), ("a.glb", gltf()), ("a.ply", PLY)]
)
def test_a_mesh_is_vertices_or_samples_as_asked(tmp_path, name, data):
    path = tmp_path / name
    path.write_bytes(data)
    if name != "a.ply":  # whose vertices are points, as ever
        with pytest.raises(InputError, match="say with the option mesh") as caught:
            read_cloud(path)
        assert caught.value.field == "mesh"
    cloud = read_cloud(path, options=ReadOptions(mesh="vertices"))
    assert cloud.coords.tolist() == [[0, 0, 0], [1, 0, 0], [0, 1, 0]]
    drawn = read_cloud(path, options=ReadOptions(mesh="samples", samples=1000))
    again = read_cloud(path, options=ReadOptions(mesh="samples", samples=1000))
    assert np.array_equal(drawn.coords, again.coords)
    assert drawn.coords.shape == (1000, 3) and (drawn.coords >= 0).all()
    assert (drawn.coords[:, :2].sum(axis=1) <= 1).all() and not drawn.coords[:, 2].any()
    assert np.abs(drawn.coords.mean(axis=0) - [1 / 3, 1 / 3, 0]).max() < 0.05
    for options in (
        ReadOptions(mesh="samples"),
        ReadOptions(mesh="samples", samples=-1),
        ReadOptions(mesh="guess"),
    ):
        with pytest.raises(InputError):
            read_cloud(path, options=options)


def test_obj_without_faces_is_a_cloud(tmp_path):
    data = OBJ.split(b"f 1/1")[0]
    (tmp_path / "a.obj").write_bytes(data)
    cloud = read_cloud(tmp_path / "a.obj")
    assert cloud.colors.tolist() == [[255, 0, 0], [0, 255, 0], [0, 0, 255]]
    assert cloud.info.comments == (b" hi",)


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("a.obj", b"v 0 0\n", "line 1: a vertex of 2 numbers"),
        ("a.obj", b"v 0 0 0\nvn 1 1 1\nv 0 0 x\n", "line 3: 'x' is not a number"),
        ("a.obj", b"v 0 0 0\nv 1 1 1 1\n", "line 2 has 4 values instead of 3"),
        ("a.obj", OBJ.replace(b"f 1/1 2/1 3/1", b"f 1 2 9"), "triangle 0 names a vertex that is not there"),
        ("a.obj", OBJ.replace(b"f 1/1 2/1 3/1", b"f a b c"), "line 7: not a face"),
        ("a.obj", OBJ.replace(b"f 1/1 2/1 3/1", b"f 1 2 1"), "no area"),
        ("a.off", b"OFF\n9 0 0\n1 2 3\n", "truncated: 9 vertices are declared"),
        ("a.off", OFF.replace(b"3 0 1 2", b"3 0 1"), "faces are declared"),
        ("a.off", OFF.replace(b"3 0 1 2", b"3 0 1 3"), "not there"),
        ("a.off", b"OFF BINARY\n", "not an OFF file that is read"),
        ("a.stl", bytes(83), "the header is cut"),
        ("a.stl", bytes(80) + struct.pack("<I", 1 << 31) + bytes(50), "2,147,483,648 triangles are declared"),
        ("a.stl", STL.replace(b"vertex 0 1 0\n", b""), "three corners"),
        ("a.glb", gltf()[:-4], "truncated: a chunk"),
        ("a.glb", gltf(asset=[]), "no 'asset'"),
        ("a.glb", gltf(nodes=[{"mesh": 0, "children": [0]}]), "node 0 has two parents"),
        ("a.glb", gltf(extensionsRequired=["KHR_draco_mesh_compression"]), "packed by KHR_draco"),
        (
            "a.glb",
            gltf(accessors=[{"bufferView": 0, "componentType": 5126, "count": 10**15, "type": "VEC3"}]),
            "sizes|not in",
        ),
        ("a.glb", gltf(accessors=[{"componentType": 5126, "count": 10**12, "type": "VEC3"}]), "not read"),
        ("a.glb", gltf(buffers=[{"uri": "../../etc/passwd", "byteLength": 36}]), "in no file beside"),
        ("a.gltf", b"[" * 100_000, "no sound JSON"),
    ],
)
def test_bad_meshes(tmp_path, name, data, message):
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(InputError, match=message):
        read_cloud(path, options=ReadOptions(mesh="samples", samples=10))


# -- Gaussian splats ---------------------------------------------------------------------------------


def test_splats_show_the_colour_of_their_mean(tmp_path):
    names = ["f_dc_0", "f_dc_1", "f_dc_2", "f_rest_0", "opacity", "scale_0", "rot_0"]
    columns = {name: RNG.normal(size=20).astype(np.float32) for name in names}
    cloud = PointCloud(RNG.random((20, 3)).astype(np.float32), attributes=columns)
    assert write_cloud(tmp_path / "a.ply", cloud) == ()
    found = read_cloud(tmp_path / "a.ply")
    assert list(found.attributes) == names
    mean = np.stack([0.5 + 0.28209479177387814 * columns[n].astype(np.float64) for n in names[:3]], axis=1)
    assert np.array_equal(found.colors, np.rint(np.clip(mean, 0, 1) * 255).astype(np.uint8))


# -- E57 ---------------------------------------------------------------------------------------------


def test_e57_without_its_package(tmp_path, monkeypatch):
    pytest.importorskip("pye57")
    write_cloud(tmp_path / "a.e57", PointCloud(np.zeros((3, 3))))
    monkeypatch.setitem(sys.modules, "pye57", None)
    with pytest.raises(InputError, match=r"E57 needs the extra e57: pip install 'octavox\[e57\]'"):
        read_cloud(tmp_path / "a.e57")


def test_e57_that_defines_entities(tmp_path):
    pytest.importorskip("pye57")
    write_cloud(tmp_path / "a.e57", PointCloud(np.zeros((3, 3))))
    data = bytearray((tmp_path / "a.e57").read_bytes())
    at = data.index(b"<?xml")
    data[at : at + 9] = b"<!ENTITY "
    with pytest.raises(InputError, match="its XML has definitions before the root"):
        read_cloud(bytes(data))


def test_e57_in_memory_and_with_spherical_coordinates(tmp_path):
    pye57 = pytest.importorskip("pye57")
    from pye57 import libe57

    values = {
        "sphericalRange": [2.0, 1.0],
        "sphericalAzimuth": [0.0, np.pi / 2],
        "sphericalElevation": [0.0, 0.0],
    }
    with pye57.E57(str(tmp_path / "a.e57"), "w") as file:
        image = file.image_file
        scan, row = libe57.StructureNode(image), libe57.StructureNode(image)
        for name in values:
            row.set(name, libe57.FloatNode(image, 0.0))
        points = libe57.CompressedVectorNode(image, row, libe57.VectorNode(image, True))
        scan.set("guid", libe57.StringNode(image, "{1}"))
        scan.set("points", points)
        file.data3d.append(scan)
        buffers = libe57.VectorSourceDestBuffer()
        arrays = [np.array(v) for v in values.values()]
        for name, array in zip(values, arrays):
            buffers.append(libe57.SourceDestBuffer(image, name, array, 2, True, False))
        writer = points.writer(buffers)
        writer.write(2)
        writer.close()
    cloud = read_cloud((tmp_path / "a.e57").read_bytes())
    assert np.allclose(cloud.coords, [[2, 0, 0], [0, 1, 0]])
    assert list(cloud.attributes) == list(values)
