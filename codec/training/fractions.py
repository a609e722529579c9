"""The choice of fraction bits of the activations, by the rate of the integer network that they give."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TypeVar

WORTH = 0.001  # a smaller gain on a few blocks is accidental

K = TypeVar("K", bound=Hashable)


MOST_LOWERED = 8


def feasible(start: dict[K, int], rate: Callable[[dict[K, int]], float]) -> tuple[dict[K, int], float]:
    """`start`, or fewer bits for all if the weights need it; and the rate. ValueError if none fit."""
    for lowered in range(MOST_LOWERED):
        trial = {name: bits - lowered for name, bits in start.items()}
        try:
            return trial, rate(trial)
        except ValueError:
            continue
    raise ValueError("weights too large for any scale of the activations")


def search(start: dict[K, int], rate: Callable[[dict[K, int]], float]) -> dict[K, int]:
    """The fraction bits of each activation that give the least `rate`, chosen one by one from `start`.

    Finer steps clip the largest values. That may raise or lower the rate, because rare large values are often
    wrong. `rate` raises ValueError for fraction bits that the weights do not allow.
    """
    best, least = feasible(start, rate)
    for name in start:
        for step in (1, -1):
            moved = False
            while True:
                trial = {**best, name: best[name] + step}
                try:
                    found = rate(trial)
                except ValueError:
                    break
                if found >= least * (1 - WORTH):
                    break
                best, least, moved = trial, found, True
            if moved:
                break
    return best
