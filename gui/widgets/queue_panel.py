"""The queue of files: what waits, runs and is done."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from octavox.gui.base.actions import ActionRegistry
from octavox.gui.base.i18n import tr
from octavox.gui.document.queue import QueueEntry
from octavox.gui.document.session import Session

from .codec_panel import ActionButton

HEADS = ("File", "Settings", "State", "Result")


class QueuePanel(QWidget):
    """`removed`: the QueueEntry that the user removes."""

    removed = Signal(object)

    def __init__(self, session: Session, actions: ActionRegistry) -> None:
        super().__init__()
        self.setObjectName("dockBody")
        self._session = session
        self._shown: list[QueueEntry] = []
        self.list = QTreeWidget()
        self.list.setAccessibleName(tr("Queue of files"))
        self.list.setRootIsDecorated(False)
        self.list.setHeaderLabels([tr(head) for head in HEADS])
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.list.header().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.list.currentItemChanged.connect(self._enable)
        self.remove = QPushButton(tr("Remove"))
        self.remove.setToolTip(
            tr("Remove the selected file from the queue; cancel it if it is being compressed")
        )
        self.remove.clicked.connect(self._remove)
        row = QHBoxLayout()
        row.setContentsMargins(6, 6, 6, 4)
        row.setSpacing(4)
        for key in ("queue_files", "queue_open"):
            row.addWidget(ActionButton(actions, key))
        row.addStretch(1)
        row.addWidget(self.remove)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row)
        column.addWidget(self.list, 1)
        self.refresh()

    def refresh(self) -> None:
        chosen = self.list.currentIndex().row()
        self._shown = list(self._session.queue.entries)
        self.list.clear()
        for entry in self._shown:
            item = QTreeWidgetItem([Path(entry.path).name, entry.settings, tr(entry.state), entry.words])
            item.setToolTip(0, f"{entry.path}\n→ {entry.target}")
            item.setToolTip(3, entry.words)
            self.list.addTopLevelItem(item)
        if 0 <= chosen < len(self._shown):
            self.list.setCurrentIndex(self.list.model().index(chosen, 0))
        self._enable()

    @Slot()
    def _enable(self) -> None:
        self.remove.setEnabled(self.list.currentItem() is not None)

    @Slot()
    def _remove(self) -> None:
        row = self.list.currentIndex().row()
        if 0 <= row < len(self._shown):
            self.removed.emit(self._shown[row])
