"""The points of LAZ files, packed and unpacked by lazrs, after a check of the sizes that a file declares."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, BinaryIO, TypeVar

import numpy as np

from octavox.codec.cloud.cloud import PointCloud
from octavox.codec.cloud.columns import Array
from octavox.codec.errors import InputError
from octavox.codec.files.quiet import quiet_stderr
from octavox.codec.files.source import Source
from octavox.codec.job import JobContext

from .framing import RowWriter
from .las_layout import LASZIP, LasHeader
from .tables import row_dtype

AT_ONCE = 1 << 16  # points
_EXPANSION = 10_000  # what LAZ makes of points that are all alike
_LASZIP_HEAD = struct.Struct("<HHBBHIIqqH")
T = TypeVar("T")
_LAYERS = {10: 9, 11: 1, 12: 2, 13: 1}  # layers of the items of LAS 1.4; extra bytes have one each


class Decompressor:
    """Unpacks points by lazrs, which takes memory for what a file declares: so that is checked first.

    chunks: points and bytes of each, once it is entered.
    """

    chunks: Sequence[tuple[int, int]] = ()

    def __init__(self, header: LasHeader, source: Source) -> None:
        self._header, self._source = header, source
        self._dtype = row_dtype(header.fields)
        record = header.record(*LASZIP)
        if record is None:
            raise InputError("the points are compressed, but there is no LASzip record", path=source.name)
        self._record = record.body
        self._check_record()
        self._check_chunks()
        self._opened = source.opened()

    def __enter__(self) -> Decompressor:
        try:
            import lazrs
        except ImportError as error:
            reason = "reading LAZ needs the package lazrs, which is not installed"
            raise InputError(reason, path=self._source.name) from error
        file = self._opened.__enter__()
        try:
            file.seek(self._header.body)
            record = self._guarded(lambda: lazrs.LazVlr(self._record))
            self.chunks = self._guarded(lambda: lazrs.read_chunk_table(file, record))
            self._check_layers(self.chunks, file)
            file.seek(self._header.body)
            self._inner = self._guarded(lambda: lazrs.LasZipDecompressor(file, self._record))
        except BaseException:
            self._opened.__exit__(None, None, None)
            raise
        return self

    def __exit__(self, *error: Any) -> None:
        self._opened.__exit__(*error)

    @property
    def points_of_chunks(self) -> list[int]:
        """The points of each chunk that has some. Where all have one number, the last chunk has the rest."""
        left, found = self._header.points, list[int]()
        for count, _ in self.chunks:
            found.append(min(count, left))
            left -= found[-1]
        return [count for count in found if count]

    def seek(self, point: int) -> None:
        """Continues at a point."""
        self._guarded(lambda: self._inner.seek(point))

    def pieces(self, job: JobContext, points: int, step: int = AT_ONCE) -> Iterator[Array]:
        """The next `points` records, some at a time."""
        for part in job.parts(points, step):
            rows = np.empty(part.stop - part.start, self._dtype)
            self._guarded(partial(self._inner.decompress_many, rows.view(np.uint8)))
            yield rows

    def _guarded(self, work: Callable[[], T]) -> T:
        try:
            return guarded(work)
        except InputError as error:
            reason = f"damaged LAZ data: {error.reason}"
            raise InputError(reason, path=self._source.name, field="points", byte=self._header.body) from None

    def _fault(self, reason: str, byte: int | None = None) -> InputError:
        return InputError(f"damaged LAZ data: {reason}", path=self._source.name, field="LASzip", byte=byte)

    def _check_record(self) -> None:
        """The record must describe points as long as those of the header."""
        try:
            compressor, self._chunk, items = check_items(self._record, self._header.record_length)
        except InputError as error:
            raise self._fault(error.reason) from None
        self._layers = 0  # of a chunk: their sizes stand at its start
        if compressor == 3:
            self._layers = sum(_LAYERS.get(kind, size) for kind, size in items)

    def _check_chunks(self) -> None:
        """The table of chunks must lie in the file, and the points be so few that it can hold them."""
        header, source = self._header, self._source
        have = source.size - header.body
        if header.points * header.record_length > _EXPANSION * have:
            raise self._fault(f"{header.points:,} points in {have:,} bytes", header.body)
        if have < 8:
            raise self._fault("the data are cut", header.body)
        (table,) = struct.unpack("<q", source.read(header.body, 8))
        if table == -1 and have >= 16:
            (table,) = struct.unpack("<q", source.read(source.size - 8, 8))
        if not header.body + 8 <= table <= source.size - 8:
            raise self._fault(f"the table of chunks is at byte {table:,}", header.body)
        _, chunks = struct.unpack("<II", source.read(table, 8))
        if chunks > have or (self._chunk < 0xFFFFFFFF and chunks > header.points // self._chunk + 1):
            raise self._fault(f"{chunks:,} chunks", table)

    def _check_layers(self, table: Sequence[tuple[int, int]], file: BinaryIO) -> None:
        """The sizes of layers, for which memory is taken, must add up to the size of their chunk."""
        at, points = self._header.body + 8, 0
        for count, size in table:
            points += count
            if at + size > self._source.size:
                raise self._fault("truncated: a chunk ends after the file", at)
            if self._layers and count:
                head = self._header.record_length + 4
                file.seek(at)
                data = file.read(head + 4 * self._layers)
                if len(data) < head + 4 * self._layers or size < len(data):
                    raise self._fault("a chunk is too short", at)
                if sum(struct.unpack_from(f"<{self._layers}I", data, head)) + len(data) > size:
                    raise self._fault("the layers of a chunk are longer than the chunk", at)
            at += size
        if points < self._header.points:
            reason = f"truncated: {self._header.points:,} points are declared, {points:,} there"
            raise self._fault(reason, self._header.body)


def check_items(record: bytes, length: int) -> tuple[int, int, list[tuple[int, int]]]:
    """Compressor, points of a chunk, and kind and size of each item, by the body of a LASzip record.

    Raises InputError where they are not those of records of `length` bytes.
    """
    if len(record) < _LASZIP_HEAD.size:
        raise InputError("the LASzip record is cut")
    compressor, *_, chunk, _, _, count = _LASZIP_HEAD.unpack_from(record)
    items = [
        struct.unpack_from("<HH", record, _LASZIP_HEAD.size + 6 * k)
        for k in range(min(count, (len(record) - _LASZIP_HEAD.size) // 6))
    ]
    if len(items) < count or sum(size for _, size in items) != length:
        raise InputError("the items of the LASzip record are not those of a point")
    if compressor not in (2, 3) or chunk == 0:
        raise InputError(f"compressor {compressor}, chunks of {chunk:,} points")
    return compressor, chunk, items


def guarded(work: Callable[[], T]) -> T:
    """Runs what lazrs does. Raises InputError where it refuses or panics."""
    try:
        with quiet_stderr():  # Rust reports panics there
            return work()
    except (KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except BaseException as error:  # a panic of Rust is no Exception
        raise InputError(str(error)[:200]) from None


def packed_rows(rows: RowWriter, header: LasHeader, points: Sequence[int]) -> RowWriter:
    """Writes chunks of LAZ, without the table that follows them.

    rows: writes the records that are packed. points: of each chunk. The writer raises InputError for a LASzip
    record that does not fit the records.
    """

    def write(cloud: PointCloud, job: JobContext) -> Iterator[bytes]:
        import lazrs

        record = header.record(*LASZIP)
        if record is None or sum(points) != len(cloud):
            raise InputError("the chunks have other points than the cloud")
        check_items(record.body, header.record_length)
        target = io.BytesIO()
        own = guarded(lambda: lazrs.LazVlr(record.body))
        packer = guarded(lambda: lazrs.LasZipCompressor(target, own))
        variable, records = own.uses_variable_size_chunks(), b"".join(rows(cloud, job))
        at = 0
        for count in points:
            for part in job.parts(count, AT_ONCE):
                start, stop = ((at + k) * header.record_length for k in (part.start, part.stop))
                guarded(partial(packer.compress_many, records[start:stop]))
            at += count
            if variable:
                guarded(packer.finish_current_chunk)
        guarded(packer.done)
        packed = target.getvalue()
        yield packed[8 : struct.unpack_from("<q", packed)[0]]

    return write
