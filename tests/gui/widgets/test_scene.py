"""The list of what is open."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt
from windows import sphere

from octavox.codec import BlockTable
from octavox.gui.document.session import Session
from octavox.gui.widgets.scene import SceneTree


def table(n: int = 50) -> BlockTable:
    rng = np.random.default_rng(3)
    origin = rng.integers(0, 16, (n, 3)) * 16
    return BlockTable.make(origin, 16, rng.integers(1, 200, n), rng.random(n) * 900, 1.0)


def test_scene_tree_lists_and_toggles(qtbot) -> None:
    from octavox.gui.document.display import prepare
    from octavox.gui.document.session import CloudItem

    session = Session()
    tree = SceneTree(session)
    qtbot.addWidget(tree)
    assert tree.topLevelItem(0).text(0) == "Nothing is open"
    session.set_original(CloudItem(prepare(sphere()), "a.ply"))
    session.set_blocks(table())
    tree.refresh()
    root = tree.topLevelItem(0)
    assert "a.ply" in root.text(0)
    told: list[tuple[str, bool]] = []
    tree.toggled.connect(lambda field, on: told.append((field, on)))
    root.child(0).setCheckState(0, Qt.CheckState.Unchecked)
    assert told == [("overlay", False)]
