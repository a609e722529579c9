"""Columns: exact conversion of types, and the colours that a screen shows."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from octavox.codec import InputError, PointCloud
from octavox.codec.cloud.columns import ListColumn, common_type, converted

CODES = ("i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f2", "f4", "f8", "?")


@given(data=st.data(), source=st.sampled_from(CODES), target=st.sampled_from(CODES[:-1]))
def test_a_conversion_changes_no_number(data, source: str, target: str) -> None:
    """Every bit pattern is either refused, or comes back from the other type as it was."""
    raw = data.draw(st.binary(min_size=8, max_size=8))
    column = np.frombuffer(raw, np.uint8).astype(bool) if source == "?" else np.frombuffer(raw, source)
    found = converted(column, np.dtype(target))
    exact = [same_number(v, target) for v in column]
    if found is None:
        assert not all(exact)
        return
    assert all(exact)
    assert found.dtype == np.dtype(target)
    back = converted(found, column.dtype) if source != "?" else found.astype(bool)
    assert back is not None and back.tobytes() == column.tobytes()


def same_number(value: np.generic, target: str) -> bool:
    """Whether the type holds a number, by Python's own arithmetic."""
    dtype = np.dtype(target)
    number = value.item()
    if dtype.kind in "iu":
        if isinstance(number, float) and not np.isfinite(number):
            return False
        if number != int(number) or (number == 0 and np.signbit(number)):
            return False
        return np.iinfo(dtype).min <= int(number) <= np.iinfo(dtype).max
    if isinstance(number, float) and np.isnan(number):
        bits = {2: 10, 4: 23, 8: 52}
        lost = bits[value.dtype.itemsize] - bits[dtype.itemsize]
        payload = int.from_bytes(value.tobytes(), "little")
        return lost <= 0 or payload & ((1 << lost) - 1) == 0
    with np.errstate(over="ignore"):
        stored = dtype.type(number)
    if not np.isfinite(stored):
        return isinstance(number, float) and np.isinf(number)
    return stored.item() == number


def test_types_that_hold_others() -> None:
    assert common_type([np.dtype("u1"), np.dtype("i2")]) == np.int16
    assert common_type([np.dtype("f4"), np.dtype("i4")]) == np.float64


@pytest.mark.parametrize(
    ("columns", "shown"),
    [
        (np.array([[0, 51, 255]], np.uint8), [0, 51, 255]),
        (np.array([[0, 0x33FF, 0xFFFF]], np.uint16), [0, 51, 255]),
        (np.array([[0, 51, 255]], np.uint16), [0, 51, 255]),
        (np.array([[300, 51, 255]], np.uint16), [1, 0, 0]),
        (np.array([[0.0, 0.2, 1.0]]), [0, 51, 255]),
        (np.array([[0.0, 51.4, 255.0]], np.float32), [0, 51, 255]),
        (np.array([[np.nan, np.inf, -np.inf]]), [0, 255, 0]),
        (np.array([[-4, 51, 900]], np.int32), [0, 51, 255]),
        (np.array([[0, 0x3300, 0xFF00]], np.int64), [0, 51, 255]),
    ],
)
def test_colours_on_the_screen(columns: np.ndarray, shown: list[int]) -> None:
    assert PointCloud(np.zeros((1, 3)), columns).colors.tolist() == [shown]


def test_a_cloud_without_colours_has_none() -> None:
    cloud = PointCloud(np.zeros((1, 3)), attributes={"red": np.zeros(1), "green": np.zeros((1, 2))})
    assert cloud.colors is None


@pytest.mark.parametrize(
    "attributes",
    [{"a": np.zeros(2)}, {"": np.zeros(1)}, {"a": np.array(["x"])}, {"a": np.zeros((1, 1, 1))},
     {"a": ListColumn(np.array([2]), np.zeros(1))}],
)  # fmt: skip
def test_columns_that_do_not_fit(attributes) -> None:
    with pytest.raises(InputError):
        PointCloud(np.zeros((1, 3)), attributes=attributes)
