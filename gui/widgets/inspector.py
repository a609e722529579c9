"""The inspector: the selected block, in numbers, and what can be done with it."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from octavox.gui.base.actions import ActionRegistry
from octavox.gui.base.frame_scheduler import FrameScheduler
from octavox.gui.base.i18n import tr
from octavox.gui.document.facts import block_facts
from octavox.gui.document.session import Session

from .facts import FactList, label

HINT = "No block is selected. Click a block in the view or a row of the table."
HINT_ON_DISK = "No blocks: the bitstream of a cloud that stays on disk is made by Queue this cloud."
HINT_NO_BLOCKS = "No blocks yet. Compress the cloud (Ctrl+E) to see its blocks and what each of them costs."


class Inspector(QWidget):
    """Shows `session.view.selected`."""

    def __init__(self, session: Session, actions: ActionRegistry, scheduler: FrameScheduler) -> None:
        super().__init__()
        self.setObjectName("dockBody")
        self._session = session
        self.heading = label("No block", "number")
        self.facts = FactList(scheduler, tr("Facts on the block"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 8)
        column.setSpacing(0)
        self.heading.setContentsMargins(12, 10, 12, 4)
        column.addWidget(self.heading)
        column.addWidget(self.facts, 1)
        for names in (("zoom_block", "isolate"), ("most_expensive",), ("next_expensive", "surprise")):
            row = QHBoxLayout()
            row.setContentsMargins(12, 6, 12, 0)
            row.setSpacing(6)
            for name in names:
                button = QToolButton()
                button.setDefaultAction(actions[name])
                button.setToolButtonStyle(actions.button_style)
                button.setProperty("panel", True)
                button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
                row.addWidget(button, 1)
            column.addLayout(row)
        self.refresh()

    def refresh(self) -> None:
        row = self._session.view.selected
        if row is None or row >= len(self._session.blocks):
            self.heading.setText(tr("No block"))
            cloud = self._session.original
            none = HINT_ON_DISK if cloud is not None and cloud.on_disk is not None else HINT_NO_BLOCKS
            self.facts.show_facts([], tr(HINT if len(self._session.blocks) else none))
            return
        self.heading.setText(tr("Block #{n}", n=row))
        self.facts.show_facts(block_facts(self._session, row))
