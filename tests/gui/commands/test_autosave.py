"""What is kept on disk while the window is open."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sessions import filled_session

from octavox.gui.commands.autosave import LOCK, SESSION, STREAM, Autosave
from octavox.gui.document.session import Session
from octavox.gui.document.session_file import read_session


def test_autosave_offers_only_what_a_dead_process_left(tmp_path: Path) -> None:
    autosave, other = Autosave(tmp_path, filled_session()), Autosave(tmp_path, filled_session())
    assert autosave.left_over() is None
    assert autosave.save() and other.save()  # two windows, each in a folder of its own
    assert [path.read_bytes() for path in tmp_path.glob(f"*/{STREAM}")] == [b"bytes"] * 2
    assert Autosave(tmp_path, Session()).left_over() is None  # they live
    dead_window(tmp_path)
    third = Autosave(tmp_path, filled_session())
    found = third.left_over()
    assert found is not None
    assert third.has_left(read_session(str(found)).stream)
    assert not third.has_left(None) and not third.has_left(str(tmp_path / STREAM))
    assert Autosave(tmp_path, Session()).left_over() is None  # it is offered there already
    assert third.save()  # beside it: an offer may stay unanswered
    third.end()
    assert found.is_file()
    again = Autosave(tmp_path, Session())
    assert again.left_over() == found
    again.discard()
    assert not found.parent.exists()
    assert again.left_over() is None
    assert len(list(tmp_path.glob(f"*/{STREAM}"))) == 2


@pytest.mark.slow
def test_the_newest_of_several_crashes_comes_first(tmp_path: Path) -> None:
    for time in (50, 90, 70):
        os.utime(dead_window(tmp_path), (time, time))
    autosave, times = Autosave(tmp_path, Session()), []
    while (found := autosave.left_over()) is not None:
        times.append(found.stat().st_mtime)
        autosave.discard()
    assert times == [90, 70, 50]


def test_a_number_given_anew_is_no_living_process(tmp_path: Path) -> None:
    """In a container each start of a program has the same number."""
    found = dead_window(tmp_path)
    lock = found.with_name(LOCK)
    lines = lock.read_text().split("\n")
    lock.write_text("\n".join([str(os.getpid()), *lines[1:]]))
    assert Autosave(tmp_path, Session()).left_over() == found


def test_a_bitstream_without_a_session_is_offered(tmp_path: Path) -> None:
    """The process was killed between the two."""
    found = dead_window(tmp_path)
    found.unlink()
    autosave = Autosave(tmp_path, Session())
    assert autosave.left_over() == found.with_name(STREAM)
    assert autosave.has_left(str(found.with_name(STREAM)))
    autosave.discard()
    assert list(tmp_path.iterdir()) == []


def test_what_a_process_left_that_had_kept_nothing_is_removed(tmp_path: Path) -> None:
    found = dead_window(tmp_path)
    for name in (SESSION, STREAM):
        found.with_name(name).unlink()
    found.with_name(".octavox-0123456789abcdef.tmp").touch()
    (tmp_path / "mine").mkdir()
    own = Autosave(tmp_path, filled_session())
    assert own.save()  # of a living process
    assert own.left_over() is None
    assert not found.parent.exists() and (tmp_path / "mine").is_dir()
    assert len(list(tmp_path.glob(f"*/{STREAM}"))) == 1


def dead_window(root: Path) -> Path:
    """Has a process save a session below `root`, and kills it."""
    before = set(root.glob(f"*/{SESSION}"))
    program = (
        "import os, sys; from pathlib import Path;"
        "from octavox.gui.commands.autosave import Autosave;"
        "from octavox.gui.document.session import StreamItem, Session;"
        "session = Session(); session.set_stream(StreamItem(b'bytes'));"
        "autosave = Autosave(Path(sys.argv[1]), session);"
        "assert autosave.save(); os.kill(os.getpid(), 9)"
    )
    paths = os.pathsep.join(filter(None, sys.path))
    environment = {**os.environ, "PYTHONPATH": paths}
    done = subprocess.run([sys.executable, "-c", program, str(root)], env=environment, check=False)
    assert done.returncode == -signal.SIGKILL
    (found,) = set(root.glob(f"*/{SESSION}")) - before
    return found


def test_autosave_leaves_nothing_when_closed(tmp_path: Path) -> None:
    root = tmp_path / "deep" / "er"
    autosave = Autosave(root, filled_session())
    assert autosave.save()
    assert len(list(root.iterdir())) == 1
    autosave.end()
    assert list(root.iterdir()) == []
    assert not Autosave(root, Session()).save()  # nothing is open
    assert list(root.iterdir()) == []
    (tmp_path / "file").touch()
    assert not Autosave(tmp_path / "file", filled_session()).save()  # said to nobody, raised nowhere
