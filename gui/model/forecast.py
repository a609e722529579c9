"""How long a compression will take, from what earlier ones took on this machine."""

from __future__ import annotations

from codec import CodecOptions

# Points a second before anything was measured: two cores of an ordinary machine, four block sizes.
GUESSES = {"octree": 500_000.0, "multiscale": 250_000.0, "voxeldnn": 12_000.0}
ELSE = 100_000.0
FIRST_SECONDS = 1.5  # a codec loads its packages, weights and compiled code on first use
WEIGHT = 0.5  # of the newest measurement


def rate_key(options: CodecOptions) -> str:
    """Under which name the pace of a choice of options is remembered."""
    levels = f"-{options.max_level}" if options.codec == "voxeldnn" else ""
    return f"{options.codec}{levels}-{options.device}-{options.threads or 'all'}"


def learned(before: float | None, points: int, seconds: float) -> float:
    """Points a second after one more compression."""
    now = points / max(seconds, 1e-3)
    return now if before is None else (1 - WEIGHT) * before + WEIGHT * now


def seconds_for(options: CodecOptions, points: int, rate: float | None) -> float:
    """Seconds that coding so many points will take; rate: points a second, None where it is unknown."""
    if rate is None:
        return FIRST_SECONDS + points / GUESSES.get(options.codec, ELSE)
    return points / rate
