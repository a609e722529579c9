"""Changes a colour scale: its colours, its ends, and whether it is logarithmic."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from octavox.gui.base.i18n import tr
from octavox.gui.document import text
from octavox.gui.document.colormap import Legend
from octavox.gui.document.property_colours import LABELS, MAP_NAMES, PropertyScale


class ScaleEditor(QDialog):
    """Shows each change at once. `scaled`: key of what is coloured, and its PropertyScale."""

    scaled = Signal(str, object)

    def __init__(self, legend: Legend, chosen: PropertyScale, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._mode, self._before = legend.mode, chosen
        self.setWindowTitle(tr("Scale: {title}", title=tr(legend.title)))
        self.map, self.low, self.high = QComboBox(), QLineEdit(), QLineEdit()
        self.log = QCheckBox(tr("Logarithmic"))
        self.log.setToolTip(tr("Equal steps of colour are equal factors"))
        for key, name in MAP_NAMES.items():
            if key != LABELS:
                self.map.addItem(tr(name), key)
        self._show(chosen)
        if legend.scale is not None:
            self.low.setPlaceholderText(text.figures(f"{legend.scale.low:.7g}"))
            self.high.setPlaceholderText(text.figures(f"{legend.scale.high:.7g}"))
        form = QFormLayout()
        form.addRow(tr("Colours"), self.map)
        form.addRow(tr("From"), self.low)
        form.addRow(tr("To"), self.high)
        form.addRow("", self.log)
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Close | QDialogButtonBox.StandardButton.Reset
        )
        close = buttons.button(QDialogButtonBox.StandardButton.Close)
        self.automatic = buttons.button(QDialogButtonBox.StandardButton.Reset)
        close.setText(tr("Close"))
        self.automatic.setText(tr("Automatic"))
        for button in (close, self.automatic):
            button.setIcon(QIcon())
        self.automatic.setToolTip(tr("Let the scale follow from the values again"))
        close.clicked.connect(self.accept)
        self.automatic.clicked.connect(self._reset)
        column = QVBoxLayout(self)
        column.addLayout(form)
        column.addWidget(buttons)
        self.map.activated.connect(self._changed)
        self.log.clicked.connect(self._changed)
        for edit in (self.low, self.high):
            edit.editingFinished.connect(self._changed)

    def _show(self, chosen: PropertyScale) -> None:
        self.map.setCurrentIndex(max(self.map.findData(chosen.colours), 0))
        self.log.setChecked(chosen.log)
        for edit, end in ((self.low, chosen.low), (self.high, chosen.high)):
            edit.setText("" if end is None else text.figures(f"{end:.7g}"))

    @Slot()
    def _changed(self) -> None:
        low, high = (text.parsed(edit.text()) for edit in (self.low, self.high))
        if low is not None and high is not None and low > high:
            low, high = high, low
        self._choose(PropertyScale(self.map.currentData(), low, high, self.log.isChecked()))

    @Slot()
    def _reset(self) -> None:
        self._choose(PropertyScale())

    def _choose(self, chosen: PropertyScale) -> None:
        self._show(chosen)
        if chosen != self._before:
            self._before = chosen
            self.scaled.emit(self._mode, chosen)
