"""What is shown around a cloud (box, axes, scale bar, eye-dome lighting), and pictures of whole views."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPoint
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QWidget

from octavox.gui.base.i18n import tr
from octavox.gui.base.theme import Theme
from octavox.gui.document import text
from octavox.gui.document.session import Session

from .pane import Pane
from .side import Side


def show_marks(side: Side, session: Session, theme: Theme) -> None:
    """Bounding box, axes, scale bar and eye-dome lighting of one side, as the view state has them."""
    view, pane, entry = session.view, side.pane, side.entry
    display = entry.display if entry else None
    boxed = int(display is not None and view.bounds and len(display) > 0)
    low, extent = np.zeros((boxed, 3), np.int32), np.zeros((boxed, 3), np.int32)
    if display is not None and boxed:
        low[0], extent[0] = display.low, display.high - display.low
    ink = np.full((boxed, 3), theme.rgb("view_text"), np.uint8)
    pane.apply(pane.box_around.show(low, extent, ink))
    words = tr("{n} voxels", n=" × ".join(text.count(v) for v in extent[0])) if boxed else ""
    sizes = display.proportions if display is not None and view.scale_bar else None
    pane.overlay.show_marks(sizes, words, QColor(theme["view_text"]), view.axes)
    pane.eye_dome.enabled = view.edl
    if display is not None:
        pane.eye_dome.span = 2 * display.radius


def picture_of(view: QWidget, panes: list[Pane], ground: QColor, scale: int, height: int) -> QImage:
    """The upper part of a widget, so high, and the panes in it, complete, at `scale` times the screen's
    resolution."""
    for pane in panes:
        pane.finish()
    ratio = view.devicePixelRatioF() * scale
    image = QImage(view.size() * ratio, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(ratio)
    image.fill(ground)
    view.render(image, QPoint())
    painter = QPainter(image)
    for pane in panes:  # render() leaves OpenGL widgets out on some platforms
        painter.drawImage(pane.mapTo(view, QPoint()), pane.picture(True, scale))
    painter.end()
    return image.copy(0, 0, image.width(), round(height * ratio))
