"""Integer tables and adaptive flag models."""

from __future__ import annotations

import hashlib
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from octavox.codec.coding.adaptive import (
    adaptive_p1,
    adaptive_update,
    decode_adaptive,
    encode_adaptive,
    new_models,
)
from octavox.codec.coding.logistic import (
    LOGIT_OFFSET,
    STRETCH_LIMIT,
    STRETCH_OFFSET,
    logit_to_p1,
    squash_table,
    stretch_table,
)
from octavox.codec.coding.range_coder import PROB_ONE, RangeDecoder, RangeEncoder, code_length
from octavox.codec.errors import CorruptStreamError

# The tables are part of the bitstream's definition: a change breaks every file.
DIGESTS = {
    "squash": "ec09ff3b0271cd67c5fdc0c62f9f87ae31eb4fdb4a027e831fb89cda5a413e31",
    "stretch": "bf7d5bb880938d28d42fcafc8c29a12148e4a2af24c53f7234f8d2dd360de18c",
    "logit": "e74ab6d5de0e808960c7ab9a4db645f3da965490545d0cd22c3ef771b6759a94",
}


def digest(table: np.ndarray) -> str:
    little_endian = table.astype(table.dtype.newbyteorder("<"))
    return hashlib.sha256(little_endian.tobytes()).hexdigest()


@pytest.mark.parametrize(
    ("name", "table"), [("squash", squash_table()), ("stretch", stretch_table()), ("logit", logit_to_p1())]
)
def test_tables_never_change(name: str, table: np.ndarray) -> None:
    assert digest(table) == DIGESTS[name]


def test_squash_is_the_logistic_function() -> None:
    table = squash_table()
    assert len(table) == 2 * STRETCH_OFFSET
    for i, p in enumerate(table.tolist()):
        exact = PROB_ONE / (1.0 + math.exp(-(i - STRETCH_OFFSET) / 256))
        assert abs(p - exact) < 0.501


def test_stretch_inverts_squash() -> None:
    stretch, squash = stretch_table(), squash_table()
    for x in range(-2000, 2001):
        p = int(squash[x + STRETCH_OFFSET]) >> 8
        odds = p / (65536 - p)
        assert abs(int(stretch[p]) - 256 * math.log(odds)) < 0.501
    assert stretch[32768] == 0
    assert np.all(np.diff(stretch.astype(np.int64)) >= 0)
    assert np.array_equal(stretch[1:], -stretch[:0:-1])
    assert max(abs(int(stretch.min())), int(stretch.max())) <= STRETCH_LIMIT


def test_squash_is_symmetric() -> None:
    table = squash_table().astype(np.int64)
    assert np.array_equal(table[1:STRETCH_OFFSET], PROB_ONE - table[:STRETCH_OFFSET:-1])


def test_logit_table_is_clamped_and_monotonic() -> None:
    table = logit_to_p1()
    assert table.dtype == np.uint32
    assert len(table) == 2 * LOGIT_OFFSET
    assert int(table.min()) == 16
    assert int(table.max()) == PROB_ONE - 16
    assert table[LOGIT_OFFSET] == PROB_ONE // 2
    assert np.all(np.diff(table.astype(np.int64)) >= 0)
    assert abs(int(table[LOGIT_OFFSET + 128]) - PROB_ONE / (1 + math.exp(-1))) < 0.501


def test_tables_are_read_only() -> None:
    for table in (squash_table(), stretch_table(), logit_to_p1()):
        with pytest.raises(ValueError, match="read-only"):
            table[0] = 1


flags = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 4)), max_size=400)


@given(flags)
def test_flags_come_back_and_models_agree(pairs: list[tuple[int, int]]) -> None:
    bits = np.array([b for b, _ in pairs], np.uint8)
    ctx = np.array([c for _, c in pairs], np.int32)
    coder, models = RangeEncoder(), new_models(5)
    used = encode_adaptive(coder, models, bits, ctx)
    payload = coder.finish()
    decoder, again = RangeDecoder(payload), new_models(5)
    out, used_again = decode_adaptive(decoder, again, ctx)
    decoder.close()
    assert np.array_equal(out, bits)
    assert np.array_equal(used, used_again)
    assert np.array_equal(models, again)
    assert abs(float(code_length(bits, used).sum()) / 8 - len(payload)) < 8


@pytest.mark.parametrize("bit", [0, 1])
def test_models_never_reach_certainty(bit: int) -> None:
    models = new_models(1)
    for _ in range(5000):
        adaptive_update(models, 0, bit)
        assert 1 <= adaptive_p1(models, 0) < PROB_ONE
    p = adaptive_p1(models, 0) / PROB_ONE
    assert (p if bit else 1 - p) > 0.998


def test_models_learn_a_skewed_flag() -> None:
    rng = np.random.default_rng(0)
    bits = (rng.random(20_000) < 0.05).astype(np.uint8)
    coder = RangeEncoder()
    encode_adaptive(coder, new_models(1), bits, np.zeros(bits.size, np.int32))
    entropy = -(0.05 * math.log2(0.05) + 0.95 * math.log2(0.95))
    assert len(coder.finish()) * 8 / bits.size < 1.06 * entropy


def test_contexts_outside_the_models_are_refused() -> None:
    with pytest.raises(IndexError):
        encode_adaptive(RangeEncoder(), new_models(2), [1, 0], [0, 2])
    with pytest.raises(IndexError):
        decode_adaptive(RangeDecoder(b""), new_models(2), [-1])
    with pytest.raises(ValueError, match="shape"):
        encode_adaptive(RangeEncoder(), new_models(2), [1, 0], [0])


def test_a_decoder_of_flags_stops_past_the_end() -> None:
    decoder = RangeDecoder(b"\x12\x34", field="tree")
    with pytest.raises(CorruptStreamError, match="tree"):
        decode_adaptive(decoder, new_models(1), np.zeros(100_000, np.int32))
