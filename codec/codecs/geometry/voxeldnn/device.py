"""VoxelDNN on a torch device: the batches of `models.integer`, for whole blocks and along the wavefront."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch

from octavox.codec.arrays import Int16Array, Int64Array, UInt8Array
from octavox.codec.coding.range_coder import RangeDecoder
from octavox.codec.models.device_layout import DeviceLayout
from octavox.codec.models.integer import DEFAULT_BATCH, IntegerVoxelDNN
from octavox.codec.models.sites import FIRST_ROW, KERNEL, WINDOW, Layout
from octavox.codec.models.weights import VoxelDNNWeights

from .costs import BackgroundCosts
from .network import Sites, WavefrontDecoder
from .refinement import SLACK, RefinedDecoder, StepSites
from .wavefront import Schedule, wave


class DeviceVoxelDNN:
    """See Network."""

    def __init__(self, weights: VoxelDNNWeights, device: str) -> None:
        self.net = IntegerVoxelDNN(weights, device)
        self.device = self.net.device.type
        self.identity, self.background_logits = self.net.identity, self.net.background_logits

    def sites(
        self, layout: Layout, occupied: Int64Array, batch: int | None, check: Callable[[], None]
    ) -> Sites:
        device = DeviceLayout(layout, self.net.device)
        at = torch.from_numpy(occupied).to(device.device)
        cells = torch.zeros(layout.total, dtype=torch.uint8, device=device.device)
        cells[at] = 1
        rows = device.rows()
        active = (device.dilate(cells) > 0) & (rows > 0)
        position = torch.nonzero(active).squeeze(1)
        logit = self.net.evaluate(device, cells, position, batch or DEFAULT_BATCH, check)
        escape = torch.sort(at[~active[at]]).values
        found = (position, rows[position].long(), logit, cells[position], escape, rows[escape].long())
        return Sites(*(value.cpu().numpy() for value in found))

    def decoder(
        self, background: BackgroundCosts, coder: RangeDecoder, layout: Layout, limit: int, threads: int
    ) -> WavefrontDecoder:
        return DeviceDecoder(self.net, background, coder, layout, limit)


class DeviceDecoder(WavefrontDecoder):
    """See WavefrontDecoder. Every step is one batch of matrix products on the device."""

    def __init__(
        self,
        net: IntegerVoxelDNN,
        background: BackgroundCosts,
        coder: RangeDecoder,
        layout: Layout,
        limit: int,
    ) -> None:
        super().__init__(background, coder, layout, limit, Schedule(layout))
        self._net, device = net, net.device
        self._on_device = on_device = DeviceLayout(layout, device)
        self._steps = DeviceSchedule(layout, device)
        self._zero = torch.from_numpy(background.zero).to(device)
        self._occupied = torch.zeros(layout.total, dtype=torch.uint8, device=device)
        self._active = torch.zeros(layout.total, dtype=torch.bool, device=device)
        self._rows = on_device.rows()
        self._kernel, self._window = on_device.stride_table(KERNEL), on_device.stride_table(WINDOW)
        self._h1, self._h2, self._used = net.h1, net.h2, FIRST_ROW
        self._kinds, self._refined = layout.size_classes(), RefinedDecoder(coder)
        self._cells = np.zeros(
            layout.total + SLACK, np.uint8
        )  # occupied voxels, for the decoding loop on the CPU
        self._parts: list[tuple[Int64Array, Int64Array, Int16Array, UInt8Array]] = []

    def _decode_sites(self, t: int) -> tuple[Int64Array, int]:
        position, row = self._steps.step(t)
        active = self._active[position]
        site, row = position[active], row[active]
        if not len(site):
            return np.empty(0, np.int64), 0
        logit = self._evaluate(site).cpu().numpy()
        place, block = site.cpu().numpy(), self._on_device.block_of(site).cpu().numpy()
        bits, stretched = np.empty(len(place), np.uint8), np.empty(len(place), np.int16)
        self._refined.step(self._cells, StepSites(place, self._kinds[block], logit, bits, stretched))
        found = site[torch.from_numpy(bits != 0).to(site.device)]
        known = int(self._zero[row].sum())
        self._mark(found)
        self._parts.append((block, row.cpu().numpy(), stretched, bits))
        return found.cpu().numpy(), known

    def _evaluate(self, site: torch.Tensor) -> torch.Tensor:
        """(n,) int16 logit indices of the active sites of a step; their states are kept for later steps."""
        net, n = self._net, len(site)
        kind = self._on_device.size_class(site)
        first, self._used = self._used, self._used + n
        if self._used > len(self._h1):
            room = max(n, len(self._h1))
            self._h1, self._h2 = net.with_room(self._h1, room), net.with_room(self._h2, room)
        x, self._h1[first : self._used] = net.stage1(self._occupied[site[:, None] + self._window[kind]])
        self._rows[site] = torch.arange(first, self._used, dtype=torch.int32, device=net.device)
        near = self._rows[site[:, None] + self._kernel[kind]]
        x, self._h2[first : self._used] = net.stage2(self._h1, near, x)
        return net.stage3(self._h2, near, x)

    def _without_context(self, t: int) -> tuple[Int64Array, Int64Array]:
        position, row = self._steps.step(t)
        contextless = ~self._active[position]
        return position[contextless].cpu().numpy(), row[contextless].cpu().numpy()

    def _occupy(self, position: Int64Array) -> None:
        self._mark(torch.from_numpy(position).to(self._net.device))

    def _mark(self, position: torch.Tensor) -> None:
        if len(position):
            kind = self._on_device.size_class(position)
            self._occupied[position] = 1
            self._cells[position.cpu().numpy()] = 1
            self._active[(position[:, None] - self._window[kind]).reshape(-1)] = True

    def _sites(self) -> tuple[Int64Array, Int64Array, Int16Array, UInt8Array]:
        nothing = (np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.int16), np.empty(0, np.uint8))
        block, row, stretched, bit = (np.concatenate(c) for c in zip(nothing, *self._parts, strict=True))
        return block, row, stretched, bit


class DeviceSchedule:
    """`Schedule.step` on a device."""

    def __init__(self, layout: Layout, device: torch.device) -> None:
        def moved(values: Int64Array) -> torch.Tensor:
            return torch.from_numpy(values).to(device)

        self._groups = []
        for size, a, b in layout.groups():
            order, start, rows = wave(size)
            self._groups.append((moved(layout.base[a:b, None]), moved(order), moved(rows), start.tolist()))

    def step(self, t: int) -> tuple[torch.Tensor, torch.Tensor]:
        """(positions, background rows) of the voxels of step t, each (n,) int64, blocks in layout order."""
        positions, rows = [], []
        for base, order, row, start in self._groups:
            if t + 1 < len(start):
                span = slice(start[t], start[t + 1])
                positions.append((base + order[span]).reshape(-1))
                rows.append(row[span].expand(len(base), -1).reshape(-1))
        return torch.cat(positions), torch.cat(rows)
