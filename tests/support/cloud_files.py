"""Clouds to write and read: strategies that draw every bit, and what makes two clouds the same."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from hypothesis import strategies as st

from octavox.codec import PointCloud
from octavox.codec.cloud.columns import Column, Element, FileInfo, ListColumn

PLY_CODES = ("i1", "u1", "i2", "u2", "i4", "u4", "f4", "f8")
ALL_CODES = (*PLY_CODES, "i8", "u8", "f2")
NAMES = ("red", "green", "blue", "alpha", "intensity", "nx", "label", "f_dc_0", "gps_time", "a", "B2")


@st.composite
def arrays(draw: st.DrawFn, code: str, shape: tuple[int, ...]) -> np.ndarray:
    """An array of any bits: NaN with payloads, -0 and infinities among them."""
    size = int(np.prod(shape)) * np.dtype(code).itemsize
    plain = draw(st.booleans())
    if plain and code[0] == "f":
        values = draw(st.lists(st.floats(-1e4, 1e4, width=16), min_size=size, max_size=size))
        return np.array(values[: int(np.prod(shape))], np.float64).astype(code).reshape(shape)
    return np.frombuffer(draw(st.binary(min_size=size, max_size=size)), code).reshape(shape).copy()


@st.composite
def columns(
    draw: st.DrawFn, rows: int, codes: Sequence[str], names: Sequence[str] = NAMES, components: int = 1
) -> dict[str, Column]:
    """Named columns of `rows` rows, each of up to so many components."""
    found: dict[str, Column] = {}
    for name in draw(st.lists(st.sampled_from(names), unique=True, max_size=5)):
        width = draw(st.integers(1, components))
        shape = (rows,) if width == 1 else (rows, width)
        found[name] = draw(arrays(draw(st.sampled_from(codes)), shape))
    return found


@st.composite
def list_columns(draw: st.DrawFn, rows: int) -> ListColumn:
    """A column of lists as PLY has them."""
    lengths = draw(st.lists(st.integers(0, 4), min_size=rows, max_size=rows))
    kind = draw(st.sampled_from(("u1", "i2", "u4")))
    values = draw(arrays(draw(st.sampled_from(PLY_CODES)), (sum(lengths),)))
    return ListColumn(np.array(lengths, kind), values)


comments = st.lists(
    st.binary(max_size=20).filter(lambda b: not any(c in b for c in b"\r\n")), max_size=3
).map(tuple)


@st.composite
def ply_clouds(draw: st.DrawFn) -> PointCloud:
    """Clouds with all that PLY holds."""
    rows = draw(st.integers(0, 6))
    attributes = draw(columns(rows, PLY_CODES))
    if draw(st.booleans()):
        attributes["ids"] = draw(list_columns(rows))
    elements = []
    for name in draw(st.lists(st.sampled_from(("face", "edge", "camera")), unique=True, max_size=2)):
        count = draw(st.integers(0, 3))
        table = draw(columns(count, PLY_CODES, ("p", "q", "s")))
        if draw(st.booleans()):
            table["v"] = draw(list_columns(count))
        elements.append(Element(name, count if table else 0, table))
    info = FileInfo("PLY", draw(comments), tuple(elements), draw(st.integers(0, len(elements))))
    coords = draw(arrays(draw(st.sampled_from(PLY_CODES)), (rows, 3)))
    return PointCloud(coords, attributes=attributes, info=info)


@st.composite
def plain_clouds(
    draw: st.DrawFn,
    codes: Sequence[str] = ALL_CODES,
    components: int = 1,
    least: int = 0,
) -> PointCloud:
    """Clouds of coordinates and columns alone, of at least so many points."""
    rows = draw(st.integers(least, 6))
    coords = draw(arrays(draw(st.sampled_from([c for c in codes if c != "?"])), (rows, 3)))
    return PointCloud(coords, attributes=draw(columns(rows, codes, components=components)))


def numbers_of(column: Column) -> list[np.ndarray]:
    """The arrays of a column."""
    return [column.lengths, column.values] if isinstance(column, ListColumn) else [column]


def same_bits(a: Column, b: Column) -> bool:
    """Whether type, shape and every bit agree."""
    pairs = list(zip(numbers_of(a), numbers_of(b)))
    return type(a) is type(b) and all(
        x.dtype == y.dtype and x.shape == y.shape and x.tobytes() == y.tobytes() for x, y in pairs
    )


def same_numbers(a: Column, b: Column) -> bool:
    """Whether types and numbers agree, with the sign of zeros and of NaN, but not a NaN's other bits."""
    for x, y in zip(numbers_of(a), numbers_of(b)):
        if x.dtype != y.dtype or not np.array_equal(x, y, equal_nan=x.dtype.kind == "f"):
            return False
        if x.dtype.kind == "f" and not np.array_equal(np.signbit(x), np.signbit(y)):
            return False
    return type(a) is type(b)


def assert_same(a: PointCloud, b: PointCloud, same: Any = same_bits) -> None:
    """Fails where two clouds differ: coordinates, scale, columns with names and order."""
    assert same(a.coords, b.coords), (a.coords, b.coords)
    assert (a.scale, a.offset) == (b.scale, b.offset)
    assert list(a.attributes) == list(b.attributes)
    for name, column in a.attributes.items():
        assert same(column, b.attributes[name]), (name, column, b.attributes[name])


def assert_same_info(a: FileInfo, b: FileInfo, same: Any = same_bits) -> None:
    """Fails where comments or elements differ."""
    assert a.comments == b.comments
    assert (a.before, len(a.elements)) == (b.before, len(b.elements))
    for x, y in zip(a.elements, b.elements):
        assert (x.name, x.count, list(x.columns)) == (y.name, y.count, list(y.columns))
        assert all(same(x.columns[name], y.columns[name]) for name in x.columns)
