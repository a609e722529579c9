"""Codec options and the two buttons that use them."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QComboBox, QFormLayout, QPushButton, QVBoxLayout, QWidget

from ..actions import Actions
from ..model.session import Session
from .facts import label

CODECS = (
    ("voxeldnn", "VoxelDNN", "The learned codec of the paper: 64³ blocks, a network predicts every voxel"),
    ("octree", "Octree", "Adaptive contexts on an octree: no network, quick, works on any cloud"),
)
LEVELS = ((1, "64 only"), (2, "64 to 32"), (3, "64 to 16"), (4, "64 to 8"), (5, "64 to 4"))
DEVICES = (("auto", "Automatic"), ("cpu", "CPU"), ("cuda", "CUDA GPU"))


class ActionButton(QPushButton):
    """A push button that mirrors an action: text, state, hint."""

    def __init__(self, actions: Actions, key: str, primary: bool = False) -> None:
        super().__init__()
        self._action = actions[key]
        self.setProperty("primary", primary)
        self.clicked.connect(self._action.trigger)
        self._action.changed.connect(self.refresh)
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        self.setText(self._action.text())
        self.setEnabled(self._action.isEnabled())
        self.setToolTip(self._action.toolTip())


class CodecPanel(QWidget):
    """Changes are reported as (field of CodecOptions, value)."""

    chosen = Signal(str, object)

    def __init__(self, session: Session, actions: Actions, known: tuple[str, ...]) -> None:
        super().__init__()
        self.setObjectName("dockBody")
        self._session = session
        self._boxes: dict[str, QComboBox] = {}
        form = QFormLayout()
        form.setHorizontalSpacing(12)
        form.setVerticalSpacing(7)
        tips = {key: (name, tip) for key, name, tip in CODECS}
        form.addRow(label("Codec", "muted"), self._box("codec", [(k, *tips.get(k, (k, ""))) for k in known]))
        form.addRow(label("Blocks", "muted"), self._box("max_level", [(n, name, "") for n, name in LEVELS]))
        form.addRow(label("Device", "muted"), self._box("device", [(k, name, "") for k, name in DEVICES]))
        self._boxes["max_level"].setToolTip(
            "Block sizes among which VoxelDNN chooses (Algorithm 1 of the paper)"
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 10, 12, 12)
        column.setSpacing(8)
        column.addLayout(form)
        column.addSpacing(4)
        column.addWidget(ActionButton(actions, "compress", primary=True))
        column.addWidget(ActionButton(actions, "decompress"))
        column.addStretch(1)
        self.refresh()

    def _box(self, field: str, entries: list[tuple[object, str, str]]) -> QComboBox:
        box = QComboBox()
        for row, (value, name, tip) in enumerate(entries):
            box.addItem(name, value)
            box.setItemData(row, tip, 3)  # Qt.ToolTipRole
        box.setProperty("field", field)
        box.activated.connect(self._activated)
        self._boxes[field] = box
        return box

    def refresh(self) -> None:
        for field, box in self._boxes.items():
            index = box.findData(getattr(self._session.options, field))
            box.setCurrentIndex(max(0, index))
        busy = self._session.job is not None
        for box in self._boxes.values():
            box.setEnabled(not busy)
        uses_levels = self._session.options.codec == "voxeldnn"
        self._boxes["max_level"].setEnabled(not busy and uses_levels)

    @Slot(int)
    def _activated(self, row: int) -> None:
        box = self.sender()
        if isinstance(box, QComboBox):
            self.chosen.emit(str(box.property("field")), box.itemData(row))
