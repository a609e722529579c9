"""Bits that B spends more, for each voxel of both clouds; blocks of each view on one scale."""

from __future__ import annotations

import numpy as np
import pytest
from windows import sphere

from octavox.codec import BlockTable
from octavox.gui.document import scene
from octavox.gui.document.colour_modes import DELTA
from octavox.gui.document.display import prepare
from octavox.gui.document.items import CloudItem, StreamItem
from octavox.gui.document.session import Session


def table(cloud, size: int, bits: float) -> BlockTable:
    """Blocks of one size that hold all voxels; each costs `bits` and its number."""
    corners, counts = np.unique(cloud.coords // size, axis=0, return_counts=True)
    return BlockTable.make(corners * size, size, counts, bits + np.arange(len(corners)), 1.0)


def session_of(sizes: tuple[int, int], bits: tuple[float, float]) -> Session:
    """A cloud with two bitstreams; what they decode to is A and B."""
    session, cloud = Session(), sphere()
    original = CloudItem(prepare(cloud), "original")
    scene.add_cloud(session, original)
    for view, size, cost in zip(("A", "B"), sizes, bits, strict=True):
        scene.add_stream(session, StreamItem(bytes(size), codec=view), original)
        session.set_blocks(table(cloud, size, cost))
        scene.show_decoded(session, CloudItem(prepare(cloud), view))
        session.decoded.overlap = None
    a, b = (scene.decoded_of(session, stream) for stream in session.items.streams)
    scene.choose(session, "A", a)
    scene.choose(session, "B", b)
    return session


@pytest.mark.parametrize("sizes", [(16, 16), (16, 32)])
def test_each_voxel_has_the_bits_that_b_spends_more_around_it(sizes) -> None:
    session = session_of(sizes, (100.0, 250.0))
    assert session.stream.codec == "A" and session.other.label == "B"
    found = session.difference(DELTA)
    coords, edge = session.original.display.cloud.coords, max(sizes)
    tables = [stream.blocks for stream in session.items.streams]
    for k in range(0, len(coords), 97):
        cube = coords[k] // edge
        a, b = (sum((t.bits + t.flag_bits)[np.all(t.origin // edge == cube, axis=1)]) for t in tables)
        assert found.a[k] == found.b[k] == np.float32(b - a)
    assert found.scale.low == -found.scale.high and "B − A" in found.legend.title
    middle = found.scale.colors_of([0.0])[0].astype(int)
    assert np.ptp(middle) < 12  # no difference is grey
    ends = found.scale.colors_of([found.scale.low, found.scale.high]).astype(int)
    assert ends[0, 2] > ends[0, 0] + 60 and ends[1, 0] > ends[1, 2] + 60


def test_each_view_has_the_blocks_of_its_own_bitstream() -> None:
    session = session_of((16, 32), (1.0, 2.0))
    a, b = session.pair
    assert session.layer_of(a) is session.block_layer and set(session.layer_of(a).table.size) == {16}
    assert set(session.layer_of(b).table.size) == {32}
    session.set_view(selected=0, isolate=True, scrub=3)
    assert session.visible_in(session.layer_of(a)).sum() == 1
    assert session.visible_in(session.layer_of(b)).all()


def test_without_a_second_bitstream_there_is_nothing_to_colour_by() -> None:
    session = session_of((16, 16), (1.0, 2.0))
    session.set_view(cloud_mode=DELTA)
    scene.close_item(session, session.items.streams[1])
    assert session.other is None and not session.can_compare_blocks
    assert session.view.cloud_mode != DELTA and session.difference(DELTA) is None
