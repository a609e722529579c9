"""`octavox upsample`: adds points to a cloud."""

from __future__ import annotations

import argparse
from typing import Any

from octavox.codec.cloud.cloud import PointCloud, VoxelCloud
from octavox.codec.densify import LEAST_RATIO, MOST_RATIO, UpsampleReport, upsample
from octavox.codec.job import CancelToken, ProgressCallback

from .densify import add_common, carried_text, run_each

_MARK = "upsampled"
_FEW = 0.5  # of the voxels; where more are alone, the grid is too fine


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the arguments."""
    add_common(parser, _MARK)
    parser.add_argument(
        "--ratio",
        type=float,
        required=True,
        metavar="R",
        help=f"how many times as many voxels are occupied then, {LEAST_RATIO:g} to {MOST_RATIO:g}",
    )
    parser.add_argument(
        "--depth",
        type=int,
        metavar="N",
        help="bits per axis of the grid of the new points (default: the cloud's own lattice; without one, "
        "voxels as wide as points will be apart)",
    )


def run(args: argparse.Namespace) -> int:
    """Writes the clouds and the reports."""

    def work(
        cloud: PointCloud, progress: ProgressCallback | None, cancel: CancelToken
    ) -> tuple[PointCloud | VoxelCloud, dict[str, Any], str, list[str]]:
        found = upsample(
            cloud, args.ratio, depth=args.depth, threads=args.threads, progress=progress, cancel=cancel
        )
        return found.cloud, found.report.to_dict(), _text(found.report), _warnings(found.report)

    return run_each(args, _MARK, work)


def _text(report: UpsampleReport) -> str:
    old, new = f"{report.input_points:,} of the input, unchanged", f"{report.added:,} new ones"
    grid = f"a grid of {report.depth} bits per axis, voxels of {report.voxel_size:g}"
    return (
        f"{report.points:,} points: the {old}, and {new} on {grid}; "
        f"{report.ratio:.4g} times as many occupied voxels, in {sum(report.seconds.values()):.2f} s"
        f"{carried_text(report.carried)}"
    )


def _warnings(report: UpsampleReport) -> list[str]:
    """What the user should know, one sentence each."""
    found = []
    if round(report.asked * report.voxels) > report.voxels + report.added:
        found.append(f"within 2 voxels of the input's there is no place for {report.asked:g} times as many")
    if not report.own_grid:
        found.append(
            "the points of the input do not lie on the grid of the new ones; they stay where they are"
        )
    if report.alone > _FEW * report.voxels:
        where = f"{report.alone:,} of {report.voxels:,} voxels have no other one within 2 voxels"
        found.append(f"{where}: the grid is too fine for good guesses; --depth N chooses a coarser one")
    if report.left_out:
        found.append(
            f"{report.left_out:,} points have coordinates that are not finite; they stay as they are"
        )
    return found
