"""The legend under the views: a colour scale with ticks and unit, or named swatches."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFont,
    QFontMetricsF,
    QImage,
    QMouseEvent,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QFrame, QSizePolicy, QWidget

from octavox.gui.base.i18n import tr
from octavox.gui.document.colormap import Legend
from octavox.gui.document.property_colours import PropertyScale

from .scale_editor import ScaleEditor

HEIGHT = 46
MARGIN = 12
LEAST_SCALE = 80  # pixels that a scale gets before its unit


class LegendBar(QFrame):
    """Paints up to two legends side by side in the palette's colours. A double click changes a scale.

    letter: of the view whose scale it shows, "" for that of all. `scaled`: key of what is coloured, and the
    PropertyScale that the user chose. `asked`: where on the screen the user wants a menu.
    """

    scaled = Signal(str, object)
    asked = Signal(QPoint)

    def __init__(self, letter: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.letter = letter
        self.setObjectName("legend")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.legends: tuple[Legend, ...] = ()
        self.note = ""
        # What was chosen so far of the scale of a key; set by the owner.
        self.chosen: Callable[[str], PropertyScale] = lambda mode: PropertyScale()

    def legend_at(self, x: float) -> Legend | None:
        """The legend there whose scale can be changed."""
        left = 0.0
        for legend, width in zip(self.legends, self._widths() if self.legends else [], strict=True):
            if left <= x < left + width:
                return legend if legend in self.editable else None
            left += width
        return None

    @property
    def editable(self) -> list[Legend]:
        """The legends whose scale can be changed."""
        return [legend for legend in self.legends if legend.mode and legend.scale is not None]

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.asked.emit(event.globalPos())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        legend = self.legend_at(event.position().x())
        if legend is not None:
            self.edit(legend)

    def edit(self, legend: Legend) -> None:
        """Open the editor of a legend's scale."""
        editor = ScaleEditor(legend, self.chosen(legend.mode), self)
        editor.scaled.connect(self.scaled)
        editor.open()

    def sizeHint(self) -> QSize:
        return QSize(300, HEIGHT)

    def show_legends(self, *legends: Legend | None, note: str = "") -> None:
        """note: a text where there is no legend; the bar keeps its place, so that the views
        above it keep their size."""
        self.legends = tuple(legend for legend in legends if legend is not None)
        self.note = note
        tip = tr("Double-click: colours and ends of the scale; right-click: scales of single views")
        self.setToolTip(tip if self.editable else "")
        self.setAccessibleDescription("; ".join(_spoken(x) for x in self.legends))
        self.update()

    def _widths(self) -> list[float]:
        """Even shares; swatches beside a scale take only the width that they need."""
        even = self.width() / len(self.legends)
        scales = [legend.colors is not None for legend in self.legends]
        if not any(scales):
            return [even] * len(scales)
        least = [0.0 if x.colors is not None else min(even, self._need(x)) for x in self.legends]
        rest = (self.width() - sum(least)) / sum(scales)
        return [rest if scale else width for scale, width in zip(scales, least, strict=True)]

    def _need(self, legend: Legend) -> float:
        metrics = QFontMetricsF(_bold(self.font()))
        words = [tr(legend.title), *(tr(text) for _, text in legend.swatches)]
        return 2 * MARGIN + sum(metrics.horizontalAdvance(w) + 44 for w in words)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        if self.legends:
            left = 0.0
            for legend, width in zip(self.legends, self._widths(), strict=True):
                area = QRectF(left + MARGIN, 0, width - 2 * MARGIN, self.height())
                paint_legend(painter, legend, area, self.palette().windowText().color(), self.font())
                left += width
        else:
            painter.setPen(self.palette().placeholderText().color())
            area = QRectF(self.rect()).adjusted(MARGIN, 0, -MARGIN, 0)
            painter.drawText(area, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self.note)
        painter.end()


def paint_legend(painter: QPainter, legend: Legend, area: QRectF, ink: QColor, font: QFont) -> None:
    """Draw a legend into an area at least HEIGHT high."""
    bold = _bold(font)
    title, unit = tr(legend.title), tr(legend.unit) if legend.unit else ""
    title = f"{title}, {unit}" if unit and legend.colors is None else title
    words = max(
        QFontMetricsF(bold).horizontalAdvance(title), QFontMetricsF(font).horizontalAdvance(legend.note)
    )
    width = min(area.width() * (0.55 if legend.note else 0.46), words + 18)
    painter.setPen(ink)
    painter.setFont(bold)
    line = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
    place = QRectF(area.left(), area.top(), width, area.height())
    if legend.note:
        place = QRectF(area.left(), area.top() + 5, width, area.height() / 2 - 5)
        below = place.translated(0, place.height() - 2)
        painter.drawText(place, line, _cut(bold, title, width))
        painter.setFont(font)
        painter.drawText(below, line, _cut(font, legend.note, width))
    else:
        painter.drawText(place, line, _cut(bold, title, width))
    rest = area.adjusted(width, 0, 0, 0)
    painter.setFont(font)
    if legend.colors is None:
        _paint_swatches(painter, legend, rest, ink)
    else:
        _paint_scale(painter, legend, rest, ink)


def _spoken(legend: Legend) -> str:
    """The legend as text, for screen readers."""
    if legend.colors is None:
        return ": ".join((tr(legend.title), ", ".join(tr(words) for _, words in legend.swatches)))
    words = ", ".join(filter(None, (tr(legend.unit), legend.note)))
    return f"{tr(legend.title)} ({words})" if words else tr(legend.title)


def _cut(font: QFont, words: str, width: float) -> str:
    """The words, with an ellipsis where they have no room."""
    return QFontMetricsF(font).elidedText(words, Qt.TextElideMode.ElideRight, width - 4)


def _bold(font: QFont) -> QFont:
    bold = QFont(font)
    bold.setWeight(QFont.Weight.DemiBold)
    return bold


def _paint_swatches(painter: QPainter, legend: Legend, area: QRectF, ink: QColor) -> None:
    metrics = QFontMetricsF(painter.font())
    x, middle = area.left(), area.center().y()
    for color, name in legend.swatches:
        text = tr(name)
        width = 14 + 6 + metrics.horizontalAdvance(text) + 18
        if x + width - 18 > area.right():
            painter.drawText(QRectF(x, area.top(), 20, area.height()), Qt.AlignmentFlag.AlignVCenter, "…")
            return
        painter.fillRect(QRectF(x, middle - 7, 14, 14), QColor(*color))
        painter.setPen(ink)
        spot = QRectF(x + 20, area.top(), width, area.height())
        painter.drawText(spot, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
        x += width


def _paint_scale(painter: QPainter, legend: Legend, area: QRectF, ink: QColor) -> None:
    metrics = QFontMetricsF(painter.font())
    clipped = [tr("{unit} and above", unit=tr(legend.unit))] if legend.clipped else []
    bar, colors = QRectF(area.left() + 16, area.top() + 8, 0, 13), legend.colors
    for unit in (*clipped, tr(legend.unit), ""):  # the words give way to the scale
        bar.setRight(min(area.right() - metrics.horizontalAdvance(unit) - 24, bar.left() + 520))
        if bar.width() >= LEAST_SCALE:
            break
    if colors is None or bar.width() < LEAST_SCALE / 2:
        return
    image = QImage(colors.tobytes(), len(colors), 1, 3 * len(colors), QImage.Format.Format_RGB888)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.drawImage(bar, image)
    painter.setPen(ink)
    free = -1e9
    for place, text in legend.ticks:
        x, half = bar.left() + place * bar.width(), metrics.horizontalAdvance(text) / 2
        painter.drawLine(QRectF(x, bar.bottom(), 0, 4).topLeft(), QRectF(x, bar.bottom() + 4, 0, 0).topLeft())
        if x - half < free:
            continue
        painter.drawText(
            QRectF(x - half, bar.bottom() + 3, 2 * half + 2, metrics.height() + 2),
            Qt.AlignmentFlag.AlignTop,
            text,
        )
        free = x + half + 8
    spot = QRectF(bar.right() + 6, bar.top() - 4, metrics.horizontalAdvance(unit) + 4, bar.height() + 8)
    painter.drawText(spot, Qt.AlignmentFlag.AlignVCenter, unit)
