"""The container: round trips, and every kind of damage is an error with a place."""

from __future__ import annotations

import contextlib
import struct
import zlib
from dataclasses import replace

import numpy as np
import pytest
import raw_codec
from hypothesis import given
from hypothesis import strategies as st
from version1_writer import pack

from octavox.codec.cloud.cloud import Transform
from octavox.codec.codecs.interface import SECTION_SLICE, SECTION_TREE, Section
from octavox.codec.errors import CorruptStreamError, UnsupportedStreamError
from octavox.codec.files.source import open_source
from octavox.codec.stream import version1 as container
from octavox.codec.stream.chunks import MAGIC
from octavox.codec.stream.header import Header
from octavox.codec.stream.reader import StreamReader

SECTIONS = [Section(SECTION_TREE, b"tree"), Section(SECTION_SLICE, b"abc", 2), Section(SECTION_SLICE, b"", 1)]
FULL = Header(
    codec_id=raw_codec.ID,
    depth=10,
    points=3,
    input_points=7,
    coordinate_type="int",
    transform=Transform((-1.5, 2.0, 1e300), 0.25),
    weights_id=b"weights!",
    params=b"\x01\x02",
    version=(1, 0),
)
PLAIN = Header(codec_id=raw_codec.ID, depth=10, points=3, input_points=3, version=(1, 0))


@pytest.fixture(autouse=True)
def _known_codec(raw):
    """The registry knows the raw codec in every test here."""


def parse(data: bytes) -> StreamReader:
    return StreamReader(open_source(data))


def as_written(header: Header) -> Header:
    """Without what the reader makes of the transform."""
    return replace(header, grid=None)


def seal(fields: bytes, payloads: bytes = b"", version: bytes = b"\x01\x00") -> bytes:
    """A file with these header bytes and right length and checksum: what only a forger would write."""
    start = MAGIC + version + struct.pack("<I", len(fields)) + fields
    return start + struct.pack("<I", zlib.crc32(start)) + payloads


def fields_of(data: bytes) -> bytes:
    return data[14 : parse(data).header_bytes - 4]


@pytest.mark.parametrize("header", [FULL, PLAIN])
def test_round_trip(header):
    data = pack(header, SECTIONS)
    layout = parse(data)
    assert as_written(layout.header) == header
    assert layout.sections() == SECTIONS
    assert [e.name for e in layout.entries] == ["tree", "slice 0", "slice 1"]
    assert data[layout.header.params_byte :][: len(header.params)] == header.params


def test_the_layout_is_the_documented_one():
    """Byte for byte as docs/format.md has it, written here without the library."""
    data = pack(FULL, SECTIONS)
    fields = bytes([raw_codec.ID, 10, 6, 0b111, 3, 7]) + struct.pack("<4d", -1.5, 2.0, 1e300, 0.25)
    fields += b"weights!" + b"\x02\x01\x02" + b"\x03"
    for section in SECTIONS:
        fields += bytes([section.kind, section.points, len(section.payload)])
        fields += struct.pack("<I", zlib.crc32(section.payload))
    assert data == seal(fields, b"treeabc")
    assert len(pack(PLAIN, [Section(SECTION_SLICE, b"", 3)])) == 14 + 7 + 7 + 4


def test_large_numbers_are_varints():
    header = replace(PLAIN, depth=21, points=1 << 40, input_points=1 << 40)
    data = pack(header, [Section(SECTION_SLICE, b"x" * 200, 1 << 40)])
    assert b"\x80\x80\x80\x80\x80\x20" in fields_of(data)
    layout = parse(data)
    assert layout.header.points == 1 << 40
    assert layout.entries[0].length == 200


@given(
    depth=st.integers(1, 21),
    extra=st.integers(0, 1 << 39),
    kind=st.sampled_from(container.COORDINATE_TYPES),
    numbers=st.tuples(*[st.floats(-1e307, 1e307)] * 3),
    scale=st.floats(5e-324, 1e300),
    weights=st.binary(min_size=8, max_size=8),
    params=st.binary(max_size=64),
    payloads=st.lists(
        st.tuples(st.sampled_from([1, 2]), st.binary(max_size=300), st.integers(0, 8)), max_size=6
    ),
)
def test_any_header_round_trips(depth, extra, kind, numbers, scale, weights, params, payloads):
    sections, points = [], 0
    for section_kind, payload, wanted in payloads:
        held = min(wanted, 8**depth - points)
        points += held
        sections.append(Section(section_kind, payload, held))
    header = Header(
        raw_codec.ID, depth, points, points + extra, kind, Transform(numbers, scale), weights, params, (1, 0)
    )
    data = pack(header, sections)
    layout = parse(data)
    assert as_written(layout.header) == header
    assert layout.sections() == sections
    assert pack(layout.header, sections) == data


@pytest.mark.parametrize("header", [FULL, PLAIN])
def test_every_flipped_bit_of_the_header_is_noticed(header):
    data = pack(header, SECTIONS)
    size = parse(data).header_bytes
    for byte in range(size):
        for bit in range(8):
            damaged = bytearray(data)
            damaged[byte] ^= 1 << bit
            with pytest.raises(CorruptStreamError) as caught:
                parse(bytes(damaged))
            assert caught.value.field is not None
            assert caught.value.byte is not None
            assert 0 <= caught.value.byte <= len(data)


def test_every_flipped_bit_of_a_payload_is_noticed_by_its_own_section():
    data = pack(FULL, SECTIONS)
    layout = parse(data)
    for entry in layout.entries:
        for byte in range(entry.first_byte, entry.first_byte + entry.length):
            damaged = bytearray(data)
            damaged[byte] ^= 0x10
            with pytest.raises(CorruptStreamError, match="checksum mismatch") as caught:
                parse(bytes(damaged)).sections()
            assert (caught.value.field, caught.value.byte) == (entry.name, entry.first_byte)


@pytest.mark.parametrize("header", [FULL, PLAIN])
def test_truncation_at_every_length(header):
    data = pack(header, SECTIONS)
    for length in range(len(data)):
        with pytest.raises(CorruptStreamError) as caught:
            parse(data[:length])
        assert caught.value.field is not None
        assert caught.value.byte is not None
        assert caught.value.byte <= max(length, 10)


def test_trailing_bytes():
    data = pack(FULL, SECTIONS)
    with pytest.raises(CorruptStreamError, match="1 trailing bytes") as caught:
        parse(data + b"\0")
    assert caught.value.byte == len(data)


def test_slice_checksum_message_reads_as_documented():
    data = pack(FULL, SECTIONS)
    first = parse(data).entries[1].first_byte
    damaged = data[:first] + b"X" + data[first + 1 :]
    with pytest.raises(CorruptStreamError) as caught:
        parse(damaged).sections()
    assert str(caught.value) == f"slice checksum mismatch (field 'slice 0', byte {first})"


@pytest.mark.parametrize(
    ("byte", "value", "field"),
    [(0, 99, "codec id"), (3, 0x08, "flags"), (3, 0xFF, "flags")],
)
def test_unknown_things_are_unsupported(byte, value, field):
    fields = bytearray(fields_of(pack(PLAIN, SECTIONS)))
    fields[byte] = value
    with pytest.raises(UnsupportedStreamError) as caught:
        parse(seal(bytes(fields), b"treeabc"))
    assert (caught.value.field, caught.value.byte) == (field, 14 + byte)


def test_unknown_major_version_is_unsupported():
    fields = fields_of(pack(PLAIN, SECTIONS))
    with pytest.raises(UnsupportedStreamError, match="version 3"):
        parse(seal(fields, b"treeabc", b"\x03\x00"))


def test_unknown_section_kind_is_unsupported():
    fields = bytearray(fields_of(pack(PLAIN, SECTIONS)))
    fields[7] = 3  # the kind of the first section
    with pytest.raises(UnsupportedStreamError, match="section kind 3"):
        parse(seal(bytes(fields), b"treeabc"))


def test_a_later_minor_version_may_add_to_the_header():
    fields = fields_of(pack(PLAIN, SECTIONS)) + b"more"
    layout = parse(seal(fields, b"treeabc", b"\x01\x07"))
    assert as_written(layout.header) == replace(PLAIN, version=(1, 7))
    with pytest.raises(CorruptStreamError, match="left over"):
        parse(seal(fields, b"treeabc"))


FORGED = {
    "depth zero": (lambda f: f[:1] + b"\x00" + f[2:], "depth"),
    "depth 22": (lambda f: f[:1] + b"\x16" + f[2:], "depth"),
    "type": (lambda f: f[:2] + b"\x08" + f[3:], "coordinate type"),
    "more points than voxels": (lambda f: f[:1] + b"\x01\x00\x00\x09" + f[5:], "points"),
    "long varint": (lambda f: f[:4] + b"\x83\x00" + f[5:], "points"),
    "endless varint": (lambda f: f[:4] + b"\xff" * 12 + f[5:], "points"),
    "params": (lambda f: f[:5] + b"\x41" + f[6:], "params"),
    "params past the end": (lambda f: f[:5] + b"\x40" + f[6:], "params"),
    "sections": (lambda f: f[:6] + b"\x04" + f[7:], "section 3"),
    "two sections": (lambda f: f[:6] + b"\x02" + f[7:21], "section count"),
    "a million sections": (lambda f: f[:6] + b"\xff\xff\x3f" + f[7:], "section 3"),
    "too many sections": (lambda f: f[:6] + b"\xff\xff\x7f" + f[7:], "section count"),
    "a section of 2**60 bytes": (lambda f: f[:9] + b"\x80" * 8 + b"\x10" + f[10:], "tree"),
    "a section of 2**69 bytes": (lambda f: f[:9] + b"\x80" * 9 + b"\x40" + f[10:], "length of tree"),
    "points of a section": (lambda f: f[:15] + b"\x04" + f[16:], "points of slice 0"),
    "cut": (lambda f: f[:-1], "checksum of slice 1"),
    "nothing": (lambda f: b"", "codec id"),
}


@pytest.mark.parametrize("name", FORGED)
def test_forged_fields_with_a_right_checksum(name):
    change, field = FORGED[name]
    forged = seal(change(fields_of(pack(PLAIN, SECTIONS))), b"treeabc")
    with pytest.raises(CorruptStreamError) as caught:
        parse(forged)
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("position", "value", "field"),
    [
        (0, np.nan, "origin"),
        (2, np.inf, "origin"),
        (3, 0.0, "scale"),
        (3, -1.0, "scale"),
        (3, np.nan, "scale"),
        (3, 1e306, "scale"),
    ],
)
def test_transform_must_be_finite(position, value, field):
    fields = bytearray(fields_of(pack(FULL, SECTIONS)))
    struct.pack_into("<d", fields, 6 + 8 * position, value)
    with pytest.raises(CorruptStreamError) as caught:
        parse(seal(bytes(fields), b"treeabc"))
    assert caught.value.field == field


def test_weights_id_of_zeros_has_one_spelling():
    fields = fields_of(pack(FULL, SECTIONS)).replace(b"weights!", bytes(8))
    with pytest.raises(CorruptStreamError, match="weights id"):
        parse(seal(fields, b"treeabc"))


def test_fewer_input_points_than_points():
    fields = bytearray(fields_of(pack(FULL, SECTIONS)))
    fields[5] = 2
    with pytest.raises(CorruptStreamError, match="input points"):
        parse(seal(bytes(fields), b"treeabc"))


@given(st.binary(max_size=80))
def test_any_fields_are_read_or_refused(fields):
    with contextlib.suppress(CorruptStreamError):
        parse(seal(fields))


@pytest.mark.parametrize(
    ("header", "sections"),
    [
        (replace(PLAIN, points=4), SECTIONS),
        (replace(PLAIN, params=bytes(65)), SECTIONS),
        (replace(PLAIN, weights_id=b"short"), SECTIONS),
        (replace(PLAIN, coordinate_type="int64"), SECTIONS),
    ],
)
def test_pack_refuses_what_the_format_cannot_hold(header, sections):
    with pytest.raises(ValueError):
        pack(header, sections)
