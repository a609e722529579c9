"""The operations of a logistic mixer, on vectors of sixteen 32-bit integers in numba's compiled functions.

Each is one multiplication and a few additions in every lane. numba widens integers to 64 bits, and no CPU
multiplies those in vectors. So these operations are written as LLVM instructions. All are exact.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from llvmlite import ir
from numba.core import types

from .simd import LANES, VECTOR, Generator, address, operation

_Tuple: Any = types.UniTuple  # numba has no types for mypy
_WORD, _LONG = ir.IntType(32), ir.IntType(64)
_ROW = ir.VectorType(_WORD, LANES)


def splat(builder: Any, value: Any) -> Any:
    """A vector with a 64-bit number, which must fit into 32 bits, in every lane."""
    undefined = ir.Constant(_ROW, ir.Undefined)
    one = builder.insert_element(undefined, builder.trunc(value, _WORD), ir.Constant(_WORD, 0))
    return builder.shuffle_vector(one, undefined, ir.Constant(_ROW, [0] * LANES))


def every(value: int) -> Any:
    """A vector with a constant in every lane."""
    return ir.Constant(_ROW, [value] * LANES)


def _row_at(context: Any, builder: Any, array_type: Any, array: Any, index: Any) -> Any:
    value = builder.load(address(context, builder, array_type, array, index, _ROW))
    value.align = 4
    return value


def _halves(builder: Any, one: Any, other: Any, left: Sequence[int], right: Sequence[int]) -> Any:
    """Of two vectors side by side, the lanes `left` plus the lanes `right`."""
    many = ir.VectorType(_WORD, len(left))
    return builder.add(
        builder.shuffle_vector(one, other, ir.Constant(many, list(left))),
        builder.shuffle_vector(one, other, ir.Constant(many, list(right))),
    )


@operation
def four_dots(
    typing: Any, values: Any, weights: Any, a: Any, b: Any, c: Any, d: Any
) -> tuple[Any, Generator]:
    """four_dots(values, weights int32, a, b, c, d): for each of these, the sum over the lanes of values[k] *
    (weights[a + k] >> 4), as four numbers. The sums must stay below 2**31.
    """

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        x, weights, *rows = args
        sums = []
        for row in rows:
            w = _row_at(context, builder, signature.args[1], weights, row)
            sums.append(builder.mul(x, builder.ashr(w, every(4))))
        for width in (8, 4):  # each to four lanes, then all of them to four sums
            sums = [_halves(builder, s, s, range(width), range(width, 2 * width)) for s in sums]
        left, right = (_halves(builder, sums[k], sums[k + 1], (0, 1, 4, 5), (2, 3, 6, 7)) for k in (0, 2))
        total = _halves(builder, left, right, (0, 2, 4, 6), (1, 3, 5, 7))
        parts = [builder.extract_element(total, ir.Constant(_WORD, k)) for k in range(4)]
        return context.make_tuple(builder, signature.return_type, [builder.sext(v, _LONG) for v in parts])

    long = types.int64
    return _Tuple(long, 4)(VECTOR, weights, long, long, long, long), generate


@operation
def move(
    typing: Any, weights: Any, j: Any, values: Any, step: Any, shift: Any, limit: Any
) -> tuple[Any, Generator]:
    """move(weights int32, j, values, step, shift, limit), for each lane:

    weights[j + k] += (values[k] * step + half) >> shift, limited to +-limit; half = 1 << (shift - 1). The
    products must stay below 2**31 - half.
    """

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        weights, j, x, step, shift, limit = args
        w = _row_at(context, builder, signature.args[0], weights, j)
        one = ir.Constant(_LONG, 1)
        half = splat(builder, builder.shl(one, builder.sub(shift, one)))
        change = builder.add(builder.mul(x, splat(builder, step)), half)
        w = builder.add(w, builder.ashr(change, splat(builder, shift)))
        high, low = splat(builder, limit), splat(builder, builder.neg(limit))
        w = builder.select(builder.icmp_signed("<", w, high), w, high)
        w = builder.select(builder.icmp_signed(">", w, low), w, low)
        builder.store(w, address(context, builder, signature.args[0], weights, j, _ROW)).align = 4
        return context.get_dummy_value()

    long = types.int64
    return types.void(weights, long, VECTOR, long, long, long), generate


@operation
def add_scaled(typing: Any, sums: Any, j: Any, values: Any, factor: Any) -> tuple[Any, Generator]:
    """add_scaled(sums int32, j, values, factor), for each lane: sums[j + k] += values[k] * factor."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        sums, j, x, factor = args
        total = builder.add(
            _row_at(context, builder, signature.args[0], sums, j), builder.mul(x, splat(builder, factor))
        )
        builder.store(total, address(context, builder, signature.args[0], sums, j, _ROW)).align = 4
        return context.get_dummy_value()

    return types.void(sums, types.int64, VECTOR, types.int64), generate
