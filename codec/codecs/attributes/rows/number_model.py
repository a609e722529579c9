"""What adapts while a field of numbers is coded, and where it is kept."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from octavox.codec.arrays import Int64Array
from octavox.codec.coding.kernels.jit import Int, inlined
from octavox.codec.coding.least_squares import LeastSquares, new_least_squares
from octavox.codec.coding.mixed_bits import MixedBits, new_mixed_bits
from octavox.codec.coding.residuals import DISTRIBUTIONS, NODE_CLASSES, NODES, PLAIN_MODELS, Distributions

from .cells import Cells, new_cells
from .guesses import Ratios, Times, new_ratios, new_times
from .layout import CLASS_VALUES, RATIO_KEY, SIZE, Part, has_cells

GUESSES = 6  # base, two of least squares, one of the neighbours' shape or a ratio, two of cells
BLEND = GUESSES  # place of the blend's error among those of the guesses
ALL_CLASSES = CLASS_VALUES * CLASS_VALUES
SIZES = 64  # classes of sizes: two for each doubling
_WEIGHTS = (0.12, 0.3)
_WIDTHS, _SCALES, _SIGNS, _HITS, _CLASSES = 8, 32, 49, 3, 16
FIRST_SETS = (
    0,
    _WIDTHS * NODES,
    _WIDTHS * NODES + _SCALES * NODE_CLASSES,
    _WIDTHS * NODES + (_SCALES + _SIGNS) * NODE_CLASSES,
)
_SETS = FIRST_SETS[3] + _HITS * _CLASSES * NODE_CLASSES
BIASES = 16 * 7 * _SIGNS
SCALE_CLASSES = 8
_PLAIN_SCALES = SIZES * SCALE_CLASSES
SPREAD = 4  # the distribution whose scale depends on two sizes; its table is the last
DELTAS = 5
LAST, HAS_LAST = DELTAS + 1, DELTAS + 2  # places in `deltas`


class NumberModel(NamedTuple):
    """errors: (ring * 8,) int64 of recent rows, of each guess and of the blend. mask: ring - 1.

    running: (GUESSES,) int64 running sums of errors. scales: (n, 2) int64 mean error in 1/256 and how often
    it was seen. biases: (BIASES, 2) int64 likewise. deltas: (ALL_CLASSES, DELTAS + 3) int64 of each class the
    last differences and how many; then the last value, and whether there is one. state: (4,) int64, the last
    two residuals, the rows of the block of least squares, and the field. The rest is working memory.
    """

    bits: MixedBits
    distributions: Distributions
    squares: LeastSquares
    cells: Cells
    ratios: Ratios
    times: Times
    errors: Int64Array
    mask: Int
    running: Int64Array
    scales: Int64Array
    biases: Int64Array
    deltas: Int64Array
    state: Int64Array
    guesses: Int64Array
    recent: Int64Array
    places: Int64Array


def new_number_model(part: Part, f: int, table_bits: int) -> NumberModel:
    """The model of field f."""
    field, rows = part.fields[f], part.values.shape[1]
    ring = 1 << max((2 * part.width + 8).bit_length(), 3)
    keys = int(part.fields[field[RATIO_KEY], SIZE]) if field[RATIO_KEY] >= 0 else 1
    return NumberModel(
        new_mixed_bits(table_bits, _SETS, NODES, _WEIGHTS, PLAIN_MODELS),
        Distributions(*(np.zeros(DISTRIBUTIONS, np.int64) for _ in range(3))),
        new_least_squares(),
        new_cells(has_cells(field, 0), rows),
        new_ratios(keys),
        new_times(),
        np.zeros(8 * ring, np.int64),
        ring - 1,
        np.zeros(GUESSES, np.int64),
        _first_scales(),
        np.zeros((BIASES, 2), np.int64),
        np.zeros((ALL_CLASSES, DELTAS + 3), np.int64),
        np.zeros(4, np.int64),
        np.zeros(GUESSES, np.int64),
        np.zeros(GUESSES + 1, np.int64),
        np.zeros(DISTRIBUTIONS, np.int64),
    )


def _first_scales() -> Int64Array:
    """Scales that follow from the class of the size alone."""
    sizes = np.arange(SIZES).clip(max=44)
    means = np.where(sizes < 2, sizes, (2 + (sizes & 1)) << np.maximum(sizes // 2 - 1, 0)) + 1 << 6
    first = np.repeat(means, SCALE_CLASSES)
    values = np.concatenate([np.tile(first, DISTRIBUTIONS - 1), np.tile(first, SIZES)])
    return np.stack([values, np.zeros_like(values)], axis=1).astype(np.int64)


@inlined
def scale_place(m: Int, size: Int, other: Int, kind: Int) -> Int:
    """Where the scale of distribution m is kept. size, other: classes of sizes. kind: below SCALE_CLASSES."""
    if m < DISTRIBUTIONS - 1:
        return (m * SIZES + size) * SCALE_CLASSES + kind
    return (DISTRIBUTIONS - 1) * _PLAIN_SCALES + (other * SIZES + size) * SCALE_CLASSES + kind


@inlined
def size_class(value: Int) -> Int:
    """Two classes for each doubling: 0, 1, 2, 3, 4 to 5, 6 to 7, 8 to 11, ..., at most 44."""
    if value < 2:
        return max(value, 0)
    place: Int = np.int64(0)
    while (value >> (place + 1)) > 0:
        place += 1
    return min(2 * place + ((value >> (place - 1)) & 1), 44)


@inlined
def signed_class(value: Int, scale: Int) -> Int:
    """Seven classes of a signed number: 3 near 0, 4 to 6 above, 0 to 2 below."""
    size: Any = abs(value)
    kind: Int = np.int64(3)
    if 4 * size < scale:
        kind = np.int64(0)
    elif 4 * size < 3 * scale:
        kind = np.int64(1)
    elif size < 2 * scale:
        kind = np.int64(2)
    return 3 - kind if value < 0 else 3 + kind


@inlined
def limited(value: Int, most: Int) -> Int:
    """Within +-most."""
    found: Int = min(max(value, -most), most)
    return found
