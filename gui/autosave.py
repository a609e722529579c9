"""Keeps the session on disk while the window is open, so that a crash loses nothing that took long to make.

In a folder beside the settings: the session, a bitstream that was not saved, and a mark that says which
process writes there. A mark of a process that is gone means that it did not close properly.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import codec

from .model.export import write_text
from .model.session import Session
from .model.session_file import session_text

SESSION, STREAM, MARK = "session.octavox", "unsaved.ovx", "running"


class Autosave:
    """Writes into a folder; silent where that cannot be done, as the user asked for nothing."""

    def __init__(self, folder: Path, session: Session) -> None:
        self._folder, self._session = folder, session
        self._written: object = None  # the bitstream that is on the disk
        self._mine = False

    def left_over(self) -> Path | None:
        """The session of a process that did not close properly, or None."""
        mark, saved = self._folder / MARK, self._folder / SESSION
        try:
            number = int(mark.read_text(encoding="ascii"))
        except (OSError, ValueError):
            return None
        if number == os.getpid() or _alive(number) or not saved.is_file():
            return None
        return saved

    def begin(self) -> None:
        """From now on this process writes here, unless another one that is alive does."""
        with contextlib.suppress(OSError, ValueError):
            number = int((self._folder / MARK).read_text(encoding="ascii"))
            if number != os.getpid() and _alive(number):
                return
        with contextlib.suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            (self._folder / MARK).write_text(str(os.getpid()), encoding="ascii")
            self._mine = True

    def save(self) -> None:
        """Write the session as it stands; an unsaved bitstream only when it is another one."""
        session = self._session
        if not self._mine or (session.original is None and session.stream is None):
            return
        stream, target = session.stream, self._folder / STREAM
        with contextlib.suppress(OSError, codec.OctavoxError):
            unsaved = stream is not None and not stream.saved
            if stream is not None and unsaved and self._written is not stream:
                codec.save_stream(target, stream.data)
                self._written = stream
            write_text(str(self._folder / SESSION), session_text(session, str(target) if unsaved else None))

    def end(self) -> None:
        """Closed properly: nothing is to be restored."""
        if self._mine:
            self.discard()
            with contextlib.suppress(OSError):
                (self._folder / MARK).unlink(missing_ok=True)
            self._mine = False

    def discard(self) -> None:
        """Forget what an earlier process left."""
        for name in (SESSION, STREAM):
            with contextlib.suppress(OSError):
                (self._folder / name).unlink(missing_ok=True)


def _alive(number: int) -> bool:
    """Whether a process of that number runs."""
    if os.name == "nt":  # os.kill would end it there
        import ctypes

        handle = ctypes.windll.kernel32.OpenProcess(0x1000, False, number)  # type: ignore[attr-defined]
        if handle:
            ctypes.windll.kernel32.CloseHandle(handle)  # type: ignore[attr-defined]
        return bool(handle)
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True
