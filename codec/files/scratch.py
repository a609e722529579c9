"""Files and folders that are needed for a while: beyond memory, or by packages that want a path."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from octavox.codec.errors import InputError

from .unfinished import clear, lock, new_path

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_TRIES = 100  # folders that another process takes for left over before they are locked


@contextlib.contextmanager
def scratch_folder(beside: str | os.PathLike[str] | None = None) -> Iterator[Path]:
    """A folder of this process alone, which is removed with all that is in it when the block ends.

    What a killed process leaves, a later one removes. beside: the folder that it is made in; by default that
    of the system for temporary files. Raises OSError where it cannot be made.

        >>> import octavox as ov
        >>> with ov.scratch_folder() as folder:
        ...     _ = (folder / "note").write_text("soon gone")
        >>> folder.exists()
        False
    """
    root = tempfile.gettempdir() if beside is None else os.fspath(beside)
    clear(root, again=False)
    path, handle = _new_folder(root)
    try:
        yield Path(path)
    finally:
        shutil.rmtree(path, ignore_errors=True)
        if handle is not None:
            os.close(handle)


def _new_folder(root: str) -> tuple[str, int | None]:
    """A new folder, and a handle of it that has its lock."""
    for _ in range(_TRIES):
        path = new_path(root)
        os.mkdir(path, 0o700)
        if sys.platform == "win32":
            return path, None
        with contextlib.suppress(FileNotFoundError):  # another process has removed it
            handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            if lock(handle):
                return path, handle
            os.close(handle)
    raise OSError(errno.EAGAIN, "another process removes what this one makes", root)


@contextlib.contextmanager
def room_for(name: str) -> Iterator[None]:
    """Within the block, a full disk of temporary files is an InputError. name: what messages call the file
    that is worked on."""
    try:
        yield
    except OSError as error:
        if error.errno not in _FULL:
            raise
        reason = f"no room for a temporary file in {tempfile.gettempdir()}: {error.strerror}"
        raise InputError(reason, path=name) from error
