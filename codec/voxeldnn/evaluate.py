"""What each voxel of fully known blocks costs under the network: the encoder's half of the work."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from ..models.sites import Layout, background_rows
from .costs import cost_tables, zero_cost

if TYPE_CHECKING:
    from .network import Network

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class BackgroundCosts:
    """Code lengths of voxels without context, by background row (row 0, the padding, costs nothing)."""

    zero: Ints
    one: Ints

    @staticmethod
    def of(logits: npt.NDArray[np.int16]) -> BackgroundCosts:
        """From the logit index of each background site (rows - 1,)."""
        zero = [zero_cost(int(i)) for i in logits]
        one = cost_tables()[1][logits]
        return BackgroundCosts(np.array([0, *zero], np.int64), np.concatenate([np.zeros(1, np.int64), one]))

    def empty_block(self, size: int) -> int:
        """Code length of an empty block of edge `size`."""
        return int(self.zero[background_rows(size)].sum())


def block_costs(
    sizes: Ints,
    background: BackgroundCosts,
    site: tuple[Ints, Ints, npt.NDArray[np.int16], npt.NDArray[np.uint8]],
    escape: tuple[Ints, Ints],
) -> Ints:
    """(B,) int64 code length of each block, in units of 2**-40 bit.

    site: (block, background row, logit index, bit) of the active sites; escape: (block, background row) of
    the occupied voxels without context.
    """
    block, row, logit, bit = site
    zeros, ones = cost_tables()
    cost = np.array([background.empty_block(int(s)) for s in sizes], np.int64)
    np.add.at(cost, block, np.where(bit == 1, ones[logit], zeros[logit]) - background.zero[row])
    np.add.at(cost, escape[0], background.one[escape[1]] - background.zero[escape[1]])
    return cost


@dataclass(frozen=True)
class Evaluation:
    """Voxels of a list of blocks, as they will be coded.

    site_*: the active sites in position order (block, then raster): buffer position, block, logit index
    0..4095, occupancy bit. escape_*: occupied voxels without context. cost: (B,) int64, see `block_costs`.
    """

    layout: Layout
    site_position: Ints
    site_block: Ints
    site_logit: npt.NDArray[np.int16]
    site_bit: npt.NDArray[np.uint8]
    escape_position: Ints
    escape_block: Ints
    cost: Ints


def evaluate_blocks(
    net: Network,
    background: BackgroundCosts,
    sizes: Ints,
    block: Ints,
    local: Ints,
    batch: int | None,
    check: Callable[[], None],
) -> Evaluation:
    """sizes (B,) edges, equal ones adjacent; block (N,) and local (N, 3) x, y, z: the occupied voxels."""
    layout = Layout.of(sizes)
    found = net.sites(layout, layout.positions(block, local), batch, check)
    site_block, escape_block = layout.block_of(found.position), layout.block_of(found.escape)
    site = (site_block, found.row, found.logit, found.bit)
    return Evaluation(
        layout=layout,
        site_position=found.position,
        site_block=site_block,
        site_logit=found.logit,
        site_bit=found.bit,
        escape_position=found.escape,
        escape_block=escape_block,
        cost=block_costs(sizes, background, site, (escape_block, found.escape_row)),
    )
