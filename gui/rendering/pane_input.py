"""The mouse and the keys over a view, turned into camera moves and picks."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

DRAG_PIXELS = 4  # a press that moves less is a click


class PaneInput(QWidget):
    """Signals carry Qt-logical pixels, y down."""

    picked = Signal(float, float)
    centred = Signal(float, float)
    orbited = Signal(float, float)
    panned = Signal(float, float)
    zoomed = Signal(float)
    hovered = Signal(float, float)  # no button is pressed
    left = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setMouseTracking(True)
        self._press: QPointF | None = None
        self._last = QPointF()
        self._dragging = False

    def mousePressEvent(self, ev: QMouseEvent) -> None:
        self._press = self._last = ev.position()
        self._dragging = False
        ev.accept()

    def mouseMoveEvent(self, ev: QMouseEvent) -> None:
        if self._press is None:
            self.hovered.emit(ev.position().x(), ev.position().y())
            return
        if not self._dragging:
            if (ev.position() - self._press).manhattanLength() < DRAG_PIXELS:
                return
            self._dragging = True
        delta, self._last = ev.position() - self._last, ev.position()
        shift = bool(ev.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if ev.buttons() & Qt.MouseButton.LeftButton and not shift:
            self.orbited.emit(delta.x(), delta.y())
        elif ev.buttons() & (Qt.MouseButton.MiddleButton | Qt.MouseButton.LeftButton):
            self.panned.emit(delta.x(), delta.y())
        elif ev.buttons() & Qt.MouseButton.RightButton:
            self.zoomed.emit(-delta.y() / 40)

    def mouseReleaseEvent(self, ev: QMouseEvent) -> None:
        if self._press is not None and not self._dragging and ev.button() == Qt.MouseButton.LeftButton:
            self.picked.emit(ev.position().x(), ev.position().y())
        self._press = None

    def mouseDoubleClickEvent(self, ev: QMouseEvent) -> None:
        if ev.button() == Qt.MouseButton.LeftButton:
            self.centred.emit(ev.position().x(), ev.position().y())

    def leaveEvent(self, event: QEvent) -> None:
        self.left.emit()
        super().leaveEvent(event)

    def wheelEvent(self, ev: QWheelEvent) -> None:
        self.zoomed.emit(ev.angleDelta().y() / 120)
        ev.accept()
