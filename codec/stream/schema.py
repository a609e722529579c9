"""The schema of the properties of points in a header: names, types, and how their columns are coded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from octavox.codec.coding.bytes import ByteReader, text, varint
from octavox.codec.errors import UnsupportedStreamError

MAX_ATTRIBUTES = 1 << 12
MAX_COMPONENTS = 1 << 12
MAX_NAME = 1 << 10

# Types of columns by number; the first eight are those of format 1.
TYPE_CODES = ("f4", "f8", "i1", "u1", "i2", "u2", "i4", "u4", "f2", "i8", "u8", "b1")


@dataclass(frozen=True)
class AttributeHeader:
    """A property of the points.

    components: numbers of a point where the column is (N, C), None where it is (N,). lengths: of lists, the
    type of their lengths.
    """

    name: str
    dtype: np.dtype[Any]
    components: int | None = None
    lengths: np.dtype[Any] | None = None

    @property
    def types(self) -> tuple[np.dtype[Any], ...]:
        """Types of its columns: one of each component; of lists, of the lengths and of the values."""
        return (self.dtype,) * (self.components or 1) if self.lengths is None else (self.lengths, self.dtype)


@dataclass(frozen=True)
class GroupHeader:
    """Columns that are coded together.

    coder: permanent id of their coder, whose settings are in `params`. columns: their numbers; the columns of
    all attributes are counted from 0, in the order of the attributes.
    """

    coder: int
    columns: tuple[int, ...]
    params: bytes = b""


# What else has bits in a stream: owners that are no properties.
_OTHER_OWNERS = frozenset(
    {
        *("geometry", "x", "y", "z", "duplicates", "remainders", "strays", "order", "file", "header"),
        *(
            "guess",
            "levels",
            "motion",
            "container",
            "chunks",
            "checksums",
            "tree",
            "termination",
            "table of slices",
            "section table",
        ),
    }
)
_PREFIX = "property "


def owner_of(name: str) -> str:
    """The name of a property where it stands beside other owners of bits. Different for each property."""
    return _PREFIX + name if name in _OTHER_OWNERS or name.startswith(_PREFIX) else name


def column_owners(attributes: Sequence[AttributeHeader]) -> list[str]:
    """For each column of all properties, the owner of its bits."""
    return [owner_of(attribute.name) for attribute in attributes for _ in attribute.types]


def group_owners(group: GroupHeader, owners: Sequence[str]) -> list[str]:
    """The owners of the bits of a group, each once, by their first columns. owners: of all columns."""
    return list(dict.fromkeys(owners[k] for k in group.columns))


def row_owners(attributes: Sequence[AttributeHeader]) -> list[str]:
    """The owners of the bits of points that are coded as rows: the geometry comes first."""
    return ["geometry", *(owner_of(attribute.name) for attribute in attributes)]


def type_code(dtype: np.dtype[Any]) -> int:
    """The number of a column's type. Raises ValueError for types that streams do not have."""
    return TYPE_CODES.index(f"{dtype.kind}{dtype.itemsize}")


def parse_type(code: int, reader: ByteReader, name: str) -> np.dtype[Any]:
    """Inverse of `type_code`. Raises UnsupportedStreamError."""
    if code >= len(TYPE_CODES):
        reason = f"type {code} is not known to this release"
        raise UnsupportedStreamError(reason, field=name, byte=reader.first_byte)
    return np.dtype(TYPE_CODES[code])


def pack_attribute(a: AttributeHeader) -> bytes:
    """The value of a header field."""
    if a.lengths is not None:
        return text(a.name) + bytes([type_code(a.dtype), 0, type_code(a.lengths)])
    components = b"" if a.components is None else varint(a.components)
    return text(a.name) + bytes([type_code(a.dtype)]) + components


def pack_group(group: GroupHeader) -> bytes:
    """The value of a header field."""
    head = varint(group.coder) + varint(len(group.columns))
    return head + b"".join(map(varint, group.columns)) + group.params


def parse_attribute(reader: ByteReader) -> AttributeHeader:
    """Inverse of `pack_attribute`. Raises CorruptStreamError, UnsupportedStreamError."""
    name = reader.text("attribute", MAX_NAME)
    kind = parse_type(reader.u8("attribute"), reader, "attribute")
    components = reader.varint("attribute", MAX_COMPONENTS) if reader.left else None
    lengths = None
    if components == 0:
        components = None
        lengths = parse_type(reader.u8("attribute"), reader, "attribute")
        if lengths.kind not in "iu":
            raise reader.fault("lengths of lists are integers", "attribute")
    reader.done("attribute")
    return AttributeHeader(name, kind, components, lengths)


def parse_group(reader: ByteReader, columns: int) -> GroupHeader:
    """Inverse of `pack_group`. columns: of all attributes. Raises CorruptStreamError."""
    coder = reader.varint("group", 1 << 16)
    count = reader.varint("group", columns, 1)
    numbers = tuple(reader.varint("group", columns - 1) for _ in range(count))
    return GroupHeader(coder, numbers, reader.take(reader.left, "group"))


def check_groups(
    attributes: list[AttributeHeader], groups: list[GroupHeader], reader: ByteReader, rows: bool
) -> None:
    """Raises CorruptStreamError unless names differ and each column is in one group; of rows, in none."""
    names = [attribute.name for attribute in attributes]
    if len(set(names)) != len(names) or "" in names:
        raise reader.fault("attributes without a name, or with the same", "attributes", 0)
    coded = sorted(number for group in groups for number in group.columns)
    if coded != list(range(0 if rows else sum(len(a.types) for a in attributes))):
        raise reader.fault("the groups do not hold each column once", "group", 0)
