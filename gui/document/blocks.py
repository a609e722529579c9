"""Blocks as the window needs them: columns, order and filter for the table, and which block a voxel is in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from octavox.codec import BlockTable, morton_encode

from . import text

MANY_POINTS = 64  # in a block, on average

Values = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Column:
    """One column of the blocks table. values: (B,) numbers to sort by; show: a number as text."""

    key: str
    title: str
    tip: str
    values: Callable[[BlockTable], npt.NDArray[Any]]
    show: Callable[[float], str] = text.count
    width: int = 8  # characters


def _flags(blocks: BlockTable) -> npt.NDArray[Any]:
    return blocks.flag_bits


COLUMNS: tuple[Column, ...] = (
    Column("id", "Block", "Place in coding order", lambda b: np.arange(len(b)), str),
    Column("size", "Size", "Edge in voxels", lambda b: b.size, str, 6),
    Column("points", "Points", "Occupied voxels in the block", lambda b: b.points, width=9),
    Column(
        "bits",
        "Bits",
        "Bits of the geometry, flags included",
        lambda b: b.bits + b.flag_bits,
        lambda v: text.fixed(v, 1),
        11,
    ),
    Column(
        "bpov",
        "bpov",
        "Bits of the geometry per occupied voxel, flags included",
        lambda b: b.bpov,
        lambda v: text.fixed(v, 3),
        8,
    ),
    Column("x", "x", "Low corner, voxels", lambda b: b.origin[:, 0], str, 7),
    Column("y", "y", "Low corner, voxels", lambda b: b.origin[:, 1], str, 7),
    Column("z", "z", "Low corner, voxels", lambda b: b.origin[:, 2], str, 7),
    Column(
        "flags", "Flags", "Tree and partition flags: part of the bits", _flags, lambda v: text.fixed(v, 2), 8
    ),
    Column("slice", "Slice", "Independently decodable slice", lambda b: b.slice, str, 6),
)


GEOMETRY = "geometry"  # the component that `BlockTable.bits` and `flag_bits` count
TOTAL = "*"  # all components together
# Names of components that are no properties.
TITLES = {
    TOTAL: "Total bits",
    GEOMETRY: "Geometry",
    "duplicates": "Duplicates",
    "guess": "Guessed levels",
    "levels": "Ends of levels",
    "motion": "Motion",
    "remainders": "Remainders",
    "strays": "Strays",
    "order": "Order",
    "file": "Rest of the file",
    "header": "Header",
    "container": "Chunk heads, index",
}
# What is found out about blocks when it is wanted: columns that tables have once it is known.
SURPRISES: tuple[Column, ...] = (
    Column(
        "surprise_mean",
        "Mean surprise",
        "Bits that the codec spent on an occupied voxel of the block, on average",
        lambda b: surprises_of(b).get("surprise_mean", np.zeros(len(b))),
        lambda v: text.fixed(v, 3),
        8,
    ),
    Column(
        "surprise_max",
        "Largest surprise",
        "Bits of the voxel of the block that cost most, be it occupied or empty",
        lambda b: surprises_of(b).get("surprise_max", np.zeros(len(b))),
        lambda v: text.fixed(v, 2),
        8,
    ),
)
COMPONENT = "bits:"  # before the name of a component, in the key of the column of its bits


@dataclass
class CostedBlocks(BlockTable):
    """Blocks of which more is known than what the encoder needs.

    components: (B,) bits of each block by component: "geometry", properties by name, and others. surprises:
    (B,) values by the keys of SURPRISES; empty while they are not computed.
    """

    components: Mapping[str, Values] = field(default_factory=dict)
    surprises: Mapping[str, Values] = field(default_factory=dict)

    @staticmethod
    def of(blocks: BlockTable, components: Mapping[str, Values]) -> CostedBlocks:
        own = {f.name: getattr(blocks, f.name) for f in fields(BlockTable)}
        return CostedBlocks(**own, components=components)


def components_of(blocks: BlockTable) -> Mapping[str, Values]:
    """The bits of the blocks by component; empty where only those of the geometry are known."""
    found = blocks.components if isinstance(blocks, CostedBlocks) else {}
    return found if len(found) > 1 else {}


def surprises_of(blocks: BlockTable) -> Mapping[str, Values]:
    """The surprises of the blocks by key; empty while they are not computed."""
    return blocks.surprises if isinstance(blocks, CostedBlocks) else {}


def with_surprises(blocks: BlockTable, surprises: Mapping[str, Values]) -> CostedBlocks:
    """The same blocks, and what is known of them, with their surprises."""
    components = blocks.components if isinstance(blocks, CostedBlocks) else {}
    return replace(CostedBlocks.of(blocks, components), surprises=surprises)


def is_surprise(key: str) -> bool:
    """Whether a column or block mode is one of SURPRISES."""
    return any(column.key == key for column in SURPRISES)


def component_of(key: str) -> str | None:
    """The component that the key of a column or of a block mode names; None for other keys."""
    return key.removeprefix(COMPONENT) if key.startswith(COMPONENT) else None


def has_column(blocks: BlockTable, key: str) -> bool:
    """Whether the blocks have the column: that of a component, or a surprise, may not be known of them."""
    if is_surprise(key):
        return key in surprises_of(blocks)
    name = component_of(key)
    return name is None or (name == TOTAL and bool(components_of(blocks))) or name in components_of(blocks)


def component_bits(blocks: BlockTable, name: str) -> Values:
    """(B,) bits that the blocks spend on a component, or on all; 0 where that is not known."""
    found = components_of(blocks)
    if name == TOTAL:
        return np.sum([np.zeros(len(blocks)), *found.values()], axis=0)
    return found.get(name, np.zeros(len(blocks)))


def component_title(name: str) -> str:
    """What a component is called; properties have their own names."""
    return TITLES.get(name, name)


def column_of(key: str) -> Column:
    """The column of that key; StopIteration if there is none."""
    name = component_of(key)
    if name is None:
        return next(column for column in (*COLUMNS, *SURPRISES) if column.key == key)
    tip = "All bits of the block" if name == TOTAL else "Bits that the block spends on it"
    return Column(
        key,
        component_title(name),
        tip,
        lambda b: component_bits(b, name),
        lambda v: text.fixed(v, 1),
        10,
    )


def columns_of(blocks: BlockTable) -> tuple[Column, ...]:
    """The columns of blocks: those that all have, surprises that are known, and one for each component."""
    found = components_of(blocks)
    own = [TOTAL, *found] if found else []
    known = [column for column in SURPRISES if has_column(blocks, column.key)]
    return (*COLUMNS, *known, *(column_of(COMPONENT + name) for name in own))


def column_index(key: str) -> int:
    return next(i for i, column in enumerate(COLUMNS) if column.key == key)


@dataclass(frozen=True)
class BlockFilter:
    """Which blocks the table and the outlines show: a range of values of one column. None: no bound."""

    column: str = "bpov"
    low: float | None = None
    high: float | None = None

    @property
    def active(self) -> bool:
        return self.low is not None or self.high is not None

    def mask(self, blocks: BlockTable) -> npt.NDArray[np.bool_]:
        """(B,) bool, bounds included."""
        keep = np.ones(len(blocks), bool)
        if not has_column(blocks, self.column):
            return keep
        values = column_of(self.column).values(blocks)
        if self.low is not None:
            keep &= values >= self.low
        if self.high is not None:
            keep &= values <= self.high
        return keep


def ordered_rows(blocks: BlockTable, sort: str, descending: bool, keep: BlockFilter) -> Rows:
    """Row numbers of the table, filtered and sorted; equal values stay in coding order."""
    rows = np.flatnonzero(keep.mask(blocks)) if keep.active else np.arange(len(blocks))
    values = column_of(sort).values(blocks)[rows]
    if descending:  # a stable sort of the reverse, reversed, keeps ties in coding order
        order = len(rows) - 1 - np.argsort(values[::-1], kind="stable")[::-1]
    else:
        order = np.argsort(values, kind="stable")
    return np.asarray(rows[order], np.int64)


class BlockIndex:
    """Finds blocks by place. Aligned cubes are ranges of Morton codes, so a binary search answers."""

    def __init__(self, blocks: BlockTable) -> None:
        start = morton_encode(blocks.origin)
        self._order = np.argsort(start, kind="stable")
        self._start = start[self._order]
        self._end = self._start + blocks.size[self._order].astype(np.int64) ** 3

    def rows_of(self, coords: npt.NDArray[Any]) -> Rows:
        """(N, 3) voxels -> (N,) block rows, -1 where no block is."""
        if not len(self._start) or not len(coords):
            return np.full(len(coords), -1, np.int64)
        code = morton_encode(coords)
        place = np.searchsorted(self._start, code, side="right") - 1
        inside = (place >= 0) & (code < self._end[place])
        return np.where(inside, self._order[place], -1)

    def row_at(self, voxel: npt.ArrayLike) -> int | None:
        """Row of the block that holds one voxel, or None."""
        point = np.floor(np.asarray(voxel, np.float64)).astype(np.int64).reshape(1, 3)
        if point.min() < 0 or point.max() >= 1 << 21:
            return None
        row = int(self.rows_of(point)[0])
        return None if row < 0 else row


def point_ranges(blocks: BlockTable, codes: npt.NDArray[np.int64]) -> tuple[Rows, Rows]:
    """First and last+1 point of each block in a Morton-ordered cloud with these codes; (B,) each."""
    start = morton_encode(blocks.origin)
    return (
        np.searchsorted(codes, start).astype(np.int64),
        np.searchsorted(codes, start + blocks.size.astype(np.int64) ** 3).astype(np.int64),
    )


def assign_owners(
    owner: npt.NDArray[np.int32], blocks: BlockTable, codes: npt.NDArray[np.int64], first_row: int = 0
) -> None:
    """Write into owner (N,) the rows first_row, first_row + 1, ... of the blocks that hold each point."""
    first, last = point_ranges(blocks, codes)
    counts = last - first
    if counts.sum() > MANY_POINTS * len(blocks):  # runs are long: writing each is quicker than all indices
        for row, (low, high) in enumerate(zip(first.tolist(), last.tolist(), strict=True), first_row):
            owner[low:high] = row
    elif counts.sum():
        place = np.repeat(first - np.r_[0, np.cumsum(counts)[:-1]], counts) + np.arange(counts.sum())
        owner[place] = np.repeat(np.arange(first_row, first_row + len(blocks), dtype=np.int32), counts)


def rows_from(blocks: BlockTable, first: int) -> BlockTable:
    """The table without its first rows."""
    return BlockTable(*(getattr(blocks, f.name)[first:] for f in fields(BlockTable)))


def same_blocks(a: BlockTable, b: BlockTable) -> bool:
    """Whether two tables name the same blocks in the same order, with the same points."""
    return (
        len(a) == len(b)
        and np.array_equal(a.origin, b.origin)
        and np.array_equal(a.size, b.size)
        and np.array_equal(a.points, b.points)
    )


def find_row(blocks: BlockTable, origin: npt.ArrayLike, size: int) -> int | None:
    """Row of the block with this corner and size, or None."""
    same = (blocks.size == size) & np.all(blocks.origin == np.asarray(origin), axis=1)
    hits = np.flatnonzero(same)
    return int(hits[0]) if len(hits) else None


def hit_by_ray(
    blocks: BlockTable, eye: npt.ArrayLike, ray: npt.ArrayLike, keep: npt.NDArray[np.bool_]
) -> int | None:
    """Nearest kept block that a ray meets, or None: picking where no point was hit (slab test)."""
    if not len(blocks):
        return None
    origin, direction = np.asarray(eye, np.float64), np.asarray(ray, np.float64)
    direction = np.where(np.abs(direction) < 1e-12, 1e-12, direction)
    a = (blocks.origin - origin) / direction
    b = (blocks.origin + blocks.size[:, None] - origin) / direction
    near, far = np.minimum(a, b).max(axis=1), np.maximum(a, b).min(axis=1)
    hit = keep & (far >= np.maximum(near, 0.0))
    if not hit.any():
        return None
    return int(np.argmin(np.where(hit, near, np.inf)))
