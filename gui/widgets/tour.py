"""The tour's card, and the frame around what a step is about."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint, QRect, Qt, Signal, Slot
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from octavox.gui.base.actions import ActionRegistry
from octavox.gui.base.i18n import tr
from octavox.gui.document.events import (
    CloudsChanged,
    Event,
    JobChanged,
    JobProgressed,
    StreamChanged,
    ViewChanged,
)
from octavox.gui.document.session import Session
from octavox.gui.document.tour import STEPS, Tour

from .facts import label

WIDTH = 360


class Frame(QWidget):
    """An outline over the window; mouse events pass through it."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self.palette().link().color(), 3))
        painter.drawRoundedRect(self.rect().adjusted(2, 2, -2, -2), 6, 6)
        painter.end()


class TourCard(QFrame):
    """Shows one step, and the next one as soon as the session shows that the step was done.

    target: gives the widget that a step's target names, or None.
    """

    closed = Signal()

    def __init__(
        self,
        window: QWidget,
        session: Session,
        actions: ActionRegistry,
        target: Callable[[str], QWidget | None],
    ) -> None:
        super().__init__(window)
        self.setObjectName("tour")
        self._actions, self._target, self._session, self._window = actions, target, session, window
        self.tour = Tour(session)
        self.frame = Frame(window)
        self.count, self.title, self.words = label("", "muted"), label("", "number"), label("")
        self.words.setWordWrap(True)
        self.do, self.back = QPushButton(tr("Show me")), QPushButton(tr("Previous"))
        self.next, self.close_button = QPushButton(tr("Next")), QPushButton(tr("Close"))
        self.next.setProperty("primary", True)
        self.do.clicked.connect(self._do)
        self.back.clicked.connect(lambda: self._go(-1))
        self.next.clicked.connect(lambda: self._go(1))
        self.close_button.clicked.connect(self.end)
        row = QHBoxLayout()
        self._buttons = self.close_button, self.back, self.do, self.next
        for button in self._buttons:
            row.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 14, 18, 14)
        column.setSpacing(8)
        for widget in (self.count, self.title, self.words):
            column.addWidget(widget)
        column.addSpacing(4)
        column.addLayout(row)
        session.events.subscribe(self._session_changed, Event)
        self.hide()

    def begin(self, place: int = 0) -> None:
        """place: of the first step that is shown."""
        self.tour = Tour(self._session)
        self.tour.go(place)
        self.show()
        self._show_step()
        self.next.setFocus()

    def remove(self) -> None:
        """Another card takes its place."""
        self._session.events.unsubscribe(self._session_changed)
        for widget in (self, self.frame):
            widget.hide()
            widget.deleteLater()

    @Slot()
    def end(self) -> None:
        self.hide()
        self.frame.hide()
        self.closed.emit()

    def _go(self, by: int) -> None:
        if by > 0 and self.tour.last:
            self.end()
            return
        self.tour.go(by)
        self._show_step()

    @Slot()
    def _do(self) -> None:
        self._actions[self.tour.step.do].trigger()

    def _session_changed(self, event: Event) -> None:
        if self.isHidden() or isinstance(event, JobProgressed):
            return
        self.frame.raise_()  # else docks and views that came to the front hide them
        self.raise_()
        if self.tour.done and not self.tour.last:
            self.tour.go(1)
            self._show_step()
        elif isinstance(event, (JobChanged, ViewChanged, StreamChanged, CloudsChanged)):
            self._enable()

    def _enable(self) -> None:
        do = self.tour.step.do
        self.do.setVisible(bool(do))
        if do:
            self._actions.refresh()
            self.do.setEnabled(self._actions[do].isEnabled())
            self.do.setToolTip(self._actions[do].toolTip())

    def _show_step(self) -> None:
        step = self.tour.step
        self.count.setText(tr("Step {n} of {all}", n=self.tour.place + 1, all=len(STEPS)))
        self.title.setText(tr(step.title))
        self.words.setText(tr(step.words))
        self.back.setEnabled(self.tour.place > 0)
        self.next.setText(tr("Done") if self.tour.last else tr("Next"))
        self._enable()
        needed = sum(button.sizeHint().width() + 8 for button in self._buttons) + 36  # in some languages more
        self.setFixedWidth(max(WIDTH, needed))
        self.place()

    def place(self) -> None:
        """Move the card beside the widget that the step is about, inside the window."""
        window = self._window
        self.adjustSize()
        target = self._target(self.tour.step.target)
        corner = QPoint((window.width() - self.width()) // 2, window.height() - self.height() - 60)
        self.frame.setVisible(target is not None)
        if target is not None:
            area = QRect(target.mapTo(window, QPoint()), target.size())
            self.frame.setGeometry(area.adjusted(-3, -3, 3, 3))
            self.frame.raise_()
            x = area.right() + 14
            if x + self.width() > window.width():
                x = area.left() - self.width() - 14
            if x < 0:
                x = (window.width() - self.width()) // 2
            y = min(max(area.top(), 70), window.height() - self.height() - 50)
            if area.contains(QPoint(x + 4, y + 4)) and area.top() > window.height() // 2:
                y = max(70, area.top() - self.height() - 14)
            corner = QPoint(x, y)
        self.move(corner)
        self.raise_()
