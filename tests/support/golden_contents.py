"""The streams of tests/golden/contents/: records and files, with every kind of chunk.

The clouds come of integer arithmetic, so that every machine makes the same ones.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable

import golden_clouds
import numpy as np

from octavox import codec
from octavox.codec import CodecOptions, DecodeResult, PointCloud, pipeline
from octavox.codec.cloud.columns import ListColumn

OCTREE = CodecOptions(codec="octree")
SLICES = CodecOptions(codec="octree", slices=2)


def wave(rows: int) -> np.ndarray:
    """(rows, 3) int64: a rough sheet, row by row."""
    k = np.arange(rows, dtype=np.int64)
    x, y = k % 40, k // 40
    return np.stack([x, y, (x * x + 3 * y * y) // 60 + k * 7919 % 3], axis=1)


def colors(rows: int) -> np.ndarray:
    """(rows, 3) uint8 that change slowly, with some noise."""
    k = np.arange(rows, dtype=np.int64)
    base = np.stack([2 * (k % 40), k // 40, 3 * (k // 40)], axis=1)
    return ((base + (k * 104729 % 5)[:, None]) % 256).astype(np.uint8)


def everything() -> bytes:
    """Properties of each coder, copies, lists, duplicates, points off the grid, two slices."""
    rows = 1600
    at = wave(rows)
    at[5::9] = at[4:-1:9]  # points that share a voxel
    coords = at / 8.0
    coords[11] = np.nan
    k = np.arange(rows, dtype=np.int64)
    lengths = (k % 4).astype(np.uint8)
    cloud = PointCloud(
        coords,
        colors(rows),
        attributes={
            "intensity": (at[:, 2] * 300 + k * 31 % 64).astype(np.uint16),
            "copy": (at[:, 2] * 300 + k * 31 % 64).astype(np.uint16),
            "time": np.cumsum(k % 7) / 1024.0,
            "share": ((k % 40) / 255.0).astype(np.float32),
            "constant": np.full(rows, -0.0),
            "flag": k % 3 == 0,
            "normal": (at % 5 / 4.0).astype(np.float32),
            "list": ListColumn(lengths, np.arange(int(lengths.sum()), dtype=np.int32)),
        },
    )
    return codec.encode(cloud, options=SLICES).data


def rough() -> bytes:
    """Floats off any lattice."""
    at = wave(800).astype(np.float32)
    return codec.encode(PointCloud(at / np.float32(3.0), colors(800)), options=OCTREE).data


def high() -> bytes:
    """Integers of more than 21 bits."""
    at = wave(400) * 1_000_003 + np.arange(400)[:, None]
    return codec.encode(PointCloud(at), options=OCTREE).data


def ply(text: bool = False) -> bytes:
    target = io.BytesIO()
    at = wave(800)
    codec.write_cloud(
        target,
        PointCloud(at.astype(np.float32), colors(800)),
        options=codec.WriteOptions(ascii=text, suffix=".ply"),
    )
    return target.getvalue()


def files() -> dict[str, bytes]:
    """Files that archives hold, by name."""
    at, k = wave(800), np.arange(800, dtype=np.int64)
    faces = b"element face 1\nproperty list uchar int vertex_indices\nend_header\n"
    plain = ply()
    triangle = b"\x03" + np.arange(3, dtype="<i4").tobytes()
    lines = "".join(f"{x / 4:.2f}, {y / 4:.2f}, {z / 4:.2f}, {n}\r\n" for (x, y, z), n in zip(at, k % 9))
    scan = PointCloud(
        at.astype(np.int32),
        attributes={"intensity": (at[:, 2] * 30).astype(np.uint16), "gps_time": k / 256.0},
        scale=(0.01, 0.01, 0.01),
        offset=(500.0, 0.0, 0.0),
    )
    made = {
        "faces.ply": plain.replace(b"end_header\n", faces, 1) + triangle,
        "sorted.ply": ball(),
        "swapped.ply": ball(swapped=True),
        "text.ply": ply(text=True),
        "lines.csv": b"x,y,z,class\r\n" + lines.encode(),
        "garbage.xyz": b"1 2 3\n# a file without rows that could be written again\n04 5.50 +6\n",
    }
    for name in ("a.pcd", "packed.pcd", "a.las", "a.laz"):
        target = io.BytesIO()
        options = codec.WriteOptions(compressed="packed" in name, suffix=name[-4:])
        codec.write_cloud(
            target, scan if name[2:4] == "la" else PointCloud(at / 4, colors(800)), options=options
        )
        made[name] = target.getvalue()
    return made


def ball(swapped: bool = False) -> bytes:
    """The voxels of a sphere, sorted by z, y, x. swapped: but for some neighbours."""
    cells = golden_clouds.sphere_and_noise(5).coords
    rows = np.lexsort(cells.T)
    if swapped:
        rows[10:410] = rows[10:410].reshape(-1, 2)[:, ::-1].reshape(-1)
    target = io.BytesIO()
    cloud = PointCloud(cells[rows].astype(np.float32))
    codec.write_cloud(target, cloud, options=codec.WriteOptions(suffix=".ply"))
    return target.getvalue()


def dunes(sheets: int = 1) -> np.ndarray:
    """(1600 * sheets, 3) int64: smooth sheets, row by row."""
    x, y = np.divmod(np.arange(1600, dtype=np.int64), 40)
    sheet = np.stack([x, y, (x * x + 3 * y * y) // 160], axis=1)
    return np.concatenate([sheet + np.array([600, 0, 7]) * k for k in range(sheets)])


def lossy(levels: float, sheets: int = 1, **wanted: object) -> bytes:
    """Coloured sheets with so many levels left out. wanted: fields of CodecOptions."""
    cloud = PointCloud(dunes(sheets), colors(1600 * sheets))
    return codec.encode(cloud, options=CodecOptions(**wanted), drop_levels=levels).data  # type: ignore[arg-type]


def middles() -> bytes:
    """Points so sparse that middles stand for them."""
    k = np.arange(300, dtype=np.int64)
    cells = np.stack([k * 7919 % 1009, k * 104729 % 1013, k * 1299709 % 1019], axis=1)
    cloud = PointCloud(cells, attributes={"intensity": (k % 50).astype(np.uint16)})
    return codec.encode(cloud, options=OCTREE, drop_levels=3).data


def levels() -> bytes:
    """A slice that says how many bytes its levels take; encoders say that of larger ones alone."""
    usual = pipeline.LEVELS_FROM
    pipeline.LEVELS_FROM = 1
    try:
        return codec.encode(PointCloud(dunes(2)), options=SLICES, drop_levels=1).data
    finally:
        pipeline.LEVELS_FROM = usual


def archive(name: str) -> bytes:
    source = io.BytesIO(files()[name])
    source.name = name
    return codec.encode(source, options=OCTREE, keep="file").data


STREAMS: dict[str, Callable[[], bytes]] = {
    "records.ovx": everything,
    "rough.ovx": rough,
    "high.ovx": high,
    "lossy_whole.ovx": lambda: lossy(2, codec="octree"),
    "lossy_multiscale.ovx": lambda: lossy(1, codec="multiscale"),
    "lossy_slices.ovx": lambda: lossy(3, 2, codec="octree", slices=2),
    "lossy_partly.ovx": lambda: lossy(1.5, 2, codec="octree", slices=2),
    "lossy_fraction.ovx": lambda: lossy(0.5, codec="multiscale"),
    "lossy_middles.ovx": middles,
    "lossy_levels.ovx": levels,
    **{f"archive_{name}.ovx": (lambda name=name: archive(name)) for name in files()},
}


def digest(decoded: DecodeResult) -> str:
    """SHA-256, in hexadecimal, of the file that came back, or of all numbers of the points as they came."""
    if decoded.file is not None:
        return hashlib.sha256(decoded.file).hexdigest()
    found = hashlib.sha256(np.ascontiguousarray(decoded.cloud.coords).tobytes())
    for name, column in decoded.cloud.attributes.items():
        parts = (column.lengths, column.values) if isinstance(column, ListColumn) else (column,)
        found.update(name.encode() + b"".join(np.ascontiguousarray(part).tobytes() for part in parts))
    return found.hexdigest()
