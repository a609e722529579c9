"""Windows that open and close many times, in one process and in their own."""

from __future__ import annotations

from pathlib import Path

import pytest
from windows import WAIT_MS

from octavox.gui.app.main_window import MainWindow

pytestmark = pytest.mark.gl


@pytest.mark.slow
def test_windows_open_and_close_twenty_times(settings, themer, fake, qtbot) -> None:
    """In one process: no window, view or VTK object of an earlier one is left."""
    import gc
    import weakref

    from PySide6.QtCore import QCoreApplication, QEvent

    gone: list[weakref.ref] = []
    for _ in range(20):
        window = MainWindow(settings, themer)
        window.workbench.may_discard = lambda: True  # closing waits for no answer
        window.show()
        window.attach_viewport()
        window.action_registry["open_sample"].trigger()
        qtbot.waitUntil(lambda w=window: w.session.original is not None, timeout=WAIT_MS)
        gone += [
            weakref.ref(thing) for thing in (window.session, window.viewport.a.pane.points, window.table)
        ]
        window.close()
        window.deleteLater()
        del window
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    qtbot.wait(50)
    gc.collect()
    alive = [ref() for ref in gone if ref() is not None]
    assert len(alive) <= 3, alive  # the last one may still be held by a frame of this test


@pytest.mark.slow
@pytest.mark.parametrize("during", ["nothing", "compress"])
def test_processes_end_cleanly(tmp_path, during) -> None:
    """A window in a process of its own, closed at rest and while a job runs."""
    import subprocess
    import sys

    root = Path(__file__).resolve().parents[3]
    script = f"""
import sys
sys.path.insert(0, {str(root)!r})
from octavox.gui.app.app import prepare_application
app = prepare_application(["octavox"])
from PySide6.QtCore import QSettings, QTimer
from octavox.gui.app.main_window import MainWindow
from octavox.gui.base.settings import Settings
from octavox.gui.base.theme import Themer
store = QSettings({str(tmp_path / "settings.ini")!r}, QSettings.Format.IniFormat)
window = MainWindow(Settings(store), Themer(app, "light"))
window.workbench.may_discard = lambda: True  # closing waits for no answer
window.show()
window.load_viewport()
window.commands.codec.set_option("codec", "octree")
window.action_registry["open_sample"].trigger()
def look():
    if window.session.original is None or window.viewport_or_none is None:
        return
    timer.stop()
    if {during!r} != "nothing":
        window.action_registry[{during!r}].trigger()
    QTimer.singleShot(300, window.close)
timer = QTimer()
timer.timeout.connect(look)
timer.start(20)
code = app.exec()
print("closed", code)
sys.exit(code)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert "closed 0" in done.stdout
    assert "Traceback" not in done.stderr
