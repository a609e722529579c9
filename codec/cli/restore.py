"""`octavox restore`: gives back the points that a lossy codec may have had."""

from __future__ import annotations

import argparse
from typing import Any

from octavox.codec.cloud.cloud import PointCloud, VoxelCloud
from octavox.codec.densify import RestoreReport, restore
from octavox.codec.job import CancelToken, ProgressCallback

from .densify import add_common, carried_text, run_each

_MARK = "restored"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the arguments."""
    add_common(parser, _MARK)
    parser.add_argument(
        "--levels",
        type=int,
        metavar="K",
        help="how many octree levels finer the result is; 0 keeps the grid (default: as many as the "
        "coordinates show, by the largest power of two that divides all their differences)",
    )


def run(args: argparse.Namespace) -> int:
    """Writes the clouds and the reports."""

    def work(
        cloud: PointCloud, progress: ProgressCallback | None, cancel: CancelToken
    ) -> tuple[PointCloud | VoxelCloud, dict[str, Any], str, list[str]]:
        found = restore(cloud, levels=args.levels, threads=args.threads, progress=progress, cancel=cancel)
        return found.cloud, found.report.to_dict(), _text(found.report), _warnings(found.report)

    return run_each(args, _MARK, work)


def _text(report: RestoreReport) -> str:
    how = f"{report.levels} octree levels finer" if report.levels != 1 else "1 octree level finer"
    if not report.levels:
        how = "on the grid of the input"
    return (
        f"{report.points:,} points of {report.input_points:,}, {how}, steps of {report.step:g}, "
        f"in {sum(report.seconds.values()):.2f} s{carried_text(report.carried)}"
    )


def _warnings(report: RestoreReport) -> list[str]:
    if not report.left_out:
        return []
    return [f"{report.left_out:,} points have coordinates that are not finite; they do not come back"]
