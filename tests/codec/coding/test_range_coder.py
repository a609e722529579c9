"""The range coder: any bits under any probabilities come back, and damage is noticed."""

from __future__ import annotations

import hashlib
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from octavox.codec.coding.range_coder import (
    LOW,
    MAX_OVERRUN,
    POSITION,
    PROB_ONE,
    RANGE,
    RangeDecoder,
    RangeEncoder,
    code_length,
)
from octavox.codec.errors import CorruptStreamError

EXTREME = (1, 2, 255, 256, 257, PROB_ONE // 2, PROB_ONE - 257, PROB_ONE - 2, PROB_ONE - 1)
probabilities = st.one_of(st.sampled_from(EXTREME), st.integers(1, PROB_ONE - 1))
symbols = st.lists(st.tuples(st.integers(0, 1), probabilities), max_size=150)


def encode(bits: np.ndarray, p1: np.ndarray) -> tuple[bytes, RangeEncoder]:
    coder = RangeEncoder()
    coder.encode_bits(bits, p1)
    return coder.finish(), coder


def split(pairs: list[tuple[int, int]]) -> tuple[np.ndarray, np.ndarray]:
    return np.array([b for b, _ in pairs], np.uint8), np.array([p for _, p in pairs], np.uint32)


def outcome(payload: bytes, p1: np.ndarray) -> np.ndarray | None:
    """The decoded bits, or None where the decoder noticed the damage."""
    decoder = RangeDecoder(payload, field="slice 0")
    try:
        bits = decoder.decode_bits(p1)
        decoder.close()
    except CorruptStreamError as fault:
        place = (fault.field, fault.byte)
    else:
        return bits
    assert place[0] == "slice 0"
    assert place[1] in range(len(payload) + 1)
    return None


@settings(deadline=None, max_examples=150)
@given(symbols)
def test_round_trip_ends_in_the_same_state(pairs: list[tuple[int, int]]) -> None:
    bits, p1 = split(pairs)
    payload, encoder = encode(bits, p1)
    decoder = RangeDecoder(payload)
    assert np.array_equal(decoder.decode_bits(p1), bits)
    decoder.close()
    assert decoder.state[LOW] == encoder.state[LOW]
    assert decoder.state[RANGE] == encoder.state[RANGE]
    assert int(decoder.state[POSITION]) == int(encoder.state[POSITION]) + 8


@settings(deadline=None)
@given(symbols, st.lists(st.integers(0, 300), max_size=4))
def test_batching_never_changes_the_bytes(pairs: list[tuple[int, int]], cuts: list[int]) -> None:
    bits, p1 = split(pairs)
    whole, _ = encode(bits, p1)
    coder = RangeEncoder()
    edges = [0, *sorted(min(c, len(bits)) for c in cuts), len(bits)]
    for a, b in pairwise(edges):
        coder.encode_bits(bits[a:b], p1[a:b])
    assert coder.finish() == whole


@pytest.mark.parametrize("lead", range(0, 64, 7))
@pytest.mark.parametrize("length", [1, 10, 1000])
def test_carry_runs_through_chains_of_ff(lead: int, length: int) -> None:
    """A long run of bits that keep low just under a power of two, then one that carries across it."""
    half = PROB_ONE // 2
    # 0 1 1 1 ... in binary: the interval's low end is 0.1000.. and the top bits stay undecided.
    bits = np.array([0] * lead + [1] + [0] * 32 * length, np.uint8)
    p1 = np.full(bits.size, half, np.uint32)
    for last in (0, 1):
        for p_last in (1, half, PROB_ONE - 1):
            b = np.append(bits, np.uint8(last))
            p = np.append(p1, np.uint32(p_last))
            payload, _ = encode(b, p)
            decoder = RangeDecoder(payload)
            assert np.array_equal(decoder.decode_bits(p), b)
            decoder.close()


def test_a_carry_really_happens() -> None:
    """Among random payloads some must need a carry into a written 0xFF byte; count by coding bit by bit."""
    rng = np.random.default_rng(5)
    chains = 0
    for _ in range(300):
        coder = RangeEncoder()
        p1 = np.uint32(PROB_ONE - 2)
        for bit in rng.integers(0, 2, 60).astype(np.uint8):
            before = coder.buffer[: int(coder.state[POSITION])].copy()
            coder.encode_bits(np.array([bit]), np.array([p1]))
            after = coder.buffer[: before.size]
            chains += int(np.any((before == 255) & (after == 0)))
    assert chains > 0


def test_length_is_the_entropy() -> None:
    rng = np.random.default_rng(1)
    p1 = rng.integers(1, PROB_ONE, 200_000).astype(np.uint32)
    bits = (rng.random(p1.size) * PROB_ONE < p1).astype(np.uint8)
    payload, _ = encode(bits, p1)
    ideal = float(code_length(bits, p1).sum()) / 8
    assert ideal - 8 < len(payload) < ideal * 1.0001 + 9


def test_skewed_bits_cost_almost_nothing() -> None:
    n = 1_000_000
    payload, _ = encode(np.ones(n, np.uint8), np.full(n, PROB_ONE - 1, np.uint32))
    assert len(payload) <= 1
    payload, _ = encode(np.zeros(n, np.uint8), np.ones(n, np.uint32))
    assert len(payload) <= 1


@settings(deadline=None)
@given(symbols)
def test_payload_is_the_shortest(pairs: list[tuple[int, int]]) -> None:
    """Without its last byte the payload does not decode to the same bits within the allowed overrun."""
    bits, p1 = split(pairs)
    payload, _ = encode(bits, p1)
    if not payload:
        return
    shorter = outcome(payload[:-1], p1)
    assert shorter is None or not np.array_equal(shorter, bits)


@settings(deadline=None)
@given(symbols, st.binary(min_size=1, max_size=12))
def test_bytes_left_over_are_an_error(pairs: list[tuple[int, int]], remaining_code: bytes) -> None:
    bits, p1 = split(pairs)
    payload, _ = encode(bits, p1)
    decoder = RangeDecoder(payload + remaining_code)
    decoder.decode_bits(p1)
    with pytest.raises(CorruptStreamError):
        decoder.close()


@settings(deadline=None)
@given(st.binary(max_size=60), st.lists(probabilities, max_size=200))
def test_what_is_accepted_is_what_an_encoder_writes(payload: bytes, probs: list[int]) -> None:
    """So no two payloads decode to the same bits, and no damage goes back to the original bits."""
    p1 = np.array(probs, np.uint32)
    bits = outcome(payload, p1)
    if bits is not None:
        assert encode(bits, p1)[0] == payload


def test_nearly_all_damage_is_noticed() -> None:
    """Flips and truncations of a payload of skewed bits; what is not noticed decodes to other bits."""
    rng = np.random.default_rng(2)
    p1 = rng.integers(1, 1 << 20, 4000).astype(np.uint32)
    bits = (rng.random(p1.size) * PROB_ONE < p1).astype(np.uint8)
    payload, _ = encode(bits, p1)
    damaged = [payload[:n] for n in range(len(payload))]
    for i in range(8 * len(payload)):
        flipped = bytearray(payload)
        flipped[i // 8] ^= 1 << (i % 8)
        damaged.append(bytes(flipped))
    results = [outcome(d, p1) for d in damaged]
    accepted = [r for r in results if r is not None]
    assert not any(np.array_equal(r, bits) for r in accepted)
    assert len(accepted) < len(results) // 20


def test_overrun_stops_a_decoder_that_reads_on() -> None:
    decoder = RangeDecoder(b"")
    p1 = np.full(32, PROB_ONE // 2, np.uint32)
    decoder.decode_bits(p1[:31])  # within the 8 bytes that may be missing
    with pytest.raises(CorruptStreamError) as error:
        decoder.decode_bits(np.full(32 * MAX_OVERRUN, PROB_ONE // 2, np.uint32))
    assert error.value.byte == 0


@pytest.mark.parametrize("bad", [0, PROB_ONE, PROB_ONE + 5, 2**32 - 1])
def test_probabilities_out_of_range_are_refused(bad: int) -> None:
    p1 = np.array([5, bad], np.uint32)
    with pytest.raises(ValueError, match="index 1"):
        RangeEncoder().encode_bits(np.zeros(2, np.uint8), p1)
    with pytest.raises(ValueError, match="index 1"):
        RangeDecoder(b"abcdefgh").decode_bits(p1)


def test_unequal_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="equal"):
        RangeEncoder().encode_bits(np.zeros(2, np.uint8), np.ones(3, np.uint32))


def test_arrays_of_other_types_and_layouts_are_taken() -> None:
    rng = np.random.default_rng(4)
    bits = rng.integers(0, 2, 200)
    p1 = rng.integers(1, PROB_ONE, 200)
    reference, _ = encode(bits.astype(np.uint8), p1.astype(np.uint32))
    frozen = p1.astype(np.uint32)
    frozen.setflags(write=False)
    assert encode(bits.tolist(), frozen)[0] == reference  # type: ignore[arg-type]
    strided = np.repeat(p1, 2).astype(np.uint32)[::2]
    assert encode(bits.astype(bool), strided)[0] == reference


def test_golden_payload() -> None:
    """Fixes the format: the bytes of 5,000 bits under probabilities of every size."""
    i = np.arange(5000, dtype=np.uint64)
    mixed = (i * np.uint64(2654435761)) % np.uint64(PROB_ONE - 1) + np.uint64(1)
    p1 = (mixed >> (i % np.uint64(20))).clip(1).astype(np.uint32)
    bits = ((i * i + i // np.uint64(7)) % np.uint64(11) < 3).astype(np.uint8)
    payload, _ = encode(bits, p1)
    assert hashlib.sha256(payload).hexdigest() == GOLDEN


GOLDEN = "3956e4022bcaf5ef360c5d3e0759d1c545aa32b899da58e99e787e1228c153a1"
