"""The teacher: a large network in floating point that corrects the logits of codec "multiscale"."""

from __future__ import annotations

import torch
from torch import nn

from bench.teacher_data import AROUND, BEFORE, LEVELS, Patch
from octavox.codec.models.voxeldnn import gather_conv

CHANNELS, HIDDEN, INNER, BLOCKS = 64, 192, 96, 2
TAPS = 27
CHUNK = 2048  # rows of a convolution at a time
FIRST_GUESS = 4.0  # nat, the scale of the codec's logits as inputs


def _weights(*shape: int, fan_in: int, gain: float = 1.0) -> nn.Parameter:
    return nn.Parameter(torch.randn(shape) * gain * (2.0 / fan_in) ** 0.5)


class Teacher(nn.Module):
    """Trunk: the 7^3 nodes around a node, then residual blocks of 3^3 convolutions. Head: the 364 children
    before a child in its 9^3 window, what the trunk found at its node, and the codec's own logit; the result
    is added to that logit, and is 0 before training."""

    def __init__(self) -> None:
        super().__init__()
        self.around = _weights(len(AROUND), CHANNELS, fan_in=len(AROUND), gain=2.0)
        self.around_bias = nn.Parameter(torch.zeros(LEVELS, CHANNELS))
        self.conv = nn.ParameterList(
            _weights(TAPS, CHANNELS, CHANNELS, fan_in=11 * CHANNELS, gain=0.3 if i % 2 else 1.0)
            for i in range(2 * BLOCKS)
        )
        self.conv_bias = nn.ParameterList(nn.Parameter(torch.zeros(CHANNELS)) for _ in range(2 * BLOCKS))
        self.node = _weights(8, CHANNELS, HIDDEN, fan_in=CHANNELS, gain=0.7)
        self.before = _weights(8, len(BEFORE), HIDDEN, fan_in=len(BEFORE), gain=1.5)
        self.guess = _weights(8, 2, HIDDEN, fan_in=4)
        self.head_bias = nn.Parameter(torch.zeros(LEVELS, 8, HIDDEN))
        self.inner = nn.Linear(HIDDEN, INNER)
        self.deep = nn.Linear(INNER, INNER)
        self.last = nn.Linear(INNER, 1)
        nn.init.zeros_(self.last.weight)
        nn.init.zeros_(self.last.bias)

    def forward(self, patch: Patch) -> torch.Tensor:
        """Logits (m,) in nat of the children of a patch."""
        x = self._trunk(patch)
        guess = torch.stack([patch.logit / FIRST_GUESS, torch.tanh(patch.logit)], 1)
        parts, start = [], 0
        for octant, count in enumerate(patch.each):
            rows = slice(start, start + count)
            h = self.head_bias[patch.below, octant] + x[patch.node[rows]] @ self.node[octant]
            h = h + patch.before[rows].float() @ self.before[octant] + guess[rows] @ self.guess[octant]
            parts.append(h)
            start += count
        h = torch.relu(self.inner(torch.relu(torch.cat(parts))))
        h = h + torch.relu(self.deep(h))
        return patch.logit + self.last(h)[:, 0]

    def _trunk(self, patch: Patch) -> torch.Tensor:
        """Features (n, CHANNELS) of the nodes."""
        x = torch.relu(patch.around @ self.around + self.around_bias[patch.below])
        far = patch.near.flip(1).contiguous()
        for i in range(0, len(self.conv), 2):
            h = torch.relu(self._conv(i, x, patch.near, far))
            x = torch.relu(x + self._conv(i + 1, h, patch.near, far))
        return x

    def _conv(self, i: int, x: torch.Tensor, near: torch.Tensor, far: torch.Tensor) -> torch.Tensor:
        table = torch.cat([x.new_zeros(1, CHANNELS), x])
        return gather_conv(table, self.conv[i], self.conv_bias[i], near, far, CHUNK)
