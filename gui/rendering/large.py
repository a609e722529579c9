"""A view drawn larger than the screen: part by part, each as large as the view."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtGui import QImage, QPainter

from .layers import Layer


def large_picture(
    layers: Iterable[Layer], draw_part: Callable[[int, int, int], QImage], scale: int
) -> QImage:
    """The view at `scale` times its resolution; lines grow with it, and so do points (`draw_part`).

    layers: all that is drawn. draw_part(count, column, row): draws one of count * count parts as large as the
    view; row 0 is the lowest.
    """
    looks = [chunk.actor.GetProperty() for layer in layers for chunk in layer.chunks]
    before = [look.GetLineWidth() for look in looks]
    for look, line in zip(looks, before, strict=True):
        look.SetLineWidth(line * scale)
    parts = [
        (column, row, draw_part(scale, column, scale - 1 - row))
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
    for look, line in zip(looks, before, strict=True):
        look.SetLineWidth(line)
    draw_part(1, 0, 0)
    return image
