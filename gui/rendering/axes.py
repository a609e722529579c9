"""The small cross of axes in the corner of a view."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from octavox.gui.document.camera import Camera

COLORS = ("#e0585b", "#57b368", "#4a8df0")
REACH = 30.0  # logical pixels of an axis that lies across the view
BALL = 8.0  # radius of the letters' grounds
CORNER = 46.0  # of the crossing from the left and the lower edge
INK = QColor("#10141a")


def paint_axes(painter: QPainter, camera: Camera, height: int) -> None:
    """Three lettered axes that turn with the camera, the nearest on top; height: of the view, pixels."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    font = painter.font()
    font.setPixelSize(11)
    font.setBold(True)
    painter.setFont(font)
    right, up, back = camera.axes()
    middle = QPointF(CORNER, height - CORNER)
    for axis in sorted(range(3), key=lambda k: float(back[k])):
        color = QColor(COLORS[axis])
        tip = middle + QPointF(REACH * float(right[axis]), -REACH * float(up[axis]))
        painter.setPen(QPen(color, 2.5, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawLine(middle, tip)
        painter.setBrush(color)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.drawEllipse(tip, BALL, BALL)
        painter.setPen(INK)
        box = QRectF(tip.x() - BALL, tip.y() - BALL, 2 * BALL, 2 * BALL)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, "xyz"[axis])
    painter.restore()
