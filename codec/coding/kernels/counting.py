"""Counters inside numba's compiled functions: found by hashes; read and updated many at once.

A counter is an adaptive model of a bit in 32 bits: the probability of a 1 in the upper 22, and below it a
count of the bits that it has seen. A bit has one counter in each of several tables, one table for each
context. All of them are updated alike, so this is done in the lanes of a vector; numba would not do that by
itself. Everything is exact, in integers, except for one quotient that no rounding can change.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from llvmlite import ir
from numba.core import types

from .lanes import every, splat
from .simd import LANES, VECTOR, Generator, address, operation

_Tuple: Any = types.Tuple  # numba has no types for mypy
_WORD, _LONG = ir.IntType(32), ir.IntType(64)
_ROW = ir.VectorType(_WORD, LANES)

COUNT_BITS = 10  # of a counter; its upper 22 bits are the probability of a 1
_PROBABILITY_ONE = 1 << (32 - COUNT_BITS)
UNSEEN = 0x80000000  # first value of a counter. It is stored xored with that, so a new table is all zeros


def counter_reader(inputs: int, confident: Sequence[int], stretch_bits: int) -> Any:
    """Compiled code that looks up one counter in each of `inputs` tables.

    read(counters uint32, groups int64, j, row, stretch int16, more) reads the counters at groups[j + k] + row
    for k < inputs. It returns a vector of their stretched probabilities, with `more` in the lane after them
    and 0 in the others; a vector of the counters; and a number with two bits for each of the tables
    `confident`, the first lowest: the count, or 3 if that is larger. stretch: stretched probabilities by the
    upper `stretch_bits` bits of a probability.
    """

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        counters, groups, j, row, stretch, more = args
        kinds = signature.args
        x, s, sure = every(0), every(0), ir.Constant(_WORD, 0)
        for k in range(inputs):
            lane = ir.Constant(_WORD, k)
            group = builder.load(
                address(context, builder, kinds[1], groups, builder.add(j, ir.Constant(_LONG, k)), _LONG)
            )
            at = address(context, builder, kinds[0], counters, builder.add(group, row), _WORD)
            counter = builder.xor(builder.load(at), ir.Constant(_WORD, UNSEEN))
            s = builder.insert_element(s, counter, lane)
            place = builder.zext(builder.lshr(counter, ir.Constant(_WORD, 32 - stretch_bits)), _LONG)
            value = builder.load(address(context, builder, kinds[4], stretch, place, ir.IntType(16)))
            x = builder.insert_element(x, builder.sext(value, _WORD), lane)
            if k in confident:
                count = builder.and_(counter, ir.Constant(_WORD, (1 << COUNT_BITS) - 1))
                three = ir.Constant(_WORD, 3)
                count = builder.select(builder.icmp_unsigned("<", count, three), count, three)
                shift = ir.Constant(_WORD, 2 * confident.index(k))
                sure = builder.or_(sure, builder.shl(count, shift))
        x = builder.insert_element(x, builder.trunc(more, _WORD), ir.Constant(_WORD, inputs))
        return context.make_tuple(builder, signature.return_type, [x, s, builder.zext(sure, _LONG)])

    @operation
    def read(
        typing: Any, counters: Any, groups: Any, j: Any, row: Any, stretch: Any, more: Any
    ) -> tuple[Any, Generator]:
        long = types.int64
        return _Tuple([VECTOR, VECTOR, long])(counters, groups, long, long, stretch, long), generate

    return read


def counter_writer(inputs: int, step_offset: int, margin: int = 0) -> Any:
    """Compiled code that moves the counters of `counter_reader` towards a bit.

    write(counters uint32, groups int64, j, row, read, bit, most): `read` is the vector of the counters as
    they were. A counter that has seen n bits moves by 655360 // (10 n + step_offset) / 65536 of the way, and
    its count rises by 1, up to `most`, at most 1023. Probabilities stay `margin`, in units of 2**-22, away
    from 0 and from 1; with margin 0 they stay below 1.
    """

    def moved(builder: Any, s: Any, bit: Any, most: Any) -> Any:
        count = builder.and_(s, every((1 << COUNT_BITS) - 1))
        p = builder.lshr(s, every(COUNT_BITS))
        # A quotient of such small integers is never rounded up to the next one in single precision.
        floats = ir.VectorType(ir.FloatType(), LANES)
        divisor = builder.add(builder.mul(count, every(10)), every(step_offset))
        dividend = ir.Constant(floats, [655360.0] * LANES)
        step = builder.fptosi(builder.fdiv(dividend, builder.sitofp(divisor, floats)), _ROW)
        way = builder.sub(splat(builder, builder.shl(bit, ir.Constant(_LONG, 32 - COUNT_BITS))), p)
        # (way * step) >> 16 in 32 bits: the upper part of `way` and its lower 8 bits, one after the other
        high = builder.mul(builder.ashr(way, every(8)), step)
        low = builder.lshr(builder.mul(builder.and_(way, every(255)), step), every(8))
        p = builder.add(p, builder.ashr(builder.add(high, low), every(8)))
        top, bottom = every(_PROBABILITY_ONE - max(margin, 1)), every(margin)
        p = builder.select(builder.icmp_signed("<", p, top), p, top)
        p = builder.select(builder.icmp_signed(">", p, bottom), p, bottom) if margin else p
        more = builder.zext(builder.icmp_signed("<", count, splat(builder, most)), _ROW)
        s = builder.or_(builder.shl(p, every(COUNT_BITS)), builder.add(count, more))
        return builder.xor(s, every(UNSEEN))

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        counters, groups, j, row, s, bit, most = args
        s = moved(builder, s, bit, most)
        for k in range(inputs):
            place = builder.add(j, ir.Constant(_LONG, k))
            group = builder.load(address(context, builder, signature.args[1], groups, place, _LONG))
            at = address(context, builder, signature.args[0], counters, builder.add(group, row), _WORD)
            builder.store(builder.extract_element(s, ir.Constant(_WORD, k)), at)
        return context.get_dummy_value()

    @operation
    def write(
        typing: Any, counters: Any, groups: Any, j: Any, row: Any, read: Any, bit: Any, most: Any
    ) -> tuple[Any, Generator]:
        long = types.int64
        return types.void(counters, groups, long, long, VECTOR, long, long), generate

    return write


def _prefetch(builder: Any, place: Any) -> None:
    """Prefetches what will soon be used; only into the second cache, since there is so much of it."""
    byte = ir.IntType(8).as_pointer()
    hint = builder.module.declare_intrinsic(
        "llvm.prefetch.p0", (), ir.FunctionType(ir.VoidType(), [byte, _WORD, _WORD, _WORD])
    )
    builder.call(hint, [place, *(ir.Constant(_WORD, v) for v in (0, 2, 1))])


@operation
def prefetch(typing: Any, array: Any, index: Any) -> tuple[Any, Generator]:
    """prefetch(array, i): element i will soon be used. It changes only the time."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        _prefetch(builder, address(context, builder, signature.args[0], args[0], args[1], ir.IntType(8)))
        return context.get_dummy_value()

    return types.void(array, types.int64), generate


def counter_finder(masks: Sequence[Sequence[int]], factors: Sequence[int], last: int, group: int) -> Any:
    """Compiled code that hashes words, under each of the masks, to a group of 2**group counters.

    find(words int64, table_bits, counters, out int64, j): out[j + k] = first counter of the group of mask k
    in table k, which begins at k << table_bits; it is prefetched. The group is (h ^ (h >> 32)) * last >> (64
    + group - table_bits), with h the sum over w of (words[w] & masks[k][w]) * factors[w], all modulo 2**64.
    The masks are constants of the compiled code, so a word under an empty mask costs nothing. Where the CPU
    multiplies vectors of 64-bit numbers, eight masks are hashed at once; out needs room for a multiple of
    eight.
    """

    def generate_vectors(context: Any, builder: Any, signature: Any, args: Any) -> None:
        table_bits, to = args[1], args[4]
        eight = ir.VectorType(_LONG, 8)

        def every8(value: Any) -> Any:
            one = builder.insert_element(ir.Constant(eight, ir.Undefined), value, ir.Constant(_WORD, 0))
            return builder.shuffle_vector(one, one, ir.Constant(ir.VectorType(_WORD, 8), [0] * 8))

        def same(value: int) -> Any:
            return ir.Constant(eight, [value] * 8)

        def place(array: int, index: Any, to: Any = _LONG) -> Any:
            return address(context, builder, signature.args[array], args[array], index, to)

        shift = every8(builder.sub(ir.Constant(_LONG, 64 + group), table_bits))
        given = [every8(builder.load(place(0, ir.Constant(_LONG, w)))) for w in range(len(factors))]
        for begin in range(0, len(masks), 8):
            rows = [list(row) for row in masks[begin : begin + 8]]
            rows += [[0] * len(factors)] * (8 - len(rows))
            total: Any = same(0)
            for w, factor in enumerate(factors):
                lanes = ir.Constant(eight, [row[w] for row in rows])
                if any(row[w] for row in rows):
                    total = builder.add(total, builder.mul(builder.and_(given[w], lanes), same(factor)))
            total = builder.xor(total, builder.lshr(total, same(32)))
            total = builder.lshr(builder.mul(total, same(last)), shift)
            tables = ir.Constant(eight, list(range(begin, begin + 8)))
            first = builder.add(builder.shl(total, same(group)), builder.shl(tables, every8(table_bits)))
            at = place(3, builder.add(to, ir.Constant(_LONG, begin)), eight)
            builder.store(first, at).align = 8
            for k in range(begin, min(begin + 8, len(masks))):
                own = builder.extract_element(first, ir.Constant(_WORD, k - begin))
                _prefetch(builder, place(2, own, ir.IntType(8)))

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        _, table_bits, counters, _, to = args

        def number(value: int) -> Any:
            return ir.Constant(_LONG, value)

        def place(array: int, index: Any) -> Any:
            return address(context, builder, signature.args[array], args[array], index, _LONG)

        if "+avx512dq" in context.codegen().magic_tuple()[2].split(","):
            generate_vectors(context, builder, signature, args)
            return context.get_dummy_value()
        shift = builder.sub(number(64 + group), table_bits)
        given = [builder.load(place(0, number(w))) for w in range(len(factors))]
        for k, row in enumerate(masks):
            total: Any = number(0)
            for word, mask, factor in zip(given, row, factors):
                if mask:
                    total = builder.add(total, builder.mul(builder.and_(word, number(mask)), number(factor)))
            total = builder.xor(total, builder.lshr(total, number(32)))
            total = builder.lshr(builder.mul(total, number(last)), shift)
            first = builder.add(builder.shl(total, number(group)), builder.shl(number(k), table_bits))
            builder.store(first, place(3, builder.add(to, number(k))))
            _prefetch(builder, address(context, builder, signature.args[2], counters, first, ir.IntType(8)))
        return context.get_dummy_value()

    @operation
    def find(
        typing: Any, words: Any, table_bits: Any, counters: Any, out: Any, j: Any
    ) -> tuple[Any, Generator]:
        return types.void(words, types.int64, counters, out, types.int64), generate

    return find
