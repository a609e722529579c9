"""What is registered with one entry is found everywhere it has to appear: panels, colour modes, actions."""

from __future__ import annotations

import numpy as np
import pytest
from pictures import count, do, drawn, run_job
from PySide6.QtGui import QAction, QGuiApplication, QKeySequence
from PySide6.QtWidgets import QApplication, QLabel, QMenu
from windows import complete, restored

from octavox.gui.app.panels import PANELS, PanelSpec
from octavox.gui.base.action_spec import ActionSpec, has_blocks
from octavox.gui.commands.command_set import CommandSet
from octavox.gui.commands.registry import COMMAND_SETS
from octavox.gui.document.colormap import Legend
from octavox.gui.document.colour_modes import BLOCK_MODES, CLOUD_MODES, BlockMode, CloudMode
from octavox.gui.document.events import BookmarksChanged
from octavox.gui.document.session_file import read_session

pytestmark = pytest.mark.gl
PINK, BROWN = (230, 20, 200), (120, 60, 10)


@pytest.fixture
def register():
    """Puts entries into registries, and takes them out again."""
    added: list[tuple[list, object]] = []

    def put(registry: list, entry: object) -> None:
        registry.append(entry)
        added.append((registry, entry))

    yield put
    for registry, entry in added:
        registry.remove(entry)


def menu_entries(window, path: str) -> list[QAction]:
    return window.menus.menu(path).actions()


def chosen_by(window, key: str) -> QMenu:
    """The tool bar's drop-down that offers an action."""
    return next(button.menu() for button, _, keys, _ in window.tools._choices if key in keys)


def found_by_palette(window, words: str, key: str) -> bool:
    window.action_registry["palette"].trigger()
    palette = window.commands.help.palette
    palette.edit.setText(words)
    palette.hide()
    return key in palette.found()


class ToyPanel(QLabel):
    refreshed = 0

    def refresh(self) -> None:
        self.refreshed += 1


def test_a_panel(register, make_window) -> None:
    register(
        PANELS, PanelSpec("Toy", "right", lambda parts: ToyPanel(), (BookmarksChanged,), beside="Inspector")
    )
    window = make_window()
    dock, panel = window.docks["Toy"], window.panels["Toy"]
    assert dock.widget() is panel and dock.windowTitle() == "Toy"
    assert dock.toggleViewAction() in menu_entries(window, "Window")
    assert found_by_palette(window, "toy", "panel_Toy")
    before = panel.refreshed
    window.session.set_options(threads=1)
    assert panel.refreshed == before
    window.session.keep_bookmark(1)
    assert panel.refreshed == before + 1


def test_a_point_colour_mode(register, make_window, finish, qtbot, tmp_path) -> None:
    legend = Legend("Toys", swatches=((PINK, "a toy"),))
    register(
        CLOUD_MODES,
        CloudMode(
            "toy",
            "Toy",
            "Every point is pink",
            lambda sample, display, look: np.tile(np.array(PINK, np.uint8), (len(sample), 1)),
            legend=lambda display, look: legend,
            shortcut="Ctrl+Alt+T",
        ),
    )
    window = make_window()
    action = window.action_registry["cloud_toy"]
    assert action in menu_entries(window, "View/Points by")
    assert action in chosen_by(window, "cloud_rgb").actions()
    assert action.shortcut() == QKeySequence("Ctrl+Alt+T")
    assert found_by_palette(window, "toy", "cloud_toy")
    assert not action.isEnabled() and "no cloud is open" in action.toolTip()
    window.action_registry["open_sample"].trigger()
    finish(window)
    assert count(do(window, qtbot, "cloud_toy"), PINK) > 1000
    assert action.isChecked() and legend in window.viewport.legend.legends
    path = str(tmp_path / "toy.octavox")
    assert window.commands.session.save_session(path)
    window.menus.undo.trigger()
    complete(qtbot, window)
    assert window.session.view.cloud_mode == "rgb" and count(drawn(window), PINK) == 0
    assert read_session(path).view.cloud_mode == "toy"
    window.commands.file.open_any(path)
    restored(qtbot, window)
    complete(qtbot, window)
    assert window.session.view.cloud_mode == "toy" and count(drawn(window), PINK) > 1000


def test_a_block_colour_mode(register, make_window, finish, qtbot, tmp_path) -> None:
    register(
        BLOCK_MODES,
        BlockMode(
            "toy",
            "Toys per block",
            "toys",
            "Ctrl+Alt+B",
            "One toy in each block",
            lambda blocks: np.ones(len(blocks), np.int64),
            lambda number: BROWN,
            for_points=True,
        ),
    )
    window = make_window()
    action, of_points = window.action_registry["blocks_toy"], window.action_registry["cloud_block_toy"]
    assert action in menu_entries(window, "View/Blocks by")
    assert of_points in menu_entries(window, "View/Points by")
    assert action in chosen_by(window, "blocks_bits").actions()
    assert found_by_palette(window, "toys per block", "blocks_toy")
    window.action_registry["open_sample"].trigger()
    finish(window)
    window.commands.codec.set_option("codec", "fake")
    run_job(window, qtbot, "compress")
    assert count(do(window, qtbot, "cloud_plain", "blocks_toy"), BROWN) > 100
    assert "Toys per block" in [legend.title for legend in window.viewport.legend.legends]
    path = str(tmp_path / "toy.octavox")
    assert window.commands.session.save_session(path)
    assert read_session(path).view.block_mode == "toy"
    window.menus.undo.trigger()
    assert window.session.view.block_mode == "bits"
    do(window, qtbot, "shaded", "overlay", "cloud_block_toy")
    assert count(drawn(window), BROWN) > 1000
    assert "Toys per block" in [legend.title for legend in window.viewport.legend.legends]


class ToyCommands(CommandSet):
    calls: list[str] = []  # noqa: RUF012

    def play(self, with_what: str) -> None:
        self.calls.append(with_what)

    @classmethod
    def actions(cls) -> list[ActionSpec]:
        return [
            ActionSpec(
                "toy",
                "Play…",
                "Analyse/Toys",
                cls.play,
                "Play with a ball",
                "Ctrl+Alt+P",
                has_blocks,
                argument="ball",
            )
        ]


def test_an_action(register, make_window, finish, qtbot) -> None:
    register(COMMAND_SETS, ToyCommands)
    window = make_window()
    action = window.action_registry["toy"]
    assert action in menu_entries(window, "Analyse/Toys")
    assert found_by_palette(window, "play", "toy")
    assert not action.isEnabled() and "no blocks yet" in action.toolTip()
    window.action_registry["shortcuts"].trigger()
    dialogs = {w.windowTitle(): w for w in QApplication.topLevelWidgets() if w.isVisible()}
    page = dialogs["Keys and mouse"].page.toPlainText()
    assert "Ctrl+Alt+P" in page and "Play" in page
    dialogs["Keys and mouse"].close()
    window.action_registry["open_sample"].trigger()
    finish(window)
    window.commands.codec.set_option("codec", "fake")
    run_job(window, qtbot, "compress")
    action.trigger()
    assert ToyCommands.calls == ["ball"]
    assert isinstance(window.commands.of(ToyCommands), ToyCommands)
    assert QGuiApplication.modalWindow() is None
