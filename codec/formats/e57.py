"""Point clouds from and to E57 files (ASTM E2807), by the package pye57."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from typing import Any, BinaryIO

import numpy as np

from octavox.codec.cloud.cloud import PointCloud
from octavox.codec.cloud.columns import Array, Column, FileInfo, common_type, converted
from octavox.codec.errors import InputError
from octavox.codec.files.scratch import room_for, scratch_folder
from octavox.codec.files.source import Source
from octavox.codec.job import JobContext
from octavox.codec.optional import why_missing

from .e57_nodes import E57Extra, Scan, buffer_type, fields_of, names_of, pose_of
from .e57_write import write_scans
from .registry import ReadOptions, WriteOptions
from .tables import AXES

__all__ = ["E57Extra", "read", "write"]

_AT_ONCE = 1 << 20  # records
_MOST_RECORDS = 1 << 36
_PAGE = 1024
_LONGEST_XML = 1 << 26


def read(source: Source, job: JobContext, options: ReadOptions) -> PointCloud:
    """A cloud from an E57 file: the points of all scans, each in the coordinates of its scan.

    Where there are several scans, the column `scan` has the number of each point's. Poses and names of scans,
    and scales of columns that are scaled integers, are in `info.extra`. Fields that not every scan has are
    left out and named there. Spherical coordinates come as they are, with x, y, z made of them.
    Raises InputError, also where pye57 is not installed; CancelledError.
    """
    _check_pages(source)
    with _on_disk(source) as path, _guarded(source):
        from pye57 import E57

        with E57(path) as file:
            scans = [_read_scan(file, k, source, job) for k in range(file.scan_count)]
    return _joined(scans, source)


def _check_pages(source: Source) -> None:
    """The file must be as long as its header says, and consist of whole pages."""
    head = source.read(0, 48)
    length, page = int.from_bytes(head[16:24], "little"), int.from_bytes(head[40:48], "little")
    if len(head) < 48 or length > source.size or page != _PAGE or length % _PAGE:
        reason = f"truncated or damaged: {length:,} bytes in pages of {page:,} are declared"
        raise InputError(reason, path=source.name, field="header", byte=min(len(head), 16))
    at, size = int.from_bytes(head[24:32], "little"), int.from_bytes(head[32:40], "little")
    if not 48 <= at < length or size > min(length, _LONGEST_XML):
        reason = f"truncated or damaged: {size:,} bytes of XML at byte {at:,} are declared"
        raise InputError(reason, path=source.name, field="XML", byte=24)
    pages = np.frombuffer(source.read(at - at % _PAGE, size + size // _PAGE * 4 + 2 * _PAGE), np.uint8)
    text = pages[: len(pages) // _PAGE * _PAGE].reshape(-1, _PAGE)[:, :-4].tobytes()  # without checksums
    prolog = text[at % _PAGE :][:size].partition(b"<e57Root")[0]
    if b"<!" in prolog:  # an entity can stand for gigabytes of text
        raise InputError(
            "its XML has definitions before the root, as E57 does not", path=source.name, field="XML"
        )


@contextlib.contextmanager
def _on_disk(source: Source) -> Iterator[str]:
    """A path of the file, which the package wants; a copy where it has none."""
    if source.path is not None:
        yield os.fspath(source.path)
        return
    with room_for(source.name), scratch_folder() as folder:
        with open(folder / "copy.e57", "wb") as copy:
            for piece in source.pieces():
                copy.write(piece)
        yield str(folder / "copy.e57")


@contextlib.contextmanager
def _guarded(source: Source | None) -> Iterator[None]:
    """Errors of the package as InputError."""
    name = None if source is None else source.name
    try:
        yield
    except InputError:
        raise
    except ImportError as error:
        raise InputError(why_missing(error, "E57", "pye57"), path=name) from error
    except Exception as error:
        if type(error).__name__ == "CancelledError":
            raise
        text = str(error).split("\n")[0][:200]
        raise InputError(f"the package pye57 cannot work on it: {text}", path=name, field="E57") from None


def _read_scan(file: Any, index: int, source: Source, job: JobContext) -> Scan:
    from pye57 import libe57

    header = file.get_header(index)
    fields = fields_of(header)
    count = int(header.point_count)
    bits = sum(field.bits for field in fields)
    if not 0 <= count <= _MOST_RECORDS or count * bits > 8 * source.size or (not bits and count > 1 << 24):
        reason = f"truncated: scan {index} declares {count:,} points of {bits} bits"
        raise InputError(reason, path=source.name, field="recordCount")
    columns = {field.name: np.empty(count, field.dtype) for field in fields}
    step = min(_AT_ONCE, max(count, 1))
    buffers = {field.name: np.zeros(step, buffer_type(field.dtype)) for field in fields}
    if count:
        vector = libe57.VectorSourceDestBuffer()
        for field in fields:
            vector.append(
                libe57.SourceDestBuffer(file.image_file, field.path, buffers[field.name], step, True, False)
            )
        reader = header.points.reader(vector)
        done = 0
        while done < count:
            job.check()
            got = int(reader.read())
            if got <= 0 or done + got > count:
                reason = f"truncated: scan {index} has {done:,} of {count:,} points"
                raise InputError(reason, path=source.name, field="recordCount")
            for field in fields:
                columns[field.name][done : done + got] = buffers[field.name][:got]
            done += got
        reader.close()
    return Scan(columns, fields, *names_of(header), pose_of(header))


def _joined(scans: list[Scan], source: Source) -> PointCloud:
    if not scans:
        return PointCloud(np.empty((0, 3)), info=FileInfo("E57", extra=E57Extra()), source=source.name)
    scans = [scan.with_axes(source) for scan in scans]
    first = scans[0]
    scaling = [tuple((f.scale, f.offset) for f in scan.axes()) for scan in scans]
    alike = all(s == scaling[0] for s in scaling)
    types = [scan.columns[axis].dtype for scan in scans for axis in AXES]
    parts: list[Array] = []
    for scan in scans:
        columns = [scan.columns[axis] for axis in AXES]
        if not alike:
            columns = [f.offset + f.scale * c for c, f in zip(columns, scan.axes(), strict=True)]
        wanted = common_type(types) if alike else np.dtype(np.float64)
        exact = [converted(c, wanted) for c in columns]
        parts.append(np.stack([c if e is None else e for c, e in zip(columns, exact, strict=True)], axis=1))
    attributes: dict[str, Column] = {}
    left_out: list[str] = []
    if len(scans) > 1:
        lengths = [len(part) for part in parts]
        attributes["scan"] = np.repeat(np.arange(len(scans), dtype=np.int32), lengths)
    names = dict.fromkeys(name for scan in scans for name in scan.columns if name not in AXES)
    for name in names:
        joined = _joined_column(name, scans) if name not in attributes else None
        if joined is None:
            left_out.append(name)
        else:
            attributes[name] = joined
    scales = {f.name: (f.scale, f.offset) for f in first.fields if f.scaled and f.name in attributes}
    extra = E57Extra(
        tuple(scan.name for scan in scans), tuple(scan.pose for scan in scans), scales, tuple(left_out)
    )
    axes = first.axes()
    return PointCloud(
        _end_to_end(parts),
        attributes=attributes,
        scale=(axes[0].scale, axes[1].scale, axes[2].scale) if alike else None,
        offset=(axes[0].offset, axes[1].offset, axes[2].offset) if alike else None,
        info=FileInfo("E57", extra=extra),
        source=source.name,
    )


def _joined_column(name: str, scans: list[Scan]) -> Array | None:
    """The column of all scans; None if a scan lacks it or has another scale."""
    if any(name not in scan.columns for scan in scans):
        return None
    if len({scan.scaling(name) for scan in scans}) > 1:
        return None
    wanted = common_type(scan.columns[name].dtype for scan in scans)
    found = [converted(scan.columns[name], wanted) for scan in scans]
    kept = [column for column in found if column is not None]
    return _end_to_end(kept) if len(kept) == len(scans) else None


def _end_to_end(parts: list[Array]) -> Array:
    """Arrays one after the other; a single one as it is, as it may be large."""
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def write(file: BinaryIO, cloud: PointCloud, job: JobContext, options: WriteOptions) -> tuple[str, ...]:
    """Writes the scans that the column `scan` of an E57 file tells apart, else one scan.

    Floats and integers keep their type, scaled integers their scale. Returns the names of what cannot be
    held. Raises InputError, also where pye57 is not installed; CancelledError.
    """
    with scratch_folder() as folder, _guarded(None):
        path = str(folder / "cloud.e57")
        lost = write_scans(path, cloud, job)
        with open(path, "rb") as made:
            shutil.copyfileobj(made, file, 1 << 20)
    return tuple(dict.fromkeys(lost))
