"""Reading and writing clouds: every spelling of PLY, and every way in which a file can be wrong."""

from __future__ import annotations

import contextlib
import os
import struct
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sample_clouds import SAMPLE_POINTS, make_sphere

from octavox.codec import (
    CancelledError,
    CancelToken,
    InputError,
    Transform,
    VoxelCloud,
    read_cloud,
    read_sample,
    write_ply,
)
from octavox.codec.formats.ply_header import CLASSIC_NAMES, NUMPY_CODES

POINTS = np.array([[0, 1, 2], [3, 4, 5], [100, 7, 8]])
TYPES = sorted(CLASSIC_NAMES)
FORMATS = ("ascii", "binary_little_endian", "binary_big_endian")


def make_ply(
    form: str, properties: list[tuple[str, str]], rows: np.ndarray, *, faces: int = 0, end: str = "\n"
) -> bytes:
    """A PLY file: rows (N, K) for K scalar properties (type, name), and triangles after them."""
    header = ["ply", f"format {form} 1.0", "comment made by a test", f"element vertex {len(rows)}"]
    header += [f"property {kind} {name}" for kind, name in properties]
    if faces:
        header += [f"element face {faces}", "property list uchar int vertex_indices"]
    data = (end.join([*header, "end_header"]) + end).encode()
    if form == "ascii":
        lines = [" ".join(f"{v:g}" for v in row) for row in rows] + ["3 0 1 2"] * faces
        return data + "".join(line + end for line in lines).encode()
    order = "<" if form == "binary_little_endian" else ">"
    dtype = [(name, order + NUMPY_CODES[CLASSIC_NAMES[kind]]) for kind, name in properties]
    table = np.zeros(len(rows), dtype)
    for k, (_, name) in enumerate(properties):
        table[name] = rows[:, k]
    face = b"\x03" + struct.pack(order + "3i", 0, 1, 2)
    return data + table.tobytes() + face * faces


def xyz(kind: str) -> list[tuple[str, str]]:
    return [(kind, axis) for axis in "xyz"]


@pytest.fixture
def write(tmp_path):
    def put(data: bytes, name: str = "cloud.ply") -> Path:
        path = tmp_path / name
        path.write_bytes(data)
        return path

    return put


def parse_ply(data: bytes):
    """The cloud of a file that holds `data`."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "cloud.ply"
        path.write_bytes(data)
        return read_cloud(path)


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("faces", [0, 2])
def test_every_type_and_byte_order(write, form, kind, faces):
    cloud = read_cloud(write(make_ply(form, xyz(kind), POINTS, faces=faces)))
    assert np.array_equal(cloud.positions, POINTS)
    assert cloud.coordinate_type == CLASSIC_NAMES[kind]
    assert cloud.positions.dtype == np.dtype(NUMPY_CODES[CLASSIC_NAMES[kind]])
    assert cloud.info.comments == (b"made by a test",)
    assert [e.name for e in cloud.info.elements] == (["face"] if faces else [])


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_endings(write, form, end):
    cloud = read_cloud(write(make_ply(form, xyz("float"), POINTS, end=end)))
    assert np.array_equal(cloud.positions, POINTS)


@pytest.mark.parametrize("form", FORMATS)
def test_further_properties_in_any_order(write, form):
    properties = [("uchar", "blue"), ("double", "z"), ("float", "nx"), ("int", "x"), ("uchar", "green")]
    properties += [("float", "y"), ("uchar", "red"), ("ushort", "label")]
    rows = np.array([[1, 2, 0.5, 3, 4, 5, 6, 7], [8, 9, 0.25, 10, 11, 12, 13, 14]])
    cloud = read_cloud(write(make_ply(form, properties, rows)))
    assert np.array_equal(cloud.positions, [[3, 5, 2], [10, 12, 9]])
    assert np.array_equal(cloud.colors, [[6, 4, 1], [13, 11, 8]])
    assert cloud.coordinate_type == "double"  # the axes differ
    assert cloud.axis_types == (np.int32, np.float32, np.float64)
    kinds = {"blue": "u1", "nx": "f4", "green": "u1", "red": "u1", "label": "u2"}
    assert {name: c.dtype.str[1:] for name, c in cloud.attributes.items()} == kinds
    assert list(cloud.attributes) == list(kinds)
    assert cloud.info.extra.order == tuple(name for _, name in properties)


@pytest.mark.parametrize(
    ("kind", "stored"),
    [
        ("uchar", [0, 51, 255]),
        ("ushort", [0, 0x33FF, 0xFFFF]),
        ("float", [0.0, 0.2, 1.0]),
        ("int", [-4, 51, 900]),
    ],
)
def test_colour_types(write, kind, stored):
    properties = [*xyz("float"), (kind, "red"), (kind, "green"), (kind, "blue")]
    cloud = read_cloud(write(make_ply("binary_little_endian", properties, np.array([[1, 2, 3, *stored]]))))
    assert cloud.colors.dtype == np.uint8
    assert cloud.colors.tolist() == [[0, 51, 255]]


def test_elements_and_lists_around_the_vertices(write):
    header = (
        b"ply\nformat binary_big_endian 1.0\nelement camera 2\n"
        b"property list uchar short tags\nproperty float f\n"
        b"element vertex 2\nproperty float x\n"
        b"property list ushort uchar ids\nproperty float y\nproperty float z\n"
        b"element face 2\nproperty list uchar uint v\nend_header\n"
    )
    camera = b"\x02" + struct.pack(">hhf", 1, 2, 0.5) + b"\x00" + struct.pack(">f", 0.5)
    vertices = struct.pack(">fH3sff", 1, 3, b"abc", 2, 3) + struct.pack(">fHff", 4, 0, 5, 6)
    faces = b"\x03" + struct.pack(">3I", 0, 1, 0) + b"\x04" + struct.pack(">4I", 0, 1, 0, 1)
    data = header + camera + vertices + faces
    cloud = read_cloud(write(data))
    assert np.array_equal(cloud.positions, [[1, 2, 3], [4, 5, 6]])
    assert cloud.attributes["ids"].lengths.tolist() == [3, 0]
    assert cloud.attributes["ids"].values.tobytes() == b"abc"
    tags, f = cloud.info.elements[0].columns.values()
    assert (tags.lengths.tolist(), tags.values.tolist(), f.tolist()) == ([2, 0], [1, 2], [0.5, 0.5])
    faces = cloud.info.elements[1].columns["v"]
    assert (faces.lengths.tolist(), faces.values.tolist()) == ([3, 4], [0, 1, 0, 0, 1, 0, 1])
    assert (faces.lengths.dtype, faces.values.dtype) == (np.uint8, np.uint32)
    assert cloud.info.before == 1
    for length in range(len(header), len(data)):
        with pytest.raises(InputError, match="truncated"):
            parse_ply(data[:length])


def test_lists_in_ascii(write):
    data = (
        b"ply\nformat ascii 1.0\nelement face 2\nproperty list uchar int v\nelement vertex 2\n"
        b"property float x\n"
        b"property list uchar int ids\nproperty float y\nproperty float z\nend_header\n"
        b"3 0 1 2\n0\n1 2 9 9 2 3\n4 0 5 6\n"
    )
    assert np.array_equal(read_cloud(write(data)).positions, [[1, 2, 3], [4, 5, 6]])


def test_other_programs_agree(tmp_path):
    """Files of plyfile's writer, and our files in its reader."""
    plyfile = pytest.importorskip("plyfile")
    rng = np.random.default_rng(3)
    table = np.zeros(
        50, [("x", "f8"), ("red", "u1"), ("y", "f8"), ("z", "f8"), ("green", "u1"), ("blue", "u1")]
    )
    for name in table.dtype.names:
        table[name] = rng.random(50) * 200
    for text, order in ((True, "="), (False, "<"), (False, ">")):
        path = tmp_path / "theirs.ply"
        element = plyfile.PlyElement.describe(table, "vertex")
        plyfile.PlyData([element], text=text, byte_order=order).write(path)
        cloud = read_cloud(path)
        assert np.array_equal(cloud.positions, np.stack([table[a] for a in "xyz"], axis=1))
        assert np.array_equal(cloud.colors, np.stack([table[c] for c in ("red", "green", "blue")], axis=1))
    sphere = make_sphere(4, 5.0)
    write_ply(tmp_path / "ours.ply", sphere)
    vertex = plyfile.PlyData.read(tmp_path / "ours.ply")["vertex"]
    assert np.array_equal(np.stack([vertex[a] for a in "xyz"], axis=1), sphere.coords)


def test_the_sample(sample_path):
    cloud = read_cloud(sample_path)
    assert cloud.positions.shape == (SAMPLE_POINTS, 3)
    assert cloud.colors.shape == (SAMPLE_POINTS, 3)
    assert cloud.coordinate_type == "float"
    assert cloud.source == str(sample_path)


# What is refused, and what the error says


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("faces", [0, 2])
def test_truncation_at_every_length(form, faces):
    data = make_ply(form, xyz("float"), POINTS, faces=faces)
    # Text gives no sign that digits of the very last number are missing.
    last = len(data) if form != "ascii" else len(data.rstrip())
    for length in range(last):
        with pytest.raises(InputError) as caught:
            parse_ply(data[:length])
        assert "cloud.ply: " in str(caught.value)
        assert caught.value.field is not None or caught.value.byte is not None


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "the file is empty"),
        (b"plywood\n", "not a PLY file"),
        (b"solid\n", "not a PLY file"),
        (b"ply\nformat binary_little_endian 2.0\nend_header\n", "line 2: unknown or repeated format"),
        (b"ply\nend_header\n", "no 'format' line"),
        (b"ply\nformat ascii 1.0\nend_header\n", "no vertices"),
        (b"ply\nformat ascii 1.0\nelement vertex -1\nend_header\n", "line 3: expected 'element NAME COUNT'"),
        (b"ply\nformat ascii 1.0\nelement vertex 1\nelement vertex 1\nend_header\n", "appears twice"),
        (b"ply\nformat ascii 1.0\nproperty float x\nend_header\n", "a property before any element"),
        (b"ply\nformat ascii 1.0\nelement vertex 0\nproperty half x\nend_header\n", "line 4: cannot read"),
        (b"ply\nformat ascii 1.0\nelement vertex 0\nproperty list float int x\nend_header\n", "cannot read"),
        (b"ply\nformat ascii 1.0\nelement vertex 0\nproperty\nend_header\n", "cannot read"),
        (b"ply\nformat ascii 1.0\nnonsense\nend_header\n", "line 3: unknown keyword 'nonsense'"),
        (
            b"ply\nformat ascii 1.0\nelement vertex 0\nproperty float x\nproperty float x\nend_header\n",
            "twice",
        ),
    ],
)
def test_bad_headers(write, data, message):
    with pytest.raises(InputError, match=message):
        read_cloud(write(data))


@pytest.mark.parametrize("missing", ["x", "y", "z"])
def test_missing_coordinate(write, missing):
    properties = [("float", axis if axis != missing else "w") for axis in "xyz"]
    with pytest.raises(InputError, match=f"no scalar property '{missing}'") as caught:
        read_cloud(write(make_ply("ascii", properties, POINTS)))
    assert caught.value.field == f"vertex.{missing}"


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_coordinates_that_are_not_finite_stay(write, form, value):
    rows = POINTS.astype(np.float64)
    rows[1, 2] = rows[2, 0] = value
    cloud = read_cloud(write(make_ply(form, xyz("float"), rows)))
    assert np.array_equal(cloud.positions, rows, equal_nan=True)


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("count", [10**12, 10**18, 2**63, 4])
def test_counts_that_the_file_cannot_hold(form, count):
    data = make_ply(form, xyz("float"), POINTS).replace(b"vertex 3", b"vertex %d" % count)
    with pytest.raises(InputError, match="truncated"):
        parse_ply(data)


def test_faces_that_the_file_cannot_hold():
    data = make_ply("binary_little_endian", xyz("float"), POINTS, faces=2)
    with pytest.raises(InputError, match="element face"):
        parse_ply(data.replace(b"face 2", b"face 1000000000000"))


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("1 2", "line 10 has 2 values instead of 3"),
        ("1 2 3 4", "line 10 has 4 values instead of 3"),
        ("1 two 3", "line 10: 'two' is not a number"),
    ],
)
def test_bad_ascii_rows(write, row, message):
    data = make_ply("ascii", xyz("float"), POINTS).replace(b"3 4 5", row.encode())
    with pytest.raises(InputError, match=message):
        read_cloud(write(data))


@pytest.mark.parametrize(
    ("kind", "value"), [("uchar", "256"), ("int", "1.5"), ("uint", "-1"), ("short", "nan")]
)
def test_ascii_values_that_do_not_fit_their_type(write, kind, value):
    data = make_ply("ascii", xyz(kind), POINTS).replace(b"3 4 5", b"3 4 " + value.encode())
    with pytest.raises(InputError, match=r"line 10, row 1: .*vertex\.z"):
        read_cloud(write(data))


def test_bytes_that_are_not_ascii(write):
    data = make_ply("ascii", xyz("float"), POINTS)
    at = data.index(b"3 4 5")
    with pytest.raises(InputError) as caught:
        read_cloud(write(data[:at] + b"\xff" + data[at + 1 :]))
    assert caught.value.byte == at


def test_missing_file_and_folder(tmp_path):
    with pytest.raises(InputError, match="No such file"):
        read_cloud(tmp_path / "absent.ply")
    with pytest.raises(InputError, match="folder"):
        read_cloud(tmp_path)


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="needs a user whom permissions bind")
def test_no_permission(write):
    path = write(make_ply("ascii", xyz("float"), POINTS))
    path.chmod(0)
    with pytest.raises(InputError, match="Permission denied"):
        read_cloud(path)


def test_a_permission_error_is_an_input_error(write, monkeypatch):
    def refuse(self: Path, mode: str) -> None:
        raise PermissionError(13, "Permission denied")

    path = write(make_ply("ascii", xyz("float"), POINTS))
    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(InputError, match="Permission denied"):
        read_cloud(path)


def test_foreign_files(write):
    with pytest.raises(InputError, match="decode it first"):
        read_cloud(write(b"\x89OVX\r\n\x1a\n", "stream.ovx"))
    with pytest.raises(InputError, match="zip archive"):
        read_cloud(write(b"PK\x03\x04", "cloud.zip"))


@settings(max_examples=200)
@given(data=st.data())
def test_damaged_files_are_read_or_refused(data):
    """One byte changed anywhere: a cloud or an InputError, nothing else."""
    form = data.draw(st.sampled_from(FORMATS))
    ply = bytearray(make_ply(form, [*xyz("float"), ("uchar", "red")], np.eye(4), faces=1))
    ply[data.draw(st.integers(0, len(ply) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(InputError):
        assert parse_ply(bytes(ply)).positions.shape[1] == 3


# Writing


@pytest.mark.parametrize("text", [False, True])
@pytest.mark.parametrize("kind", sorted(NUMPY_CODES))
def test_written_clouds_come_back(tmp_path, kind, text):
    cloud = make_sphere(5, 9.0)
    cloud.coordinate_type = kind
    cloud.colors = np.random.default_rng(1).integers(0, 256, (len(cloud), 3)).astype(np.uint8)
    write_ply(tmp_path / "out.ply", cloud, ascii=text)
    back = read_cloud(tmp_path / "out.ply")
    assert back.coordinate_type == kind
    assert np.array_equal(back.positions, cloud.coords)
    assert np.array_equal(back.colors, cloud.colors)
    assert any(b"Octavox" in c and b"voxel size 1.0" in c for c in back.info.comments)


@pytest.mark.parametrize(
    ("kind", "origin", "scale", "stored"),
    [
        ("uchar", (0, 0, 300), 1.0, "double"),  # out of range
        ("int", (0, 0, 0.5), 1.0, "double"),  # not an integer
        ("float", (0, 0, 1 << 24), 1.0, "double"),  # 2^24 + 1 is no float
        ("float", (0, 0, -(1 << 20)), 1.0, "float"),
        ("float", (0.1, 0.1, 0.1), 0.3, "float"),  # rounded, but still the same voxels
        ("float", (1e6, 0, 0), 1e-3, "double"),  # rounding would merge voxels
        ("float", (1e39, 0, 0), 1e30, "double"),
        ("double", (1e6, 0, 0), 1e-3, "double"),
    ],
)
@pytest.mark.parametrize("text", [False, True])
def test_the_stored_type_keeps_voxels_apart(tmp_path, kind, origin, scale, stored, text):
    coords = np.array([[0, 0, 0], [0, 0, 1], [1, 1, 1]], np.int32)
    cloud = VoxelCloud(coords, 3, Transform(tuple(map(float, origin)), scale), kind)
    write_ply(tmp_path / "out.ply", cloud, ascii=text)
    back = read_cloud(tmp_path / "out.ply")
    assert back.coordinate_type == stored
    assert np.array_equal(np.rint((back.positions - np.array(origin)) / scale), coords)
    exact = np.array(origin) + scale * coords
    if stored == "double" or np.array_equal(exact, np.rint(exact)):
        assert np.array_equal(back.positions, exact)


def test_voxels_of_no_octree_are_written_too(tmp_path):
    coords = np.array([[-(1 << 30), 0, 0], [1 << 30, 5, 1 << 24]], np.int32)
    for kind, stored in (("int", "int"), ("float", "float"), ("short", "double")):
        write_ply(tmp_path / "out.ply", VoxelCloud(coords, 21, coordinate_type=kind))
        back = read_cloud(tmp_path / "out.ply")
        assert back.coordinate_type == stored
        assert np.array_equal(back.positions, coords)


@pytest.mark.filterwarnings("ignore:.*no points")
def test_an_empty_cloud_is_a_valid_file(tmp_path):
    for text in (False, True):
        write_ply(tmp_path / "empty.ply", VoxelCloud(np.empty((0, 3), np.int32), 1), ascii=text)
        assert read_cloud(tmp_path / "empty.ply").positions.shape == (0, 3)


# -- a few points of a file --------------------------------------------------------------------------


@pytest.mark.parametrize("form", FORMATS[1:])
@pytest.mark.parametrize("kind", ["float", "int", "double"])
def test_a_sample_is_some_of_the_points_from_all_over(write, form, kind):
    rows = np.column_stack([np.arange(1000), np.arange(1000) % 7, -np.arange(1000), np.arange(1000) % 256])
    properties = [*xyz(kind), ("uchar", "red"), ("uchar", "green"), ("uchar", "blue"), ("float", "far")]
    rows = np.column_stack([rows, rows[:, 3], rows[:, 3], rows[:, 0]])
    path = write(make_ply(form, properties, rows, faces=2))
    sample, whole = read_sample(path, 100), read_cloud(path)
    assert sample.positions.dtype == whole.positions.dtype
    assert sample.coordinate_type == whole.coordinate_type
    place = sample.positions[:, 0].astype(int)
    assert np.array_equal(place // 10, np.arange(100))  # one from each stretch
    assert len(set(place % 10)) > 5  # but not the same of each
    assert np.array_equal(sample.positions, whole.positions[place])
    assert np.array_equal(sample.colors, whole.colors[place])


def test_what_would_not_be_quicker_gives_no_sample(write):
    rows = np.arange(300).reshape(100, 3)
    binary = make_ply("binary_little_endian", xyz("int"), rows)
    assert len(read_sample(write(binary), 50).positions) == 50
    assert read_sample(write(binary), 51) is None
    assert read_sample(write(binary[:-1]), 10) is None
    assert read_sample(write(binary.replace(b"int z", b"int w")), 10) is None
    assert read_sample(write(make_ply("ascii", xyz("int"), rows)), 10) is None
    assert read_sample(write(b"1 2 3\n" * 99, "cloud.xyz"), 10) is None
    with pytest.raises(InputError, match="cannot read"):
        read_sample("missing", 10)


def test_a_cancelled_write_leaves_no_file(tmp_path):
    class Late(CancelToken):
        looks = 0

        def raise_if_cancelled(self) -> None:
            self.looks += 1
            if self.looks == 2:
                self.cancel()
            super().raise_if_cancelled()

    coords = np.stack(np.meshgrid(*[np.arange(64)] * 3, indexing="ij"), -1).reshape(-1, 3).astype(np.int32)
    with pytest.raises(CancelledError):
        write_ply(tmp_path / "out.ply", VoxelCloud(coords, 6), cancel=Late())
    assert list(tmp_path.iterdir()) == []
