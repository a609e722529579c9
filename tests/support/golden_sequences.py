"""The streams of tests/golden/sequences/: frames of every level in one file."""

from __future__ import annotations

import io

import golden_contents
import numpy as np

from octavox import codec
from octavox.codec import CodecOptions, PointCloud

OCTREE = CodecOptions(codec="octree")


def cloud(number: int, rows: int = 400) -> PointCloud:
    """A sheet that moves by a cell a frame, with colours."""
    at = 7 * golden_contents.wave(rows) % 256
    at[:, 0] += number
    at[3::17] = at[2:-1:17]  # points that share a voxel
    return PointCloud(at / 8.0, golden_contents.colors(rows))


def growing() -> bytes:
    """Records in two slices, voxels, a file by its points, a file as it is, records again."""
    file = io.BytesIO()
    target = codec.SequenceWriter(file, options=CodecOptions(codec="octree", slices=2))
    target.append(cloud(0))
    frames = [
        codec.encode(cloud(1), options=OCTREE, keep="voxels", depth=5).data,
        codec.encode(golden_contents.ply(), options=OCTREE, keep="file").data,
        codec.encode(b"1 2 3\n# a file without rows\n04 5.50 +6\n", options=OCTREE, keep="file").data,
        codec.encode(cloud(4), options=OCTREE).data,
    ]
    for data in frames:
        target.append_stream(data)
    target.close()
    return file.getvalue()


def many() -> bytes:
    """More frames than a byte counts, each of one point."""
    file = io.BytesIO()
    with codec.SequenceWriter(file, options=OCTREE) as writer:
        for k in range(130):
            writer.append(PointCloud(np.array([[k, 2 * k, 7]], np.int32)))
    return file.getvalue()


def sheet(number: int, rows: int = 400) -> PointCloud:
    """A rough sheet that moves by a cell a frame with its colours; some points share a voxel."""
    at = golden_contents.wave(rows)
    at[:, 0] += 3 + number
    at[3::17] = at[2:-1:17]
    return PointCloud(at.astype(np.int32), golden_contents.colors(rows))


def needing() -> bytes:
    """Frames that need the one before, in groups of three."""
    file = io.BytesIO()
    codec.encode_sequence([sheet(k) for k in range(4)], file, group=3)
    return file.getvalue()


# needing.ovx: by an encoder that used all contexts
STREAMS = {"growing.ovx": growing, "many.ovx": many, "needing.ovx": needing, "fewer.ovx": needing}
