"""Small sequences: a ball that moves and grows a little from frame to frame."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from octavox import codec

OPTIONS = codec.CodecOptions(codec="octree")


def ball(number: int, edge: int = 64, colours: bool = True) -> codec.PointCloud:
    """Frame `number`: a shell that moves along x, in a colour of its own."""
    grid = np.stack(np.meshgrid(*[np.arange(edge)] * 3, indexing="ij"), -1).reshape(-1, 3)
    middle = np.array([edge // 3 + 2 * number, edge // 2, edge // 2])
    shell = np.abs(np.linalg.norm(grid - middle, axis=1) - edge / 5 - number / 4) < 0.7
    points = grid[shell].astype(np.int32)
    paint = np.full((len(points), 3), (40 + 20 * number, 200 - 15 * number, 90), np.uint8)
    return codec.PointCloud(points, paint if colours else None)


def ply_frames(folder: Path, count: int = 6, **look: object) -> Path:
    """A folder of files; returns it."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        codec.write_cloud(folder / f"frame_{number + 8}.ply", ball(number, **look))  # type: ignore[arg-type]
    return folder


def stream_of(path: Path, count: int = 6, first: int = 0) -> Path:
    """One .ovx of several frames; returns its path."""
    codec.encode_sequence([ball(first + k) for k in range(count)], path, options=OPTIONS)
    return path


def damage(path: Path, number: int) -> None:
    """Flips a bit in the middle of a frame of a stream."""
    with codec.open(path) as frames:
        before, size = sum(frames.size(k) for k in range(number)), frames.size(number)
    data = bytearray(path.read_bytes())
    data[before + size // 2] ^= 16
    path.write_bytes(data)
