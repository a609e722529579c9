"""Adaptive binary models for flags, coded through the range coder.

A model holds two 16-bit estimates of the probability of a 1, one fast (rate 2**-4) and one slow (rate
2**-7), and codes with their mean, as in VVC (Schwarz et al. 2021, "Quantization and Entropy Coding in the
Versatile Video Coding Standard", section IV-B).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .jit import Int, njit
from .range_coder import (
    PROB_BITS,
    Bits,
    Bytes,
    Probs,
    RangeDecoder,
    RangeEncoder,
    State,
    as_contiguous,
    decode_bit,
    encode_bit,
)

FAST_RATE = 4
SLOW_RATE = 7
_TO_PROB = PROB_BITS - 17  # the sum of two 16-bit estimates has 17 bits

Models = npt.NDArray[np.uint16]


def new_models(n_contexts: int) -> Models:
    """(n_contexts, 2) uint16 models that give 0 and 1 the same probability."""
    return np.full((n_contexts, 2), 1 << 15, np.uint16)


@njit
def adaptive_p1(models: Models, ctx: Int) -> Int:
    """Probability of a 1 in units of 2**-24; stays within [2**-10, 1 - 2**-10]."""
    return (np.int64(models[ctx, 0]) + np.int64(models[ctx, 1])) << _TO_PROB


@njit
def adaptive_update(models: Models, ctx: Int, bit: Int) -> None:
    """Moves both estimates towards `bit`."""
    fast, slow = np.int64(models[ctx, 0]), np.int64(models[ctx, 1])
    if bit:
        fast += (65536 - fast) >> FAST_RATE
        slow += (65536 - slow) >> SLOW_RATE
    else:
        fast -= fast >> FAST_RATE
        slow -= slow >> SLOW_RATE
    models[ctx, 0] = np.uint16(fast)
    models[ctx, 1] = np.uint16(slow)


@njit
def encode_adaptive_bit(state: State, buf: Bytes, models: Models, ctx: Int, bit: Int) -> Int:
    """Codes one bit, adapts its model, and returns the probability of a 1 that it was coded with."""
    p1 = adaptive_p1(models, ctx)
    encode_bit(state, buf, bit, p1)
    adaptive_update(models, ctx, bit)
    return p1


@njit
def decode_adaptive_bit(state: State, payload: Bytes, models: Models, ctx: Int) -> Int:
    """The next bit; adapts its model as the encoder did."""
    bit = decode_bit(state, payload, adaptive_p1(models, ctx))
    adaptive_update(models, ctx, bit)
    return bit


@njit
def _encode(
    state: State, buf: Bytes, models: Models, ctx: npt.NDArray[np.int32], bits: Bits, used: Probs
) -> None:
    for i in range(bits.size):
        p1 = encode_adaptive_bit(state, buf, models, np.int64(ctx[i]), np.int64(bits[i]))
        used[i] = np.uint32(p1)


@njit
def _decode(
    state: State, payload: Bytes, models: Models, ctx: npt.NDArray[np.int32], bits: Bits, used: Probs
) -> None:
    for i in range(ctx.size):
        used[i] = np.uint32(adaptive_p1(models, np.int64(ctx[i])))
        bits[i] = np.uint8(decode_adaptive_bit(state, payload, models, np.int64(ctx[i])))


def encode_adaptive(coder: RangeEncoder, models: Models, bits: npt.ArrayLike, ctx: npt.ArrayLike) -> Probs:
    """Codes bits (n,) uint8, bit i with model ctx[i] (n,) int32; `models` adapts in place.

    Returns the (n,) uint32 probabilities of a 1 used, for code lengths. Raises ValueError for unequal
    lengths, IndexError for a context outside the models.
    """
    symbols = as_contiguous(bits, np.uint8)
    contexts = _contexts(ctx, models)
    if symbols.shape != contexts.shape:
        raise ValueError(f"bits {symbols.shape} and contexts {contexts.shape} differ in shape")
    used = np.empty(symbols.size, np.uint32)
    coder.reserve(symbols.size)
    _encode(coder.state, coder.buffer, models, contexts, symbols, used)
    return used


def decode_adaptive(coder: RangeDecoder, models: Models, ctx: npt.ArrayLike) -> tuple[Bits, Probs]:
    """The next (n,) uint8 bits and the (n,) uint32 probabilities of a 1 used; `models` adapts in place.

    Raises CorruptStreamError once the payload is overrun, IndexError for a context outside the models.
    """
    contexts = _contexts(ctx, models)
    bits, used = np.empty(contexts.size, np.uint8), np.empty(contexts.size, np.uint32)
    _decode(coder.state, coder.payload, models, contexts, bits, used)
    coder.check()
    return bits, used


def _contexts(ctx: npt.ArrayLike, models: Models) -> npt.NDArray[np.int32]:
    contexts: npt.NDArray[np.int32] = as_contiguous(ctx, np.int32)
    if contexts.ndim != 1:
        raise ValueError("contexts must be one-dimensional")
    if contexts.size and (contexts.min() < 0 or contexts.max() >= len(models)):
        raise IndexError(f"context outside [0, {len(models)})")
    return contexts
