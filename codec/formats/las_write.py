"""Clouds to LAS and LAZ files."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import numpy as np

from octavox.codec.cloud.cloud import COLOURS, PointCloud
from octavox.codec.cloud.columns import Array, Column, ListColumn, converted
from octavox.codec.errors import InputError
from octavox.codec.job import JobContext

from .las_layout import (
    COMPRESSED,
    COPC,
    EXTRA_BYTES,
    LASZIP,
    MAGIC,
    Record,
    bits_of,
    column_names,
    extra_record,
    make_record,
    standard_fields,
)
from .registry import WriteOptions
from .tables import AXES, TableField, row_dtype

Triple = tuple[float, float, float]

_HEADER_SIZE = 375
_INT = np.iinfo(np.int32)
_FINEST = 9  # decimals
_EXTRA_NAME = "{}_extra"  # of a column whose name belongs to a dimension of another type


@dataclass(frozen=True)
class LasExtra:
    """What only LAS knows, as stored. header: the public block. gap: bytes before the points. fields: of a
    record. scaling: scales and offsets of extra dimensions, by name."""

    header: bytes
    records: tuple[Record, ...] = ()
    gap: bytes = b""
    extended: tuple[Record, ...] = ()
    fields: tuple[TableField, ...] = ()
    scaling: Mapping[str, tuple[tuple[float, ...], tuple[float, ...]]] = field(default_factory=dict)


@dataclass(frozen=True)
class _Plan:
    """What is written: point format, fields of a record, and the column that fills each; VLRs.

    coords: (N, 3) int32, which stand for offset + scale * coords.
    """

    point_format: int
    fields: list[TableField]
    columns: dict[str, Array]
    records: list[Record]
    coords: Array
    scale: Triple
    offset: Triple


def write_las_file(
    file: BinaryIO, cloud: PointCloud, job: JobContext, options: WriteOptions
) -> tuple[str, ...]:
    """Writes .las or .laz. A cloud that was read from LAS keeps point format, header, VLRs and EVLRs.

    Other clouds get LAS 1.4. Coordinates become integers of the coarsest decimal step that holds them, or of
    the finest that fits; columns that the format does not know become extra dimensions; 8-bit colours are
    stored as 16 bits (times 257). Returns the names of what cannot be held; x, y, z among them if positions
    were rounded. Raises InputError for coordinates that are not finite; CancelledError.
    """
    extra = cloud.info.extra if isinstance(cloud.info.extra, LasExtra) else None
    lost = [f"element {e.name}" for e in cloud.info.elements if e.count]
    lost += ["comments"] if cloud.info.comments else []
    plan = _plan(cloud, extra, lost)
    packing = _laszip(plan) if options.suffix == ".laz" else None
    records = b"".join(r.raw for r in (*plan.records, packing) if r is not None)
    records += extra.gap if extra is not None else b""
    header = _header(extra, plan, len(records), packing is not None)
    file.write(bytes(header) + records)
    writer = _Packed(file, packing) if packing is not None and len(cloud) else None
    dtype = row_dtype(plan.fields)
    for part in job.parts(len(cloud)):
        rows = _rows(plan, dtype, part)
        if writer is None:
            file.write(rows.tobytes())
        else:
            writer.add(rows)
    if writer is not None:
        writer.done()
    _write_extended(file, header, extra)
    return tuple(dict.fromkeys(lost))


def _write_extended(file: BinaryIO, header: bytearray, extra: LasExtra | None) -> None:
    """Writes EVLRs after the points, except the index of COPC, then the header with their place."""
    kept = [r for r in (extra.extended if extra is not None else ()) if r.user != COPC]
    if len(header) < _HEADER_SIZE:
        return
    at = file.seek(0, 2)
    struct.pack_into("<QI", header, 235, at if kept else 0, len(kept))
    file.write(b"".join(r.raw for r in kept))
    file.seek(0)
    file.write(bytes(header))
    file.seek(0, 2)


class _Packed:
    """lazrs, packing records."""

    def __init__(self, file: BinaryIO, record: Record) -> None:
        import lazrs

        self._inner = lazrs.LasZipCompressor(file, lazrs.LazVlr(record.body))

    def add(self, rows: Array) -> None:
        self._inner.compress_many(rows.view(np.uint8))

    def done(self) -> None:
        self._inner.done()


def _laszip(plan: _Plan) -> Record:
    try:
        import lazrs
    except ImportError as error:
        raise InputError("writing LAZ needs the package lazrs, which is not installed") from error
    standard = standard_fields(plan.point_format)
    extra = sum(f.dtype.itemsize * f.components for f in plan.fields[len(standard) :])
    body = lazrs.LazVlr.new_for_compression(plan.point_format, extra).record_data()
    return make_record(*LASZIP, b"by lazrs", bytes(body))


def _rows(plan: _Plan, dtype: np.dtype[Any], part: slice) -> Array:
    rows = np.zeros(part.stop - part.start, dtype)
    bits = bits_of(plan.point_format)
    for k, f in enumerate(plan.fields):
        if k < 3:
            rows[f"f{k}"] = plan.coords[part, k]
        elif f.name in bits:
            for name, lowest, _ in bits[f.name]:
                if name in plan.columns:
                    rows[f"f{k}"] |= plan.columns[name][part] << lowest
        elif f.name in plan.columns:
            rows[f"f{k}"] = plan.columns[f.name][part]
    return rows


def _plan(cloud: PointCloud, extra: LasExtra | None, lost: list[str]) -> _Plan:
    point_format = extra.header[104] & 0x3F if extra is not None else _format_for(cloud.attributes)
    known = set(column_names(point_format))
    standard = standard_fields(point_format)
    limits = {name: (1 << count) - 1 for bits in bits_of(point_format).values() for name, _, count in bits}
    types = {f.name: f.dtype.newbyteorder("=") for f in standard}
    columns: dict[str, Array] = {}
    others: dict[str, Array] = {}
    for name, column in cloud.attributes.items():
        if isinstance(column, ListColumn):
            lost.append(name)
            continue
        held = _as_standard(name, column, limits, types) if name in known else None
        if held is not None:
            columns[name] = held
        else:
            # LAS has no half floats: a float holds each of them.
            wide = converted(column, np.dtype(np.float32)) if column.dtype.str[1:] == "f2" else None
            others[_EXTRA_NAME.format(name) if name in known else name] = column if wide is None else wide
    fields = _extra_fields(others, extra, lost)
    columns |= {
        f.name: others[f.name].astype(np.uint8) if others[f.name].dtype.kind == "b" else others[f.name]
        for f in fields
    }
    records = [
        r
        for r in (extra.records if extra is not None else ())
        if (r.user, r.number) != LASZIP and r.user != COPC
    ]
    if not _same_extra(fields, extra):
        records = [r for r in records if (r.user, r.number) != EXTRA_BYTES]
        records += [extra_record(_split(fields))] if fields else []
    return _Plan(point_format, [*standard, *fields], columns, records, *_integers(cloud, lost))


def _format_for(attributes: Mapping[str, Column]) -> int:
    """6, or 7 with colours, or 8 with near infrared too: the formats of LAS 1.4."""
    if not all(name in attributes for name in COLOURS[:3]):
        return 6
    return 8 if "nir" in attributes else 7


def _as_standard(
    name: str, column: Array, limits: Mapping[str, int], types: Mapping[str, np.dtype[Any]]
) -> Array | None:
    """The column as the dimension of that name has it, or None if a number does not fit."""
    if column.ndim != 1:
        return None
    if name in COLOURS and column.dtype == np.uint8:
        return column.astype(np.uint16) * np.uint16(257)
    if column.dtype.kind == "b":
        column = column.astype(np.uint8)
    wanted = np.dtype(np.uint8) if name in limits else types[name]
    held = converted(column, wanted)
    if held is not None and name in limits and (held > limits[name]).any():
        return None
    return held


def _extra_fields(others: Mapping[str, Array], extra: LasExtra | None, lost: list[str]) -> list[TableField]:
    """Extra dimensions, in the order of the file that they come from."""
    before = {f.name: f for f in (extra.fields if extra is not None else ())}
    fields: list[TableField] = []
    for name, column in others.items():
        components = column.shape[1] if column.ndim == 2 else 1
        dtype = np.dtype("u1") if column.dtype.kind == "b" else column.dtype
        field = TableField(name, dtype.newbyteorder("<"), components)
        if before.get(name) == field or (
            dtype.itemsize > 0 and 1 <= components <= 3
            and len(name.encode("utf-8", "surrogateescape")) <= 32
        ):  # fmt: skip
            fields.append(field)
        else:
            lost.append(name)
    return fields


def _same_extra(fields: list[TableField], extra: LasExtra | None) -> bool:
    """Whether the extra dimensions are those of the file, whose VLR has their scales and descriptions."""
    if extra is None:
        return False
    count = len(standard_fields(extra.header[104] & 0x3F))
    return list(extra.fields[count:]) == fields


def _split(fields: list[TableField]) -> list[TableField]:
    """Dimensions that the VLR can describe: one of more than three components becomes several."""
    out: list[TableField] = []
    for f in fields:
        if f.components <= 3:
            out.append(f)
        else:
            out += [TableField(f"{f.name[:24]}_{k}", f.dtype) for k in range(f.components)]
    return out


def _header(extra: LasExtra | None, plan: _Plan, records: int, laz: bool) -> bytearray:
    """The public header block. records: bytes between it and the points. The place of EVLRs comes later."""
    block = bytearray(extra.header) if extra is not None else _new_block()
    struct.pack_into("<II", block, 96, len(block) + records, len(plan.records) + laz)
    length = row_dtype(plan.fields).itemsize
    struct.pack_into("<BH", block, 104, plan.point_format | (COMPRESSED if laz else 0), length)
    count = len(plan.coords)
    returns = np.bincount(np.asarray(plan.columns.get("return_number", ()), np.int64), minlength=16)
    legacy = count <= 0xFFFFFFFF and plan.point_format < 6
    struct.pack_into(
        "<I5I", block, 107, count if legacy else 0, *(returns[1:6].tolist() if legacy else [0] * 5)
    )
    struct.pack_into("<6d", block, 131, *plan.scale, *plan.offset)
    bounds: list[float] = []
    for k in range(3):
        column = plan.coords[:, k] if count else np.zeros(1)
        ends = [float(v) * plan.scale[k] + plan.offset[k] for v in (column.max(), column.min())]
        bounds += ends if count else [0.0, 0.0]
    struct.pack_into("<6d", block, 179, *bounds)
    if block[25] >= 3:
        struct.pack_into("<Q", block, 227, 0)
    if block[25] >= 4:
        struct.pack_into("<QIQ15Q", block, 235, 0, 0, count, *returns[1:16].tolist())
    elif count > 0xFFFFFFFF:
        raise InputError(f"LAS 1.{block[25]} has no room for {count:,} points", field="number of points")
    return block


def _new_block() -> bytearray:
    block = bytearray(_HEADER_SIZE)
    block[:4] = MAGIC
    struct.pack_into("<H", block, 6, 1 << 4)  # coordinate systems in WKT, as formats 6 to 10 want
    block[24:26] = b"\x01\x04"
    block[58:65] = b"Octavox"
    struct.pack_into("<H", block, 94, _HEADER_SIZE)
    return block


def _integers(cloud: PointCloud, lost: list[str]) -> tuple[Array, Triple, Triple]:
    """(N, 3) int32 and what they stand for."""
    coords = cloud.coords
    if coords.dtype.kind in "iu":
        held = converted(coords, np.dtype(np.int32))
        if held is not None:
            return held, cloud.scale, cloud.offset
    positions = np.asarray(cloud.positions, np.float64)
    if not np.isfinite(positions).all():
        axis = int(np.argmin(np.isfinite(positions).all(axis=0)))
        raise InputError("LAS holds no coordinates that are not finite", field=AXES[axis])
    out = np.zeros(positions.shape, np.int32)
    scale, offset = [1.0] * 3, [0.0] * 3
    for k, name in enumerate(AXES):
        if len(positions):
            single = coords.dtype.kind == "f" and coords.dtype.itemsize < 8
            out[:, k], scale[k], offset[k], exact = _axis_integers(
                positions[:, k], coords.dtype if single else None
            )
            if not exact:
                lost.append(name)
    return out, (scale[0], scale[1], scale[2]), (offset[0], offset[1], offset[2])


def _axis_integers(values: Array, single: np.dtype[Any] | None) -> tuple[Array, float, float, bool]:
    """Integers, scale, offset, and whether they give the values back: as floats of their type, or as doubles
    up to the rounding of offset + scale * integer."""
    low, high = float(values.min()), float(values.max())
    best: tuple[Array, float, float, bool] | None = None
    for places in range(_FINEST + 1):
        scale = float(f"1e-{places}")
        offset = 0.0 if max(abs(low), abs(high)) < scale * _INT.max else float(np.floor(low))
        if high - low >= scale * _INT.max or high - offset >= scale * _INT.max:
            break
        integers = np.rint((values - offset) / scale)
        back = offset + scale * integers
        if single is not None:
            exact = bool((back.astype(single) == values.astype(single)).all())
        else:
            exact = bool((np.abs(back - values) <= 2 * np.spacing(np.abs(values))).all())
        best = integers.astype(np.int32), scale, offset, exact
        if exact:
            return best
    if best is None:
        scale = (high - low) / (_INT.max - 1)
        best = np.rint((values - low) / scale).astype(np.int32), scale, low, False
    return best
