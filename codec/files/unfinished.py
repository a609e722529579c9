"""Files and folders that are not finished.

While a file is written it has no name, where the system allows that, and else one that no other program
gives. What has a name is locked while its process lives; what a killed process left, the next one that writes
there removes.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import secrets
import shutil
import stat
import sys
import tempfile
from pathlib import Path
from typing import BinaryIO, cast

if sys.platform != "win32":
    import fcntl

_NAME = re.compile(r"\.octavox-[0-9a-f]{16}\.tmp")
_TRIES = 100  # names that another process takes for left over before they are locked
_seen: set[str] = set()  # folders that this process looked through
_nameless: dict[int, bool] = {}  # by device: whether a file without a name can be given one


def clear(folder: str | os.PathLike[str], again: bool = True) -> None:
    """Removes what processes that were killed left unfinished in a folder; never what a living process has,
    or another user. again: also where this process looked before."""
    place = os.path.realpath(folder)
    if sys.platform == "win32" or (place in _seen and not again):  # no locks that tell who lives
        return
    _seen.add(place)
    with contextlib.suppress(OSError), os.scandir(place) as entries:
        for path in [entry.path for entry in entries if _NAME.fullmatch(entry.name)]:
            with contextlib.suppress(OSError):
                _remove_left_over(path)


def _remove_left_over(path: str) -> None:
    """Removes one file or folder if nobody has its lock. Raises OSError."""
    status = os.lstat(path)
    is_folder = stat.S_ISDIR(status.st_mode)
    if status.st_uid != os.geteuid() or not (is_folder or stat.S_ISREG(status.st_mode)):
        return
    handle = os.open(path, (os.O_RDONLY if is_folder else os.O_RDWR) | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if is_folder:
            shutil.rmtree(path, ignore_errors=True)
        else:
            os.unlink(path)
    finally:
        os.close(handle)


def lock(handle: int) -> bool:
    """Locks a new file or folder until its last handle is closed; False where another process removes it."""
    if sys.platform == "win32":
        return True
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # no locks on this file system, where nobody removes anything either
        return True
    return os.fstat(handle).st_nlink > 0


def new_path(folder: str | os.PathLike[str]) -> str:
    """A name that nothing has, of what is unfinished."""
    return os.path.join(folder, f".octavox-{secrets.token_hex(8)}.tmp")


class UnfinishedFile:
    """A binary file that is to take the place of `target`. `put` does so; `drop` leaves nothing.

    file: to write into. Raises OSError where it cannot be made.
    """

    def __init__(self, target: Path) -> None:
        self._target, self._path = target, ""
        clear(target.parent, again=False)
        with contextlib.suppress(OSError):  # there may be no folder for temporary files
            clear(tempfile.gettempdir(), again=False)
        handle = _without_name(target.parent)
        if handle is None:
            handle, self._path = _with_name(target.parent)
        self.file = cast(BinaryIO, os.fdopen(handle, "wb"))

    def put(self, mode: int, like: os.stat_result | None) -> None:
        """Writes the file to the disk, closes it, and puts it in its place. mode: its permissions. like: of
        the file that it replaces, whose owner is kept where that is permitted. Raises OSError."""
        with self.file as file:
            file.flush()
            _dress(file.fileno(), mode, like)
            os.fsync(file.fileno())
            if not self._path and not (like is None and _linked(file.fileno(), self._target)):
                self._path = new_path(self._target.parent)
                _link(file.fileno(), self._path)
        if self._path:
            os.replace(self._path, self._target)
        _sync(self._target.parent)

    def drop(self) -> None:
        """Leaves nothing of the file."""
        with contextlib.suppress(OSError):
            self.file.close()
        if self._path:
            with contextlib.suppress(OSError):
                os.unlink(self._path)


def _dress(handle: int, mode: int, like: os.stat_result | None) -> None:
    if sys.platform == "win32":
        return
    for owner in (-1,) if like is None else (like.st_uid, -1):  # the group alone may be permitted
        with contextlib.suppress(OSError):
            os.fchown(handle, owner, -1 if like is None else like.st_gid)
            break
    os.fchmod(handle, mode)


def _with_name(folder: Path) -> tuple[int, str]:
    for _ in range(_TRIES):
        path = new_path(folder)
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
        if lock(handle):
            return handle, path
        os.close(handle)
    raise OSError(errno.EAGAIN, "another process removes what this one makes")


def _without_name(folder: Path) -> int | None:
    """A file that vanishes with its process unless it is given a name. None where there is no such thing."""
    if not hasattr(os, "O_TMPFILE"):
        return None
    try:
        handle = _open_nameless(folder)
        device = os.fstat(handle).st_dev
        if device not in _nameless:
            _nameless[device] = _can_be_linked(folder)
    except OSError:  # the file system has no such files; or a fault that a file with a name meets, too
        return None
    if _nameless[device]:
        return handle
    os.close(handle)
    return None


def _open_nameless(folder: Path) -> int:
    handle = os.open(folder, os.O_TMPFILE | os.O_RDWR | os.O_CLOEXEC, 0o600)
    lock(handle)
    return handle


def _can_be_linked(folder: Path) -> bool:
    """Tries it: some systems have files without a name, and no way to give them one."""
    handle, path = _open_nameless(folder), new_path(folder)
    try:
        _link(handle, path)
        os.unlink(path)
    except OSError:
        return False
    finally:
        os.close(handle)
    return True


def _link(handle: int, path: str | Path) -> None:
    # With a handle, which means nothing beside an absolute path, Python calls linkat, which follows links.
    os.link(f"/proc/self/fd/{handle}", path, src_dir_fd=handle, follow_symlinks=True)


def _linked(handle: int, target: Path) -> bool:
    """Gives a file the name of `target`; False where a file has it meanwhile."""
    try:
        _link(handle, target)
    except FileExistsError:
        return False
    return True


def _sync(folder: Path) -> None:
    """Writes the names in a folder to the disk, where that can be done."""
    if sys.platform == "win32":
        return
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
