"""What is done of a batch: an SQLite file in its folder, which outlives a run that was killed."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sqlite3
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

from octavox.codec.errors import InputError
from octavox.codec.files.unfinished import clear

from .rows import COLUMNS, DONE, KINDS, PENDING, STATE_FILE, BatchRow, row_of
from .tasks import BENCH, DECODE, ENCODE, Task

WORK = ".octavox-batch"  # in the folder of a batch: which run writes there, and what workers finished
_RUN, _LOCK = "run", "lock"
_VERSION = 1
_TYPES = {str: "TEXT", int: "INTEGER", float: "REAL", bool: "INTEGER"}


@contextlib.contextmanager
def run_in(folder: str) -> Iterator[str]:
    """The name of a new run, which alone may write into a folder until the block ends, or its process.

    Raises InputError where another one does.
    """
    work = Path(folder, WORK)
    try:
        work.mkdir(parents=True, exist_ok=True)
        lock = open(work / _LOCK, "a+b")  # noqa: SIM115
    except OSError as error:
        raise InputError(f"cannot write: {error.strerror or error}", path=work) from error
    with lock:
        if not _locked(lock):
            raise InputError("another batch is running in this folder; wait for its end", path=folder)
        run = uuid.uuid4().hex
        (work / _RUN).write_text(run)
        yield run


def _locked(file: IO[bytes]) -> bool:
    """Takes the lock that the system frees when the process ends, however it ends; whether nobody had it."""
    try:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def running(folder: str, run: str) -> bool:
    """Whether a run may still write into a folder, as this machine sees it."""
    try:
        return Path(folder, WORK, _RUN).read_text() == run
    except OSError:
        return False


def leave_note(folder: str, key: str, row: dict[str, Any]) -> None:
    """What a worker finished, for a client that does not live to hear of it. The next run takes it up."""
    note = Path(folder, WORK, f"{key}.json")
    half = note.with_suffix(".half")
    half.write_text(json.dumps(row))
    os.replace(half, note)


def file_digest(path: str | os.PathLike[str]) -> tuple[int, str]:
    """Size and SHA-256 of a file; (-1, "") where it cannot be read."""
    digest, size = hashlib.sha256(), 0
    try:
        with open(path, "rb") as file:
            while piece := file.read(1 << 20):
                digest.update(piece)
                size += len(piece)
    except OSError:
        return -1, ""
    return size, digest.hexdigest()


class State:
    """The table of tasks. One run at a time writes it (`run_in`); anybody may read it meanwhile.

    Raises InputError where the file is no state of a batch, or cannot be written.
    """

    def __init__(self, folder: str) -> None:
        self.path = Path(folder, STATE_FILE)
        self._folder = folder
        with self._naming():
            self._state = sqlite3.connect(self.path, isolation_level=None, timeout=60)
            self._open()

    def _open(self) -> None:
        (version,) = self._state.execute("PRAGMA user_version").fetchone()
        (tables,) = self._state.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if version != _VERSION and (version or tables):
            raise InputError("this is no state of a batch that this release knows", path=self.path)
        columns = ", ".join(f'"{name}" {_TYPES[KINDS[name]]}' for name in COLUMNS)
        self._state.executescript(
            f"CREATE TABLE IF NOT EXISTS tasks (place TEXT NOT NULL, key TEXT NOT NULL, {columns}, "
            f"PRIMARY KEY (action, place)); PRAGMA user_version={_VERSION}; PRAGMA synchronous=NORMAL"
        )
        self._state.row_factory = sqlite3.Row

    @contextlib.contextmanager
    def _naming(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise InputError(f"the state of the batch cannot be used: {error}", path=self.path) from error

    def close(self) -> None:
        """Closes the file."""
        self._state.close()

    def knows(self, task: Task) -> bool:
        """Whether a run of a batch meant to write this task's file before."""
        return self._row(task) is not None

    def _row(self, task: Task) -> sqlite3.Row | None:
        with self._naming():
            found: sqlite3.Row | None = self._state.execute(
                "SELECT * FROM tasks WHERE action = ? AND place = ?", (task.action, task.place)
            ).fetchone()
        return found

    def finished(self, task: Task) -> BatchRow | None:
        """The row of a task that is done; None where what it depends on, or its file, changed since."""
        found = self._row(task)
        if found is None or found["state"] != DONE or found["key"] != task.key:
            return None
        row = row_of(dict(found))
        if task.action != BENCH and file_digest(task.target) != (row.target_bytes, row.sha256):
            return None
        return row

    def rows(self, action: str) -> list[BatchRow]:
        """All rows of an action, those of earlier runs included, in the order in which they were entered."""
        with self._naming():
            found = self._state.execute("SELECT * FROM tasks WHERE action = ? ORDER BY rowid", (action,))
            return [row_of(dict(row)) for row in found]

    def begin(self, tasks: Sequence[Task]) -> None:
        """Enters tasks as pending."""
        self._write((task, BatchRow(task.action, task.name, PENDING, input=task.input)) for task in tasks)

    def record(self, rows: Iterable[tuple[Task, BatchRow]]) -> None:
        """Enters what became of tasks, all or nothing, then drops what the workers noted of them."""
        known = list(rows)
        self._write(known)
        for task, _ in known:
            Path(self._folder, WORK, f"{task.key}.json").unlink(missing_ok=True)

    def _write(self, rows: Iterable[tuple[Task, BatchRow]]) -> None:
        marks = ", ".join("?" * (2 + len(COLUMNS)))
        names = ", ".join(f'"{name}"' for name in ("place", "key", *COLUMNS))
        changed = ", ".join(f'"{name}" = excluded."{name}"' for name in ("key", *COLUMNS))
        with self._naming():
            self._state.execute("BEGIN IMMEDIATE")
            try:
                self._state.executemany(
                    f"INSERT INTO tasks ({names}) VALUES ({marks}) "
                    f"ON CONFLICT (action, place) DO UPDATE SET {changed}",
                    ((task.place, task.key, *(getattr(row, name) for name in COLUMNS)) for task, row in rows),
                )
                self._state.execute("COMMIT")
            except BaseException:
                self._state.execute("ROLLBACK")
                raise

    def take_notes(self, tasks: Sequence[Task]) -> None:
        """Enters what workers finished for a run that was killed; removes what they had begun to write."""
        own, found = {task.key: task for task in tasks}, []
        notes = list(Path(self._folder, WORK).glob("*.json"))
        for note in notes:
            with contextlib.suppress(OSError, ValueError, InputError):
                if note.stem in own:
                    row = row_of(json.loads(note.read_text()))
                    found.append((own[note.stem], replace(row, state=DONE)))
        self.record(found)
        for note in notes:
            note.unlink(missing_ok=True)
        self.clear(tasks)

    def clear(self, tasks: Sequence[Task]) -> None:
        """Removes what workers that were killed had begun to write for these tasks."""
        for half in Path(self._folder, WORK).glob("*.half"):
            half.unlink(missing_ok=True)
        for folder in {os.path.dirname(t.target) for t in tasks if t.action in (ENCODE, DECODE)}:
            clear(folder)
