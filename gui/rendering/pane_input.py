"""The mouse and the keys over a view, turned into camera moves and picks."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from octavox.gui.base.i18n import tr

KEY_PIXELS = 28.0  # of a drag that does what an arrow key does: ten degrees
KEYPAD = Qt.KeyboardModifier.KeypadModifier
ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}
NEARER, FARTHER = (Qt.Key.Key_Plus, Qt.Key.Key_Equal), (Qt.Key.Key_Minus, Qt.Key.Key_Underscore)
DRAG_PIXELS = 4  # a press that moves less is a click


class PaneInput(QWidget):
    """Signals carry Qt-logical pixels, y down."""

    picked = Signal(float, float)
    centred = Signal(float, float)
    orbited = Signal(float, float)
    panned = Signal(float, float)
    zoomed = Signal(float)
    faced = Signal(int, int)  # an axis and its low (0) or high (1) end was clicked
    hovered = Signal(float, float)  # no button is pressed
    left = Signal()
    asked = Signal()  # for the menu of the view, by a key

    letter = ""  # of the view

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.name()
        self.setMouseTracking(True)
        self._press: QPointF | None = None
        self._last = QPointF()
        self._dragging = False

    def name(self) -> None:
        """Say in the language in force what it is."""
        self.setAccessibleName(f"{tr('3D view')} {self.letter}".strip())
        self.setAccessibleDescription(
            tr("Arrow keys turn it, with Shift they move it; plus and minus bring it nearer or farther")
        )

    def axis_at(self, x: float, y: float) -> tuple[int, int] | None:
        """The axis and its end that is drawn at a pixel."""
        return None

    def keyPressEvent(self, ev: QKeyEvent) -> None:
        """Arrows turn the scene as a drag does, with Shift they move it; plus and minus zoom."""
        key, shift = Qt.Key(ev.key()), bool(ev.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if key in ARROWS and not ev.modifiers() & ~(Qt.KeyboardModifier.ShiftModifier | KEYPAD):
            dx, dy = ARROWS[key]
            (self.panned if shift else self.orbited).emit(KEY_PIXELS * dx, KEY_PIXELS * dy)
        elif key in NEARER or key in FARTHER:
            self.zoomed.emit(1.0 if key in NEARER else -1.0)
        else:
            super().keyPressEvent(ev)

    def contextMenuEvent(self, ev: QContextMenuEvent) -> None:
        """The key for menus; the right button of the mouse zooms."""
        if ev.reason() == QContextMenuEvent.Reason.Keyboard:
            self.asked.emit()

    def mousePressEvent(self, ev: QMouseEvent) -> None:
        self._press = self._last = ev.position()
        self._dragging = False
        ev.accept()

    def mouseMoveEvent(self, ev: QMouseEvent) -> None:
        if self._press is None:
            self.hovered.emit(ev.position().x(), ev.position().y())
            over = self.axis_at(ev.position().x(), ev.position().y())
            self.setCursor(Qt.CursorShape.ArrowCursor if over is None else Qt.CursorShape.PointingHandCursor)
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
            axis = self.axis_at(ev.position().x(), ev.position().y())
            if axis is None:
                self.picked.emit(ev.position().x(), ev.position().y())
            else:
                self.faced.emit(*axis)
        self._press = None

    def mouseDoubleClickEvent(self, ev: QMouseEvent) -> None:
        place = ev.position()
        if ev.button() == Qt.MouseButton.LeftButton and self.axis_at(place.x(), place.y()) is None:
            self.centred.emit(ev.position().x(), ev.position().y())

    def leaveEvent(self, event: QEvent) -> None:
        self.left.emit()
        super().leaveEvent(event)

    def wheelEvent(self, ev: QWheelEvent) -> None:
        self.zoomed.emit(ev.angleDelta().y() / 120)
        ev.accept()
