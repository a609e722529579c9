"""Collects Python's cyclic garbage on the GUI thread alone.

Python collects on whichever thread allocates. Garbage may hold widgets, and Qt does not survive that a worker
destroys them: so automatic collection is off while a window lives, and a timer does it.
"""

from __future__ import annotations

import gc
import weakref

from PySide6.QtCore import QObject, QTimer

INTERVAL_MS = 500
# Objects, and younger collections, after which a generation is collected. A full collection takes a fifth of
# a second once the codecs are loaded: it is rare.
THRESHOLDS = (50_000, 20, 100)


class Collector:
    """Collects until it is dropped; several may live at once. It is no QObject: it outlives its timer."""

    _living = 0

    def __init__(self, parent: QObject) -> None:
        """parent: of the timer."""
        Collector._living += 1
        weakref.finalize(self, Collector._ended)
        gc.disable()
        timer = QTimer(parent)
        timer.setInterval(INTERVAL_MS)
        timer.timeout.connect(collect)
        timer.start()

    @staticmethod
    def _ended() -> None:
        Collector._living -= 1
        if not Collector._living:
            gc.enable()


def collect() -> None:
    """Collects what is due, as Python would."""
    for generation in (2, 1, 0):
        if gc.get_count()[generation] > THRESHOLDS[generation]:
            gc.collect(generation)
            return
