"""Another language without a new start: everything speaks it, and nothing that is open is lost."""

from __future__ import annotations

import re

import numpy as np
import pytest
from other_language import ALIKE, VERSION, letters
from pictures import drawn, run_job
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget
from speech import cut_words, words_of
from windows import WAIT_MS, complete, idle

from octavox.gui.base.i18n import install, language

pytestmark = pytest.mark.gl


@pytest.fixture(autouse=True)
def english_again():
    yield
    install("en")


def speak(window, qtbot, key: str) -> None:
    window.action_registry[f"language_{key}"].trigger()
    qtbot.waitUntil(lambda: language() == key, timeout=WAIT_MS)
    idle(qtbot, window)
    complete(qtbot, window)


def said(window) -> dict[str, str]:
    """All that the window says now, but for the log, which keeps what was said before; by its letters."""
    found: list[str] = []
    for widget in (window, *window.findChildren(QWidget)):
        if widget not in (window.panels["Bytes"].dump, window.log, window.job_bar.message):
            found += words_of(widget)
    for action in window.findChildren(QAction):
        found += [action.text(), action.iconText(), action.toolTip(), action.statusTip()]
    found += [window.log.placeholderText(), window.viewport.legend.note]
    return {letters(words): words for words in found if words}


def test_everything_speaks_another_language_and_back(compressed, qtbot) -> None:
    window, session = compressed, compressed.session
    run_job(window, qtbot, "decompress")
    for key in ("most_expensive", "bounds", "layout_all", "cloud_height", "tour"):
        window.action_registry[key].trigger()
    window.commands.help.tour.next.click()
    window.action_registry["layout_compare"].trigger()
    window.resize(1200, 780)
    idle(qtbot, window)
    complete(qtbot, window)
    english, lines = said(window), window.log.toPlainText()
    kept = session.camera, session.view, list(session.items), session.stream, session.blocks
    open_docks = {name for name, dock in window.docks.items() if not dock.isHidden()}
    picture = drawn(window)

    speak(window, qtbot, "de")
    german = said(window)
    same = {key for key in english.keys() & german if re.search(r"[a-z]{3}", key)} - ALIKE
    assert {english[key] for key in same if not VERSION.search(english[key])} == set()
    assert window.menuBar().actions()[0].text() == "&Datei"
    assert window.docks["Blocks"].windowTitle() == "Blöcke"
    assert "dekodiert" in [item.label for item in session.items.clouds]
    assert [words for w in window.findChildren(QWidget) for words in cut_words(window, w)] == []
    assert (session.camera, session.view, list(session.items), session.stream, session.blocks) == kept
    assert {name for name, dock in window.docks.items() if not dock.isHidden()} == open_docks
    assert window.layouts.current == "compare"
    assert (window.width(), window.height()) == (1200, 780)
    assert window.log.toPlainText().startswith(lines)
    assert np.array_equal(drawn(window), picture)
    assert window.commands.help.tour.tour.place == 1 and window.commands.help.tour.isVisible()

    window.action_registry["theme_light"].trigger()  # the actions that were made anew work
    assert window.themer.theme.key == "light"
    window.menus.undo.trigger()
    assert session.view.cloud_mode != "height"
    window.menus.redo.trigger()
    window.action_registry["theme_dark"].trigger()
    speak(window, qtbot, "en")
    hidden = {"bpov so far", "Com"}  # of a job that is over, and of a button that was narrow for a moment
    assert english.keys() ^ said(window).keys() <= hidden
    assert window.settings.language == "en"


def test_a_job_goes_on_while_the_language_changes(opened, fake, qtbot) -> None:
    fake.stop_at = 20_000
    opened.action_registry["compress"].trigger()
    qtbot.waitUntil(lambda: len(opened.session.blocks) > 0, timeout=WAIT_MS)
    opened.action_registry["language_de"].trigger()
    qtbot.waitUntil(lambda: language() == "de", timeout=WAIT_MS)
    qtbot.waitUntil(lambda: opened.job_bar.message.text().startswith("Komprimieren"), timeout=WAIT_MS)
    assert opened.workbench.busy and not opened.action_registry["compress"].isEnabled()
    fake.stop_at = None
    idle(qtbot, opened)
    assert opened.session.stream is not None and len(opened.session.blocks)
    assert opened.table.model.rowCount() == len(opened.session.blocks)
    assert "komprimiert" in opened.job_bar.message.text().lower()
