"""Lossy geometry by G-PCC: the rates that were noted, or a test model's binary measured anew."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from bench.measure import GPCC, ROOT, run
from octavox import codec

NOTED = ROOT / "bench" / "gpcc_lossy.json"
NODES = (5, 4, 3, 2)  # log2 of trisoup's nodes
SCALES = (0.25, 0.5, 0.75)  # of positions, octree
COMMON = [option for option in GPCC if not option.startswith("--positionQuantizationScale")]
Curve = list[list[float]]  # bits per point of the source, D1 PSNR


def noted(cloud: str) -> dict[str, Curve]:
    """The curves of bench/gpcc_lossy.json, which says how they were measured; none of other clouds."""
    table: dict[str, Any] = json.loads(NOTED.read_text())
    return {name: table[name][cloud] for name in ("trisoup", "octree") if cloud in table[name]}


def measured(tmc3: str, cloud: Path, points: int, bits: int) -> dict[str, Curve]:
    """The curves of a test model's binary. bits: of the peak. Raises CalledProcessError where it fails."""
    choices = {
        "trisoup": [[trisoup_options(node)] for node in NODES],
        "octree": [[octree_options(scale, planar) for planar in (0, 1)] for scale in SCALES],
    }
    return {
        name: [min(_point(tmc3, cloud, points, bits, options) for options in point) for point in curve]
        for name, curve in choices.items()
    }


def trisoup_options(node: int) -> list[str]:
    """Options for nodes of 2^node voxels."""
    more = int(node > 2)
    return [
        *(option for option in COMMON if not option.startswith("--inferredDirectCodingMode")),
        "--inferredDirectCodingMode=0",
        "--positionQuantizationScale=1",
        f"--trisoupNodeSizeLog2={node}",
        "--trisoupQuantizationBits=2",
        f"--trisoupCentroidResidualEnabled={more}",
        f"--trisoupFaceVertexEnabled={more}",
        "--trisoupImprovedEncoderEnabled=1",
    ]


def octree_options(scale: float, planar: int) -> list[str]:
    """Options for scaled positions."""
    return [*COMMON, f"--positionQuantizationScale={scale}", f"--planarEnabled={planar}"]


def _point(tmc3: str, cloud: Path, points: int, bits: int, options: list[str]) -> list[float]:
    """Rate and D1 PSNR."""
    with tempfile.TemporaryDirectory() as name:
        stream, back = Path(name, "g.bin"), Path(name, "g.ply")
        run(tmc3, *options, f"--uncompressedDataPath={cloud}", f"--compressedStreamPath={stream}")
        run(tmc3, "--mode=1", f"--compressedStreamPath={stream}", f"--reconstructedDataPath={back}")
        rate, psnr = 8 * stream.stat().st_size / points, compared(cloud, back, bits).d1.psnr
    if psnr is None:
        raise SystemExit(f"{cloud.stem}: a lossy stream of G-PCC has no error")
    return [rate, psnr]


def compared(cloud: Path, back: Path, bits: int) -> codec.ComparisonReport:
    """D1 and D2 of a decoded file, at the peak 2^bits - 1."""
    files = codec.read_cloud(cloud), codec.read_cloud(back)
    return codec.compare(*files, peak=2**bits - 1).report
