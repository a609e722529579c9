"""Palette, tour, reports; names for those who cannot see the window."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication
from windows import WAIT_MS, complete, idle

from octavox import codec
from octavox.gui.document.tour import STEPS

pytestmark = pytest.mark.gl


def test_the_palette_runs_what_it_finds(compressed, qtbot) -> None:
    compressed.action_registry["palette"].trigger()
    palette = compressed.commands.help.palette
    qtbot.waitUntil(palette.isVisible, timeout=WAIT_MS)
    # All but the palette itself, undo and redo, the panels, and the modes that depend on what is open.
    modes = [entry.key for entry in compressed.menus.modes.entries()]
    assert {"cloud_mode_property:red", "cloud_mode_cost:red", "block_mode_bits:red"} <= set(modes)
    fixed = len(compressed.action_registry.specs) - 1 + 2 + len(compressed.docks)
    assert len(palette.found()) == fixed + len(modes)
    qtbot.keyClicks(palette.edit, "most expensive")
    assert palette.found()[0] == "most_expensive"
    qtbot.keyClick(palette.edit, Qt.Key.Key_Return)
    assert palette.isHidden()
    assert compressed.session.view.selected is not None
    compressed.action_registry["palette"].trigger()
    qtbot.keyClicks(palette.edit, "compare the clouds")
    assert "two clouds are needed" in palette.list.item(0).text()  # off, and says why
    qtbot.keyClick(palette.edit, Qt.Key.Key_Return)
    assert palette.isVisible()
    qtbot.keyClick(palette.edit, Qt.Key.Key_Escape)
    assert palette.isHidden()


@pytest.mark.slow
def test_the_tour_leads_from_nothing_to_a_certificate(window, qtbot, finish) -> None:
    window.commands.codec.set_option("codec", "fake")
    window.action_registry["tour"].trigger()
    card = window.commands.help.tour
    assert card.isVisible()
    seen = []
    while card.isVisible():
        place = card.tour.place
        seen.append(place)
        step = STEPS[place]
        assert card.title.text() == step.title
        assert card.geometry().intersected(window.rect()) == card.geometry()
        if step.do:
            assert card.do.isEnabled(), step.title
            card.do.click()
            idle(qtbot, window)
            complete(qtbot, window)
            assert card.tour.place == place + 1, step.title  # it went on by itself
        else:
            card.next.click()
    assert seen == list(range(12))
    assert window.session.certificate.kept
    assert window.session.comparison.report.identical


def test_reports_and_keys_can_be_read(opened, qtbot) -> None:
    opened.action_registry["system_report"].trigger()
    opened.action_registry["shortcuts"].trigger()
    dialogs = {
        w.windowTitle(): w for w in QApplication.topLevelWidgets() if w.isVisible() and hasattr(w, "page")
    }
    report = dialogs["System report"]
    assert codec.__version__ in report.copied
    assert "Renderer" in report.copied and "not ready" not in report.copied
    report.copy.click()
    assert QGuiApplication.clipboard().text() == report.copied
    page = dialogs["Keys and mouse"].page.toPlainText()
    for spec in opened.action_registry.specs.values():
        if spec.shortcut:
            assert spec.shortcut in page
    for dialog in dialogs.values():
        dialog.close()


def test_everything_has_a_name_for_those_who_cannot_see_it(compressed) -> None:
    from PySide6.QtWidgets import (
        QAbstractItemView,
        QComboBox,
        QHeaderView,
        QLineEdit,
        QPushButton,
        QSlider,
        QToolButton,
    )

    nameless = []
    for kind in (QComboBox, QLineEdit, QSlider, QAbstractItemView, QPushButton, QToolButton):
        for widget in compressed.findChildren(kind):
            if (
                widget.objectName().startswith("qt_")
                or not widget.isVisible()
                or isinstance(widget, QHeaderView)
            ):
                continue
            words = widget.accessibleName() or getattr(widget, "text", str)()
            if not words and isinstance(widget.parent(), QComboBox):
                continue
            if not words:
                nameless.append(f"{kind.__name__} in {type(widget.parent()).__name__}")
    assert nameless == []
