"""Keeps the session on disk while the window is open, so that a crash loses nothing that took long to make.

Each process writes in a folder of its own, beside the settings: the session, and a bitstream that was not
saved. It holds a lock there, so a folder that can be locked is one of a process that did not close properly.
"""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from PySide6.QtCore import QLockFile

from octavox import codec
from octavox.gui.document.export import write_text
from octavox.gui.document.items import StreamItem
from octavox.gui.document.scene import unsaved
from octavox.gui.document.session import Session
from octavox.gui.document.session_file import session_text

SESSION, STREAM, LOCK = "session.octavox", "unsaved.ovx", "lock"
PREFIX = "window-"  # of folders


@dataclass(frozen=True)
class _Held:
    """A folder that no other process writes in, as long as this one has the lock."""

    folder: Path
    lock: QLockFile

    @classmethod
    def take(cls, folder: Path) -> _Held | None:
        """None where a living process is at work."""
        lock = QLockFile(str(folder / LOCK))
        lock.setStaleLockTime(0)  # however old it is
        # A process id may have been reused; the system releases a lock when its process ends.
        if lock.tryLock(0) or (lock.removeStaleLockFile() and lock.tryLock(0)):
            return cls(folder, lock)
        return None

    def remove(self) -> None:
        """The folder and all that was kept in it."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.lock.unlock()


def _by_age(root: Path) -> list[Path]:
    """What each process kept, the newest first; a name of a lock where it had kept nothing yet."""
    found: list[tuple[int, Path]] = []
    with contextlib.suppress(OSError):
        for folder in root.glob(f"{PREFIX}*"):
            for name in (SESSION, STREAM, LOCK):
                with contextlib.suppress(OSError):
                    time = (folder if name == LOCK else folder / name).stat().st_mtime_ns
                    found.append((time, folder / name))
                    break
    return [path for _, path in sorted(found, reverse=True)]


class Autosave:
    """Writes below a folder; reports no errors, because the user did not start this."""

    def __init__(self, root: Path, session: Session) -> None:
        self._root, self._session = root, session
        self._own: _Held | None = None
        self._old: _Held | None = None
        self._written: dict[int, tuple[StreamItem, Path]] = {}  # the bitstreams that are on the disk, by id

    def left_over(self) -> Path | None:
        """What a process left that did not close properly, of several the newest: its session, or a bitstream
        without one. None if there is nothing; it stays until `discard`."""
        for path in _by_age(self._root):
            self._old = _Held.take(path.parent)
            if self._old is None:
                continue
            if path.name != LOCK:
                return path
            self.discard()  # the process had only begun
        return None

    def has_left(self, path: str | None) -> bool:
        """Whether this is a bitstream of what `left_over` found."""
        if path is None or self._old is None:
            return False
        found = Path(path).resolve()
        return found.parent == self._old.folder.resolve() and found.suffix == Path(STREAM).suffix

    def discard(self) -> None:
        """Forget what `left_over` found."""
        if self._old is not None:
            self._old.remove()
        self._old = None

    def save(self) -> bool:
        """Write the session as it stands; unsaved bitstreams only when they are new.

        Returns whether all is safe.
        """
        session = self._session
        if not len(session.items):
            return False
        try:
            folder = self._begin()
            old = self._write_streams(folder)
            written = {key: str(path) for key, (_, path) in self._written.items()}
            text = session_text(session, written.get(id(session.stream)), written)
            write_text(str(folder / SESSION), text)
            for path in old:  # which the session named until now
                path.unlink(missing_ok=True)
        except (OSError, ValueError, codec.OctavoxError):
            return False
        return True

    def _write_streams(self, folder: Path) -> list[Path]:
        """Write unsaved bitstreams. Returns the files of those that were saved or closed."""
        wanted, old = unsaved(self._session), []
        taken = {path for _, path in self._written.values()}
        for key, (stream, path) in list(self._written.items()):
            if stream not in wanted:
                del self._written[key]
                old.append(path)
        for stream in wanted:
            if id(stream) not in self._written:
                names = (folder / (STREAM if k == 1 else f"unsaved-{k}.ovx") for k in count(1))
                target = next(path for path in names if path not in taken)
                codec.save_stream(target, stream.data)
                self._written[id(stream)] = (stream, target)
                taken.add(target)
        return old

    def _begin(self) -> Path:
        """This process's folder. Raises OSError."""
        if self._own is None:
            self._root.mkdir(parents=True, exist_ok=True)
            folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=self._root))
            self._own = _Held.take(folder)
            if self._own is None:
                folder.rmdir()
                raise OSError(f"{folder} cannot be locked")
        return self._own.folder

    def end(self) -> None:
        """Closed properly: of this process nothing is to be restored. What an earlier one left stays."""
        if self._own is not None:
            self._own.remove()
        if self._old is not None:
            self._old.lock.unlock()
        self._own = self._old = None
