"""The stage of properties: the columns that points have beside their coordinates, after the geometry."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from .arrays import Float32Array, FloatArray
from .block_bits import Spent
from .cloud.cloud import COLOURS
from .cloud.columns import Column, ListColumn, ordered_lists
from .cloud.lattice import same_bits
from .codecs.attributes.interface import (
    Array,
    AttributeCoder,
    BoundedCoder,
    CodedColumns,
    FrameBefore,
    Layout,
)
from .codecs.attributes.numbers import whole_numbers_of
from .codecs.attributes.packing import pack_column
from .codecs.attributes.partial import Payloads, decode_some
from .codecs.attributes.spatial.columns import coarse, suitable
from .codecs.registry import attribute_coder, attribute_coder_by_id, attribute_coder_id
from .coding.bytes import ByteReader, varint
from .errors import CorruptStreamError, InputError
from .job import JobContext
from .stream.accounting import COPY, shares_of_groups
from .stream.schema import TYPE_CODES, AttributeHeader, GroupHeader, column_owners

PART_POINTS = 1 << 18  # about so many points of a part
MOST_PER_FILE_BYTE = 1 << 12  # bytes of columns for each byte of the file
MOST_FOR_ANY_FILE = 1 << 28
MOST_IN_LISTS = 1 << 8  # values a point, on average
MOST_TOGETHER = 4  # columns that one group of coder "spatial" models
REFERRING = attribute_coder_id("referring")
SAMPLE_POINTS = 1 << 14  # on which coders are compared

Columns = dict[str, Column]
Together = tuple[tuple[str, int], ...]  # columns of one group: a property and the component
Learned = dict[Together, tuple[object, ...]]  # what the coders of groups had learned at the end


class Payload(NamedTuple):
    """What becomes a chunk ATTRIBUTE."""

    group: int
    part: int
    data: bytes


@dataclass(frozen=True)
class CodedProperties:
    """The properties of points, free of the container.

    spent: what they took, by owner (`schema.owner_of`). shares, bounds: see `Header`. back: the columns that
    do not come back exactly, by number, as they do. learned: for the next frame.
    """

    attributes: tuple[AttributeHeader, ...] = ()
    groups: tuple[GroupHeader, ...] = ()
    payloads: list[Payload] = field(default_factory=list)
    spent: dict[str, Spent] = field(default_factory=dict)
    shares: tuple[int, ...] = ()
    bounds: dict[int, int] = field(default_factory=dict)
    back: dict[int, Array] = field(default_factory=dict)
    learned: Learned = field(default_factory=dict)


def attribute_header(name: str, column: Column) -> AttributeHeader:
    """What a header says of a property. Raises InputError for what streams cannot hold."""
    if isinstance(column, ListColumn):
        if len(column.values) > MOST_IN_LISTS * len(column):
            reason = f"lists of more than {MOST_IN_LISTS} values on average are not stored"
            raise InputError(reason, field=name)
        return AttributeHeader(name, _known(column.values), lengths=_known(column.lengths))
    return AttributeHeader(name, _known(column), None if column.ndim == 1 else column.shape[1])


def _known(column: Array) -> np.dtype[Any]:
    kind = column.dtype.newbyteorder("=")
    if f"{kind.kind}{kind.itemsize}" not in TYPE_CODES:
        raise InputError(f"columns of type {kind} are not stored", field="attributes")
    return kind


def ordered(column: Column, rows: npt.NDArray[np.int64]) -> Column:
    """The rows of a column in this order."""
    return ordered_lists(column, rows) if isinstance(column, ListColumn) else column[rows]


def flat(columns: Columns) -> Iterator[Array]:
    """The columns one number wide: each component; of lists, the lengths and the values."""
    for column in columns.values():
        if isinstance(column, ListColumn):
            yield from (column.lengths, column.values)
        else:
            yield from [column] if column.ndim == 1 else (np.ascontiguousarray(c) for c in column.T)


def joined_column(a: Column, b: Column) -> Column:
    """The rows of a column, then those of another one of the same kind."""
    if isinstance(a, ListColumn) and isinstance(b, ListColumn):
        return ListColumn(np.concatenate([a.lengths, b.lengths]), np.concatenate([a.values, b.values]))
    assert not isinstance(a, ListColumn) and not isinstance(b, ListColumn)
    return np.concatenate([a, b])


class Earlier(Protocol):
    """The frame before, on the grid of this one. codes: (m,) sorted Morton codes of its voxels."""

    @property
    def codes(self) -> npt.NDArray[np.int64]: ...

    def columns(self, name: str) -> list[Array]:
        """Its columns (m,) of a property, as `flat` gives them; none where it has no such property."""

    def learned(self, together: Together) -> tuple[object, ...]:
        """What the coder of a group had learned at the ends of parts; nothing of no such group."""


def encode_properties(
    columns: Columns, layout: Layout, job: JobContext, color_error: int = 0, before: Earlier | None = None
) -> CodedProperties:
    """Codes columns whose rows are in the layout's order.

    color_error: how far integers that are red, green or blue may be off. before: what they may be coded with.
    Raises InputError, CancelledError.
    """
    headers = tuple(attribute_header(name, column) for name, column in columns.items())
    owners = column_owners(headers)
    done = CodedProperties(headers, spent={name: Spent(np.zeros(len(layout.parts))) for name in owners})
    groups, sizes = list[GroupHeader](), list[int]()
    plain = list(flat(columns))
    bits, errors = np.zeros(len(plain)), _errors(headers, plain, color_error)
    for group in grouped(headers, plain, errors, layout, job):
        if group.coder == COPY:
            groups.append(GroupHeader(COPY, group.columns, varint(group.source)))
            sizes.append(0)
            continue
        place = layout if group.lengths is None else _of_lists(plain[group.lengths], layout)
        coder = attribute_coder_by_id(group.coder)
        known = _before(before, headers, group.columns) if coder.name == "spatial" else None
        if known is not None:
            after, place = attribute_coder("referring"), replace(layout, before=known)
            coder = after if _saves(after, coder, group, plain, errors, place, job) else coder
        coded = _encode_group(coder, group, plain, errors, place, job)
        done.learned[_together(headers, group.columns)] = coded.learned
        done.back.update((k, own) for k, own in zip(group.columns, coded.columns or ()) if errors[k])
        done.payloads.extend(Payload(len(groups), part, data) for part, data in enumerate(coded.payloads))
        groups.append(GroupHeader(coder.id, group.columns, coded.params))
        sizes.append(sum(map(len, coded.payloads)))
        bits[list(group.columns)] = coded.bits
        _spend(done.spent, [owners[k] for k in group.columns], coded.part_bits, coded.costs)
    for made in groups:
        if made.coder == COPY and (source := ByteReader(made.params).varint("group")) in done.back:
            done.back[made.columns[0]] = done.back[source]
    names = [k for k, header in enumerate(headers) for _ in header.types]
    bounds = {names[k]: errors[k] for k in sorted(done.back)}
    shares = shares_of_groups(groups, owners, sizes, bits.tolist())
    return replace(done, groups=tuple(groups), shares=shares, bounds=bounds)


def _before(
    before: Earlier | None, headers: tuple[AttributeHeader, ...], numbers: Sequence[int]
) -> FrameBefore | None:
    """The columns of the frame before that go with these; None unless it has all of them, as integers."""
    if before is None:
        return None
    together, found = _together(headers, numbers), []
    types = {header.name: header.types for header in headers}
    for name, part in together:
        own, kind = before.columns(name), types[name][part]
        if len(own) != len(types[name]) or own[part].dtype != kind or kind.kind not in "iub":
            return None
        found.append(own[part])
    return FrameBefore(before.codes, found, before.learned(together))


def _together(headers: tuple[AttributeHeader, ...], numbers: Sequence[int]) -> Together:
    """The columns with these numbers."""
    places = [(header.name, k) for header in headers for k in range(len(header.types))]
    return tuple(places[number] for number in numbers)


def _saves(
    after: AttributeCoder,
    coder: AttributeCoder,
    group: Group,
    plain: list[Array],
    errors: list[int],
    layout: Layout,
    job: JobContext,
) -> bool:
    """Whether the frame before saves bytes, on a sample."""
    rows, place = layout.sample(SAMPLE_POINTS)
    some = {k: np.ascontiguousarray(plain[k][rows]) for k in group.columns}
    own = [some.get(k, column[:0]) for k, column in enumerate(plain)]

    def size(one: AttributeCoder) -> int:
        coded = _encode_group(one, group, own, errors, place, job)
        return len(coded.params) + sum(map(len, coded.payloads))

    exact = not any(errors[k] for k in group.columns)
    return size(after) < (group.sampled if exact and group.sampled is not None else size(coder))


def _errors(headers: tuple[AttributeHeader, ...], columns: list[Array], color_error: int) -> list[int]:
    """How far each column may be off."""
    kinds = [header for header in headers for _ in header.types]
    colours = [h.name in COLOURS[:3] and h.components is None and h.lengths is None for h in kinds]
    return [color_error if ok and c.dtype.kind in "iu" else 0 for ok, c in zip(colours, columns, strict=True)]


def _encode_group(
    coder: AttributeCoder, group: Group, plain: list[Array], errors: list[int], place: Layout, job: JobContext
) -> CodedColumns:
    columns, own = [plain[k] for k in group.columns], [errors[k] for k in group.columns]
    if not any(own):
        return coder.encode(columns, place, job)
    if isinstance(coder, BoundedCoder):
        return coder.encode_within(columns, own, place, job)
    values = [coarse(column, error) for column, error in zip(columns, own, strict=True)]
    return replace(coder.encode(values, place, job), columns=values)


def _spend(
    spent: dict[str, Spent], owners: list[str], part_bits: FloatArray, costs: Float32Array | None
) -> None:
    """Adds what the columns of a group took. owners: of each of them."""
    for k, name in enumerate(owners):
        if costs is None:
            spent[name].parts += part_bits[:, k]
        elif part_bits[:, k].any():
            spent[name].points.append(costs[:, k])


class Group(NamedTuple):
    """Columns that go to one coder.

    source: of a copy, the column that it is equal to. lengths: of the values of lists, the column that says
    how many each row has. sampled: what a sample of the columns takes, if they come back exactly.
    """

    coder: int
    columns: tuple[int, ...]
    source: int = 0
    lengths: int | None = None
    sampled: int | None = None


def grouped(
    headers: tuple[AttributeHeader, ...],
    columns: list[Array],
    errors: list[int],
    layout: Layout,
    job: JobContext,
) -> list[Group]:
    """Which coder takes which columns. Copies come last, so that all that they are equal to is there.

    errors: how far each column may be off; copies are off as what they are equal to.
    """
    packed = attribute_coder("packed").id
    kinds = _kinds(headers)
    values = [k for k, name in enumerate(kinds) if name == "values"]
    copies: list[Group] = []
    rest: list[int] = []
    for number, column in enumerate(columns):
        job.check()
        if number in values:
            continue
        same = next((k for k in rest if errors[k] == errors[number] and _equal(columns[k], column)), None)
        if same is None:
            rest.append(number)
        else:
            copies.append(Group(COPY, (number,), same))
    found = [g for g in spatial_groups(headers, columns, rest, layout, job) if layout.rows]
    taken = {k for group in found for k in group.columns}
    left = tuple(k for k in rest if k not in taken)
    found += [Group(packed, left)] if left else []
    return found + copies + [Group(packed, (k,), lengths=k - 1) for k in values]


def spatial_groups(
    headers: tuple[AttributeHeader, ...],
    columns: list[Array],
    numbers: list[int],
    layout: Layout,
    job: JobContext,
) -> list[Group]:
    """The groups of columns that take fewer bits by their neighbours in space than alone, on a sample."""
    names = [header.name for header in headers for _ in header.types]
    colours = tuple(k for k in numbers if names[k] in COLOURS)
    together = [colours] if colours else []
    for name in dict.fromkeys(names[k] for k in numbers if k not in colours):
        own = tuple(k for k in numbers if names[k] == name)
        together += [own] if len(own) <= MOST_TOGETHER else [(k,) for k in own]
    coder, found = attribute_coder("spatial"), []
    for group in together:
        fitting = tuple(k for k in group if _fits(columns[k]))
        size = _pays(coder, [columns[k] for k in fitting], layout, job) if fitting else 0
        if size:
            found.append(Group(coder.id, fitting, sampled=size))
    return found


def _fits(column: Array) -> bool:
    """Whether a column has, or stands for, integers that differ and have few bits."""
    whole = whole_numbers_of(column) if len(column) else None
    return whole is not None and bool((column != column[0]).any()) and suitable(whole.numbers)


def _pays(coder: AttributeCoder, columns: list[Array], layout: Layout, job: JobContext) -> int:
    """Bytes of a sample of the columns by `coder`; 0 where each alone takes no more."""
    rows, place = layout.sample(SAMPLE_POINTS)
    some = [np.ascontiguousarray(column[rows]) for column in columns]
    if not all(_fits(column) for column in some):  # a run of equal numbers says nothing
        return 0
    coded = coder.encode(some, place, job)
    size = sum(map(len, coded.payloads)) + len(coded.params)
    return size if size < sum(len(pack_column(c)) for c in some) else 0


def _kinds(headers: tuple[AttributeHeader, ...]) -> list[str]:
    """What each column is: numbers, or the lengths or values of lists."""
    return [
        kind
        for header in headers
        for kind in (["numbers"] * len(header.types) if header.lengths is None else ["lengths", "values"])
    ]


def _of_lists(lengths: Array, layout: Layout) -> Layout:
    """The parts of the values of lists."""
    ends = np.concatenate([[0], np.cumsum(lengths.astype(np.int64))])
    return replace(layout, cells=np.empty((0, 3), np.int32), bounds=ends[layout.bounds])


def _equal(a: Array, b: Array) -> bool:
    if a.dtype != b.dtype or len(a) != len(b):
        return False
    some = slice(None, None, max(len(a) // 64, 1))
    return bool(same_bits(a[some], b[some]).all()) and bool(same_bits(a, b).all())


class Schema(NamedTuple):
    """What a header says of properties."""

    attributes: tuple[AttributeHeader, ...]
    groups: tuple[GroupHeader, ...]


@dataclass(frozen=True)
class DecodedProperties:
    """columns: by name. spent: what they took, by owner. lost: of a damaged stream, by name the parts of the
    layout whose values are lost; blanks stand for them. learned: for the next frame.
    """

    columns: Columns
    spent: dict[str, Spent]
    lost: dict[str, list[int]] = field(default_factory=dict)
    learned: Learned = field(default_factory=dict)


def decode_properties(
    schema: Schema,
    payloads: Callable[[int], Payloads],
    layout: Layout,
    job: JobContext,
    before: Earlier | None = None,
) -> DecodedProperties:
    """The columns of the rows of a layout. before: the frame that they may be coded with.

    payloads: gives those of a group, one for each part of the layout; None for those that are lost. Raises
    CorruptStreamError, UnsupportedStreamError, CancelledError.
    """
    types = [kind for header in schema.attributes for kind in header.types]
    owners = column_owners(schema.attributes)
    spent = {name: Spent(np.zeros(len(layout.parts))) for name in owners}
    found: dict[int, Array] = {}
    lost: dict[int, set[int]] = {}
    learned: Learned = {}
    for number, group in enumerate(schema.groups):
        if group.coder == COPY:
            found |= _copied(group, found, types)
            lost |= {k: lost[_source(group)] for k in group.columns}
            continue
        place = _place(schema, group, found, layout)
        coder, listed = attribute_coder_by_id(group.coder), place is not layout
        if coder.name == "referring":
            place = replace(place, before=_before(before, schema.attributes, group.columns))
        given = payloads(number)
        if listed:  # values may belong to lengths that are lost
            given = [None if k in lost[group.columns[0] - 1] else own for k, own in enumerate(given)]
        absent = {k for k, own in enumerate(given) if own is None}
        lost |= dict.fromkeys(group.columns, absent)
        try:
            done = decode_some(coder, group.params, given, [types[k] for k in group.columns], place, job)
        except CorruptStreamError as error:
            field = f"attribute {number} {error.field}"
            raise type(error)(error.reason, field=field, byte=error.byte) from None
        found |= dict(zip(group.columns, done.columns, strict=True))
        learned[_together(schema.attributes, group.columns)] = done.learned
        _spend(spent, [owners[k] for k in group.columns], done.part_bits, done.costs)
    columns = properties_of(schema.attributes, found)
    return DecodedProperties(columns, spent, _lost_by_name(schema, lost), learned)


def _lost_by_name(schema: Schema, lost: dict[int, set[int]]) -> dict[str, list[int]]:
    """The parts of each property that are lost. lost: those of each column."""
    names = [header.name for header in schema.attributes for _ in header.types]
    found: dict[str, set[int]] = {}
    for number, parts in sorted(lost.items()):
        if parts:
            found[names[number]] = found.get(names[number], set()) | parts
    return {name: sorted(parts) for name, parts in found.items()}


def _place(schema: Schema, group: GroupHeader, found: dict[int, Array], layout: Layout) -> Layout:
    """Where the columns of a group lie: the values of lists have rows of their own."""
    kinds = _kinds(schema.attributes)
    if "values" in [kinds[k] for k in group.columns]:
        return _lists_of(group, found, layout)
    return layout


def _copied(group: GroupHeader, found: dict[int, Array], types: list[np.dtype[Any]]) -> dict[int, Array]:
    source = _source(group)
    copy = found.get(source)
    if copy is None or any(types[k] != copy.dtype for k in group.columns):
        raise CorruptStreamError(f"column {source} is not there to be copied", field="group", byte=0)
    return {k: copy.copy() for k in group.columns}


def _source(group: GroupHeader) -> int:
    """The column that a copy is equal to."""
    reader = ByteReader(group.params)
    source = reader.varint("group")
    reader.done("group")
    return source


def _lists_of(group: GroupHeader, found: dict[int, Array], layout: Layout) -> Layout:
    lengths = found.get(group.columns[0] - 1)
    if lengths is None or len(group.columns) > 1:
        raise CorruptStreamError("the values of lists come before their lengths", field="group", byte=0)
    lists_total(lengths)
    return _of_lists(lengths, layout)


def lists_total(lengths: Array) -> int:
    """How many values decoded lists have. Raises CorruptStreamError for more than an encoder stores."""
    total = float(lengths.astype(np.float64).sum())
    if (lengths < 0).any() or total > MOST_IN_LISTS * len(lengths):
        raise CorruptStreamError(f"lists of {total:,.0f} values", field="attributes", byte=0)
    return int(total)


def properties_of(headers: tuple[AttributeHeader, ...], found: dict[int, Array]) -> Columns:
    """The properties of their columns."""
    columns: Columns = {}
    number = 0
    for header in headers:
        own = [found[number + k] for k in range(len(header.types))]
        number += len(own)
        if header.lengths is not None:
            columns[header.name] = ListColumn(own[0], own[1])
        elif header.components is None:
            columns[header.name] = own[0]
        else:
            columns[header.name] = np.stack(own, axis=1)
    return columns


def check_size(schema: Schema, points: int, file_bytes: int) -> None:
    """Raises CorruptStreamError where columns would take memory beyond all proportion to the file."""
    width = sum(kind.itemsize for header in schema.attributes for kind in header.types)
    if width * points > max(MOST_FOR_ANY_FILE, MOST_PER_FILE_BYTE * file_bytes):
        reason = f"{width * points:,} bytes of attributes in a file of {file_bytes:,} bytes"
        raise CorruptStreamError(reason, field="attributes", byte=0)
