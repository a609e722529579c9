"""PLY headers and text bodies as other programs write them."""

from __future__ import annotations

import numpy as np
import pytest

from octavox.codec import InputError, read_cloud
from octavox.codec.formats.ply_header import FIRST_LOOK

XYZ = b"property float x\nproperty float y\nproperty float z\n"


def ply(body: bytes, count: int = 3, more: bytes = b"", form: bytes = b"ascii") -> bytes:
    return b"ply\nformat %s 1.0\nelement vertex %d\n%s%send_header\n%s" % (form, count, XYZ, more, body)


@pytest.mark.parametrize(
    "body",
    [
        b"1 2 3\n4 5 6\n7 8 9\n",
        b"1 2 3 4 5 6 7 8 9",
        b"1 2 3 4 5 6\n7 8 9\n",
        b"1\n2\n3\n4\n5\n6\n7\n8\n9\n",
        b"1 2\n3\n4 5\n6\n7 8\n9\n",
        b"\n\n 1 2 3\n\n\t4 5 6  \r\n7 8 9\n\n\n",
        b"1\t2\v3\f\n4 5 6\n7 8 9\x0c",
    ],
)
def test_items_are_separated_by_any_white_space(body):
    assert read_cloud(ply(body)).coords.tolist() == [[1, 2, 3], [4, 5, 6], [7, 8, 9]]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"1 2\n3 4 5 6\n7 8 9\n", "line 8 has 2 values instead of 3"),
        (b"1 2 3\n4 5 6 7\n8 9\n", "line 9 has 4 values instead of 3"),
        (b"1 2 3\n4 5\n7 8 9\n", "the data end in row 2; line 9 has 2 values instead of 3"),
        (b"1 2 3\n4 5 6\n", "the data end in row 2"),
        (b"1 2 3\n4 5 6\n7 8 9\n10 11 12\n", "line 11: there are more values than the header declares"),
        (b"1,2,3\n4,5,6\n7,8,9\n", "line 8: '1,2,3' is not a number"),
    ],
)
def test_a_value_that_is_missing_moves_no_other(body, message):
    with pytest.raises(InputError, match=message):
        read_cloud(ply(body))


@pytest.mark.parametrize(
    ("faces", "message"),
    [
        (b"3 0 1 2\n4 0 1 2 0\n", None),
        (b"3 0 1 2 4 0 1 2 0", None),
        (b"3\n0 1 2\n4\n0 1 2 0\n", None),
        (b"3 0 1\n2 4 0 1 2 0\n", "line 13 has 3 values"),
        (b"3 0 1 2 9\n4 0 1 2 0\n", "line 13|truncated|more values"),
        (b"-1\n4 0 1 2 0\n", "line 13: '-1' is no length of a list"),
        (b"2.5 0 1\n4 0 1 2 0\n", "line 13: '2.5' is no length"),
        (b"nan 0 1\n4 0 1 2 0\n", "line 13: 'nan' is no length"),
        (b"1e18 0 1\n4 0 1 2 0\n", "truncated: line 13 declares a list of 1e"),
        (b"3 0 1 256\n4 0 1 2 0\n", "line 13, '256' is outside 0 to 255 .*face.v"),
        (b"3 0 1 2\n4 0 1 2\n", "truncated: the data end in row 1"),
    ],
)
def test_lists_in_text(faces, message):
    data = ply(b"1 2 3\n4 5 6\n7 8 9\n" + faces, more=b"element face 2\nproperty list uchar uchar v\n")
    if message is None:
        column = read_cloud(data).info.elements[0].columns["v"]
        assert (column.lengths.tolist(), column.values.tolist()) == ([3, 4], [0, 1, 2, 0, 1, 2, 0])
        return
    with pytest.raises(InputError, match=message):
        read_cloud(data)


def test_rows_reach_over_blocks(monkeypatch):
    monkeypatch.setattr("octavox.codec.formats.text_blocks.BLOCK", 50)
    rows = np.arange(900).reshape(300, 3)
    body = b" ".join(b"%d" % v for v in rows.reshape(-1))
    for text in (body, body.replace(b" ", b"\n"), b"\n".join(b"  %d %d %d" % tuple(r) for r in rows)):
        assert np.array_equal(read_cloud(ply(text, 300)).coords, rows)
    faces = b"\n".join(b"%d" % (k % 9) + b" 7" * (k % 9) for k in range(300))
    data = ply(b"1 2 3\n" + faces, 1, b"element face 300\nproperty list uchar int v\n")
    column = read_cloud(data).info.elements[0].columns["v"]
    assert np.array_equal(column.lengths, np.arange(300) % 9)
    with pytest.raises(InputError, match="line 111: 'x' is not a number"):
        lines = data.split(b"\n")
        read_cloud(b"\n".join([*lines[:110], b"x", *lines[111:]]))


def test_header_lines_in_any_order_and_of_any_bytes():
    data = (
        b"ply\t\r\ncomment \xff\xfe  two blanks \r\nformat ascii 1.0 \r\nobj_info\ta\r\n\r\n"
        b"element vertex 1\r\n"
        b"property float x\r\ncomment\r\nobj_info between\r\nproperty float y\r\n  property float z\r\n"
        b"property int \xe9t\xe9\r\ncomment last end_header\r\nend_header  \r\n1 2 3 4\r\n"
    )
    cloud = read_cloud(data)
    assert cloud.info.comments == (b"\xff\xfe  two blanks ", b"", b"last end_header")
    assert cloud.info.extra.obj_info == (b"a", b"between")
    assert list(cloud.attributes) == ["\udce9t\udce9"]
    assert read_cloud(b"\xef\xbb\xbf" + data).coords.tolist() == [[1, 2, 3]]


@pytest.mark.parametrize("size", [FIRST_LOOK - 100, FIRST_LOOK - 40, FIRST_LOOK, 5 * FIRST_LOOK])
def test_headers_of_any_length(size):
    for comment in (b"comment " + b"a" * size + b"\n", b"comment end_header\n" * (size // 19)):
        data = ply(bytes(12), 1, comment, b"binary_little_endian")
        assert read_cloud(data).coords.tolist() == [[0, 0, 0]]


def test_bytes_after_the_last_row_are_counted():
    cloud = read_cloud(ply(bytes(12 + 5), 1, b"", b"binary_big_endian"))
    assert cloud.info.extra.trailing == 5
