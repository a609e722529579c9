"""Training clouds: reading them, and the split into training and validation by cloud."""

from __future__ import annotations

import hashlib
import json
import lzma
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from octavox.codec.blocks import BLOCK_SIZE
from octavox.codec.cloud.cloud import MAX_DEPTH
from octavox.codec.errors import InputError

DATASET_NAME = "dataset.json"
SUFFIXES = (".vox.xz", ".npz", ".ply")

Coords = npt.NDArray[np.int32]


@dataclass(frozen=True)
class TrainingCloud:
    """coords: (N, 3) int32, unique, in [0, 2**depth).

    blocks: None for a whole cloud; else coords are those of some of its aligned 64^3 blocks, and blocks
    (B, 3) int32 are these blocks' indices (coords // 64), densest first.
    """

    name: str
    coords: Coords
    depth: int
    blocks: Coords | None = None


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


def _read_npz(path: Path) -> tuple[Coords, int, Coords | None]:
    """An archive of the arrays coords and depth; and blocks, where coords are not the whole cloud."""
    try:
        with np.load(path) as archive:
            arrays = {name: archive[name] for name in archive.files}
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as fault:
        raise InputError(f"not an archive of numpy arrays: {fault}", path=path) from None
    for name, rank in (("coords", 2), ("depth", 0)):
        if name not in arrays or arrays[name].dtype.kind not in "iu" or arrays[name].ndim != rank:
            raise InputError("the array is missing, or has another shape or type", path=path, field=name)
    coords, depth, blocks = arrays["coords"], int(arrays["depth"]), arrays.get("blocks")
    if not 1 <= depth <= MAX_DEPTH:
        raise InputError(f"depth {depth} is outside [1, {MAX_DEPTH}]", path=path, field="depth")
    if coords.shape[1] != 3 or (len(coords) and (coords.min() < 0 or coords.max() >= 1 << depth)):
        raise InputError(f"not (N, 3) coordinates in [0, 2^{depth})", path=path, field="coords")
    if blocks is not None:
        if blocks.dtype.kind not in "iu" or blocks.ndim != 2 or blocks.shape[1] != 3:
            raise InputError("not (B, 3) indices of blocks", path=path, field="blocks")
        present = np.unique(coords.astype(np.int32) // BLOCK_SIZE, axis=0)
        if not np.array_equal(np.unique(blocks.astype(np.int32), axis=0), present):
            raise InputError("the blocks are not those of the coordinates", path=path, field="blocks")
        blocks = blocks.astype(np.int32)
    return coords.astype(np.int32), depth, blocks


def read_training_cloud(path: Path) -> TrainingCloud:
    """A .vox.xz, .npz (coords, depth) or .ply (integer coordinates, or voxelized by its point spacing).

    Raises InputError for a file that is none of these, or a cloud without voxels.
    """
    blocks = None
    if path.name.endswith(".vox.xz"):
        coords, depth = _read_vox(path)
    elif path.suffix == ".npz":
        coords, depth, blocks = _read_npz(path)
    else:
        from octavox.codec.cloud.voxelize import voxelize
        from octavox.codec.formats import read_cloud  # not needed for the other files

        voxels, _ = voxelize(read_cloud(path))
        coords, depth = voxels.coords, voxels.depth
    if not len(coords):
        raise InputError("the cloud is empty", path=path)
    return TrainingCloud(path.name.split(".")[0], coords, depth, blocks)


def find_clouds(folder: Path) -> list[Path]:
    """Cloud files in `folder`, sorted by name; InputError if there are none."""
    paths = sorted(p for p in folder.iterdir() if p.name.endswith(SUFFIXES)) if folder.is_dir() else []
    if not paths:
        raise InputError(f"no training clouds ({', '.join(SUFFIXES)}) in this folder", path=folder)
    return paths


def is_validation(name: str, share: int = 12) -> bool:
    """Whether a cloud is for validation: about one in `share`. The answer is the same for all depths."""
    stem = name.rsplit("_vox", 1)[0]
    return int.from_bytes(hashlib.sha256(stem.encode()).digest()[:4], "little") % share == 0


def read_dataset(folder: Path) -> dict[str, Any] | None:
    """The record that `octavox dataset` wrote of the clouds in `folder`; None for a folder of other clouds.

    Raises InputError for a damaged record, and for a record that lists other files than the folder has.
    """
    path = folder / DATASET_NAME
    if not path.exists():
        return None
    try:
        record: dict[str, Any] = json.loads(path.read_text("utf-8"))
        listed = {str(cloud["file"]): bool(cloud["validation"]) for cloud in record["clouds"]}
    except (ValueError, KeyError, TypeError) as fault:
        raise InputError(f"not the record of a dataset: {fault!r}", path=path) from None
    found = {p.name for p in find_clouds(folder)}
    if found != listed.keys():
        other = min(found ^ listed.keys())
        where = "in the folder, not in the record" if other in found else "in the record, not in the folder"
        raise InputError(f"{other} is {where}; make the dataset anew", path=path, field="clouds")
    return record


def split(folder: Path, clouds: list[TrainingCloud]) -> tuple[list[TrainingCloud], list[TrainingCloud]]:
    """(training, validation) clouds: as the record of a dataset says, otherwise by `is_validation`.

    Raises InputError where either would be empty.
    """
    record = read_dataset(folder)
    if record is None:
        held = {c.name for c in clouds if is_validation(c.name)}
    else:
        held = {row["file"].split(".")[0] for row in record["clouds"] if row["validation"]}
    training = [c for c in clouds if c.name not in held]
    validation = [c for c in clouds if c.name in held]
    for part, name in ((training, "trains"), (validation, "validates")):
        if not part:
            raise InputError(
                f"no cloud {name}: the split is by cloud, so more objects are needed", path=folder
            )
    return training, validation
