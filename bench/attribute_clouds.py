"""Clouds with integer attributes, for the benchmark of their coder: cells in Morton order, and columns.

The rates of G-PCC v23 (predicting transform, common test conditions) are of the same cells and colours.
"""

from __future__ import annotations

import lzma
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from octavox.codec import morton_encode, read_cloud

Array = npt.NDArray[Any]
COLOURS = ("red", "green", "blue")
LONGEST_SIDE = 1023  # of the RGB-D frames on their grid


@dataclass(frozen=True)
class AttributeCloud:
    """cells: (N, 3) int32 in Morton order. columns: integer arrays (N,). reference: bits of G-PCC v23.

    names: of the columns, where other formats have such.
    """

    name: str
    cells: Array
    columns: list[Array]
    reference: float | None = None
    names: tuple[str, ...] = ()


def _sorted(cells: Array, columns: list[Array], *, distinct: bool) -> tuple[Array, list[Array]]:
    """Rows in Morton order; of rows with the same cell only the first, where `distinct`."""
    cells = cells.astype(np.int64)
    cells -= cells.min(axis=0)
    codes = morton_encode(cells, 21)
    if distinct:
        _, rows = np.unique(codes, return_index=True)
    else:
        rows = np.argsort(codes, kind="stable")
    return cells[rows].astype(np.int32), [column[rows] for column in columns]


def _open(path: Path) -> Any:
    """The cloud of a file, which may be packed by xz."""
    if path.suffix != ".xz":
        return read_cloud(path)
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder, path.stem)
        plain.write_bytes(lzma.decompress(path.read_bytes()))
        return read_cloud(plain)


def _coloured(path: Path) -> tuple[Array, list[Array]]:
    """A cloud whose coordinates are cells."""
    cloud = _open(path)
    return _sorted(np.asarray(cloud.coords), [cloud.attributes[c] for c in COLOURS], distinct=True)


def _depth_camera(path: Path, names: tuple[str, ...] = COLOURS) -> tuple[Array, list[Array]]:
    """Finite points, scaled so that the longest side is 1023, rounded."""
    cloud = _open(path)
    points = np.asarray(cloud.positions, np.float64)
    finite = np.isfinite(points).all(axis=1)
    points = points[finite]
    points -= points.min(axis=0)
    cells = np.rint(points * (LONGEST_SIDE / points.max())).astype(np.int32)
    return _sorted(cells, [cloud.attributes[c][finite] for c in names], distinct=True)


def _scan(path: Path, names: tuple[str, ...], shift: int, distinct: bool = True) -> tuple[Array, list[Array]]:
    """A LAS file's own integers; columns without their lowest `shift` bits."""
    cloud = _open(path)
    columns = [np.asarray(cloud.attributes[c]) >> shift for c in names]
    return _sorted(np.asarray(cloud.coords), columns, distinct=distinct)


def _generated(kind: str) -> tuple[Array, list[Array]]:
    """A wavy surface of 1,000 x 250 cells with a texture."""
    u, v = (a.ravel() for a in np.meshgrid(np.arange(1000), np.arange(250), indexing="ij"))
    random = np.random.default_rng(7)
    cells = np.stack([u, v, 120 + np.rint(40 * np.sin(u / 70) + 25 * np.cos(v / 40))], axis=1)
    smooth = 128 + 60 * np.sin(u / 23 + np.cos(v / 11)) + 40 * np.sin(v / 17)
    if kind == "labels":
        label = (u // 90 + 12 * (v // 60)) % 23
        return _sorted(cells, [np.where(random.random(len(u)) < 0.02, label + 1, label)], distinct=True)
    if kind == "reflectance":
        values = 20000 + 150 * smooth + 120 * random.normal(size=len(u))
        return _sorted(cells, [np.clip(np.rint(values), 0, 65535).astype(np.uint16)], distinct=True)
    tiles = ((u // 16 + v // 16) % 2) * 70
    columns = [smooth + tiles, 0.6 * smooth - 30 * (tiles > 0) + 80, 255 - smooth]
    noise = random.normal(size=(3, len(u))) * (1 + 2 * (u > 500))
    return _sorted(
        cells,
        [np.clip(np.rint(c + n), 0, 255).astype(np.uint8) for c, n in zip(columns, noise)],
        distinct=True,
    )


def _sources(data: Path) -> dict[str, tuple[Callable[[], tuple[Array, list[Array]]], float | None]]:
    colour, formats, frames = data / "colour", data / "formats", data / "sequences" / "test"
    lion, crop = formats / "lion_takanawa.copc.laz", formats / "4_6_crop.las.xz"
    learn = formats / "pcl_mOSD_learn13.pcd.xz"
    growing = formats / "pcl_region_growing_rgb_tutorial.pcd.xz"
    return {
        "basketball": (lambda: _coloured(colour / "basketball_player_1_vox10.ply.xz"), 7.892),
        "basketball f01": (lambda: _coloured(frames / "basketball_f01_vox10.ply.xz"), 7.769),
        "basketball f02": (lambda: _coloured(frames / "basketball_f02_vox10.ply.xz"), 7.757),
        "mOSD_learn13": (lambda: _depth_camera(learn), 9.607),
        "region_growing": (lambda: _depth_camera(growing), 12.132),
        "lion_takanawa": (lambda: _scan(lion, COLOURS, 8), 12.589),
        "spot_vox9": (lambda: _coloured(colour / "spot_vox9.ply.xz"), 0.844),
        "spot_vox8": (lambda: _coloured(colour / "spot_vox8.ply.xz"), 1.422),
        "lion 16 bit, duplicates": (lambda: _scan(lion, COLOURS, 0, distinct=False), None),
        "lion intensity": (lambda: _scan(lion, ("intensity",), 0), None),
        "4_6_crop intensity": (lambda: _scan(crop, ("intensity",), 0), None),
        "4_6_crop returns": (lambda: _scan(crop, ("return_number", "number_of_returns"), 0), None),
        "4_6_crop classification": (lambda: _scan(crop, ("classification",), 0), None),
        "mOSD_learn13 label": (lambda: _depth_camera(learn, ("label",)), None),
        "tiles": (lambda: _generated("tiles"), None),
        "labels": (lambda: _generated("labels"), None),
        "reflectance": (lambda: _generated("reflectance"), None),
    }


def attribute_clouds(data: Path) -> Iterator[AttributeCloud]:
    """Every cloud whose file is in the folder (colour/, formats/, sequences/), and the generated ones."""
    for name, (make, reference) in _sources(data).items():
        try:
            cells, columns = make()
        except FileNotFoundError:
            continue
        names = COLOURS if len(columns) == len(COLOURS) else ()
        yield AttributeCloud(
            name, cells, columns, reference, ("intensity",) if "intensity" in name else names
        )
