"""What is laid over a view: the shadows of eye-dome lighting, a scale bar, the cloud's extent, the axes."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt, Slot
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from octavox.gui.document.camera import Camera
from octavox.gui.document.proportions import Proportions
from octavox.gui.document.scale_bar import scale_bar

from .axes import end_at, paint_axes

MARGIN = 14
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
        ground = QColor("black" if self.ink.lightness() > 127 else "white")
        ground.setAlpha(GROUND_ALPHA)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ground)
        painter.drawRoundedRect(area.adjusted(-6, -4, 6, 6), 4, 4)
