"""Collects Python's cyclic garbage on the GUI thread alone.

Python collects on whichever thread allocates. Garbage may hold widgets, and Qt does not survive that a worker
destroys them: so automatic collection is off while a window lives, and a timer does it.

A collection takes as long as there are objects to look at: some milliseconds for ten thousand. So it comes
often. A library that was just loaded leaves hundreds of thousands, which stay: they are not looked at.
"""

from __future__ import annotations

import gc
import sys
import weakref

from PySide6.QtCore import QObject, QTimer

INTERVAL_MS = 200
# Objects, and younger collections, after which a generation is collected. A full collection takes a fifth of
# a second once the codecs are loaded: it is rare.
THRESHOLDS = (10_000, 25, 500)
LIBRARY = 20  # modules that are loaded between two looks, for which it is one


class Collector:
    """Collects until it is dropped; several may live at once. It is no QObject: it outlives its timer."""

    _living = 0
    modules = 0  # that were loaded when one looked last

    def __init__(self, parent: QObject) -> None:
        """parent: of the timer."""
        Collector._living += 1
        Collector.modules = len(sys.modules)
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
    """Collects what is due, as Python would; after a library was loaded, sets its objects aside until the
    next full collection."""
    before, Collector.modules = Collector.modules, len(sys.modules)
    if Collector.modules - before > LIBRARY:
        gc.freeze()
        return
    for generation in (2, 1, 0):
        if gc.get_count()[generation] > THRESHOLDS[generation]:
            if generation == 2:
                gc.unfreeze()
            gc.collect(generation)
            return
