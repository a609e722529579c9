"""All that adapts while a slice is coded, and the working memory of its loop."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from octavox.codec.arrays import Int32Array, Int64Array, UInt32Array
from octavox.codec.coding.kernels.jit import Int
from octavox.codec.coding.kernels.memory import aligned, aligned_empty
from octavox.codec.coding.kernels.simd import LANES
from octavox.codec.coding.mixing import USES_LIMIT, Mixer, new_mixer

from .neighbours import NEIGHBOURS
from .regression import Regression, new_regression
from .tables import LEVEL_LIMIT

MAX_CHANNELS = 4
FIELDS = 8  # of a channel in a record
VALUE, ERRORS, MISS, SIGNED_MISS, REST = 0, 1, 5, 6, 7
PREDICTORS = 4
OPINIONS = 5  # predictions, each with a scale, that are inputs of the mixers
MOST_OPINIONS = OPINIONS + 1  # with a frame before
SURPRISES = 8
SCALES = (LEVEL_LIMIT + 1) * SURPRISES

NODES = 32  # decisions that are told apart
WIDTHS = 4  # bucket widths that contexts tell apart
PHASES = 256
CONTEXTS = 7
VOTERS, MATCHES = (
    6,
    3,
)  # nearest neighbours whose values are compared with a candidate, and with earlier channels
KINDS = 16  # kinds of decisions about a candidate
CANDIDATES = 8  # neighbouring candidates whose counters lie together
BLOCK = KINDS * CANDIDATES
HASHED_GROUPS, HASHED_BLOCKS, VALUE_BLOCKS = 1 << 11, 1 << 11, 1 << 10
COUNTER_SIZES = (
    MAX_CHANNELS * WIDTHS * 169 * NODES,
    MAX_CHANNELS * WIDTHS * 121 * NODES,
    HASHED_GROUPS * NODES + HASHED_BLOCKS * BLOCK,
    MAX_CHANNELS * 64 * BLOCK,
    (PHASES + MAX_CHANNELS * 32) * WIDTHS * NODES,
    VALUE_BLOCKS * BLOCK,
    (MAX_CHANNELS << (VOTERS + MATCHES)) * KINDS,
)
COUNTER_STARTS = tuple(int(v) for v in np.cumsum((0, *COUNTER_SIZES)))
BIAS_LANE, OPINION_LANE = CONTEXTS, 8

CLASSES = 8  # of decisions, for the choice of weights
SET_SIZES = (
    MAX_CHANNELS * 8 * NODES,
    MAX_CHANNELS * 32 * CLASSES,
    49 * CLASSES * MAX_CHANNELS,
    max(49 * CLASSES * MAX_CHANNELS, PHASES * CLASSES),
)
SET_STARTS = tuple(int(v) for v in np.cumsum((0, *SET_SIZES)))
FINAL_SETS = MAX_CHANNELS * NODES

OPINION_WEIGHT, CONTEXT_WEIGHT = 13107, 9000
RATE, START, FINAL_RATE, THRESHOLD = 6, 60, 4, 64
MOST_COUNTED = 1023


class Channels(NamedTuple):
    """The channels of a slice: what `params.Params` says of them.

    size: C. top: (C,) int64 largest value; the smallest is 0. fraction: (C,) bits after the point of
    predictions. shift: (C,) bits that the regression's inputs lose. raw: (C,) bits that are coded without a
    model. lattices: (3 * L,) int64 steps of the phase, for each lattice and channel, in units of 1/1024 turn.
    phases: how many phases of each lattice are told apart. bound: (C,) int64 how far a value may be from what
    comes back.
    """

    size: Int
    top: Int64Array
    fraction: Int64Array
    shift: Int64Array
    raw: Int64Array
    lattices: Int64Array
    phases: Int
    bound: Int64Array


class Work(NamedTuple):
    """Working memory for one point, of C channels.

    means: (C * 8 up to a multiple of 16,) int32 weighted means of the neighbours' records. deviations:
    (C * NEIGHBOURS,) int32 of the neighbours' values from the base. inputs: (16,) int32 of the regression.
    opinions: (16,) int32 of the mixers. centres, slopes: (OPINIONS,) int64 prediction and reciprocal scale of
    each opinion. scales: (OPINIONS,) int64 places in Model.scales. groups: (16,) int64 places of counters.
    own, miss, expected: (C,) int64 of the channels of this point that are known: deviation from the base,
    miss of the prediction, and what was expected of it. predictions: (PREDICTORS,) int64. votes: (VOTERS,)
    int64 values of the nearest neighbours, or -1. edges, steps, losses: (OPINIONS,) int64 of a bucket. apart:
    (C,) how much the frame before differs from its mean at the neighbours, in the regression's units.
    """

    means: Int32Array
    deviations: Int32Array
    inputs: Int32Array
    opinions: Int32Array
    centres: Int64Array
    slopes: Int64Array
    scales: Int64Array
    groups: Int64Array
    own: Int64Array
    miss: Int64Array
    expected: Int64Array
    predictions: Int64Array
    votes: Int64Array
    edges: Int64Array
    steps: Int64Array
    losses: Int64Array
    apart: Int64Array


class Known(NamedTuple):
    """What both sides know of the frame before; empty without one. In units of the channels' fractions.

    near: (N * C,) int32 values of the point that goes with each. smooth: (N * C,) the mean around that.
    slopes: (3 * N,) how the first channel changes along x, y, z there.
    """

    near: Int32Array
    smooth: Int32Array
    slopes: Int32Array


class Model(NamedTuple):
    """What adapts.

    records: (N * width,) int32, FIELDS of each channel of each point that is known. width: FIELDS * C, up to
    a multiple of 16. values: (N * C,) int32. opinions: how many there are. mixer, counters, regression: see
    there. scales: (OPINIONS * C * SCALES * 2,) int64 running means of misses, in units of 1/256 of
    a fraction, and how much they have seen.
    """

    channels: Channels
    work: Work
    records: Int32Array
    width: Int
    values: Int32Array
    known: Known
    opinions: Int
    mixer: Mixer
    counters: UInt32Array
    regression: Regression
    scales: Int64Array


class Learned(NamedTuple):
    """What a model has learned, free of the points. As in `Mixer` and `Model`. part: see `Layout.numbers`."""

    weights: Int32Array
    uses: Int32Array
    final: Int32Array
    counters: UInt32Array
    regression: Regression
    scales: Int64Array
    opinions: int
    part: int = 0


def _zeros(size: int, dtype: type[np.generic]) -> npt.NDArray[Any]:
    array = aligned_empty(size, dtype)
    array[:] = 0
    return array


def _first_scales(channels: int) -> Int64Array:
    """A scale begins with the error that its level stands for."""
    table = np.zeros((MOST_OPINIONS, channels, SCALES, 2), np.int64)
    for k in range(SCALES):
        level = k // SURPRISES
        error = level if level < 2 else (2 + (level & 1)) << ((level >> 1) - 1)
        table[:, :, k, 0] = (error + 1) << 8
    return table.reshape(-1)


NOTHING_KNOWN = Known(*(np.empty(0, np.int32) for _ in range(3)))


def new_model(
    channels: Channels, values: Int32Array, known: Known = NOTHING_KNOWN, learned: Learned | None = None
) -> Model:
    """values: (N, C) int32, an encoder's, or memory for those of a decoder. learned: where it begins, unless
    that was of another number of channels; without, it has seen nothing.
    """
    opinions = MOST_OPINIONS if known.near.size else OPINIONS
    n, size = values.shape
    width = -(-FIELDS * size // LANES) * LANES
    weights = np.zeros((SET_STARTS[-1], LANES), np.int32)
    weights[:, :CONTEXTS] = CONTEXT_WEIGHT
    weights[:, OPINION_LANE : OPINION_LANE + opinions] = OPINION_WEIGHT
    rates = np.array([RATE + START * 16 // (16 + u) for u in range(USES_LIMIT + 1)], np.int64)
    work = Work(
        means=_zeros(width, np.int32),
        deviations=_zeros(size * NEIGHBOURS, np.int32),
        inputs=_zeros(LANES, np.int32),
        opinions=_zeros(LANES, np.int32),
        centres=np.zeros(MOST_OPINIONS, np.int64),
        slopes=np.zeros(MOST_OPINIONS, np.int64),
        scales=np.zeros(MOST_OPINIONS, np.int64),
        groups=np.zeros(LANES, np.int64),
        own=np.zeros(size, np.int64),
        miss=np.zeros(size, np.int64),
        expected=np.zeros(size, np.int64),
        predictions=np.zeros(PREDICTORS + 1, np.int64),
        votes=np.zeros(VOTERS, np.int64),
        edges=np.zeros(MOST_OPINIONS, np.int64),
        steps=np.zeros(MOST_OPINIONS, np.int64),
        losses=np.zeros(MOST_OPINIONS, np.int64),
        apart=np.zeros(size, np.int64),
    )
    model = Model(
        channels,
        work,
        _zeros(n * width, np.int32),
        width,
        values.reshape(-1),
        known,
        opinions,
        new_mixer(weights, FINAL_SETS, rates, FINAL_RATE, THRESHOLD),
        np.zeros(COUNTER_STARTS[-1], np.uint32),
        new_regression(size),
        _first_scales(size),
    )
    if learned is None or learned.scales.size != model.scales.size:
        return model
    return _begun(model, learned)


def learned_by(model: Model) -> Learned:
    """What a model has learned; it must not be used again."""
    mixer = model.mixer
    return Learned(
        mixer.weights,
        mixer.uses,
        mixer.final,
        model.counters,
        model.regression,
        model.scales,
        int(model.opinions),
    )


def _begun(model: Model, learned: Learned) -> Model:
    """The model with copies of what another one has learned. Weights of opinions that it had not stay."""
    mixer, new = model.mixer, slice(OPINION_LANE + learned.opinions, OPINION_LANE + int(model.opinions))
    weights = aligned(learned.weights).reshape(-1, LANES)
    weights[:, new] = mixer.weights.reshape(-1, LANES)[:, new]
    mixer = mixer._replace(weights=weights.reshape(-1), uses=learned.uses.copy(), final=learned.final.copy())
    regression = Regression(*(aligned(array) for array in learned.regression))
    regression.recent[:], regression.recent_target[:] = 0, 0  # the first period is a whole one
    return model._replace(
        mixer=mixer,
        counters=learned.counters.copy(),
        regression=regression,
        scales=learned.scales.copy(),
    )
