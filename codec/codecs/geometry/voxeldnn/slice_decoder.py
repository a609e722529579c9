"""Decodes one slice. Only voxels with context are computed one by one."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass

import numpy as np

from octavox.codec.arrays import Int32Array, Int64Array
from octavox.codec.blocks import BlockTable
from octavox.codec.coding.range_coder import RangeDecoder
from octavox.codec.errors import CorruptStreamError
from octavox.codec.models.sites import Layout

from .engine import Engine
from .leaves import Leaves, block_table
from .partition import FlagCoder

_NONE = np.empty((0, 3), np.int32)


@dataclass(frozen=True)
class CodedSlice:
    """A slice of a stream.

    corner64: (n, 3) of its 64-blocks. points: as its section declares. index: number of the slice.
    """

    payload: bytes
    corner64: Int64Array
    points: int
    index: int


def decode_slice(
    tools: Engine,
    coded: CodedSlice,
    max_level: int,
    report: Callable[[Int32Array], None],
    threads: int = 1,
) -> tuple[Int32Array, BlockTable]:
    """(coords (points, 3) in coding order, block table) of a slice.

    report is called now and then with the voxels decoded since the last call. Raises CorruptStreamError.
    """
    field, corner64, points = f"slice {coded.index}", coded.corner64, coded.points
    coder = RangeDecoder(coded.payload, field)
    flag_coder = FlagCoder(coder, max_level)
    found, flag_bits, count = [], np.zeros(len(corner64)), 0
    for number in range(len(corner64)):
        report(_NONE)
        leaves, flag_bits[number] = flag_coder.block(lambda origin, size: None)
        found.append((number, leaves))
        count += len(leaves)
        if count + len(corner64) - 1 - number > points:  # before memory is taken for the blocks
            raise CorruptStreamError(f"more coded blocks than the {points} voxels", field=field)
    table = Leaves.of(found).in_layout_order()
    corner = corner64[table.number] + table.origin
    layout = Layout.of(table.size)
    with closing(tools.net.decoder(tools.background, coder, layout, points, threads)) as decoder:
        for t in range(decoder.schedule.steps):
            decoder.step(t)
            if t % 8 == 0:
                report(decoder.fresh(corner))
    coder.close()
    if decoder.points != points:
        raise CorruptStreamError(f"{decoder.points} voxels decoded, {points} declared", field=field)
    report(decoder.fresh(corner))
    coords, held, cost = decoder.finish(corner)
    if (held == 0).any():
        raise CorruptStreamError("a block without voxels", field=field)
    return coords, block_table(table, corner64, held, cost, flag_bits, coded.index)
