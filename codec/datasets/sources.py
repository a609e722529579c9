"""Sources of a dataset: their files, object names, licences and voxels."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from octavox.codec.arrays import IntArray
from octavox.codec.cloud.cloud import MAX_DEPTH
from octavox.codec.cloud.morton import sort_unique
from octavox.codec.cloud.voxelize import is_integral, voxelize
from octavox.codec.errors import InputError
from octavox.codec.files.reading import read_bytes
from octavox.codec.formats import cloud_suffixes, read_cloud
from octavox.codec.training.clouds import read_training_cloud

from .meshes import MESH_SUFFIXES, Sampling, is_mesh, read_mesh, sample_voxels

_NOTES = (".txt",)  # in folders of data these are licences and notes, not clouds
MESH_DEPTH = 9  # paper section 4.1: ModelNet40 "is sampled into depth 9 resolution"


def source_suffixes() -> tuple[str, ...]:
    """Endings of the files that datasets are made from."""
    clouds = (suffix for suffix in cloud_suffixes() if suffix not in _NOTES)
    return tuple(dict.fromkeys((*MESH_SUFFIXES, *clouds, ".vox.xz", ".npz")))


@dataclass(frozen=True)
class Source:
    """path: the file. name: of the object; the same for versions of it at several depths only."""

    path: Path
    name: str


@dataclass(frozen=True)
class Voxels:
    """One source at one depth. coords: (N, 3) int32, Morton order. samples: drawn from a mesh, or None."""

    coords: IntArray
    depth: int
    samples: int | None = None


def find_sources(inputs: list[Path]) -> list[Source]:
    """The files among `inputs`, and the readable files in folders among them.

    An object has the name of its file without `_vox` and a depth; where several folders have files of one
    name, the name of folder and file. Raises InputError for missing inputs, inputs of another type and empty
    folders.
    """
    paths: list[Path] = []
    for given in inputs:
        if given.is_dir():
            inside = sorted(p for p in given.rglob("*") if _fits(p) and p.is_file())
            if not inside:
                raise InputError(
                    f"no meshes or clouds ({', '.join(source_suffixes())}) in this folder", path=given
                )
            paths += inside
        elif not given.exists():
            raise InputError("no such file or folder", path=given)
        elif not _fits(given):
            raise InputError(f"its name ends in none of {', '.join(source_suffixes())}", path=given)
        else:
            paths.append(given)
    paths = list(dict.fromkeys(p.resolve() for p in paths))
    folders: dict[str, set[Path]] = {}
    for path in paths:
        folders.setdefault(_stem(path), set()).add(path.parent)
    return [Source(p, _stem(p) if len(folders[_stem(p)]) == 1 else _with_folder(p)) for p in paths]


def _fits(path: Path) -> bool:
    return path.name.lower().endswith(source_suffixes()) and not path.name.startswith(".")


def _stem(path: Path) -> str:
    name = path.name
    suffix = max((s for s in source_suffixes() if name.lower().endswith(s)), key=len)
    name = re.sub(r"_vox\d+$", "", name[: -len(suffix)])
    return re.sub(r"[^A-Za-z0-9_-]", "_", name) or "cloud"


def _with_folder(path: Path) -> str:
    return re.sub(r"[^A-Za-z0-9_-]", "_", path.parent.name) + "_" + _stem(path)


def file_digest(path: Path) -> str:
    """SHA-256 of the file, in hex."""
    return hashlib.sha256(read_bytes(path)).hexdigest()


def voxelized(source: Source, depths: list[int], sampling: Sampling, seed: int) -> list[Voxels]:
    """The source at each depth. depths empty: MESH_DEPTH for a mesh, a cloud's own.

    A mesh is sampled for each depth. A cloud of integers loses its low bits where the depth is smaller than
    its own, and keeps its own depth where the depth is larger. Other clouds are voxelized so that the longest
    side of their bounding box fills the cube.
    Raises InputError as the readers do, and for a cloud without points.
    """
    path = source.path
    if path.name.lower().endswith((".vox.xz", ".npz")):
        cloud = read_training_cloud(path)
        if cloud.blocks is not None:
            raise InputError("holds a selection of blocks; give what it was made from", path=path)
        return _coarser(cloud.coords, cloud.depth, depths)
    if is_mesh(path):
        mesh, out = read_mesh(path), []
        for depth in depths or [MESH_DEPTH]:
            made = sample_voxels(mesh, depth, sampling, seed + depth, path)
            out.append(Voxels(made.coords, depth, made.samples))
        return out
    points = read_cloud(path)
    if not len(points.positions):
        raise InputError("the cloud is empty", path=path)
    if is_integral(np.asarray(points.positions)):
        voxels, _ = voxelize(points)
        return _coarser(voxels.coords, voxels.depth, depths)
    found = [voxelize(points, depth=d)[0] for d in depths] or [voxelize(points)[0]]
    return [Voxels(v.coords, v.depth) for v in found]


def _coarser(coords: IntArray, own: int, depths: list[int]) -> list[Voxels]:
    wanted = sorted({min(d, own) for d in depths} or {own})
    return [Voxels(sort_unique(coords >> (own - d), d), d) for d in wanted]


def check_depths(depths: list[int]) -> None:
    """Raises InputError for a depth outside [1, 21]."""
    for depth in depths:
        if not 1 <= depth <= MAX_DEPTH:
            raise InputError(f"depth {depth} is outside [1, {MAX_DEPTH}]", field="depth")


def licence_texts(sources: list[Source]) -> list[dict[str, str | list[str]]]:
    """Files called LICENCE, LICENSE or COPYING beside the sources: folder, name, text and sources there."""
    by_folder: dict[Path, list[str]] = {}
    for source in sources:
        by_folder.setdefault(source.path.parent, []).append(source.path.name)
    out: list[dict[str, str | list[str]]] = []
    for folder, names in by_folder.items():
        found = [p for p in sorted(folder.iterdir()) if re.match(r"(?i)(licen[cs]e|copying)", p.name)]
        for path in found:
            if path.is_file() and not _fits(path):
                text = read_bytes(path).decode("utf-8", "replace")
                out.append({"folder": folder.name, "file": path.name, "text": text, "sources": names})
        if not found:
            out.append({"folder": folder.name, "file": "", "text": "", "sources": names})
    return out
