"""Plain text: delimiters, header lines, comments, columns."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from octavox.codec import (
    CancelledError,
    CancelToken,
    InputError,
    ReadOptions,
    read_cloud,
    read_sample,
    write_cloud,
)


@pytest.fixture
def write(tmp_path):
    def put(data: bytes, name: str = "cloud.xyz") -> Path:
        path = tmp_path / name
        path.write_bytes(data)
        return path

    return put


def test_xyz(write):
    cloud = read_cloud(write(b"# a comment\n1 2 3\n\n4 5.5 6\n"))
    assert np.array_equal(cloud.positions, [[1, 2, 3], [4, 5.5, 6]])
    assert cloud.info.comments == (b" a comment",)
    assert list(read_cloud(write(b"1 2 3 9\n")).attributes) == ["column_4"]
    assert read_cloud(write(b"0.1 2 3\n")).coordinate_type == "double"
    assert read_cloud(write(b"1 2 3\n")).coordinate_type == "long"
    assert np.array_equal(
        read_cloud(write(b"1 2 3\n4 nan 6\n")).positions, [[1, 2, 3], [4, np.nan, 6]], equal_nan=True
    )


def test_xyzrgb_and_pts(write):
    cloud = read_cloud(write(b"1 2 3 0 0.2 1\n", "cloud.xyzrgb"))
    assert cloud.colors.tolist() == [[0, 51, 255]]
    assert read_cloud(write(b"1 2 3 0 1 1\n", "cloud.xyzrgb")).colors.tolist() == [[0, 255, 255]]
    cloud = read_cloud(write(b"2\n1 2 3 -9 10 20 30\n4 5 6 -8 40 50 60\n", "cloud.pts"))
    assert cloud.colors.tolist() == [[10, 20, 30], [40, 50, 60]]
    assert list(cloud.attributes) == ["intensity", "red", "green", "blue"]
    assert list(read_cloud(write(b"1\n1 2 3 0.5\n", "cloud.pts")).attributes) == ["intensity"]


@pytest.mark.parametrize(
    ("data", "names"),
    [
        (b"x,y,z,t\n1,2,3,4\n", ["t"]),
        (b'"X";"Y";"Z";"t"\n1;2;3;4\n', ["t"]),
        (b"X\tY\tZ\tR\tG\tB\n1\t2\t3\t4\t5\t6\n", ["red", "green", "blue"]),
        (b"//X Y Z R G B A\n1 2 3 4 5 6 7\n", ["red", "green", "blue", "alpha"]),
        (b"# made by hand\n# x y z label\n1 2 3 4\n", ["label"]),
        (b"x y z \xff\n1 2 3 4\n", ["\udcff"]),
        (b"1 , 2 , 3 , 4\r\n\r\n5,6,7,8", ["column_4"]),
        (b"1,2,3,4,\n5,6,7,8,\n", ["column_4"]),
        (b"\xef\xbb\xbfx,y,z,t\n1,2,3,4\n", ["t"]),
        (b"  1\t2   3 4  \r\n", ["column_4"]),
        (b"1 2 3 4\r5 6 7 8\r", ["column_4"]),
    ],
)
@pytest.mark.parametrize("name", ["a.csv", "a.txt", "a.xyz", "a.asc"])
def test_delimiters_and_header_lines(write, data, names, name):
    cloud = read_cloud(write(data, name))
    assert cloud.coords[0].tolist() == [1, 2, 3]
    assert list(cloud.attributes) == names
    assert cloud.attributes[names[0]][0] == 4


def test_columns_in_any_order(write):
    cloud = read_cloud(write(b"t,z,x,y\n1,2,3,4\n", "a.csv"))
    assert (cloud.coords.tolist(), list(cloud.attributes)) == ([[3, 4, 2]], ["t"])
    options = ReadOptions(fields=("id", "y", "x", "z"))
    cloud = read_cloud(write(b"a b c d e\n1 2 3 4 5\n", "a.txt"), options=options)
    assert (cloud.coords.tolist(), list(cloud.attributes)) == ([[3, 2, 4]], ["id", "column_5"])


def test_comments_anywhere(write):
    data = b"# one\n 1 2 3\n  # two \xe9\n// three\n4 5 6\n#"
    cloud = read_cloud(write(data))
    assert cloud.coords.tolist() == [[1, 2, 3], [4, 5, 6]]
    assert cloud.info.comments == (b" one", b" two \xe9", b" three", b"")


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("a.xyz", b"1 2 3\n4 5\n", "line 2 has 2 values"),
        ("a.xyz", b"1 2\n", "line 1 has 2 values instead of 3"),
        ("a.xyz", b"1 2 3\n4 five 6\n", "line 2: 'five'"),
        ("a.xyz", b"1 2 \xff\n", "not ASCII"),
        ("a.xyz", b"1 2 3 # no\n", "line 1: '#' is not a number"),
        ("a.xyz", b"1,5 2,5 3,5\n", "line 1: .* just one ','"),
        ("a.csv", b"1,5;2,5;3,5\n", "line 1: '1,5' is not a number"),
        ("a.csv", b"1,2,3\n4,,6\n", "line 2: .* just one ','"),
        ("a.csv", b"1,2,3\n,4,5,6\n", "line 2: .* just one ','"),
        ("a.csv", b"1,2,3\n4,5,6,,\n", "line 2: .* just one ','"),
        ("a.csv", b"1,2,3\n4 5 6\n", "line 2: .* just one ','"),
        ("a.csv", b"east,north,up\n1,2,3\n", "the header line names no x, y and z"),
        ("a.csv", b"x,y,z\n1,2,3,4\n", "line 2 has 4 values, the header line 3 names"),
        ("a.csv", b"x,y,z,x\n1,2,3,4\n", "a name twice"),
        ("a.csv", b"x,y,z\na,b,c\n1,2,3\n", "line 2: 'a' is not a number"),
        ("a.pts", b"3\n1 2 3\n4 5 6\n", "declares 3 points, 2 follow"),
        ("a.pts", b"1000000000000\n1 2 3\n", "truncated"),
        ("a.pts", b"1 2 3\n", "not the number of points"),
        ("a.xyz", "1 2 3\n".encode("utf-16"), "UTF-16|no text"),
        ("a.xyz", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "seems to be a PNG image"),
        ("a.xyz", b"", "the file is empty"),
        ("a.xyz", b"1 2 " + b"3" * 5000, "a number of 5,000 characters"),
    ],
)
def test_bad_text(write, name, data, message):
    with pytest.raises(InputError, match=message):
        read_cloud(write(data, name))


def test_line_numbers_reach_over_blocks(write, monkeypatch):
    monkeypatch.setattr("octavox.codec.formats.text_blocks.BLOCK", 64)
    rows = b"".join(b"%d 2 3\n" % k for k in range(1000))
    assert np.array_equal(read_cloud(write(rows)).coords[:, 0], np.arange(1000))
    with pytest.raises(InputError, match="line 701: 'x' is not a number") as caught:
        read_cloud(write(rows.replace(b"\n700 2", b"\n700 x")))
    assert caught.value.byte == rows.index(b"\n700 2") + 5
    with pytest.raises(InputError, match="line 901 has 4 values"):
        read_cloud(write(rows.replace(b"\n900 2", b"\n900 2 2")))


def test_one_long_line_is_read(write, monkeypatch):
    monkeypatch.setattr("octavox.codec.formats.text_blocks.BLOCK", 64)
    line = b" ".join(b"%d" % k for k in range(3000))
    assert len(read_cloud(write(line + b"\n" + line)).attributes) == 2997


def test_a_large_text_is_sampled_from_all_over(write):
    rows = "".join(f"{k}.5 {k % 7} 1 {k % 256}\n" for k in range(300_000)).encode()
    sample = read_sample(write(b"# x y z i\n" + rows), 2000)
    assert 1500 < len(sample) < 3000
    assert list(sample.attributes) == ["i"]
    assert np.array_equal(sample.coords[:, 1], (sample.coords[:, 0] - 0.5) % 7)
    assert np.ptp(sample.coords[:, 0]) > 290_000
    assert read_sample(write(rows[:1000]), 10) is None


def test_what_has_no_place_is_named(tmp_path, write):
    cloud = read_cloud(write(b"# hi\n# x y z intensity red green blue t\n1 2 3 4 5 6 7 8\n"))
    assert write_cloud(tmp_path / "a.pts", cloud) == ("t", "comments")
    assert (tmp_path / "a.pts").read_bytes() == b"1\n1 2 3 4 5 6 7\n"
    assert write_cloud(tmp_path / "a.xyz", cloud) == ()
    assert (tmp_path / "a.xyz").read_bytes() == b"# hi\n# x y z intensity red green blue t\n1 2 3 4 5 6 7 8\n"
    assert write_cloud(tmp_path / "a.csv", cloud) == ()
    assert (tmp_path / "a.csv").read_bytes() == b"# hi\nx,y,z,intensity,red,green,blue,t\n1,2,3,4,5,6,7,8\n"


def test_a_cancelled_reading_stops(write):
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(CancelledError):
        read_cloud(write(b"1 2 3\n"), cancel=cancel)
