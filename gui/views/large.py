"""A view drawn larger than the screen: part by part, each as large as the view."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QImage, QPainter

if TYPE_CHECKING:
    from .pane import Pane


def large_picture(pane: Pane, scale: int) -> QImage:
    """The view at `scale` times its resolution; points and lines grow with it."""
    chunks = (*pane.points.chunks, *pane.others.chunks, *pane.boxes.chunks)
    marks = (*pane.highlight.chunks, *pane.box_around.chunks)
    looks = [chunk.actor.GetProperty() for chunk in (*chunks, *marks)]
    before = [(look.GetPointSize(), look.GetLineWidth()) for look in looks]
    for look, (point, line) in zip(looks, before, strict=True):
        look.SetPointSize(point * scale)
        look.SetLineWidth(line * scale)
    parts = [
        (column, row, pane.draw_part(scale, column, scale - 1 - row))
        for row in range(scale)
        for column in range(scale)
    ]
    width, height = parts[0][2].width(), parts[0][2].height()
    image = QImage(width * scale, height * scale, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    for column, row, part in parts:
        part.setDevicePixelRatio(1)
        painter.drawImage(column * width, row * height, part)
    painter.end()
    for look, (point, line) in zip(looks, before, strict=True):
        look.SetPointSize(point)
        look.SetLineWidth(line)
    pane.draw_part(1, 0, 0)
    return image
