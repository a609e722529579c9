"""The code length of each voxel of known blocks under the network, for the encoder."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from octavox.codec.arrays import Int16Array, Int64Array, UInt8Array
from octavox.codec.models.sites import Layout

from .costs import block_costs, logit_costs
from .engine import Engine


@dataclass(frozen=True)
class Evaluation:
    """Voxels of a list of blocks, as they will be coded.

    site_*: the active sites in position order (block, then raster): buffer position, block, logit index
    0..4095, occupancy bit. escape_*: occupied voxels without context. cost: (B,) int64, see `block_costs`,
    under the network alone.
    """

    layout: Layout
    site_position: Int64Array
    site_block: Int64Array
    site_logit: Int16Array
    site_bit: UInt8Array
    escape_position: Int64Array
    escape_block: Int64Array
    cost: Int64Array


def evaluate_blocks(
    tools: Engine,
    sizes: Int64Array,
    block: Int64Array,
    local: Int64Array,
    batch: int | None,
    check: Callable[[], None],
) -> Evaluation:
    """sizes (B,) edges, equal ones adjacent; block (N,) and local (N, 3) x, y, z: the occupied voxels."""
    layout = Layout.of(sizes)
    found = tools.net.sites(layout, layout.positions(block, local), batch, check)
    site_block, escape_block = layout.block_of(found.position), layout.block_of(found.escape)
    site = (site_block, found.row, logit_costs(found.logit, found.bit))
    return Evaluation(
        layout=layout,
        site_position=found.position,
        site_block=site_block,
        site_logit=found.logit,
        site_bit=found.bit,
        escape_position=found.escape,
        escape_block=escape_block,
        cost=block_costs(sizes, tools.background, site, (escape_block, found.escape_row)),
    )
