"""Loads the 3D libraries while the window is up already.

VTK and pyvista load in a thread of their own. Nothing of Qt may: PySide6 makes a class of Qt when it is first
named, and looks classes up without the interpreter's lock whenever Qt delivers an event. A class that another
thread makes at that moment ends the process. So the thread of the window makes them, a few at a time.
"""

from __future__ import annotations

import importlib
import threading
import time
from collections.abc import Iterator

from PySide6.QtCore import QObject, QTimer, Signal, Slot

LIBRARIES = ("vtkmodules.vtkRenderingOpenGL2", "vtkmodules.util.numpy_support", "pyvista.plotting")
QT_MODULES = ("QtCore", "QtGui", "QtWidgets", "QtOpenGL", "QtOpenGLWidgets")
VIEWS = ("pyvistaqt", "octavox.gui.rendering.viewport")  # they make classes of Qt
TURN_MS = 4.0  # of each turn of the event loop, for classes
LOOK_MS = 10  # between two looks at the thread


def load_libraries() -> None:
    """Import what is not of Qt."""
    for name in LIBRARIES:
        importlib.import_module(name)


class Loader(QObject):
    """`loaded`: the 3D view can be made without further loading."""

    loaded = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._thread = threading.Thread(target=load_libraries, name="octavox-libraries")
        self._classes = _classes()
        self._left = list(VIEWS)
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._turn)

    def start(self) -> None:
        self._thread.start()
        self._timer.start(0)

    def shut(self) -> None:
        """Load nothing more; waits for the thread."""
        self._timer.stop()
        if self._thread.ident is not None:
            self._thread.join()

    @Slot()
    def _turn(self) -> None:
        end = time.perf_counter() + TURN_MS / 1000
        for _ in self._classes:
            if time.perf_counter() > end:
                return
        if self._thread.is_alive():
            self._timer.setInterval(LOOK_MS)
        elif self._left:
            importlib.import_module(self._left.pop(0))
        else:
            self._timer.stop()
            self.loaded.emit()


def _classes() -> Iterator[object]:
    """All classes that the libraries of the views name."""
    for name in QT_MODULES:
        module = importlib.import_module(f"PySide6.{name}")
        for each in dir(module):
            yield getattr(module, each)
