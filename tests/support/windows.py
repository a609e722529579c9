"""What the tests of the window share: patience, waiting, and a small cloud."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QSlider, QStyle, QStyleOptionSlider
from sample_clouds import SAMPLE

from octavox import codec
from octavox.codec import Certificate, VoxelCloud, morton_encode

__all__ = ["SAMPLE", "WAIT_MS", "certificate", "complete", "drop", "idle", "pull", "restored", "sphere"]

WAIT_MS = 120_000  # patience on a busy machine; no test asserts a time


def sphere(radius: int = 20, middle: int = 32) -> VoxelCloud:
    grid = np.stack(np.meshgrid(*[np.arange(64)] * 3, indexing="ij"), -1).reshape(-1, 3)
    shell = np.abs(np.linalg.norm(grid - middle, axis=1) - radius) < 0.6
    points = grid[shell].astype(np.int32)
    return VoxelCloud(points[np.argsort(morton_encode(points))], 6)


def certificate(original: VoxelCloud, coded: VoxelCloud) -> Certificate:
    """Of a bitstream of `coded` against `original`."""
    data = codec.encode(coded, options=codec.CodecOptions(codec="octree")).data
    back = codec.decode(data)
    return codec.certify(original, back.cloud, back.voxels, back.header, data)


def idle(qtbot, window) -> None:
    """No job runs, nor what follows one: shading, properties, and panels that are refreshed in turn."""
    bench = window.workbench
    beside = (bench.jobs, bench.shading, bench.point_data, bench.disk, window.scheduler)
    qtbot.waitUntil(lambda: not any(part.busy for part in beside), timeout=WAIT_MS)


def opened_file(window, qtbot, path):
    """The window once it shows all of a file that it was asked to open."""
    window.commands.codec.set_option("codec", "fake")
    window.commands.file.open_any(str(path))
    idle(qtbot, window)
    complete(qtbot, window)
    return window


def restored(qtbot, window) -> None:
    """A session that is being restored has been."""
    running = (lambda: window.commands.session.restoration.running, lambda: window.workbench.busy)
    qtbot.waitUntil(lambda: not any(ask() for ask in running), timeout=WAIT_MS)


def drop(window, path) -> None:
    """A file is dragged over a window and dropped on it."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enters = QDragEnterEvent(QPoint(300, 300), Qt.DropAction.CopyAction, data, buttons, keys)
    QApplication.sendEvent(window, enters)
    assert enters.isAccepted()
    QApplication.sendEvent(
        window, QDropEvent(QPointF(300, 300), Qt.DropAction.CopyAction, data, buttons, keys)
    )


def complete(qtbot, window) -> None:
    sides = [side for side in window.viewport.sides if side.box.isVisible()]
    qtbot.waitUntil(lambda: all(side.pane.complete for side in sides), timeout=WAIT_MS)


def pull(slider: QSlider, value: int) -> None:
    """Drag the handle with the mouse."""
    option = QStyleOptionSlider()
    slider.initStyleOption(option)
    part = QStyle.SubControl.SC_SliderHandle
    handle = slider.style().subControlRect(QStyle.ComplexControl.CC_Slider, option, part, slider)
    share = (value - slider.minimum()) / (slider.maximum() - slider.minimum())
    there = QPoint(round(handle.width() / 2 + share * (slider.width() - handle.width())), handle.center().y())
    QTest.mousePress(slider, Qt.MouseButton.LeftButton, pos=handle.center())
    for k in range(1, 9):
        QTest.mouseMove(slider, handle.center() + (there - handle.center()) * k / 8)
    QTest.mouseRelease(slider, Qt.MouseButton.LeftButton, pos=there)
    assert slider.value() == value
