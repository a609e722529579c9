"""PCD: every type and layout, packed colours, headers that are wrong."""

from __future__ import annotations

import struct

import numpy as np
import pytest

from octavox.codec import InputError, WriteOptions, read_cloud, read_sample, write_cloud
from octavox.codec.coding.lzf import compress, decompress


def make_pcd(points: int, data: str, body: bytes, **lines: str) -> bytes:
    head = {
        "VERSION": ".7",
        "FIELDS": "x y z rgb",
        "SIZE": "4 4 4 4",
        "TYPE": "F F F U",
        "COUNT": "1 1 1 1",
        "WIDTH": str(points),
        "HEIGHT": "1",
        "VIEWPOINT": "0 0 0 1 0 0 0",
        "POINTS": str(points),
        "DATA": data,
    } | lines
    return "".join(f"{key} {value}\n" for key, value in head.items() if value).encode() + body


def test_nan_rows_stay_and_colours_come_apart():
    rows = struct.pack("<3fI", 1, 2, 3, 0x0A141E) + struct.pack("<3fI", np.nan, np.nan, np.nan, 0)
    cloud = read_cloud(make_pcd(2, "binary", rows))
    assert np.array_equal(cloud.positions, [[1, 2, 3], [np.nan] * 3], equal_nan=True)
    assert cloud.colors.tolist() == [[10, 20, 30], [0, 0, 0]]
    assert list(cloud.attributes) == ["red", "green", "blue"]
    assert cloud.info.extra.packed == ("rgb", "u4")


@pytest.mark.parametrize("kind", ["F", "U", "I"])
@pytest.mark.parametrize("field", ["rgb", "rgba"])
@pytest.mark.parametrize("top", [0, 255])
def test_packed_colours_are_packed_again(tmp_path, kind, field, top):
    """Bit for bit, also where the packed number is a NaN or a denormal float."""
    colours = np.random.default_rng(1).integers(0, 1 << 24, 30).astype("<u4") | np.uint32(top << 24)
    rows = np.zeros(30, [("xyz", "<f4", 3), ("rgb", "<u4")])
    rows["rgb"] = colours
    data = make_pcd(
        30, "binary", rows.tobytes(), FIELDS=f"x y z {field}", TYPE=f"F F F {kind}", WIDTH="6", HEIGHT="5"
    )
    cloud = read_cloud(data)
    assert ("alpha" in cloud.attributes) == (field == "rgba" or top > 0)
    for options in (WriteOptions(), WriteOptions(compressed=True)):
        assert write_cloud(tmp_path / "a.pcd", cloud, options=options) == ()
        written = (tmp_path / "a.pcd").read_bytes()
        assert f"FIELDS x y z {field}\n".encode() in written
        assert f"TYPE F F F {kind}\n".encode() in written
        assert b"WIDTH 6\nHEIGHT 5\n" in written
    write_cloud(tmp_path / "a.pcd", cloud)
    assert (tmp_path / "a.pcd").read_bytes().endswith(rows.tobytes())


def test_padding_counts_and_comments():
    fields = {"FIELDS": "x _ y z n", "SIZE": "4 1 4 4 2", "TYPE": "F U F F I", "COUNT": "1 3 1 1 2"}
    row = struct.pack("<f3sffhh", 1, b"???", 2, 3, -4, 5)
    cloud = read_cloud(b"# one\n#two\n" + make_pcd(1, "binary", row, **fields))
    assert cloud.coords.tolist() == [[1, 2, 3]]
    assert cloud.attributes["n"].tolist() == [[-4, 5]]
    assert list(cloud.attributes) == ["n"]
    assert cloud.info.comments == (b" one", b"two")
    text = make_pcd(2, "ascii", b"1 9 9 9 2 3 4 5\n\n\t6 9 9 9 7 8 9 10", **fields)
    assert read_cloud(text).attributes["n"].tolist() == [[4, 5], [9, 10]]


@pytest.mark.parametrize(
    ("points", "data", "body"),
    [
        (5, "ascii", b"1 2 3 0\n4 5 6 0\n"),
        (2, "binary", bytes(31)),
        (10**12, "binary", bytes(64)),
        (100, "binary_compressed", struct.pack("<II", 4, 1600) + bytes(4)),
        (1, "binary_compressed", b"\x01"),
    ],
)
def test_counts_that_the_file_cannot_hold(points, data, body):
    with pytest.raises(InputError, match="truncated"):
        read_cloud(make_pcd(points, data, body))


@pytest.mark.parametrize(
    ("lines", "message", "field"),
    [
        ({"SIZE": "0 0 0 0"}, "no bytes", "SIZE"),
        ({"SIZE": "3 4 4 4"}, "field 'x' has TYPE F and SIZE 3", "SIZE"),
        ({"TYPE": "Q F F U"}, "field 'x' has TYPE Q", "TYPE"),
        ({"SIZE": "1 4 4 4"}, "TYPE F and SIZE 1", "SIZE"),
        ({"COUNT": "1 1 1"}, "differ in length", "FIELDS"),
        ({"COUNT": "2 1 1 1"}, "no field 'x' of one number", "FIELDS"),
        ({"COUNT": "1 1 1 99999999"}, "values", "COUNT"),
        ({"FIELDS": "x y w rgb"}, "no field 'z'", "FIELDS"),
        ({"FIELDS": "x y z x"}, "'x' appears twice", "FIELDS"),
        ({"WIDTH": "3"}, "WIDTH 3 times HEIGHT 1 are not POINTS 1", "POINTS"),
        ({"POINTS": "one"}, "not a number", "POINTS"),
        ({"POINTS": "9" * 5000}, "not a number", "POINTS"),
        ({"DATA": "zip"}, "unknown data format 'zip'", "DATA"),
        ({"VERSION": ".7\nPOINTSX 7000000000"}, "unknown keyword 'POINTSX'", "header"),
    ],
)
def test_bad_headers(lines, message, field):
    with pytest.raises(InputError, match=message) as caught:
        read_cloud(make_pcd(1, "binary", bytes(16), **lines))
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"1 2 3 0\n4 5 6\n", "line 12 has 3 values instead of 4"),
        (b"1 2 3 0\n4 5 6 0\n7 8 9 0\n", "line 13: there are more rows than the 2"),
        (b"1 2 3 0\n4 5 word 0\n", "line 12: 'word' is not a number"),
        (b"1 2 3 0\n4 5 6 1.5\n", "line 12: '1.5' is not an integer .*rgb"),
        (b"1 2 3 0\n4 5 6 4294967296\n", "line 12: '4294967296' is outside .*rgb"),
    ],
)
def test_bad_rows(body, message):
    with pytest.raises(InputError, match=message):
        read_cloud(make_pcd(2, "ascii", body))


def test_garbage_is_no_pcd(tmp_path):
    path = tmp_path / "a.pcd"
    for data in (b"garbage", b"garbage\n" * 10, b"\0" * 100):
        path.write_bytes(data)
        with pytest.raises(InputError, match=r"not a PCD file|unknown keyword"):
            read_cloud(path)


def test_a_sample_of_binary_rows(tmp_path):
    rows = np.zeros(1000, [("xyz", "<f4", 3), ("rgb", "<u4")])
    rows["xyz"] = np.arange(1000)[:, None]
    (tmp_path / "a.pcd").write_bytes(make_pcd(1000, "binary", rows.tobytes()))
    sample = read_sample(tmp_path / "a.pcd", 100)
    assert np.array_equal(sample.coords[:, 0] // 10, np.arange(100))
    assert read_sample(tmp_path / "a.pcd", 600) is None


@pytest.mark.parametrize("kind", ["random", "zeros", "runs", "text", "short", "empty"])
def test_lzf(kind):
    rng = np.random.default_rng(5)
    data = {
        "random": rng.integers(0, 256, 5000),
        "zeros": np.zeros(70_000),
        "runs": np.repeat(rng.integers(0, 256, 300), rng.integers(1, 600, 300)),
        "text": np.frombuffer(b"the quick brown fox " * 500, np.uint8),
        "short": np.array([1, 2]),
        "empty": np.empty(0),
    }[kind].astype(np.uint8)
    packed = compress(data)
    assert len(packed) <= len(data) + len(data) // 32 + 1
    assert np.array_equal(decompress(packed, len(data)), data)
    if kind == "zeros":
        assert len(packed) < len(data) / 60
    if len(data):
        assert decompress(packed, len(data) - 1) is None
        assert decompress(packed[:-1], len(data)) is None


@pytest.mark.parametrize("packed", [b"\x20\x00", b"\x05ab", b"\xe0", b"\xe0\x10", b"\x00a\x20\x05"])
def test_lzf_that_no_packer_makes(packed):
    assert decompress(np.frombuffer(packed, np.uint8), 8) is None
