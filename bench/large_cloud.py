"""A generated town of any number of points as a LAS or LAZ file, written in parts, or as a bitstream.

    python bench/large_cloud.py town.las --points 100000000        26 bytes a point (also town.laz)
    python bench/large_cloud.py town.ovx --depth 13                its surface in voxels of 24 cm (octree)

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

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from octavox.codec import (
    CodecOptions,
    Transform,
    VoxelCloud,
    encode,
    morton_decode,
    morton_encode,
    save_stream,
)

Floats = npt.NDArray[np.float64]

PART = 1_000_000  # points
SIDE = 2_000.0  # metres
STRIPS = 20
OVERLAP = 1.3  # width of a strip, in distances of two
CORNER = (412_000.0, 5_651_000.0, 95.0)  # easting, northing, height
BLOCK, STREET = 48.0, 11.0  # metres
ROUGH = 0.2  # metres by which a surface goes up and down
LOWEST = -20.0  # below all points, in metres from the corner
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
    """The town as a LAS file of point format 2; packed where the name ends in .laz."""
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


def town_voxels(depth: int) -> VoxelCloud:
    """The surface of the town without gaps, at 1 << depth voxels a side."""
    side = 1 << depth
    edge = SIDE / side
    strip = max(1, PART // side)  # rows of columns at a time
    codes = [_strip_codes(first, min(strip, side - first), depth, edge) for first in range(0, side, strip)]
    merged = np.concatenate(codes)
    del codes
    merged.sort()
    corner = (CORNER[0], CORNER[1], CORNER[2] + LOWEST)
    return VoxelCloud(morton_decode(merged), depth, Transform(corner, edge), "double")


def _strip_codes(first: int, rows: int, depth: int, edge: float) -> npt.NDArray[np.int64]:
    """Morton codes of the voxels of some rows: each column from its own height down to its lowest neighbour,
    so that walls are closed; leaves above parks."""
    side = 1 << depth
    y, x = np.meshgrid(np.arange(first - 1, first + rows + 1), np.arange(-1, side + 1), indexing="ij")
    middles = [np.asarray((axis + 0.5) * edge, np.float64) for axis in (x, y)]
    tops = np.floor((_surface(*middles) - LOWEST) / edge).astype(np.int64)
    own = tops[1:-1, 1:-1]
    around = np.minimum.reduce([tops[:-2, 1:-1], tops[2:, 1:-1], tops[1:-1, :-2], tops[1:-1, 2:]])
    high = np.maximum(own - around, 1).ravel()
    column = np.repeat(np.arange(own.size), high)
    below = np.arange(len(column)) - np.repeat(np.cumsum(high) - high, high)
    coords = np.stack([column % side, first + column // side, own.ravel()[column] - below], axis=1)
    return np.asarray(morton_encode(coords.astype(np.int32), depth), np.int64)


def _surface(x: Floats, y: Floats) -> Floats:
    """(n, m) height of ground, roofs and tops of trees over the corner, in metres."""
    column, row = np.floor(x / BLOCK), np.floor(y / BLOCK)
    inside = (np.mod(x, BLOCK) > STREET) & (np.mod(y, BLOCK) > STREET)
    kind = _noise(column, row)
    roofs = np.where(inside & (kind < 0.72), 6 + 22 * _noise(column + 7, row), 0.0)
    leaves = np.maximum(0.0, np.sin(x * 1.3) * np.cos(y * 1.1)) * 9 * _noise(np.floor(x / 6), np.floor(y / 6))
    rough = ROUGH * _noise(x, y)
    return np.asarray(_hills(x, y) + roofs + np.where(inside & (kind > 0.85), leaves, 0.0) + rough)


def write_town_stream(path: Path, depth: int) -> Path:
    """The voxels of the town as a bitstream, in slices of a million and a half at most."""
    save_stream(path, encode(town_voxels(depth), options=CodecOptions(codec="octree")).data)
    return path


def main() -> int:
    """Entry of the script."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("path", type=Path)
    parser.add_argument("--points", type=int, default=100_000_000)
    parser.add_argument("--depth", type=int, default=13, help="bits per axis of a bitstream")
    args = parser.parse_args()
    if args.path.suffix == ".ovx":
        print(write_town_stream(args.path, args.depth))
    else:
        print(write_town(args.path, args.points))
    return 0


if __name__ == "__main__":
    sys.exit(main())
