"""Parsing of numbers in text, a block of bytes at a time.

All steps work on arrays, so a million rows take about a second. The locale has no influence: the decimal mark
is a point.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from octavox.codec.cloud.columns import Array

LONGEST = 400  # characters of a number; the largest double has 309 digits before the point
Bytes = npt.NDArray[np.uint8]

_SPACE, _DIGIT, _POINT, _SIGN, _EXPONENT, _OTHER = range(6)
_CLASS = np.full(256, _OTHER, np.uint8)
_CLASS[list(b" \t\n\v\f\r")] = _SPACE
_CLASS[list(b"0123456789")] = _DIGIT
_CLASS[list(b".")] = _POINT
_CLASS[list(b"+-")] = _SIGN
_CLASS[list(b"eE")] = _EXPONENT
_SAFE_INTEGER = 15  # digits that a double holds whatever they are
_POWERS = np.array([float(10**k) for k in range(23)])
_MANY = 0.1  # share of long numbers and exponents from which on all are left to numpy

# Rows: a character that is no digit; columns: the one before or after it in the text.
_BEFORE, _AFTER = np.zeros((6, 6), bool), np.zeros((6, 6), bool)
_BEFORE[_POINT, [_SPACE, _SIGN, _DIGIT]] = True
_BEFORE[_SIGN, [_SPACE, _EXPONENT]] = True
_BEFORE[_EXPONENT, [_DIGIT, _POINT]] = True
_AFTER[_POINT, [_SPACE, _DIGIT, _EXPONENT]] = True
_AFTER[_SIGN, [_DIGIT, _POINT]] = True
_AFTER[_EXPONENT, [_DIGIT, _SIGN]] = True
# Two such characters in one number, in this order. An exponent's sign counts as _OTHER: nothing may follow.
_FOLLOWS = np.zeros((6, 6), bool)
_FOLLOWS[_SIGN, [_POINT, _EXPONENT]] = True
_FOLLOWS[_POINT, _EXPONENT] = True
_FOLLOWS[_EXPONENT, _OTHER] = True

_WORD = re.compile(
    rb"([+-]?)(nan(\([0-9a-z_]*\)|q|s)?|inf(inity)?|1\.#(qnan|snan|ind|inf)0*)\Z", re.IGNORECASE
)


class NumberFault(Exception):
    """A text that is no number, or one that its type cannot hold.

    index: of the number among those given. at: its first byte in the block.
    """

    def __init__(self, index: int, at: int, reason: str) -> None:
        super().__init__(reason)
        self.index, self.at, self.reason = index, at, reason


@dataclass(frozen=True)
class Numbers:
    """The numbers of a block of text.

    values: (T,) float64. integer: (T,) bool, written without point or exponent, and not as -0. starts, ends:
    (T,) bytes in the block. places: (T,), one more in the last digit adds 10**-places; 0 for words. whole:
    those integers that float64 may not hold, by their index. data: the block.
    """

    data: Bytes
    starts: npt.NDArray[np.int64]
    ends: npt.NDArray[np.int64]
    values: npt.NDArray[np.float64]
    integer: npt.NDArray[np.bool_]
    places: npt.NDArray[np.int64]
    whole: dict[int, int] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.values)

    def text(self, index: int) -> str:
        """The text of a number, at most its first 40 characters."""
        return text_of(self.data, int(self.starts[index]), int(self.ends[index]))

    def fault(self, index: int, reason: str) -> NumberFault:
        """The error of one of the numbers."""
        return NumberFault(index, int(self.starts[index]), f"'{self.text(index)}' is {reason}")

    def pick(self, chosen: slice | npt.NDArray[np.int64]) -> Numbers:
        """Some of the numbers: a slice, or their indices."""
        whole = self.whole
        if whole:
            kept = np.arange(len(self))[chosen].tolist()
            whole = {k: whole[index] for k, index in enumerate(kept) if index in whole}
        return Numbers(
            self.data,
            self.starts[chosen],
            self.ends[chosen],
            self.values[chosen],
            self.integer[chosen],
            self.places[chosen],
            whole,
        )


def text_of(data: Bytes, start: int, end: int) -> str:
    """Bytes of a block as text for a message, at most 40 characters."""
    text = data[start : min(end, start + 40)].tobytes().decode("utf-8", "replace")
    return text if text.isprintable() else repr(text)[1:-1]


def find_numbers(data: Bytes, delimiter: int = 0) -> Numbers:
    """The numbers of a block that white space, or the byte `delimiter`, separates.

    Raises NumberFault for anything else.
    """
    table = _CLASS
    if delimiter:
        table = _CLASS.copy()
        table[delimiter] = _SPACE
    kinds = np.zeros(len(data) + 2, np.uint8)  # with a space at both ends
    kinds[1:-1] = table[data]
    inside = kinds != _SPACE
    edges = np.flatnonzero(inside[1:] != inside[:-1])
    starts, ends = edges[::2], edges[1::2]
    integer, places = np.ones(len(starts), bool), np.zeros(len(starts), np.int64)
    if not len(starts):
        return Numbers(data, starts, ends, np.zeros(0), integer, places)
    lengths = ends - starts
    longest = int(np.argmax(lengths))
    if lengths[longest] > LONGEST:
        reason = f"a number of {int(lengths[longest]):,} characters"
        raise NumberFault(longest, int(starts[longest]), reason)
    odd = np.flatnonzero(kinds > _DIGIT)
    owner = np.searchsorted(starts, odd - 1, "right") - 1
    words, meaning, fault = _words(data, starts, ends, owner[kinds[odd] == _OTHER])
    if len(words):
        is_word = np.zeros(len(starts), bool)
        is_word[words] = True
        odd, owner = odd[~is_word[owner]], owner[~is_word[owner]]
    wrong = _ungrammatical(kinds, odd, owner)
    if wrong >= 0 and (fault < 0 or wrong < fault):
        fault = wrong
    if fault >= 0:
        at = int(starts[fault])
        foreign = bool((data[at : int(ends[fault])] > 127).any())
        reason = (
            f"'{text_of(data, at, int(ends[fault]))}' is not a number{', and not ASCII' if foreign else ''}"
        )
        raise NumberFault(fault, at, reason)
    kind = kinds[odd]
    integer[owner[kind != _SIGN]] = False
    integer[words] = False
    stops = ends.copy()  # of mantissas
    of_exponent = kind == _EXPONENT
    stops[owner[of_exponent]] = odd[of_exponent] - 1
    points = kind == _POINT
    places[owner[points]] = stops[owner[points]] - odd[points]
    plain = stops == ends
    plain[words] = False
    powers = np.flatnonzero(stops != ends)
    places[powers] -= _powers(data, stops[powers] + 1, ends[powers])
    found = Numbers(data, starts, ends, np.zeros(len(starts)), integer, places)
    _evaluate(found, delimiter, plain, (words, meaning))
    return found


def _powers(data: Bytes, starts: Array, ends: Array) -> Array:
    """The exponents between these bytes, at most 9,999 either way."""
    out = np.zeros(len(starts), np.int64)
    padded = np.append(data, np.uint8(32))
    signs = np.isin(padded[starts], list(b"+-"))
    digits = ends - starts - signs
    for k in range(int(digits.max(initial=0))):
        out = np.where(
            k < digits, np.minimum(10 * out + padded[np.minimum(starts + signs + k, ends)] - 48, 9999), out
        )
    return np.where(padded[starts] == ord("-"), -out, out)


def _evaluate(
    found: Numbers, delimiter: int, plain: npt.NDArray[np.bool_], named: tuple[Array, Array]
) -> None:
    """Fills in the values, each the double nearest to its text.

    plain: (T,) whether a number is a mantissa alone. named: indices and values of the words.
    """
    words, meaning = named
    data, starts, ends, values = found.data, found.starts, found.ends, found.values
    # Up to 15 digits and 22 places: doubles hold the integer and the power of ten, one division rounds.
    short = (ends - starts <= _SAFE_INTEGER) & plain
    hard = np.flatnonzero(~short)
    if len(hard) - len(words) <= _MANY * len(values):
        text = _cleaned(data, delimiter, starts, ends, hard)
        values[:] = np.fromstring(text.translate(None, b"."), np.int64, sep=" ")
        values /= _POWERS[np.where(short, found.places, 0)]
        values[(values == 0) & (data[starts] == ord("-"))] = -0.0
        values[words] = meaning
        for k in np.setdiff1d(hard, words, assume_unique=True).tolist():
            values[k] = float(data[starts[k] : ends[k]].tobytes())
    else:
        values[:] = np.fromstring(_cleaned(data, delimiter, starts, ends, words), np.float64, sep=" ")
        values[words] = meaning
    found.integer[np.signbit(values) & (values == 0)] = False
    for k in hard[found.integer[hard]].tolist():
        found.whole[k] = int(data[starts[k] : ends[k]].tobytes())


def _ungrammatical(kinds: Bytes, odd: Array, owner: Array) -> int:
    """The first number with a point, sign or exponent where none may stand, or -1. odd: places in `kinds`."""
    if not len(odd):
        return -1
    kind, before, after = kinds[odd], kinds[odd - 1], kinds[odd + 1]
    sound = _BEFORE[kind, before] & _AFTER[kind, after]
    point = kind == _POINT
    sound &= ~point | (before == _DIGIT) | (after == _DIGIT)
    of_exponent = (kind == _SIGN) & (before == _EXPONENT)
    sound &= ~of_exponent | (after == _DIGIT)
    role = np.where(of_exponent, np.uint8(_OTHER), kind)
    sound[1:] &= (owner[1:] != owner[:-1]) | _FOLLOWS[role[:-1], role[1:]]
    return -1 if sound.all() else int(owner[np.argmin(sound)])


def _words(data: Bytes, starts: Array, ends: Array, owners: Array) -> tuple[Array, Array, int]:
    """Indices of nan, inf and their like, their values, and the index of the first other word, or -1."""
    words = np.unique(owners)
    meaning = np.full(len(words), np.nan)
    first, lengths = starts[words], ends[words] - starts[words]
    plain = lengths == 3
    for k, letter in enumerate(b"nan"):
        plain[plain] = data[first[plain] + k] | 32 == letter
    for k in np.flatnonzero(~plain).tolist():
        match = _WORD.match(data[first[k] : first[k] + lengths[k]].tobytes())
        if match is None:
            return words[:k], meaning[:k], int(words[k])
        value = math.inf if b"inf" in match[2].lower() else math.nan
        meaning[k] = math.copysign(value, -1.0 if match[1] == b"-" else 1.0)
    return words, meaning, -1


def _cleaned(data: Bytes, delimiter: int, starts: Array, ends: Array, without: Any) -> bytes:
    """The text with 0 in place of some numbers, and spaces in place of delimiters. without: their indices."""
    if len(without):
        data = data.copy()
        hidden = np.zeros(len(data) + 1, np.int8)
        hidden[starts[without]] = 1
        np.subtract.at(hidden, ends[without], 1)
        data[np.cumsum(hidden[:-1], dtype=np.int8) > 0] = ord(" ")
        data[starts[without]] = ord("0")
    text = data.tobytes()
    return text.replace(bytes([delimiter]), b" ") if delimiter else text
