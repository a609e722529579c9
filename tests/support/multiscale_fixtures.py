"""Small deterministic weights of the multiscale network, and a training graph that holds the same numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from octavox.codec.cloud.cloud import VoxelCloud
from octavox.codec.models.multiscale import LevelNet, MultiscaleNet
from octavox.codec.models.multiscale_weights import (
    LOGIT_FRACTION,
    SETS,
    LevelWeights,
    check_level,
    multiscale_bytes,
)
from octavox.codec.training.octrees import CubeBatch, octree_levels

# Fraction bits that the integers stand for: any will do, as long as the sums of a layer agree.
FRACTIONS = {"stream": 4, "conv0": 5, "conv2": 4, "hidden": 4, "inner": 3}
AROUND, CONV, HIDDEN, INNER, LOGIT = 6, 9, 7, 7, 6  # shifts


def random_level(seed: int, causal: int = 4000) -> LevelWeights:
    """One set within the exactness bounds, with activations spread over 0..255.

    causal: the largest weight of the children before.
    """
    rng = np.random.default_rng([77, seed])

    def spread(shape: tuple[int, ...], most: int, kind: type[Any]) -> Any:
        return rng.integers(-most, most + 1, shape).astype(kind)

    def shift(shape: tuple[int, ...], value: int) -> Any:
        return np.full(shape, value, np.uint8)

    level = LevelWeights(
        around=spread((125, 32), 900, np.int16),
        around_bias=spread((8, 32), 3000, np.int32),
        seed=spread((8, 32, 32), 16, np.int8),
        around_shift=shift((32,), AROUND),
        conv=spread((4, 27, 32, 32), 20, np.int8),
        conv_bias=spread((4, 32), 9000, np.int32),
        conv_shift=shift((4, 32), CONV),
        features=spread((8, 32, 64), 30, np.int8),
        features_bias=spread((8, 64), 4000, np.int32),
        causal=spread((8, 62, 64), causal, np.int16),
        hidden_shift=shift((8, 64), HIDDEN),
        inner=spread((64, 32), 40, np.int8),
        inner_bias=spread((32,), 6000, np.int32),
        inner_shift=shift((32,), INNER),
        logit=spread((32, 1), 30, np.int8),
        logit_bias=spread((8, 1), 9000, np.int32),
        logit_shift=shift((1,), LOGIT),
    )
    check_level(level)
    return level


def random_sets() -> tuple[LevelWeights, ...]:
    """All sets."""
    return tuple(random_level(k) for k in range(SETS))


def random_file() -> bytes:
    """A weights file."""
    return multiscale_bytes(random_sets(), {"for": "tests"})


def float_net(sets: tuple[LevelWeights, ...]) -> MultiscaleNet:
    """The training graph, in double precision, of what the integers stand for."""
    net = MultiscaleNet().double()
    f = FRACTIONS
    for own, w in zip(net.sets, sets, strict=True):
        assert isinstance(own, LevelNet)
        conv_sums = [f["conv0"] + CONV, f["stream"] + CONV, f["conv2"] + CONV, f["stream"] + CONV]
        conv_in = [f["stream"], f["conv0"], f["stream"], f["conv2"]]
        with torch.no_grad():
            _fill(own.around, w.around, f["stream"] + AROUND)
            _fill(own.seed, w.seed, AROUND)
            _fill(own.level_bias, _unrounded(w.around_bias, AROUND), f["stream"] + AROUND)
            for k in range(4):
                _fill(own.conv[k], w.conv[k], conv_sums[k] - conv_in[k])
                _fill(own.conv_bias[k], _unrounded(w.conv_bias[k], CONV), conv_sums[k])
            _fill(own.features, w.features, f["hidden"] + HIDDEN - f["stream"])
            _fill(own.features_bias, _unrounded(w.features_bias, HIDDEN), f["hidden"] + HIDDEN)
            _fill(own.causal, w.causal, f["hidden"] + HIDDEN)
            _fill(own.inner, w.inner, f["inner"] + INNER - f["hidden"])
            _fill(own.inner_bias, _unrounded(w.inner_bias, INNER), f["inner"] + INNER)
            _fill(own.logit, w.logit, LOGIT_FRACTION + LOGIT - f["inner"])
            _fill(own.logit_bias, _unrounded(w.logit_bias, LOGIT), LOGIT_FRACTION + LOGIT)
    return net


def _unrounded(bias: Any, shift: int) -> Any:
    return bias.astype(np.int64) - (1 << shift >> 1)


def _fill(parameter: Any, integers: Any, bits: int) -> None:
    parameter.copy_(torch.from_numpy(np.ldexp(integers.astype(np.float64), -bits)))


def rounded(index: int, name: str, value: torch.Tensor) -> torch.Tensor:
    """What the integer network makes of an activation of the training graph."""
    if name == "logit":
        return value
    bits = FRACTIONS["stream" if name == "step" else name]
    units = torch.floor(value * 2.0**bits + 0.5)
    if name != "step":
        units = units.clamp(0, 255)
    return units * 2.0**-bits


def levels_of(cloud: VoxelCloud) -> CubeBatch:
    """All octree levels of a cloud, as training lays them out."""
    return octree_levels([cloud.coords.astype(np.int64)], cloud.depth)
