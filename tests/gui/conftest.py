"""Fixtures of the window's tests: a stand-in codec, settings in a file, a window that is closed again."""

from __future__ import annotations

import os
import shutil
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import fake_codec
import pytest
from windows import complete, idle

os.environ.setdefault("QT_API", "pyside6")
LOCK = "lock"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    display = (
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY") or sys.platform in ("darwin", "win32")
    )
    for item in items:
        if here in item.path.parents and item.get_closest_marker("gl") and not display:
            item.add_marker(pytest.mark.skip(reason="draws, and there is no display (make test brings one)"))


@pytest.fixture(scope="session")
def qapp() -> object:
    """The application as the program makes it."""
    if not os.environ.get("DISPLAY") and sys.platform.startswith("linux"):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from octavox.gui.app import warmup
    from octavox.gui.app.app import prepare_application
    from octavox.gui.jobs import refine
    from octavox.gui.jobs import runner as jobs

    jobs.NICENESS = refine.NICENESS = warmup.NICENESS = (
        0  # on a busy machine a worker of low priority hardly gets a turn
    )
    return prepare_application(["octavox"])


@pytest.fixture
def fake() -> Iterator[fake_codec.FakeCodec]:
    """The stand-in codec, registered as "fake"."""
    fake_codec.register()
    yield fake_codec.CODEC
    fake_codec.CODEC.pause, fake_codec.CODEC.fail, fake_codec.CODEC.stop_at = 0.0, None, None
    fake_codec.unregister()


@pytest.fixture
def settings(tmp_path: Path, qapp: object) -> object:
    from PySide6.QtCore import QSettings

    from octavox.gui.base.settings import Settings

    return Settings(QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat))


@pytest.fixture(scope="session", autouse=True)
def compiled_codecs() -> None:
    """On a new machine the first job would wait for them, longer than a test does."""
    from octavox import codec

    codec.prepare()


@pytest.fixture(scope="session")
def application_themer(qapp: object) -> object:
    """One for all tests, as in the program: Qt does not survive that styles and sheets come and go."""
    from octavox.gui.base.theme import Themer

    return Themer(qapp, "dark")  # type: ignore[arg-type]


@pytest.fixture
def themer(application_themer) -> object:
    application_themer.apply("dark")
    return application_themer


@pytest.fixture
def make_window(qtbot, settings, themer, fake) -> Iterator[Callable[[], object]]:
    """Makes shown main windows with their 3D view; closes them, and checks that no thread is left."""
    from octavox.gui.app.main_window import MainWindow

    windows: list[MainWindow] = []
    before = set(threading.enumerate())

    def make() -> MainWindow:
        window = MainWindow(settings, themer)
        window.workbench.may_discard = lambda: True  # else closing it would wait for an answer
        windows.append(window)
        window.resize(1280, 800)
        window.show()
        qtbot.waitExposed(window)
        window.attach_viewport()
        return window

    yield make
    for window in windows:
        window.close()
        window.deleteLater()
    left = [thread for thread in threading.enumerate() if thread not in before and not thread.daemon]
    assert not left, f"threads left over: {left}"


@pytest.fixture
def crashed(tmp_path):
    """Closes a window, and leaves what one leaves whose process was killed after its autosave."""

    def crash(window) -> None:
        root = window.settings.private_folder
        assert window.commands.session.autosave.save()
        shutil.copytree(root, tmp_path / "crashed", ignore=shutil.ignore_patterns(LOCK))
        window.close()
        assert list(root.iterdir()) == []  # closed properly
        shutil.copytree(tmp_path / "crashed", root, dirs_exist_ok=True)

    return crash


@pytest.fixture
def window(make_window):
    return make_window()


@pytest.fixture
def finish(qtbot):
    """Waits until a window's job is over, its cloud shaded and its picture complete."""

    def wait(window) -> None:
        idle(qtbot, window)
        complete(qtbot, window)

    return wait


@pytest.fixture
def opened(window, finish):
    """The window with the sample, the stand-in codec chosen."""
    window.action_registry["open_sample"].trigger()
    finish(window)
    window.commands.codec.set_option("codec", "fake")
    return window


@pytest.fixture
def compressed(opened, finish):
    opened.action_registry["compress"].trigger()
    finish(opened)
    return opened
