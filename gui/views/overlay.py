"""What is laid over a view: the shadows of eye-dome lighting, a scale bar, the cloud's extent."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt, Slot
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from ..model.camera import Camera
from ..model.scale_bar import scale_bar

MARGIN = 14
VEIL = 130  # opacity of what lies under words, of 255


class Overlay(QWidget):
    """Lies over its parent, which keeps it as large as itself, and lets the mouse through."""

    def __init__(self, view: QWidget) -> None:
        super().__init__(view)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
        self.voxel_size: float | None = None  # None: no scale bar
        self.extent = ""  # words; "": not shown
        self.ink = QColor("#c9d0db")
        self._camera = Camera()
        self._shadows: QImage | None = None
        self.resize(view.size())

    def follow(self, camera: Camera) -> None:
        if camera != self._camera:
            self._camera = camera
            self.update()

    def show_marks(self, voxel_size: float | None, extent: str, ink: QColor) -> None:
        """Scale bar for voxels of a size in units of the file, and the extent in words."""
        self.voxel_size, self.extent, self.ink = voxel_size, extent, ink
        self.update()

    @Slot(object)
    def show_shadows(self, image: QImage | None) -> None:
        self._shadows = image
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        self.paint(painter)
        painter.end()

    def paint(self, painter: QPainter) -> None:
        if self._shadows is not None:
            painter.drawImage(QRectF(self.rect()), self._shadows)
        painter.setFont(self.font())
        metrics = painter.fontMetrics()
        right, bottom = self.width() - MARGIN, self.height() - MARGIN
        if self.voxel_size is not None:
            bar = scale_bar(self._camera, max(1, self.height()), self.voxel_size)
            left = right - bar.pixels
            self._back(painter, min(left, right - metrics.horizontalAdvance(bar.words)), right, bottom)
            painter.setPen(QPen(self.ink, 2))
            painter.drawLine(QPointF(left, bottom), QPointF(right, bottom))
            for x in (left, right):
                painter.drawLine(QPointF(x, bottom - 5), QPointF(x, bottom))
            painter.drawText(QPointF(right - metrics.horizontalAdvance(bar.words), bottom - 9), bar.words)
            bottom -= metrics.height() + 14
        if self.extent:
            self._back(painter, right - metrics.horizontalAdvance(self.extent), right, bottom)
            painter.setPen(self.ink)
            painter.drawText(QPointF(right - metrics.horizontalAdvance(self.extent), bottom), self.extent)

    def _back(self, painter: QPainter, left: float, right: float, bottom: float) -> None:
        """A veil under words, which else drown in points of their own brightness."""
        ground = QColor("black" if self.ink.lightness() > 127 else "white")
        ground.setAlpha(VEIL)
        height = painter.fontMetrics().height() + 12
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ground)
        painter.drawRoundedRect(QRectF(left - 6, bottom - height, right - left + 12, height + 6), 4, 4)
