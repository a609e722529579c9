"""The small cross of axes in the corner of a view. A click on an end looks from there."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from octavox.gui.document.camera import Camera

COLORS = ("#e0585b", "#57b368", "#4a8df0")
REACH = 30.0  # logical pixels of an axis that lies across the view
BALL = 8.0  # radius of the letters' grounds
CORNER = 46.0  # of the crossing from the left and the lower edge
SMALL, FADED = 5.0, 90  # radius and opacity of the balls at the low ends
INK = QColor("#10141a")


def paint_axes(painter: QPainter, camera: Camera, height: int) -> None:
    """Three axes that turn with the camera, the nearest end on top; height: of the view, pixels."""
    for axis, end, tip, _ in reversed(_tips(camera, height)):
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        color = QColor(COLORS[axis])
        if end:
            _paint_axis(painter, "xyz"[axis], color, _middle(height), tip)
        else:
            faded = QColor(color)
            faded.setAlpha(FADED)
            painter.setPen(QPen(color, 1.5))
            painter.setBrush(faded)
            painter.drawEllipse(tip, SMALL, SMALL)
        painter.restore()


def end_at(camera: Camera, height: int, x: float, y: float) -> tuple[int, int] | None:
    """The axis, and 1 for its high end or 0 for its low one, whose ball is at a pixel."""
    for axis, end, tip, _ in _tips(camera, height):
        if math.hypot(x - tip.x(), y - tip.y()) <= (BALL if end else SMALL) + 1:
            return axis, end
    return None


def _middle(height: int) -> QPointF:
    return QPointF(CORNER, height - CORNER)


def _tips(camera: Camera, height: int) -> list[tuple[int, int, QPointF, float]]:
    """Axis, end and place of the six balls, the nearest first, with how near each is."""
    right, up, back = camera.axes()
    tips = []
    for axis in range(3):
        for end, sign in ((0, -1.0), (1, 1.0)):
            reach = sign * REACH
            tip = _middle(height) + QPointF(reach * float(right[axis]), -reach * float(up[axis]))
            tips.append((axis, end, tip, sign * float(back[axis])))
    return sorted(tips, key=lambda ball: -ball[3])


def _paint_axis(painter: QPainter, letter: str, color: QColor, middle: QPointF, tip: QPointF) -> None:
    font = painter.font()
    font.setPixelSize(11)
    font.setBold(True)
    painter.setFont(font)
    painter.setPen(QPen(color, 2.5, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    painter.drawLine(middle, tip)
    painter.setBrush(color)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.drawEllipse(tip, BALL, BALL)
    painter.setPen(INK)
    box = QRectF(tip.x() - BALL, tip.y() - BALL, 2 * BALL, 2 * BALL)
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, letter)
