"""The plot of the timeline: a bar for each frame, as high as the frame takes bytes."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QToolTip, QWidget

from octavox.gui.base.i18n import tr
from octavox.gui.document import text
from octavox.gui.document.frame_plot import FramePlot, frame_words, plot_of
from octavox.gui.document.timeline import Timeline

SIDE, TOP, BOTTOM = 8, 4, 3  # pixels around the bars, below the words
GAP_FROM = 4  # pixels of a column, from which on a gap separates it from the next
DECODED, DAMAGED, OTHER = QColor("#4a8df0"), QColor("#e0685c"), QColor("#e3a341")


class FrameBars(QWidget):
    """`sought`: a frame that was clicked."""

    sought = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self._timeline: Timeline | None = None
        self.plot: FramePlot | None = None
        self.setMinimumSize(100, 44)
        self.setMouseTracking(True)
        self.setAccessibleName(tr("Bytes of each frame"))

    def sizeHint(self) -> QSize:
        return QSize(300, 80)

    def show_timeline(self, timeline: Timeline | None) -> None:
        self._timeline = timeline
        self.plot = None if timeline is None else plot_of(timeline)
        words = "" if timeline is None else frame_words(timeline, timeline.frame)
        self.setAccessibleDescription(words)
        self.update()

    @property
    def area(self) -> QRectF:
        top = self.fontMetrics().height() + TOP
        return QRectF(SIDE, top, max(1, self.width() - 2 * SIDE), max(1, self.height() - top - BOTTOM))

    def frame_at(self, x: float) -> int | None:
        """The frame at a pixel."""
        if self.plot is None:
            return None
        share = (x - self.area.left()) / self.area.width()
        return int(np.clip(int(share * len(self.plot.sizes)), 0, len(self.plot.sizes) - 1))

    def middle(self, number: int) -> QPointF:
        """The middle of a frame's column."""
        count = 1 if self.plot is None else len(self.plot.sizes)
        return QPointF(self.area.left() + (number + 0.5) / count * self.area.width(), self.area.center().y())

    # -- painting ------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.plot is None:
            return
        painter = QPainter(self)
        area, plot = self.area, self.plot
        painter.setPen(self.palette().placeholderText().color())
        painter.drawText(QPointF(SIDE, self.fontMetrics().ascent() + 1), self._title())
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        frames = len(plot.sizes)
        for first, end in plot.columns(int(area.width())):
            left = area.left() + first / frames * area.width()
            width = (end - first) / frames * area.width()
            gap = 1.0 if width >= GAP_FROM else 0.0
            height = int(plot.sizes[first:end].max()) / plot.most * area.height()
            if plot.damaged[first:end].any():
                height = max(height, 3.0)
            painter.fillRect(
                QRectF(left, area.bottom() - height, max(1.0, width - gap), height), self._colour(first, end)
            )
        if plot.other is not None:
            self._paint_other(painter, plot)
        here = self.middle(plot.frame).x()
        painter.setPen(QPen(self.palette().text().color(), 1))
        painter.drawLine(QPointF(here, area.top()), QPointF(here, area.bottom()))
        painter.end()

    def _title(self) -> str:
        """What the bars are; less of it where there is no room."""
        plot, metrics = self.plot, self.fontMetrics()
        if plot is None:
            return ""
        most = text.size(plot.most)
        words = [tr("bytes of each frame, at most {size}", size=most), tr("at most {size}", size=most)]
        if plot.other is not None:
            own = tr("line: B, at most {size}", size=text.size(plot.most_other))
            words = [f"{start} · {own}" for start in words]
            words.append(f"A ≤ {most} · B ≤ {text.size(plot.most_other)}")
        return next((w for w in words if metrics.horizontalAdvance(w) <= self.width() - 2 * SIDE), "")

    def _colour(self, first: int, end: int) -> QColor:
        plot = self.plot
        if plot is None or plot.damaged[first:end].any():
            return DAMAGED
        if first <= plot.frame < end:
            return QColor(self.palette().text().color())
        if plot.decoded[first:end].all():
            return DECODED
        rest = QColor(self.palette().placeholderText().color())
        rest.setAlpha(110)
        return rest

    def _paint_other(self, painter: QPainter, plot: FramePlot) -> None:
        other, area, frames = plot.other, self.area, len(plot.sizes)
        if other is None:
            return
        painter.setPen(QPen(OTHER, 1.5))
        columns = [c for c in plot.columns(int(area.width())) if c[0] < len(other)]
        places = [
            QPointF(
                area.left() + (first + end) / 2 / frames * area.width(),
                area.bottom() - int(other[first:end].max()) / plot.most_other * area.height(),
            )
            for first, end in columns
        ]
        painter.drawPolyline(places)
        for place in places if len(places) < area.width() / 8 else []:
            painter.drawEllipse(place, 1.5, 1.5)

    # -- mouse ---------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._seek(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._seek(event)

    def _seek(self, event: QMouseEvent) -> None:
        number = self.frame_at(event.position().x())
        if number is not None and self._timeline is not None and number != self._timeline.frame:
            self.sought.emit(number)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            number = self.frame_at(event.pos().x())
            if number is None or self._timeline is None:
                QToolTip.hideText()
            else:
                QToolTip.showText(event.globalPos(), frame_words(self._timeline, number), self)
            return True
        return super().event(event)
