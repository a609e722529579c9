"""Draws some points of a file that is still being read, in the left view."""

from __future__ import annotations

import numpy as np
from PySide6.QtGui import QColor

from octavox.gui.base.i18n import tr
from octavox.gui.document import text
from octavox.gui.document.preview import Preview

from .painting import Painting
from .side import Side


class PreviewDrawing:
    """shown: the preview. While there is one, nothing else of the session is drawn."""

    def __init__(self, painting: Painting) -> None:
        self._painting = painting
        self.shown: Preview | None = None

    def draw(self, side: Side) -> None:
        """Draw the points alone: outlines and marks belong to what was open before."""
        if self.shown is None:
            return
        display, pane = self.shown.display, side.pane
        side.drawn = side.ghost = None
        for layer in (pane.ghost, pane.arrows, pane.others, pane.boxes, pane.highlight, pane.box_around):
            pane.apply(layer.resize(0))
        for cubes in (pane.cubes, pane.other_cubes):
            pane.apply(cubes.hide())
        pane.overlay.show_box(np.empty((0, 3)), QColor())
        if len(display):
            pane.apply(pane.points.show(display, None, self._painting.preview_colors))
        pane.set_steps(display.proportions.steps)
        pane.set_bounds(display.middle, display.radius + 64)
        pane.overlay.show_marks(None, "", pane.overlay.ink, pane.overlay.axes)
        points = tr("{n} points so far").format(n=text.count(len(display)))
        side.header.show_entry(self.shown.label, points)
        pane.redraw()
