"""The window's words in the user's language: one function around Qt's translator.

English is the source; translations are Qt Linguist files (resources/translations/*.ts, compiled to *.qm by
scripts/translations.py). Words that the model makes are translated where a view shows them.
"""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QLocale, QTranslator

import resources

CONTEXT = "octavox"
LANGUAGES = {"en": "English", "de": "Deutsch"}


def tr(words: str) -> str:
    """The words in the language in force; the words themselves where no translation is known."""
    return QCoreApplication.translate(CONTEXT, words) if words else words


def install(language: str) -> str:
    """Load a language ("" for the system's) into the running application; returns the one in force."""
    app = QCoreApplication.instance()
    key = language if language in LANGUAGES else QLocale.system().name()[:2]
    if app is None or key == "en" or key not in LANGUAGES:
        return "en"
    translator = QTranslator(app)
    try:
        loaded = translator.load(str(resources.find(f"translations/octavox_{key}.qm")))
    except FileNotFoundError:
        return "en"
    if not loaded:
        return "en"
    app.installTranslator(translator)
    return key
