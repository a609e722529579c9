"""A bar that offers to restore the session that a crash left."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton

from octavox.gui.base.i18n import tr

from .facts import label


class OfferBar(QFrame):
    accepted = Signal()
    declined = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("offerBar")
        self.words = label("")
        self.words.setWordWrap(True)  # a long name must not widen the window
        self.yes, self.no = QPushButton(), QPushButton()
        self._words: Callable[[], str] = str
        self._name()
        self.yes.setProperty("primary", True)
        for button, answer in ((self.yes, self.accepted), (self.no, self.declined)):
            button.clicked.connect(self.hide)  # first: an offer that cannot be taken now is shown again
            button.clicked.connect(answer)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 6, 10, 6)
        row.addWidget(self.words, 1)
        row.addWidget(self.yes)
        row.addWidget(self.no)
        self.hide()

    def _name(self) -> None:
        self.yes.setText(tr("Restore"))
        self.no.setText(tr("Discard"))
        self.words.setText(self._words())

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self._name()

    def offer(self, words: Callable[[], str]) -> None:
        """words: gives the offer, in the language in force."""
        self._words = words
        self._name()
        self.show()
