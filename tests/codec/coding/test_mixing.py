"""The logistic mixer that the codecs share: against a slow definition, and at the limits of its integers."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from octavox.codec.coding.kernels.jit import njit
from octavox.codec.coding.kernels.lanes import four_dots, move
from octavox.codec.coding.kernels.simd import LANES, load
from octavox.codec.coding.logistic import STRETCH_LIMIT, STRETCH_OFFSET, squash_table
from octavox.codec.coding.mixing import (
    MIXERS,
    USES_LIMIT,
    WEIGHT_LIMIT,
    WEIGHT_ONE,
    Mixer,
    WeightSets,
    learn,
    mix,
    new_mixer,
)

SQUASH = squash_table().astype(np.int64) >> 8
FINAL_SETS = 3


def mixer_of(sets: int, final_rate: int = 1, threshold: int = 1, first: int = 0) -> Mixer:
    rates = np.array([7 + 300 // (1 + n) for n in range(USES_LIMIT + 1)], np.int64)
    return new_mixer(np.full((sets, LANES), first, np.int32), FINAL_SETS, rates, final_rate, threshold)


@njit
def code(mixer, x, a, b, c, d, final, bit):  # type: ignore[no-untyped-def]
    sets, inputs = WeightSets(a, b, c, d, final), load(x, 0)
    prediction = mix(mixer, inputs, sets)
    learn(mixer, inputs, sets, prediction, bit)
    return prediction


class Slow:
    """The same mixer in integers of any size, set by set."""

    def __init__(self, mixer: Mixer) -> None:
        self.mixer = mixer
        self.weights = mixer.weights.reshape(-1, LANES).astype(object)
        self.final = mixer.final.reshape(-1, MIXERS).astype(object)
        self.uses = [0] * len(self.weights)

    def code(self, x: list[int], sets: list[int], final: int, bit: int) -> list[int]:
        def limited(value: int, limit: int = STRETCH_LIMIT) -> int:
            return max(-limit, min(limit, value))

        def error(at: int) -> int:
            return 65536 * bit - int(SQUASH[at + STRETCH_OFFSET])

        outputs = [limited(sum(v * (w >> 4) for v, w in zip(x, self.weights[k])) >> 12) for k in sets]
        total = limited(sum(o * w for o, w in zip(outputs, self.final[final])) >> 16)
        if abs(error(total)) >= self.mixer.threshold:
            for j, (k, output) in enumerate(zip(sets, outputs)):
                step = output * error(total) * self.mixer.final_rate + (1 << 18) >> 19
                self.final[final][j] = limited(self.final[final][j] + step, WEIGHT_LIMIT)
                rate = int(self.mixer.rates[self.uses[k]])
                self.uses[k] = min(self.uses[k] + 1, USES_LIMIT)
                own = error(output) * rate >> 5
                changes = [v * own + (1 << 12) >> 13 for v in x]
                self.weights[k] = [limited(w + c, WEIGHT_LIMIT) for w, c in zip(self.weights[k], changes)]
        return [total, *outputs]


@settings(max_examples=30)
@given(st.integers(0, 2**32), st.integers(1, 4), st.sampled_from([1, 300, 1 << 30]))
def test_it_mixes_and_learns_as_defined(seed: int, final_rate: int, threshold: int) -> None:
    rng = np.random.default_rng(seed)
    mixer = mixer_of(12, final_rate, threshold, WEIGHT_ONE // 4)
    slow = Slow(mixer)
    for _ in range(60):
        x = rng.integers(-STRETCH_LIMIT, STRETCH_LIMIT + 1, LANES).astype(np.int32)
        sets = [3 * j + int(k) for j, k in enumerate(rng.integers(0, 3, MIXERS))]
        final, bit = int(rng.integers(FINAL_SETS)), int(rng.integers(2))
        assert list(code(mixer, x, *sets, final, bit)) == slow.code(x.tolist(), sets, final, bit)
    assert mixer.weights.tolist() == slow.weights.reshape(-1).tolist()
    assert mixer.final.tolist() == slow.final.reshape(-1).tolist()
    assert mixer.uses.tolist() == slow.uses


def test_it_learns_which_input_is_right() -> None:
    rng = np.random.default_rng(1)
    mixer = mixer_of(4)
    for _ in range(1000):
        bit = int(rng.integers(2))
        x = rng.integers(-500, 500, LANES).astype(np.int32)
        x[5] = 800 * (2 * bit - 1)
        prediction = code(mixer, x, 0, 1, 2, 3, 0, bit)
    assert (prediction.x > 0) == bit
    assert abs(prediction.x) > 1000
    assert np.argmax(mixer.weights[:LANES]) == 5


@given(st.integers(0, (1 << 32) - 1))
def test_no_sum_of_a_mixer_overflows(seed: int) -> None:
    """The largest inputs, weights and rates, which the vectors of 32-bit integers have to hold."""
    rng = np.random.default_rng(seed)
    m = mixer_of(8)
    x = STRETCH_LIMIT * rng.choice([-1, 1], LANES)
    m.weights[:] = WEIGHT_LIMIT * np.tile(np.sign(x), len(m.uses)) * rng.choice([-1, 1])
    before, start = m.weights[:LANES].astype(np.int64), LANES
    expected = STRETCH_LIMIT * (1 if before[0] * x[0] > 0 else -1)
    inputs = x.astype(np.int32)
    assert [v >> 12 for v in sums_of(inputs, m.weights, start)] == [int((x * (before >> 4)).sum()) >> 12] * 4
    error = 65536 * int(expected < 0) - (int(squash_table()[expected + STRETCH_OFFSET]) >> 8)
    step = error * 318 >> 5
    moved = before + ((x.astype(np.int64) * step + (1 << 12)) >> 13)
    move_row(m.weights, inputs, step)
    assert np.array_equal(m.weights[:LANES], np.clip(moved, -WEIGHT_LIMIT, WEIGHT_LIMIT))


@njit
def sums_of(x, weights, start):  # type: ignore[no-untyped-def]
    return four_dots(load(x, 0), weights, 0, start, 0, start)


@njit
def move_row(weights, x, step):  # type: ignore[no-untyped-def]
    move(weights, 0, load(x, 0), step, 13, WEIGHT_LIMIT)
