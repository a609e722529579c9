"""All actions: keys, hints, and the methods that they run."""

from __future__ import annotations

from PySide6.QtGui import QKeySequence

from octavox.gui.commands.registry import COMMAND_SETS, all_specs


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
