"""Quantized weights of the multiscale network: the file, its identity and the checks that make it exact."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from octavox.codec.arrays import Int8Array, Int16Array, Int32Array, Int64Array, UInt8Array

from .weight_sets import (
    CHANNELS,
    TAPS,
    WINDOW,
    Layout,
    check_layout,
    check_sums,
    dense_bound,
    magnitude,
    read_sets,
    sets_bytes,
    trunk_bounds,
)

SETS = 3  # weights of the finest level, of the one above it, of all others
LEVEL_CLASSES = 8
HIDDEN, INNER, CAUSAL = 64, 32, 62
LOGIT_FRACTION = 8  # logits count in 1/256 nat, as stretched probabilities do


def weight_set(below: int) -> int:
    """Which set of weights codes the children `below` levels above the voxels."""
    return min(below, SETS - 1)


def level_class(below: int) -> int:
    """Which bias a trunk starts from: the last set serves many levels."""
    return min(max(below - (SETS - 1), 0), LEVEL_CLASSES - 1)


@dataclass(frozen=True)
class LevelWeights:
    """One set. Sums are int32; a layer's output is clamp(sum >> shift, 0, 255), biases hold the rounding.

    around (125, 32) int16 rows added for each occupied node; around_bias (8, 32); seed (8, 32, 32) int8;
    around_shift (32,). conv (4, 27, 32, 32) int8, conv_bias (4, 32), conv_shift (4, 32); those of odd
    number give clamp(stream + (sum >> shift), 0, 255). features (8, 32, 64) int8, features_bias (8, 64),
    causal (8, 62, 64) int16, hidden_shift (8, 64). inner (64, 32) int8, inner_bias, inner_shift (32,).
    logit (32, 1) int8, logit_bias (8, 1), logit_shift (1,).
    """

    around: Int16Array
    around_bias: Int32Array
    seed: Int8Array
    around_shift: UInt8Array
    conv: Int8Array
    conv_bias: Int32Array
    conv_shift: UInt8Array
    features: Int8Array
    features_bias: Int32Array
    causal: Int16Array
    hidden_shift: UInt8Array
    inner: Int8Array
    inner_bias: Int32Array
    inner_shift: UInt8Array
    logit: Int8Array
    logit_bias: Int32Array
    logit_shift: UInt8Array


LAYOUT: Layout = {
    "around": (np.int16, (WINDOW, CHANNELS)),
    "around_bias": (np.int32, (LEVEL_CLASSES, CHANNELS)),
    "seed": (np.int8, (8, CHANNELS, CHANNELS)),
    "around_shift": (np.uint8, (CHANNELS,)),
    "conv": (np.int8, (4, TAPS, CHANNELS, CHANNELS)),
    "conv_bias": (np.int32, (4, CHANNELS)),
    "conv_shift": (np.uint8, (4, CHANNELS)),
    "features": (np.int8, (8, CHANNELS, HIDDEN)),
    "features_bias": (np.int32, (8, HIDDEN)),
    "causal": (np.int16, (8, CAUSAL, HIDDEN)),
    "hidden_shift": (np.uint8, (8, HIDDEN)),
    "inner": (np.int8, (HIDDEN, INNER)),
    "inner_bias": (np.int32, (INNER,)),
    "inner_shift": (np.uint8, (INNER,)),
    "logit": (np.int8, (INNER, 1)),
    "logit_bias": (np.int32, (8, 1)),
    "logit_shift": (np.uint8, (1,)),
}


@dataclass(frozen=True)
class MultiscaleWeights:
    """sets: SETS of them, the finest level's first. identity: first bytes of the file's SHA-256."""

    sets: tuple[LevelWeights, ...]
    metadata: dict[str, Any]
    identity: bytes


def check_level(w: LevelWeights) -> None:
    """Raises WeightsError unless shapes fit and every partial sum stays below 2**24 (exact in float32)."""
    check_layout(w, LAYOUT)
    check_sums(level_bounds(w))


def level_bounds(
    w: LevelWeights, first: Sequence[str] = ("around",), rows: Sequence[str] = ("causal",)
) -> dict[str, Int64Array]:
    """The largest size of the sums of each layer. first, rows: added in the first and the hidden layer."""
    seen = sum(magnitude(getattr(w, name), (1,)) for name in rows)
    return {
        **trunk_bounds(w, first),
        "features": seen + dense_bound(w.features, w.features_bias, (1,)),
        "inner": dense_bound(w.inner, w.inner_bias, (0,)),
        "logit": dense_bound(w.logit, w.logit_bias, (0,)),
    }


def load_multiscale(path: str | Path) -> MultiscaleWeights:
    """Reads and checks a .safetensors file. Raises WeightsError when it is missing, damaged or unfit."""
    return MultiscaleWeights(*read_sets(path, SETS, LAYOUT, LevelWeights, check_level))


def multiscale_bytes(sets: tuple[LevelWeights, ...], metadata: dict[str, Any]) -> bytes:
    """The file that `load_multiscale` reads; equal input gives equal bytes."""
    return sets_bytes(sets, metadata, LAYOUT, check_level)
