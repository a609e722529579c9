"""Files that the benchmark of files makes itself: the same bytes on every machine, but for rounding."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from octavox import codec
from octavox.codec import PointCloud


def flight(folder: Path, rows: int = 60_000) -> Path:
    """An airborne scan as LAS: pulses with up to two returns, intensities and times, on a wavy ground."""
    rng = np.random.default_rng(1)
    pulse = np.cumsum(rng.integers(0, 2, rows))
    first = np.diff(pulse, prepend=-1) > 0
    last = np.diff(pulse, append=pulse[-1] + 1) > 0
    angle = np.abs((pulse * 2) % 800 - 400) - 200
    x = pulse // 400 * 30 + angle * 10 + rng.integers(-3, 4, rows)
    y = angle * 11 + rng.integers(-3, 4, rows)
    z = 300 * np.sin(x / 900.0) + rng.normal(0, 5, rows) + 40 * ~last
    cloud = PointCloud(
        np.stack([x, y, np.rint(z)], axis=1).astype(np.int32),
        attributes={
            "intensity": rng.integers(20, 60, rows).astype(np.uint16),
            "return_number": np.where(first, 1, 2).astype(np.uint8),
            "number_of_returns": np.where(first & last, 1, 2).astype(np.uint8),
            "scan_angle": (angle * 10).astype(np.int16),
            "gps_time": 1e5 + pulse * 1.5e-5,
        },
        scale=(0.01, 0.01, 0.01),
        offset=(500_000.0, 5_000_000.0, 0.0),
    )
    path = folder / "generated_flight.las"
    codec.write_cloud(path, cloud)
    return path


def hills(folder: Path, side: int = 300) -> Path:
    """A surface as PLY, all of it floats: positions off any lattice, normals, colours from 0 to 1."""
    rng = np.random.default_rng(2)
    grid = np.meshgrid(np.arange(side), np.arange(side), indexing="ij")
    x, y = (axis.ravel() + rng.normal(0, 0.2, side * side) for axis in grid)
    z = 9 * np.sin(x / 23) * np.cos(y / 17) + rng.normal(0, 0.02, len(x))
    normal = np.stack(
        [
            -9 / 23 * np.cos(x / 23) * np.cos(y / 17),
            9 / 17 * np.sin(x / 23) * np.sin(y / 17),
            np.ones(len(x)),
        ],
        1,
    )
    normal /= np.linalg.norm(normal, axis=1, keepdims=True)
    shade = np.rint(127 + 90 * normal + rng.normal(0, 2, normal.shape)).clip(0, 255) / 255
    columns = {f"n{axis}": normal[:, k].astype(np.float32) for k, axis in enumerate("xyz")}
    columns |= {name: shade[:, k].astype(np.float32) for k, name in enumerate(("red", "green", "blue"))}
    path = folder / "generated_hills_all_floats.ply"
    codec.write_cloud(path, PointCloud(np.stack([x, y, z], 1).astype(np.float32), attributes=columns))
    return path
