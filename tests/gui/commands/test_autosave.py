"""What is kept on disk while the window is open."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from octavox.codec import BlockTable
from octavox.gui.commands.autosave import LOCK, SESSION, STREAM, Autosave
from octavox.gui.document.blocks import BlockFilter
from octavox.gui.document.camera import Camera
from octavox.gui.document.items import StreamItem
from octavox.gui.document.session import Session
from octavox.gui.document.session_file import read_session


def table(bits: list[float], size: int = 64) -> BlockTable:
    count = len(bits)
    origin = np.column_stack([np.arange(count) * size, np.zeros(count), np.zeros(count)])
    return BlockTable.make(origin, size, np.arange(1, count + 1), bits, 1.0, np.arange(count) % 3)


def filled(tmp_path: Path) -> Session:
    session = Session()
    session.set_blocks(table([3.0, 9.0, 5.0]))
    session.set_stream(StreamItem(b"bytes", None, "octree"))
    session.set_camera(Camera((1.0, 2.0, 3.0), 50.0, 12.0, -7.0, "z"))
    session.keep_bookmark(3)
    session.set_view(
        selected=1, block_mode="bpov", hidden_sizes=frozenset({8, 32}), opacity=30,
        filter=BlockFilter("bits", 2.0, None), edl=True, scrub=2,
    )  # fmt: skip
    session.set_options(codec="octree", threads=1)
    return session


def test_autosave_offers_only_what_a_dead_process_left(tmp_path: Path) -> None:
    autosave, other = Autosave(tmp_path, filled(tmp_path)), Autosave(tmp_path, filled(tmp_path))
    assert autosave.left_over() is None
    assert autosave.save() and other.save()  # two windows, each in a folder of its own
    assert [path.read_bytes() for path in tmp_path.glob(f"*/{STREAM}")] == [b"bytes"] * 2
    assert Autosave(tmp_path, Session()).left_over() is None  # they live
    dead_window(tmp_path)
    third = Autosave(tmp_path, filled(tmp_path))
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
    autosave = Autosave(root, filled(tmp_path))
    assert autosave.save()
    assert len(list(root.iterdir())) == 1
    autosave.end()
    assert list(root.iterdir()) == []
    assert not Autosave(root, Session()).save()  # nothing is open
    assert list(root.iterdir()) == []
    (tmp_path / "file").touch()
    assert not Autosave(tmp_path / "file", filled(tmp_path)).save()  # said to nobody, raised nowhere
