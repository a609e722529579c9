"""Whether the intensities of a spinning scan are predicted better along rings, on generated frames.

    python bench/rings.py

A ring is all that one beam sees in a turn. The true beams and steps of the frames are used, which a coder
would have to find. Bits a point:

- coded: by the coder of integers, which looks at the nearest points that are known;
- by ring: the same coder, if the points lay in a grid of rings and steps (as near to each other as steps are
  in a row) with the distance as the third axis, so that it codes and looks along rings;
- near, and ring: entropy of what least squares leaves, in classes by the misses at the three nearest,
  from the twelve neighbours of the coder alone, and also from up to two known returns on each side of the
  ring.
  Weights are fitted to the frame itself, so both are bounds for such a prediction;
- floor: entropy of the noise of the sensor. No coder takes fewer on average.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
import numpy.typing as npt

from bench import spins
from bench.lidar import FRAMES
from octavox import codec
from octavox.codec.cloud.morton import morton_encode
from octavox.codec.codecs.attributes.spatial.neighbours import (
    NEIGHBOURS,
    Neighbours,
    find_neighbours,
    new_search,
)

MILLIMETRES = 2
APART, ALONG = 4, 0.3  # cells between two rings; metres of distance in a cell
RING_REACH = 12  # steps
SCALED = 3  # nearest points whose misses say how large the next is expected to be

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def attribute_bits(cells: Ints, intensity: npt.NDArray[np.uint8]) -> float:
    """Bits a point that the intensities take in a stream; of points of one cell only the first counts."""
    _, first = np.unique(cells, axis=0, return_index=True)
    places = np.ascontiguousarray(cells[first], np.int32)
    options = codec.CodecOptions(codec="octree")
    with_it = codec.PointCloud(places, attributes={"intensity": intensity[first]})
    sizes = [len(codec.encode(c, options=options).data) for c in (with_it, codec.PointCloud(places))]
    return 8 * (sizes[0] - sizes[1]) / len(first)


@dataclass(frozen=True)
class Scan:
    """Returns in the order in which they are coded. near: (n, 12) rows of the coder's neighbours, or -1.

    ring: (n, 4) the two known returns before and the two after on the ring, or -1.
    """

    intensity: Floats
    near: Ints
    ring: Ints
    same_beam: float


def scan_of(found: spins.Returns, cells: Ints, sensor: spins.Sensor) -> Scan:
    """cells: (n, 3) of the returns."""
    codes = morton_encode(cells)
    order = np.argsort(codes, kind="stable")
    n, rows = len(order), np.arange(len(order))
    beam, column = found.beam[order], found.column[order]
    own = Neighbours(*(np.zeros(n * size, np.int32) for size in (NEIGHBOURS, NEIGHBOURS, 1)))
    find_neighbours(new_search(codes[order], cells[order].astype(np.int32)), own, 0, n)
    there = np.arange(NEIGHBOURS) < own.sizes[:, None]
    near = np.where(there, own.row.reshape(n, NEIGHBOURS).astype(np.int64), -1)
    grid = np.full((len(sensor.elevation), sensor.steps), -1)
    grid[beam, column] = rows
    ring = np.full((n, 4), -1)
    for first, way in ((0, -1), (2, 1)):
        count = np.zeros(n, np.int64)
        for step in range(1, RING_REACH + 1):
            other = grid[beam, (column + way * step) % sensor.steps]
            for k in (1, 0):
                new = (other >= 0) & (other < rows) & (count == k)
                ring[new, first + k] = other[new]
                count += new
    has = near[:, 0] >= 0
    same = float((beam[near[has, 0]] == beam[has]).mean())
    return Scan(found.intensity[order].astype(np.float64), near, ring, same)


def left(scan: Scan, with_ring: bool) -> float:
    """Bits a point of what least squares leaves."""
    inputs = np.concatenate([scan.near, scan.ring], 1) if with_ring else scan.near
    base = np.where(scan.near[:, 0] >= 0, scan.intensity[scan.near[:, 0]], scan.intensity.mean())
    given = np.where(inputs >= 0, scan.intensity[inputs] - base[:, None], 0)
    # Weights of their own for each level of the intensity nearby.
    level = np.minimum(np.log2(base + 1).astype(np.int64), 6)
    miss = np.zeros(len(base))
    for k in np.unique(level):
        rows = level == k
        weights = np.linalg.lstsq(given[rows], (scan.intensity - base)[rows], rcond=None)[0]
        miss[rows] = (scan.intensity - base)[rows] - given[rows] @ weights
    nearest = scan.near[:, :SCALED]
    scale = np.where(nearest >= 0, np.abs(miss)[nearest], 0).sum(1) / np.maximum((nearest >= 0).sum(1), 1)
    classes, total = np.minimum((3 * np.log2(scale + 0.5)).astype(np.int64), 20), 0.0
    for k in np.unique(classes):
        counts = np.unique(np.rint(miss[classes == k]), return_counts=True)[1]
        total -= float((counts * np.log2(counts / counts.sum())).sum())
    return total / len(miss)


def main() -> int:
    """Prints the table."""
    print("cloud | points | nearest is of the same beam | coded | by ring | near | and ring | floor")
    for title, (sensor, seed) in FRAMES.items():
        found = spins.returns(sensor, seed)
        cells = np.floor(found.points * (1000 / MILLIMETRES) + 0.5).astype(np.int64)
        cells -= cells.min(0)
        at = np.arctan2(found.points[:, 1], found.points[:, 0]) % (2 * np.pi)
        ring = np.argsort(np.argsort(sensor.elevation))[found.beam]
        distance = np.linalg.norm(found.points, axis=1)
        grid = [APART * ring, np.rint(at * sensor.steps / (2 * np.pi)), np.rint(distance / ALONG)]
        scan = scan_of(found, cells, sensor)
        figures = [attribute_bits(cells, found.intensity)]
        figures += [attribute_bits(np.stack(grid, 1).astype(np.int64), found.intensity)]
        figures += [left(scan, False), left(scan, True), float(found.floor.mean())]
        row = [title, f"{len(cells):,}", f"{scan.same_beam:.2f}", *(f"{bits:.3f}" for bits in figures)]
        print(" | ".join(row), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
