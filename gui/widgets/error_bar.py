"""The bar that shows an error: what happened, what to do, and the details, hidden at first."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPlainTextEdit, QPushButton, QVBoxLayout

from octavox.gui.base.i18n import tr
from octavox.gui.base.theme import number_font
from octavox.gui.document.advice import Explanation

TITLE_LETTERS = 400  # a longer one would make the window grow; "Copy" takes all of it


class ErrorBar(QFrame):
    remedied = Signal()  # the user takes the remedy that the explanation names

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("errorBar")
        self.title, self.advice = QLabel(), QLabel()
        self._title = ""
        self.title.setObjectName("errorTitle")
        for widget in (self.title, self.advice):
            widget.setWordWrap(True)
            widget.setTextFormat(Qt.TextFormat.PlainText)
            widget.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.details = QPlainTextEdit()
        self.details.setReadOnly(True)
        self.details.setFont(number_font())
        self.details.setFixedHeight(130)
        self.fold = QPushButton()
        self.fold.setCheckable(True)
        self.fold.toggled.connect(self._fold)
        self.copy = QPushButton()
        self.copy.clicked.connect(self._copy)
        self.remedy = QPushButton()
        self.remedy.setProperty("primary", True)
        self.remedy.clicked.connect(self.hide)  # first: it may end in another error
        self.remedy.clicked.connect(self.remedied)
        self.dismiss = QPushButton()
        self.dismiss.clicked.connect(self.hide)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self.title)
        words.addWidget(self.advice)
        row = QHBoxLayout()
        row.addLayout(words, 1)
        for button in (self.remedy, self.fold, self.copy, self.dismiss):
            row.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 10, 8)
        column.addLayout(row)
        column.addWidget(self.details)
        self._name()
        self.hide()

    def _name(self) -> None:
        self.copy.setText(tr("Copy"))
        self.copy.setToolTip(tr("Copy what happened and the details"))
        self.dismiss.setText(tr("Dismiss"))
        self._fold(self.fold.isChecked())

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self._name()

    def show_error(self, explanation: Explanation) -> None:
        self._title = words = explanation.title
        self.title.setText(words if len(words) <= TITLE_LETTERS else words[:TITLE_LETTERS].rstrip() + "…")
        self.advice.setText(explanation.advice)
        self.details.setPlainText(explanation.details)
        self.remedy.setText(explanation.remedy)
        self.remedy.setVisible(bool(explanation.remedy))
        self.fold.setChecked(False)
        self._fold(False)
        self.show()

    @Slot(bool)
    def _fold(self, open_: bool) -> None:
        self.details.setVisible(open_)
        self.fold.setText(tr("Details ▾") if open_ else tr("Details ▸"))

    @Slot()
    def _copy(self) -> None:
        words = (self._title, self.advice.text(), self.details.toPlainText())
        QGuiApplication.clipboard().setText("\n\n".join(words))
