"""Weights files of networks with several sets of weights: layouts, and checks that keep sums exact."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from octavox.codec.arrays import Int64Array
from octavox.codec.errors import WeightsError

from .weights import EXACT, MAX_ACTIVATION, read_tensors

Layout = Mapping[str, tuple[type[np.generic], tuple[int, ...]]]  # of tensors: dtype and shape
LARGEST_SHIFT = 23
CHANNELS, WINDOW, TAPS = 32, 125, 27  # of the trunk that networks share

W = TypeVar("W")


def magnitude(weight: npt.NDArray[Any], axes: tuple[int, ...]) -> Int64Array:
    """Sums of absolute values over axes."""
    return np.asarray(np.abs(weight.astype(np.int64)).sum(axes), np.int64)


def dense_bound(weight: npt.NDArray[Any], bias: npt.NDArray[Any], axes: tuple[int, ...]) -> Int64Array:
    """The largest size of the sums of a layer of activations. axes: of its inputs."""
    return MAX_ACTIVATION * magnitude(weight, axes) + magnitude(bias[None], (0,))


def trunk_bounds(w: Any, first: Sequence[str] = ("around",)) -> dict[str, Int64Array]:
    """The same of the first layer and of the convolutions. first: rows that are added in the first layer."""
    rows = sum(magnitude(getattr(w, name), (0,)) for name in first)
    seeds = MAX_ACTIVATION * magnitude(w.seed, (1,))
    return {
        "around": rows + seeds + magnitude(w.around_bias[None], (0,)).max(0),
        "conv": dense_bound(w.conv, w.conv_bias, (1, 2)),
    }


def check_layout(w: Any, layout: Layout) -> None:
    """Raises WeightsError unless dtypes, shapes and shifts fit."""
    for name, (dtype, shape) in layout.items():
        value = getattr(w, name)
        if value.dtype != dtype or value.shape != shape:
            raise WeightsError(
                f"expected {np.dtype(dtype)} {shape}, found {value.dtype} {value.shape}", field=name
            )
        if name.endswith("shift") and (value > LARGEST_SHIFT).any():
            raise WeightsError(f"shift above {LARGEST_SHIFT}", field=name)


def check_sums(bounds: Mapping[str, Int64Array]) -> None:
    """Raises WeightsError unless every partial sum stays below 2**24 (exact in float32)."""
    for name, bound in bounds.items():
        if (bound >= EXACT).any():
            raise WeightsError("sums can reach 2^24", field=name)


def read_sets(
    path: str | Path, count: int, layout: Layout, make: Callable[..., W], check: Callable[[W], None]
) -> tuple[tuple[W, ...], dict[str, Any], bytes]:
    """The sets of a .safetensors file, its metadata and its identity, the first bytes of its SHA-256.

    Raises WeightsError when it is missing, damaged or unfit.
    """
    tensors, metadata, identity = read_tensors(path)
    sets = []
    for index in range(count):
        try:
            own = make(**{name: tensors[f"{index}.{name}"] for name in layout})
        except KeyError as missing:
            raise WeightsError("tensor missing", path=path, field=missing.args[0]) from None
        try:
            check(own)
        except WeightsError as fault:
            raise fault.in_file(path) from None
        sets.append(own)
    return tuple(sets), metadata, identity


def sets_bytes(
    sets: Sequence[W], metadata: dict[str, Any], layout: Layout, check: Callable[[W], None]
) -> bytes:
    """The file that `read_sets` reads; equal input gives equal bytes. Raises WeightsError for unfit sets."""
    from safetensors.numpy import save

    tensors: dict[str, npt.NDArray[Any]] = {}
    for index, own in enumerate(sets):
        check(own)
        tensors |= {f"{index}.{name}": np.ascontiguousarray(getattr(own, name)) for name in layout}
    return bytes(save(tensors, metadata={"octavox": json.dumps(metadata, sort_keys=True)}))
