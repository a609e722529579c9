"""Keeps the session on disk while the window is open, so that a crash loses nothing that took long to make.

Each process writes in a folder of its own, beside the settings: the session, and a bitstream that was not
saved. It holds a lock there, so a folder that can be locked is one of a process that did not close properly.
"""

from __future__ import annotations

import contextlib
import tempfile
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QLockFile

from octavox import codec
from octavox.gui.document.export import write_text
from octavox.gui.document.session import Session
from octavox.gui.document.session_file import session_text

SESSION, STREAM, LOCK = "session.octavox", "unsaved.ovx", "lock"


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
        for name in (SESSION, STREAM):
            with contextlib.suppress(OSError):
                (self.folder / name).unlink(missing_ok=True)
        self.lock.unlock()
        with contextlib.suppress(OSError):
            self.folder.rmdir()


class Autosave:
    """Writes below a folder; reports no errors, because the user did not start this."""

    def __init__(self, root: Path, session: Session) -> None:
        self._root, self._session = root, session
        self._own: _Held | None = None
        self._old: _Held | None = None
        self._written: object = None  # the bitstream that is on the disk

    def left_over(self) -> Path | None:
        """The newest session of a process that did not close properly, or None. It stays until `discard`."""
        with contextlib.suppress(OSError):
            found = [path for path in self._root.glob(f"*/{SESSION}") if path.is_file()]
            for path in sorted(found, key=lambda path: path.stat().st_mtime_ns, reverse=True):
                self._old = _Held.take(path.parent)
                if self._old is not None:
                    return path
        return None

    def has_left(self, path: str | None) -> bool:
        """Whether this is the bitstream of what `left_over` found."""
        if path is None or self._old is None:
            return False
        return Path(path).resolve() == (self._old.folder / STREAM).resolve()

    def discard(self) -> None:
        """Forget what `left_over` found."""
        if self._old is not None:
            self._old.remove()
        self._old = None

    def save(self) -> bool:
        """Write the session as it stands; an unsaved bitstream only when it is another one.

        Returns whether all is safe.
        """
        session = self._session
        if session.original is None and session.stream is None:
            return False
        try:
            folder = self._begin()
            stream, target = session.stream, folder / STREAM
            unsaved = stream is not None and not stream.saved
            if stream is not None and unsaved and self._written is not stream:
                codec.save_stream(target, stream.data)
                self._written = stream
            write_text(str(folder / SESSION), session_text(session, str(target) if unsaved else None))
        except (OSError, ValueError, codec.OctavoxError):
            return False
        return True

    def _begin(self) -> Path:
        """This process's folder. Raises OSError."""
        if self._own is None:
            self._root.mkdir(parents=True, exist_ok=True)
            folder = Path(tempfile.mkdtemp(prefix="window-", dir=self._root))
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
