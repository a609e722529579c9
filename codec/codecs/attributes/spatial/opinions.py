"""What each opinion says of a decision: logistic distributions around the predictions, for the mixers.

docs/attribute-coding.md, "Opinions".
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from octavox.codec.coding.kernels.jit import Int, inlined
from octavox.codec.coding.logistic import STRETCH_LIMIT, STRETCH_OFFSET, squash_table, stretch_table

from .model import OPINION_LANE, Model
from .predict import clipped
from .tables import log_growth, softplus


class Cells(NamedTuple):
    """What the numbers 0, 1, 2, ... that are coded stand for.

    fraction: of the channel. Cell k, up to `top`, has the `step` values from k * step + least on; where
    values have to come back exactly it is the value k.
    """

    fraction: Int
    step: Int
    least: Int
    top: Int


@inlined
def value_of(cells: Cells, cell: Int) -> Int:
    """The value that stands for a cell: the middle one."""
    return cell * cells.step + cells.least + (cells.step >> 1)


_SQUASH = squash_table()
_STRETCH = stretch_table()


@inlined
def _z(m: Model, k: Int, cells: Cells, cell: Int) -> Int:
    """Place of the lower bound of a cell on the scale of opinion k, in 1/256."""
    bound = cell * cells.step + cells.least
    below = (bound << cells.fraction) - (np.int64(1) << (cells.fraction - 1)) - m.work.centres[k]
    place: Int = (below * m.work.slopes[k]) >> 16
    return place


@inlined
def is_centre(m: Model, cells: Cells, centre: Int) -> None:
    """Opinions on whether the value is the centre."""
    for k in range(m.opinions):
        low = clipped(_z(m, k, cells, centre), STRETCH_LIMIT)
        high = clipped(_z(m, k, cells, centre + 1), STRETCH_LIMIT)
        p = (np.int64(_SQUASH[high + STRETCH_OFFSET]) - np.int64(_SQUASH[low + STRETCH_OFFSET])) >> 8
        bounded: Any = min(max(p, 0), 65535)
        m.work.opinions[OPINION_LANE + k] = _STRETCH[bounded]


@inlined
def is_above(m: Model, cells: Cells, centre: Int, width: Int) -> None:
    """Opinions on whether the value is above the centre, or with wide buckets not below it."""
    for k in range(m.opinions):
        low = _z(m, k, cells, centre)
        x = -low if width else softplus(-low) - softplus(_z(m, k, cells, centre + 1))
        m.work.opinions[OPINION_LANE + k] = clipped(x, STRETCH_LIMIT)


@inlined
def begin_steps(m: Model, cells: Cells, edge: Int, up: bool) -> None:
    """Where the bucket that begins at `edge` begins for each opinion."""
    for k in range(m.opinions):
        m.work.edges[k] = _z(m, k, cells, edge) if up else -_z(m, k, cells, edge + 1)


@inlined
def size_steps(m: Model, cells: Cells, size: Int) -> None:
    """What buckets of `size` values are for each opinion."""
    for k in range(m.opinions):
        grown = ((size * cells.step << cells.fraction) * m.work.slopes[k]) >> 16
        m.work.steps[k] = grown
        m.work.losses[k] = log_growth(grown)


@inlined
def is_beyond(m: Model) -> None:
    """Opinions on whether the value lies beyond the bucket; moves on to the next one."""
    for k in range(m.opinions):
        z = m.work.edges[k]
        m.work.opinions[OPINION_LANE + k] = clipped(softplus(-z) - m.work.losses[k], STRETCH_LIMIT)
        m.work.edges[k] = z + m.work.steps[k]


@inlined
def is_in_upper(m: Model, cells: Cells, low: Int, half: Int) -> None:
    """Opinions on whether a value of the 2 half values from `low` on lies in the upper half of them."""
    for k in range(m.opinions):
        grown = ((half * cells.step << cells.fraction) * m.work.slopes[k]) >> 16
        x = softplus(_z(m, k, cells, low)) - softplus(_z(m, k, cells, low + 2 * half)) + grown
        m.work.opinions[OPINION_LANE + k] = clipped(x, STRETCH_LIMIT)
