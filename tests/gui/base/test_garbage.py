"""Python's garbage is collected on the GUI thread alone while a window lives."""

from __future__ import annotations

import gc
import threading
import weakref

from PySide6.QtCore import QObject
from shiboken6 import Shiboken

from octavox.gui.base import garbage
from octavox.gui.base.garbage import Collector


class Cycle:
    """Holds itself, so that only the collector ends it."""

    def __init__(self) -> None:
        self.own = self


def test_no_thread_but_the_gui_thread_collects(qtbot, monkeypatch):
    monkeypatch.setattr(garbage, "THRESHOLDS", (200, 1 << 30, 1 << 30))
    parent = QObject()
    collector = Collector(parent)
    ended: list[int] = []
    gc.collect()
    weakref.finalize(Cycle(), lambda: ended.append(threading.get_ident()))
    worker = threading.Thread(target=lambda: [Cycle() for _ in range(100_000)])
    worker.start()
    worker.join()
    assert not ended
    qtbot.waitUntil(lambda: bool(ended), timeout=5000)
    assert ended == [threading.get_ident()]
    Shiboken.delete(parent)
    del collector


def test_python_collects_again_when_the_last_window_is_gone(qtbot):
    before, parent = Collector._living, QObject()
    first, second = Collector(parent), Collector(parent)
    del first
    assert not gc.isenabled()
    del second
    assert Collector._living == before
    assert gc.isenabled() == (before == 0)


def test_what_a_library_leaves_is_set_aside_until_a_full_collection(qtbot, monkeypatch):
    """Nothing that was made before it was loaded is lost for good."""
    monkeypatch.setattr(garbage, "THRESHOLDS", (0, 1 << 30, 1 << 30))
    monkeypatch.setattr(garbage, "LIBRARY", -1)  # as if one was loaded
    ended: list[bool] = []
    gc.collect()
    weakref.finalize(Cycle(), lambda: ended.append(True))
    frozen = gc.get_freeze_count()
    garbage.collect()
    assert gc.get_freeze_count() > frozen and not ended
    monkeypatch.setattr(garbage, "LIBRARY", 1 << 30)
    garbage.collect()
    assert not ended
    monkeypatch.setattr(garbage, "THRESHOLDS", (0, 0, -1))
    garbage.collect()
    assert ended and gc.get_freeze_count() == 0
    gc.freeze()
