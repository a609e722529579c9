"""What is laid over a view: shadows, the selected block, a scale bar, the cloud's extent, the axes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, Qt, Slot
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from octavox.gui.document.camera import Camera
from octavox.gui.document.proportions import Proportions
from octavox.gui.document.scale_bar import scale_bar

from .axes import end_at, paint_axes

MARGIN = 14
BOX_ALPHA = 190  # opacity of the selected block's edges where something hides them, of 255
RULE = 8  # pixels for the scale bar itself, below its words
PROBE_GAP = 18  # pixels between the cursor and what the point there holds
GROUND_ALPHA = 170  # opacity of the ground under words, of 255


class Overlay(QWidget):
    """Lies over its parent and is kept as large as it; mouse events pass through it."""

    def __init__(self, view: QWidget) -> None:
        super().__init__(view)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
        self.voxel: Proportions | None = None  # None: no scale bar
        self.extent = ""  # words; "": not shown
        self.ink = QColor("#c9d0db")
        self.axes = False
        self._camera = Camera()
        self._box, self.box_color = np.empty((0, 3)), QColor()  # ends of lines
        self.measured, self._lengths, self._angle = np.empty((0, 3)), list[str](), ""
        self._shadows: QImage | None = None
        self.probe: list[str] = []  # what the point under the cursor holds; empty: not shown
        self._probe_at = QPointF()
        self.resize(view.size())

    def follow(self, camera: Camera) -> None:
        if camera != self._camera:
            self._camera = camera
            self.update()

    def show_marks(self, voxel: Proportions | None, extent: str, ink: QColor, axes: bool) -> None:
        """Scale bar for voxels of a size, the extent in words, and the axes."""
        self.voxel, self.extent, self.ink, self.axes = voxel, extent, ink, axes
        self.update()

    def axis_at(self, x: float, y: float) -> tuple[int, int] | None:
        """The axis and its end (0 low, 1 high) that is drawn at a pixel."""
        return end_at(self._camera, self.height(), x, y) if self.axes else None

    def show_box(self, ends: npt.NDArray[np.float64], color: QColor) -> None:
        """Ends (2 n, 3) of lines in view coordinates, that are seen through everything."""
        self._box, self.box_color = ends, color
        self.update()

    def _paint_box(self, painter: QPainter) -> None:
        x, y, depth = self._camera.project(self._box, self.width(), self.height()).T
        color = QColor(self.box_color)
        color.setAlpha(BOX_ALPHA)
        painter.setPen(QPen(color, 1.0, Qt.PenStyle.DashLine))
        for k in range(0, len(x), 2):
            if depth[k] > 0 and depth[k + 1] > 0:
                painter.drawLine(QPointF(x[k], y[k]), QPointF(x[k + 1], y[k + 1]))

    def show_measure(self, places: npt.NDArray[np.float64], lengths: list[str], angle: str) -> None:
        """Picked places (n, 3) in view coordinates, lengths from each to the next, angle at the second."""
        self.measured, self._lengths, self._angle = places, lengths, angle
        self.update()

    def _paint_measure(self, painter: QPainter) -> None:
        x, y, depth = self._camera.project(self.measured, self.width(), self.height()).T
        if not (depth > 0).all():
            return
        spots = [QPointF(a, b) for a, b in zip(x, y, strict=True)]
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for pen in (QPen(self._contrary(), 4.0), QPen(self.ink, 1.5)):
            painter.setPen(pen)
            for start, end in zip(spots, spots[1:], strict=False):
                painter.drawLine(start, end)
            for spot in spots:
                painter.drawEllipse(spot, 4, 4)
        for start, end, words in zip(spots, spots[1:], self._lengths, strict=False):
            self._paint_label(painter, (start + end) / 2, words)
        if self._angle:
            self._paint_label(painter, spots[1] + QPointF(0, 22), self._angle)
        painter.restore()

    def _paint_label(self, painter: QPainter, middle: QPointF, words: str) -> None:
        painter.setFont(self.font())
        metrics = painter.fontMetrics()
        area = QRectF(0, 0, metrics.horizontalAdvance(words), metrics.height())
        area.moveCenter(middle)
        self._back(painter, area)
        painter.setPen(self.ink)
        painter.drawText(area, Qt.AlignmentFlag.AlignCenter, words)

    def _contrary(self) -> QColor:
        """The colour that stands out from the ink."""
        return QColor("black" if self.ink.lightness() > 127 else "white")

    def show_probe(self, lines: list[str], at: QPointF) -> None:
        """What the point at a pixel holds; no lines: nothing."""
        if lines or self.probe:
            self.probe, self._probe_at = lines, at
            self.update()

    @Slot(object)
    def show_shadows(self, image: QImage | None) -> None:
        self._shadows = image
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        self.paint(painter)
        if self.probe:
            self._paint_probe(painter)
        painter.end()

    def _paint_probe(self, painter: QPainter) -> None:
        """Beside the cursor, to the side on which there is room. No part of pictures."""
        painter.setFont(self.font())
        metrics = painter.fontMetrics()
        width = max(metrics.horizontalAdvance(line) for line in self.probe)
        high = len(self.probe) * metrics.height()
        x, y = self._probe_at.x(), self._probe_at.y()
        left = x + PROBE_GAP if x + PROBE_GAP + width + MARGIN < self.width() else x - PROBE_GAP - width
        left = max(left, float(MARGIN))
        top = min(max(y - high / 2, float(MARGIN)), max(self.height() - MARGIN - high, float(MARGIN)))
        self._back(painter, QRectF(left, top, width, high))
        painter.setPen(self.ink)
        for row, line in enumerate(self.probe):
            painter.drawText(QPointF(left, top + (row + 1) * metrics.height() - metrics.descent()), line)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(self._probe_at, 4, 4)

    def paint(self, painter: QPainter) -> None:
        if self._shadows is not None:
            painter.drawImage(QRectF(self.rect()), self._shadows)
        if len(self._box):
            self._paint_box(painter)
        if len(self.measured):
            self._paint_measure(painter)
        if self.axes:
            paint_axes(painter, self._camera, self.height())
        painter.setFont(self.font())
        metrics, lines = painter.fontMetrics(), [self.extent] if self.extent else []
        right, bottom = self.width() - MARGIN, self.height() - MARGIN
        bar = None
        if self.voxel is not None:
            bar = scale_bar(self._camera, max(1, self.height()), self.voxel)
            lines.append(bar.words)
        if not lines:
            return
        rule = 0 if bar is None else RULE
        width = max([metrics.horizontalAdvance(line) for line in lines] + [bar.pixels if bar else 0])
        high = len(lines) * metrics.height() + rule
        self._back(painter, QRectF(right - width, bottom - high, width, high))
        for row, line in enumerate(reversed(lines)):
            foot = bottom - rule - row * metrics.height() - metrics.descent()
            painter.setPen(self.ink)
            painter.drawText(QPointF(right - metrics.horizontalAdvance(line), foot), line)
        if bar is not None:
            left = right - bar.pixels
            painter.setPen(QPen(self.ink, 2))
            painter.drawLine(QPointF(left, bottom), QPointF(right, bottom))
            for x in (left, right):
                painter.drawLine(QPointF(x, bottom - 5), QPointF(x, bottom))

    def _back(self, painter: QPainter, area: QRectF) -> None:
        """A translucent ground under words, which are else unreadable over points of the same brightness."""
        ground = self._contrary()
        ground.setAlpha(GROUND_ALPHA)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ground)
        painter.drawRoundedRect(area.adjusted(-6, -4, 6, 6), 4, 4)
