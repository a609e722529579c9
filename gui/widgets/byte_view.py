"""The byte view: the file as a strip of its parts, and the bytes of the one that holds the selection."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QRectF, QSize, Signal
from PySide6.QtGui import QColor, QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QPlainTextEdit, QSizePolicy, QToolTip, QVBoxLayout, QWidget

from octavox.gui.base.i18n import tr
from octavox.gui.base.theme import number_font
from octavox.gui.document import text
from octavox.gui.document.blocks import component_title
from octavox.gui.document.byte_map import Part, blocks_of, hex_dump, line_length, part_at, part_of
from octavox.gui.document.colormap import LABEL_COLORS
from octavox.gui.document.colour_modes import slice_color
from octavox.gui.document.items import StreamItem
from octavox.gui.document.session import Session

from .facts import label

STRIP = 26
DUMP_ROWS = 64
LINES = (16, 8, 4)  # bytes a line of the dump
EDGES = 30  # pixels for the scroll bar and the margins


class ByteStrip(QWidget):
    """Parts of the file in proportion. `pressed`: a byte of the file."""

    pressed = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[Part] = []
        self.marked: Part | None = None
        self.setFixedHeight(STRIP)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(tr("Parts of the bitstream"))

    def sizeHint(self) -> QSize:
        return QSize(300, STRIP)

    @property
    def _total(self) -> int:
        return self.parts[-1].last if self.parts else 0

    def place_of(self, byte: int) -> float:
        """Pixel column of a byte."""
        return 12 + (self.width() - 24) * byte / max(1, self._total)

    def byte_at(self, x: float) -> int:
        share = (x - 12) / max(1, self.width() - 24)
        return int(np.clip(share * self._total, 0, max(0, self._total - 1)))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        owners = list(dict.fromkeys(part.owner for part in self.parts if part.of_properties))
        for part in self.parts:
            left, right = self.place_of(part.first), self.place_of(part.last)
            color = self.palette().mid().color() if part.slice is None else QColor(*slice_color(part.slice))
            if part.of_properties:
                color = QColor(LABEL_COLORS[-1 - owners.index(part.owner) % len(LABEL_COLORS)])
            box = QRectF(left, 4, max(1.0, right - left - 1), STRIP - 8)
            painter.fillRect(box, color)
            if part is self.marked:
                painter.setPen(QPen(self.palette().text().color(), 2))
                painter.drawRect(box.adjusted(1, 0, -1, 0))
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self.parts:
            self.pressed.emit(self.byte_at(event.position().x()))

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and self.parts:
            byte = self.byte_at(event.pos().x())
            part = part_at(self.parts, byte) or self.parts[-1]
            QToolTip.showText(event.globalPos(), _words(part), self)
            return True
        return super().event(event)


def _name(part: Part) -> str:
    """What a part is called: of properties by their names."""
    if part.slice is not None:
        return tr("slice {n}", n=part.slice)
    if part.of_properties:
        owner = ", ".join(tr(component_title(name)) for name in part.owner.split(", "))
        return owner if not part.number else tr("{owner}, part {n}", owner=owner, n=part.number)
    word, _, number = part.name.rpartition(" ")
    return f"{tr(word)} {number}" if number.isdigit() else tr(part.name)


def _words(part: Part) -> str:
    place = f"{text.count(part.first)}–{text.count(part.last - 1)}"
    return tr("{name}: bytes {place} ({size})", name=_name(part), place=place, size=text.size(len(part)))


class ByteView(QWidget):
    """`picked`: row of the most expensive block of the slice that the user pressed."""

    picked = Signal(int)

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.setObjectName("dockBody")
        self._session = session
        self._shown: tuple[StreamItem | None, Part | None] = (None, None)
        self._wide = LINES[0]
        self._row: int | None = None  # of the selected block
        self._pressed_part: Part | None = None  # that belongs to no block
        self.strip, self.words = ByteStrip(), label("", "muted")
        self.words.setContentsMargins(12, 4, 12, 2)
        self.words.setWordWrap(True)
        self.strip.pressed.connect(self._pressed)
        self.dump = QPlainTextEdit()
        self.dump.setReadOnly(True)
        self.dump.setFont(number_font())
        self.dump.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.dump.setAccessibleName(tr("Bytes of the selected slice"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(2)
        for widget in (self.strip, self.words, self.dump):
            column.addWidget(widget)
        self.refresh()

    def refresh(self) -> None:
        session = self._session
        stream, row = session.stream, session.view.selected
        if stream is not self._shown[0]:
            self.strip.parts = session.parts
            self._shown = (stream, None)
            self.dump.clear()
        known = row is not None and row < len(session.blocks)
        part = part_of(self.strip.parts, session.blocks, row) if known and row is not None else None
        if row != self._row:
            self._row, self._pressed_part = row, None
        if self._pressed_part in self.strip.parts:
            part = self._pressed_part
        self.strip.marked = part
        self.strip.update()
        if stream is None:
            self.words.setText(tr("there is no bitstream yet: compress the cloud or open one"))
        elif part is None:
            size = text.size(len(stream.data))
            self.words.setText(tr("{size} in all; select a block to see its bytes", size=size))
        elif part.slice is None or not known or row is None:
            self.words.setText(_words(part))
        else:
            share = (session.blocks.bits[row] + session.blocks.flag_bits[row]) / 8
            others = int((session.blocks.slice == session.blocks.slice[row]).sum()) - 1
            self.words.setText(
                tr(
                    "{part}; block #{row} takes {bytes} of them, interleaved with {n} others",
                    part=_words(part),
                    row=row,
                    bytes=text.fixed(float(share), 1),
                    n=text.count(others),
                )
            )
        if stream is not None and part is not self._shown[1]:
            self._shown = (stream, part)
            self._show_bytes()

    def _show_bytes(self) -> None:
        stream, part = self._shown
        if stream is None or part is None:
            self.dump.clear()
        else:
            self.dump.setPlainText(hex_dump(stream.data, part.first, DUMP_ROWS, self._wide))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lines as long as the panel is wide."""
        super().resizeEvent(event)
        room = (self.width() - EDGES) / self.dump.fontMetrics().horizontalAdvance("0")
        wide = next((n for n in LINES if line_length(n) <= room), LINES[-1])
        if wide != self._wide:
            self._wide = wide
            self._show_bytes()

    def _pressed(self, byte: int) -> None:
        """A slice leads to its most expensive block; other parts are shown themselves."""
        blocks, part = self._session.blocks, part_at(self.strip.parts, byte)
        self._pressed_part = part if part is not None and part.slice is None else None
        self.refresh()
        rows = blocks_of(self.strip.parts, blocks, byte)
        if len(rows):
            self.picked.emit(int(rows[np.argmax(blocks.bits[rows] + blocks.flag_bits[rows])]))
