"""Collects Python's cyclic garbage on the GUI thread alone.

Python collects on whichever thread allocates. Garbage may hold widgets, and Qt does not survive that a worker
destroys them: so automatic collection is off while a window lives, and a timer does it.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

INTERVAL_MS = 500
# Objects, and younger collections, after which a generation is collected. A full collection takes a fifth of
# a second once the codecs are loaded: it is rare.
THRESHOLDS = (50_000, 20, 100)


class Collector(QObject):
    """Collects while it lives; several may live at once."""

    _living = 0

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        Collector._living += 1
        gc.disable()
        self._timer = QTimer(self)
        self._timer.setInterval(INTERVAL_MS)
        self._timer.timeout.connect(self.collect)
        self._timer.start()
        self.destroyed.connect(Collector._ended)

    def collect(self) -> None:
        """Collects what is due, as Python would."""
        for generation in (2, 1, 0):
            if gc.get_count()[generation] > THRESHOLDS[generation]:
                gc.collect(generation)
                return

    @staticmethod
    def _ended() -> None:
        Collector._living -= 1
        if not Collector._living:
            gc.enable()
