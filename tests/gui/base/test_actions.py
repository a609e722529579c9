"""The action registry, the undo stack, settings and themes."""

from __future__ import annotations

import re

import pytest
from PySide6.QtGui import QColor, QKeySequence

from octavox import resources
from octavox.codec import BlockTable
from octavox.gui.base.actions import ActionRegistry
from octavox.gui.base.theme import THEMES, Theme
from octavox.gui.base.undo import ChangeView
from octavox.gui.commands.codec import CodecCommands
from octavox.gui.commands.registry import COMMAND_SETS, all_specs
from octavox.gui.commands.view import ViewCommands
from octavox.gui.commands.workbench import Workbench
from octavox.gui.document.session import Session


def test_keys_are_unique_and_valid() -> None:
    specs = all_specs()
    assert len({spec.key for spec in specs}) == len(specs)
    shortcuts = [spec.shortcut for spec in specs if spec.shortcut]
    assert len(set(shortcuts)) == len(shortcuts)
    assert not {"Ctrl+Z", "Ctrl+Shift+Z", "Ctrl+Y"} & set(shortcuts)  # undo and redo
    for shortcut in shortcuts:
        assert QKeySequence(shortcut).toString(), shortcut


def test_the_designs_shortcuts_are_there() -> None:
    keys = {spec.key: spec.shortcut for spec in all_specs()}
    expected = {
        "open": "Ctrl+O", "compress": "Ctrl+E", "decompress": "Ctrl+D", "cancel": "Esc", "overlay": "B",
        "blocks_size": "F2", "blocks_bits": "F3", "blocks_bpov": "F4", "blocks_points": "F5",
        "save_stream": "Ctrl+S", "view_front": "Num+1", "view_right": "Num+3", "view_top": "Num+7",
    }  # fmt: skip
    assert {key: keys[key] for key in expected} == expected


def test_every_action_runs_a_method_of_the_set_that_lists_it() -> None:
    for kind in COMMAND_SETS:
        for spec in kind.actions():
            assert getattr(kind, spec.run.__name__) is spec.run, spec.key
            assert spec.tip


def test_a_disabled_action_says_why(qapp, themer) -> None:
    session = Session()
    actions = ActionRegistry(qapp, session, themer, all_specs())
    assert not actions["compress"].isEnabled()
    assert "no point cloud is open" in actions["compress"].toolTip()
    assert "no blocks yet" in actions["blocks_size"].toolTip()
    assert actions["open"].isEnabled()
    session.set_blocks(BlockTable.make([[0, 0, 0]], 64, 1, 1.0))
    actions.refresh()
    assert actions["blocks_size"].isEnabled()
    assert "F2" in actions["blocks_size"].toolTip()
    assert actions["blocks_bits"].isChecked()


def test_undo_brings_views_back(settings) -> None:
    session = Session()
    bench = Workbench(session, settings)
    session.set_blocks(BlockTable.make([[0, 0, 0], [64, 0, 0]], 64, 1, 1.0))
    view = ViewCommands(bench)
    view.set_block_mode("size")
    view.toggle_overlay()
    view.select(1)
    view.select(0)
    assert (session.view.block_mode, session.view.overlay, session.view.selected) == ("size", False, 0)
    bench.undo_stack.undo()  # a run of selections is one step
    assert session.view.selected is None
    bench.undo_stack.undo()
    assert session.view.overlay
    bench.undo_stack.undo()
    assert session.view.block_mode == "bits"
    assert not bench.undo_stack.canUndo()
    bench.undo_stack.redo()
    assert session.view.block_mode == "size"


def test_choosing_what_is_chosen_leaves_no_undo_step(settings) -> None:
    bench = Workbench(Session(), settings)
    ViewCommands(bench).set_block_mode("bits")
    assert bench.undo_stack.count() == 0


def test_undo_never_selects_a_row_that_is_gone(qapp) -> None:
    session = Session()
    session.set_blocks(BlockTable.make([[0, 0, 0], [64, 0, 0]], 64, 1, 1.0))
    command = ChangeView(session, "selection", selected=1)
    session.set_blocks(BlockTable.make([[0, 0, 0]], 64, 1, 1.0))
    command.redo()
    assert session.view.selected is None


def test_settings_remember(settings, tmp_path) -> None:
    files = [tmp_path / f"{k}.ply" for k in range(10)]
    for file in files:
        file.write_text("x")
        settings.add_recent(str(file))
    assert settings.recent == [str(f) for f in reversed(files[2:])]
    settings.add_recent(str(files[5]))
    assert settings.recent[0] == str(files[5])
    files[5].unlink()
    assert str(files[5]) not in settings.recent
    settings.theme = "light"
    settings.set_option("max_level", 2)
    settings.sync()
    assert settings.theme == "light"
    assert settings.option("max_level", "4") == "2"


def test_options_survive_a_restart(settings) -> None:
    CodecCommands(Workbench(Session(), settings)).set_option("codec", "octree")
    again = Session()
    Workbench(again, settings)
    assert again.options.codec == "octree"


# -- themes ----------------------------------------------------------------------------------------


def luminance(color: str) -> float:
    parts = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in QColor(color).getRgbF()[:3]]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(a: str, b: str) -> float:
    bright, dark = sorted((luminance(a), luminance(b)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("key", THEMES)
def test_text_is_readable_in_every_theme(key: str) -> None:
    theme = Theme.load(key)
    for ink in ("text", "muted"):
        for ground in ("window", "panel", "field"):
            assert contrast(theme[ink], theme[ground]) >= 4.5, (ink, ground)
    assert contrast(theme["selection_text"], theme["selection"]) >= 4.5
    assert contrast(theme["good"], theme["good_ground"]) >= 4.5
    assert contrast(theme["bad"], theme["bad_ground"]) >= 4.5
    assert contrast(theme["accent_text"], theme["accent"]) >= 3


def test_themes_define_the_same_colours_and_all_that_the_sheet_needs() -> None:
    loaded = [Theme.load(key) for key in THEMES]
    assert loaded[0].colors.keys() == loaded[1].colors.keys()
    sheet = resources.find("styles/octavox.qss").read_text(encoding="utf-8")
    used = set(re.findall(r"@(\w+)", sheet)) - {"icons"}
    assert used <= set(loaded[0].colors)


def test_unknown_themes_are_refused() -> None:
    with pytest.raises(ValueError, match="neon"):
        Theme.load("neon")
