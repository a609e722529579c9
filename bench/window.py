"""A main window that a benchmark drives."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path


class Window:
    """Shown, 1280x800, with its 3D view; settings in a folder of their own."""

    def __init__(self, folder: Path) -> None:
        from PySide6.QtCore import QSettings
        from PySide6.QtWidgets import QApplication

        from octavox.gui.app.main_window import MainWindow
        from octavox.gui.base.settings import Settings
        from octavox.gui.base.theme import Themer

        app = QApplication.instance()
        assert isinstance(app, QApplication)
        store = QSettings(str(folder / "settings.ini"), QSettings.Format.IniFormat)
        self.main = MainWindow(Settings(store), Themer(app, "dark"))
        self.main.workbench.may_discard = lambda: True  # closing waits for no answer
        self.main.resize(1280, 800)
        self.main.show()
        self.main.attach_viewport()

    @property
    def working(self) -> bool:
        """Whether a job runs, is about to be asked for, or a video is made."""
        return self.main.workbench.busy or self.main.commands.surprise.about_to_compute

    def spin(self, milliseconds: int) -> None:
        from PySide6.QtCore import QEventLoop, QTimer

        loop = QEventLoop()
        QTimer.singleShot(milliseconds, loop.quit)
        loop.exec()

    def until(self, ready: Callable[[], bool]) -> None:
        while not ready():
            self.spin(5)

    def warm_up(self) -> None:
        """Load the codecs, as the window does while its user looks at the first picture."""
        from octavox.gui.app.warmup import Warmup

        warmup = Warmup()
        warmup.start()
        self.until(lambda: not warmup.is_alive())
