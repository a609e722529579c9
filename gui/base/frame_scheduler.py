"""Runs pieces of work that take as long as a frame, each in its own turn of the event loop.

Input is handled between two of them.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Slot
from shiboken6 import isValid

Piece = Callable[[], None]


class FrameScheduler(QObject):
    """Runs one piece in each turn, in the order of scheduling. What waits already is not added again."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._waiting: list[Piece] = []
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(1)  # at 0, timers of one turn run one after the other
        self._timer.timeout.connect(self._next)

    @property
    def busy(self) -> bool:
        return bool(self._waiting)

    def schedule(self, piece: Piece, first: bool = False) -> None:
        """Run a piece in a later turn. first: before all that wait."""
        if piece not in self._waiting:
            self._waiting.insert(0 if first else len(self._waiting), piece)
        self._timer.start()

    def forget(self, piece: Piece) -> None:
        if piece in self._waiting:
            self._waiting.remove(piece)

    @Slot()
    def _next(self) -> None:
        if not self._waiting:
            return
        piece = self._waiting.pop(0)
        owner = getattr(piece, "__self__", None)
        try:
            if not isinstance(owner, QObject) or isValid(owner):  # else it was deleted meanwhile
                piece()
        finally:
            if self._waiting:
                self._timer.start()
