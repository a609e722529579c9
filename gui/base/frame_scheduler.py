"""Work as long as a frame, each piece in a turn of the event loop of its own: input comes in between."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Slot
from shiboken6 import isValid

Piece = Callable[[], None]


class Turns(QObject):
    """Runs one piece in each turn, in the order of asking; what waits already is not asked for twice."""

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

    def ask(self, piece: Piece, first: bool = False) -> None:
        """first: before all that waits."""
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
