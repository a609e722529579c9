"""What others take: xz, zstandard, LAZ (lazrs), Draco (DracoPy), G-PCC (rates that were noted)."""

from __future__ import annotations

import lzma
from pathlib import Path

import numpy as np
import zstandard

from bench.measure import references
from octavox import codec


def xz_bytes(raw: bytes) -> int:
    """The size of a file as `xz -9e`."""
    return len(lzma.compress(raw, preset=9 | lzma.PRESET_EXTREME))


def zstd_bytes(raw: bytes) -> int:
    """The size of a file as `zstd -19`."""
    return len(zstandard.ZstdCompressor(level=19).compress(raw))


def laz_bytes(path: Path, folder: Path) -> int | None:
    """The size of a LAZ file with the records of a LAS file, or of a LAZ file; None for other files."""
    if path.suffix.lower() == ".laz":
        return path.stat().st_size
    if path.suffix.lower() != ".las":
        return None
    target = folder / "rival.laz"
    codec.write_cloud(target, codec.read_cloud(path))
    return target.stat().st_size


def gpcc_bytes(name: str, points: int) -> int | None:
    """What G-PCC v23 takes of geometry and colours (bench/references.json); None where nobody measured."""
    rates = references()["gpcc_v23_coloured"]["rates"].get(name)
    return None if rates is None else round(sum(rates) * points / 8)


def draco_bytes(cloud: codec.PointCloud) -> int | None:
    """What Draco takes of a cloud at its highest level; None where it does not keep every point.

    DracoPy gives it whole numbers as coordinates, and colours of 8 bits.
    """
    import DracoPy

    coords = np.asarray(cloud.coords, np.float64)
    colors = cloud.colors
    if set(cloud.attributes) - {"red", "green", "blue"}:
        return None
    if not len(cloud) or not np.isfinite(coords).all() or (colors is not None and colors.dtype != np.uint8):
        return None
    cells = coords - coords.min(axis=0)
    bits = max(int(cells.max()).bit_length(), 1)
    if (cells != np.rint(cells)).any() or bits > 24:  # what floats of 32 bits hold
        return None
    data = DracoPy.encode(
        cells.astype(np.float32),
        quantization_bits=bits,
        quantization_range=float((1 << bits) - 1),
        quantization_origin=np.zeros(3, np.float32),
        compression_level=10,
        colors=None if colors is None else np.ascontiguousarray(colors),
    )
    back = DracoPy.decode(data)
    return len(data) if _same(cells, colors, back) else None


def _same(cells: np.ndarray, colors: np.ndarray | None, back: object) -> bool:
    """Whether the same points came back, in any order."""
    points = np.rint(np.asarray(back.points, np.float64)).reshape(-1, 3)  # type: ignore[attr-defined]
    ours, theirs = [*cells.T], [*points.T]
    if colors is not None:
        found = np.asarray(back.colors).reshape(len(points), -1)  # type: ignore[attr-defined]
        ours, theirs = [*ours, *colors.T], [*theirs, *found.T]
    if len(points) != len(cells) or len(ours) != len(theirs):
        return False
    sorted_ours, sorted_theirs = (np.stack(c)[:, np.lexsort(c)] for c in (ours, theirs))
    return bool((sorted_ours == sorted_theirs).all())
