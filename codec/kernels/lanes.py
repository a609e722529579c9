"""Rows of sixteen 32-bit integers, and hints to the memory, inside numba's compiled functions.

What a logistic mixer does to its inputs and weights is one multiplication and a few additions in each of its
lanes. numba widens integers to 64 bits, and no CPU multiplies those in vectors; so these operations say in
LLVM's own terms what is meant. All of them are exact.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from llvmlite import ir
from numba.core import types

from .simd import Generator, address, operation

LANES = 16
_WORD, _LONG = ir.IntType(32), ir.IntType(64)
_ROW = ir.VectorType(_WORD, LANES)


def _load(context: Any, builder: Any, array_type: Any, array: Any, index: Any) -> Any:
    value = builder.load(address(context, builder, array_type, array, index, _ROW))
    value.align = 4
    return value


def _splat(builder: Any, value: Any) -> Any:
    """A 64-bit number, which must fit in 32, in every lane."""
    undefined = ir.Constant(_ROW, ir.Undefined)
    one = builder.insert_element(undefined, builder.trunc(value, _WORD), ir.Constant(_WORD, 0))
    return builder.shuffle_vector(one, undefined, ir.Constant(_ROW, [0] * LANES))


@operation
def dot(typing: Any, values: Any, i: Any, weights: Any, j: Any, shift: Any) -> tuple[Any, Generator]:
    """dot(values int32, i, weights int32, j, shift): sum of values[i + k] * (weights[j + k] >> shift).

    k runs from 0 to 15. The sum must stay below 2**31.
    """

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        values, i, weights, j, shift = args
        x = _load(context, builder, signature.args[0], values, i)
        w = _load(context, builder, signature.args[2], weights, j)
        product = builder.mul(x, builder.ashr(w, _splat(builder, shift)))
        reduce = builder.module.declare_intrinsic(
            "llvm.vector.reduce.add.v16i32", (), ir.FunctionType(_WORD, [_ROW])
        )
        return builder.sext(builder.call(reduce, [product]), _LONG)

    return types.int64(values, types.int64, weights, types.int64, types.int64), generate


@operation
def move(
    typing: Any, weights: Any, j: Any, values: Any, i: Any, step: Any, shift: Any, limit: Any
) -> tuple[Any, Generator]:
    """move(weights int32, j, values int32, i, step, shift, limit), for k < 16:

    weights[j + k] += (values[i + k] * step + half) >> shift, held to +-limit; half = 1 << (shift - 1). The
    products must stay below 2**31 - half.
    """

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        weights, j, values, i, step, shift, limit = args
        w = _load(context, builder, signature.args[0], weights, j)
        x = _load(context, builder, signature.args[2], values, i)
        one = ir.Constant(_LONG, 1)
        half = _splat(builder, builder.shl(one, builder.sub(shift, one)))
        change = builder.add(builder.mul(x, _splat(builder, step)), half)
        w = builder.add(w, builder.ashr(change, _splat(builder, shift)))
        high, low = _splat(builder, limit), _splat(builder, builder.neg(limit))
        w = builder.select(builder.icmp_signed("<", w, high), w, high)
        w = builder.select(builder.icmp_signed(">", w, low), w, low)
        builder.store(w, address(context, builder, signature.args[0], weights, j, _ROW)).align = 4
        return context.get_dummy_value()

    long = types.int64
    return types.void(weights, long, values, long, long, long, long), generate


@operation
def prefetch(typing: Any, array: Any, index: Any) -> tuple[Any, Generator]:
    """prefetch(array, i): element i will soon be read and written. Changes nothing but the time."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        byte = ir.IntType(8).as_pointer()
        place = address(context, builder, signature.args[0], args[0], args[1], ir.IntType(8))
        hint = builder.module.declare_intrinsic(
            "llvm.prefetch.p0", (), ir.FunctionType(ir.VoidType(), [byte, _WORD, _WORD, _WORD])
        )
        builder.call(hint, [place, *(ir.Constant(_WORD, v) for v in (1, 3, 1))])
        return context.get_dummy_value()

    return types.void(array, types.int64), generate


def masked_hashes(masks: Sequence[Sequence[int]], factors: Sequence[int], last: int) -> Any:
    """Compiled code for hashes of words under masks: hashes(words uint64, shift, out int64, i).

    out[i + k] = (h ^ (h >> 32)) * last >> shift, with h the sum over j of (words[j] & masks[k][j]) *
    factors[j], all modulo 2**64. The masks are constants of the code: what they leave out costs nothing.
    """

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        words, shift, out, at = args
        constant = [ir.Constant(_LONG, v) for v in factors]
        places = [ir.Constant(_LONG, j) for j in range(len(factors))]
        given = [builder.load(address(context, builder, signature.args[0], words, j, _LONG)) for j in places]
        for k, row in enumerate(masks):
            total: Any = ir.Constant(_LONG, 0)
            for word, mask, factor in zip(given, row, constant):
                if mask:
                    part = builder.and_(word, ir.Constant(_LONG, mask))
                    total = builder.add(total, builder.mul(part, factor))
            total = builder.xor(total, builder.lshr(total, ir.Constant(_LONG, 32)))
            total = builder.lshr(builder.mul(total, ir.Constant(_LONG, last)), shift)
            place = builder.add(at, ir.Constant(_LONG, k))
            builder.store(total, address(context, builder, signature.args[2], out, place, _LONG))
        return context.get_dummy_value()

    @operation
    def hashes(typing: Any, words: Any, shift: Any, out: Any, i: Any) -> tuple[Any, Generator]:
        return types.void(words, types.int64, out, types.int64), generate

    return hashes
