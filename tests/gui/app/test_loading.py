"""The 3D libraries load in a thread, and what is of Qt in the thread of the window."""

from __future__ import annotations

import importlib
import subprocess
import sys
import threading
from pathlib import Path

from PySide6.QtCore import QObject
from windows import WAIT_MS

from octavox.gui.app import loading

ROOT = Path(__file__).resolve().parents[3]

# What Qt has been asked for so far: names in its modules, and classes that Python made of its classes.
KNOWN = """
import sys
from shiboken6 import Shiboken
from octavox.gui.app import loading, main_window

def known():
    names = {(m, n) for m in list(sys.modules) if m.startswith("PySide6.Qt") for n in vars(sys.modules[m])}
    kinds, left = set(), [Shiboken.Object]
    while left:
        kind = left.pop()
        kinds.add((kind.__module__, kind.__qualname__))
        left += [sub for sub in type.__subclasses__(kind)]
    return names | kinds

before = known()
"""


def new_after(statements: str) -> set[str]:
    """What is new of Qt after some statements, in a process of its own."""
    code = f"{KNOWN}\n{statements}\nprint('NEW', *sorted('.'.join(one) for one in known() - before))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    line = next(line for line in done.stdout.splitlines() if line.startswith("NEW"))
    return set(line.split()[1:])


def test_the_thread_makes_no_class_of_qt() -> None:
    assert new_after("loading.load_libraries()") == set()


def test_the_views_name_no_class_that_is_not_made_by_then() -> None:
    statements = """
import importlib
loading.load_libraries()
for _ in loading._classes():
    pass
before = known()
for name in loading.VIEWS:
    importlib.import_module(name)
"""
    assert {name for name in new_after(statements) if name.startswith("PySide6.Qt")} == set()


def test_each_import_runs_in_its_thread(qtbot, monkeypatch) -> None:
    ran: dict[str, int] = {}
    real = importlib.import_module

    def noted(name: str, package: str | None = None) -> object:
        ran.setdefault(name, threading.get_ident())
        return real(name, package)

    monkeypatch.setattr(loading.importlib, "import_module", noted)
    parent = QObject()
    loader = loading.Loader(parent)
    with qtbot.waitSignal(loader.loaded, timeout=WAIT_MS):
        loader.start()
    loader.shut()
    own = threading.get_ident()
    assert all(ran[name] == own for name in loading.VIEWS)
    assert all(ran[name] != own for name in loading.LIBRARIES)
    assert not any(thread.name == "octavox-libraries" for thread in threading.enumerate())
