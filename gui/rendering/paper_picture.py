"""A picture of the views for a paper: on white, transparent or as they are; legend and marks on request."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QImage, QPainter

from octavox.gui.document.colormap import Legend
from octavox.gui.widgets.legend import HEIGHT, MARGIN, paint_legend

from .pane import Pane

GROUNDS = ("white", "transparent", "view")
SCALES = (1, 2, 3, 4, 6)
GAP = 8  # pixels between two views
INK = QColor("#1d2127")  # on white
Shown = tuple[Legend, ...]
Views = list[tuple[Pane, Shown]]


@dataclass(frozen=True)
class PaperPicture:
    """scale: times the screen's resolution. ground: one of GROUNDS. marks: axes, scale bar, selection."""

    scale: int = 2
    ground: str = "white"
    legend: bool = True
    marks: bool = True

    def draw(self, views: Views, legends: Shown, ink: QColor, font: QFont) -> QImage:
        """views: panes, each with the legends of a scale of its own. legends: of the scale that the others
        share. ink: of words where the views keep their own background."""
        panes = [pane for pane, _ in views]
        ratio = panes[0].devicePixelRatioF() * self.scale
        width = sum(pane.width() for pane in panes) + GAP * (len(panes) - 1)
        foot = HEIGHT if self.legend and legends else 0
        own = HEIGHT if self.legend and any(shown for _, shown in views) else 0
        height = max(pane.height() for pane in panes) + own
        image = QImage(
            round(width * ratio), round((height + foot) * ratio), QImage.Format.Format_ARGB32_Premultiplied
        )
        if image.isNull():
            raise MemoryError("the picture is too large for the memory")
        image.setDevicePixelRatio(ratio)
        if self.ground == "view":
            image.fill(panes[0].ground)
        else:
            image.fill(Qt.GlobalColor.white if self.ground == "white" else Qt.GlobalColor.transparent)
            ink = INK
        painter, left = QPainter(image), 0
        for pane, shown in views:
            painter.drawImage(QPointF(left, 0), self._view(pane, ratio))
            if own:
                _paint_row(painter, shown, QRectF(left, pane.height(), pane.width(), own), ink, font)
            left += pane.width() + GAP
        if foot:
            _paint_row(painter, legends, QRectF(0, height, width, foot), ink, font)
        painter.end()
        return image

    def _view(self, pane: Pane, ratio: float) -> QImage:
        if self.ground == "view":
            return self._marked(pane, pane.picture(scale=self.scale), ratio)
        marked, ink = pane.ink_marks(INK), pane.overlay.ink
        pane.overlay.ink = INK
        view = self._marked(pane, pane.without_ground(self.scale), ratio)
        pane.overlay.ink = ink
        pane.ink_marks(marked)
        pane.redraw()
        return view

    def _marked(self, pane: Pane, view: QImage, ratio: float) -> QImage:
        view.setDevicePixelRatio(ratio)
        if self.marks:
            painter = QPainter(view)
            pane.overlay.paint(painter)
            painter.end()
        return view


def _paint_row(painter: QPainter, legends: Shown, area: QRectF, ink: QColor, font: QFont) -> None:
    """Legends side by side in an area."""
    share = area.width() / max(1, len(legends))
    for k, legend in enumerate(legends):
        place = QRectF(area.left() + k * share + MARGIN, area.top(), share - 2 * MARGIN, area.height())
        paint_legend(painter, legend, place, ink, font)
