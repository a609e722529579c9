"""What trees of items share."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QTreeWidget


def take_all(tree: QTreeWidget) -> None:
    """Takes all items out of a tree, whichever of them called: they live until the event loop goes on."""
    told = tree.blockSignals(True)
    items = [tree.takeTopLevelItem(0) for _ in range(tree.topLevelItemCount())]
    tree.blockSignals(told)
    QTimer.singleShot(0, tree, items.clear)
