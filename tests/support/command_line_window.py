"""`octavox FILE` as a user types it: python command_line_window.py FILE. Prints what is shown, as JSON.

Run in a process of its own. The window closes as soon as the file is open, or refused, or asked about.
"""

from __future__ import annotations

import faulthandler
import json
import locale
import sys
from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from octavox.__main__ import main
from octavox.gui.app.app import prepare_application
from octavox.gui.app.main_window import MainWindow
from octavox.gui.widgets.read_questions import ReadQuestion

FEW = 20  # points that are printed


def seen(window: MainWindow) -> dict[str, Any] | None:
    """What came of the file; None while that is not known yet."""
    session = window.session
    if window.viewport_or_none is None or window.workbench.busy:
        return None
    question = window.findChild(ReadQuestion)
    found: dict[str, Any] = {
        "error": window.error_bar.title.text() if window.error_bar.isVisible() else "",
        "question": question.words.text() if question is not None else "",
        "decimal_point": locale.localeconv()["decimal_point"],
    }
    if session.reference is not None:
        points = session.reference.points
        found |= {"points": len(points), "first": points.positions[:FEW].tolist()}
        found["attributes"] = list(points.attributes)
        found["shown"] = window.stack.currentWidget() is window.viewport
        found["label"] = window.viewport.a.header.title.text() or window.viewport.b.header.title.text()
        if not found["label"]:  # the view hears of it next
            return None
    return found if session.reference is not None or found["error"] or found["question"] else None


def watch() -> None:
    """Look whether the window has opened the file; then print and close."""
    window = next((w for w in QApplication.topLevelWidgets() if isinstance(w, MainWindow)), None)
    found = seen(window) if window is not None else None
    if window is not None and found is not None:
        timer.stop()
        print(json.dumps(found))
        window.workbench.may_discard = lambda: True  # closing waits for no answer
        window.close()


if __name__ == "__main__":
    faulthandler.enable()  # a crash says where
    app = prepare_application(["octavox"])
    timer = QTimer()
    timer.timeout.connect(watch)
    timer.start(30)
    sys.exit(main(sys.argv[1:]))
