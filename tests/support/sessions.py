"""A session of the window with something in every part of it."""

from __future__ import annotations

import numpy as np

from octavox.codec import BlockTable
from octavox.gui.document.blocks import BlockFilter
from octavox.gui.document.camera import Camera
from octavox.gui.document.items import StreamItem
from octavox.gui.document.session import Session


def table(bits: list[float], size: int = 64) -> BlockTable:
    """Blocks in a row along x with so many bits, in three slices."""
    count = len(bits)
    origin = np.column_stack([np.arange(count) * size, np.zeros(count), np.zeros(count)])
    return BlockTable.make(origin, size, np.arange(1, count + 1), bits, 1.0, np.arange(count) % 3)


def filled_session() -> Session:
    """One with blocks, a bitstream, a camera, a bookmark and a view of its own."""
    session = Session()
    session.set_blocks(table([3.0, 9.0, 5.0]))
    session.set_stream(StreamItem(b"bytes", None, "octree"))
    session.set_camera(Camera((1.0, 2.0, 3.0), 50.0, 12.0, -7.0, "z"))
    session.keep_bookmark(3)
    session.set_view(
        selected=1, block_mode="bpov", hidden_sizes=frozenset({8, 32}), opacity=30,
        filter=BlockFilter("bits", 2.0, None), edl=True, scrub=2,
    )  # fmt: skip
    session.set_options(codec="octree", threads=1)
    return session
