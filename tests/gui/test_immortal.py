"""Qt calls must not use up the interpreter's None."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CODE = """
from gui.app import prepare_application
application = prepare_application(["octavox", "-platform", "offscreen"])
from PySide6.QtGui import QAction
action = QAction("x")
for _ in range(100_000):
    action.setText("y")
print("alive")
"""


def test_a_hundred_thousand_calls_leave_the_interpreter_alive() -> None:
    done = subprocess.run([sys.executable, "-c", CODE], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "alive"
