"""A view drawn larger than the screen, part by part; and a view without its background."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
import numpy.typing as npt
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


def from_grounds(over_black: QImage, over_white: QImage) -> QImage:
    """A picture with opacity, from the same drawn over black and over white."""
    black, white = (_channels(image) for image in (over_black, over_white))
    opacity = 255 - (white - black).max(axis=2).clip(0, 255)
    pixels = np.dstack([np.minimum(black, opacity[:, :, None]), opacity]).astype(np.uint8)
    height, width = opacity.shape
    # Colours times opacity, which is what a picture over black has.
    image = QImage(pixels.tobytes(), width, height, 4 * width, QImage.Format.Format_RGBA8888_Premultiplied)
    return image.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)


def _channels(image: QImage) -> npt.NDArray[np.int16]:
    """(H, W, 3)."""
    rgb = image.convertToFormat(QImage.Format.Format_RGBX8888)
    rows = np.frombuffer(rgb.constBits(), np.uint8).reshape(rgb.height(), rgb.width(), 4)
    return rows[:, :, :3].astype(np.int16)
