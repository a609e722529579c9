"""Sequences: clouds one after the other, in one stream or in many files, read one at a time."""

from __future__ import annotations

import builtins
import os
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Iterator
from types import TracebackType
from typing import TypeVar

from .api import decode_at, decode_lod_at, info_at, verify_at
from .arrays import Float64Array
from .cloud.cloud import PointCloud
from .errors import InputError, check_type, whole_number
from .files.listing import FilePath, files_of
from .files.source import Readable, Source, open_source
from .formats import cloud_suffixes, read_cloud
from .job import CancelToken, JobContext, ProgressCallback
from .option_table import check_options
from .options import CodecOptions
from .provenance import Stopwatch
from .references import FramePlace, LastFrame
from .regions import Region
from .report import Certificate
from .results import DecodeResult, decode_result
from .salvaging import Part, Sought, salvage_stream
from .sources import CloudSource, naming
from .stream.chunks import MAGIC
from .stream.frames import Frames, find_frames
from .stream.one_frame import stream_of_frame
from .stream.reader import is_version1
from .stream.salvage import SoundChunks, sound_chunks
from .stream_info import StreamInfo

STREAM = ".ovx"

S = TypeVar("S", bound="Sequence")


class Sequence(ABC):
    """Clouds one after the other. `open` gives one of its two kinds.

    `len(sequence)` frames; `sequence[k]` and `for cloud in sequence` give the PointCloud of a frame, which is
    read or decoded when it is asked for and not kept: one cloud is in memory at a time. Frames are counted
    from 0; from the end as in lists, -1 the last. Close it, or use it in a `with`. Several threads may read
    frames at the same time.
    """

    @abstractmethod
    def __len__(self) -> int: ...

    @abstractmethod
    def read(self, number: int, *, cancel: CancelToken | None = None) -> PointCloud:
        """The cloud of a frame. Raises InputError (no such frame, as `read_cloud`), and as `decode`."""

    @abstractmethod
    def decode(
        self,
        number: int,
        *,
        slices: Collection[int] | None = None,
        region: Region | None = None,
        lod: int | None = None,
        progress: ProgressCallback | None = None,
        cancel: CancelToken | None = None,
    ) -> DecodeResult:
        """A frame that is a stream, decoded. Arguments and errors are those of `octavox.decode`.

        Raises InputError for a frame that is a file of points.
        """

    @abstractmethod
    def info(
        self,
        number: int,
        *,
        blocks: bool = False,
        progress: ProgressCallback | None = None,
        cancel: CancelToken | None = None,
    ) -> StreamInfo:
        """What a frame that is a stream says of itself. Arguments and errors are those of `octavox.info`.

        Raises InputError for a frame that is a file of points.
        """

    @abstractmethod
    def name(self, number: int) -> str:
        """What to call a frame: its file, and of a stream of several frames its number."""

    @abstractmethod
    def size(self, number: int) -> int:
        """Bytes of a frame, without reading it. Raises InputError where its file is gone."""

    @abstractmethod
    def is_coded(self, number: int) -> bool:
        """Whether a frame is a stream, which `decode` and `info` take."""

    def stream(self, number: int) -> bytes | None:
        """A frame that is a stream, as the stream of a single cloud, which decodes alone.

        None for a file of points, for a frame that is coded with another one, and of a salvaged stream.
        Raises CorruptStreamError, UnsupportedStreamError, InputError where its file is gone.
        """
        return None

    def motion(self, number: int) -> tuple[Float64Array, Float64Array] | None:
        """How the blocks of the frame before were moved to predict this one, where it is coded so.

        (origins, vectors), each (B, 3) in the units of the file: the low corners of the blocks in the frame
        before, and how far each is moved. None where no motion is coded.
        """
        return None

    @abstractmethod
    def close(self) -> None:
        """Lets go of the files."""

    def __getitem__(self, number: int) -> PointCloud:
        return self.read(number)

    def __iter__(self) -> Iterator[PointCloud]:
        for number in range(len(self)):
            yield self.read(number)

    def __enter__(self: S) -> S:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def index(self, number: int) -> int:
        """The number of a frame counted from the start. Raises InputError where there is none."""
        number = whole_number(number, "frame")
        if not -len(self) <= number < len(self):
            some = "the only one is 0" if len(self) == 1 else f"there are 0 to {len(self) - 1:,}"
            raise FrameNumberError(f"there is no frame {number:,}; {some}", field="frame")
        return number % len(self)


class FrameNumberError(InputError, IndexError):
    """There is no frame with such a number."""


class StreamFrames(Sequence):
    """The frames of one stream. With salvage, of a cut or damaged one: what is whole of each frame.

    lost: numbers of frames of which nothing is whole that says what they hold. damaged: (first, end) of the
    bytes that belong to no sound part. ended: whether the end of the stream is there.
    """

    def __init__(
        self,
        source: Readable | Source,
        options: CodecOptions,
        salvage: bool = False,
        cancel: CancelToken | None = None,
    ) -> None:
        job = JobContext(cancel=cancel)
        self._options, self._source = options, open_source(source, job, b"" if salvage else MAGIC)
        self._last = LastFrame()
        self._frames: Frames | None = None
        self._sound: SoundChunks | None = None
        try:
            naming(self._source, lambda: self._find(job, salvage))
        except BaseException:
            self._source.close()
            raise

    def _find(self, job: JobContext, salvage: bool) -> None:
        self._salvage = salvage
        if is_version1(self._source):
            return
        if salvage:
            self._sound = sound_chunks(self._source, job)
        else:
            self._frames = find_frames(self._source)

    def __len__(self) -> int:
        if self._frames is not None:
            return len(self._frames)
        return 1 if self._sound is None else self._sound.frames

    @property
    def path(self) -> str | None:
        """The file; None where there is none."""
        return str(self._source.path) if self._source.path else None

    @property
    def bytes(self) -> int:
        """Of the file."""
        return self._source.size

    @property
    def lost(self) -> tuple[int, ...]:
        return () if self._sound is None else self._sound.lost

    @property
    def damaged(self) -> tuple[tuple[int, int], ...]:
        return () if self._sound is None else tuple(self._sound.damaged)

    @property
    def ended(self) -> bool:
        return self._sound is None or self._sound.ended

    def place(self, number: int) -> FramePlace:
        """Where a frame is. Raises InputError where there is none."""
        return FramePlace(self._source, self._number(number), self._frames)

    def _number(self, number: int) -> int | None:
        """None for the only frame, whose faults need no number."""
        found = self.index(number)
        return found if len(self) > 1 else None

    def read(self, number: int, *, cancel: CancelToken | None = None) -> PointCloud:
        return self.decode(number, cancel=cancel).cloud

    def decode(
        self,
        number: int,
        *,
        slices: Collection[int] | None = None,
        region: Region | None = None,
        lod: int | None = None,
        progress: ProgressCallback | None = None,
        cancel: CancelToken | None = None,
    ) -> DecodeResult:
        job, place = JobContext(progress, cancel), self.place(number)
        if self._salvage:
            if lod is not None:
                raise InputError("of a damaged frame the slices are decoded, not levels of them", field="lod")
            return self._salvaged(place, Part.of(slices, region), job)
        if lod is not None and (slices is not None or region is not None):
            raise InputError(
                "levels of detail are of the whole frame, not of slices or a region", field="lod"
            )
        if lod is not None:
            return decode_lod_at(place, lod, self._options, job)
        return decode_at(place, self._options, job, slices, region, self._last)

    def _salvaged(self, place: FramePlace, part: Part, job: JobContext) -> DecodeResult:
        clock, sound = Stopwatch(), self._sound
        done = place.naming(
            lambda: salvage_stream(
                place.source, self._options, job, clock, place.number, Sought(sound, part, self._last)
            )
        )
        return decode_result(done, self._options, clock, whole=part.is_all)

    def info(
        self,
        number: int,
        *,
        blocks: bool = False,
        progress: ProgressCallback | None = None,
        cancel: CancelToken | None = None,
    ) -> StreamInfo:
        return info_at(self.place(number), blocks, self._options, JobContext(progress, cancel))

    def verify(
        self,
        number: int,
        original: CloudSource,
        *,
        progress: ProgressCallback | None = None,
        cancel: CancelToken | None = None,
    ) -> Certificate:
        """Compares a frame with the cloud that it is to be. Raises as `octavox.verify`."""
        return verify_at(original, self.place(number), self._options, JobContext(progress, cancel))

    def stream(self, number: int) -> builtins.bytes | None:
        place = self.place(number)
        if self._salvage:
            return None
        if self._frames is None or len(self) == 1:
            return self._source.read(0, self._source.size)
        frames, found = self._frames, self.index(number)
        return place.naming(lambda: stream_of_frame(self._source, frames, found))

    def motion(self, number: int) -> tuple[Float64Array, Float64Array] | None:
        found = self.index(number)
        if self._last.arrows is None or self._last.arrows[0] != found:
            if self._salvage or not self.place(found).opened().header.reference:
                return None
            self.decode(found)
        return None if self._last.arrows is None else self._last.arrows[1]

    def name(self, number: int) -> str:
        found = self._number(number)
        return self._source.name + ("" if found is None else f", frame {found}")

    def size(self, number: int) -> int:
        found = self.index(number)
        if self._frames is not None and len(self) > 1:
            return self._frames.size(found)
        if self._sound is not None and len(self) > 1:
            return sum(chunk.end - chunk.start for chunk in self._sound.of_frame(found).chunks)
        return self._source.size

    def is_coded(self, number: int) -> bool:
        self.index(number)
        return True

    def close(self) -> None:
        self._source.close()


class FileFrames(Sequence):
    """Files, each of which is a frame: point clouds of any format that is read, and streams of one cloud."""

    def __init__(self, paths: list[str], options: CodecOptions) -> None:
        self.paths, self._options = paths, options

    def __len__(self) -> int:
        return len(self.paths)

    def read(self, number: int, *, cancel: CancelToken | None = None) -> PointCloud:
        path = self.name(number)
        if self.is_coded(number):
            return self.decode(number, cancel=cancel).cloud
        return read_cloud(path, cancel=cancel)

    def decode(
        self,
        number: int,
        *,
        slices: Collection[int] | None = None,
        region: Region | None = None,
        lod: int | None = None,
        progress: ProgressCallback | None = None,
        cancel: CancelToken | None = None,
    ) -> DecodeResult:
        with self._stream(number) as one:
            return one.decode(0, slices=slices, region=region, lod=lod, progress=progress, cancel=cancel)

    def _stream(self, number: int) -> StreamFrames:
        path = self.name(number)
        if not self.is_coded(number):
            raise InputError("this frame is a file of points, not a stream; it is not decoded", path=path)
        found = StreamFrames(path, self._options)
        if len(found) > 1:
            found.close()
            reason = f"a sequence of {len(found):,} frames; in a list of files each is one frame"
            raise InputError(reason, path=path, field="frame")
        return found

    def info(
        self,
        number: int,
        *,
        blocks: bool = False,
        progress: ProgressCallback | None = None,
        cancel: CancelToken | None = None,
    ) -> StreamInfo:
        with self._stream(number) as one:
            return one.info(0, blocks=blocks, progress=progress, cancel=cancel)

    def stream(self, number: int) -> bytes | None:
        if not self.is_coded(number):
            return None
        with self._stream(number) as one:
            return one.stream(0)

    def name(self, number: int) -> str:
        return self.paths[self.index(number)]

    def size(self, number: int) -> int:
        with open_source(self.name(number)) as source:
            return source.size

    def is_coded(self, number: int) -> bool:
        with open_source(self.name(number)) as source:
            return _is_stream(source)

    def close(self) -> None:
        pass


def open(
    source: Readable | Iterable[FilePath],
    *,
    options: CodecOptions | None = None,
    salvage: bool = False,
    cancel: CancelToken | None = None,
) -> Sequence:
    """Opens a sequence, of which nothing is decoded yet.

    source: an .ovx file, "-", bytes or a binary file object, whose frames are those of the stream; a folder,
    a pattern such as "frame_%04d.ply" or "frame_*.ply", or several paths, whose frames are the files; or one
    file of points, a sequence of one frame. Files of a folder or a pattern come in the order of the numbers
    in their names; numbers may be missing. options: for decoding, as in `decode`. salvage: of a cut or
    damaged stream, what is whole of each frame.
    Raises InputError where there is no such file or no frame, CorruptStreamError, UnsupportedStreamError.

        >>> import io, octavox as ov
        >>> clouds, file = [ov.PointCloud([[k, 0, 0], [k, 1, 0]]) for k in range(3)], io.BytesIO()
        >>> report = ov.encode_sequence(clouds, file, options=ov.CodecOptions(codec="octree"))
        >>> with ov.open(file.getvalue()) as sequence:
        ...     [cloud.coords[0].tolist() for cloud in sequence]
        [[0, 0, 0], [1, 0, 0], [2, 0, 0]]
    """
    chosen = check_options(options)
    if not isinstance(source, (str, os.PathLike)):
        if isinstance(source, (bytes, bytearray, memoryview)) or hasattr(source, "read"):
            return StreamFrames(source, chosen, salvage, cancel)  # type: ignore[arg-type]
        check_type(source, Collection, "a path, several paths, bytes or a binary file", "source")
        paths = [path for given in source for path in files_of(given, _suffixes())]
        return _frames_of(paths, chosen, salvage, cancel)
    return _frames_of(files_of(source, _suffixes()), chosen, salvage, cancel)


def _frames_of(
    paths: list[str], options: CodecOptions, salvage: bool, cancel: CancelToken | None
) -> Sequence:
    if not paths:
        raise InputError("there are no frames in an empty list of files", field="source")
    if len(paths) == 1 and (salvage or paths[0] == "-" or is_stream(paths[0])):
        return StreamFrames(paths[0], options, salvage, cancel)
    return FileFrames(paths, options)


def is_stream(path: FilePath) -> bool:
    """Whether a file is a stream. Raises InputError where it cannot be read."""
    with open_source(path) as source:
        return _is_stream(source)


def _is_stream(source: Source) -> bool:
    return source.read(0, len(MAGIC)) == MAGIC


def _suffixes() -> tuple[str, ...]:
    """Endings of the names of files that are frames of a folder."""
    return (*cloud_suffixes(), STREAM)
