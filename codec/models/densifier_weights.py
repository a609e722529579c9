"""Quantized weights of the densifying network: the file, its identity and the checks that make it exact."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from octavox.codec.arrays import Int16Array

from .upsampler_weights import CHILDREN, LAYOUT, LEVEL_CLASSES, UpsamplerWeights, check_set
from .weight_sets import CHANNELS, TAPS, Layout, read_sets

SETS = 4  # by `weight_set`
SEEN = TAPS * CHILDREN  # children around a node


def weight_set(damaged: bool, second: bool) -> int:
    """Which set of weights is used. damaged: the input is. second: the nodes come from the first level."""
    return 2 * damaged + second


def ratio_class(ratio: float) -> int:
    """Which bias the network starts from: that of 2, 4, 8 or 16 times as many voxels as there are."""
    return min(sum(ratio * ratio >= edge for edge in (8, 32, 128)), LEVEL_CLASSES - 1)


@dataclass(frozen=True)
class DensifierWeights(UpsamplerWeights):
    """One set. seen: (216, 32) int16 rows added for each child of the input around a node."""

    seen: Int16Array


DENSIFIER_LAYOUT: Layout = {**LAYOUT, "seen": (np.int16, (SEEN, CHANNELS))}


@dataclass(frozen=True)
class DensifierFile:
    """sets: SETS of them. identity: first bytes of the file's SHA-256."""

    sets: tuple[DensifierWeights, ...]
    metadata: dict[str, Any]
    identity: bytes


def load_densifier(path: str | Path) -> DensifierFile:
    """Reads and checks a .safetensors file. Raises WeightsError when it is missing, damaged or unfit."""
    check = partial(check_set, layout=DENSIFIER_LAYOUT)
    return DensifierFile(*read_sets(path, SETS, DENSIFIER_LAYOUT, DensifierWeights, check))
