"""Files that appear complete or not at all, and other places that bytes go to."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, BinaryIO, Union, cast

from octavox.codec.errors import InputError, check_type

from .scratch import room_for
from .unfinished import UnfinishedFile

FilePath = str | os.PathLike[str]
Writable = Union[str, "os.PathLike[str]", BinaryIO, IO[bytes]]

STDOUT = "-"
IN_MEMORY = 64 << 20  # of what goes to no path; what comes beyond waits in a temporary file


@contextlib.contextmanager
def atomic_file(path: FilePath) -> Iterator[BinaryIO]:
    """A binary file that takes the place of `path` when the block ends without an error.

    It is written beside the target, flushed to the disk and renamed. On any error, an interrupt included,
    it is removed and an existing target stays as it was; what a killed process leaves, the next one that
    writes into this folder removes. A link is followed; permissions and owner of an existing target are kept.
    Raises InputError where `path` cannot be written, or is a file that is read-only.
    """
    target = _target_of(path)
    try:
        mode, old = _replaced(target)
        unfinished = UnfinishedFile(target)
    except OSError as error:
        raise InputError(f"cannot write: {error.strerror or error}", path=target) from error
    try:
        yield unfinished.file
        unfinished.put(mode, old)
    except OSError as error:
        unfinished.drop()
        raise InputError(f"cannot write: {error.strerror or error}", path=target) from error
    except BaseException:
        unfinished.drop()
        raise


@contextlib.contextmanager
def output_file(target: Writable) -> Iterator[BinaryIO]:
    """A binary file whose bytes go to `target` when the block ends without an error.

    target: a path, as `atomic_file` has it; "-", standard output; a binary file object, which gets them where
    it stands. Raises InputError where it cannot be written.
    """
    if isinstance(target, (str, os.PathLike)) and os.fspath(target) != STDOUT:
        with atomic_file(target) as file:
            yield file
        return
    out: Any = getattr(sys.stdout, "buffer", None) if isinstance(target, (str, os.PathLike)) else target
    if not hasattr(out, "write"):
        raise InputError(f"a path or a binary file is needed, not {type(target).__name__}", field="target")
    with tempfile.SpooledTemporaryFile(IN_MEMORY) as held:
        with room_for(name_of(target)):
            yield cast(BinaryIO, held)
            held.seek(0)
        try:
            shutil.copyfileobj(held, out)
            if hasattr(out, "flush"):
                out.flush()
        except Exception as error:  # it may be closed, for reading, for text, or a pipe that nobody reads
            reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
            raise InputError(f"cannot write: {str(reason)[:200]}", path=name_of(target)) from error


def name_of(target: Writable) -> str:
    """What messages call a target."""
    if isinstance(target, (str, os.PathLike)):
        return "<stdout>" if os.fspath(target) == STDOUT else os.fsdecode(target)
    return str(getattr(target, "name", "<file>"))


def check_target(path: FilePath) -> None:
    """Raises InputError now for a target that `atomic_file` could not write after a long job."""
    target = _target_of(path)
    try:
        _replaced(target)
        if not target.parent.is_dir():
            raise FileNotFoundError(errno.ENOENT, f"there is no folder {target.parent}")
        if not os.access(target.parent, os.W_OK):
            raise PermissionError(errno.EACCES, "no permission to write into the folder")
    except OSError as error:
        raise InputError(f"cannot write: {error.strerror or error}", path=target) from error


def write_atomically(path: Writable, data: bytes | bytearray | memoryview) -> None:
    """Writes `data` through `output_file`. Raises InputError also for what is not bytes."""
    check_type(data, (bytes, bytearray, memoryview), "bytes", "data")
    with output_file(path) as file:
        file.write(data)


def _target_of(path: FilePath) -> Path:
    """The file that is meant, links followed. Raises InputError for what is no path."""
    check_type(path, (str, os.PathLike), "a path", "path")
    try:
        return Path(os.path.realpath(os.fsdecode(path)))
    except (OSError, ValueError) as error:  # ValueError: a null byte
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"cannot write: {reason}", path=os.fsdecode(path).replace("\0", "\\0")) from None


def _replaced(target: Path) -> tuple[int, os.stat_result | None]:
    """Permission bits for the new file, those of the one it replaces or what the umask leaves; and what is
    known of that one. Raises OSError where it must not be replaced."""
    try:
        status = target.stat()
    except FileNotFoundError:
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask, None
    if not stat.S_ISREG(status.st_mode):
        kind = "a folder" if stat.S_ISDIR(status.st_mode) else "not a regular file"
        raise OSError(f"the target is {kind}")
    if not status.st_mode & 0o222 or not os.access(target, os.W_OK):  # the first counts for root, too
        raise PermissionError(errno.EACCES, "the file is read-only")
    return stat.S_IMODE(status.st_mode), status
