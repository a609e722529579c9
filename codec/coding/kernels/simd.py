"""Vectors of sixteen 32-bit integers inside numba's compiled functions.

A layer multiplies activations 0..255 with int8 weights and sums in int32. CPUs have an instruction for four
such products a lane (VPDPBUSD, of VNNI), or at least for two of 16-bit integers (PMADDWD, SMLAL), and numba
finds neither: it widens both factors first. So these operations are written as LLVM instructions. All of them
are exact, so every machine computes the same, whichever instruction it has.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba.core import cgutils, types
from numba.core.datamodel import models
from numba.core.registry import cpu_target
from numba.extending import intrinsic, register_model

LANES = 16
_I32 = ir.IntType(32)
_V32 = ir.VectorType(_I32, LANES)
_V8 = ir.VectorType(ir.IntType(8), LANES)
_ROW8 = ir.VectorType(ir.IntType(8), 2 * LANES)
_PAIRS16 = ir.VectorType(ir.IntType(16), 2 * LANES)
_PAIRS32 = ir.VectorType(_I32, 2 * LANES)
_HALF32 = ir.VectorType(_I32, LANES // 2)
_V64 = ir.VectorType(ir.IntType(64), LANES // 2)
_EVEN = ir.Constant(ir.VectorType(_I32, LANES), list(range(0, 2 * LANES, 2)))
_ODD = ir.Constant(ir.VectorType(_I32, LANES), list(range(1, 2 * LANES, 2)))
_ALL = ir.Constant(_V32, list(range(LANES)))
_HALVES = tuple(ir.Constant(_HALF32, list(range(k, k + LANES // 2))) for k in (0, LANES // 2))

Generator = Callable[..., Any]


def operation(function: Generator) -> Any:
    """A function of compiled code whose LLVM instructions are given by hand."""
    return intrinsic(function)


class _Vector(types.Type):
    def __init__(self) -> None:
        super().__init__(name="OctavoxVector16xInt32")


VECTOR: Any = _Vector()


@register_model(_Vector)
class _VectorModel(models.PrimitiveModel):
    def __init__(self, manager: Any, fe_type: Any) -> None:
        super().__init__(manager, fe_type, _V32)  # type: ignore[no-untyped-call]


def address(context: Any, builder: Any, array_type: Any, array: Any, index: Any, to: Any) -> Any:
    """Pointer to element `index` of a one-dimensional contiguous array, as a pointer to `to`."""
    data = context.make_array(array_type)(context, builder, array).data
    return builder.bitcast(builder.gep(data, [index]), to.as_pointer())


def _load(builder: Any, pointer: Any, align: int) -> Any:
    value = builder.load(pointer)
    value.align = align
    return value


@operation
def load(typing: Any, array: Any, index: Any) -> tuple[Any, Generator]:
    """load(array int32, i): elements i .. i + 15."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return _load(builder, address(context, builder, signature.args[0], args[0], args[1], _V32), 4)

    return VECTOR(array, types.intp), generate


@operation
def load_bytes(typing: Any, array: Any, index: Any) -> tuple[Any, Generator]:
    """load_bytes(array uint8, i): elements i .. i + 15."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        pointer = address(context, builder, signature.args[0], args[0], args[1], _V8)
        return builder.zext(_load(builder, pointer, 1), _V32)

    return VECTOR(array, types.intp), generate


@operation
def quad(typing: Any, array: Any, index: Any) -> tuple[Any, Generator]:
    """quad(array uint8, i): elements i .. i + 3, side by side in every lane."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        four = _load(builder, address(context, builder, signature.args[0], args[0], args[1], _I32), 1)
        undefined = ir.Constant(_V32, ir.Undefined)
        one = builder.insert_element(undefined, four, ir.Constant(_I32, 0))
        return builder.shuffle_vector(one, undefined, ir.Constant(_V32, [0] * LANES))

    return VECTOR(array, types.intp), generate


def _dot_instruction(codegen: Any) -> str:
    """The feature by which the CPU that is compiled for multiplies four bytes a lane, or nothing."""
    features = codegen.magic_tuple()[2].split(",")
    return next((name for name in ("avx512vnni", "avxvnni") if f"+{name}" in features), "")


def multiplies_bytes() -> bool:
    """Whether `add_quads` takes weights as bytes on this machine; 16-bit integers are quicker elsewhere."""
    return bool(_dot_instruction(cpu_target.target_context.codegen()))


def _dot(builder: Any, total: Any, factor: Any, weight: Any) -> Any:
    """VPDPBUSD on vectors of one register. LLVM 22 types the factors anew and still takes the old types."""
    kind = total.type
    name = f"llvm.x86.avx512.vpdpbusd.{32 * kind.count}"
    instruction = builder.module.declare_intrinsic(name, (), ir.FunctionType(kind, [kind] * 3))
    return builder.call(instruction, [total, factor, weight])


def _dot_of_bytes(builder: Any, instruction: str, total: Any, factor: Any, pointer: Any) -> Any:
    weight = _load(builder, builder.bitcast(pointer, _V32.as_pointer()), 1)
    if instruction == "avx512vnni":
        return _dot(builder, total, factor, weight)
    halves = [[builder.shuffle_vector(v, v, half) for v in (total, factor, weight)] for half in _HALVES]
    return builder.shuffle_vector(*(_dot(builder, *half) for half in halves), _ALL)


def _dot_of_pairs(builder: Any, total: Any, factor: Any, pointer: Any) -> Any:
    factor, pointer = builder.bitcast(factor, _PAIRS16), builder.bitcast(pointer, _PAIRS16.as_pointer())
    even = builder.and_(factor, ir.Constant(_PAIRS16, [255] * 2 * LANES))
    odd = builder.lshr(factor, ir.Constant(_PAIRS16, [8] * 2 * LANES))
    undefined = ir.Constant(_PAIRS32, ir.Undefined)
    sums = []
    for k, factors in enumerate((even, odd)):
        weights = _load(builder, builder.gep(pointer, [ir.Constant(_I32, k)]), 2)
        products = builder.mul(builder.sext(factors, _PAIRS32), builder.sext(weights, _PAIRS32))
        halves = (builder.shuffle_vector(products, undefined, half) for half in (_EVEN, _ODD))
        sums.append(builder.add(*halves))
    return builder.add(total, builder.add(*sums))


@operation
def add_quads(typing: Any, total: Any, factor: Any, array: Any, index: Any) -> tuple[Any, Generator]:
    """add_quads(total, factor, array, i): total + factor's quarters times elements i .. i + 63.

    factor: as `quad` gives it. array: int8 where `multiplies_bytes`, lane k takes the sum of factor[j] *
    array[i + 4 k + j] over j = 0 .. 3; elsewhere int16, array[i + 2 k + j // 2 + 32 (j % 2)].
    """

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        total, factor, array, index = args
        pointer = address(context, builder, signature.args[2], array, index, _I32)
        if signature.args[2].dtype.bitwidth == 8:
            return _dot_of_bytes(builder, _dot_instruction(context.codegen()), total, factor, pointer)
        return _dot_of_pairs(builder, total, factor, pointer)

    return VECTOR(VECTOR, VECTOR, array, types.intp), generate


@operation
def add_row(typing: Any, total: Any, array: Any, index: Any) -> tuple[Any, Generator]:
    """add_row(total, array int16 or int32, i): total + elements i .. i + 15."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        total, array, index = args
        bits = signature.args[1].dtype.bitwidth
        kind = ir.VectorType(ir.IntType(bits), LANES)
        row = _load(builder, address(context, builder, signature.args[1], array, index, kind), bits // 8)
        return builder.add(total, row if bits == 32 else builder.sext(row, _V32))

    return VECTOR(VECTOR, array, types.intp), generate


@operation
def zero(typing: Any) -> tuple[Any, Generator]:
    """zero(): 0 in every lane."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return ir.Constant(_V32, [0] * LANES)

    return VECTOR(), generate


@operation
def add(typing: Any, one: Any, other: Any) -> tuple[Any, Generator]:
    """add(one, other): lane by lane."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.add(args[0], args[1])

    return VECTOR(VECTOR, VECTOR), generate


@operation
def lane_sum(typing: Any, value: Any) -> tuple[Any, Generator]:
    """lane_sum(value): the sum of its lanes, which must stay below 2**31."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        reduce = builder.module.declare_intrinsic(
            "llvm.vector.reduce.add.v16i32", (), ir.FunctionType(_I32, [_V32])
        )
        return builder.sext(builder.call(reduce, [args[0]]), ir.IntType(64))

    return types.int64(VECTOR), generate


@operation
def products(typing: Any, value: Any, array: Any, index: Any) -> tuple[Any, Generator]:
    """products(value, array int32, i): value times elements i .. i + 15."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        value, array, index = args
        return builder.mul(
            value, _load(builder, address(context, builder, signature.args[1], array, index, _V32), 4)
        )

    return VECTOR(VECTOR, array, types.intp), generate


@operation
def add_products(typing: Any, total: Any, value: Any, array: Any, index: Any) -> tuple[Any, Generator]:
    """add_products(total, value, array int32, i): total + value times elements i .. i + 15."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        total, value, array, index = args
        row = _load(builder, address(context, builder, signature.args[2], array, index, _V32), 4)
        return builder.add(total, builder.mul(value, row))

    return VECTOR(VECTOR, VECTOR, array, types.intp), generate


@operation
def store_words(typing: Any, array: Any, index: Any, value: Any) -> tuple[Any, Generator]:
    """store_words(array int32, i, value): elements i .. i + 15 = value."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        array, index, value = args
        builder.store(value, address(context, builder, signature.args[0], array, index, _V32)).align = 4
        return context.get_dummy_value()

    return types.void(array, types.intp, VECTOR), generate


@operation
def count_smaller(typing: Any, array: Any, count: Any, index: Any, out: Any) -> tuple[Any, Generator]:
    """count_smaller(array int64, n, i, out int64): out[i + k] = how many of the first n elements are smaller
    than element i + k, k = 0 .. 7. All eight must be there, even if fewer count.
    """

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        array, count, index, out = args
        own = _load(builder, address(context, builder, signature.args[0], array, index, _V64), 8)
        nothing = ir.Constant(_V64, [0] * (LANES // 2))
        total = cgutils.alloca_once_value(builder, nothing)  # type: ignore[no-untyped-call]
        undefined = ir.Constant(_V64, ir.Undefined)
        with cgutils.for_range(builder, count) as loop:
            one = builder.load(
                address(context, builder, signature.args[0], array, loop.index, ir.IntType(64))
            )
            other = builder.insert_element(undefined, one, ir.Constant(_I32, 0))
            other = builder.shuffle_vector(other, undefined, ir.Constant(_HALF32, [0] * (LANES // 2)))
            smaller = builder.zext(builder.icmp_signed("<", other, own), _V64)
            builder.store(builder.add(builder.load(total), smaller), total)
        place = address(context, builder, signature.args[3], out, index, _V64)
        builder.store(builder.load(total), place).align = 8
        return context.get_dummy_value()

    return types.void(array, types.int64, types.int64, out), generate


def _clamped(builder: Any, value: Any) -> Any:
    low, high = ir.Constant(_V32, [0] * LANES), ir.Constant(_V32, [255] * LANES)
    value = builder.select(builder.icmp_signed(">", value, low), value, low)
    return builder.select(builder.icmp_signed("<", value, high), value, high)


@operation
def activation(typing: Any, value: Any, shift: Any) -> tuple[Any, Generator]:
    """activation(value, shift): value >> shift, within 0..255."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return _clamped(builder, builder.ashr(args[0], args[1]))

    return VECTOR(VECTOR, VECTOR), generate


@operation
def store_activation(typing: Any, array: Any, index: Any, value: Any, shift: Any) -> tuple[Any, Generator]:
    """store_activation(array uint8, i, value, shift): elements i .. = value >> shift, within 0..255."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        array, index, value, shift = args
        pointer = address(context, builder, signature.args[0], array, index, _V8)
        value = _clamped(builder, builder.ashr(value, shift))
        builder.store(builder.trunc(value, _V8), pointer).align = 1
        return context.get_dummy_value()

    return types.void(array, types.intp, VECTOR, VECTOR), generate


@operation
def store_sum(typing: Any, array: Any, index: Any, value: Any, shift: Any) -> tuple[Any, Generator]:
    """store_sum(array uint8, i, value, shift): adds value >> shift to elements i .., within 0..255."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        array, index, value, shift = args
        pointer = address(context, builder, signature.args[0], array, index, _V8)
        value = builder.add(builder.ashr(value, shift), builder.zext(_load(builder, pointer, 1), _V32))
        builder.store(builder.trunc(_clamped(builder, value), _V8), pointer).align = 1
        return context.get_dummy_value()

    return types.void(array, types.intp, VECTOR, VECTOR), generate


@operation
def copy_row(typing: Any, out: Any, to: Any, array: Any, index: Any) -> tuple[Any, Generator]:
    """copy_row(out uint8, to, array uint8, i): 32 elements."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        out, to, array, index = args
        source = address(context, builder, signature.args[2], array, index, _ROW8)
        target = address(context, builder, signature.args[0], out, to, _ROW8)
        builder.store(_load(builder, source, 1), target).align = 1
        return context.get_dummy_value()

    return types.void(out, types.intp, array, types.intp), generate


@operation
def eight_bytes(typing: Any, array: Any, index: Any) -> tuple[Any, Generator]:
    """eight_bytes(array uint8, i): elements i .. i + 7 as one uint64, the first in the lowest byte."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        word = ir.IntType(64)
        return _load(builder, address(context, builder, signature.args[0], args[0], args[1], word), 1)

    return types.uint64(array, types.intp), generate


@operation
def put_eight_bytes(typing: Any, array: Any, index: Any, value: Any) -> tuple[Any, Generator]:
    """put_eight_bytes(array uint8, i, word): the opposite of `eight_bytes`."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        array, index, value = args
        pointer = address(context, builder, signature.args[0], array, index, ir.IntType(64))
        builder.store(value, pointer).align = 1
        return context.get_dummy_value()

    return types.void(array, types.intp, types.uint64), generate


@operation
def lowest_bit(typing: Any, word: Any) -> tuple[Any, Generator]:
    """lowest_bit(word uint64): index of its lowest set bit; 64 for 0."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.cttz(args[0], ir.Constant(ir.IntType(1), 0))

    return types.int64(types.uint64), generate


@operation
def bit_count(typing: Any, word: Any) -> tuple[Any, Generator]:
    """bit_count(word int64): how many of its bits are set."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.ctpop(args[0])

    return types.int64(types.int64), generate


@operation
def bit_length(typing: Any, number: Any) -> tuple[Any, Generator]:
    """bit_length(number int64): 1 + the index of its highest set bit; 0 for 0."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        zeros = builder.ctlz(args[0], ir.Constant(ir.IntType(1), 0))
        return builder.sub(ir.Constant(ir.IntType(64), 64), zeros)

    return types.int64(types.int64), generate


@operation
def splat(typing: Any, number: Any) -> tuple[Any, Generator]:
    """splat(number): a number of 32 bits in every lane."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        undefined = ir.Constant(_V32, ir.Undefined)
        one = builder.insert_element(undefined, builder.trunc(args[0], _I32), ir.Constant(_I32, 0))
        return builder.shuffle_vector(one, undefined, ir.Constant(_V32, [0] * LANES))

    return VECTOR(types.int64), generate
