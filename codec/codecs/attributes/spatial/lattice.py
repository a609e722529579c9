"""Lattices of colours: after a conversion between colour spaces only some triples of values can occur.

Such triples lie on planes at equal distances: a sum of steps times values, modulo one turn, is nearly the
same for all of them. The encoder looks for such steps where the characteristic function of the differences
between successive points has a maximum away from 0. docs/attribute-coding.md, "Lattices"; docs/decisions/0007.
"""

from __future__ import annotations

import numpy as np

from octavox.codec.arrays import Float64Array, Int32Array, Int64Array

TURN = 1024  # steps count in 1/1024 turn
MOST_LATTICES = 3
PHASES_OF = (1, 16, 8, 6)  # phases of each lattice that are told apart, by the number of lattices
_FOLD = 64
_DIFFERENCES = 1 << 20
_SAMPLES = (2048, 16384)
_SMALLEST_STEP = 7  # of the last channel, in 1/64 turn; smaller ones say no more than the prediction
_NOISE = 4.5  # times the mean of what independent differences have
_SMALLEST = 0.1  # strength of a lattice
_OUTSTANDING = 4  # times the median of all steps
_CHANGING = 4  # one difference in so many is not 0
_MOST_PEAKS = 10
_NEAR, _FAR = (
    np.stack(np.meshgrid(*[np.arange(-r, r + 1)] * 3, indexing="ij"), -1).reshape(-1, 3) for r in (1, 3)
)


def _peaks(differences: Int64Array) -> list[Int64Array]:
    """Local maxima of |E exp(2 pi i f d)|, as steps f in 1/64 turn, largest first."""
    place = differences & (_FOLD - 1)
    index = (place[:, 0] * _FOLD + place[:, 1]) * _FOLD + place[:, 2]
    counts = np.bincount(index, minlength=_FOLD**3).reshape((_FOLD,) * 3)
    size = np.abs(np.fft.rfftn(counts)) / len(differences)  # the last step is 0 to 1/2 turn
    highest = size
    for axis in range(3):  # the largest of the 7^3 around
        highest = np.max([np.roll(highest, by, axis) for by in range(-3, 4)], axis=0)
    enough = size > max(_NOISE / np.sqrt(len(differences)), _OUTSTANDING * float(np.median(size)))
    enough[:, :, :_SMALLEST_STEP] = False
    found = np.argwhere((size == highest) & enough)
    order = np.argsort(-size[tuple(found.T)], kind="stable")
    return [found[k] for k in order[:_MOST_PEAKS]]


def _strength(values: Int32Array, steps: Float64Array) -> Float64Array:
    """|E exp(2 pi i f v)| for steps (S, 3) in turns."""
    return np.asarray(np.abs(np.exp(2j * np.pi * (values.astype(np.float64) @ steps.T)).mean(axis=0)))


def _sampled(rows: Int32Array, count: int) -> Int32Array:
    return rows[:: max(1, len(rows) // count)]


def _refined(values: Int32Array, differences: Int64Array, peak: Int64Array) -> tuple[float, Int64Array]:
    """How strong the lattice near a peak is, and its steps in 1/1024 turn."""
    best = TURN // _FOLD * peak.astype(np.int64)
    close = _sampled(differences.astype(np.int32), _SAMPLES[0])
    rows = _sampled(values, _SAMPLES[0])
    for rows, offsets in ((close, 8 * _NEAR), (close, 4 * _NEAR), (rows, 3 * _FAR), (rows, _NEAR), (rows, _NEAR)):
        tries = best + offsets
        best = tries[int(np.argmax(_strength(rows, tries / TURN)))]
    return float(_strength(_sampled(values, _SAMPLES[1]), best[None] / TURN)[0]), best % TURN


def _distance(a: Int64Array) -> int:
    """From the nearest whole turns."""
    return int(np.abs((a + TURN // 2) % TURN - TURN // 2).max())


def _is_new(steps: Int64Array, found: list[Int64Array]) -> bool:
    """Whether steps are no multiple of others, and more than one channel has some."""
    known = any(_distance(steps - k * other) <= TURN // 64 for other in found for k in range(-6, 7))
    return not known and _distance(steps[:2]) > TURN // 32 and _distance(steps[2:]) >= TURN // 16


def find_lattices(values: Int32Array) -> Int64Array:
    """(L, 3) int64 steps of the lattices of (N, 3) values, in 1/1024 turn, L at most 3."""
    found: list[Int64Array] = []
    if values.shape[1] == 3 and len(values) >= 4096 and int(values.max()) < 4096:
        few = values[:_DIFFERENCES]
        differences = np.diff(few, axis=0).astype(np.int64)
        differences = differences[np.any(differences != 0, axis=1)]
        for peak in _peaks(differences) if _CHANGING * len(differences) >= len(few) else []:
            strength, steps = _refined(values, differences, peak)
            if strength > _SMALLEST and _is_new(steps, found) and len(found) < MOST_LATTICES:
                found.append(steps)
    return np.array(found, np.int64).reshape(-1, 3)
