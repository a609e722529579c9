"""Numbers written as text: every number that Python reads, and nothing else."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from octavox.codec.formats.numbers import NumberFault, find_numbers
from octavox.codec.formats.text_columns import ColumnBuilder, agree_on_type

NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?\Z|[+-]?(nan|inf(inity)?)\Z", re.IGNORECASE)
texts = st.one_of(
    st.floats().map(repr),
    st.floats().map(lambda v: f"{v:.17e}"),
    st.floats(width=32).map(lambda v: f"{v:.9g}"),
    st.integers(-(10**25), 10**25).map(str),
    st.integers(-(10**6), 10**6).map(lambda v: f"{v / 1000:.3f}"),
    st.text("0123456789.+-eEnaif", min_size=1, max_size=8),
)


def block(text: str | bytes) -> np.ndarray:
    return np.frombuffer(text if isinstance(text, bytes) else text.encode(), np.uint8)


@settings(max_examples=1000, deadline=None)
@given(words=st.lists(texts, max_size=30), blank=st.sampled_from([" ", "\n", " \r\n", "\t", ","]))
def test_numbers_are_those_that_python_reads(words: list[str], blank: str) -> None:
    sound = [NUMBER.match(word) is not None for word in words]
    data = block(blank.join(words))
    if not all(sound):
        with pytest.raises(NumberFault, match="is not a number") as caught:
            find_numbers(data, ord(",") if blank == "," else 0)
        assert caught.value.index == sound.index(False)
        assert data[caught.value.at :].tobytes().startswith(words[caught.value.index][:1].encode())
        return
    found = find_numbers(data, ord(",") if blank == "," else 0)
    assert len(found) == len(words)
    for k, word in enumerate(words):
        value, expected = float(found.values[k]), float(word)
        assert math.isnan(value) == math.isnan(expected)
        assert math.isnan(value) or (
            value == expected and math.copysign(1, value) == math.copysign(1, expected)
        )
        whole = re.fullmatch(r"[+-]?\d+", word) is not None and not (int(word) == 0 and word[0] == "-")
        assert found.integer[k] == whole
        if whole and abs(int(word)) > 1 << 53:
            assert found.whole[k] == int(word)


@pytest.mark.parametrize("word", ["1.#QNAN", "-1.#IND", "1.#INF", "NaN", "-nan", "Infinity", "nan(ind)"])
def test_words_that_programs_write_for_nan_and_infinity(word: str) -> None:
    value = find_numbers(block(f"1 {word} 2")).values[1]
    assert not np.isfinite(value)
    assert np.signbit(value) == word.startswith("-")


def test_a_number_of_thousands_of_digits_is_refused() -> None:
    with pytest.raises(NumberFault, match="a number of 5,000 characters"):
        find_numbers(block("1 " + "9" * 5000))
    assert find_numbers(block("0" * 399 + "7")).values[0] == 7


def column(text: str, code: str | None) -> np.ndarray:
    builder = ColumnBuilder(None if code is None else np.dtype(code))
    for line in text.splitlines():
        builder.add(find_numbers(block(line)))
    return builder.finish()


@pytest.mark.parametrize(
    ("text", "code", "expected"),
    [
        ("1 2\n3", None, np.int64),
        ("1 2\n3.0", None, np.float64),
        ("18446744073709551615\n0", None, np.uint64),
        ("18446744073709551615\n-1", None, np.float64),
        ("9007199254740993 -9223372036854775808", None, np.int64),
        ("-0 1", None, np.float64),
        ("0.1 2.5", "f4", np.float32),
        ("0.100000001", "f4", np.float32),
        ("0.10000000149011612", "f4", np.float32),
        ("0.1000000012", "f4", np.float64),
        ("836419.839", "f4", np.float64),
        ("1e39", "f4", np.float64),
        ("1.25e-07 inf nan", "f4", np.float32),
        ("65504 0.1", "f2", np.float16),
        ("2049", "f2", np.float64),
        ("255.0 1e2", "u1", np.uint8),
        ("9223372036854775807", "i8", np.int64),
        ("18446744073709551615", "u8", np.uint64),
    ],
)
def test_types_of_columns(text: str, code: str | None, expected: type) -> None:
    found = column(text, code)
    assert found.dtype == expected
    words = text.split()
    if found.dtype.kind in "iu":
        assert found.tolist() == [int(float(w)) if "." in w or "e" in w else int(w) for w in words]
    else:
        assert np.array_equal(found, np.array(words, np.float64).astype(expected), equal_nan=True)


@pytest.mark.parametrize(
    ("text", "code", "reason"),
    [
        ("256", "u1", "outside 0 to 255"),
        ("-1", "u4", "outside 0"),
        ("1.5", "i4", "not an integer"),
        ("nan", "i2", "not an integer"),
        ("9223372036854775808", "i8", "outside"),
        ("-9223372036854775809", "i8", "outside"),
        ("18446744073709551616", "u8", "outside"),
        ("1e300", "i8", "outside"),
    ],
)
def test_numbers_that_a_type_cannot_hold(text: str, code: str, reason: str) -> None:
    with pytest.raises(NumberFault, match=reason):
        column(text, code)


def test_coordinates_have_one_type() -> None:
    builders = [ColumnBuilder(np.dtype("f4")) for _ in range(2)]
    for builder, text in zip(builders, ("4.88366508", "836419.83944702")):
        builder.add(find_numbers(block(text)))
    agree_on_type(builders)
    assert [b.finish().tolist() for b in builders] == [[4.88366508], [836419.83944702]]
