"""Everything that a window says in one language, as JSON: python speech.py LANGUAGE FOLDER [display].

Run by test_translation.py in a process of its own: a language is installed once in an application.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import fake_codec
import numpy as np
from moving_clouds import damage, ply_frames, stream_of
from PySide6.QtCore import QPoint, QRect, QSettings
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QListWidget,
    QMessageBox,
    QPlainTextEdit,
    QStyle,
    QStyleOptionComboBox,
    QTabBar,
    QTableView,
    QTextBrowser,
    QTreeWidget,
    QWidget,
)

from octavox import codec
from octavox.codec import morton_encode
from octavox.gui.app.app import prepare_application
from octavox.gui.app.main_window import MainWindow
from octavox.gui.base.i18n import install, language
from octavox.gui.base.settings import Settings
from octavox.gui.base.theme import Themer
from octavox.gui.document.blocks import BlockFilter
from octavox.gui.document.frame_plot import frame_words
from octavox.gui.document.items import StreamBlocks
from octavox.gui.document.layouts import LAYOUTS
from octavox.gui.document.proportions import Proportions
from octavox.gui.document.scale_bar import scale_bar
from octavox.gui.widgets.codec_panel import ActionButton
from octavox.gui.widgets.elided import ElidedLabel
from octavox.gui.widgets.read_questions import ReadQuestion

SMALL = (1024, 700)


def settle(window: MainWindow) -> None:
    """Serve events until no job runs and every panel is up to date."""
    for _ in range(3):
        bench = window.workbench
        while bench.busy or bench.shading.busy or bench.point_data.busy or window.scheduler.busy:
            QApplication.processEvents()
            time.sleep(0.01)
        QApplication.processEvents()


def words_of(widget: QWidget) -> list[str]:
    """All texts of one widget, those for screen readers included."""
    found = [widget.windowTitle(), widget.toolTip(), widget.statusTip()]
    found += [widget.accessibleName(), widget.accessibleDescription()]
    if isinstance(widget, (QLabel, QAbstractButton, QLineEdit)):
        found.append(widget.text())
    if isinstance(widget, QLineEdit):
        found.append(widget.placeholderText())
    if isinstance(widget, (QPlainTextEdit, QTextBrowser)):
        found += [*widget.toPlainText().splitlines(), widget.placeholderText()]
    if isinstance(widget, QComboBox):
        found += [widget.itemText(row) for row in range(widget.count())]
        found += [str(widget.itemData(row, 3) or "") for row in range(widget.count())]  # tool tips
    if isinstance(widget, QTabBar):
        found += [widget.tabText(row) for row in range(widget.count())]
    if isinstance(widget, QListWidget):
        found += [widget.item(row).text() for row in range(widget.count())]
    if isinstance(widget, QTreeWidget):
        head = widget.headerItem()
        items = [head, *(widget.topLevelItem(row) for row in range(widget.topLevelItemCount()))]
        items += [item.child(row) for item in items[1:] for row in range(item.childCount())]
        found += [item.text(column) for item in items for column in range(item.columnCount())]
    if isinstance(widget, QTableView):
        model = widget.model()
        for column in range(model.columnCount()):
            found += [str(model.headerData(column, 1, role) or "") for role in (0, 3)]
    return found


def clipped(window: MainWindow) -> list[str]:
    """Texts that are wider or higher than their place, and tools that found none."""
    found = [words for widget in window.findChildren(QWidget) for words in cut_words(window, widget)]
    tools = [window.tools.widgetForAction(action) for action in window.tools.actions()]
    return found + [tool.toolTip() for tool in tools if tool is not None and not tool.isVisible()]


def cut_words(window: MainWindow, widget: QWidget) -> list[str]:
    """What of the texts of one widget is cut off; what ends in an ellipsis by design says all in its hint."""
    place = QRect(widget.mapTo(window, QPoint()), widget.size()) if window.isAncestorOf(widget) else QRect()
    if not widget.isVisible() or isinstance(widget, ElidedLabel) or not place.intersects(window.rect()):
        return []
    if isinstance(widget, QLabel) and widget.wordWrap():
        needed = widget.heightForWidth(widget.width())
        return [widget.text()] if widget.text() and widget.height() < needed else []
    if isinstance(widget, ActionButton):
        return [] if widget.whole else [widget.text()]
    if isinstance(widget, (QLabel, QAbstractButton)):
        words, needed = widget.text(), widget.minimumSizeHint().width()
        return [words] if words and widget.width() < needed else []
    if isinstance(widget, QComboBox):
        return [widget.currentText()] if widget.width() < needed_by(widget) else []
    if isinstance(widget, QTabBar) and widget.parent() is window:
        metrics = widget.fontMetrics()
        texts = [(widget.tabText(k), widget.tabRect(k).width()) for k in range(widget.count())]
        return [words for words, width in texts if width < metrics.horizontalAdvance(words)]
    return []


def needed_by(box: QComboBox) -> int:
    """Pixels that a choice needs for the words in force."""
    option = QStyleOptionComboBox()
    box.initStyleOption(option)
    field = box.style().subControlRect(
        QStyle.ComplexControl.CC_ComboBox, option, QStyle.SubControl.SC_ComboBoxEditField, box
    )
    return box.width() - field.width() + box.fontMetrics().horizontalAdvance(box.currentText())


def clipped_when_small(window: MainWindow) -> list[str]:
    """What is cut off in any panel, in any layout, in the smallest window that is promised."""
    before, found = window.size(), []
    window.resize(*SMALL)
    for layout in LAYOUTS:
        window.action_registry[f"layout_{layout.key}"].trigger()
        for name, dock in window.docks.items():
            if not dock.isHidden():
                dock.raise_()
                settle(window)
                found += [f"{layout.key} {name}: {words}" for words in clipped(window)]
    window.action_registry["layout_all"].trigger()
    window.resize(before)
    settle(window)
    return found


def spoken(window: MainWindow, heard: set[str]) -> None:
    """Add what the window says now."""
    settle(window)
    for widget in (window, *window.findChildren(QWidget)):
        if widget not in (window.error_bar.details, window.panels["Bytes"].dump):  # a fault's trace, bytes
            heard.update(words_of(widget))
    for action in window.findChildren(QAction):
        heard.update((action.text(), action.iconText(), action.toolTip(), action.statusTip()))
    view = window.viewport_or_none
    for side in view.sides if view is not None else ():
        overlay = side.pane.overlay
        heard.add(overlay.extent)
        heard.add(scale_bar(window.session.camera, 400, overlay.voxel or Proportions()).words)
    if view is not None:
        heard.add(view.legend.note)


def visit(window: MainWindow, folder: Path, heard: set[str]) -> list[str]:
    """Through the window as a user goes, listening on the way. Returns what a small window cuts off."""
    codec_commands, view, session = window.commands.codec, window.commands.view, window.session
    window.workbench.said.connect(heard.add)
    coords = np.unique(np.random.default_rng(7).integers(0, 200, (3000, 3)), axis=0)
    small = codec.VoxelCloud(coords[np.argsort(morton_encode(coords))].astype(np.int32), 8)
    codec.write_ply(str(folder / "small.ply"), small)
    window.commands.file.open_any(str(folder / "small.ply"))
    spoken(window, heard)
    for name in codec.codec_names():
        codec_commands.set_option("codec", name)
        spoken(window, heard)
    codec_commands.set_option("codec", "fake")
    for key in ("bounds", "cloud_height", "compress"):
        window.action_registry[key].trigger()
        spoken(window, heard)
    for key in ("most_expensive", "isolate", "decompress", "arrange_overlaid", "cloud_normal", "keep_1"):
        window.action_registry[key].trigger()
        spoken(window, heard)
    view.set_filter(BlockFilter("bits", 1.0, 2.0))
    window.action_registry["compare"].trigger()
    spoken(window, heard)
    session.set_other(StreamBlocks("b.ovx", 8, session.blocks, 1234))
    spoken(window, heard)
    cut = clipped_when_small(window)
    for mode in ("size", "slice", "bpov"):
        view.set_block_mode(mode)
        spoken(window, heard)
    for key in (
        "copy_compress",
        f"language_{language()}",
        "shortcuts",
        "about",
        "system_report",
        "tour",
        "palette",
    ):
        window.action_registry[key].trigger()
        spoken(window, heard)
    for _ in range(9):
        window.commands.help.tour.next.click()
        spoken(window, heard)
    window.commands.help.tour.end()
    properties(window, folder, heard)
    questions(window, folder, heard)
    sequence(window, folder, heard)
    cut += clipped_when_small(window)
    bad = folder / "bad.ovx"
    bad.write_bytes(b"nothing")
    window.commands.file.open_any(str(bad))
    spoken(window, heard)
    window.commands.export.csv(str(folder / "blocks.csv"))
    window.commands.queue.queue_files([str(folder / "gone.ply")])
    spoken(window, heard)
    return cut


def properties(window: MainWindow, folder: Path, heard: set[str]) -> None:
    """Points with properties: as colours, left out, compared, in blocks and bytes."""
    rng = np.random.default_rng(3)
    rows = np.stack(np.meshgrid(np.arange(40), np.arange(40), [0, 1], indexing="ij"), -1).reshape(-1, 3)
    columns = {"q1": rng.integers(0, 900, len(rows)).astype(np.uint16), "k1": rng.random(len(rows))}
    colors = np.clip(3 * rows + rng.integers(0, 9, (len(rows), 3)), 0, 255).astype(np.uint8)
    cloud = codec.PointCloud(rows.astype(np.int32), colors, attributes=columns)
    codec.write_cloud(folder / "rich.ply", cloud)
    window.commands.file.open_any(str(folder / "rich.ply"))
    spoken(window, heard)
    window.commands.codec.set_stored("k1", False)
    window.commands.codec.set_option("keep", "voxels")
    window.commands.codec.set_option("depth", 4)
    for key in ("compress", "decompress", "compare"):
        spoken(window, heard)
        window.action_registry[key].trigger()
    spoken(window, heard)
    modes = window.menus.modes
    for mode in ("property:q1", "cost:*colour", "error:*colour", "error:q1"):
        window.commands.view.set_cloud_mode(mode)
        spoken(window, heard)
    heard.update(action.text() for menu in modes.of("block_mode") for action in menu.actions())
    window.commands.view.set_block_mode("bits:*")
    window.action_registry["most_expensive"].trigger()
    view = window.panels["Bytes"]
    for part in view.strip.parts:
        view.strip.pressed.emit(part.first)
        spoken(window, heard)
    window.commands.codec.set_option("keep", "auto")
    window.commands.codec.set_option("depth", None)
    spoken(window, heard)


def questions(window: MainWindow, folder: Path, heard: set[str]) -> None:
    """Files that do not say which points they hold, and one whose points would move."""
    (folder / "mesh.obj").write_text("v 0 0 0\nv 9 0 0\nv 0 9 0\nf 1 2 3\n")
    (folder / "rows.bin").write_bytes(np.ones((20, 20), "<f4").tobytes())
    spheres = np.random.default_rng(1).normal(size=(500, 3))
    codec.write_cloud(folder / "floats.ply", codec.PointCloud(spheres))
    for name in ("mesh.obj", "rows.bin"):
        window.commands.file.open_any(str(folder / name))
        spoken(window, heard)
        (question,) = window.findChildren(ReadQuestion)
        question.accept()
        spoken(window, heard)
    window.commands.file.open_any(str(folder / "floats.ply"))
    spoken(window, heard)
    window.commands.codec.set_option("keep", "voxels")
    window.action_registry["compress"].trigger()
    spoken(window, heard)
    (box,) = window.findChildren(QMessageBox)
    heard.update((box.text(), box.informativeText()))
    box.close()


def sequence(window: MainWindow, folder: Path, heard: set[str]) -> None:
    """A sequence with a damaged frame, a second one beside it, and all of its frames compressed."""
    path = stream_of(folder / "balls.ovx", 5)
    damage(path, 3)
    window.commands.file.open_several([str(path)])
    spoken(window, heard)
    player = window.commands.sequence.player

    def rested() -> None:
        while player.busy:
            QApplication.processEvents()
        spoken(window, heard)
        panel = window.panels["Timeline"]
        timeline = window.session.timeline
        assert timeline is not None
        heard.update(frame_words(timeline, number) for number in range(len(timeline)))
        heard.add(panel.bars.accessibleDescription())

    rested()
    window.commands.sequence.open_other([str(ply_frames(folder / "frames", 3))])
    spoken(window, heard)
    for number in (1, 3, 2):
        window.commands.sequence.seek(number)
        rested()
    for key in ("frame_ghost", "frame_motion", "frame_play", "frame_play"):
        window.action_registry[key].trigger()
        rested()
    other = stream_of(folder / "whole.ovx", 2)
    window.commands.file.open_several([str(other)])
    spoken(window, heard)
    window.commands.sequence.compress(str(folder / "again.ovx"))
    spoken(window, heard)


def main() -> None:
    language, folder = sys.argv[1], Path(sys.argv[2])
    app = prepare_application(["octavox"])
    fake_codec.register()
    install(language)
    store = QSettings(str(folder / "settings.ini"), QSettings.Format.IniFormat)
    window = MainWindow(Settings(store), Themer(app, "dark"))
    window.workbench.may_discard = lambda: True  # closing waits for no answer
    window.show()
    if len(sys.argv) > 3:
        window.attach_viewport()
    heard: set[str] = set()
    window.resize(1280, 800)
    spoken(window, heard)
    cut = clipped(window)
    cut += clipped_when_small(window)
    cut += visit(window, folder, heard)
    cut += clipped(window)  # the widest choices are in force in the tool bar by now
    window.close()
    (folder / "heard.json").write_text(json.dumps([sorted(heard), cut]), encoding="utf-8")


if __name__ == "__main__":
    main()
