"""Asks how a picture of the views is to look."""

from __future__ import annotations

from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QVBoxLayout,
    QWidget,
)

from octavox.gui.base.i18n import tr


class PictureDialog(QDialog):
    def __init__(self, scales: tuple[int, ...], size: tuple[int, int], parent: QWidget | None = None) -> None:
        """size: width and height in pixels at scale 1."""
        super().__init__(parent)
        self.setWindowTitle(tr("Picture"))
        self.scale, self.ground = QComboBox(), QComboBox()
        for scale in scales:
            self.scale.addItem(f"{scale} ×  ({scale * size[0]} × {scale * size[1]})", scale)
        self.scale.setCurrentIndex(min(1, len(scales) - 1))
        names = {"white": tr("White"), "transparent": tr("Transparent"), "view": tr("As in the view")}
        for key, name in names.items():
            self.ground.addItem(name, key)
        self.legend, self.marks = QCheckBox(tr("Legend")), QCheckBox(tr("Axes, scale bar, selected block"))
        self.legend.setChecked(True)
        self.marks.setChecked(True)
        form = QFormLayout()
        form.addRow(tr("Size"), self.scale)
        form.addRow(tr("Background"), self.ground)
        form.addRow("", self.legend)
        form.addRow("", self.marks)
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Save | QDialogButtonBox.StandardButton.Cancel
        )
        buttons.button(QDialogButtonBox.StandardButton.Save).setText(tr("Save…"))
        buttons.button(QDialogButtonBox.StandardButton.Cancel).setText(tr("Cancel"))
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.addLayout(form)
        column.addWidget(buttons)

    def chosen(self) -> dict[str, object]:
        """By the fields of a picture."""
        return {
            "scale": self.scale.currentData(),
            "ground": self.ground.currentData(),
            "legend": self.legend.isChecked(),
            "marks": self.marks.isChecked(),
        }
