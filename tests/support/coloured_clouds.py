"""Clouds with colours that a coder can predict, and with other properties."""

from __future__ import annotations

import numpy as np

from octavox.codec import PointCloud
from octavox.codec.cloud.columns import ListColumn


def surface(side: int, noise: float = 3.0, seed: int = 4) -> tuple[np.ndarray, np.ndarray]:
    """A bumpy surface of voxels, and a smooth colour with noise."""
    x, y = (a.ravel() for a in np.mgrid[:side, :side])
    z = np.rint(12 + 5 * np.sin(x / 9) + 4 * np.cos(y / 7)).astype(np.int64)
    rng = np.random.default_rng(seed)
    shade = 120 + 60 * np.sin((x + 2 * y) / 23)
    colours = np.stack([shade + rng.normal(0, noise, len(x)) + k for k in (0, 9, -20)], 1)
    return np.column_stack([x, y, z]), np.clip(colours, 0, 255).astype(np.uint8)


def coloured(side: int = 90, noise: float = 3.0, **more: object) -> PointCloud:
    """A surface with red, green and blue, in the order of a grid. more: other columns."""
    xyz, colours = surface(side, noise)
    names = dict(zip(("red", "green", "blue"), colours.T))
    return PointCloud(xyz.astype(np.int32), attributes={**names, **more})


def mixed() -> PointCloud:
    """Duplicates, properties of all kinds, and names that other owners of bits have, too."""
    cloud = coloured()
    rng = np.random.default_rng(8)
    n = len(cloud) + 500
    rows = np.concatenate([np.arange(len(cloud)), rng.integers(0, len(cloud), 500)])
    columns = {name: column[rows] for name, column in cloud.attributes.items()}
    columns |= {
        "order": rng.integers(0, 9, n).astype(np.int64),
        "header": rng.normal(size=n),
        "property order": rng.normal(size=(n, 3)).astype(np.float32),
        "x": np.full(n, 7, np.uint16),
        "red again": columns["red"],
        "echoes": ListColumn(rng.integers(0, 4, n).astype(np.uint8), rng.integers(0, 99, 9 * n)[:0]),
    }
    lengths = columns["echoes"].lengths
    columns["echoes"] = ListColumn(lengths, rng.integers(0, 99, int(lengths.sum())).astype(np.int16))
    return PointCloud(cloud.coords[rows], attributes=columns)
