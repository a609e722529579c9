"""Values near a guess: tables against real logarithms, least squares and values against slow definitions."""

from __future__ import annotations

import hashlib
import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from octavox.codec.coding.kernels.jit import njit
from octavox.codec.coding.least_squares import (
    BLOCK,
    FEATURE_LIMIT,
    MOST_FEATURES,
    add_row_of,
    end_block,
    new_least_squares,
    predicted,
)
from octavox.codec.coding.mixed_bits import MixedBits, new_mixed_bits, set_group
from octavox.codec.coding.range_coder import BitCoder, RangeDecoder, RangeEncoder
from octavox.codec.coding.residuals import (
    DISTRIBUTIONS,
    MOST_BITS,
    NODE_CLASSES,
    NODES,
    PLAIN_MODELS,
    Distributions,
    Search,
    code_near,
    set_scale,
)
from octavox.codec.coding.softplus import log_expm1_table, softplus_table

SETS = NODES + 3 * NODE_CLASSES


def test_tables_are_rounded_logarithms() -> None:
    soft, rest = softplus_table(), log_expm1_table()
    for x in range(-4095, 4096, 37):
        exact = 256 * math.log1p(math.exp(x / 256))
        assert abs(int(soft[x + 4096]) - exact) <= 0.5000001
    for x in range(1, 8192, 41):
        exact = 256 * math.log(math.expm1(x / 256))
        assert abs(int(rest[x]) - exact) <= 0.5000001
    digest = hashlib.sha256(soft.astype("<i4").tobytes() + rest.astype("<i4").tobytes()).hexdigest()
    assert digest[:16] == "a61cdafccfd02290"


@njit
def code_all(coder, bits, distributions, values, guesses, most, width, fraction):  # type: ignore[no-untyped-def]
    before = np.int64(0)
    for i in range(len(values)):
        for k in range(7):
            set_group(bits, k, k, 1)
        for m in range(DISTRIBUTIONS):
            set_scale(distributions, m, (guesses[i] + m) << fraction, np.int64(64) << (width + m))
        a, b = np.int64(0), np.int64(NODES)
        search = Search(
            guesses[i], width, most, fraction, before, 1, 2, a, b, b + NODE_CLASSES, b + 2 * NODE_CLASSES
        )
        values[i] = code_near(coder, bits, distributions, search, values[i])
        before = values[i]


def new_models() -> tuple[MixedBits, Distributions]:
    bits = new_mixed_bits(12, SETS, NODES, (0.12, 0.3), PLAIN_MODELS)
    return bits, Distributions(*(np.zeros(DISTRIBUTIONS, np.int64) for _ in range(3)))


@settings(max_examples=80, deadline=None)
@given(
    st.integers(1, 1 << 59),
    st.integers(0, 1 << 32),
    st.integers(0, 40),
    st.integers(0, 1),
    st.integers(1, 30),
)
def test_values_come_back(most: int, seed: int, width: int, fraction: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    values = rng.integers(0, most, count, endpoint=True)
    near = np.clip(values + rng.integers(-3, 4, count), 0, most)
    guesses = np.where(rng.integers(0, 2, count) > 0, near, rng.integers(0, most, count, endpoint=True))
    encoder, given = RangeEncoder(), values.copy()
    encoder.reserve(MOST_BITS * count)
    code_all(
        BitCoder(True, encoder.state, encoder.buffer), *new_models(), given, guesses, most, width, fraction
    )
    decoder, found = RangeDecoder(encoder.finish()), np.zeros(count, np.int64)
    code_all(
        BitCoder(False, decoder.state, decoder.payload), *new_models(), found, guesses, most, width, fraction
    )
    decoder.close()
    assert np.array_equal(found, values)
    assert np.array_equal(given, values)


@njit
def fit(squares, features, targets, guesses):  # type: ignore[no-untyped-def]
    count = features.shape[1]
    for i in range(len(features)):
        for k in range(count):
            squares.features[k] = features[i, k]
        guesses[i, 0] = predicted(squares, 0, count)
        guesses[i, 1] = predicted(squares, 1, count)
        add_row_of(squares, count, targets[i])
        if i % BLOCK == BLOCK - 1:
            end_block(squares, count)


def slow_fit(features: np.ndarray, targets: np.ndarray) -> list[list[int]]:
    """The definition, in numbers of any size."""
    n = features.shape[1]
    guesses, weights = [], [[0] * n, [0] * n]
    sums, crosses = [[[0] * n for _ in range(n)] for _ in range(2)], [[0] * n for _ in range(2)]
    for i, row in enumerate(features.tolist()):
        guesses.append([sum(x * w for x, w in zip(row, own)) >> 16 for own in weights])
        if i % BLOCK < BLOCK - 1:
            continue
        rows, aims = features[i - BLOCK + 1 : i + 1].tolist(), targets[i - BLOCK + 1 : i + 1].tolist()
        for m, fade in enumerate((7, 4)):
            for r in range(n):
                for s in range(n):
                    total = sum(x[r] * x[s] for x in rows)
                    sums[m][r][s] += (total << 3) - (sums[m][r][s] >> fade)
                crosses[m][r] += (sum(x[r] * y for x, y in zip(rows, aims)) << 3) - (crosses[m][r] >> fade)
            for r in range(n):
                rest = (crosses[m][r] << 8) - sum((a * w) >> 8 for a, w in zip(sums[m][r], weights[m]))
                own = sums[m][r][r]
                moved = weights[m][r] + rest // ((own + (own >> 8) + 512) >> 8)
                weights[m][r] = min(max(moved, -(32 << 16)), 32 << 16)
    return guesses


@settings(max_examples=15, deadline=None)
@given(st.integers(1, MOST_FEATURES), st.integers(0, 1 << 32), st.sampled_from((3, 100, FEATURE_LIMIT)))
def test_least_squares_follow_their_definition(count: int, seed: int, size: int) -> None:
    rng = np.random.default_rng(seed)
    features = rng.integers(-size, size, (80, count), endpoint=True).astype(np.int32)
    features[rng.integers(80)] = size
    targets = np.clip(features.sum(axis=1) // 2 + rng.integers(-2, 3, 80), -FEATURE_LIMIT, FEATURE_LIMIT)
    guesses = np.zeros((80, 2), np.int64)
    fit(new_least_squares(), features, targets, guesses)
    assert guesses.tolist() == slow_fit(features, targets)


def test_least_squares_do_not_overflow() -> None:
    features = np.full((4000, MOST_FEATURES), FEATURE_LIMIT, np.int32)
    features[::2] = -FEATURE_LIMIT
    targets = np.where(np.arange(4000) % 2, -FEATURE_LIMIT, FEATURE_LIMIT)
    guesses = np.zeros((4000, 2), np.int64)
    fit(new_least_squares(), features, targets, guesses)
    assert guesses.tolist() == slow_fit(features, targets)
