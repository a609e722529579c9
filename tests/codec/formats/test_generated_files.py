"""Files of writers that share nothing with ours, generated: spellings, white space, comments, types, counts.

And one row spoiled in each kind of text: the error names its line.
"""

from __future__ import annotations

import io
import math
import struct
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from octavox.codec import InputError, PointCloud, ReadOptions, read_cloud

FEW = settings(max_examples=80, deadline=None)
VERTICES = ReadOptions(mesh="vertices")


def reading(data: bytes, name: str, options: ReadOptions | None = None) -> PointCloud:
    file = io.BytesIO(data)
    file.name = name
    return read_cloud(file, options=options)


# -- numbers as people and programs write them -------------------------------------------------------

SPECIAL = {"nan": math.nan, "-NaN": -math.nan, "inf": math.inf, "-Infinity": -math.inf, "1.#INF": math.inf}
SPECIAL |= {"-0": -0.0, "-0.0": -0.0, "+.5": 0.5, "5.": 5.0, "1E+2": 100.0, "00012": 12.0, "1e-320": 1e-320}


@st.composite
def numbers(draw: st.DrawFn) -> tuple[str, float]:
    """A text and the double nearest to it."""
    kind = draw(st.integers(0, 5))
    if kind == 0:
        text = draw(st.sampled_from(sorted(SPECIAL)))
        return text, SPECIAL[text]
    if kind == 1:
        value = draw(st.integers(-(1 << 53), 1 << 53))
        return f"{value}", float(value)
    if kind == 2:
        places = draw(st.integers(0, 12))
        text = f"{draw(st.integers(-(10**15), 10**15)) / 10**places:.{places}f}"
        return text, float(text)
    value = draw(st.floats(allow_nan=False))
    text = draw(st.sampled_from([repr, "{:e}".format, "{:.17g}".format, "{:+}".format, "{:E}".format]))(value)
    return text, float(text)


def same(texts: np.ndarray, found: PointCloud, names: list[str]) -> None:
    """Fails where a column has not the numbers of the file, with their signs."""
    columns = [found.coords[:, "xyz".index(n)] if n in "xyz" else found.attributes[n] for n in names]
    for k, column in enumerate(columns):
        wanted = texts[:, k]
        assert np.array_equal(column.astype(np.float64), wanted, equal_nan=True), names[k]
        if column.dtype.kind == "f":
            assert np.array_equal(np.signbit(column), np.signbit(wanted)), names[k]


@st.composite
def text_files(draw: st.DrawFn) -> tuple[bytes, str, list[str], np.ndarray]:
    """A text file of points, its name, the columns that it should have, and their numbers."""
    width, rows = draw(st.integers(3, 6)), draw(st.integers(1, 6))
    cells = [[draw(numbers()) for _ in range(width)] for _ in range(rows)]
    suffix = draw(st.sampled_from([".xyz", ".csv", ".txt", ".asc"]))
    mark = draw(st.sampled_from(["", "", ",", ";"]))
    names = draw(st.permutations(["x", "y", "z", "label", "gps_time", "Q2"][:width]))
    header = draw(st.sampled_from(["none", "line", "comment", "quoted"]))
    if header == "none":
        names = ["x", "y", "z", *(f"column_{k + 1}" for k in range(3, width))]
    end = draw(st.sampled_from(["\n", "\r\n", "\r"]))
    blanks = st.sampled_from(["", " ", "\t", "  \t "])

    def gap() -> str:
        return draw(blanks) + mark + draw(blanks) if mark else draw(blanks) or " "

    lines: list[bytes] = []
    if header != "none":
        joined = (mark or " ").join(f'"{n}"' if header == "quoted" else n for n in names)
        lines.append((f"# {joined}" if header == "comment" else joined).encode())
    for row in cells:
        if draw(st.integers(0, 4)) == 0:
            lines.append(draw(blanks).encode())
        if draw(st.integers(0, 4)) == 0:
            comment = draw(st.binary(max_size=12)).translate(None, b"\r\n\0")
            lines.append(b"# " + comment if header != "none" else b"#" + comment.replace(b"x", b""))
        text = draw(blanks) if not mark else ""
        for k, (word, _) in enumerate(row):
            text += (gap() if k else "") + word
        lines.append((text + draw(blanks)).encode())
    body = end.encode().join(lines) + (end.encode() if draw(st.booleans()) else b"")
    bom = b"\xef\xbb\xbf" if draw(st.booleans()) else b""
    values = np.array([[value for _, value in row] for row in cells])
    return bom + body, f"cloud{suffix}", list(names), values


@FEW
@given(file=text_files())
def test_text(file: tuple[bytes, str, list[str], np.ndarray]) -> None:
    data, name, names, values = file
    found = reading(data, name)
    assert list(found.attributes) == [n for n in names if n not in "xyz"]
    same(values, found, names)


@FEW
@given(
    cells=st.lists(st.lists(numbers(), min_size=7, max_size=7), min_size=1, max_size=5),
    width=st.sampled_from([3, 4, 6, 7]),
    end=st.sampled_from(["\n", "\r\n"]),
    blank=st.sampled_from([" ", "\t", "   "]),
)
def test_pts(cells: list[list[tuple[str, float]]], width: int, end: str, blank: str) -> None:
    lines = [str(len(cells)), *(blank.join(text for text, _ in row[:width]) for row in cells)]
    found = reading(end.join([*lines, ""]).encode(), "cloud.pts")
    names = {3: [], 4: ["intensity"], 6: ["red", "green", "blue"]}
    names[7] = ["intensity", "red", "green", "blue"]
    assert list(found.attributes) == names[width]
    values = np.array([[value for _, value in row[:width]] for row in cells])
    same(values, found, ["x", "y", "z", *names[width]])


# -- meshes ------------------------------------------------------------------------------------------

points = st.lists(st.lists(numbers(), min_size=3, max_size=3), min_size=1, max_size=6)
gaps = st.sampled_from([" ", "\t", "   ", " \t "])


@FEW
@given(cells=points, gap=gaps, end=st.sampled_from(["\n", "\r\n"]), data=st.data())
def test_obj(cells: list[list[tuple[str, float]]], gap: str, end: str, data: st.DataObject) -> None:
    noise = ["", "# a comment \xfc", "vn 0 0 1", "vt 0.5 0.5", "g group", "usemtl wood", "s off", "o thing"]
    lines = []
    for row in cells:
        lines += data.draw(st.lists(st.sampled_from(noise), max_size=2))
        lines.append(data.draw(st.sampled_from(["", "  ", "\t"])) + gap.join(["v", *(t for t, _ in row)]))
    faces = data.draw(st.booleans())
    lines += [f"f{gap}1/1/1{gap}-1//1{gap}1"] if faces else []
    found = reading(end.join([*lines, ""]).encode("latin-1"), "a.obj", VERTICES if faces else None)
    same(np.array([[value for _, value in row] for row in cells]), found, list("xyz"))
    assert found.coords.dtype == np.float64


@FEW
@given(
    cells=points,
    gap=gaps,
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    normals=st.booleans(),
    colours=st.sampled_from([0, 3, 4]),
    one_line=st.booleans(),
    data=st.data(),
)
def test_off(
    cells: list[list[tuple[str, float]]],
    gap: str,
    end: str,
    normals: bool,
    colours: int,
    one_line: bool,
    data: st.DataObject,
) -> None:
    word = ("C" if colours else "") + ("N" if normals else "") + "OFF"
    faces = data.draw(st.integers(0, 2))
    counts = gap.join([str(len(cells)), str(faces), "0"])
    lines = [f"{word}{gap}{counts}"] if one_line else [word, *["# made by hand"] * faces, "", counts]
    shades = data.draw(st.lists(st.integers(0, 255), min_size=colours, max_size=colours))
    assume(not any("#" in text for row in cells for text, _ in row))  # which begins a comment here
    for row in cells:
        lines += data.draw(st.sampled_from([[], [""], ["# 1 2 3"]]))
        words = [text for text, _ in row] + ["0", "0", "1"] * normals + [str(shade) for shade in shades]
        lines.append(gap.join(words) + data.draw(st.sampled_from(["", " ", " # a vertex"])))
    lines += [gap.join(["3", "0", "0", "0"])] * faces
    found = reading(end.join([*lines, ""]).encode(), "a.off", VERTICES if faces else None)
    same(np.array([[value for _, value in row] for row in cells]), found, list("xyz"))
    names = ["nx", "ny", "nz"] * normals + ["red", "green", "blue", "alpha"][:colours]
    assert list(found.attributes) == names
    for name, shade in zip(names[3 * normals :], shades):
        assert found.attributes[name].dtype == np.uint8 and set(found.attributes[name].tolist()) == {shade}


@FEW
@given(
    corners=st.lists(
        st.tuples(*[st.tuples(*[st.floats(-1e3, 1e3, width=32)] * 3)] * 3), min_size=1, max_size=5
    ),
    text=st.booleans(),
    head=st.sampled_from([b"", b"solid by a program", b"facet"]) | st.binary(max_size=70).map(b"by ".__add__),
    attribute=st.integers(0, 65535),
)
def test_stl(corners: list[Any], text: bool, head: bytes, attribute: int) -> None:
    table = np.array(corners, np.float32)
    if text:
        data = b"solid a thing\n"
        for triangle in table:
            data += b"  facet normal 0 0 1\n\touter loop\n"
            data += b"".join(b"   vertex %r %r %r\r\n" % tuple(map(float, v)) for v in triangle)
            data += b" endloop\n endfacet\n"
        data += b"endsolid a thing\n"
    else:
        data = head.ljust(80, b" ") + struct.pack("<I", len(table))
        for triangle in table:
            data += struct.pack("<12fH", 0, 0, 1, *triangle.reshape(-1), attribute)
    found = reading(data, "a.stl", VERTICES)
    rows = {row.tobytes() for row in found.coords}
    assert rows == {row.tobytes() for row in table.reshape(-1, 3)}
    assert len(found) == len(rows)


# -- binary tables -----------------------------------------------------------------------------------


@FEW
@given(
    codes=st.lists(
        st.sampled_from(["i1", "u1", "<i2", ">u2", "<i4", ">i8", "<u8", "<f2", ">f4", "<f8", "?"]), max_size=5
    ),
    axes=st.lists(st.sampled_from(["<f4", ">f4", "<f8", ">i4", "<i2", "u1"]), min_size=3, max_size=3),
    aligned=st.booleans(),
    rows=st.integers(1, 5),
    seed=st.integers(0, 1000),
)
def test_structured_arrays(codes: list[str], axes: list[str], aligned: bool, rows: int, seed: int) -> None:
    names = [f"c{k}" for k in range(len(codes))]
    fields = [*zip("xyz", axes), *zip(names, codes)]
    order = np.random.default_rng(seed).permutation(len(fields))
    dtype = np.dtype([fields[k] for k in order], align=aligned)
    raw = np.random.default_rng(seed).integers(0, 100, (rows, dtype.itemsize), np.uint8)
    for k, code in fields:
        if code == "?":
            raw[:, dtype.fields[k][1]] &= 1  # type: ignore[index]
    table = raw.view(dtype)[:, 0]
    file = io.BytesIO()
    np.save(file, table)
    found = reading(file.getvalue(), "a.npy")
    for k, axis in enumerate("xyz"):
        assert np.array_equal(found.coords[:, k], table[axis].astype(found.coords.dtype), equal_nan=True)
    for name, code in zip(names, codes):
        column = found.attributes[name]
        assert column.dtype == np.dtype(code).newbyteorder("=")
        assert column.tobytes() == table[name].astype(column.dtype).tobytes()


@FEW
@given(st.lists(st.lists(st.floats(width=32), min_size=5, max_size=5), max_size=6), st.sampled_from([4, 5]))
def test_raw_floats(rows: list[list[float]], width: int) -> None:
    table = np.array(rows, np.float32).reshape(-1, 5)[:, :width]
    assume(len(table))
    names = ("z", "x", "y", "t", "u")[:width]
    found = reading(table.astype("<f4").tobytes(), "a.bin", ReadOptions(fields=names))
    assert np.array_equal(found.coords, table[:, [1, 2, 0]], equal_nan=True)
    assert list(found.attributes) == list(names[3:])


LAS_LENGTHS = [20, 28, 26, 34, 57, 63, 30, 36, 38, 59, 67]  # of the records of each point format


@FEW
@given(
    point_format=st.integers(0, 10),
    extra=st.integers(0, 5),
    minor=st.integers(0, 4),
    rows=st.integers(1, 4),
    gap=st.integers(0, 9),
    scale=st.tuples(*[st.floats(1e-6, 10)] * 3),
    offset=st.tuples(*[st.floats(-1e7, 1e7)] * 3),
    seed=st.integers(0, 1000),
)
def test_las(
    point_format: int,
    extra: int,
    minor: int,
    rows: int,
    gap: int,
    scale: tuple[float, float, float],
    offset: tuple[float, float, float],
    seed: int,
) -> None:
    """Records of random bytes: every byte comes back in some column, and writing gives the file again."""
    laspy = pytest.importorskip("laspy")
    assume(minor == 4 or point_format < 6)
    size = {0: 227, 1: 227, 2: 227, 3: 235, 4: 375}[minor]
    length = LAS_LENGTHS[point_format] + extra
    raw = np.random.default_rng(seed).integers(0, 256, (rows, length), np.uint8)
    head = bytearray(size)
    head[:4], head[24], head[25] = b"LASF", 1, minor
    struct.pack_into("<HII", head, 94, size, size + gap, 0)
    struct.pack_into("<BHI", head, 104, point_format, length, rows if point_format < 6 else 0)
    struct.pack_into("<6d", head, 131, *scale, *offset)
    if minor == 4:
        struct.pack_into("<Q", head, 247, rows)
    data = bytes(head) + bytes(gap) + raw.tobytes()
    found = reading(data, "a.las")
    assert (found.scale, found.offset) == (scale, offset)
    assert found.coords.tobytes() == raw[:, :12].copy().view("<i4").tobytes()
    with laspy.open(io.BytesIO(data)) as file:
        theirs = file.read()
    for name in ("intensity", "classification", "gps_time", "red", "nir", "return_number", "user_data"):
        if name in theirs.point_format.dimension_names and name in found.attributes:
            column = found.attributes[name]
            assert np.array_equal(column, np.asarray(theirs[name]), equal_nan=column.dtype.kind == "f"), name


# -- one row spoiled ---------------------------------------------------------------------------------

SPOILED = [
    "1 2",
    "1 2 3 4 5",
    "1 2 three",
    "1,5 2,5 3,5",
    "1 2 3x",
    "1..2 2 3",
    "0x10 2 3",
    "1 2 --3",
    "\u00bd 1 2",
]
TEXTS = {
    "a.xyz": "",
    "a.txt": "# made by hand\n",
    "a.csv": "x y z\n",
    "a.ply": "ply\nformat ascii 1.0\nelement vertex {n}\nproperty float x\nproperty float y\n"
    "property float z\nend_header\n",
    "a.pcd": "VERSION .7\nFIELDS x y z\nSIZE 4 4 4\nTYPE F F F\nCOUNT 1 1 1\nWIDTH {n}\nHEIGHT 1\n"
    "VIEWPOINT 0 0 0 1 0 0 0\nPOINTS {n}\nDATA ascii\n",
    "a.pts": "{n}\n",
}


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("spoiled", SPOILED)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_spoiled_row_is_named_by_its_line(name: str, spoiled: str, end: str) -> None:
    for row in (1, 7, 39):
        lines = [f"{k} {k}.5 -{k}" for k in range(40)]
        lines[row] = spoiled
        head = TEXTS[name].format(n=len(lines))
        text = (head + "\n".join([*lines, ""])).replace("\n", end)
        with pytest.raises(InputError) as error:
            reading(text.encode(), name)
        if (name, spoiled, row) == ("a.ply", "1 2", 39):  # a PLY file that was cut looks the same
            assert "truncated: the data end in row 39" in str(error.value)
            continue
        assert f"line {head.count(chr(10)) + row + 1}" in str(error.value), str(error.value)
        assert error.value.path == name


@pytest.mark.parametrize("spoiled", [s for s in SPOILED if s not in ("1 2 3 4 5", "1,5 2,5 3,5")])
def test_a_spoiled_vertex_is_named(spoiled: str) -> None:
    for row in (1, 7, 39):
        lines = [f"{k} {k}.5 -{k}" for k in range(40)]
        lines[row] = spoiled
        obj = "\n".join(f"v {line}" for line in lines)
        off = "\n".join(["OFF", "40 0 0", *lines, ""])
        with pytest.raises(InputError, match=f"line {row + 1}"):
            reading(obj.encode(), "a.obj")
        with pytest.raises(InputError, match=f"line {row + 3}|vertex {row}"):
            reading(off.encode(), "a.off")
        stl = ["solid a", *("vertex " + line for line in lines), "endsolid a"]
        with pytest.raises(InputError, match=f"line {row + 2}"):
            reading("\n".join(stl).encode(), "a.stl", VERTICES)
