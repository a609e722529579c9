"""A plot of points over two axes, for results of codings: on the screen, as SVG, PDF or PNG."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from PySide6.QtCore import (
    QPointF,
    QRectF,
    QSize,
    QSizeF,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QColor,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
)
from PySide6.QtWidgets import QWidget

from octavox.gui.base.i18n import tr
from octavox.gui.document.colormap import log_ticks, nice_ticks, whole_ticks
from octavox.gui.document.results import ResultPlot, Series

from .paper import paper_file

LEFT, RIGHT, TOP, BOTTOM = 62, 16, 42, 40  # pixels around the axes
NEAR, RADIUS = 9, 3.5
PAPER = QSize(760, 460)
INK, MUTED, GROUND = QColor("#1d2127"), QColor("#5b6470"), QColor("#ffffff")
DOTS = 72  # an inch of a PDF


class ResultPlotView(QWidget):
    """`chosen`: place in the table of the point that the user clicked."""

    chosen = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.plot = ResultPlot((), "", "")
        self.selected = -1
        self.setMinimumSize(240, 180)
        self.setAccessibleName(tr("Plot of the results"))

    def sizeHint(self) -> QSize:
        return QSize(420, 300)

    def show_plot(self, plot: ResultPlot) -> None:
        self.plot = plot
        count = sum(len(series.rows) for series in plot.series)
        self.setAccessibleDescription(f"{plot.y_title}; {plot.x_title}: {count}")
        self.update()

    def select(self, row: int) -> None:
        """Mark the point of a row of the table."""
        self.selected = row
        self.update()

    def row_at(self, position: QPointF) -> int | None:
        """The row of the table whose point is meant."""
        frame = Frame(self.plot, QSizeF(self.size()))
        found = [
            (math.hypot(place.x() - position.x(), place.y() - position.y()), int(row))
            for series in self.plot.series
            for row, place in zip(series.rows, frame.places(series), strict=True)
        ]
        gap, row = min(found, default=(math.inf, 0))
        return row if gap <= NEAR else None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        row = self.row_at(event.position())
        if row is not None:
            self.chosen.emit(row)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colours = self.palette()
        ink, muted = colours.color(QPalette.ColorRole.Text), colours.placeholderText().color()
        paint(painter, self.plot, QSizeF(self.size()), ink, muted, self.selected)
        painter.end()


class Frame:
    """Where points lie on a surface of this size."""

    def __init__(self, plot: ResultPlot, size: QSizeF) -> None:
        self.plot = plot
        wide, high = max(1.0, size.width() - LEFT - RIGHT), max(1.0, size.height() - TOP - BOTTOM)
        self.area = QRectF(LEFT, TOP, wide, high)
        ys = np.concatenate([s.y for s in plot.series]) if plot.series else np.empty(0)
        xs = np.concatenate([s.x for s in plot.series]) if plot.series else np.empty(0)
        self.endless = bool(np.isinf(ys).any())
        self.x_ends = _ends(xs, plot.log_x)
        low, top = _ends(ys[np.isfinite(ys)], plot.log_y)
        self.y_ends = (low, top + 0.15 * (top - low) if self.endless else top)

    def x(self, value: float) -> float:
        return self.area.left() + self.area.width() * _share(value, self.x_ends, self.plot.log_x)

    def y(self, value: float) -> float:
        if math.isinf(value):
            return self.area.top()
        return self.area.bottom() - self.area.height() * _share(value, self.y_ends, self.plot.log_y)

    def places(self, series: Series) -> Iterator[QPointF]:
        return (
            QPointF(self.x(x), self.y(y)) for x, y in zip(series.x.tolist(), series.y.tolist(), strict=True)
        )


def _ends(values: np.ndarray, log: bool) -> tuple[float, float]:
    """Ends of an axis with some room beside the values."""
    if not len(values):
        return (0.1, 1.0) if log else (0.0, 1.0)
    low, high = float(values.min()), float(values.max())
    if log:
        return low / 1.25, high * 1.25
    room = 0.06 * (high - low) or 1.0
    return low - room, high + room


def _share(value: float, ends: tuple[float, float], log: bool) -> float:
    low, high = ends
    if log:
        return math.log(value / low) / math.log(high / low)
    return (value - low) / (high - low)


def paint(
    painter: QPainter, plot: ResultPlot, size: QSizeF, ink: QColor, muted: QColor, selected: int = -1
) -> None:
    """Draws a plot. selected: the row of the table whose point is marked."""
    frame = Frame(plot, size)
    if not plot.series:
        painter.setPen(muted)
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        painter.drawText(QRectF(QPointF(0, 0), size), flags, tr("No row has both numbers."))
        return
    _paint_axes(painter, frame, muted)
    for series in plot.series:
        if plot.lines:
            painter.setPen(QPen(QColor(series.colour), 1.5))
            painter.drawPolyline(sorted(frame.places(series), key=QPointF.x))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(series.colour))
        for row, place in zip(series.rows, frame.places(series), strict=True):
            painter.drawEllipse(place, RADIUS, RADIUS)
            if row == selected:
                painter.setPen(QPen(ink, 1.5))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawEllipse(place, RADIUS + 3, RADIUS + 3)
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(QColor(series.colour))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    _paint_names(painter, plot, size, ink)


def _paint_axes(painter: QPainter, frame: Frame, ink: QColor) -> None:
    plot, area, metrics = frame.plot, frame.area, painter.fontMetrics()
    grid = QColor(ink)
    grid.setAlpha(60)
    most = max(2, int(area.width() // 60))
    ticks = log_ticks if plot.log_x else whole_ticks if plot.whole_x else nice_ticks
    for value, words in ticks(*frame.x_ends, most):
        painter.setPen(grid)
        painter.drawLine(QPointF(frame.x(value), area.top()), QPointF(frame.x(value), area.bottom()))
        painter.setPen(ink)
        at = frame.x(value) - metrics.horizontalAdvance(words) / 2
        painter.drawText(QPointF(at, area.bottom() + metrics.ascent() + 3), words)
    ticks = log_ticks if plot.log_y else nice_ticks
    marks = [(frame.y(v), words) for v, words in ticks(*frame.y_ends, most=max(2, int(area.height() // 28)))]
    if frame.endless:
        marks = [(y, words) for y, words in marks if y > area.top() + metrics.height()]
        marks.append((area.top(), "∞"))
    for y, words in marks:
        painter.setPen(grid)
        painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
        painter.setPen(ink)
        box = QRectF(0, y - 10, LEFT - 6, 20)
        painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, words)
    painter.drawLine(area.bottomLeft(), area.bottomRight())
    painter.drawLine(area.topLeft(), area.bottomLeft())
    below = QRectF(area.left(), area.bottom() + 18, area.width(), 20)
    painter.drawText(below, Qt.AlignmentFlag.AlignCenter, plot.x_title)
    painter.drawText(QPointF(6, metrics.ascent() + 2), plot.y_title)


def _paint_names(painter: QPainter, plot: ResultPlot, size: QSizeF, ink: QColor) -> None:
    """The series by name, below the title."""
    metrics, x = painter.fontMetrics(), float(LEFT)
    for series in plot.series:
        width = 12 + metrics.horizontalAdvance(series.title)
        if x + width > size.width() - RIGHT:
            return
        painter.fillRect(QRectF(x, 25, 8, 8), QColor(series.colour))
        painter.setPen(ink)
        painter.drawText(QPointF(x + 12, 33), series.title)
        x += width + 14


def plot_file(plot: ResultPlot, suffix: str, title: str) -> bytes:
    """A plot on white paper as a file: suffix ".svg", ".pdf" or ".png"."""

    def draw(painter: QPainter) -> None:
        font = painter.font()
        font.setPixelSize(12)
        painter.setFont(font)
        painter.fillRect(QRectF(QPointF(0, 0), QSizeF(PAPER)), GROUND)
        paint(painter, plot, QSizeF(PAPER), INK, MUTED)

    return paper_file(suffix, title, PAPER, draw)
