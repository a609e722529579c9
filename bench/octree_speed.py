"""Speed of the octree codec in a warm process: `python -m bench.octree_speed [CLOUD ...] [-o OUT.json]`.

Each cloud is encoded and decoded several times at each number of threads, after one turn that compiles; times
are medians, of the wall and of the processor, in seconds per million points, voxels to stream and back. A
process of its own gives what start and the loading of compiled code take, another the memory. Without a cloud
a made-up bent surface stands in. A loaded machine shows in `load`, and as wall far above processor time.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

import codec
from bench.measure import ROOT, machine, run
from codec import CodecOptions, VoxelCloud
from codec.order import sort_unique

THREADS = (1, 2)
_LOAD = (
    f"import sys, time; sys.path.insert(0, {str(ROOT)!r}); start = time.perf_counter()\n"
    "import numpy as np, codec\nfrom codec import CodecOptions, VoxelCloud\n"
    "cloud = VoxelCloud(np.array([[1, 2, 3]], np.int32), 4)\n"
    "data = codec.encode(cloud, options=CodecOptions(codec='octree')).data\n"
    "assert len(codec.decode(data).cloud) == 1\nprint(time.perf_counter() - start)"
)


def surface(points: int) -> VoxelCloud:
    """A bent sheet with steps and some noise, of about this many voxels."""
    side = int(points**0.5)
    x, y = np.meshgrid(np.arange(side), np.arange(side))
    rough = np.random.default_rng(1).random(x.shape) < 0.05
    z = side // 3 + np.round(side / 9 * np.sin(x * 9 / side) * np.cos(y * 7 / side)).astype(np.int64) + rough
    depth = max(side - 1, int(z.max())).bit_length()
    return VoxelCloud(sort_unique(np.stack([x, y, z], -1).reshape(-1, 3), depth), depth)


def timed(call: Callable[[], Any], runs: int) -> tuple[dict[str, float], Any]:
    """Median seconds of some calls, by both clocks, and what the last one gave."""
    wall, busy, result = [], [], None
    for _ in range(runs):
        started, used = time.perf_counter(), time.process_time()
        result = call()
        wall.append(time.perf_counter() - started)
        busy.append(time.process_time() - used)
    return {"wall": statistics.median(wall), "processor": statistics.median(busy)}, result


def measure(cloud: VoxelCloud, runs: int) -> dict[str, Any]:
    """Rate of a cloud, and times per million points by number of threads."""
    row: dict[str, Any] = {"points": len(cloud), "depth": cloud.depth}
    million = len(cloud) / 1e6
    for threads in THREADS:
        options = CodecOptions(codec="octree", threads=threads)
        encode, coded = timed(partial(codec.encode, cloud, options=options), runs)
        decode, back = timed(partial(codec.decode, coded.data, options=options), runs)
        if not np.array_equal(back.cloud.coords, cloud.coords):
            raise SystemExit("the decoded voxels differ")
        row["bpov"] = round(8 * len(coded.data) / len(cloud), 4)
        row[f"threads {threads}"] = {
            name: {clock: round(seconds / million, 3) for clock, seconds in times.items()}
            for name, times in (("encode", encode), ("decode", decode))
        }
    return row


def memory(cloud: VoxelCloud) -> dict[str, float]:
    """MB per million points that coding adds to a process that coded a single voxel."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "cloud.ply")
        codec.write_ply(path, cloud)
        base = run(sys.executable, "-c", _LOAD).memory
        stream = Path(folder, "cloud.ovx")
        script = ROOT / "main.py"
        encode = run(sys.executable, script, "encode", path, "-o", stream, "--codec", "octree")
        decode = run(sys.executable, script, "decode", stream, "-o", Path(folder, "back.ply"))
    scale = len(cloud)  # bytes a point are MB per million points
    return {
        "encode": round((encode.memory - base) / scale, 1),
        "decode": round((decode.memory - base) / scale, 1),
    }


def main() -> int:
    """Measures the clouds of the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("clouds", nargs="*", type=Path, help="PLY files on a voxel grid")
    parser.add_argument("--runs", type=int, default=3, help="runs whose median counts (3)")
    parser.add_argument("--points", type=int, default=500_000, help="of the made-up surface (500000)")
    parser.add_argument("-o", "--output", type=Path, help="JSON file; otherwise the standard output")
    arguments = parser.parse_args()

    clouds = {path.name: codec.voxelize(codec.read_cloud(path))[0] for path in arguments.clouds}
    clouds = clouds or {"surface": surface(arguments.points)}
    run(sys.executable, "-c", _LOAD)  # compiles, where nothing is cached
    result: dict[str, Any] = {
        "machine": machine(),
        "start and load, s": round(float(run(sys.executable, "-c", _LOAD).output.split()[-1]), 2),
    }
    codec.decode(codec.encode(surface(2000), options=CodecOptions(codec="octree")).data)
    result["clouds"] = {name: measure(cloud, arguments.runs) for name, cloud in clouds.items()}
    largest = max(clouds, key=lambda name: len(clouds[name]))
    result["memory, MB per million points"] = {"cloud": largest, **memory(clouds[largest])}
    text = json.dumps(result, indent=2)
    if arguments.output:
        arguments.output.write_text(text + "\n", encoding="utf-8")
    else:
        print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
