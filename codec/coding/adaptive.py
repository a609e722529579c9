"""Adaptive binary models for flags, coded through the range coder.

A model holds two 16-bit estimates of the probability of a 1, one fast (rate 2**-4) and one slow (rate
2**-7). Its probability is their mean, as in VVC (Schwarz et al. 2021, "Quantization and Entropy Coding in the
Versatile Video Coding Standard", section IV-B).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from octavox.codec.arrays import Int32Array, UInt8Array, UInt16Array, UInt32Array

from .kernels.jit import Int, inlined, njit
from .range_coder import PROB_BITS, BitCoder, RangeDecoder, RangeEncoder, as_contiguous, code_bit

FAST_RATE = 4
SLOW_RATE = 7
_TO_PROB = PROB_BITS - 17  # the sum of two 16-bit estimates has 17 bits


def new_models(n_contexts: int) -> UInt16Array:
    """(n_contexts, 2) uint16 models in which 0 and 1 have the same probability."""
    return np.full((n_contexts, 2), 1 << 15, np.uint16)


@njit
def adaptive_p1(models: UInt16Array, ctx: Int) -> Int:
    """Probability of a 1 in units of 2**-24; stays within [2**-10, 1 - 2**-10]."""
    return (np.int64(models[ctx, 0]) + np.int64(models[ctx, 1])) << _TO_PROB


@njit
def adaptive_update(models: UInt16Array, ctx: Int, bit: Int) -> None:
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


@inlined
def code_adaptive_bit(coder: BitCoder, models: UInt16Array, ctx: Int, bit: Int) -> Int:
    """Codes one bit with model `ctx`, adapts the model, and returns the bit. A decoder ignores `bit`."""
    found = code_bit(coder, bit, adaptive_p1(models, ctx))
    adaptive_update(models, ctx, found)
    return found


@njit
def _code(coder: BitCoder, models: UInt16Array, ctx: Int32Array, bits: UInt8Array, used: UInt32Array) -> None:
    """Codes the bits, or fills them in, and fills in the probabilities of a 1 used."""
    for i in range(ctx.size):
        used[i] = np.uint32(adaptive_p1(models, np.int64(ctx[i])))
        bits[i] = np.uint8(code_adaptive_bit(coder, models, np.int64(ctx[i]), np.int64(bits[i])))


def encode_adaptive(
    coder: RangeEncoder, models: UInt16Array, bits: npt.ArrayLike, ctx: npt.ArrayLike
) -> UInt32Array:
    """Codes bits (n,) uint8, bit i with model ctx[i] (n,) int32; `models` adapts in place.

    Returns the (n,) uint32 probabilities of a 1 used, for code lengths. Raises ValueError for unequal
    lengths, IndexError for a context outside the models.
    """
    symbols = as_contiguous(bits, np.uint8)
    contexts = _contexts(ctx, models)
    if symbols.shape != contexts.shape:
        raise ValueError(f"bits {symbols.shape} and contexts {contexts.shape} differ in shape")
    used = np.empty(symbols.size, np.uint32)
    _code(coder.bit_coder(symbols.size), models, contexts, symbols, used)
    return used


def decode_adaptive(
    coder: RangeDecoder, models: UInt16Array, ctx: npt.ArrayLike
) -> tuple[UInt8Array, UInt32Array]:
    """The next (n,) uint8 bits and the (n,) uint32 probabilities of a 1 used; `models` adapts in place.

    Raises CorruptStreamError once the payload is overrun, IndexError for a context outside the models.
    """
    contexts = _contexts(ctx, models)
    bits, used = np.zeros(contexts.size, np.uint8), np.empty(contexts.size, np.uint32)
    _code(coder.bit_coder(contexts.size), models, contexts, bits, used)
    coder.check()
    return bits, used


def _contexts(ctx: npt.ArrayLike, models: UInt16Array) -> Int32Array:
    contexts: Int32Array = as_contiguous(ctx, np.int32)
    if contexts.ndim != 1:
        raise ValueError("contexts must be one-dimensional")
    if contexts.size and (contexts.min() < 0 or contexts.max() >= len(models)):
        raise IndexError(f"context outside [0, {len(models)})")
    return contexts
