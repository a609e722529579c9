"""Points of G-PCC, the MPEG test model, for the plot of rate and distortion: its binary codes the open cloud.

The environment variable OCTAVOX_TMC3 names the binary (tmc3). Options are those of the common test
conditions.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from octavox import codec
from octavox.codec import CancelToken, PointCloud, VoxelCloud
from octavox.gui.document.quality import RatePoint

from .job import Report
from .subprocess_job import run_in_subprocess

VARIABLE = "OCTAVOX_TMC3"
LOOK_S = 0.1  # between two looks at the cancel token
NODES = (4, 3, 2)  # log2 of trisoup's nodes
SCALES = (0.25, 0.5, 0.75)  # of positions, octree
_COMMON = (
    "--mode=0",
    "--mergeDuplicatedPoints=1",
    "--disableAttributeCoding=1",
    "--neighbourAvailBoundaryLog2=8",
    "--intra_pred_max_node_size_log2=6",
    "--maxNumQtBtBeforeOt=4",
    "--minQtbtSizeLog2=0",
)


def binary() -> str:
    """The test model that the user named; "" without one."""
    path = os.environ.get(VARIABLE, "")
    return path if path and Path(path).is_file() else ""


def choices() -> list[tuple[str, str, list[str]]]:
    """What is computed: name of the curve, of the point, and options."""
    found = []
    for node in NODES:
        more = int(node > 2)
        options = [
            "--inferredDirectCodingMode=0",
            "--positionQuantizationScale=1",
            f"--trisoupNodeSizeLog2={node}",
            "--trisoupQuantizationBits=2",
            f"--trisoupCentroidResidualEnabled={more}",
            f"--trisoupFaceVertexEnabled={more}",
            "--trisoupImprovedEncoderEnabled=1",
        ]
        found.append(("G-PCC trisoup", f"trisoupNodeSizeLog2 {node}", options))
    for scale in SCALES:
        options = ["--inferredDirectCodingMode=1", f"--positionQuantizationScale={scale}"]
        found.append(("G-PCC octree", f"positionQuantizationScale {scale}", options))
    return found


def gpcc_points(tmc3: str, cloud: VoxelCloud, report: Report, cancel: CancelToken) -> Iterator[RatePoint]:
    """The points of a cloud's voxels, one after the other. Raises OSError, CancelledError, RuntimeError with
    the words of a binary that fails."""
    voxels = PointCloud(cloud.coords)
    measure = partial(codec.compare, peak=float((1 << cloud.depth) - 1))
    with codec.scratch_folder() as folder:
        source, stream, back = (folder / name for name in ("cloud.ply", "cloud.bin", "back.ply"))
        codec.write_cloud(source, voxels)
        for name, setting, options in choices():
            paths = [f"--uncompressedDataPath={source}", f"--compressedStreamPath={stream}"]
            _run([tmc3, *_COMMON, *options, *paths], cancel)
            paths = [f"--compressedStreamPath={stream}", f"--reconstructedDataPath={back}"]
            _run([tmc3, "--mode=1", *paths], cancel)
            decoded = PointCloud(codec.read_cloud(back, cancel=cancel).positions)
            found = run_in_subprocess(measure, voxels, decoded, report=_nothing, cancel=cancel).report.d1
            size = stream.stat().st_size
            bits = 8 * size / max(1, len(cloud))
            yield RatePoint(name, 0.0, size, bits, found.psnr, found.hausdorff, cloud.depth, setting)


def _nothing(step: object) -> None:
    """The comparison is one of many steps, and reports none of its own."""


def _run(command: list[str], cancel: CancelToken) -> None:
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT)
        try:
            while True:
                cancel.raise_if_cancelled()
                with contextlib.suppress(subprocess.TimeoutExpired):
                    status = process.wait(LOOK_S)
                    break
        finally:
            process.kill()
            process.wait()
        if status:
            output.seek(0)
            words = output.read().decode(errors="replace").strip()[-400:]
            raise RuntimeError(f"{command[0]} ended with status {status}: {words}")
