"""The parts of a bitstream."""

from __future__ import annotations

import numpy as np

from octavox import codec
from octavox.codec import CodecOptions
from octavox.gui.document.byte_map import blocks_of, byte_map, hex_dump, part_of


def ball(depth: int = 7) -> codec.VoxelCloud:
    grid = np.stack(np.meshgrid(*[np.arange(1 << depth)] * 3, indexing="ij"), -1).reshape(-1, 3)
    away = np.abs(np.linalg.norm(grid - (1 << depth) / 2, axis=1) - (1 << depth) / 3)
    return codec.voxelize(codec.PointCloud(grid[away < 0.6]), depth=depth)[0]


def test_the_map_of_bytes_covers_the_file() -> None:
    result = codec.encode(ball(), options=CodecOptions(codec="octree"))
    parts = byte_map(result.data)
    assert parts[0].first == 0
    assert parts[-1].last == len(result.data)
    assert all(a.last == b.first for a, b in zip(parts, parts[1:]))
    part = part_of(parts, result.blocks, 0)
    assert part is not None and part.slice == result.blocks.slice[0]
    assert set(blocks_of(parts, result.blocks, part.first)) >= {0}
    assert len(blocks_of(parts, result.blocks, 0)) == 0  # the header is nobody's
    first = hex_dump(result.data, 0, 1)
    assert first.startswith("00000000  " + result.data[:4].hex(" "))
    assert byte_map(b"no stream") == []
