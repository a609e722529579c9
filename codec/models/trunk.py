"""The trunk that the multiscale and the upsampling networks share: first layer and residual convolutions.

In floating point for training (`Trunk`), and in exact integers held in float32 (`FloatSet`,
`integer_blocks`): every partial sum stays below 2**24 (checked when weights load), so every order of addition
gives the same result.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import nn

from .voxeldnn import gather_conv
from .weight_sets import CHANNELS, TAPS, WINDOW
from .weights import MAX_ACTIVATION

BATCH = 1 << 16  # nodes; the patches of a batch take 3.5 kB per node

Observer = Callable[[str, torch.Tensor], torch.Tensor]


def random_weights(*shape: int, fan_in: int, gain: float) -> nn.Parameter:
    """Normal ones, of a size that keeps that of activations."""
    return nn.Parameter(torch.randn(shape) * gain * (2.0 / fan_in) ** 0.5)


class Trunk(nn.Module):
    """One set of weights: (inputs, outputs), or (octants or taps, inputs, outputs)."""

    def __init__(self, level_classes: int, convolutions: int) -> None:
        super().__init__()
        self.around = random_weights(WINDOW, CHANNELS, fan_in=WINDOW, gain=2.0)
        self.level_bias = nn.Parameter(torch.zeros(level_classes, CHANNELS))
        self.seed = random_weights(8, CHANNELS, CHANNELS, fan_in=CHANNELS, gain=0.5)
        self.conv = nn.ParameterList(
            # A surface has some 11 of 27 neighbours.
            random_weights(TAPS, CHANNELS, CHANNELS, fan_in=11 * CHANNELS, gain=0.3 if i % 2 else 1.0)
            for i in range(convolutions)
        )
        self.conv_bias = nn.ParameterList(nn.Parameter(torch.zeros(CHANNELS)) for _ in range(convolutions))

    def blocks(self, x: torch.Tensor, near: torch.Tensor, observe: Observer) -> torch.Tensor:
        """Features (N, CHANNELS) after the residual blocks.

        near: (N, 27) int32 rows of the 3^3 nodes around each, 0 for none and i + 1 for node i. observe(name,
        value) returns what is used in the place of an activation.
        """
        far = near.flip(1).contiguous()  # the neighbour at tap k has this node at its tap 26 - k
        for i in range(0, len(self.conv), 2):
            table = torch.cat([x.new_zeros(1, CHANNELS), x])
            h = torch.relu(gather_conv(table, self.conv[i], self.conv_bias[i], near, far, 2048))
            h = observe(f"conv{i}", h)
            table = torch.cat([h.new_zeros(1, CHANNELS), h])
            step = gather_conv(table, self.conv[i + 1], self.conv_bias[i + 1], near, far, 2048)
            x = observe("stream", torch.relu(x + observe("step", step)))
        return x


class FloatSet:
    """One set of quantized weights as float32 tensors; a shift as the factor 2**-shift."""

    def __init__(self, w: Any, device: torch.device) -> None:
        """w: a dataclass of arrays."""
        for name, value in vars(w).items():
            tensor = torch.from_numpy(value.astype(np.float32)).to(device)
            setattr(self, name, torch.pow(2.0, -tensor) if name.endswith("shift") else tensor)

    around: torch.Tensor
    around_bias: torch.Tensor
    seed: torch.Tensor
    around_shift: torch.Tensor
    conv: torch.Tensor
    conv_bias: torch.Tensor
    conv_shift: torch.Tensor
    hidden_shift: torch.Tensor
    logit: torch.Tensor
    logit_bias: torch.Tensor
    logit_shift: torch.Tensor


def activation(total: torch.Tensor, scale: torch.Tensor) -> torch.Tensor:
    """Sums as activations, 0 to 255. scale: 2**-shift."""
    return (total * scale).floor_().clamp_(0, MAX_ACTIVATION)


def integer_seeds(
    w: FloatSet, coarser: torch.Tensor, parent: torch.Tensor, octant: torch.Tensor
) -> torch.Tensor:
    """(N, CHANNELS): the parents' features through the matrix of each node's octant.

    coarser: (M, CHANNELS) features; parent: (N,) their rows.
    """
    wide = w.seed.transpose(0, 1).reshape(CHANNELS, 8 * CHANNELS)
    every = (coarser @ wide).index_select(0, parent).view(-1, 8, CHANNELS)
    return every[torch.arange(len(every), device=every.device), octant]


def integer_blocks(w: FloatSet, x: torch.Tensor, near: torch.Tensor) -> torch.Tensor:
    """Features (N, CHANNELS), integers 0..255, after the residual blocks. near: as in `Trunk.blocks`."""
    for i in range(0, len(w.conv), 2):
        h = _conv(w, i, x, near).clamp_(0, MAX_ACTIVATION)
        x = (x + _conv(w, i + 1, h, near)).clamp_(0, MAX_ACTIVATION)
    return x


def _conv(w: FloatSet, i: int, x: torch.Tensor, near: torch.Tensor) -> torch.Tensor:
    table = torch.cat([x.new_zeros(1, CHANNELS), x])
    out = torch.empty_like(x)
    for start in range(0, len(x), BATCH):
        rows = near[start : start + BATCH]
        patch = table.index_select(0, rows.reshape(-1)).view(len(rows), -1)
        total = torch.addmm(w.conv_bias[i], patch, w.conv[i].reshape(-1, CHANNELS))
        out[start : start + BATCH] = (total * w.conv_shift[i]).floor_()
    return out
