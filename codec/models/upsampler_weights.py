"""Quantized weights of the upsampling network: the file, its identity and the checks that make it exact."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from octavox.codec.arrays import Int8Array, Int16Array, Int32Array, UInt8Array

from .weight_sets import (
    CHANNELS,
    TAPS,
    WINDOW,
    Layout,
    check_layout,
    check_sums,
    dense_bound,
    read_sets,
    sets_bytes,
    trunk_bounds,
)

SETS = 4  # by `weight_set`
SEEDING = (1, 3)  # sets whose features begin those of a finer level; the scales of their features agree
LEVEL_CLASSES = 4
HIDDEN, CHILDREN = 64, 8
CONVOLUTIONS = 6
LOGIT_FRACTION = 8  # logits count in 1/256 nat
LOGIT_LIMIT = 4095


def weight_set(below: int, guessed: bool) -> int:
    """Which set of weights is used. below: levels below the children's. guessed: so are the nodes."""
    return 2 * guessed + min(below, 1)


def level_class(below: int) -> int:
    """Which bias the network starts from."""
    return min(below, LEVEL_CLASSES - 1)


@dataclass(frozen=True)
class UpsamplerWeights:
    """One set. Sums are int32; a layer's output is clamp(sum >> shift, 0, 255), biases hold the rounding.

    around (125, 32) int16 rows added for each occupied node; around_bias (4, 32); seed (8, 32, 32) int8;
    around_shift (32,). conv (6, 27, 32, 32) int8, conv_bias (6, 32), conv_shift (6, 32); those of odd
    number give clamp(stream + (sum >> shift), 0, 255). hidden (32, 64) int8, hidden_bias, hidden_shift (64,).
    logit (64, 8) int8, logit_bias, logit_shift (8,): clamp(sum >> shift, -LOGIT_LIMIT, LOGIT_LIMIT).
    """

    around: Int16Array
    around_bias: Int32Array
    seed: Int8Array
    around_shift: UInt8Array
    conv: Int8Array
    conv_bias: Int32Array
    conv_shift: UInt8Array
    hidden: Int8Array
    hidden_bias: Int32Array
    hidden_shift: UInt8Array
    logit: Int8Array
    logit_bias: Int32Array
    logit_shift: UInt8Array


LAYOUT: Layout = {
    "around": (np.int16, (WINDOW, CHANNELS)),
    "around_bias": (np.int32, (LEVEL_CLASSES, CHANNELS)),
    "seed": (np.int8, (8, CHANNELS, CHANNELS)),
    "around_shift": (np.uint8, (CHANNELS,)),
    "conv": (np.int8, (CONVOLUTIONS, TAPS, CHANNELS, CHANNELS)),
    "conv_bias": (np.int32, (CONVOLUTIONS, CHANNELS)),
    "conv_shift": (np.uint8, (CONVOLUTIONS, CHANNELS)),
    "hidden": (np.int8, (CHANNELS, HIDDEN)),
    "hidden_bias": (np.int32, (HIDDEN,)),
    "hidden_shift": (np.uint8, (HIDDEN,)),
    "logit": (np.int8, (HIDDEN, CHILDREN)),
    "logit_bias": (np.int32, (CHILDREN,)),
    "logit_shift": (np.uint8, (CHILDREN,)),
}


@dataclass(frozen=True)
class UpsamplerFile:
    """sets: SETS of them. identity: first bytes of the file's SHA-256."""

    sets: tuple[UpsamplerWeights, ...]
    metadata: dict[str, Any]
    identity: bytes


def check_set(w: UpsamplerWeights, layout: Layout = LAYOUT) -> None:
    """Raises WeightsError unless shapes fit and every partial sum stays below 2**24 (exact in float32).

    layout: of the set; with `seen`, that of `densifier_weights`.
    """
    check_layout(w, layout)
    check_sums(
        {
            **trunk_bounds(w, [name for name in ("around", "seen") if name in layout]),
            "hidden": dense_bound(w.hidden, w.hidden_bias, (0,)),
            "logit": dense_bound(w.logit, w.logit_bias, (0,)),
        }
    )


def load_upsampler(path: str | Path) -> UpsamplerFile:
    """Reads and checks a .safetensors file. Raises WeightsError when it is missing, damaged or unfit."""
    return UpsamplerFile(*read_sets(path, SETS, LAYOUT, UpsamplerWeights, check_set))


def upsampler_bytes(
    sets: Sequence[UpsamplerWeights], metadata: dict[str, Any], layout: Layout = LAYOUT
) -> bytes:
    """The file that `load_upsampler` reads; equal input gives equal bytes. layout: see `check_set`."""
    return sets_bytes(sets, metadata, layout, partial(check_set, layout=layout))
