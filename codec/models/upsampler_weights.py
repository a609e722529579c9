"""Quantized weights of the upsampling network: the file, its identity and the checks that make it exact."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from octavox.codec.arrays import Int8Array, Int16Array, Int32Array, Int64Array, UInt8Array
from octavox.codec.errors import WeightsError

from .weights import EXACT, MAX_ACTIVATION, read_tensors

SETS = 4  # by `weight_set`
SEEDING = (1, 3)  # sets whose features begin those of a finer level; the scales of their features agree
LEVEL_CLASSES = 4
CHANNELS, HIDDEN, CHILDREN = 32, 64, 8
CONVOLUTIONS = 6
WINDOW, TAPS = 125, 27
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


Layout = dict[str, tuple[type[np.generic], tuple[int, ...]]]  # of tensors: dtype and shape

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


def _largest(weight: npt.NDArray[Any], axes: tuple[int, ...]) -> Int64Array:
    return np.asarray(np.abs(weight.astype(np.int64)).sum(axes), np.int64)


def check_set(w: UpsamplerWeights, layout: Layout = LAYOUT) -> None:
    """Raises WeightsError unless shapes fit and every partial sum stays below 2**24 (exact in float32).

    layout: of the set; with `seen`, that of `densifier_weights`.
    """
    for name, (dtype, shape) in layout.items():
        value = getattr(w, name)
        if value.dtype != dtype or value.shape != shape:
            raise WeightsError(
                f"expected {np.dtype(dtype)} {shape}, found {value.dtype} {value.shape}", field=name
            )
        if name.endswith("shift") and (value > 23).any():
            raise WeightsError("shift above 23", field=name)
    peak = MAX_ACTIVATION
    bounds = {
        "around": sum(_largest(getattr(w, name), (0,)) for name in ("around", "seen") if name in layout)
        + peak * _largest(w.seed, (1,))
        + _largest(w.around_bias[None], (0,)).max(0),
        "conv": peak * _largest(w.conv, (1, 2)) + _largest(w.conv_bias[None], (0,)),
        "hidden": peak * _largest(w.hidden, (0,)) + _largest(w.hidden_bias[None], (0,)),
        "logit": peak * _largest(w.logit, (0,)) + _largest(w.logit_bias[None], (0,)),
    }
    for name, bound in bounds.items():
        if (bound >= EXACT).any():
            raise WeightsError("sums can reach 2^24", field=name)


def load_upsampler(path: str | Path) -> UpsamplerFile:
    """Reads and checks a .safetensors file. Raises WeightsError when it is missing, damaged or unfit."""
    sets, metadata, identity = read_sets(path, SETS, LAYOUT, UpsamplerWeights)
    return UpsamplerFile(sets, metadata, identity)


W = TypeVar("W", bound=UpsamplerWeights)


def read_sets(
    path: str | Path, count: int, layout: Layout, make: Callable[..., W]
) -> tuple[tuple[W, ...], dict[str, Any], bytes]:
    """The sets of a file, its metadata and its identity. Raises as `load_upsampler`."""
    tensors, metadata, identity = read_tensors(path)
    sets = []
    for index in range(count):
        try:
            own = make(**{name: tensors[f"{index}.{name}"] for name in layout})
        except KeyError as missing:
            raise WeightsError("tensor missing", path=path, field=missing.args[0]) from None
        try:
            check_set(own, layout)
        except WeightsError as fault:
            raise fault.in_file(path) from None
        sets.append(own)
    return tuple(sets), metadata, identity


def upsampler_bytes(
    sets: Sequence[UpsamplerWeights], metadata: dict[str, Any], layout: Layout = LAYOUT
) -> bytes:
    """The file that `read_sets` reads; equal input gives equal bytes."""
    from safetensors.numpy import save

    tensors: dict[str, npt.NDArray[Any]] = {}
    for index, own in enumerate(sets):
        check_set(own, layout)
        tensors |= {f"{index}.{name}": np.ascontiguousarray(getattr(own, name)) for name in layout}
    return bytes(save(tensors, metadata={"octavox": json.dumps(metadata, sort_keys=True)}))
