"""The tables of a layout on a torch device: rows, active sites and offsets for matrix products."""

from __future__ import annotations

import numpy as np
import torch

from octavox.codec.arrays import Int64Array

from .sites import SIZES, Layout, background_rows, flat_offsets, inside_positions, strides


class DeviceLayout:
    """`layout` as tensors on a device."""

    def __init__(self, layout: Layout, device: torch.device | str = "cpu") -> None:
        self.layout, self.device = layout, torch.device(device)
        self.total = layout.total
        self._base = torch.from_numpy(layout.base).to(self.device)
        self._kind = torch.from_numpy(layout.size_classes()).to(self.device)

    @staticmethod
    def of(sizes: Int64Array, device: torch.device | str = "cpu") -> DeviceLayout:
        """The layout of blocks of these sizes (B,), equal ones adjacent."""
        return DeviceLayout(Layout.of(sizes), device)

    def rows(self) -> torch.Tensor:
        """(total,) int32: the background row of every voxel, 0 in the padding."""
        out = torch.zeros(self.total, dtype=torch.int32, device=self.device)
        for size, a, b in self.layout.groups():
            inside = torch.from_numpy(inside_positions(size)).to(self.device)
            rows = torch.from_numpy(background_rows(size)).to(self.device)
            out[self.layout.span(size, a, b)].view(b - a, -1)[:, inside] = rows
        return out

    def dilate(self, occupied: torch.Tensor) -> torch.Tensor:
        """(total,) uint8: 1 where the causal 7^3 window holds an occupied voxel (padding included)."""
        out = torch.zeros_like(occupied)
        for size, a, b in self.layout.groups():
            plane, row = strides(size)
            span = self.layout.span(size, a, b)
            occ = occupied[span]
            past = _shifted(occ, [1, 2, 3])
            line = occ | past | _shifted(occ, [-1, -2, -3])
            past |= _shifted(line, [row, 2 * row, 3 * row])
            square = line | _shifted(line, [s * row for s in (1, 2, 3, -1, -2, -3)])
            out[span] = past | _shifted(square, [plane, 2 * plane, 3 * plane])
        return out

    def stride_table(self, offsets: Int64Array) -> torch.Tensor:
        """(5, K) flat offsets by size class (index in SIZES)."""
        table = np.stack([flat_offsets(offsets, s) for s in SIZES])
        return torch.from_numpy(table).to(self.device)

    def size_class(self, positions: torch.Tensor) -> torch.Tensor:
        """(N,) index into SIZES of the block that holds each position."""
        return self._kind[self.block_of(positions)]

    def block_of(self, positions: torch.Tensor) -> torch.Tensor:
        """(N,) block that holds each position."""
        return torch.searchsorted(self._base, positions, right=True) - 1


def _shifted(t: torch.Tensor, steps: list[int]) -> torch.Tensor:
    """Union of copies of a flat uint8 mask moved by each step (cells beyond the ends are dropped)."""
    out = torch.zeros_like(t)
    for s in steps:
        if abs(s) >= len(t):
            continue
        if s > 0:
            out[s:] |= t[:-s]
        else:
            out[:s] |= t[-s:]
    return out
