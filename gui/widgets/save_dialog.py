"""Asks where to save a file."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget


def ask_where(
    parent: QWidget, title: str, suggestion: str, kind: str, suffixes: tuple[str, ...]
) -> str | None:
    """A path, or None if the user cancelled.

    A name without a suffix gets the first one before the dialog looks whether there is such a file already.
    """
    path = Path(suggestion)
    patterns = " ".join(f"*{suffix}" for suffix in suffixes)
    dialog = QFileDialog(parent, title, str(path.parent), f"{kind} ({patterns})")
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setFileMode(QFileDialog.FileMode.AnyFile)
    dialog.setDefaultSuffix(suffixes[0].removeprefix("."))
    dialog.selectFile(path.name)
    try:
        return dialog.selectedFiles()[0] if dialog.exec() else None
    finally:
        dialog.deleteLater()
