"""The histogram of the blocks: bars, the selected block's place, and a brush that filters."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QPushButton, QToolTip, QVBoxLayout, QWidget

from octavox.gui.base.i18n import tr
from octavox.gui.document import text
from octavox.gui.document.blocks import BlockFilter, column_of, columns_of
from octavox.gui.document.colormap import Scale, nice_ticks, on_light
from octavox.gui.document.histogram import Histogram
from octavox.gui.document.session import Session

from .elided import ElidedLabel

AXIS = 20  # pixels for the numbers below the bars
TOP, SIDE = 4, 12  # pixels around the bars


class HistogramPlot(QWidget):
    """Bars, with the number of blocks at the left. `brushed`: a BlockFilter."""

    brushed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.histogram: Histogram | None = None
        self.filter = BlockFilter()
        self.mark: float | None = None  # value of the selected block
        self.scale: Scale | None = None  # on which the views colour these values
        self._drag: tuple[int, int] | None = None
        self.setMinimumHeight(70)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAccessibleName(tr("Histogram of the blocks"))

    def sizeHint(self) -> QSize:
        return QSize(300, 150)

    def show_histogram(
        self, histogram: Histogram, keep: BlockFilter, mark: float | None, scale: Scale | None = None
    ) -> None:
        self.histogram, self.filter, self.mark, self.scale = histogram, keep, mark, scale
        total = int(histogram.counts.sum())
        self.setAccessibleDescription(f"{tr('{n} blocks', n=text.count(total))}; {self.heights_words}")
        self.update()

    @property
    def heights_words(self) -> str:
        """What the heights of the bars are."""
        log = self.histogram is not None and self.histogram.logarithmic
        return tr("number of blocks, logarithmic") if log else tr("number of blocks")

    # -- geometry ------------------------------------------------------------------------------------

    @property
    def _area(self) -> QRectF:
        marks = self.histogram.ticks() if self.histogram is not None else []
        metrics = self.fontMetrics()
        left = max((metrics.horizontalAdvance(text.count(mark)) for mark in marks), default=0) + SIDE
        top = metrics.height() + TOP
        return QRectF(left, top, max(1, self.width() - left - SIDE), max(1, self.height() - AXIS - top))

    def bin_at(self, x: float) -> int:
        """Bin under a pixel column; beyond the ends, the first or the last."""
        count = len(self.histogram) if self.histogram else 0
        return int(np.clip((x - self._area.left()) / self._area.width() * count, 0, max(0, count - 1)))

    def bar(self, index: int) -> QRectF:
        """The rectangle of a bar."""
        if self.histogram is None or not len(self.histogram):
            return QRectF()
        area, counts = self._area, self.histogram.counts
        width = area.width() / len(counts)
        share = self.histogram.height(int(counts[index]))
        height = max(2.0, share * area.height()) if counts[index] else 0.0
        return QRectF(area.left() + index * width, area.bottom() - height, width, height)

    # -- painting ------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        palette, histogram = self.palette(), self.histogram
        muted = palette.placeholderText().color()
        if histogram is None or not len(histogram):
            painter.setPen(muted)
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, tr("no blocks yet"))
            painter.end()
            return
        kept = self._kept()
        accent, rest = palette.link().color(), QColor(muted)
        rest.setAlpha(90)
        for index, own in enumerate(self._colors(accent)):
            bar = self.bar(index)
            gap = 1.0 if bar.width() > 3 else 0.0
            painter.fillRect(bar.adjusted(0, 0, -gap, 0), own if kept[index] else rest)
        self._paint_axis(painter, muted)
        self._paint_mark(painter)
        if self.hasFocus():
            painter.setPen(QPen(accent, 1, Qt.PenStyle.DotLine))
            painter.drawRect(self.rect().adjusted(1, 1, -2, -2))
        painter.end()

    def _colors(self, plain: QColor) -> list[QColor]:
        """Of the bars: those of the blocks in the views, where their values colour these."""
        histogram = self.histogram
        if histogram is None or self.scale is None:
            return [plain] * (0 if histogram is None else len(histogram))
        colors = self.scale.colors_of((histogram.edges[1:] + histogram.edges[:-1]) / 2)
        light = self.palette().window().color().lightness() > 127
        return [QColor(*color) for color in (on_light(colors) if light else colors).tolist()]

    def _kept(self) -> list[bool]:
        """Which bins the current brush keeps, or without one the filter."""
        histogram = self.histogram
        if histogram is None:
            return []
        if self._drag is not None:
            first, last = sorted(self._drag)
            return [first <= k <= last for k in range(len(histogram))]
        keep = self.filter
        if not keep.active or keep.column != histogram.column:
            return [True] * len(histogram)
        low = -np.inf if keep.low is None else keep.low
        high = np.inf if keep.high is None else keep.high
        middles = (histogram.edges[1:] + histogram.edges[:-1]) / 2
        return [bool(low <= m <= high) for m in middles]

    def _paint_axis(self, painter: QPainter, ink: QColor) -> None:
        histogram, area = self.histogram, self._area
        if histogram is None:
            return
        painter.setPen(ink)
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        painter.drawText(QPointF(SIDE / 2, painter.fontMetrics().ascent()), self.heights_words)
        lowest = area.bottom() + painter.fontMetrics().height()
        for count in histogram.ticks():
            y, words = area.bottom() - histogram.height(count) * area.height(), text.count(count)
            if lowest - y < painter.fontMetrics().height():
                continue  # no room above the tick below
            lowest = y
            painter.drawLine(QPointF(area.left() - 3, y), QPointF(area.left(), y))
            left = area.left() - 5 - painter.fontMetrics().horizontalAdvance(words)
            painter.drawText(QPointF(left, y + painter.fontMetrics().ascent() / 2 - 1), words)
        painter.drawLine(area.bottomLeft(), area.topLeft())
        low, high = float(histogram.edges[0]), float(histogram.edges[-1])
        for value, words in nice_ticks(low, high, max(2, int(area.width() // 50))):
            x = area.left() + (value - low) / (high - low) * area.width()
            painter.drawLine(QPointF(x, area.bottom()), QPointF(x, area.bottom() + 3))
            width = painter.fontMetrics().horizontalAdvance(words)
            left = min(max(0.0, x - width / 2), self.width() - width - 1.0)
            painter.drawText(QPointF(left, self.height() - 4), words)

    def _paint_mark(self, painter: QPainter) -> None:
        """A line where the selected block is."""
        histogram, area = self.histogram, self._area
        index = None if histogram is None or self.mark is None else histogram.bin_of(self.mark)
        if index is None:
            return
        x = self.bar(index).center().x()
        painter.setPen(QPen(self.palette().text().color(), 2))
        painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))

    # -- mouse and keys ------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.histogram is not None and len(self.histogram):
            here = self.bin_at(event.position().x())
            self._drag = (here, here)
            self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._drag is not None:
            self._drag = (self._drag[0], self.bin_at(event.position().x()))
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        drag, self._drag = self._drag, None
        if drag is not None and self.histogram is not None and self.histogram.holds(*drag):
            self.brushed.emit(self.histogram.brushed(*drag))
        self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._clear()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and right move the brush, with Shift its upper end; Backspace takes it away."""
        histogram, key = self.histogram, event.key()
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(key), 0)
        if key == Qt.Key.Key_Backspace:
            self._clear()
        elif step and histogram is not None and len(histogram):
            kept = np.flatnonzero(self._kept())
            first, last = (int(kept[0]), int(kept[-1])) if len(kept) else (0, len(histogram) - 1)
            wider = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            first = first if wider else min(max(0, first + step), len(histogram) - 1)
            last = min(max(first, last + (step if wider or last < len(histogram) - 1 or step < 0 else 0)),
                       len(histogram) - 1)  # fmt: skip
            self.brushed.emit(histogram.brushed(first, last))
        else:
            super().keyPressEvent(event)

    def _clear(self) -> None:
        self._drag = None
        self.brushed.emit(BlockFilter(self.filter.column))

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and self.histogram is not None and len(self.histogram):
            index = self.bin_at(event.pos().x())
            low, high = self.histogram.edges[index : index + 2]
            blocks = tr("{n} blocks", n=text.count(self.histogram.counts[index]))
            QToolTip.showText(event.globalPos(), f"{text.number(low)} – {text.number(high)}: {blocks}", self)
            return True
        return super().event(event)


class HistogramPanel(QWidget):
    """The plot with a choice of column. `filtered`: a BlockFilter."""

    filtered = Signal(object)

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.setObjectName("dockBody")
        self._session = session
        self._known: tuple[object, str] | None = None
        self.plot = HistogramPlot()
        self.plot.brushed.connect(self.filtered)
        self.column = QComboBox()
        self.column.setAccessibleName(tr("Column of the histogram"))
        self.column.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self._offer_columns("bpov")
        self.column.activated.connect(self._column_chosen)
        self.clear = QPushButton(tr("Clear"))
        self.clear.setToolTip(tr("Show all blocks again"))
        self.clear.clicked.connect(self._clear)
        row = QHBoxLayout()
        row.setContentsMargins(12, 6, 12, 2)
        row.setSpacing(6)
        row.addWidget(self.column)
        hint = ElidedLabel(tr("drag to keep a range"))
        hint.setProperty("role", "muted")
        row.addWidget(hint, 1)
        row.addWidget(self.clear)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 4)
        column.setSpacing(0)
        column.addLayout(row)
        column.addWidget(self.plot, 1)
        self.refresh()

    def _offer_columns(self, chosen: str) -> None:
        """The columns of the blocks, but for their number."""
        specs = columns_of(self._session.blocks)[1:]
        if [spec.key for spec in specs] == [self.column.itemData(k) for k in range(self.column.count())]:
            return
        self.column.clear()
        for spec in specs:
            self.column.addItem(tr(spec.title), spec.key)
        place = self.column.findData(chosen)
        self.column.setCurrentIndex(place if place >= 0 else self.column.findData("bpov"))

    def refresh(self) -> None:
        session, keep = self._session, self._session.view.filter
        self._offer_columns(str(self.column.currentData()))
        filtered = self.column.findData(keep.column)
        if keep.active and keep.column != self.column.currentData() and filtered >= 0:
            self.column.setCurrentIndex(filtered)
        key = str(self.column.currentData())
        if self._known is None or self._known[0] is not session.blocks or self._known[1] != key:
            self._known = (session.blocks, key)
            self.plot.histogram = Histogram.of(session.blocks, key)
        row, mark = session.view.selected, None
        if row is not None and row < len(session.blocks):
            mark = float(column_of(key).values(session.blocks)[row])
        if self.plot.histogram is not None:
            self.plot.show_histogram(self.plot.histogram, keep, mark, session.scale_of_column(key))
        self.clear.setEnabled(keep.active)

    @Slot(int)
    def _column_chosen(self, row: int) -> None:
        if self._session.view.filter.active:  # the range is one of another column
            self.filtered.emit(BlockFilter(str(self.column.currentData())))
        self.refresh()

    @Slot()
    def _clear(self) -> None:
        self.filtered.emit(BlockFilter(self._session.view.filter.column))
