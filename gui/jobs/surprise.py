"""What voxels and properties cost: computed from a bitstream for one block, for all, or for all points."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from octavox import codec
from octavox.codec import BlockPlace, BlockTable, CancelToken, CodecOptions, Progress, VoxelCloud
from octavox.gui.document.blocks import SURPRISES
from octavox.gui.document.point_data import COLOUR, COST
from octavox.gui.document.surprise import Surprise, mean_bits, most_bits, surprise_of

from .compiling import COMPILER
from .job import Report, without_content


def compute_surprise(
    cloud: VoxelCloud,
    block: BlockPlace,
    data: bytes,
    options: CodecOptions,
    report: Report,
    cancel: CancelToken,
) -> Surprise:
    """Computes the surprise of a block. Raises as `codec.voxel_probabilities`."""
    report(Progress("surprise", 0, 0))
    COMPILER.ensure_for(data, report, cancel)
    found = codec.voxel_probabilities(cloud, block, data, options=options, progress=report, cancel=cancel)
    cancel.raise_if_cancelled()
    return surprise_of(cloud, block.origin, block.size, found)


def compute_surprises(
    cloud: VoxelCloud,
    blocks: BlockTable,
    data: bytes,
    options: CodecOptions,
    report: Report,
    cancel: CancelToken,
) -> dict[str, npt.NDArray[np.float64]]:
    """(B,) mean and largest surprise of all blocks, by the keys of `SURPRISES`.

    Slice by slice, as a codec decodes a slice once for all its blocks. Raises as `codec.voxel_probabilities`.
    """
    COMPILER.ensure_for(data, report, cancel)
    found = {column.key: np.zeros(len(blocks)) for column in SURPRISES}
    report(Progress("surprises", 0, len(blocks)))
    for done, row in enumerate(np.argsort(blocks.slice, kind="stable").tolist(), 1):
        block = codec.voxel_probabilities(cloud, blocks.place(row), data, options=options, cancel=cancel)
        found["surprise_mean"][row], found["surprise_max"][row] = mean_bits(block), most_bits(block)
        report(Progress("surprises", done, len(blocks)))
    return found


@dataclass(frozen=True)
class Costs:
    """bits: (M,) of the voxels of a bitstream, by point mode: what a property of their points took."""

    bits: dict[str, npt.NDArray[np.float64]]


def compute_costs(data: bytes, options: CodecOptions, report: Report, cancel: CancelToken) -> Costs:
    """Decodes a bitstream for the bits that properties took. Raises as `codec.property_bits`."""
    COMPILER.ensure_for(data, report, cancel)
    progress = without_content(report)
    found = codec.property_bits(data, options=options, progress=progress, cancel=cancel)
    voxels = int(found.voxel.max(initial=-1)) + 1
    placed = found.voxel >= 0
    bits: dict[str, npt.NDArray[np.float64]] = {}
    for name, own in found.bits.items():
        spent = np.bincount(found.voxel[placed], own[placed].astype(np.float64), voxels)
        bits[COST + name] = np.asarray(spent, np.float64)
    colours = [bits[COST + name] for name in ("red", "green", "blue") if COST + name in bits]
    if len(colours) > 1:
        bits = {COST + COLOUR: np.sum(colours, axis=0), **bits}
    return Costs(bits)
