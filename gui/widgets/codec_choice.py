"""The question which codecs are to be compared."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QCheckBox, QDialog, QDialogButtonBox, QLabel, QVBoxLayout, QWidget

from octavox.gui.base.i18n import tr


class CodecChoice(QDialog):
    """Asks for two or three codecs; says how long each takes, where that is known."""

    def __init__(self, parent: QWidget, times: dict[str, str], most: int) -> None:
        super().__init__(parent)
        self._most = most
        self.setWindowTitle(tr("Compare codecs"))
        column = QVBoxLayout(self)
        column.addWidget(QLabel(tr("Compress and decode the cloud with two or three codecs:")))
        self.boxes = {name: QCheckBox(f"{name}  ({time})") for name, time in times.items()}
        for k, box in enumerate(self.boxes.values()):
            box.setChecked(k < most)
            box.toggled.connect(self._enable)
            column.addWidget(box)
        buttons = QDialogButtonBox.StandardButton
        self.buttons = QDialogButtonBox(buttons.Ok | buttons.Cancel)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        column.addWidget(self.buttons)
        self._enable()

    @property
    def chosen(self) -> list[str]:
        return [name for name, box in self.boxes.items() if box.isChecked()]

    @Slot()
    def _enable(self) -> None:
        ok = self.buttons.button(QDialogButtonBox.StandardButton.Ok)
        ok.setEnabled(2 <= len(self.chosen) <= self._most)
