"""Lattices of colours: after a conversion between colour spaces only some triples of values can occur.

Such triples lie on planes at equal distances: a sum of steps times values, modulo one turn, is nearly the
same for all of them. The encoder looks for such steps where the characteristic function of the differences
between successive points has a maximum away from 0. docs/decisions/0006-attributes.md.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from octavox.codec.arrays import Float64Array, Int32Array, Int64Array

TURN = 1024  # steps count in 1/1024 turn
MOST_LATTICES = 3
PHASES_OF = (1, 32, 12, 6)  # phases of each lattice that are told apart, by the number of lattices
_FOLD = 64
_DIFFERENCES = 1 << 16
_SAMPLES = (2048, 16384)
_SMALLEST_STEP = 7  # of the last channel, in 1/64 turn; smaller ones say no more than the prediction
_NOISE = 4.5  # times the mean of what independent differences have
_SMALLEST = 0.1  # strength of a lattice
_COMPARABLE = 0.6  # of the strongest lattice, what others must have
_OUTSTANDING = 4  # times the median of all steps
_CHANGING = 4  # one difference in so many is not 0
_MOST_PEAKS = 10
_CIRCLE = np.exp(2j * np.pi * np.arange(TURN) / TURN)
_FEWEST, _HIGHEST = 4096, 4095  # points, and their largest value
_REMEMBERED = 1 << 16  # points of a sample
_NEAR, _FAR, _WIDE = (
    np.stack(np.meshgrid(*[np.arange(-r, r + 1)] * 3, indexing="ij"), -1).reshape(-1, 3) for r in (1, 2, 3)
)


def _peaks(differences: Int32Array) -> list[Int64Array]:
    """Local maxima of |E exp(2 pi i f d)|, as steps f in 1/64 turn, largest first."""
    place = differences & (_FOLD - 1)
    index = (place[:, 0] * _FOLD + place[:, 1]) * _FOLD + place[:, 2]
    counts = np.bincount(index, minlength=_FOLD**3).reshape((_FOLD,) * 3)
    size = np.abs(np.fft.rfftn(counts)) / len(differences)  # the last step is 0 to 1/2 turn
    enough = size > max(_NOISE / np.sqrt(len(differences)), _OUTSTANDING * float(np.median(size)))
    enough[:, :, :_SMALLEST_STEP] = False
    steps = np.argwhere(enough)
    height = size[enough]
    found: list[Int64Array] = []
    least = 0.0
    for k in np.argsort(-height, kind="stable"):
        if len(found) == _MOST_PEAKS or height[k] < least:
            break
        around = (steps[k] + _WIDE) % size.shape
        if height[k] == size[tuple(around.T)].max():  # the largest of the 7^3 around
            least = least or _COMPARABLE**2 * float(height[k])
            found.append(steps[k])
    return found


def _strength(values: Int32Array, steps: Int64Array) -> Float64Array:
    """|E exp(2 pi i f v)| for steps (S, 3) in 1/1024 turn."""
    # No product of matrices: the threads of numpy's library would stay awake for a while, and slow others.
    own, by = values.astype(np.int32), steps.astype(np.int32)
    turns = sum(own[:, k, None] * by[:, k] for k in range(3)) & (TURN - 1)
    return np.asarray(np.abs(_CIRCLE[turns].mean(axis=0)), np.float64)


def _sampled(rows: Int32Array, count: int) -> Int32Array:
    return rows[:: max(1, len(rows) // count)]


def _refined(values: Int32Array, differences: Int32Array, peak: Int64Array) -> tuple[float, Int64Array]:
    """How strong the lattice near a peak is, and its steps in 1/1024 turn."""
    best = TURN // _FOLD * peak.astype(np.int64)
    close = _sampled(differences, _SAMPLES[0])
    own = _sampled(values, _SAMPLES[0])
    for rows, offsets in (
        (close, 8 * _NEAR),
        (close, 4 * _NEAR),
        (own, 3 * _FAR),
        (own, _NEAR),
        (own, _NEAR),
    ):
        tries = best + offsets
        best = tries[int(np.argmax(_strength(rows, tries)))]
    return float(_strength(_sampled(values, _SAMPLES[1]), best[None])[0]), best % TURN


def _distance(a: Int64Array) -> int:
    """From the nearest whole turns."""
    return int(np.abs((a + TURN // 2) % TURN - TURN // 2).max())


def _is_new(steps: Int64Array, found: list[Int64Array]) -> bool:
    """Whether steps are no multiple of others, and more than one channel has some."""
    known = any(_distance(steps - k * other) <= TURN // 64 for other in found for k in range(-6, 7))
    return not known and _distance(steps[:2]) > TURN // 32 and _distance(steps[2:]) >= TURN // 16


def _conversions() -> list[Int64Array]:
    """Steps (3, 3) of green, blue and red after a conversion from luma and chroma, of the usual standards."""
    found = []
    for red, blue in ((0.299, 0.114), (0.2126, 0.0722)):  # BT.601 and BT.709
        green = 1 - red - blue
        luma = np.array([green, blue, red])
        of_blue = (np.array([0, 1, 0]) - luma) / (2 - 2 * blue)
        of_red = (np.array([0, 0, 1]) - luma) / (2 - 2 * red)
        for scale, colour_scale in ((1.0, 1.0), (219 / 255, 224 / 255)):
            steps = np.stack([scale * luma, colour_scale * of_blue, colour_scale * of_red])
            found.append(np.rint(steps * TURN).astype(np.int64) % TURN)
    return found


def _known(values: Int32Array) -> list[Int64Array]:
    """The lattices of a usual conversion, if the values show it."""
    rows, best, found = _sampled(values, _SAMPLES[1]), 0.0, list[Int64Array]()
    for steps in _conversions():
        strength = _strength(rows, steps)
        if float(strength.min()) > max(best, _SMALLEST):
            best, found = float(strength.min()), list(steps)
    return found


def _searched(values: Int32Array, differences: Int32Array) -> list[Int64Array]:
    """The strongest lattices that a search finds."""
    peaks = [_refined(values, differences, peak) for peak in _peaks(differences)]
    peaks.sort(key=lambda peak: -peak[0])
    found: list[Int64Array] = []
    for strength, steps in peaks:
        if strength > max(_SMALLEST, _COMPARABLE * peaks[0][0]) and _is_new(steps, found):
            found.append(steps)
    return found[:MOST_LATTICES]


def find_lattices(values: Int32Array) -> Int64Array:
    """(L, 3) int64 steps of the lattices of (N, 3) values, in 1/1024 turn, L at most 3."""
    if len(values) > _REMEMBERED:
        return _found(values)
    return _remembered(values.astype(np.int32).tobytes(), values.shape[1]).copy()


@lru_cache(maxsize=1)
def _remembered(data: bytes, channels: int) -> Int64Array:
    """The lattices of a sample, which several coders try in turn. data: (N, channels) int32 values."""
    return _found(np.frombuffer(data, np.int32).reshape(-1, channels))


def _found(values: Int32Array) -> Int64Array:
    found: list[Int64Array] = []
    if values.shape[1] == 3 and len(values) >= _FEWEST and int(values.max()) <= _HIGHEST:
        first = np.arange(0, len(values) - 1, max(1, len(values) // _DIFFERENCES))
        differences = values[first + 1] - values[first]
        differences = differences[(differences[:, 0] | differences[:, 1] | differences[:, 2]) != 0]
        if _CHANGING * len(differences) >= len(first):
            found = _known(values) or _searched(values, differences)
    return np.array(found, np.int64).reshape(-1, 3)
