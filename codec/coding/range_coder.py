"""Binary range coder with carry propagation: 64-bit registers, 24-bit probabilities, 32-bit renormalization.

The interval [low, low + range) shrinks with each bit: a 1 keeps the lower part, of width
(range >> 24) * p1, a 0 keeps the rest (Martin 1979; carries go back into the bytes already written).
range is 2**32 or more before every bit, so that the division of the interval is exact to 2**-8 at worst.

The payload is the shortest byte string that, followed by zero bytes, is a number in the final interval, and
is never shorter than the words already shifted out. So the decoder of an undamaged payload reads at most 8
bytes past the end, and can compute from its own registers what the last bytes must be: see
`RangeDecoder.close`.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from octavox.codec.arrays import Float64Array, UInt8Array, UInt32Array, UInt64Array
from octavox.codec.errors import CorruptStreamError

from .kernels.jit import Int, inlined, njit

PROB_BITS = 24
PROB_ONE = 1 << PROB_BITS
MAX_BYTES_PER_BIT = 4  # range falls by less than 2**24.1 with one bit: one 32-bit word at most
FLUSH_BYTES = 8
MAX_OVERRUN = 8  # bytes that the decoder of an undamaged payload reads past the end

# State: uint64 array. A decoder's low and range equal the encoder's after the same bits.
LOW, RANGE, POSITION, VALUE = 0, 1, 2, 3
STATE_WORDS = 4


# numba gives float64 for uint64 with int64: every constant that meets a register is a uint64.
_FULL = np.uint64(0xFFFFFFFFFFFFFFFF)
_RENORM = np.uint64(1 << 32)
_WORD = np.uint64(32)
_PROB_SHIFT = np.uint64(PROB_BITS)
_BYTE = np.uint64(0xFF)
_U0, _U1, _U4, _U8 = np.uint64(0), np.uint64(1), np.uint64(4), np.uint64(8)
_U16, _U24 = np.uint64(16), np.uint64(24)


@njit
def init_encoder(state: UInt64Array) -> None:
    """Sets `state` (STATE_WORDS uint64) to the start of a payload."""
    state[LOW] = _U0
    state[RANGE] = _FULL
    state[POSITION] = _U0
    state[VALUE] = _U0


@njit
def _carry(buf: UInt8Array, position: np.uint64) -> None:
    """Adds one to the number written before `position`. The sum fits: it is a fraction below 1."""
    i = np.int64(position) - 1
    while i >= 0 and buf[i] == 255:
        buf[i] = 0
        i -= 1
    if i >= 0:
        buf[i] = buf[i] + 1


@inlined
def encode_bit(state: UInt64Array, buf: UInt8Array, bit: Int, p1: Int) -> None:
    """Codes one bit. p1: probability of a 1, 1 to 2**24 - 1. buf needs 4 bytes of room after the position."""
    split = (state[RANGE] >> _PROB_SHIFT) * np.uint64(p1)
    if bit:
        rng = split
    else:
        low = state[LOW] + split
        if low < split:
            _carry(buf, state[POSITION])
        state[LOW] = low
        rng = state[RANGE] - split
    if rng < _RENORM:
        low = state[LOW]
        at = state[POSITION]
        buf[at] = np.uint8(low >> np.uint64(56))
        buf[at + _U1] = np.uint8((low >> np.uint64(48)) & _BYTE)
        buf[at + np.uint64(2)] = np.uint8((low >> np.uint64(40)) & _BYTE)
        buf[at + np.uint64(3)] = np.uint8((low >> _WORD) & _BYTE)
        state[POSITION] = at + _U4
        state[LOW] = low << _WORD
        rng = rng << _WORD
    state[RANGE] = rng


@njit
def _final(low: np.uint64, rng: np.uint64) -> tuple[np.uint64, np.uint64]:
    """(number of flush bytes, offset from low) of the number in [low, low + rng) with the fewest bytes.

    The offset is taken modulo 2**64, so a number of 2**64 (no byte, but a carry) counts too.
    """
    keep = _U0
    mask = _FULL
    while keep < _U8:
        offset = (~low + _U1) & mask  # to the next multiple of mask + 1
        if offset < rng:
            return keep, offset
        mask = mask >> _U8
        keep = keep + _U1
    return _U8, _U0


@njit
def flush(state: UInt64Array, buf: UInt8Array) -> Int:
    """Writes the last bytes and returns the payload's length. buf needs 8 bytes of room.

    low and range do not change, so they can be compared with a decoder's.
    """
    keep, offset = _final(state[LOW], state[RANGE])
    end = state[LOW] + offset
    if end < offset:
        _carry(buf, state[POSITION])
    at = state[POSITION]
    shift = np.uint64(56)
    for _ in range(np.int64(keep)):
        buf[at] = np.uint8((end >> shift) & _BYTE)
        at = at + _U1
        shift = shift - _U8
    return np.int64(at)


@inlined
def _word(payload: UInt8Array, at: np.uint64) -> np.uint64:
    """Four bytes, big-endian, zeros past the end."""
    size = np.uint64(payload.size)
    if at + _U4 <= size:
        return (
            (np.uint64(payload[at]) << _U24)
            | (np.uint64(payload[at + _U1]) << _U16)
            | (np.uint64(payload[at + np.uint64(2)]) << _U8)
            | np.uint64(payload[at + np.uint64(3)])
        )
    word = _U0
    for i in range(4):
        word = word << _U8
        if at + np.uint64(i) < size:
            word = word | np.uint64(payload[at + np.uint64(i)])
    return word


@njit
def init_decoder(state: UInt64Array, payload: UInt8Array) -> None:
    """Sets `state` (STATE_WORDS uint64) to the start of `payload`."""
    state[LOW] = _U0
    state[RANGE] = _FULL
    state[POSITION] = _U8
    state[VALUE] = (_word(payload, _U0) << _WORD) | _word(payload, _U4)


@inlined
def decode_bit(state: UInt64Array, payload: UInt8Array, p1: Int) -> Int:
    """The next bit (0 or 1); p1 as given to `encode_bit`. It does not check: see `overrun` and `in_step`."""
    split = (state[RANGE] >> _PROB_SHIFT) * np.uint64(p1)
    if state[VALUE] < split:
        rng = split
        bit = 1
    else:
        state[VALUE] = state[VALUE] - split
        state[LOW] = state[LOW] + split
        rng = state[RANGE] - split
        bit = 0
    if rng < _RENORM:
        state[VALUE] = (state[VALUE] << _WORD) | _word(payload, state[POSITION])
        state[LOW] = state[LOW] << _WORD
        state[POSITION] = state[POSITION] + _U4
        rng = rng << _WORD
    state[RANGE] = rng
    return bit


class BitCoder(NamedTuple):
    """One direction of the range coder, for loops that encode or decode.

    state: (STATE_WORDS,) uint64. buffer: uint8 output of an encoder, with room for 4 bytes a bit; payload of
    a decoder.
    """

    encoding: bool
    state: UInt64Array
    buffer: UInt8Array


@inlined
def code_bit(coder: BitCoder, bit: Int, p1: Int) -> Int:
    """Codes `bit` and returns it; a decoder ignores `bit`, and returns the next one. p1: see `encode_bit`."""
    if coder.encoding:
        encode_bit(coder.state, coder.buffer, bit, p1)
        return np.int64(bit)
    return np.int64(decode_bit(coder.state, coder.buffer, p1))


@njit
def overrun(state: UInt64Array, payload: UInt8Array) -> Int:
    """Bytes read past the end of the payload; above MAX_OVERRUN only for damaged payloads."""
    return np.int64(state[POSITION]) - np.int64(payload.size)


@njit
def in_step(state: UInt64Array, payload: UInt8Array) -> bool:
    """After the last bit: whether an encoder of the decoded bits would have written exactly this payload."""
    keep, offset = _final(state[LOW], state[RANGE])
    return bool(state[VALUE] == offset and np.int64(state[POSITION] - _U8 + keep) == np.int64(payload.size))


@njit
def _code_bits(coder: BitCoder, bits: UInt8Array, p1: UInt32Array) -> Int:
    """Codes the bits, or fills them in. Returns the index of the first probability out of range, or -1."""
    for i in range(p1.size):
        p = np.int64(p1[i])
        if p < 1 or p >= PROB_ONE:
            return i
        bits[i] = np.uint8(code_bit(coder, np.int64(bits[i]), p))
    return -1


class RangeEncoder:
    """Writes one payload. Not thread-safe; use one for each slice."""

    def __init__(self) -> None:
        self.state: UInt64Array = np.zeros(STATE_WORDS, np.uint64)
        self.buffer: UInt8Array = np.zeros(4096, np.uint8)
        init_encoder(self.state)

    def reserve(self, n_bits: int) -> None:
        """Makes room in `buffer` for `n_bits` more bits and the flush."""
        need = int(self.state[POSITION]) + MAX_BYTES_PER_BIT * n_bits + FLUSH_BYTES
        if need > self.buffer.size:
            grown = np.zeros(max(need, 2 * self.buffer.size), np.uint8)
            grown[: self.buffer.size] = self.buffer
            self.buffer = grown

    def bit_coder(self, n_bits: int) -> BitCoder:
        """For a loop that codes at most `n_bits` bits. Any other encoding makes it invalid."""
        self.reserve(n_bits)
        return BitCoder(True, self.state, self.buffer)

    def encode_bits(self, bits: npt.ArrayLike, p1: npt.ArrayLike) -> None:
        """Codes bits (n,) uint8 with probabilities of a 1 p1 (n,) uint32 in units of 2**-24.

        Raises ValueError for unequal lengths and for a probability outside [1, 2**24 - 1].
        """
        symbols, probs = as_contiguous(bits, np.uint8), as_contiguous(p1, np.uint32)
        if symbols.shape != probs.shape or symbols.ndim != 1:
            raise ValueError(f"bits {symbols.shape} and p1 {probs.shape} must be one-dimensional and equal")
        bad = _code_bits(self.bit_coder(symbols.size), symbols, probs)
        if bad >= 0:
            raise _out_of_range(probs, bad)

    def finish(self) -> bytes:
        """The payload. Nothing may be encoded afterwards."""
        self.reserve(0)
        return self.buffer[: flush(self.state, self.buffer)].tobytes()


class RangeDecoder:
    """Reads one payload made by RangeEncoder. Not thread-safe. `field` names it in errors.

    first_byte: where in the field the payload begins, for errors.
    """

    def __init__(self, payload: bytes, field: str | None = None, first_byte: int = 0) -> None:
        self.field, self.first_byte = field, first_byte
        self.payload: UInt8Array = np.frombuffer(bytearray(payload), np.uint8)
        self.state: UInt64Array = np.zeros(STATE_WORDS, np.uint64)
        init_decoder(self.state, self.payload)

    def bit_coder(self, n_bits: int) -> BitCoder:
        """For a loop that decodes bits. The caller must call `check` afterwards."""
        return BitCoder(False, self.state, self.payload)

    def decode_bits(self, p1: npt.ArrayLike) -> UInt8Array:
        """The next (n,) uint8 bits, given the encoder's p1 (n,) uint32.

        Raises CorruptStreamError once the payload is overrun, ValueError for a probability out of range.
        """
        probs = as_contiguous(p1, np.uint32)
        bits = np.zeros(probs.size, np.uint8)
        bad = _code_bits(self.bit_coder(probs.size), bits, probs)
        if bad >= 0:
            raise _out_of_range(probs, bad)
        self.check()
        return bits

    def check(self) -> None:
        """Raises CorruptStreamError if more was read than an encoder can have written."""
        if int(self.state[POSITION]) > self.payload.size + MAX_OVERRUN:
            end = self.first_byte + self.payload.size
            raise CorruptStreamError("payload ends too early", field=self.field, byte=end)

    def close(self) -> None:
        """Checks the end of the payload. Call it after the last bit.

        Raises CorruptStreamError unless the payload is, byte for byte, what an encoder writes for the decoded
        bits. This finds nearly all damage, and also bytes left over.
        """
        self.check()
        if not in_step(self.state, self.payload):
            used = int(self.state[POSITION]) - FLUSH_BYTES
            raise CorruptStreamError(
                "payload does not end where its symbols end",
                field=self.field,
                byte=self.first_byte + min(used, self.payload.size),
            )


def as_contiguous(values: npt.ArrayLike, dtype: type[np.generic]) -> npt.NDArray[Any]:
    """`values` as the writable C array that the compiled loops are made for; copied only if need be."""
    if isinstance(values, np.ndarray) and values.dtype.type is dtype and values.flags.carray:
        return values
    return np.require(values, dtype, ("C", "A", "W"))


def _out_of_range(probs: UInt32Array, at: Int) -> ValueError:
    return ValueError(f"probability {probs[at]} at index {at} is outside [1, {PROB_ONE - 1}]")


def code_length(bits: npt.ArrayLike, p1: npt.ArrayLike) -> Float64Array:
    """(n,) float64 code length of each bit, -log2 p. For reports only; no coded byte depends on it."""
    prob = np.asarray(p1, np.float64) / PROB_ONE
    return np.asarray(-np.log2(np.where(np.asarray(bits, np.uint8) != 0, prob, 1.0 - prob)), np.float64)
