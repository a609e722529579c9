"""The plot of rate and distortion: a point for each bitstream of the open cloud."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QHelpEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QToolTip, QWidget

from octavox.gui.base.i18n import tr
from octavox.gui.document.colormap import log_ticks, nice_ticks
from octavox.gui.document.rate_curves import Curve, Mark, Plot

LEFT, RIGHT, TOP, BOTTOM = 46, 12, 22, 34  # pixels around the plot
NEAR = 9  # pixels from a point in which it is meant
RADIUS = 3.5


class RatePlot(QWidget):
    """D1 PSNR over bits per voxel, which has a logarithmic scale; bitstreams without loss at the top."""

    def __init__(self) -> None:
        super().__init__()
        self.plot = Plot()
        self.setMinimumSize(100, 80)
        self.setMouseTracking(True)
        self.setAccessibleName(tr("Rate and distortion"))

    def sizeHint(self) -> QSize:
        return QSize(380, 160)

    def show_plot(self, plot: Plot) -> None:
        self.plot = plot
        points = [f"{curve.title}: {mark.words}" for curve in plot.curves for mark in curve.marks]
        self.setAccessibleDescription("; ".join(points))
        self.update()

    # -- geometry ------------------------------------------------------------------------------------

    @property
    def area(self) -> QRectF:
        return QRectF(LEFT, TOP, max(1, self.width() - LEFT - RIGHT), max(1, self.height() - TOP - BOTTOM))

    def place(self, bits: float, psnr: float | None) -> QPointF:
        """Where a point of the plot lies in the widget."""
        area, (low, high), (worst, best) = self.area, self.plot.bits, self.plot.psnr
        x = math.log(bits / low) / math.log(high / low)
        y = 1.0 if psnr is None else (psnr - worst) / (best - worst)
        return QPointF(area.left() + x * area.width(), area.bottom() - y * area.height())

    def mark_at(self, position: QPointF) -> tuple[Curve, Mark] | None:
        """The point that is meant, with its curve."""
        found = [
            (math.hypot(d.x(), d.y()), k, j)
            for k, curve in enumerate(self.plot.curves)
            for j, mark in enumerate(curve.marks)
            for d in [self.place(mark.bits, mark.psnr) - position]
        ]
        gap, k, j = min(found, default=(math.inf, 0, 0))
        return (self.plot.curves[k], self.plot.curves[k].marks[j]) if gap <= NEAR else None

    # -- painting ------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        muted = self.palette().placeholderText().color()
        if self.plot.empty:
            painter.setPen(muted)
            words = tr("Compress the cloud, or compute the curve, to see rate and distortion.")
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(self.rect().adjusted(12, 0, -12, 0), flags, words)
            painter.end()
            return
        self._paint_axes(painter, muted)
        self._paint_expected(painter, muted)
        for curve in self.plot.curves:
            self._paint_curve(painter, curve)
        self._paint_names(painter)
        painter.end()

    def _paint_axes(self, painter: QPainter, ink: QColor) -> None:
        area, metrics = self.area, painter.fontMetrics()
        grid = QColor(ink)
        grid.setAlpha(60)
        for value, words in log_ticks(*self.plot.bits, most=max(2, int(area.width() // 60))):
            x = self.place(value, None).x()
            painter.setPen(grid)
            painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
            painter.setPen(ink)
            width = metrics.horizontalAdvance(words)
            painter.drawText(QPointF(x - width / 2, area.bottom() + metrics.ascent() + 2), words)
        worst, best = self.plot.psnr
        for value, words in nice_ticks(worst, best, most=max(2, int(area.height() // 26))):
            y = self.place(self.plot.bits[0], value).y()
            if y < area.top() + metrics.height() / 2 and self.plot.lossless:
                continue  # the place of ∞
            painter.setPen(grid)
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            self._paint_left(painter, ink, y, words)
        if self.plot.lossless:
            self._paint_left(painter, ink, area.top(), "∞")
        painter.setPen(ink)
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        painter.drawLine(area.topLeft(), area.bottomLeft())
        below = QRectF(area.left(), area.bottom() + 16, area.width(), 18)
        middle = Qt.AlignmentFlag.AlignCenter
        for words in (tr("geometry, bits per voxel of the original"), tr("bits per voxel")):
            if metrics.horizontalAdvance(words) < area.width():
                painter.drawText(below, middle, words)
                break

    def _paint_left(self, painter: QPainter, ink: QColor, y: float, words: str) -> None:
        painter.setPen(ink)
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRectF(0, y - 9, LEFT - 5, 18), right, words)

    def _paint_expected(self, painter: QPainter, ink: QColor) -> None:
        """What the sample lets expect, and the choice of levels on it."""
        pen = QPen(ink, 1.2, Qt.PenStyle.DashLine)
        painter.setPen(pen)
        places = [self.place(*point) for point in self.plot.expected]
        painter.drawPolyline(places)
        if self.plot.chosen is not None:
            painter.setPen(QPen(self.palette().text().color(), 1.5))
            painter.drawEllipse(self.place(*self.plot.chosen), RADIUS + 3, RADIUS + 3)

    def _paint_curve(self, painter: QPainter, curve: Curve) -> None:
        colour = QColor(curve.colour)
        places = [self.place(mark.bits, mark.psnr) for mark in curve.marks]
        lossy = [p for p, mark in zip(places, curve.marks, strict=True) if mark.psnr is not None]
        painter.setPen(QPen(colour, 1.6))
        painter.drawPolyline(lossy)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        for place in places:
            painter.drawEllipse(place, RADIUS, RADIUS)
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def _paint_names(self, painter: QPainter) -> None:
        """The peak, and the curves by name, above the plot."""
        metrics, ink = painter.fontMetrics(), self.palette().placeholderText().color()
        painter.setPen(ink)
        room = self.width() - RIGHT - 6
        titles = (self.plot.title, self.plot.short)
        title = next((words for words in titles if metrics.horizontalAdvance(words) <= room), "")
        painter.drawText(QPointF(6, metrics.ascent() + 2), title)
        x = 6 + metrics.horizontalAdvance(title) + 16.0
        names = [(curve.title, curve.colour) for curve in self.plot.curves]
        for name, colour in names:
            width = 12 + metrics.horizontalAdvance(name)
            if x + width > self.width() - RIGHT:
                return
            painter.fillRect(QRectF(x, metrics.ascent() - 6, 8, 8), QColor(colour))
            painter.setPen(ink)
            painter.drawText(QPointF(x + 12, metrics.ascent() + 2), name)
            x += width + 12

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            found = self.mark_at(QPointF(event.pos()))
            if found is None:
                QToolTip.hideText()
            else:
                QToolTip.showText(event.globalPos(), f"{found[0].title}: {found[1].words}", self)
            return True
        return super().event(event)
