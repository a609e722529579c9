"""How many blocks a second bitstream spends how many bits more or fewer on: a histogram with its axes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from octavox.gui.base.i18n import tr
from octavox.gui.document import text
from octavox.gui.document.block_delta import DIVERGING_TABLE
from octavox.gui.document.colormap import nice_ticks

BINS = 21  # an odd number: the middle one is around no difference
AROUND = (44, 22, 12, 38)  # pixels left, above, right and below the bars


def bins_of(values: npt.NDArray[np.float64]) -> tuple[npt.NDArray[np.int64], float]:
    """How many values lie in each of BINS equal parts of -most to most, and most."""
    most = float(np.abs(values).max(initial=0.0)) or 1.0
    return np.histogram(values, BINS, (-most, most))[0], most


class DeltaPlot(QWidget):
    """Hidden while there is nothing to compare, or no room for it."""

    def __init__(self) -> None:
        super().__init__()
        self.counts: npt.NDArray[np.int64] = np.zeros(0, np.int64)
        self.most = 1.0
        self.setMinimumWidth(140)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(tr("Histogram of the bits that B spends more"))
        self.hide()

    _wanted = False
    _has_room = True

    def give_room(self, room: bool) -> None:
        """Where there is none, what stands beside it keeps what there is."""
        self._has_room = room
        self.setVisible(self._wanted and room)

    def sizeHint(self) -> QSize:
        return QSize(220, 140)

    def show_values(self, values: npt.NDArray[np.float64] | None) -> None:
        """(P,) bits that B spends more, of all places; None where two bitstreams are not compared."""
        self._wanted = values is not None and len(values) > 0
        self.setVisible(self._wanted and self._has_room)
        if values is not None and len(values):
            self.counts, self.most = bins_of(values)
            more, fewer = int((values > 0).sum()), int((values < 0).sum())
            self.setToolTip(
                tr(
                    "B spends more on {more} blocks, fewer on {fewer}",
                    more=text.count(more),
                    fewer=text.count(fewer),
                )
            )
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        left, above, right, below = AROUND
        area = QRectF(left, above, self.width() - left - right, self.height() - above - below)
        if not len(self.counts) or area.height() < 20:
            return
        ink, centre = self.palette().text().color(), Qt.AlignmentFlag.AlignHCenter
        painter.setPen(ink)
        painter.drawText(QRectF(0, 2, self.width(), above - 2), centre, tr("Blocks by bits B − A"))
        highest, width = int(self.counts.max()), area.width() / BINS
        for k, count in enumerate(self.counts.tolist()):
            height = area.height() * count / highest
            color = DIVERGING_TABLE[round(k * (len(DIVERGING_TABLE) - 1) / (BINS - 1))].tolist()
            bar = QRectF(area.left() + k * width + 0.5, area.bottom() - height, width - 1, height)
            painter.fillRect(bar, QColor(*color))
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        painter.drawLine(area.topLeft(), area.bottomLeft())
        for count, y in ((highest, area.top()), (0, area.bottom())):
            place = QRectF(0, y - 8, left - 5, 16)
            painter.drawText(
                place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text.count(count)
            )
        for value, words in nice_ticks(-self.most, self.most, 5):
            x = area.left() + area.width() * (value + self.most) / (2 * self.most)
            painter.drawLine(int(x), int(area.bottom()), int(x), int(area.bottom()) + 4)
            painter.drawText(QRectF(x - 40, area.bottom() + 4, 80, 16), centre, words)
        painter.drawText(QRectF(left, area.bottom() + 19, area.width(), 16), centre, tr("bits"))
        painter.end()
