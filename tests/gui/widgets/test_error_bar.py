"""The error bar."""

from __future__ import annotations

from PySide6.QtGui import QGuiApplication

from octavox.gui.document.advice import Explanation
from octavox.gui.widgets.error_bar import ErrorBar


def test_error_bar_folds_its_details_and_copies_them(qtbot) -> None:
    bar = ErrorBar()
    qtbot.addWidget(bar)
    assert bar.isHidden()
    bar.show_error(Explanation("What happened", "What to do", "Traceback: x"))
    bar.show()
    assert bar.details.isHidden()
    bar.fold.click()
    assert not bar.details.isHidden()
    bar.copy.click()
    copied = QGuiApplication.clipboard().text()
    assert all(part in copied for part in ("What happened", "What to do", "Traceback: x"))
    bar.dismiss.click()
    assert bar.isHidden()
