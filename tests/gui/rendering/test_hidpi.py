"""Screens with more pixels than points: what is clicked is what is seen there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.gl
ROOT = Path(__file__).resolve().parents[3]
SCRIPT = """
import json, sys, time
sys.path[:0] = sys.argv[1:3]
import numpy as np
from PySide6.QtCore import QPoint, QSettings, Qt, QTimer
from PySide6.QtTest import QTest
from octavox.gui.app.app import prepare_application
app = prepare_application(["octavox"])
import fake_codec
from octavox.gui.app.main_window import MainWindow
from octavox.gui.base.settings import Settings
from octavox.gui.base.theme import Themer
fake_codec.register()
window = MainWindow(Settings(QSettings(sys.argv[3], QSettings.Format.IniFormat)), Themer(app, "dark"))
window.workbench.may_discard = lambda: True  # closing waits for no answer
window.resize(1000, 700)
window.show()
window.attach_viewport()
window.commands.codec.set_option("codec", "fake")
session, jobs = window.session, window.workbench.jobs
def until(ready):
    while not ready():  # QTest.qWait would keep the interpreter from the workers while it sleeps
        app.processEvents()
        time.sleep(0.01)
window.action_registry["open_sample"].trigger()
until(lambda: not jobs.busy and window.viewport.complete())
window.action_registry["compress"].trigger()
until(lambda: not jobs.busy and window.viewport.complete())
window.action_registry["overlay"].trigger()
until(window.viewport.complete)
pane, cloud = window.viewport.a.pane, session.original.display.cloud
seen = session.camera.project(cloud.coords + 0.5, pane.width(), pane.height())
front = cloud.coords[np.argsort(seen[:, 2])[0]]
x, y, _ = session.camera.project(front + 0.5, pane.width(), pane.height())[0]
QTest.mouseClick(pane, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(round(x), round(y)))
image = window.viewport.image()
print(json.dumps({
    "ratio": window.devicePixelRatioF(),
    "wanted": session.index.row_at(front),
    "picked": session.view.selected,
    "gap": float(np.abs(pane.position_at(x, y) - front - 0.5).max()),
    "picture": [image.width(), pane.width() * window.devicePixelRatioF()],
}))
window.close()
"""


@pytest.mark.slow
@pytest.mark.parametrize("scale", ["1.5", "2"])
def test_a_click_picks_the_voxel_that_is_seen_there(tmp_path, scale) -> None:
    words = [
        sys.executable,
        "-c",
        SCRIPT,
        str(ROOT),
        str(ROOT / "tests" / "support"),
        str(tmp_path / "s.ini"),
    ]
    done = subprocess.run(
        words, capture_output=True, text=True, check=False, env={**os.environ, "QT_SCALE_FACTOR": scale}
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["ratio"] == float(scale)
    assert found["picked"] == found["wanted"]
    assert found["gap"] < 2.0  # voxels: a pixel's width, and the slope of the surface
    assert found["picture"][0] == pytest.approx(found["picture"][1], abs=2)
