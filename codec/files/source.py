"""Where bytes come from: a file, bytes in memory, a file object, standard input. All can be read anywhere."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import io
import os
import select
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import IO, Any, BinaryIO, Union, cast

from octavox.codec.errors import InputError, OctavoxError
from octavox.codec.job import JobContext

from .scratch import room_for

FilePath = Union[str, "os.PathLike[str]"]
Readable = Union[str, "os.PathLike[str]", bytes, bytearray, memoryview, BinaryIO, IO[bytes]]

LOOK_S = 0.1  # between two looks at a silent pipe, and at the cancel token
PIECE = 1 << 20
IN_MEMORY = 64 << 20  # of a pipe; what comes beyond goes to a temporary file
STDIN = "-"


class Source:
    """Bytes that can be read from any place, and a name for messages.

    name: of the file, "<stdin>" or "<memory>". path: the file, where there is one. size: in bytes. Reading is
    safe from several threads. Close it, or use it in a `with`.
    """

    def __init__(self, file: BinaryIO, name: str, path: Path | None = None) -> None:
        self._file, self._lock = file, threading.Lock()
        self.name, self.path = name, path
        self.size = file.seek(0, io.SEEK_END)

    @property
    def suffix(self) -> str:
        """Ending of the file's name, lower case, with the dot; of "a.ply.gz" it is ".gz"."""
        return Path(self.name).suffix.lower()

    def read(self, at: int = 0, count: int | None = None) -> bytes:
        """Up to `count` bytes from byte `at` on; None: all of them. Raises InputError if reading fails."""
        if at >= self.size:
            return b""
        try:
            with self._lock:
                self._file.seek(at)
                return self._file.read(-1 if count is None else count)
        except OSError as error:
            raise InputError(f"cannot read: {error.strerror or error}", path=self.name, byte=at) from error

    def readinto(self, at: int, target: Any) -> int:
        """Fills a writable buffer from byte `at` on; how many bytes there were. Raises as `read`."""
        view = memoryview(target).cast("B")
        done = 0
        if at >= self.size:
            return 0
        try:
            with self._lock:
                self._file.seek(at)
                while done < len(view):
                    count = self._file.readinto(view[done : done + (16 << 20)])  # type: ignore[attr-defined]
                    if not count:
                        break
                    done += count
        except OSError as error:
            raise InputError(f"cannot read: {error.strerror or error}", path=self.name, byte=at) from error
        return done

    def pieces(self, at: int = 0, size: int = PIECE) -> Iterator[bytes]:
        """The bytes from `at` on, piece by piece."""
        while piece := self.read(at, size):
            yield piece
            at += len(piece)

    @functools.cached_property
    def sha256(self) -> str:
        """The SHA-256 of all bytes, in hexadecimal; read once."""
        found = hashlib.sha256()
        for piece in self.pieces():
            found.update(piece)
        return found.hexdigest()

    @contextlib.contextmanager
    def opened(self) -> Iterator[BinaryIO]:
        """A file object of its own, at its first byte, for libraries that want one. One at a time."""
        with self._lock:
            self._file.seek(0)
            yield cast(BinaryIO, _Borrowed(self._file))

    def close(self) -> None:
        """Lets go of the file."""
        self._file.close()

    def __enter__(self) -> Source:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class _Borrowed(io.RawIOBase):
    """A file object that does not close the file that it reads."""

    def __init__(self, file: BinaryIO) -> None:
        self._inner = file

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, at: int, whence: int = 0) -> int:
        return self._inner.seek(at, whence)

    def tell(self) -> int:
        return self._inner.tell()

    def readinto(self, buffer: Any) -> int | None:
        return self._inner.readinto(buffer)  # type: ignore[attr-defined, no-any-return]


def open_source(given: Readable | Source, job: JobContext | None = None, begins: bytes = b"") -> Source:
    """The bytes of a path, "-" for standard input, bytes, a bytearray, a memoryview or a binary file object.

    What cannot be read anywhere (pipes, sockets) is copied first, into memory or a temporary file; of what
    does not begin with `begins`, the first piece alone. A file object is read from where it stands. Raises
    InputError where there is no such file, it is a folder, or reading is not permitted; CancelledError.
    """
    job = job or JobContext()
    if isinstance(given, Source):
        return given
    if isinstance(given, (bytes, bytearray, memoryview)):
        return Source(io.BytesIO(bytes(given)), "<memory>")
    if isinstance(given, (str, os.PathLike)):
        return _of_path(os.fspath(given), job, begins)
    if hasattr(given, "read"):
        name = str(getattr(given, "name", "<file>"))
        return Source(_copied(_chunks(given, name), name, begins), name)
    raise InputError(f"neither a path, bytes nor a binary file: {type(given).__name__}", field="source")


def _of_path(text: str, job: JobContext, begins: bytes) -> Source:
    if text == STDIN:
        return Source(_copied(_piped(sys.stdin.fileno(), job), "<stdin>", begins), "<stdin>")
    path = Path(text)
    try:
        if path.is_fifo():
            handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
            try:
                return Source(_copied(_piped(handle, job), text, begins), text)
            finally:
                os.close(handle)
        return Source(path.open("rb"), text, path)
    except IsADirectoryError:
        raise InputError("this is a folder, not a file", path=text) from None
    except (OSError, ValueError) as error:  # ValueError: a null byte in the name
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"cannot read: {reason}", path=text.replace("\0", "\\0")) from error


def _copied(pieces: Iterator[bytes], name: str, begins: bytes) -> BinaryIO:
    """What a pipe gives, where it can be read anywhere."""
    copy, head = tempfile.SpooledTemporaryFile(IN_MEMORY), b""  # noqa: SIM115 - the source closes it
    try:
        with room_for(name):
            for piece in pieces:
                copy.write(piece)
                if len(head) < len(begins):
                    head += piece[: len(begins) - len(head)]
                    if head != begins[: len(head)]:
                        break
            copy.flush()
    except BaseException:
        copy.close()
        raise
    return copy  # type: ignore[return-value]


def _chunks(file: Any, name: str) -> Iterator[bytes]:
    while piece := _next_piece(file, name):
        if isinstance(piece, str):
            raise InputError("the file object gives text; open it in binary mode", path=name)
        if not isinstance(piece, (bytes, bytearray, memoryview)):
            raise InputError(f"the file object gives {type(piece).__name__}, not bytes", path=name)
        yield bytes(piece)


def _next_piece(file: Any, name: str) -> Any:
    """What a file object gives next. Any error becomes an InputError: it may be closed, or for writing."""
    try:
        return file.read(PIECE)
    except OctavoxError:
        raise
    except Exception as error:
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise InputError(f"cannot read the file object: {str(reason)[:200]}", path=name) from error


def _piped(handle: int, job: JobContext) -> Iterator[bytes]:
    """The bytes of a pipe, once somebody writes. Raises CancelledError."""
    while True:
        job.check()
        if os.name == "nt" or select.select([handle], [], [], LOOK_S)[0]:
            piece = os.read(handle, PIECE)
            if not piece:
                return
            yield piece
