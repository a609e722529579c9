"""One slice, decoder side: it reads nothing but the payload, and visits only voxels with context."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import torch

from ..entropy.logistic import logit_to_p1
from ..entropy.range_coder import RangeDecoder
from ..errors import CorruptStreamError
from ..models.integer import IntegerVoxelDNN
from ..models.sites import FIRST_ROW, KERNEL, SIZES, WINDOW, Layout
from ..types import BlockTable, IntArray
from .costs import some_p1
from .escapes import locate
from .evaluate import BackgroundCosts, block_costs
from .leaves import Leaves, block_table
from .partition import FlagCoder
from .wavefront import Schedule, local_xyz

Ints = npt.NDArray[np.int64]


def decode_slice(
    net: IntegerVoxelDNN,
    background: BackgroundCosts,
    payload: bytes,
    corner64: Ints,
    points: int,
    max_level: int,
    slice_index: int,
    report: Callable[[IntArray], None],
) -> tuple[IntArray, BlockTable]:
    """(coords (points, 3) in coding order, block table) of the slice of 64-blocks at corner64 (n, 3).

    report is called now and then with the voxels decoded since the last call. Raises CorruptStreamError.
    """
    field = f"slice {slice_index}"
    coder = RangeDecoder(payload, field)
    flag_coder = FlagCoder(coder, max_level)
    found, flag_bits = [], np.zeros(len(corner64))
    for number in range(len(corner64)):
        leaves, flag_bits[number] = flag_coder.block(lambda origin, size: None)
        found.append((number, leaves))
    table = Leaves.of(found).in_layout_order()
    front = Wavefront(net, background, coder, table, points)
    corner = corner64[table.number] + table.origin
    for t in range(front.schedule.steps):
        front.step(t)
        if t % 8 == 0:
            report(front.fresh(corner))
    coder.close()
    if front.points != points:
        raise CorruptStreamError(f"{front.points} voxels decoded, {points} declared", field=field)
    report(front.fresh(corner))
    coords, count, cost = front.finish(corner)
    if (count == 0).any():
        raise CorruptStreamError("a block without voxels", field=field)
    return coords, block_table(table, corner64, count, cost, flag_bits, slice_index)


class Wavefront:
    """Decodes the voxels of a slice step by step, keeping each active site's state for those that follow."""

    def __init__(
        self,
        net: IntegerVoxelDNN,
        background: BackgroundCosts,
        coder: RangeDecoder,
        leaves: Leaves,
        limit: int,
    ) -> None:
        self._net, self._background, self._coder, self._limit = net, background, coder, limit
        self.layout = layout = Layout.of(leaves.size, net.device)
        self.schedule = Schedule(layout)
        self._zero = torch.from_numpy(background.zero).to(net.device)
        self._occupied = torch.zeros(layout.total, dtype=torch.uint8, device=net.device)
        self._active = torch.zeros(layout.total, dtype=torch.bool, device=net.device)
        self._rows = layout.rows()
        self._kernel = layout.stride_table(KERNEL)
        self._window = layout.stride_table(WINDOW)
        self._kind = torch.tensor([SIZES.index(int(s)) for s in layout.sizes], device=net.device)
        self._base = torch.from_numpy(layout.base).to(net.device)
        self._h1, self._h2, self._used = net.h1, net.h2, FIRST_ROW
        self.points, self._reported = 0, 0
        self._found: list[Ints] = []
        self._sites: list[tuple[Ints, Ints, npt.NDArray[np.int16], npt.NDArray[np.uint8]]] = []
        self._escapes: list[tuple[Ints, Ints]] = []

    def step(self, t: int) -> None:
        """Decodes all voxels of step t."""
        positions, rows = self.schedule.step(t)
        active = self._active[positions]
        site = positions[active]
        found = []
        if len(site):
            bits = self._decode_sites(site, rows[active])
            found.append(site[bits])
        idle = ~active
        cost = int((self._zero[rows] * idle).sum())
        if cost and self._coder.decode_bits(np.array([some_p1(cost)], np.uint32))[0]:
            found.append(self._decode_escapes(positions[idle], rows[idle]))
        if found:
            self._occupy(torch.cat(found))

    def _decode_sites(self, site: torch.Tensor, row: torch.Tensor) -> torch.Tensor:
        """(n,) bool occupancy of the active sites of a step."""
        net, n = self._net, len(site)
        block = torch.searchsorted(self._base, site, right=True) - 1
        kind = self._kind[block]
        first, self._used = self._used, self._used + n
        if self._used > len(self._h1):
            room = max(n, len(self._h1))
            self._h1, self._h2 = net.with_room(self._h1, room), net.with_room(self._h2, room)
        x, self._h1[first : self._used] = net.stage1(self._occupied[site[:, None] + self._window[kind]])
        self._rows[site] = torch.arange(first, self._used, dtype=torch.int32, device=net.device)
        near = self._rows[site[:, None] + self._kernel[kind]]
        x, self._h2[first : self._used] = net.stage2(self._h1, near, x)
        logit = net.stage3(self._h2, near, x).cpu().numpy()
        bits = self._coder.decode_bits(logit_to_p1()[logit])
        self._sites.append((block.cpu().numpy(), row.cpu().numpy(), logit, bits))
        return torch.from_numpy(bits != 0).to(net.device)

    def _decode_escapes(self, idle: torch.Tensor, row: torch.Tensor) -> torch.Tensor:
        """Positions of the occupied ones among the voxels without context of a step; there is one or more."""
        prefix = np.concatenate([[0], np.cumsum(self._background.zero[row.cpu().numpy()])])

        def decode(p1: int, low: int, high: int) -> int:
            return int(self._coder.decode_bits(np.array([p1], np.uint32))[0])

        index = torch.tensor(list(locate(prefix, decode)), device=idle.device)
        block = torch.searchsorted(self._base, idle[index], right=True) - 1
        self._escapes.append((block.cpu().numpy(), row[index].cpu().numpy()))
        return idle[index]

    def _occupy(self, position: torch.Tensor) -> None:
        """Marks decoded voxels, and the voxels ahead that now have context."""
        self.points += len(position)
        if self.points > self._limit:
            raise CorruptStreamError(f"more voxels than the {self._limit} declared", field=self._coder.field)
        if not len(position):
            return
        kind = self._kind[torch.searchsorted(self._base, position, right=True) - 1]
        self._occupied[position] = 1
        self._active[(position[:, None] - self._window[kind]).reshape(-1)] = True
        self._found.append(position.cpu().numpy())

    def fresh(self, corner: Ints) -> IntArray:
        """(n, 3) voxels decoded since the last call."""
        new, self._reported = self._found[self._reported :], len(self._found)
        return self._coords(new, corner)[0]

    def _coords(self, found: list[Ints], corner: Ints) -> tuple[IntArray, Ints]:
        position = np.concatenate([np.empty(0, np.int64), *found])
        block = np.searchsorted(self.layout.base, position, side="right") - 1
        return (corner[block] + local_xyz(self.layout, block, position)).astype(np.int32), block

    def finish(self, corner: Ints) -> tuple[IntArray, Ints, Ints]:
        """(coords (N, 3), points of each block, code length of each block in units of 2**-40 bit)."""
        coords, block = self._coords(self._found, corner)
        count = np.bincount(block, minlength=len(self.layout.sizes))
        nothing = (np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.int16), np.empty(0, np.uint8))
        site = [np.concatenate(c) for c in zip(nothing, *self._sites, strict=True)]
        escape = [np.concatenate(c) for c in zip(nothing[:2], *self._escapes, strict=True)]
        cost = block_costs(
            self.layout.sizes,
            self._background,
            (site[0], site[1], site[2], site[3]),
            (escape[0], escape[1]),
        )
        return coords, count, cost
