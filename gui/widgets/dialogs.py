"""Dialogs with text to read and to copy, and the question about an unsaved bitstream."""

from __future__ import annotations

import html
import platform
import sys
from collections.abc import Callable
from importlib import metadata

from PySide6.QtCore import QEvent, Qt, qVersion
from PySide6.QtGui import QGuiApplication, QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QMessageBox,
    QPushButton,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from octavox import codec
from octavox.codec import VoxelizationReport
from octavox.gui.base.action_spec import ActionSpec
from octavox.gui.base.i18n import tr
from octavox.gui.document import text

PACKAGES = ("numpy", "numba", "torch", "PySide6_Essentials", "vtk", "pyvista", "pyvistaqt", "safetensors")
OPEN3D = ("open3d", "open3d-cpu")
MOUSE = (
    ("Drag", "Orbit"),
    ("Shift or middle drag", "Pan"),
    ("Wheel or right drag", "Zoom"),
    ("Click", "Pick a block"),
    ("Double-click", "Set the centre of rotation"),
)


class TextDialog(QDialog):
    """Shows a page of text. copied: what the Copy button puts on the clipboard, "" for no such button."""

    def __init__(self, parent: QWidget, title: str, page: str, copied: str = "", width: int = 620) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(False)
        self.setWindowTitle(title)
        self.resize(width, 520)
        self.page, self.copied = QTextBrowser(), copied
        self.page.setHtml(page)
        self.page.setAccessibleName(title)
        row = QHBoxLayout()
        row.addStretch(1)
        if copied:
            self.copy = QPushButton(tr("Copy"))
            self.copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.copied))
            row.addWidget(self.copy)
        close = QPushButton(tr("Close"))
        close.setDefault(True)
        close.clicked.connect(self.close)
        row.addWidget(close)
        column = QVBoxLayout(self)
        column.addWidget(self.page, 1)
        column.addLayout(row)

    def changeEvent(self, event: QEvent) -> None:
        """What it says is of another language now."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self.close()


def ask_to_save(parent: QWidget, name: str) -> str:
    """Asks about a bitstream that is not saved: "save", "discard", or "cancel"."""
    box = QMessageBox(parent)
    box.setIcon(QMessageBox.Icon.Question)
    box.setWindowTitle("Octavox")
    box.setText(tr("The bitstream of {name} is not saved.", name=name))
    box.setInformativeText(tr("It is lost unless you save it now."))
    save = box.addButton(tr("Save…"), QMessageBox.ButtonRole.AcceptRole)
    discard = box.addButton(tr("Discard"), QMessageBox.ButtonRole.DestructiveRole)
    box.setDefaultButton(save)
    box.setEscapeButton(box.addButton(tr("Cancel"), QMessageBox.ButtonRole.RejectRole))
    box.exec()
    clicked = box.clickedButton()
    return "save" if clicked is save else "discard" if clicked is discard else "cancel"


def ask_to_stop(parent: QWidget) -> bool:
    """Asks whether work that is under way may be stopped."""
    box = QMessageBox(parent)
    box.setIcon(QMessageBox.Icon.Question)
    box.setWindowTitle("Octavox")
    box.setText(tr("Octavox is still at work."))
    box.setInformativeText(tr("What is not finished is lost; files that are there already stay."))
    stop = box.addButton(tr("Stop"), QMessageBox.ButtonRole.DestructiveRole)
    going = box.addButton(tr("Go on"), QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(going)
    box.setEscapeButton(going)
    box.exec()
    return box.clickedButton() is stop


def ask_about_moves(
    parent: QWidget, name: str, report: VoxelizationReport, answered: Callable[[str], None]
) -> QMessageBox:
    """Asks whether a cloud may be compressed although points move; does not wait for the answer.

    answered: is called with "compress", "depth" (the user chooses another one) or "cancel".
    """
    box = QMessageBox(parent)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setModal(False)
    box.setIcon(QMessageBox.Icon.Question)
    box.setWindowTitle("Octavox")
    box.setText(tr("Compressing {name} moves points.", name=name))
    words = tr(
        "The coordinates lie on no grid that keeps them, so the points move to voxels: {depth} bits per "
        "axis, voxel size {size}. They move by up to {most}, {mean} on average, in units of the file; "
        "{merged} merge with others.",
        depth=report.depth,
        size=text.number(report.voxel_size),
        most=text.number(report.moved_max),
        mean=text.number(report.moved_mean),
        merged=text.count(report.merged),
    )
    box.setInformativeText(words)
    compress = box.addButton(tr("Compress"), QMessageBox.ButtonRole.AcceptRole)
    depth = box.addButton(tr("Choose depth…"), QMessageBox.ButtonRole.ActionRole)
    cancel = box.addButton(tr("Cancel"), QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(compress)
    box.setEscapeButton(cancel)

    def finished() -> None:
        clicked = box.clickedButton()
        answered("compress" if clicked is compress else "depth" if clicked is depth else "cancel")

    box.finished.connect(finished)
    box.show()
    return box


def system_report(renderer: str, device: str) -> list[tuple[str, str]]:
    """Versions, device and renderer; imports nothing that is not loaded already."""
    rows = [
        ("Octavox", codec.__version__),
        ("Python", f"{platform.python_version()} ({platform.python_implementation()}, {sys.platform})"),
        ("System", f"{platform.platform()}, {platform.machine()}"),
        ("Qt", f"{qVersion()}, {QGuiApplication.platformName()}"),
        ("Renderer", renderer or tr("the 3D view is not ready")),
        ("Device of the network", device),
    ]
    screen = QGuiApplication.primaryScreen()
    if screen is not None:
        size = screen.size()
        words = tr("{width} × {height}, scale {scale}")
        scale = f"{screen.devicePixelRatio():g}"
        rows.append(("Screen", words.format(width=size.width(), height=size.height(), scale=scale)))
    return rows + [(name, _version(name)) for name in PACKAGES] + [("open3d", _version(*OPEN3D))]


def _version(*names: str) -> str:
    for name in names:
        try:
            return metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return tr("not installed")


def show_report(parent: QWidget, rows: list[tuple[str, str]]) -> TextDialog:
    words = "\n".join(f"{name}: {value}" for name, value in rows)
    table = "".join(
        f"<tr><td><b>{html.escape(tr(name))}</b>&nbsp;&nbsp;</td><td>{html.escape(value)}</td></tr>"
        for name, value in rows
    )
    dialog = TextDialog(parent, tr("System report"), f"<table cellpadding='3'>{table}</table>", words)
    dialog.show()
    return dialog


def _native(keys: str) -> str:
    """Names of keys on this system, in its language."""
    return QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText)


def show_keys(parent: QWidget, specs: list[ActionSpec]) -> TextDialog:
    """All keys by menu, and what the mouse does."""
    groups: dict[str, list[tuple[str, str]]] = {tr("Mouse"): [(tr(k), tr(what)) for k, what in MOUSE]}
    groups[tr("Edit")] = [(_native("Ctrl+Z"), tr("Undo")), (_native("Ctrl+Shift+Z"), tr("Redo"))]
    for spec in specs:
        if spec.shortcut:
            title = " › ".join(tr(part) for part in spec.menu.split("/"))
            groups.setdefault(title, []).append((_native(spec.shortcut), tr(spec.text).rstrip("…")))
    half = sum(len(rows) + 2 for rows in groups.values()) / 2
    columns, filled = ["", ""], 0
    for title, rows in groups.items():
        lines = "".join(
            f"<tr><td width='130'><b>{html.escape(k)}</b></td><td>{html.escape(v)}</td></tr>" for k, v in rows
        )
        columns[int(filled >= half)] += f"<h4>{html.escape(title)}</h4><table>{lines}</table>"
        filled += len(rows) + 2
    cells = "".join(f"<td valign='top'>{column}</td>" for column in columns)
    page = f"<table width='100%'><tr>{cells}</tr></table>"
    dialog = TextDialog(parent, tr("Keys and mouse"), page, width=820)
    dialog.show()
    return dialog


def show_about(parent: QWidget) -> TextDialog:
    purpose = tr("Shows and losslessly compresses voxelized 3D point clouds.")
    dialog = TextDialog(
        parent, tr("About Octavox"), f"<h3>Octavox {codec.__version__}</h3><p>{purpose}</p>", width=420
    )
    dialog.resize(420, 220)
    dialog.show()
    return dialog
