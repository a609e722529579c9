"""Starts the window."""

from __future__ import annotations

import contextlib
import os
import signal
import sys

os.environ.setdefault("QT_API", "pyside6")
if sys.platform == "win32":  # torch's libraries must be loaded before Qt's there
    with contextlib.suppress(ImportError):
        import torch  # noqa: F401

from PySide6.QtCore import QCoreApplication, QTimer
from PySide6.QtGui import QSurfaceFormat
from PySide6.QtWidgets import QApplication

from .screen import missing_display

WARMUP_MS = 1500  # after the views are there: the first cloud is on the screen by then


def prepare_application(argv: list[str]) -> QApplication:
    """The application object with names and icon; the surface format must be set before any window."""
    # A frame takes the interpreter's lock many times; a busy codec must release it quickly.
    sys.setswitchinterval(0.0001)
    surface = QSurfaceFormat()
    surface.setRenderableType(QSurfaceFormat.RenderableType.OpenGL)
    surface.setProfile(QSurfaceFormat.OpenGLContextProfile.CoreProfile)
    surface.setVersion(3, 2)
    surface.setSamples(0)
    QSurfaceFormat.setDefaultFormat(surface)
    existing = QApplication.instance()
    app = existing if isinstance(existing, QApplication) else QApplication(argv)
    QCoreApplication.setOrganizationName("Octavox")
    QCoreApplication.setApplicationName("Octavox")
    return app


def run(paths: list[str], argv: list[str]) -> int:
    """Open the window, then the files, if there are some; returns the exit code.

    The code is 2 where no display can be reached. argv: as sys.argv, for Qt's options.
    """
    reason = missing_display()
    if reason:
        print(f"octavox: error: {reason}", file=sys.stderr)
        return 2
    app = prepare_application(argv)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    from octavox.gui.base.i18n import install
    from octavox.gui.base.settings import Settings
    from octavox.gui.base.theme import Themer, app_icon

    from .main_window import MainWindow
    from .warmup import Warmup

    settings = Settings()
    install(settings.language)
    app.setWindowIcon(app_icon())
    window = MainWindow(settings, Themer(app, settings.theme))
    window.show()
    # After the first paint, so that the window is visible before the 3D libraries load.
    QTimer.singleShot(0, window, window.load_viewport)
    if paths:
        QTimer.singleShot(0, window, lambda: window.commands.file.open_several(paths))
    QTimer.singleShot(0, window, window.commands.session.recovery.begin)
    warmup = Warmup()
    window.loader.loaded.connect(lambda: QTimer.singleShot(WARMUP_MS, window, warmup.start))
    return warmup.leave(int(app.exec()))
