"""Some points of a file that is still being read, in the left view, until its cloud takes their place."""

from __future__ import annotations

from octavox.gui.base.i18n import tr
from octavox.gui.document import text
from octavox.gui.document.looking import FirstLook

from .painting import Painting
from .side import Side


class FirstLookView:
    """While one is there, nothing else of the session is drawn."""

    def __init__(self, painting: Painting) -> None:
        self._painting = painting
        self.look: FirstLook | None = None

    def draw(self, side: Side) -> None:
        """The points alone: outlines and marks belong to what was open before."""
        if self.look is None:
            return
        display, pane = self.look.display, side.pane
        side.drawn = None
        for layer in (pane.others, pane.boxes, pane.highlight, pane.box_around):
            pane.apply(layer.resize(0))
        if len(display):
            pane.apply(pane.points.show(display, None, self._painting.first_look))
        pane.set_bounds(display.middle, display.radius + 64)
        pane.overlay.show_marks(None, "", pane.overlay.ink, pane.overlay.axes)
        points = tr("{n} points so far").format(n=text.count(len(display)))
        side.header.show_entry(self.look.label, points)
        pane.redraw()
