"""The network's probability of each voxel of a block, and what its bit costs."""

from __future__ import annotations

import numpy as np

from octavox.codec.arrays import Int32Array
from octavox.codec.blocks import BlockPlace, VoxelProbabilities
from octavox.codec.cloud.cloud import VoxelCloud
from octavox.codec.codecs.block_check import voxels_in
from octavox.codec.coding.logistic import logit_to_p1
from octavox.codec.coding.range_coder import PROB_ONE
from octavox.codec.models.sites import SIZES, Layout

from .costs import COST_BITS, logit_costs
from .engine import Engine
from .wavefront import local_xyz


def voxel_probabilities(cloud: VoxelCloud, block: BlockPlace, tools: Engine) -> VoxelProbabilities:
    """The probabilities of a block, as the encoder computes them (paper, equation 2).

    Raises InputError if there is no such block or nothing in it.
    """
    inside, corner, size = voxels_in(cloud, block, SIZES), np.array(block.origin, np.int64), block.size
    local = cloud.coords[inside].astype(np.int64) - corner
    layout = Layout.of(np.array([size]))
    sites = tools.net.sites(layout, layout.positions(np.zeros(len(local), np.int64), local), None, _go_on)
    logits = np.concatenate([sites.logit, tools.net.background_logits[sites.escape_row - 1]])
    bits = np.concatenate([sites.bit, np.ones(len(sites.escape), np.uint8)])
    position = np.concatenate([sites.position, sites.escape])
    contextless = tools.background.empty_block(size)
    contextless -= int(tools.background.zero[sites.row].sum() + tools.background.zero[sites.escape_row].sum())
    found = local_xyz(layout, np.zeros(len(position), np.int64), position) + corner
    coords: Int32Array = found.astype(np.int32)
    return VoxelProbabilities(
        coords=coords,
        probability=logit_to_p1()[logits] / PROB_ONE,
        occupied=bits == 1,
        bits=np.asarray(logit_costs(logits, bits) * 2.0**-COST_BITS, np.float64),
        other_bits=contextless * 2.0**-COST_BITS,
    )


def _go_on() -> None:
    """Does nothing: a block takes too little time to be cancelled."""
