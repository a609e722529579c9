"""How long a compression will take, from what earlier ones took on this machine."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from octavox.codec import CodecOptions, codec_info, codec_option_specs, option_applies

COMPILE_SECONDS = 45.0  # once on a machine
FIRST_SECONDS = 1.5  # a codec loads its packages, weights and compiled code on first use
SEARCH_TRIES, SEARCH_POINTS = 16, 400_000  # of the high effort: how often it codes how much, at most
WEIGHT = 0.5  # of the newest measurement
RUNS, RUN = 16, 10_000  # runs of voxels that stand for a large cloud


def coding_work(codes: npt.NDArray[np.int64], depth: int) -> int:
    """What coding a cloud takes, in points of a dense surface. codes: (N,) sorted Morton codes of its voxels.

    The codecs visit the nodes of the octree, of which a surface has 4/3 for each voxel; in a sparse or deep
    cloud a voxel has a node of its own on many levels. Of a large cloud only parts are looked at.
    """
    if len(codes) < 2:
        return len(codes)
    starts, run = np.zeros(1, np.int64), len(codes) - 1
    if run > RUNS * RUN:
        starts, run = np.linspace(0, len(codes) - 1 - RUN, RUNS).astype(np.int64), RUN
    pairs = (starts[:, None] + np.arange(run)).reshape(-1)
    _, bits = np.frexp((codes[pairs] ^ codes[pairs + 1]).astype(np.float64))
    levels = np.minimum((bits + 2) // 3, depth)  # on which the second voxel of a pair has a node of its own
    return round(0.75 * float(levels.mean()) * len(codes))


def rate_key(options: CodecOptions) -> str:
    """Under which name the pace of a choice of options is remembered: all that may change it."""
    specs = (spec for spec in codec_option_specs() if spec.window and option_applies(options.codec, spec))
    return "-".join(str(getattr(options, spec.name)) for spec in specs)


def _tries(options: CodecOptions) -> bool:
    return options.effort == "high" and "effort" in codec_info(options.codec).options


def learned(before: float | None, points: int, seconds: float) -> float:
    """Points a second after one more compression."""
    now = points / max(seconds, 1e-3)
    return now if before is None else (1 - WEIGHT) * before + WEIGHT * now


def seconds_for(options: CodecOptions, points: int, rate: float | None, compiled: bool = True) -> float:
    """Seconds that coding so many points will take; rate: points a second, None where it is unknown."""
    if not compiled:
        return COMPILE_SECONDS + seconds_for(options, points, rate)
    if rate is None:
        tries = SEARCH_TRIES * min(points, SEARCH_POINTS) if _tries(options) else 0
        return FIRST_SECONDS + (points + tries) / codec_info(options.codec).pace
    return points / rate
