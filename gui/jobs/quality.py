"""Rates and distortions of the open cloud: of a sample of it, and of all of it at several levels of loss."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from itertools import chain

import numpy as np

from octavox import codec
from octavox.codec import CancelToken, CodecOptions, EncodeResult, Progress, VoxelCloud
from octavox.gui.document.job_state import ResultFound
from octavox.gui.document.quality import RatePoint, Samples, rate_point

from . import gpcc
from .compiling import COMPILER
from .job import Report

SAMPLE_SECONDS = 0.25  # of coding a sample once, about
MOST_SAMPLED = 1 << 17  # voxels
RUNS = 4  # parts of the cloud that make a sample
SAMPLED = (0.0, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 4.0)  # levels left to guess
CURVE = (0.5, 1.0, 1.5, 2.0, 3.0)


def sample(cloud: VoxelCloud, codec_name: str) -> VoxelCloud:
    """Some runs of voxels in Morton order, evenly spread: few where the codec is slow."""
    pace = codec.codec_info(codec_name).pace
    count = min(MOST_SAMPLED, max(1, int(SAMPLE_SECONDS * pace)))
    total = len(cloud)
    if total <= count:
        return VoxelCloud(cloud.coords, cloud.depth)
    long = count // RUNS
    starts = np.linspace(0, total - long, RUNS).astype(np.int64)
    rows = np.unique(np.concatenate([np.arange(start, start + long) for start in starts]))
    return VoxelCloud(cloud.coords[rows], cloud.depth)


def code_sample(cloud: VoxelCloud, options: CodecOptions, report: Report, cancel: CancelToken) -> Samples:
    """Codes a sample of a cloud without properties. Raises as `codec.encode`."""
    COMPILER.ensure(options.codec, report, cancel)
    some = sample(cloud, options.codec)
    options = replace(options, effort="normal")
    found = tuple(_points(some, options, SAMPLED, cancel, len(cloud)))
    return Samples(found, len(some), len(cloud))


def compute_curve(
    cloud: VoxelCloud, options: CodecOptions, drops: tuple[float, ...], report: Report, cancel: CancelToken
) -> list[RatePoint]:
    """Codes the voxels of a cloud, without properties, and reports each point of the curve at once.

    Then G-PCC does, where the user has it. Raises as `codec.encode` and `gpcc.gpcc_points`.
    """
    COMPILER.ensure(options.codec, report, cancel)
    whole, tmc3 = VoxelCloud(cloud.coords, cloud.depth), gpcc.binary()
    total = len(drops) + (len(gpcc.choices()) if tmc3 else 0)
    report(Progress("curve", 0, total))
    found: list[RatePoint] = []
    others = gpcc.gpcc_points(tmc3, whole, report, cancel) if tmc3 else ()
    for point in chain(_points(whole, options, drops, cancel, len(whole)), others):
        found.append(point)
        report(ResultFound("curve", len(found), total, result=point))
    return found


def _points(
    cloud: VoxelCloud, options: CodecOptions, drops: tuple[float, ...], cancel: CancelToken, whole: int
) -> Iterator[RatePoint]:
    """Only whole levels of a codec that codes whole ones."""
    for drop in drops:
        if drop != int(drop) and not codec.codec_info(options.codec).by_level:
            continue
        result = _encoded(cloud, options, drop, cancel)
        yield rate_point(result.report.to_dict(), drop, len(cloud), whole)


def _encoded(cloud: VoxelCloud, options: CodecOptions, drop: float, cancel: CancelToken) -> EncodeResult:
    encode = partial(codec.encode, cloud, options=options, cancel=cancel)
    return encode(drop_levels=drop)
