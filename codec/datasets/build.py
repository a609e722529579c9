"""Making a dataset: a folder of blocks, with a record of their sources and of how they were chosen."""

from __future__ import annotations

import hashlib
import io
import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from octavox.codec.arrays import IntArray
from octavox.codec.errors import InputError
from octavox.codec.files.atomic import write_atomically
from octavox.codec.files.scratch import scratch_folder
from octavox.codec.provenance import library_versions
from octavox.codec.training.clouds import DATASET_NAME, is_validation, read_training_cloud

from .meshes import Sampling
from .selection import densest_blocks, mean_neighbours, voxels_of_blocks
from .sources import Source, Voxels, check_depths, file_digest, find_sources, licence_texts, voxelized

LICENCES_NAME = "LICENCES.md"
VALIDATION_SHARE = 12  # about one object in so many is for validation

Report = Callable[[str], None]


@dataclass(frozen=True)
class DatasetOptions:
    """Everything that decides a dataset, besides its sources.

    depths: bits per axis, for every source; empty: 9 for meshes, a cloud's own depth. largest: keep the
    clouds of so many objects, those with the most voxels. blocks: keep so many blocks of each cloud, the
    densest. most: keep so many blocks of all clouds, the densest. None keeps all. skip_bad: continue after a
    source that cannot be read.
    """

    depths: tuple[int, ...] = ()
    largest: int | None = None
    blocks: int | None = None
    most: int | None = None
    sampling: Sampling = field(default_factory=Sampling)
    seed: int = 1
    validation: int = VALIDATION_SHARE
    skip_bad: bool = False

    def check(self) -> None:
        """Raises InputError naming the option that cannot be used."""
        check_depths(list(self.depths))
        counts = {n: getattr(self, n) for n in ("largest", "blocks", "most", "validation")}
        counts |= {"points": self.sampling.points, "oversampling": self.sampling.oversampling}
        for name, value in counts.items():
            if value is not None and not value > 0:
                raise InputError(f"{value} is not positive", field=name)
        if not self.sampling.noise >= 0:
            raise InputError(f"{self.sampling.noise} is negative", field="noise")
        if not 0 <= self.seed < 1 << 63:
            raise InputError(f"{self.seed} is outside [0, 2^63)", field="seed")


@dataclass
class _Cloud:
    """A cloud on disk, and the blocks kept of it."""

    object: str
    depth: int
    voxels: int
    neighbours: float
    occupied: int  # 64^3 blocks
    samples: int | None
    blocks: IntArray
    points: np.ndarray  # voxels of each kept block, descending

    @property
    def file(self) -> str:
        return f"{self.object}_vox{self.depth}.npz"


def build(
    inputs: list[Path], folder: Path, options: DatasetOptions, report: Report = print
) -> dict[str, Any]:
    """Makes the dataset in `folder`, which must not exist or be empty, and returns its record.

    The paper divides the 200 largest ModelNet40 clouds into occupied 64^3 blocks (section 4.1): `largest`
    is its rule. `blocks` and `most` apply the same preference to blocks. The folder appears only when
    it is complete.
    Raises InputError for options and sources that cannot be used.
    """
    options.check()
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError("there is something already; a dataset goes into a new folder", path=folder)
    sources = find_sources(inputs)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with scratch_folder(folder.parent) as beside:
        work = beside / "dataset"
        work.mkdir()
        clouds, skipped = _collect(sources, work, options, report)
        clouds = _keep_largest(clouds, work, options.largest)
        clouds = _keep_densest(clouds, work, options.most)
        used = {c.object for c in clouds}
        kept = [s for s in sources if s.name in used and s.path not in skipped]
        licences = licence_texts(kept)
        write_atomically(work / LICENCES_NAME, _licence_page(licences).encode())
        record = _record(kept, clouds, skipped, options, work)
        record["licences"] = licences
        text = json.dumps(record, indent=1, ensure_ascii=False)
        write_atomically(work / DATASET_NAME, (text + "\n").encode())
        if folder.exists():
            folder.rmdir()
        os.replace(work, folder)
    return record


def _collect(
    sources: list[Source], work: Path, options: DatasetOptions, report: Report
) -> tuple[list[_Cloud], dict[Path, str]]:
    """Voxelizes every source and writes its densest blocks. Also returns what was skipped, with reasons."""
    clouds: dict[str, _Cloud] = {}
    skipped: dict[Path, str] = {}
    for source in sources:
        digest = int.from_bytes(hashlib.sha256(source.name.encode()).digest()[:4], "little")
        seed = (options.seed << 32) + digest
        try:
            made = voxelized(source, sorted(set(options.depths)), options.sampling, seed)
        except InputError as error:
            if not options.skip_bad:
                raise
            skipped[source.path] = error.reason
            report(f"skipped: {error}")
            continue
        for voxels in made:
            cloud = _write_cloud(source, voxels, work, options.blocks, clouds)
            clouds[cloud.file] = cloud
            sampled = "" if cloud.samples is None else f"{cloud.samples:,} samples, "
            report(
                f"{cloud.file}: {sampled}{cloud.voxels:,} voxels, {cloud.neighbours:.1f} occupied "
                f"26-neighbours, {len(cloud.blocks)} of {cloud.occupied} blocks"
            )
    if not clouds:
        raise InputError("none of the sources could be used")
    return list(clouds.values()), skipped


def _write_cloud(
    source: Source, voxels: Voxels, work: Path, limit: int | None, before: dict[str, _Cloud]
) -> _Cloud:
    blocks, points = densest_blocks(voxels.coords, voxels.depth)
    cloud = _Cloud(
        object=source.name,
        depth=voxels.depth,
        voxels=len(voxels.coords),
        neighbours=mean_neighbours(voxels.coords, voxels.depth),
        occupied=len(blocks),
        samples=voxels.samples,
        blocks=blocks[:limit],
        points=points[:limit],
    )
    if cloud.file in before:
        raise InputError(
            f"a second source of {cloud.file}; leave one out, rename one, or choose other depths",
            path=source.path,
            field="depth",
        )
    _write_npz(work / cloud.file, voxels.coords, cloud)
    return cloud


def _write_npz(path: Path, coords: IntArray, cloud: _Cloud) -> None:
    """Writes the coordinates of the kept blocks, and the blocks' indices where some were left out."""
    small = np.uint16 if cloud.depth <= 16 else np.int32
    arrays: dict[str, Any] = {"depth": np.uint8(cloud.depth)}
    if len(cloud.blocks) < cloud.occupied:
        coords = voxels_of_blocks(coords, cloud.blocks, cloud.depth)
        arrays["blocks"] = cloud.blocks.astype(small)
    archive = io.BytesIO()
    np.savez_compressed(archive, coords=np.asfortranarray(coords.astype(small)), **arrays)
    write_atomically(path, archive.getvalue())


def _keep_largest(clouds: list[_Cloud], work: Path, limit: int | None) -> list[_Cloud]:
    """The clouds of the `limit` objects with the most voxels (at their greatest depth)."""
    if limit is None:
        return clouds
    size: dict[str, int] = {}
    for cloud in clouds:
        size[cloud.object] = max(size.get(cloud.object, 0), cloud.voxels)
    kept = set(sorted(size, key=lambda name: (-size[name], name))[:limit])
    for cloud in clouds:
        if cloud.object not in kept:
            (work / cloud.file).unlink()
    return [c for c in clouds if c.object in kept]


def _keep_densest(clouds: list[_Cloud], work: Path, limit: int | None) -> list[_Cloud]:
    """The `limit` densest blocks of all clouds; among equals the order of the clouds decides."""
    if limit is None or sum(len(c.blocks) for c in clouds) <= limit:
        return clouds
    owner = np.repeat(np.arange(len(clouds)), [len(c.blocks) for c in clouds])
    chosen = np.argsort(-np.concatenate([c.points for c in clouds]), kind="stable")[:limit]
    counts = np.bincount(owner[chosen], minlength=len(clouds))
    out = []
    for cloud, count in zip(clouds, counts.tolist(), strict=True):
        path = work / cloud.file
        if count == 0:
            path.unlink()
            continue
        if count < len(cloud.blocks):
            cloud.blocks, cloud.points = cloud.blocks[:count], cloud.points[:count]
            _write_npz(path, read_training_cloud(path).coords, cloud)
        out.append(cloud)
    return out


def validation_objects(names: set[str], share: int) -> set[str]:
    """The objects for validation: about one in `share`, by a hash of the name.

    Of two objects or more, at least one is for validation and one for training; a single one is for training.
    """
    held = {name for name in names if is_validation(name, share)}
    ranked = sorted(names, key=lambda name: hashlib.sha256(name.encode()).digest())
    if not held:
        return set(ranked[:1]) if len(ranked) > 1 else set()
    return held - set(ranked[-1:]) if held == names else held


def _record(
    sources: list[Source], clouds: list[_Cloud], skipped: dict[Path, str], options: DatasetOptions, work: Path
) -> dict[str, Any]:
    """The content of dataset.json. It has no times or paths, so the same sources give the same bytes."""
    held = validation_objects({c.object for c in clouds}, options.validation)
    validating = sum(len(c.blocks) for c in clouds if c.object in held)
    blocks = sum(len(c.blocks) for c in clouds)
    return {
        "format": 1,
        "versions": library_versions(("numpy", "open3d-cpu", "open3d")),
        "options": asdict(options),
        "counts": {
            "objects": len({c.object for c in clouds}),
            "clouds": len(clouds),
            "blocks": blocks,
            "blocks_training": blocks - validating,
            "blocks_validation": validating,
            "voxels": sum(int(c.points.sum()) for c in clouds),
        },
        "sources": [{"file": s.path.name, "object": s.name, "sha256": file_digest(s.path)} for s in sources],
        "skipped": [{"file": path.name, "reason": reason} for path, reason in skipped.items()],
        "clouds": [
            {
                "file": c.file,
                "object": c.object,
                "depth": c.depth,
                "validation": c.object in held,
                "samples": c.samples,
                "voxels_of_cloud": c.voxels,
                "mean_occupied_neighbours": round(c.neighbours, 2),
                "blocks_of_cloud": c.occupied,
                "blocks": len(c.blocks),
                "voxels": int(c.points.sum()),
                "sha256": file_digest(work / c.file),
            }
            for c in clouds
        ],
    }


def _licence_page(licences: list[dict[str, Any]]) -> str:
    """The licence texts as a page for the model card; and the sources without one."""
    parts = ["# Where the clouds come from\n"]
    for entry in licences:
        names = ", ".join(entry["sources"][:20]) + (" and more" if len(entry["sources"]) > 20 else "")
        if entry["file"]:
            text = entry["text"].strip().replace("\n# ", "\n### ")
            text = "### " + text[2:] if text.startswith("# ") else text
            parts.append(f"## {entry['folder']}/{entry['file']}\n\nFor {names}.\n\n{text}\n")
        else:
            parts.append(f"## {entry['folder']}\n\nNo licence file lies beside {names}.\n")
    return "\n".join(parts)
