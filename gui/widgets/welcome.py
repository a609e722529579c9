"""What the window shows while nothing is open."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from octavox.gui.base.actions import ActionRegistry
from octavox.gui.base.theme import app_icon

from .codec_panel import ActionButton
from .facts import label

WIDTH, MARGIN = 460, 34  # of the card


class Welcome(QWidget):
    """The buttons to begin with. `opened`: a recent file was chosen."""

    opened = Signal(str)

    def __init__(self, actions: ActionRegistry) -> None:
        super().__init__()
        self.setObjectName("welcome")
        card = QFrame()
        card.setObjectName("card")
        card.setFixedWidth(WIDTH)
        column = QVBoxLayout(card)
        column.setContentsMargins(MARGIN, 30, MARGIN, 28)
        column.setSpacing(10)
        head = QHBoxLayout()
        logo = QLabel()
        logo.setPixmap(app_icon().pixmap(48, 48))
        head.addWidget(logo)
        head.addSpacing(8)
        head.addWidget(label("Octavox", "title"))
        head.addStretch(1)
        column.addLayout(head)
        lead = label(
            "See how a learned codec cuts a point cloud into blocks and where every bit goes.", "lead"
        )
        lead.setWordWrap(True)
        lead.ensurePolished()  # the style's font decides how high the wrapped lines are
        lead.setMinimumHeight(lead.heightForWidth(WIDTH - 2 * MARGIN) + 4)
        column.addWidget(lead)
        column.addSpacing(8)
        buttons = QHBoxLayout()
        buttons.setSpacing(10)
        buttons.addWidget(ActionButton(actions, "open_sample", primary=True))
        buttons.addWidget(ActionButton(actions, "open"))
        buttons.addWidget(ActionButton(actions, "tour"))
        column.addLayout(buttons)
        hint = label("or drop a point cloud or a bitstream here", "muted")
        hint.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(hint)
        self._recent = QVBoxLayout()
        self._recent.setSpacing(2)
        column.addLayout(self._recent)
        outer = QVBoxLayout(self)
        outer.addStretch(1)
        outer.addWidget(card, 0, Qt.AlignmentFlag.AlignHCenter)
        outer.addStretch(1)

    def show_recent(self, paths: list[str]) -> None:
        while self._recent.count():
            item = self._recent.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.deleteLater()
        if paths:
            self._recent.addWidget(label("Recent", "section"))
        for path in paths[:4]:
            button = QPushButton(Path(path).name)
            button.setProperty("flat", True)
            button.setToolTip(path)
            button.clicked.connect(lambda checked=False, chosen=path: self.opened.emit(chosen))
            self._recent.addWidget(button)
