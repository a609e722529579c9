"""Steps through sorted keys inside numba's compiled functions, eight keys at once and without branches.

A processor cannot predict how far the next key lies, and loses more by guessing than by comparing eight.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba.core import types

from octavox.codec.arrays import Int64Array

from .jit import Int, inlined
from .simd import Generator, address, operation

STEP = 8
_LONG = ir.IntType(64)
_KEYS = ir.VectorType(_LONG, STEP)


def _every(builder: Any, value: Any) -> Any:
    """A 64-bit number in every lane."""
    undefined = ir.Constant(_KEYS, ir.Undefined)
    one = builder.insert_element(undefined, value, ir.Constant(ir.IntType(32), 0))
    lanes = ir.Constant(ir.VectorType(ir.IntType(32), STEP), [0] * STEP)
    return builder.shuffle_vector(one, undefined, lanes)


def _load(context: Any, builder: Any, signature: Any, args: Any) -> Any:
    keys = builder.load(address(context, builder, signature.args[0], args[0], args[1], _KEYS))
    keys.align = 8
    return keys


@operation
def _smaller(typing: Any, key: Any, p: Any, wanted: Any) -> tuple[Any, Generator]:
    """_smaller(key int64, p, wanted): how many of key[p : p + 8] are smaller."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        keys = _load(context, builder, signature, args)
        smaller = builder.icmp_signed("<", keys, _every(builder, args[2]))
        return builder.zext(builder.ctpop(builder.bitcast(smaller, ir.IntType(STEP))), _LONG)

    return types.int64(key, types.int64, types.int64), generate


@operation
def _places(typing: Any, key: Any, p: Any, wanted: Any, width: Any) -> tuple[Any, Generator]:
    """_places(key int64, p, wanted, width): bit k is set when wanted + k, k < width, is in key[p : p + 8]."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        place = builder.sub(_load(context, builder, signature, args), _every(builder, args[2]))
        near = builder.icmp_unsigned("<", place, _every(builder, args[3]))
        nothing = ir.Constant(_KEYS, [0] * STEP)
        bits = builder.shl(ir.Constant(_KEYS, [1] * STEP), builder.select(near, place, nothing))
        bits = builder.select(near, bits, nothing)
        reduce = builder.module.declare_intrinsic(
            f"llvm.vector.reduce.or.v{STEP}i64", (), ir.FunctionType(_LONG, [_KEYS])
        )
        return builder.call(reduce, [bits])

    return types.int64(key, types.int64, types.int64, types.int64), generate


@inlined
def first_from(key: Int64Array, p: Int, wanted: Int) -> Int:
    """The place of the first of sorted keys that is at least `wanted`. It is `p` or a later one."""
    while p + STEP <= key.size:
        passed = _smaller(key, p, wanted)
        p += passed
        if passed < STEP:
            return p
    while p < key.size and key[p] < wanted:
        p += 1
    return p


@inlined
def places_from(key: Int64Array, p: Int, wanted: Int, width: Int) -> Int:
    """Bit k says that the key wanted + k exists, for k < width <= 8. p: as `first_from` finds it."""
    if p + STEP <= key.size:
        found: Int = _places(key, p, wanted, width)
        return found
    found = 0
    for q in range(p, key.size):
        if key[q] < wanted + width:
            found |= 1 << (key[q] - wanted)
    return found
