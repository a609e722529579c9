"""A generated town of any number of points as a LAS file, written in parts: 26 bytes a point.

    python bench/large_cloud.py town.las --points 100000000

An aerial scan in UTM coordinates: hills, streets and houses, in strips of scan lines that overlap as those of
an aeroplane do. It has colours, intensities, classes and returns.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

PART = 1_000_000  # points
SIDE = 2_000.0  # metres
STRIPS = 20
OVERLAP = 1.3  # width of a strip, in distances of two
CORNER = (412_000.0, 5_651_000.0, 95.0)  # easting, northing, height
BLOCK, STREET = 48.0, 11.0  # metres
GROUND, TREE, HOUSE = 2, 5, 6  # classes, as LAS numbers them
_PAINT = np.zeros((7, 3))
_PAINT[[GROUND, TREE, HOUSE]] = (126, 122, 112), (64, 110, 48), (150, 92, 78)


def _hills(x: Floats, y: Floats) -> Floats:
    return 14 * np.sin(x / 310) * np.cos(y / 270) + 5 * np.sin(x / 71 + y / 97)


def _noise(column: Floats, row: Floats) -> Floats:
    """A number in 0..1 for each block of the town."""
    return np.asarray(np.modf(np.abs(np.sin(column * 12.9898 + row * 78.233)) * 43758.5453)[0])


def _scan(first: int, points: int, count: int) -> tuple[Floats, Floats]:
    """Where the points first..first + count of all points lie, along strips and across them."""
    place = (np.arange(first, first + count) + 0.5) / points * STRIPS
    strip = np.floor(place)
    width = SIDE / STRIPS
    along = (place - strip) * SIDE
    lines = 4.0 * SIDE  # scan lines of a strip: four a metre
    across = (np.modf((place - strip) * lines)[0] - 0.5) * OVERLAP + 0.5
    along = np.where(strip % 2 == 1, SIDE - along, along)  # there and back again
    return along, np.clip((strip + across) * width, 0.0, SIDE)


def town(first: int, points: int, count: int) -> tuple[Floats, npt.NDArray[np.uint8], Floats]:
    """Positions (count, 3) in metres from the corner, classes and colours (count, 3) in 0..255 of a part."""
    dice = np.random.default_rng(first)
    x, y = _scan(first, points, count)
    x = np.clip(x + dice.normal(0, 0.05, count), 0, SIDE)
    y = np.clip(y + dice.normal(0, 0.05, count), 0, SIDE)
    ground = _hills(x, y)
    column, row = np.floor(x / BLOCK), np.floor(y / BLOCK)
    inside = (np.mod(x, BLOCK) > STREET) & (np.mod(y, BLOCK) > STREET)
    kind = _noise(column, row)
    house, park = inside & (kind < 0.72), inside & (kind > 0.85)
    height = np.where(house, 6 + 22 * _noise(column + 7, row), 0.0)
    facade = house & (dice.random(count) < 0.25) & (np.mod(x, BLOCK) < STREET + 1.5)
    height = np.where(facade, height * dice.random(count), height)
    leaves = park & (dice.random(count) < 0.6)
    height = np.where(leaves, 2 + 9 * dice.random(count) * _noise(np.floor(x / 6), np.floor(y / 6)), height)
    classes = np.where(house, HOUSE, np.where(leaves, TREE, GROUND)).astype(np.uint8)
    z = ground + height + dice.normal(0, 0.03, count)
    colors = _PAINT[classes] * (0.75 + 0.5 * _noise(column, row + 3))[:, None] + dice.normal(0, 6, (count, 3))
    return np.stack([x, y, z], axis=1), classes, np.clip(colors, 0, 255)


def write_town(path: Path, points: int) -> Path:
    """The town as a LAS file of point format 2."""
    laspy = importlib.import_module("laspy")  # ships no types

    header = laspy.LasHeader(version="1.2", point_format=2)
    header.scales, header.offsets = np.full(3, 0.01), np.array(CORNER)
    with laspy.open(path, mode="w", header=header) as file:
        for first in range(0, points, PART):
            count = min(PART, points - first)
            places, classes, colors = town(first, points, count)
            record = laspy.ScaleAwarePointRecord.zeros(count, header=header)
            record.x, record.y, record.z = (places + np.array(CORNER)).T
            record.classification = classes
            record.intensity = (colors.mean(axis=1) * 200).astype(np.uint16)
            record.red, record.green, record.blue = (colors * 256).astype(np.uint16).T
            record.return_number[:], record.number_of_returns[:] = 1, 1
            file.write_points(record)
    return path


def main() -> int:
    """Entry of the script."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("path", type=Path)
    parser.add_argument("--points", type=int, default=100_000_000)
    args = parser.parse_args()
    print(write_town(args.path, args.points))
    return 0


if __name__ == "__main__":
    sys.exit(main())
