"""Layers of chunks: what arrives bit by bit changes the last chunk alone; what is drawn is not made again."""

from __future__ import annotations

import numpy as np

from octavox.gui.document.detail import CHUNK_POINTS
from octavox.gui.rendering.layers import PointLayer


def arrivals(count: int, first: int) -> tuple[np.ndarray, np.ndarray]:
    coords = np.arange(first, first + count, dtype=np.int32)[:, None] * np.ones(3, np.int32)
    return coords, (coords % 251).astype(np.uint8)


def test_points_that_arrive_fill_one_chunk_after_the_other() -> None:
    layer, total = PointLayer(), 0
    assert layer.start_filling() == ([], [])
    for count in (10, CHUNK_POINTS - 10, 1, 2 * CHUNK_POINTS + 5, 0, 7):
        before = list(layer.chunks)
        for chunk in before:
            chunk.prepare()
        full = [chunk for chunk in before if chunk.data.GetNumberOfPoints() == CHUNK_POINTS]
        added, dropped = layer.add(*arrivals(count, total))
        total += count
        assert dropped == [] and layer.chunks == before + added
        assert not any(chunk.stale for chunk in full)  # they are on the picture and stay there
    for chunk in layer.chunks:
        chunk.prepare()
        assert not chunk.stale
    sizes = [chunk.data.GetNumberOfPoints() for chunk in layer.chunks]
    assert sizes[:-1] == [CHUNK_POINTS] * (len(sizes) - 1) and sum(sizes) == total
    xs = [chunk.data.GetPoint(k)[0] for chunk in layer.chunks for k in range(chunk.data.GetNumberOfPoints())]
    assert np.array_equal(np.array(xs), np.arange(total) + 0.5)
    colors = [chunk.data.GetPointData().GetScalars().GetTuple(0)[0] for chunk in layer.chunks]
    assert colors == [CHUNK_POINTS * k % 251 for k in range(len(colors))]
    added, dropped = layer.start_filling()
    assert added == [] and len(dropped) == len(sizes) and layer.chunks == []
