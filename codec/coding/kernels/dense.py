"""Quantized layers as compiled functions: products of activations 0..255 and int8 weights, summed in int32.

Activations are uint8. Weights are stored in quads of inputs, as `simd.add_quads` needs them.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from octavox.codec.arrays import Int8Array, Int16Array, Int32Array, UInt8Array

from .jit import Int, inlined, njit
from .memory import aligned
from .simd import LANES, add, add_quads, load, multiplies_bytes, quad, store_activation, zero

OUTPUTS = 32  # of one call: two vectors, each summed in two chains, as an addition waits for the one before
Weights = Int8Array | Int16Array


class Dense(NamedTuple):
    """y = clamp((x @ weight + bias) >> shift, 0, 255), parts of 32 outputs one after the other.

    weight: for each part `quads` of (inputs, 32). bias, shift: int32 (outputs,); bias rounds, too.
    """

    weight: Weights
    bias: Int32Array
    shift: Int32Array


def quads(weight: Int8Array) -> Weights:
    """(..., inputs, outputs) -> flat, for each matrix (inputs / 4, outputs, 4), as `add_quads` takes them.

    inputs a multiple of 4, outputs of 16.
    """
    *many, inputs, outputs = weight.shape
    by_lane = np.swapaxes(weight.reshape(*many, inputs // 4, 4, outputs), -1, -2)
    if multiplies_bytes():
        return aligned(by_lane)
    halves = by_lane.astype(np.int16).reshape(*many, inputs // 4, outputs // LANES, LANES, 2, 2)
    return aligned(np.moveaxis(halves, -1, -3))


def pack(weight: Int8Array, bias: Int32Array, shift: UInt8Array) -> Dense:
    """From weight (inputs, outputs), bias and shift (outputs,); inputs a multiple of 8, outputs of 32."""
    inputs, outputs = weight.shape
    parts = weight.reshape(inputs, outputs // OUTPUTS, OUTPUTS).transpose(1, 0, 2)
    wide = shift.astype(np.int32)
    return Dense(quads(parts), aligned(bias + ((1 << wide) >> 1)), aligned(wide))


@inlined
def add_inputs(sums: Any, x: UInt8Array, at: Int, inputs: Int, weight: Weights, w: Int) -> Any:
    """Four `sums` of 32 outputs, those of both vectors in two chains, + x[at : at + inputs] @ weight.

    weight: `quads` of (inputs, 32), at w; inputs a multiple of 8. The outputs are sums 0 + 2 and 1 + 3.
    """
    a0, a1, b0, b1 = sums
    for k in range(at, at + inputs, 8):
        f, g = quad(x, k), quad(x, k + 4)
        a0 = add_quads(a0, f, weight, w)
        a1 = add_quads(a1, f, weight, w + 64)
        b0 = add_quads(b0, g, weight, w + 128)
        b1 = add_quads(b1, g, weight, w + 192)
        w += 256
    return a0, a1, b0, b1


@njit
def dense32(x: UInt8Array, at: Int, layer: Dense, part: Int, out: UInt8Array, to: Int) -> None:
    """out[to : to + 32] = outputs 32 * part .. of a layer of x[at : at + inputs]."""
    inputs = layer.weight.size // layer.bias.size
    b = part * 32
    w = b * inputs
    sums = load(layer.bias, b), load(layer.bias, b + 16), zero(), zero()
    a0, a1, b0, b1 = add_inputs(sums, x, at, inputs, layer.weight, w)
    store_activation(out, to, add(a0, b0), load(layer.shift, b))
    store_activation(out, to + 16, add(a1, b1), load(layer.shift, b + 16))


@njit
def pair32(x: UInt8Array, layer: Dense, out: UInt8Array) -> None:
    """A layer of 32 outputs for two sites at once, so that weights are read once.

    x: (2 * inputs,) one site after the other. out: (64,) 32 outputs of each.
    """
    inputs = x.size // 2
    a0, a1 = load(layer.bias, 0), load(layer.bias, 16)
    b0, b1 = a0, a1
    w = 0
    for k in range(0, inputs, 4):
        f, g = quad(x, k), quad(x, inputs + k)
        a0 = add_quads(a0, f, layer.weight, w)
        b0 = add_quads(b0, g, layer.weight, w)
        a1 = add_quads(a1, f, layer.weight, w + 64)
        b1 = add_quads(b1, g, layer.weight, w + 64)
        w += 128
    s0, s1 = load(layer.shift, 0), load(layer.shift, 16)
    store_activation(out, 0, a0, s0)
    store_activation(out, 16, a1, s1)
    store_activation(out, 32, b0, s0)
    store_activation(out, 48, b1, s1)
