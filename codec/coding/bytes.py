"""Numbers in streams: varints, and a reader whose faults name field and byte."""

from __future__ import annotations

import struct

from octavox.codec.errors import CorruptStreamError


def varint(value: int) -> bytes:
    """Unsigned LEB128: seven bits a byte, least significant first. One spelling for each number."""
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def zigzag(value: int) -> bytes:
    """A signed number as a varint: 0, -1, 1, -2, ... are 0, 1, 2, 3, ..."""
    return varint(2 * value if value >= 0 else -2 * value - 1)


def u32(value: int) -> bytes:
    """Four bytes, little endian."""
    return value.to_bytes(4, "little")


class ByteReader:
    """Takes fields from data[position:end]. first_byte: where data[0] lies in the file, for faults.

    Every fault is a CorruptStreamError that names the field and its byte in the file.
    """

    def __init__(self, data: bytes, position: int = 0, end: int | None = None, first_byte: int = 0) -> None:
        self.data, self.position = data, position
        self.end = len(data) if end is None else end
        self.first_byte = first_byte

    @property
    def left(self) -> int:
        """Bytes that are not taken yet."""
        return self.end - self.position

    def fault(self, reason: str, name: str, at: int | None = None) -> CorruptStreamError:
        """The error for a field that begins at `at`, or at the next byte."""
        byte = self.first_byte + (self.position if at is None else at)
        return CorruptStreamError(reason, field=name, byte=byte)

    def take(self, count: int, name: str) -> bytes:
        """The next bytes."""
        if count > self.left:
            raise self.fault("the data end inside this field", name)
        self.position += count
        return self.data[self.position - count : self.position]

    def u8(self, name: str) -> int:
        """One byte."""
        return self.take(1, name)[0]

    def u32(self, name: str) -> int:
        """Four bytes, little endian."""
        return int.from_bytes(self.take(4, name), "little")

    def doubles(self, count: int, name: str) -> tuple[float, ...]:
        """So many float64."""
        return struct.unpack(f"<{count}d", self.take(8 * count, name))

    def varint(self, name: str, most: int = (1 << 63) - 1, least: int = 0) -> int:
        """A number, which has one spelling and lies in [least, most]."""
        start, value, shift = self.position, 0, 0
        while True:
            byte = self.u8(name)
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                break
            if shift >= 64:
                raise self.fault("a number of more than 64 bits", name, start)
        if byte == 0 and shift > 7:
            raise self.fault("a number longer than it need be", name, start)
        if not least <= value <= most:
            raise self.fault(f"{value:,} is outside [{least:,}, {most:,}]", name, start)
        return value

    def zigzag(self, name: str) -> int:
        """Inverse of `zigzag`."""
        value = self.varint(name, (1 << 64) - 1)
        return value >> 1 if value & 1 == 0 else -(value >> 1) - 1

    def text(self, name: str, most: int) -> str:
        """A varint length, then as many bytes of UTF-8."""
        start = self.position
        raw = self.take(self.varint(name, most), name)
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError:
            raise self.fault("not UTF-8", name, start) from None

    def done(self, name: str) -> None:
        """Raises unless all is taken."""
        if self.left:
            raise self.fault(f"{self.left} bytes left over", name)


def text(words: str) -> bytes:
    """Inverse of `ByteReader.text`."""
    raw = words.encode("utf-8")
    return varint(len(raw)) + raw
