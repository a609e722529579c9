"""Distances from the eye of what is drawn."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from octavox.gui.document.camera import Camera

from .canvas import Canvas

PICK_RADIUS = 3  # logical pixels around the click that count as a hit


def depth_picture(canvas: Canvas, camera: Camera, clip: tuple[float, float]) -> npt.NDArray[np.float32]:
    """(H, W) distances along the view of what is drawn, top row first; infinite over background."""
    width, height = canvas.pixels
    z = canvas.depths(0, 0, width - 1, height - 1)[::-1]
    return np.where(z < 1, camera.depths(z, clip), np.float32(np.inf))


def position_at(
    canvas: Canvas, camera: Camera, clip: tuple[float, float], x: float, y: float, ratio: float
) -> npt.NDArray[np.float64] | None:
    """The place that is drawn at or within PICK_RADIUS of a pixel (y down), or None over background.

    ratio: pixels of the picture to one of Qt's.
    """
    width, height = canvas.pixels
    px, py = round(x), round(height - ratio - y)
    reach = round(PICK_RADIUS * ratio)
    x0, x1 = max(0, px - reach), min(width - 1, px + reach)
    y0, y1 = max(0, py - reach), min(height - 1, py + reach)
    if x1 < x0 or y1 < y0:
        return None
    z = canvas.depths(x0, y0, x1, y1)
    rows, columns = np.nonzero(z < 1.0)
    if not len(rows):
        return None
    distance = np.hypot(columns + x0 - px, rows + y0 - py)
    best = int(np.lexsort((z[rows, columns], np.round(distance)))[0])
    sx, sy = columns[best] + x0 + 0.5, height - (rows[best] + y0) - 0.5
    value = float(z[rows[best], columns[best]])
    return camera.unproject(sx, sy, value, (width, height), clip)
