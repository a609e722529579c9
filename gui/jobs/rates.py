"""Codes the voxels of a cloud with several codecs at several depths."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from octavox import codec
from octavox.codec import CancelToken, CodecOptions, Progress, VoxelCloud
from octavox.gui.document.display import CloudDisplay
from octavox.gui.document.job_state import ResultFound
from octavox.gui.document.rates import Rate

from .compiling import COMPILER
from .job import Report

STEPS = 1000  # of the progress of one coding


def coarser(display: CloudDisplay, depth: int) -> VoxelCloud:
    """The voxels of a cloud on the grid of fewer bits per axis, without properties."""
    shift = display.cloud.depth - depth
    codes = display.codes >> 3 * shift
    first = np.ones(len(codes), bool)
    first[1:] = codes[1:] != codes[:-1]
    return VoxelCloud(display.cloud.coords[first] >> shift, depth)


def compute_rates(
    display: CloudDisplay,
    points: int,
    choices: Sequence[tuple[str, int]],
    options: CodecOptions,
    report: Report,
    cancel: CancelToken,
) -> list[Rate]:
    """Codes once for each codec and depth, and reports each result at once.

    points: of the file. Raises as `codec.encode`.
    """
    found: list[Rate] = []
    total = STEPS * len(choices)

    def progress(step: Progress) -> None:
        done = STEPS * step.done // step.total if step.total else 0
        report(Progress("rates", STEPS * len(found) + min(done, STEPS), total))

    for name, depth in choices:
        COMPILER.ensure(name, report, cancel)
        report(Progress("rates", STEPS * len(found), total))
        voxels = coarser(display, depth)
        result = codec.encode(voxels, options=replace(options, codec=name), progress=progress, cancel=cancel)
        seconds = sum(result.report.seconds.values())
        rate = Rate(name, depth, points, len(voxels), len(result.data), seconds)
        found.append(rate)
        report(ResultFound("rates", STEPS * len(found), total, result=rate))
    return found
