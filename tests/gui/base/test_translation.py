"""The window in another language: nothing is missing, placeholders agree, and it is shown."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from other_language import ALIKE, VERSION, letters

from octavox.gui.base.i18n import LANGUAGES

ROOT = Path(__file__).resolve().parents[3]
OTHERS = [language for language in LANGUAGES if language != "en"]


@pytest.fixture(scope="module")
def translations():
    """scripts/translations.py as a module."""
    spec = importlib.util.spec_from_file_location("translations", ROOT / "scripts" / "translations.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("language", OTHERS)
def test_every_word_has_a_translation(translations, language) -> None:
    assert translations.missing(language) == []


@pytest.mark.parametrize("language", OTHERS)
def test_placeholders_survive(translations, language) -> None:
    known = translations.read(translations.FOLDER / f"octavox_{language}.ts")
    assert len(known) > 300
    wrong = [
        source
        for source, words in known.items()
        if sorted(re.findall(r"{\w+}", source)) != sorted(re.findall(r"{\w+}", words))
    ]
    assert wrong == []


@pytest.mark.parametrize("language", OTHERS)
def test_the_compiled_file_is_that_of_the_source(translations, language, tmp_path) -> None:
    source = translations.FOLDER / f"octavox_{language}.ts"
    compiler = Path(sys.executable).with_name("pyside6-lrelease")
    made = tmp_path / "made.qm"
    subprocess.run([str(compiler), str(source), "-qm", str(made), "-silent"], check=True)
    assert made.read_bytes() == source.with_suffix(".qm").read_bytes()


def test_the_collector_sees_what_is_shown(translations) -> None:
    words = set(translations.words())
    assert {
        "Compress",
        "Inspector",
        "Bits by kind",
        "no cloud is open",
        "Find the most expensive block",
    } <= words
    assert not {"good", "bad", "fake"} & words


def heard(language: str, folder: Path) -> tuple[set[str], list[str]]:
    """All that the window says on a walk through it, and what of it is cut off where there is a display."""
    folder.mkdir()
    display = ["display"] if os.environ.get("DISPLAY") else []
    platform = {} if display else {"QT_QPA_PLATFORM": "offscreen"}
    support = ROOT / "tests" / "support"
    path = os.pathsep.join((str(support), str(ROOT)))
    env = {**os.environ, **platform, "PYTHONPATH": path}
    script = support / "speech.py"
    done = subprocess.run(
        [sys.executable, str(script), language, str(folder), *display],
        capture_output=True,
        text=True,
        check=False,
        env=env,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    words, cut = json.loads((folder / "heard.json").read_text(encoding="utf-8"))
    return set(words), cut if display else []


@pytest.mark.slow
@pytest.mark.parametrize("language", OTHERS)
def test_nothing_is_said_in_english_or_cut_off(language, tmp_path) -> None:
    english, cut = heard("en", tmp_path / "en")
    assert cut == []
    foreign, cut = heard(language, tmp_path / language)
    assert cut == []
    source = {letters(words): words for words in english}
    other = {letters(words) for words in foreign}
    assert len(source) > 400
    same = {key for key in source.keys() & other if re.search(r"[a-z]{3}", key)} - ALIKE
    left = {source[key] for key in same if not VERSION.search(source[key])}
    assert left == set()


@pytest.mark.parametrize("language", OTHERS)
def test_the_window_speaks_it(language, tmp_path) -> None:
    script = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
from octavox.gui.app.app import prepare_application
app = prepare_application(["octavox"])
from PySide6.QtCore import QSettings
from octavox.gui.base.i18n import install
assert install({language!r}) == {language!r}
from octavox.gui.app.main_window import MainWindow
from octavox.gui.base.settings import Settings
from octavox.gui.base.theme import Themer
store = QSettings({str(tmp_path / "s.ini")!r}, QSettings.Format.IniFormat)
window = MainWindow(Settings(store), Themer(app, "dark"))
window.workbench.may_discard = lambda: True  # closing waits for no answer
window.show()
print(window.docks["Blocks"].windowTitle(), "|", window.action_registry["compress"].text(), "|",
      window.action_registry["compress"].toolTip())
window.close()
"""
    env = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, env=env
    )
    assert done.returncode == 0, done.stderr[-2000:]
    title, text, tip = done.stdout.strip().split(" | ")
    assert title == "Blöcke"
    assert text == "Komprimieren"
    assert "keine Punktwolke ist offen" in tip
