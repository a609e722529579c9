"""Chunks GUESS and LEVELS that are damaged, under right checksums: errors with field and byte, soon."""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np
import pytest
from ovx_reader import Take, chunks_of, numbers_of_guesses, slices_of
from sample_clouds import ROOT

import octavox as ov
from octavox.codec import pipeline
from octavox.codec.coding.bytes import varint
from octavox.codec.errors import CorruptStreamError, InputError
from octavox.codec.lossy import stage
from octavox.codec.stream.chunks import ChunkWriter, Kind
from octavox.codec.stream.header import MORE_POINTS, POINTS_A_VOXEL, most_guessed

FOLDER = ROOT / "tests" / "golden" / "contents"
PARTLY, SLICES, LEVELS = (
    (FOLDER / f"lossy_{name}.ovx").read_bytes() for name in ("partly", "slices", "levels")
)
MOST_SECONDS = 10.0  # of processors, for one stream of some kilobytes


@pytest.fixture(scope="module", autouse=True)
def loaded() -> None:
    """Compiles what decoding takes."""
    for data in (PARTLY, SLICES, LEVELS):
        ov.decode(data)


def rewritten(data: bytes, kind: int, part: int, payload: bytes) -> bytes:
    """The stream with another payload of one chunk, and right checksums."""
    pieces: list[bytes] = []
    writer = ChunkWriter(pieces.append)
    for c in chunks_of(data):
        if c.kind not in (Kind.INDEX, Kind.END):
            changed = c.kind == kind and c.part == part
            writer.add(c.kind, payload if changed else c.payload, c.frame, c.component, c.part)
    writer.finish()
    return b"".join(pieces)


def payload_of(data: bytes, kind: int, part: int) -> bytes:
    return next(c.payload for c in chunks_of(data) if (c.kind, c.part) == (kind, part))


def flipped(payload: bytes) -> Iterator[bytes]:
    for bit in range(8 * len(payload)):
        changed = bytearray(payload)
        changed[bit // 8] ^= 1 << bit % 8
        yield bytes(changed)


def refusal(data: bytes, **wanted: object) -> CorruptStreamError:
    """The error of a stream that cannot be decoded; it comes soon."""
    started = time.process_time()
    with pytest.raises(CorruptStreamError) as error:
        ov.decode(data, **wanted)  # type: ignore[arg-type]
    assert time.process_time() - started < MOST_SECONDS
    return error.value


@pytest.mark.parametrize("data", [PARTLY, SLICES], ids=["partly", "slices"])
@pytest.mark.parametrize("part", [0, 1])
def test_every_flipped_bit_of_the_counts_is_refused(data: bytes, part: int) -> None:
    for payload in flipped(payload_of(data, Kind.GUESS, part)):
        error = refusal(rewritten(data, Kind.GUESS, part, payload))
        assert error.field is not None
        assert error.byte is None or 0 < error.byte <= len(data) + 8


@pytest.mark.parametrize("data", [PARTLY, SLICES], ids=["partly", "slices"])
def test_counts_that_end_too_early_or_too_late_are_refused(data: bytes) -> None:
    whole = payload_of(data, Kind.GUESS, 1)
    for payload in (*(whole[:end] for end in range(len(whole))), whole + b"\x00", whole + whole):
        error = refusal(rewritten(data, Kind.GUESS, 1, payload))
        assert error.field == "guess 1" and error.byte is not None


def test_counts_that_cannot_be_are_refused_where_they_stand() -> None:
    """SLICES leaves three levels out."""
    nodes, (first, second, third) = slices_of(SLICES)[0][0], numbers_of_guesses(SLICES)[0]
    at = next(c for c in chunks_of(SLICES) if c.kind == Kind.GUESS and c.part == 0)
    for counts, wrong in (
        ((nodes - 1, second, third), 0),
        ((8 * nodes + 1, second, third), 0),
        ((0, 0, 0), 0),
        ((first, first - 1, third), 1),
        ((first, 8 * first + 1, third), 1),
        ((first, second, second - 1), 2),
        ((first, second, 8 * second + 1), 2),
        ((first, second, (1 << 63) - 1), 2),
        (((1 << 62), second, third), 0),
    ):
        payload = b"".join(map(varint, counts))
        error = refusal(rewritten(SLICES, Kind.GUESS, 0, payload))
        before = sum(len(varint(count)) for count in counts[:wrong])
        start = error.byte - before if error.byte is not None else None
        assert error.field == "guess 0"
        head = len(varint(len(payload))) - len(varint(len(at.payload)))
        assert start == SLICES.index(at.payload, at.start) + head
    for counts in ((first, second, third + 1), (first, second, third - 1), (first, second, 8 * second)):
        error = refusal(rewritten(SLICES, Kind.GUESS, 0, b"".join(map(varint, counts))))
        assert error.field == "guess" and error.byte is not None and "declared" in error.reason


def test_numbers_of_a_level_in_part_that_cannot_be_are_refused() -> None:
    nodes, (known, kept, last) = slices_of(PARTLY)[0][0], numbers_of_guesses(PARTLY)[0]
    for numbers in (
        (nodes + 1, nodes + 1, last),
        (known, known - 1, last),
        (known, 8 * known + 1, last),
        (0, 1, last),
        (known, nodes + 1, last),
        (nodes, nodes, last),  # more nodes than the level above has
    ):
        error = refusal(rewritten(PARTLY, Kind.GUESS, 0, b"".join(map(varint, numbers))))
        assert error.field == "guess 0" and error.byte is not None
    for numbers in ((known - 1, kept, last), (known, kept - 1, last), (0, 0, last)):
        error = refusal(rewritten(PARTLY, Kind.GUESS, 0, b"".join(map(varint, numbers))))
        assert error.field is not None


def test_a_chunk_too_many_or_too_few_is_refused() -> None:
    chunks = [c for c in chunks_of(SLICES) if c.kind not in (Kind.INDEX, Kind.END)]
    guesses = [c for c in chunks if c.kind == Kind.GUESS]
    for kept in ([c for c in chunks if c is not guesses[1]], [*chunks, guesses[0]]):
        pieces: list[bytes] = []
        writer = ChunkWriter(pieces.append)
        for c in kept:
            writer.add(c.kind, c.payload, c.frame, c.component, c.part)
        writer.finish()
        error = refusal(b"".join(pieces))
        assert error.field is not None and "guess" in error.field


def test_a_slice_alone_is_checked_too() -> None:
    counts = numbers_of_guesses(SLICES)[1]
    payload = b"".join(map(varint, (*counts[:2], 8 * counts[1])))
    error = refusal(rewritten(SLICES, Kind.GUESS, 1, payload), slices=[1])
    assert error.field == "guess" and "declared" in error.reason
    assert len(ov.decode(SLICES, slices=[0]).voxels) == numbers_of_guesses(SLICES)[0][-1]


def test_a_small_file_does_not_ask_for_much_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    assert most_guessed(len(SLICES)) == MORE_POINTS + POINTS_A_VOXEL * len(SLICES)
    header = payload_of(SLICES, Kind.HEADER, 0)
    error = refusal(rewritten(SLICES, Kind.HEADER, 0, with_points(header, 1 << 29)))
    assert error.field == "guess" and error.byte is not None  # the counts say less
    monkeypatch.setattr(stage, "most_guessed", lambda size: size)
    error = refusal(SLICES)
    assert error.field == "points" and "3,680 voxels of 1,820 bytes" in error.reason


def test_an_encoder_refuses_what_its_decoder_would(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "most_guessed", lambda size: size)
    at = np.arange(32)
    cube = np.stack([part.ravel() for part in np.meshgrid(at, at, at)], axis=1)
    with pytest.raises(InputError, match="leave fewer levels out"):
        ov.encode(ov.PointCloud(cube), options=ov.CodecOptions(codec="octree"), drop_levels=2)


def with_points(header: bytes, many: int) -> bytes:
    """A header whose field 2 says another number of voxels."""
    take, found = Take(header), b""
    while take.left:
        key, value = take.byte(), take.raw(take.varint())
        if key == 2:
            value = varint(many)
        found += bytes([key]) + varint(len(value)) + value
    return found


@pytest.mark.slow
def test_every_flipped_bit_of_levels_is_an_error_or_no_difference() -> None:
    """A reader of a coarse cloud believes LEVELS, so it holds what it read against the checksum there."""
    depth = ov.decode(LEVELS).header.coded_depth
    right = {lod: ov.decode(LEVELS, lod=lod).voxels.coords for lod in range(1, depth + 1)}
    for payload in flipped(payload_of(LEVELS, Kind.LEVELS, 0)):
        data = rewritten(LEVELS, Kind.LEVELS, 0, payload)
        for lod in (1, depth - 2, depth - 1, depth):
            started = time.process_time()
            try:
                found = ov.decode(data, lod=lod).voxels.coords
            except CorruptStreamError as error:
                assert error.field is not None and error.byte is not None
            else:
                assert np.array_equal(found, right[lod])
            assert time.process_time() - started < MOST_SECONDS


def test_levels_that_end_too_early_are_refused_or_not_needed() -> None:
    depth = ov.decode(LEVELS).header.coded_depth
    right = ov.decode(LEVELS, lod=depth - 1).voxels.coords
    whole = payload_of(LEVELS, Kind.LEVELS, 0)
    for payload in (*(whole[:end] for end in range(len(whole))), whole + b"\x00"):
        data = rewritten(LEVELS, Kind.LEVELS, 0, payload)
        try:
            found = ov.decode(data, lod=depth - 1).voxels.coords
        except CorruptStreamError as error:
            assert error.field == "levels 0" and error.byte is not None
        else:
            assert np.array_equal(found, right)
        assert len(ov.decode(data).cloud) == 3680  # a reader of the whole stream does without


def test_levels_beyond_the_slice_are_refused() -> None:
    depth = ov.decode(LEVELS).header.coded_depth
    payload = bytes([depth - 1]) + varint(1 << 39) + bytes(4)
    error = refusal(rewritten(LEVELS, Kind.LEVELS, 0, payload), lod=depth - 1)
    assert error.field is not None and error.byte is not None
