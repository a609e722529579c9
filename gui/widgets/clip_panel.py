"""The clipping box: two ends along each axis, and a slider that moves what is between them."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QSlider,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from octavox.gui.base.i18n import tr
from octavox.gui.document.clip import Clip
from octavox.gui.document.session import Session

from .facts import label

SLIDER_WIDTH = 36
NUMBER_WIDTH = 73  # pixels; five digits


class ClipPanel(QWidget):
    """`clipped`: the box that the user wants, None for no clipping."""

    clipped = Signal(object)

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.setObjectName("dockBody")
        self._session, self._telling = session, False
        self.switch = QCheckBox(tr("Draw only what lies in the box"))
        self.switch.toggled.connect(self._switched)
        grid = QGridLayout()
        grid.setHorizontalSpacing(6)
        grid.setColumnStretch(2, 1)
        self.lows, self.highs, self.places, self.slices = zip(
            *(self._row(grid, k) for k in range(3)), strict=True
        )
        self.words = label("", "muted")
        self.words.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 12, 8)
        column.setSpacing(4)
        column.addWidget(self.switch)
        column.addLayout(grid)
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(label("Slice", "muted"))
        for cut in self.slices:
            row.addWidget(cut)
        row.addStretch(1)
        column.addLayout(row)
        column.addWidget(self.words)
        column.addStretch(1)
        self.refresh()

    def _row(self, grid: QGridLayout, axis: int) -> tuple[QSpinBox, QSpinBox, QSlider, QPushButton]:
        name = "xyz"[axis]
        low, high, place = QSpinBox(), QSpinBox(), QSlider(Qt.Orientation.Horizontal)
        low.setAccessibleName(tr("First voxel along {axis}", axis=name))
        high.setAccessibleName(tr("Last voxel along {axis}", axis=name))
        place.setAccessibleName(tr("Move the box along {axis}", axis=name))
        place.setToolTip(place.accessibleName())
        cut = QPushButton(name)
        cut.setToolTip(tr("Show one layer of voxels across {axis}; the slider moves it", axis=name))
        cut.setAccessibleName(cut.toolTip())
        cut.setMinimumWidth(SLIDER_WIDTH)
        for column, part in enumerate((label(name), low, place, high)):
            grid.addWidget(part, axis, column)
        for box in (low, high):
            box.setKeyboardTracking(False)
            box.setFixedWidth(NUMBER_WIDTH)
        place.setMinimumWidth(SLIDER_WIDTH)
        low.valueChanged.connect(lambda value: self._end(axis, value, max(value, high.value())))
        high.valueChanged.connect(lambda value: self._end(axis, min(value, low.value()), value))
        place.valueChanged.connect(lambda value: self._end(axis, value, value + high.value() - low.value()))
        cut.clicked.connect(lambda: self.slice(axis))
        return low, high, place, cut

    @property
    def _whole(self) -> Clip | None:
        """The bounds of the cloud."""
        item = self._session.reference
        return None if item is None or not len(item.display) else Clip.of(item.display.low, item.display.high)

    def refresh(self) -> None:
        whole, clip = self._whole, self._session.view.clip
        shown = clip or whole
        self._telling = True
        self.switch.setEnabled(whole is not None)
        self.switch.setChecked(clip is not None)
        for axis in range(3):
            parts = (self.lows[axis], self.highs[axis], self.places[axis])
            for part in (*parts, self.slices[axis]):
                part.setEnabled(whole is not None)
            if whole is not None and shown is not None:
                self._show_axis(axis, whole, shown)
        self._telling = False
        self.words.setText("" if whole is not None else tr("Open a cloud to clip it."))

    def _show_axis(self, axis: int, whole: Clip, shown: Clip) -> None:
        first, last = whole.low[axis], whole.high[axis] - 1
        low, high = shown.low[axis], shown.high[axis] - 1
        first, last = min(first, low), max(last, high)  # a session may bring a box of another cloud
        for box, value in ((self.lows[axis], low), (self.highs[axis], high)):
            box.setRange(first, last)
            box.setValue(value)
        place = self.places[axis]
        place.setRange(first, last - (high - low))
        place.setValue(low)
        place.setEnabled(place.maximum() > place.minimum())

    @Slot(bool)
    def _switched(self, on: bool) -> None:
        if not self._telling:
            self.clipped.emit(self._whole if on else None)

    def _end(self, axis: int, low: int, high: int) -> None:
        shown = self._session.view.clip or self._whole
        if not self._telling and shown is not None:
            self.clipped.emit(shown.between(axis, low, high + 1))

    def slice(self, axis: int) -> None:
        """One layer in the middle of what is shown along an axis, all along the others."""
        whole, shown = self._whole, self._session.view.clip or self._whole
        if whole is not None and shown is not None:
            middle = (shown.low[axis] + shown.high[axis]) // 2
            self.clipped.emit(whole.between(axis, middle, middle + 1))
