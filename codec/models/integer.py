"""VoxelDNN in exact integers: the same logits on every machine, thread count, batch size and device.

Activations are integers 0..255, weights int8; both are held in float32 for matrix products. Every partial
sum stays below 2**24 (checked when weights load), so float32 adds them exactly in any order. Requantization
is a rounding shift: a multiplication by a power of two and a floor, exact in float32 too.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch

from .device_layout import DeviceLayout
from .exact import exact_products
from .sites import BACKGROUND_ROWS, FIRST_ROW, KERNEL, WINDOW, background_neighbours
from .weights import LOGIT_BIAS, LOGIT_LEVELS, MAX_ACTIVATION, VoxelDNNWeights

DEFAULT_BATCH = 512  # patches of the 5^3 layers then fit the cache


class _Layer:
    """One matrix product with requantization. x (n, inputs) float32 integers -> (n, outputs)."""

    def __init__(self, weights: VoxelDNNWeights, name: str, device: torch.device) -> None:
        layer = weights.layers[name]
        shift = layer.shift.astype(np.int64)
        bias = layer.bias.astype(np.int64) + (1 << shift >> 1)
        self.weight = torch.from_numpy(layer.weight.astype(np.float32)).to(device)
        self.bias = torch.from_numpy(bias.astype(np.float32)).to(device)
        self.scale = torch.from_numpy(np.ldexp(np.float32(1), -shift).astype(np.float32)).to(device)

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        return torch.addmm(self.bias, x, self.weight).mul_(self.scale).floor_()


class IntegerVoxelDNN:
    """The network on one device. Three stages, split where a stage needs its neighbours' results.

    h1 and h2 are tables (rows, 32) uint8 of the inputs of the two 5^3 layers: row 0 has zeros (padding),
    then come the background sites, then the sites of the caller.
    """

    def __init__(self, weights: VoxelDNNWeights, device: torch.device | str = "cpu") -> None:
        self.device = torch.device(device)
        self._layers = {name: _Layer(weights, name, self.device) for name in weights.layers}
        self.identity = weights.identity
        near = torch.from_numpy(background_neighbours()).to(self.device)
        empty = torch.zeros((BACKGROUND_ROWS, len(WINDOW)), dtype=torch.uint8, device=self.device)
        padding = torch.zeros((1, 32), dtype=torch.uint8, device=self.device)
        x, h = self.stage1(empty)
        self.h1 = torch.cat([padding, h])
        x, h = self.stage2(self.h1, near, x)
        self.h2 = torch.cat([padding, h])
        self.background_logits = self.stage3(self.h2, near, x).cpu().numpy()

    def _clamped(self, name: str, x: torch.Tensor) -> torch.Tensor:
        return self._layers[name](x).clamp_(0, MAX_ACTIVATION)

    @exact_products()
    def stage1(self, window: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """window (n, 171) uint8 -> x (n, 64) uint8, h1 (n, 32) uint8."""
        x = self._clamped("first", window.float())
        return x.byte(), self._clamped("down1", x).byte()

    @exact_products()
    def stage2(
        self, h1: torch.Tensor, near: torch.Tensor, x: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """near (n, 63) rows of h1, x (n, 64) uint8 of stage 1 -> x, h2 (n, 32) uint8."""
        after = self._residual("1", h1, near, x)
        return after.byte(), self._clamped("down2", after).byte()

    @exact_products()
    def stage3(self, h2: torch.Tensor, near: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
        """near (n, 63) rows of h2, x of stage 2 -> (n,) int16 logit indices."""
        after = self._clamped("head", self._residual("2", h2, near, x))
        logit = self._layers["logit"](after).squeeze(1)
        return logit.add_(LOGIT_BIAS).clamp_(0, LOGIT_LEVELS - 1).short()

    def _residual(self, which: str, h: torch.Tensor, near: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
        patch = h.index_select(0, near.reshape(-1)).view(len(near), -1).float()
        inner = self._clamped("conv" + which, patch)
        return self._clamped("up" + which, inner).add_(x).clamp_(max=MAX_ACTIVATION)

    def evaluate(
        self,
        layout: DeviceLayout,
        occupied: torch.Tensor,
        position: torch.Tensor,
        batch: int = DEFAULT_BATCH,
        check: Callable[[], None] = lambda: None,
    ) -> torch.Tensor:
        """(N,) int16 logit indices of the active sites at `position` (N,), when all voxels are known.

        occupied (layout.total,) uint8. `batch` sites are computed at a time; it never changes the result.
        check is called between batches, to raise if the job was cancelled.
        """
        n = len(position)
        rows = layout.rows()
        rows[position] = torch.arange(FIRST_ROW, FIRST_ROW + n, dtype=torch.int32, device=self.device)
        kind = layout.size_class(position)
        window, kernel = layout.stride_table(WINDOW), layout.stride_table(KERNEL)
        x = torch.empty((n, 64), dtype=torch.uint8, device=self.device)
        h1, h2 = self.with_room(self.h1, n), self.with_room(self.h2, n)
        out = torch.empty(n, dtype=torch.int16, device=self.device)
        spans = [slice(a, min(a + batch, n)) for a in range(0, n, batch)]
        for s in spans:
            at = position[s, None] + window[kind[s]]
            x[s], h1[FIRST_ROW + s.start : FIRST_ROW + s.stop] = self.stage1(occupied[at])
        for s in spans:
            check()
            near = rows[position[s, None] + kernel[kind[s]]]
            x[s], h2[FIRST_ROW + s.start : FIRST_ROW + s.stop] = self.stage2(h1, near, x[s])
        for s in spans:
            check()
            near = rows[position[s, None] + kernel[kind[s]]]
            out[s] = self.stage3(h2, near, x[s])
        return out

    @staticmethod
    def with_room(table: torch.Tensor, n: int) -> torch.Tensor:
        """A copy of a table with n further rows, unset."""
        grown = torch.empty((len(table) + n, table.shape[1]), dtype=table.dtype, device=table.device)
        grown[: len(table)] = table
        return grown
