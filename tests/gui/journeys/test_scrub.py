"""Scrubbing through the coding order draws what the first blocks hold; nothing is gathered for it."""

from __future__ import annotations

import numpy as np
import pytest
from pictures import drawn, foreground
from vtkmodules.util.numpy_support import vtk_to_numpy
from windows import WAIT_MS, complete

from octavox.codec import BlockTable, VoxelCloud, morton_encode
from octavox.gui.document import coding_order
from octavox.gui.document.blocks import assign_owners
from octavox.gui.document.coding_order import CodingOrder
from octavox.gui.document.display import flat


def scattered(points: int) -> VoxelCloud:
    coords = np.unique(np.random.default_rng(4).integers(0, 64, (points, 3)), axis=0).astype(np.int32)
    return VoxelCloud(coords[np.argsort(morton_encode(coords))], 6)


@pytest.mark.parametrize("chunk", [100, 999, 25_000])
def test_the_first_blocks_of_all_chunks_are_theirs(chunk, monkeypatch) -> None:
    monkeypatch.setattr(coding_order, "CHUNK_POINTS", chunk)
    shown = flat(scattered(2000))
    owner = np.random.default_rng(5).integers(-1, 30, len(shown)).astype(np.int32)
    order = CodingOrder(shown, owner)
    for blocks in (0, 1, 7, 30):
        place = np.concatenate([order.first(k, blocks).place for k in range(order.chunks)])
        assert np.array_equal(np.sort(place), np.flatnonzero((owner >= 0) & (owner < blocks)))


def test_a_chunk_is_sorted_once(monkeypatch) -> None:
    sorts = []
    argsort = np.argsort
    monkeypatch.setattr(np, "argsort", lambda *a, **k: sorts.append(1) or argsort(*a, **k))
    shown = flat(scattered(2000))
    sorts.clear()
    order = CodingOrder(shown, np.zeros(len(shown), np.int32))
    for blocks in range(10):
        order.first(0, blocks)
    assert len(sorts) == 1


@pytest.mark.parametrize("size", [2, 16])  # a few points a block, and many
def test_every_point_gets_its_block(size) -> None:
    cloud = scattered(20_000)
    corners, place = np.unique(cloud.coords // size, axis=0, return_inverse=True)
    points = np.bincount(place.ravel())
    blocks = BlockTable.make(corners * size, size, points, 1.0, 0.0)
    owner = np.full(len(cloud), -1, np.int32)
    assign_owners(owner, blocks, morton_encode(cloud.coords), first_row=5)
    assert np.array_equal(owner, place.ravel() + 5)


@pytest.mark.slow
@pytest.mark.gl
def test_scrubbing_draws_the_points_of_the_first_blocks(compressed, qtbot) -> None:
    view, session = compressed.viewport, compressed.session
    chunks = list(view.a.pane.points.chunks)
    whole = foreground(compressed, drawn(compressed)).sum()
    owner = session.block_layer.owners(session.original)
    for count in (len(session.blocks) // 3, 1):
        view.scrub.slider.setValue(count)
        assert not view.complete()  # as under a moving camera: what fits a frame now, the rest at rest
        complete(qtbot, compressed)
        assert view.a.pane.points.chunks == chunks  # none was made anew
        seen = sum(len(vtk_to_numpy(chunk.data.GetPoints().GetData())) for chunk in chunks)
        assert seen == ((owner >= 0) & (owner < count)).sum()
        assert 0 < foreground(compressed, drawn(compressed)).sum() < whole
    view.scrub.slider.setValue(len(session.blocks))
    complete(qtbot, compressed)
    assert foreground(compressed, drawn(compressed)).sum() == whole
    compressed.commands.view.set_cloud_mode("plain")  # colours of a part
    view.scrub.slider.setValue(0)
    qtbot.waitUntil(lambda: session.view.scrub == 0, timeout=WAIT_MS)
    compressed.commands.view.set_cloud_mode("height")
    complete(qtbot, compressed)
    assert foreground(compressed, drawn(compressed)).sum() == 0
