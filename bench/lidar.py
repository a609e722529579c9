"""Spinning laser scans: what the sensor saves, beside G-PCC's octree, angular and predictive modes.

    python bench/lidar.py                          generated frames of two sensors, one of them moving
    python bench/lidar.py FOLDER --tmc3 PATH       and the PLY clouds of a folder, beside a G-PCC binary

Prints a table of bits a point. G-PCC's angular and predictive modes are given the true sensor of generated
frames.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
import numpy.typing as npt

from bench import spins
from bench.measure import GPCC, gpcc_bytes, run
from octavox import codec

# Seeds other than those with which the codec was made.
FRAMES = {
    "64 beams": (spins.sixty_four(21), 31),
    "32 beams": (spins.thirty_two(22), 32),
    "32 beams, moving": (spins.thirty_two(22, (0.5, -0.1)), 33),
    "64 beams, moving": (replace(spins.sixty_four(23), drift=(1.0, 0.1)), 34),
}
MILLIMETRES = (1, 2, 4)


def bits(cloud: codec.VoxelCloud, name: str) -> float:
    """Bits a point of a codec's stream."""
    data = codec.encode(cloud, options=codec.CodecOptions(codec=name)).data
    if not np.array_equal(codec.decode(data).cloud.coords, cloud.coords):
        raise AssertionError("the cloud did not come back")
    return 8 * len(data) / len(cloud)


def angular(sensor: spins.Sensor, low: npt.NDArray[np.int64], millimetres: int) -> list[str]:
    """G-PCC's options that name the sensor. low: the cloud's lowest voxel, seen from it."""
    order = np.argsort(sensor.elevation)
    return [
        "--angularEnabled=1",
        "--planarEnabled=1",
        "--lidarHeadPosition=" + ",".join(str(-v) for v in low),
        f"--numLasers={len(order)}",
        "--lasersTheta=" + ",".join(f"{v:.6f}" for v in np.tan(sensor.elevation[order])),
        "--lasersZ=" + ",".join(f"{v:.3f}" for v in 1000 / millimetres * sensor.height[order]),
        "--lasersNumPhiPerTurn=" + ",".join([str(sensor.steps)] * len(order)),
    ]


def gpcc(tmc3: str, cloud: Path, folder: Path, options: list[str]) -> int:
    """Bytes of G-PCC with these options."""
    target = folder / "mode.bin"
    paths = [f"--uncompressedDataPath={cloud}", f"--compressedStreamPath={target}"]
    run(tmc3, *GPCC, *paths, *options)
    return target.stat().st_size


def row(title: str, cloud: codec.VoxelCloud, tmc3: str | None, own: list[str] | None) -> str:
    """A line of the table. own: G-PCC's options that name the sensor, then its speed; or None."""
    cells = [f"{bits(cloud, name):.2f}" for name in ("octree", "multiscale")]
    if tmc3:
        with tempfile.TemporaryDirectory() as name:
            path, folder = Path(name, "cloud.ply"), Path(name)
            points = codec.PointCloud(np.asarray(cloud.coords, np.float32))  # G-PCC reads no whole numbers
            codec.write_ply(path, points)
            plain = gpcc_bytes(tmc3, path, folder)
            sizes = [plain]
            if own:
                free = ["--planarBufferDisabled=1", "--inferredDirectCodingMode=3", "--planarModeIdcmUse=32"]
                tree = ["--geomTreeType=1", "--predGeomSort=0", "--predGeomAzimuthSortPrecision=1024"]
                tree += ["--positionAzimuthScaleLog2=12", "--sortInputByAzimuth=1"]
                sizes += [gpcc(tmc3, path, folder, own[:-1] + free), gpcc(tmc3, path, folder, own + tree)]
            cells += [f"{8 * size / len(cloud):.2f}" for size in sizes] + ["" for _ in range(3 - len(sizes))]
            cells.append(f"{float(cells[0]) / (8 * plain / len(cloud)):.3f}")
    return " | ".join([title, f"{len(cloud):,}", *cells])


def main() -> int:
    """Entry of the script."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--tmc3", help="G-PCC test model, to measure it beside")
    words = "code without looking for the sensor; what that compiles goes there"
    parser.add_argument("--without-sensor", type=Path, metavar="FOLDER", help=words)
    args = parser.parse_args()
    if args.without_sensor:
        codec.use_variant("no-sensor", args.without_sensor)
    heads = ["octree", "multiscale"]
    heads += ["G-PCC octree", "angular", "predictive", "octree / G-PCC octree"] if args.tmc3 else []
    print(" | ".join(["cloud", "points", *heads]))
    for title, (sensor, seed) in FRAMES.items():
        points = spins.frame(sensor, seed)
        for millimetres in MILLIMETRES:
            voxels = np.unique(np.floor(points * (1000 / millimetres) + 0.5).astype(np.int64), axis=0)
            low = voxels.min(0)
            own = angular(sensor, low, millimetres)
            own.append(f"--positionAzimuthSpeed={(1 << 22) // sensor.steps}")
            cloud = codec.voxelize(codec.PointCloud(voxels - low))[0]
            print(row(f"{title}, {millimetres} mm", cloud, args.tmc3, own), flush=True)
    for path in sorted(args.folder.glob("*.ply")) if args.folder else []:
        print(row(path.stem, codec.voxelize(codec.read_cloud(path))[0], args.tmc3, None), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
