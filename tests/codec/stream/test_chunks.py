"""Chunks: written, found by walking and by the index, salvaged; damage is an error with a place."""

from __future__ import annotations

import io

import numpy as np
import ovx_reader
import pytest
from hypothesis import given
from hypothesis import strategies as st

from octavox.codec.errors import CorruptStreamError, UnsupportedStreamError
from octavox.codec.files.source import Source, open_source
from octavox.codec.stream import chunks
from octavox.codec.stream.chunks import ChunkWriter, Kind, packed, read_payload
from octavox.codec.stream.frames import find_chunks, listed_frames
from octavox.codec.stream.scan import header_places, salvage_chunks

PAYLOADS = st.lists(
    st.tuples(
        st.sampled_from([Kind.HEADER, Kind.TREE, Kind.SLICE, Kind.ATTRIBUTE, 64, 200]),
        st.integers(0, 1 << 40),
        st.integers(0, 300),
        st.integers(0, 300),
        st.binary(max_size=40),
    ),
    max_size=40,
)


def written(rows) -> bytes:
    pieces: list[bytes] = []
    writer = ChunkWriter(pieces.append)
    for kind, frame, component, part, payload in rows:
        writer.add(kind, payload, frame, component, part)
    writer.finish()
    return b"".join(pieces)


def listed(source: Source) -> list[tuple[int, int, int, int, bytes]]:
    return [(c.kind, c.frame, c.component, c.part, read_payload(source, c)) for c in find_chunks(source)]


@given(PAYLOADS)
def test_round_trip(rows):
    data = written(rows)
    assert listed(open_source(data)) == rows
    independent = [
        (c.kind, c.frame, c.component, c.part, c.payload)
        for c in ovx_reader.chunks_of(data)
        if c.kind not in (14, 15)
    ]
    assert independent == rows
    index = ovx_reader.index_of(data)
    assert (index is not None) == (len(rows) >= chunks.INDEX_FROM)
    if index is not None:
        assert index == [(k, f, c, p, len(d)) for k, f, c, p, d in rows]


@given(PAYLOADS, st.randoms(use_true_random=False))
def test_what_is_whole_is_salvaged(rows, random):
    data = bytearray(written(rows))
    start = random.randrange(len(data))
    length = random.randrange(1, 9)
    data[start : start + length] = bytes(random.randrange(256) for _ in range(length))
    found, lost = salvage_chunks(open_source(bytes(data)))
    places = {(c.start, c.end): c for c in found}
    sound = [
        c for c in find_chunks(open_source(written(rows))) if c.end <= start or c.start >= start + length
    ]
    assert all((c.start, c.end) in places for c in sound)
    assert all(first < last for first, last in lost)


ROWS = [(Kind.HEADER, 0, 0, 0, b"h"), *((Kind.SLICE, 0, 0, k, bytes([k]) * k) for k in range(30))]


def test_an_index_that_is_damaged_is_not_needed():
    data = bytearray(written(ROWS))
    whole = find_chunks(open_source(bytes(data)))
    at = data.rindex(bytes([Kind.INDEX])) + 12
    for k in (at, len(data) - 6):
        broken = bytearray(data)
        broken[k] ^= 1
        source = open_source(bytes(broken))
        assert listed_frames(source) is None
        if k == at:
            assert find_chunks(source) == whole
    listed = listed_frames(open_source(bytes(data)))
    assert listed is not None and listed.first == whole


def test_chunks_are_found_without_reading_payloads():
    class Counting(io.BytesIO):
        taken = 0

        def read(self, count: int | None = -1) -> bytes:
            data = super().read(count)
            Counting.taken += len(data)
            return data

    rows = [(Kind.HEADER, 0, 0, 0, b"h"), *((Kind.SLICE, 0, 0, k, bytes(1 << 20)) for k in range(30))]
    source = Source(Counting(written(rows)), "counting")
    assert len(find_chunks(source)) == 31
    assert Counting.taken < 5000


@pytest.mark.parametrize("cut", [1, 5, 12, 40])
def test_a_cut_file_is_an_error_and_salvaged(cut):
    data = written(ROWS)[:-cut]
    with pytest.raises(CorruptStreamError) as caught:
        find_chunks(open_source(data))
    assert "truncated" in caught.value.reason or caught.value.field
    found, _ = salvage_chunks(open_source(data))
    assert len(found) >= len(ROWS) - 2


def test_trailing_bytes():
    with pytest.raises(CorruptStreamError, match="3 trailing bytes"):
        find_chunks(open_source(written(ROWS[:3]) + b"abc"))


def test_unknown_kinds():
    with pytest.raises(UnsupportedStreamError, match="kind 40"):
        find_chunks(open_source(written([(40, 0, 0, 0, b"")])))
    assert find_chunks(open_source(written([(99, 0, 0, 0, b"x")])))[0].kind == 99


def test_another_version_and_no_stream():
    with pytest.raises(UnsupportedStreamError, match=r"format version 3"):
        find_chunks(open_source(chunks.MAGIC + b"\x03" + bytes(20)))
    for data in (b"", b"ply\n", chunks.MAGIC[:4]):
        with pytest.raises(CorruptStreamError):
            find_chunks(open_source(data))


def test_every_flip_of_a_bit_is_found():
    data = written(ROWS[:4])
    rng = np.random.default_rng(1)
    for at in rng.permutation(8 * len(data))[:400]:
        broken = bytearray(data)
        broken[at // 8] ^= 1 << (at % 8)
        with pytest.raises(CorruptStreamError) as caught:
            listed(open_source(bytes(broken)))
        assert caught.value.field is not None and caught.value.byte is not None


def test_a_chunk_as_the_document_has_it():
    data = packed(Kind.SLICE, b"abc", 1, 2, 300)
    assert data[:6] == bytes([3, 1, 2, 0xAC, 2, 3])
    assert data[8:11] == b"abc" and len(data) == 15


@given(PAYLOADS)
def test_headers_are_found_at_every_byte(rows):
    data = written(rows)
    found = header_places(data)
    places = [chunk.start for chunk in ovx_reader.chunks_of(data) if chunk.start + 16 < len(data)]
    assert set(places) <= set(found)
    for at in range(0, len(data), 7):  # nothing is said of places that hold none
        if at not in found:
            with pytest.raises(CorruptStreamError):
                chunks.parse_chunk(data, at, 0, 1 << 62)


@pytest.mark.slow
def test_false_headers_do_not_make_the_search_endless():
    """Each of a thousand headers announces all the rest of the file."""
    size = 2_000_000
    false = b""
    while len(false) < 20_000:
        head = packed(Kind.SLICE, bytes(size), part=len(false))[:-size]
        false += head[:-4]
    with pytest.raises(CorruptStreamError, match="false headers"):
        salvage_chunks(open_source(b"x" + false + bytes(size + 9)))
