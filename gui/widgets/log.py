"""The log: one line for everything that was done, with the time."""

from __future__ import annotations

import time

from PySide6.QtWidgets import QPlainTextEdit

from octavox.gui.base.i18n import tr
from octavox.gui.base.theme import number_font

MOST_LINES = 2000


class LogView(QPlainTextEdit):
    def __init__(self) -> None:
        super().__init__()
        self.setReadOnly(True)
        self.setFont(number_font())
        self.setMaximumBlockCount(MOST_LINES)
        self.setPlaceholderText(tr("Everything that is done is listed here."))
        self.setAccessibleName(tr("Log"))

    def add(self, line: str) -> None:
        self.appendPlainText(f"{time.strftime('%H:%M:%S')}  {line}")
