"""Training clouds: reading them, and the split into training and validation by cloud."""

from __future__ import annotations

import hashlib
import lzma
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ..errors import InputError

SUFFIXES = (".vox.xz", ".npz", ".ply")

Coords = npt.NDArray[np.int32]


@dataclass(frozen=True)
class TrainingCloud:
    """coords: (N, 3) int32, unique, in [0, 2**depth)."""

    name: str
    coords: Coords
    depth: int


def _read_vox(path: Path) -> tuple[Coords, int]:
    """VOX1: xz of b"VOX1", depth u8, breadth-first occupancy bytes; child k = 4x + 2y + z of the low bits."""
    try:
        body = lzma.decompress(path.read_bytes())
    except lzma.LZMAError as fault:
        raise InputError(f"not an xz file: {fault}", path=path) from None
    if body[:4] != b"VOX1" or not 1 <= body[4] <= 21:
        raise InputError("not a VOX1 file", path=path, field="magic", byte=0)
    depth, at = body[4], 5
    nodes = np.zeros((1, 3), np.int32)
    k = np.arange(8)
    child = np.stack([k >> 2, k >> 1 & 1, k & 1], 1).astype(np.int32)
    for level in range(depth):
        if at + len(nodes) > len(body):
            raise InputError("truncated", path=path, field=f"octree level {level}", byte=len(body))
        occupancy = np.frombuffer(body, np.uint8, len(nodes), at)
        at += len(nodes)
        parent, slot = np.nonzero(np.unpackbits(occupancy[:, None], axis=1, bitorder="little"))
        nodes = 2 * nodes[parent] + child[slot]
    return nodes, depth


def read_training_cloud(path: Path) -> TrainingCloud:
    """A .vox.xz, .npz (coords, depth) or .ply (integer coordinates, or voxelized by its point spacing)."""
    if path.name.endswith(".vox.xz"):
        coords, depth = _read_vox(path)
    elif path.suffix == ".npz":
        with np.load(path) as archive:
            coords, depth = archive["coords"].astype(np.int32), int(archive["depth"])
    else:
        from ..api import read_cloud, voxelize  # plyfile: absent on a bare GPU machine

        voxels, _ = voxelize(read_cloud(path))
        coords, depth = voxels.coords, voxels.depth
    return TrainingCloud(path.name.split(".")[0], coords, depth)


def find_clouds(folder: Path) -> list[Path]:
    """Cloud files in `folder`, sorted by name; InputError if there are none."""
    paths = sorted(p for p in folder.iterdir() if p.name.endswith(SUFFIXES)) if folder.is_dir() else []
    if not paths:
        raise InputError(f"no training clouds ({', '.join(SUFFIXES)}) in this folder", path=folder)
    return paths


def is_validation(name: str, share: int = 12) -> bool:
    """About one cloud in `share` validates. Versions of one object at several depths fall on one side."""
    stem = name.rsplit("_vox", 1)[0]
    return int.from_bytes(hashlib.sha256(stem.encode()).digest()[:4], "little") % share == 0
