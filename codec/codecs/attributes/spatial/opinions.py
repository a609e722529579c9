"""What each opinion says of a decision: logistic distributions around the predictions, for the mixers.

docs/attribute-coding.md, "Opinions".
"""

from __future__ import annotations

from typing import Any

import numpy as np

from octavox.codec.coding.kernels.jit import Int, inlined
from octavox.codec.coding.logistic import STRETCH_LIMIT, STRETCH_OFFSET, squash_table, stretch_table

from .model import OPINION_LANE, OPINIONS, Model
from .predict import clipped
from .tables import log_growth, softplus

_SQUASH = squash_table()
_STRETCH = stretch_table()


@inlined
def _z(m: Model, k: Int, fraction: Int, value: Int) -> Int:
    """Place of the lower bound of a value on the scale of opinion k, in 1/256."""
    below = (value << fraction) - (np.int64(1) << (fraction - 1)) - m.work.centres[k]
    place: Int = (below * m.work.slopes[k]) >> 16
    return place


@inlined
def is_centre(m: Model, fraction: Int, centre: Int) -> None:
    """Opinions on whether the value is the centre."""
    for k in range(OPINIONS):
        low = clipped(_z(m, k, fraction, centre), STRETCH_LIMIT)
        high = clipped(_z(m, k, fraction, centre + 1), STRETCH_LIMIT)
        p = (np.int64(_SQUASH[high + STRETCH_OFFSET]) - np.int64(_SQUASH[low + STRETCH_OFFSET])) >> 8
        bounded: Any = min(max(p, 0), 65535)
        m.work.opinions[OPINION_LANE + k] = _STRETCH[bounded]


@inlined
def is_above(m: Model, fraction: Int, centre: Int, width: Int) -> None:
    """Opinions on whether the value is above the centre, or with wide buckets not below it."""
    for k in range(OPINIONS):
        low = _z(m, k, fraction, centre)
        x = -low if width else softplus(-low) - softplus(_z(m, k, fraction, centre + 1))
        m.work.opinions[OPINION_LANE + k] = clipped(x, STRETCH_LIMIT)


@inlined
def begin_steps(m: Model, fraction: Int, edge: Int, up: bool) -> None:
    """Where the bucket that begins at `edge` begins for each opinion."""
    for k in range(OPINIONS):
        m.work.edges[k] = _z(m, k, fraction, edge) if up else -_z(m, k, fraction, edge + 1)


@inlined
def size_steps(m: Model, fraction: Int, size: Int) -> None:
    """What buckets of `size` values are for each opinion."""
    for k in range(OPINIONS):
        grown = ((size << fraction) * m.work.slopes[k]) >> 16
        m.work.steps[k] = grown
        m.work.losses[k] = log_growth(grown)


@inlined
def is_beyond(m: Model) -> None:
    """Opinions on whether the value lies beyond the bucket; moves on to the next one."""
    for k in range(OPINIONS):
        z = m.work.edges[k]
        m.work.opinions[OPINION_LANE + k] = clipped(softplus(-z) - m.work.losses[k], STRETCH_LIMIT)
        m.work.edges[k] = z + m.work.steps[k]


@inlined
def is_in_upper(m: Model, fraction: Int, low: Int, half: Int) -> None:
    """Opinions on whether a value of the 2 half values from `low` on lies in the upper half of them."""
    for k in range(OPINIONS):
        grown = ((half << fraction) * m.work.slopes[k]) >> 16
        x = softplus(_z(m, k, fraction, low)) - softplus(_z(m, k, fraction, low + 2 * half)) + grown
        m.work.opinions[OPINION_LANE + k] = clipped(x, STRETCH_LIMIT)
