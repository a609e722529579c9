"""A column of labelled values in groups."""

from __future__ import annotations

import re
from typing import NamedTuple

from PySide6.QtCore import QEvent, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QApplication, QGridLayout, QLabel, QScrollArea, QSizePolicy, QWidget

from octavox.gui.base.frame_scheduler import FrameScheduler
from octavox.gui.base.i18n import tr
from octavox.gui.base.theme import number_font
from octavox.gui.document.facts import Fact


def label(text: str, role: str = "") -> QLabel:
    """A label in a role of the style sheet ("muted", "section", "title", ...)."""
    widget = QLabel(tr(text))
    widget.setIndent(0)
    if role:
        widget.setProperty("role", role)
    return widget


MARGIN, GAP, LINE_GAP, LEAST_WIDTH = 12, 12, 4, 110
CHIP_PIXELS = 18  # that the style puts around a value with a tone
MOST_LINES = 3  # of a value beside its name
BAR_ALPHA = 90
LONG_VERDICT = 24  # letters of a value with a tone that stands below its name
_BREAKS = re.compile(r"[ \n]+|(?<=-)(?=\D)")  # where a line of a label may end


class _Room(NamedTuple):
    """Pixels for a value beside its name, and for both."""

    value: int
    both: int


class FactList(QScrollArea):
    """Shows facts; several changes in a row are shown once, a moment later.

    A value that has too little room beside its name stands below it. name: for screen readers, if it
    is not that of the properties.
    """

    def __init__(self, scheduler: FrameScheduler, name: str = "") -> None:
        super().__init__()
        self._scheduler = scheduler
        self.setAccessibleName(name or tr("Properties"))
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMinimumWidth(LEAST_WIDTH)
        self._facts: list[Fact] = []
        self._empty = ""
        self._hint = label("", "muted")
        self._hint.setWordWrap(True)
        self._sections: list[QLabel] = []
        self._rows: list[tuple[QLabel, Value]] = []
        self._end = 0  # the row below all
        self._body = QWidget()
        self._body.setObjectName("dockBody")
        self._grid = QGridLayout(self._body)
        self._grid.setContentsMargins(MARGIN, 6, MARGIN, 12)
        self._grid.setHorizontalSpacing(GAP)
        self._grid.setVerticalSpacing(LINE_GAP)
        self._grid.setColumnStretch(1, 1)
        self._grid.addWidget(self._hint, 0, 0, 1, 2)
        self.setWidget(self._body)
        self._refresh()

    def show_facts(self, facts: list[Fact], empty: str = "") -> None:
        self._facts, self._empty = facts, empty
        self._scheduler.schedule(self._refresh)

    def _refresh(self) -> None:
        """Labels are costly to make and to style, so those of earlier facts are used again."""
        self._body.hide()  # else all labels are laid out anew for each one that appears
        self._hint.setText(tr(self._empty))
        self._hint.setVisible(not self._facts and bool(self._empty))
        section, sections, rows, line, room = None, 0, 0, 1, self._room()
        for fact in self._facts:
            if fact.section != section:
                section = fact.section
                self._place_section(sections, line, section)
                sections, line = sections + 1, line + 1
            line += self._place_row(rows, line, fact, room)
            rows += 1
        spare = [*self._sections[sections:], *(widget for row in self._rows[rows:] for widget in row)]
        for widget in spare:
            widget.hide()
        self._grid.setRowStretch(self._end, 0)
        self._grid.setRowStretch(line, 1)
        self._end = line
        self._body.show()

    def text_of(self, name: str) -> str:
        """The value shown beside a label; KeyError if there is none."""
        for fact in self._facts:
            if fact.label == name:
                return fact.value
        raise KeyError(name)

    def _place_section(self, number: int, line: int, words: str) -> None:
        if number == len(self._sections):
            self._sections.append(label("", "section"))
            self._sections[number].setWordWrap(True)
        widget = self._sections[number]
        widget.setText(tr(words))
        self._grid.addWidget(widget, line, 0, 1, 2)
        widget.show()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._scheduler.schedule(self._refresh)

    def _room(self) -> _Room:
        metrics = self._hint.fontMetrics()
        names = max((metrics.horizontalAdvance(tr(fact.label)) for fact in self._facts), default=0)
        both = self.width() - self.verticalScrollBar().sizeHint().width() - 2 * MARGIN
        return _Room(both - names - GAP, both)

    def _place_row(self, number: int, line: int, fact: Fact, room: _Room) -> int:
        """Returns how many lines of the grid the fact takes."""
        if number == len(self._rows):
            self._rows.append((label("", "muted"), Value()))
        name, value = self._rows[number]
        name.setText(tr(fact.label))
        words, around = tr(fact.value), CHIP_PIXELS if fact.tone else 0
        below = (
            _widest_word(words) > room.value - around
            or QFontMetrics(number_font()).horizontalAdvance(words) > MOST_LINES * room.value
            or (fact.tone != "" and len(words) > LONG_VERDICT)
        )
        shown = _cut(words, room.both - around) if below else words
        value.setText(shown)
        value.show_share(fact.share)
        value.setToolTip(words if shown != words else "")
        if value.property("chip") != fact.tone:
            value.setProperty("chip", fact.tone)
            value.style().unpolish(value)
            value.style().polish(value)
            QApplication.sendEvent(
                value, QEvent(QEvent.Type.StyleChange)
            )  # else its text is not laid out anew
            value.updateGeometry()
        self._grid.addWidget(name, line, 0, 1, 2 if below else 1, Qt.AlignmentFlag.AlignTop)
        self._grid.addWidget(value, line + below, 0 if below else 1, 1, 2 if below else 1)
        name.show()
        value.show()
        return 2 if below else 1


def _widest_word(words: str) -> int:
    """Pixels of the longest part of a value that stands in one line."""
    metrics = QFontMetrics(number_font())
    return max((metrics.horizontalAdvance(word) for word in _BREAKS.split(words)), default=0)


def _cut(words: str, room: int) -> str:
    """The words, those that are wider than the room shortened in their middle."""
    if _widest_word(words) <= room:
        return words
    metrics, middle = QFontMetrics(number_font()), Qt.TextElideMode.ElideMiddle
    parts = re.split(r"([ \n]+)", words)
    return "".join(metrics.elidedText(part, middle, room) for part in parts)


class Value(QLabel):
    """The value of a fact; behind one that is a part of a whole stands a bar of its share."""

    def __init__(self) -> None:
        super().__init__()
        self.setIndent(0)
        self.setFont(number_font())
        self.setWordWrap(True)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.setProperty("chip", "")
        self._share: float | None = None

    def show_share(self, share: float | None) -> None:
        self._share = share
        self.update()

    @property
    def bar(self) -> QRectF:
        """The rectangle of the bar; empty where there is none."""
        return QRectF(0, 0, self.width() * min(self._share or 0.0, 1.0), self.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._share:
            painter, colour = QPainter(self), QColor(self.palette().link().color())
            colour.setAlpha(BAR_ALPHA)
            painter.fillRect(self.bar, colour)
            painter.end()
        super().paintEvent(event)
