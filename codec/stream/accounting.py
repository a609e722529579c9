"""The accounting of a stream: every bit of a file has an owner."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from octavox.codec.codecs.interface import DecodedGeometry, EncodedGeometry
from octavox.codec.report import BitBalance

from .chunks import Kind
from .entry import Entry
from .header import Header
from .reader import StreamReader
from .schema import GroupHeader, column_owners, group_owners, row_owners

COPY = 0  # the coder of groups without chunks
OWNERS: dict[int, str] = {  # of chunks that have one
    Kind.COUNTS: "duplicates",
    Kind.GUESS: "guess",
    Kind.MOTION: "motion",
    Kind.LEVELS: "levels",
    Kind.REMAINDERS: "remainders",
    Kind.STRAYS: "strays",
    Kind.ORDER: "order",
    Kind.FILE: "file",
}


def apportioned(total: int, weights: Sequence[float]) -> list[int]:
    """Whole numbers in about these proportions that add up to `total`."""
    ends = np.cumsum(weights, dtype=np.float64)
    if not ends[-1] > 0:
        ends = np.arange(1.0, len(weights) + 1)
    places = np.rint(ends / ends[-1] * total).astype(np.int64)
    return [int(size) for size in np.diff(places, prepend=0)]


def components(stream: StreamReader) -> dict[str, int]:
    """Bytes of a file by what they are for; they add up to its size.

    "geometry"; each property by its name; "duplicates": how many points the voxels have; "remainders": where
    in their cells points lie; "strays": points off the grid, with their properties; "order": of the points in
    their file; "motion": how blocks of the frame before move; "file": what it has beside its points, or all
    of it; "header"; "container": what is around the chunks, with table and index. Properties that share
    chunks take what the header says; of a stream without such a field, those of a group stand together, as in
    "red, green, blue".
    """
    others: dict[str, int] = {}
    sizes: dict[int, int] = {}  # of groups of columns
    for entry in stream.entries:
        owner = "geometry" if stream.is_geometry(entry) else OWNERS.get(entry.kind)
        if owner is not None:
            others[owner] = others.get(owner, 0) + entry.length
        elif entry.kind in (Kind.ATTRIBUTE, Kind.ROWS):
            group = stream.component_of(entry)
            sizes[group] = sizes.get(group, 0) + entry.length
    together: set[str] = set()
    spent: dict[str, int] = {}
    for size, names, shares in _shared(stream.header, sizes):
        if len(shares) + 1 < len(names) or sum(shares) > size:
            together |= set(names)
            names, shares = [", ".join(names)], []
        for name, own in zip(names, [*shares, size - sum(shares)], strict=True):
            spent[name] = spent.get(name, 0) + own
    known = dict.fromkeys(column_owners(stream.header.attributes), 0)
    found = {"geometry": others.pop("geometry", 0) + spent.pop("geometry", 0)}
    found |= {name: 0 for name in known if name not in together} | spent | others
    found["header"] = stream.header_bytes
    found["container"] = stream.size - sum(found.values())
    return found


def owner_of_part(stream: StreamReader, entry: Entry) -> str:
    """What the bytes of one part are for, as in `components`; "" for the table, which is the container's.

    Of properties that share it all names, in the order in which they are coded.
    """
    if stream.is_geometry(entry):
        return "geometry"
    if entry.kind == Kind.ROWS:
        return ", ".join(row_owners(stream.header.attributes))
    if entry.kind == Kind.ATTRIBUTE:
        groups, number = stream.header.groups, stream.component_of(entry)
        if number < len(groups):
            return ", ".join(group_owners(groups[number], column_owners(stream.header.attributes)))
    return OWNERS.get(entry.kind, "")


def _shared(header: Header, sizes: dict[int, int]) -> list[tuple[int, list[str], list[int]]]:
    """Of each group: its bytes, their owners, and what all but the last of them take."""
    if header.rows:
        return [(sizes.get(0, 0), row_owners(header.attributes), list(header.shares))]
    found, at, owners = [], 0, column_owners(header.attributes)
    for number, group in enumerate(header.groups):
        if group.coder == COPY:
            continue
        own = group_owners(group, owners)
        found.append((sizes.get(number, 0), own, list(header.shares[at : at + len(own) - 1])))
        at += len(own) - 1
    return found


def shares_of_groups(
    groups: Sequence[GroupHeader], owners: Sequence[str], sizes: Sequence[int], bits: Sequence[float]
) -> tuple[int, ...]:
    """What a header says of the bytes of groups. sizes: of each group. owners, bits: of each column."""
    found: list[int] = []
    for group, size in zip(groups, sizes, strict=True):
        if group.coder == COPY:
            continue
        spent = dict.fromkeys(group_owners(group, owners), 0.0)
        for k in group.columns:
            spent[owners[k]] += bits[k]
        found += apportioned(size, list(spent.values()))[:-1]
    return tuple(found)


def bit_balance(
    stream: StreamReader,
    geometry: EncodedGeometry | DecodedGeometry,
    side_bits: dict[str, float],
    payload_bytes: int | None = None,
) -> BitBalance:
    """Owners of all bits of a file: the blocks, side information, and the container.

    payload_bytes: of the payloads that were read; None: all of them.
    """
    overhead = stream.overhead
    if payload_bytes is None:
        payload_bytes = sum(entry.length for entry in stream.entries)
    return BitBalance(
        occupancy=float(geometry.blocks.bits.sum()),
        flags=float(geometry.blocks.flag_bits.sum()),
        side={**side_bits, **{name: 8.0 * size for name, size in overhead.items()}},
        total=8 * (sum(overhead.values()) + payload_bytes),
        levels=geometry.level_bits,
    )
