"""Writing sequences: frames appended to a file that can be read after each of them."""

from __future__ import annotations

import builtins
import contextlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from types import TracebackType
from typing import IO, Any, cast

from .api import decode_at, encode_after
from .arrays import Int64Array
from .errors import CorruptStreamError, InputError, LossWarning, check_type, warn_caller
from .files.atomic import Writable, check_target, output_file, write_atomically
from .files.listing import FilePath, files_of
from .files.source import Source, open_source
from .formats import cloud_suffixes
from .inter.frame import ReferenceFrame
from .job import CancelToken, JobContext, ProgressCallback
from .option_table import check_options, make_cloud_options
from .options import CodecOptions
from .references import FramePlace
from .report import EncodeReport
from .results import EncodeResult
from .sources import CloudSource, naming
from .stream.appending import FrameAppender, whole_frames
from .stream.chunks import START_BYTES
from .stream.frames import Frames, find_frames
from .stream.header import MOST_GROUP
from .stream.reader import StreamReader, is_version1
from .stream.salvage import sound_chunks

GROUP = 16  # frames, unless the caller says otherwise


class SequenceWriter:
    """Appends clouds to a sequence. After each of them the file is whole on the disk: whatever happens then,
    it can be read up to that frame. Close it, or use it in a `with`.

    cut: bytes behind the last whole frame that an interrupted writer had left, and that are gone.

        >>> import io, octavox as ov
        >>> file = io.BytesIO()
        >>> with ov.SequenceWriter(file, options=ov.CodecOptions(codec="octree")) as writer:
        ...     for k in range(3):
        ...         result = writer.append(ov.PointCloud([[k, 0, 0], [k, 1, 0]]))
        >>> with ov.open(file.getvalue()) as sequence:
        ...     len(sequence), sequence[2].coords.tolist()
        (3, [[2, 0, 0], [2, 1, 0]])
    """

    def __init__(
        self,
        target: FilePath | IO[bytes],
        *,
        append: bool = False,
        group: int = GROUP,
        options: CodecOptions | None = None,
        **kept: Any,
    ) -> None:
        """target: a path, or an empty binary file object that can be sought and truncated.

        append: to the frames that the file has; a single cloud is one frame, a file that is not there has
        none. What an interrupted writer left of a frame is cut off, with a LossWarning. Without append, a
        file that is there is replaced as soon as the first frame is coded. group: of so many frames one, the
        first, decodes alone; each of the others may be coded with the frame before it, where that saves
        bytes. 1: every frame decodes alone. options, kept: of all frames, as
        in `encode`.
        Raises InputError where the file cannot be written or is no sequence, CorruptStreamError where it is
        damaged before its end.
        """
        self._options = check_options(options)
        make_cloud_options(kept)
        check_type(group, int, "a whole number", "group")
        if not 1 <= group <= MOST_GROUP:
            raise InputError(f"a group of {group} frames is outside 1 to {MOST_GROUP}", field="group")
        self._group, self._in_group = group, 0
        self._before: ReferenceFrame | None = None
        self._kept, self._path, self.cut, self._closed = kept, "", 0, False
        self._file: IO[bytes] | None = None
        self._appender: FrameAppender | None = None
        if not isinstance(target, (str, os.PathLike)):
            if not hasattr(target, "truncate"):
                raise InputError(
                    f"a path or a binary file is needed, not {type(target).__name__}", field="target"
                )
            self._appender = FrameAppender(target)
            return
        self._path = os.fspath(target)
        check_target(self._path)
        if append and os.path.lexists(self._path):
            self._continue()

    def _continue(self) -> None:
        """Goes on after the frames of the file."""
        with open_source(self._path) as source:
            frames, whole = naming(source, lambda: _frames_to_keep(source, self._options))
            self.cut = 0 if whole else source.size - int(frames.starts[-1])
        self._open(frames.starts)
        if not whole and self._appender is not None:
            self._appender.finish(repair=True)
            words = f"{self._path}: the last {self.cut:,} bytes were no whole frame and are cut off"
            warn_caller(words, LossWarning)

    def _open(self, starts: Int64Array) -> None:
        try:
            # Without a buffer, which would keep what a full disk did not take. `close` closes it.
            file = builtins.open(self._path, "r+b", buffering=0)  # noqa: SIM115
        except OSError as error:
            raise InputError(f"cannot write: {error.strerror or error}", path=self._path) from error
        self._file, self._appender = file, FrameAppender(file, starts, lambda: os.fsync(file.fileno()))

    def __len__(self) -> int:
        """How many frames there are."""
        return 0 if self._appender is None else len(self._appender)

    def append(
        self,
        source: CloudSource,
        *,
        progress: ProgressCallback | None = None,
        cancel: CancelToken | None = None,
    ) -> EncodeResult:
        """Codes a cloud and writes it as the next frame. Arguments and errors are those of `encode`.

        The bytes of `report` are those of the frame in this file; `data` is the stream of the frame, which
        decodes alone only if it is the first of its group.
        """
        before = self._before if self._in_group % self._group else None
        job = JobContext(progress, cancel)
        result, after = encode_after(before, source, self._options, job, self._kept)
        self._write(result.data)
        self._before, self._in_group = after, self._in_group + 1
        assert self._appender is not None  # there is a frame
        return replace(result, report=_as_frame(result.report, *self._appender.last))

    def append_stream(self, data: bytes) -> None:
        """Writes the stream of a single cloud, as `EncodeResult.data` has it, as the next frame.

        Raises InputError where the file cannot be written, and for a frame that needs another one;
        CorruptStreamError for what is no such stream.
        """
        with open_source(data) as coded:
            if not is_version1(coded) and StreamReader(coded).header.reference:
                raise InputError("a frame that needs another one; it cannot be put elsewhere", field="data")
        self._write(data)
        self._before, self._in_group = None, 0

    def _write(self, data: bytes) -> None:
        if self._closed:
            raise InputError("the writer is closed", path=self._path or None)
        with self._naming():
            if self._appender is not None:
                self._appender.add(data)
                return
            with open_source(data) as coded:
                starts = find_frames(coded).starts
            write_atomically(self._path, data)
            self._open(starts)

    def close(self) -> None:
        """Writes the list of frames, and lets go of the file. Raises InputError where that fails."""
        closed, self._closed = self._closed, True
        if closed:
            return
        with self._naming(), self._file or contextlib.nullcontext():
            if self._appender is not None:
                self._appender.finish()

    @contextlib.contextmanager
    def _naming(self) -> Iterator[None]:
        """Within the block, a fault of the file at the path is an InputError that names it."""
        try:
            yield
        except OSError as error:
            if not self._path:  # whoever gave the file knows its name
                raise
            raise InputError(f"cannot write: {error.strerror or error}", path=self._path) from error

    def __enter__(self) -> SequenceWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _as_frame(report: EncodeReport, size: int, mark: int) -> EncodeReport:
    """What is true of a frame. size: in the file. mark: bytes at its start, with the start of the file."""
    header, less = mark - START_BYTES, size - report.bytes
    components, side = dict(report.components), dict(report.bits.side)
    for name, other, change in (("header", "header", header), ("container", "chunks", less - header)):
        components[name] += change
        side[other] += 8.0 * change
    bits = replace(report.bits, side=side, total=report.bits.total + 8 * less)
    bpov = 8 * size / max(report.points, 1)
    return replace(report, bytes=size, bpov=bpov, components=components, bits=bits)


def _frames_to_keep(source: Source, options: CodecOptions) -> tuple[Frames, bool]:
    """The frames after which one may be appended, and whether they are all that there is."""
    if is_version1(source):
        reason = "a file of format 1 holds one cloud; decode it and encode it anew to append to it"
        raise InputError(reason, field="version", byte=8)
    try:
        return find_frames(source), True
    except CorruptStreamError:
        frames, job = whole_frames(source), JobContext()
    if len(frames) == 1:
        decode_at(FramePlace(source, None, frames), options, job)  # nothing else shows that it is whole
    beyond = [c.start for c in sound_chunks(source, job).chunks if c.frame > len(frames)]
    if beyond:
        reason = (
            f"frame {len(frames)} is damaged, and appending would cut off those after it; salvage them first"
        )
        raise CorruptStreamError(reason, field="frame", byte=int(frames.starts[-1]))
    return frames, False


@dataclass(frozen=True)
class SequenceReport:
    """What `encode_sequence` wrote. frames: how many the file has; bytes: of the file. reports: of the frames
    that were coded now."""

    frames: int
    bytes: int
    reports: tuple[EncodeReport, ...]


def encode_sequence(
    sources: FilePath | Iterable[CloudSource],
    target: Writable,
    *,
    append: bool = False,
    group: int = GROUP,
    options: CodecOptions | None = None,
    progress: ProgressCallback | None = None,
    cancel: CancelToken | None = None,
    **kept: Any,
) -> SequenceReport:
    """Compresses clouds into one stream, each as a frame.

    sources: a folder of point clouds or a pattern, as in `open`, or clouds, each as in `encode`; they are
    taken one by one, so that a generator may make them. target: a path, where the file appears complete or
    not at all; "-", standard output; a binary file object. append: to the frames that the file at that path
    has, each of which is there as soon as it is coded. group: as in `SequenceWriter`. The rest as in
    `encode`. Raises as `encode` and `SequenceWriter`; InputError where there are no frames.
    """
    _check_sources(sources)
    clouds: Iterable[CloudSource] = (
        files_of(sources, cloud_suffixes()) if isinstance(sources, (str, os.PathLike)) else sources
    )
    if append:
        if not isinstance(target, (str, os.PathLike)):
            raise InputError("frames are appended to a file with a path", field="target")
        with SequenceWriter(target, append=True, group=group, options=options, **kept) as writer:
            reports = _append_all(writer, clouds, progress, cancel)
        return SequenceReport(len(writer), os.path.getsize(target), reports)
    with output_file(target) as file:
        with SequenceWriter(cast(IO[bytes], file), group=group, options=options, **kept) as writer:
            reports = _append_all(writer, clouds, progress, cancel)
        return SequenceReport(len(writer), file.tell(), reports)


def _check_sources(sources: object) -> None:
    """Raises InputError for what are no clouds, and for one cloud."""
    given: object = sources
    if isinstance(given, (bytes, bytearray)) or not isinstance(given, (str, os.PathLike, Iterable)):
        reason = f"a folder, a pattern or several clouds are needed, not {type(given).__name__}"
        raise InputError(reason, field="sources")


def _append_all(
    writer: SequenceWriter,
    clouds: Iterable[CloudSource],
    progress: ProgressCallback | None,
    cancel: CancelToken | None,
) -> tuple[EncodeReport, ...]:
    reports = tuple(writer.append(cloud, progress=progress, cancel=cancel).report for cloud in clouds)
    if not reports:
        raise InputError("a sequence needs a frame", field="sources")
    return reports
