"""What the tests of the drawn window share: pictures of the views, and running an action's job."""

from __future__ import annotations

import numpy as np
from PySide6.QtGui import QImage
from windows import complete, idle

from octavox.gui.app.main_window import MainWindow


def pixels(image: QImage) -> np.ndarray:
    """(H, W, 3) uint8."""
    rgb32 = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(rgb32.constBits(), np.uint8).reshape(rgb32.height(), rgb32.bytesPerLine())
    return rows[:, : 3 * rgb32.width()].reshape(rgb32.height(), rgb32.width(), 3).copy()


def drawn(window: MainWindow, side: str = "a") -> np.ndarray:
    """The complete picture of one view, (H, W, 3), without what is laid over it."""
    return pixels(getattr(window.viewport, side).pane.picture())


def ground(window: MainWindow) -> tuple[np.ndarray, np.ndarray]:
    theme = window.themer.theme
    ends = np.array([theme.rgb("view_top"), theme.rgb("view_bottom")])
    return ends.min(axis=0) - 3, ends.max(axis=0) + 3


def foreground(window: MainWindow, image: np.ndarray) -> np.ndarray:
    """(H, W) bool: not background."""
    low, high = ground(window)
    return ~np.all((image >= low) & (image <= high), axis=2)


def run_job(window: MainWindow, qtbot, name: str) -> None:
    window.action_registry[name].trigger()
    idle(qtbot, window)
    complete(qtbot, window)


def do(window: MainWindow, qtbot, *names: str) -> np.ndarray:
    """Trigger actions, then take the picture of the left view."""
    for name in names:
        assert window.action_registry[name].isEnabled(), window.action_registry[name].toolTip()
        window.action_registry[name].trigger()
    complete(qtbot, window)
    return drawn(window)


def count(picture: np.ndarray, color: tuple[int, int, int]) -> int:
    return int(np.all(picture == np.array(color), axis=2).sum())
