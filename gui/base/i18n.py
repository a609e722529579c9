"""The window's words in the user's language: one function around Qt's translator.

English is the source; translations are Qt Linguist files (resources/translations/*.ts, compiled to *.qm by
scripts/translations.py). `tr` is the model's, which knows no Qt; names in tables (modes, columns,
actions) are translated where a view shows them.
"""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

from octavox import resources
from octavox.gui.document import text
from octavox.gui.document.words import again, several, told, tr, use

__all__ = ["CONTEXT", "LANGUAGES", "again", "install", "language", "several", "told", "tr"]
CONTEXT = "octavox"
_language = "en"
_translators: list[QTranslator] = []  # of the language in force
LANGUAGES = {"en": "English", "de": "Deutsch"}


def _translated(words: str) -> str:
    """The words in the language in force; the words themselves where no translation is known."""
    return QCoreApplication.translate(CONTEXT, words)


use(_translated)


def language() -> str:
    """The language in force."""
    return _language


def install(language: str) -> str:
    """Load a language ("" for the system's) into the running application; returns the one in force."""
    app = QCoreApplication.instance()
    key = language if language in LANGUAGES else QLocale.system().name()[:2]
    global _language
    _language = "en"
    text.use(_language)
    QLocale.setDefault(QLocale.system())
    while _translators and app is not None:
        app.removeTranslator(_translators.pop())
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
    _translators.append(translator)
    own = QTranslator(app)  # of Qt's own dialogs and context menus
    if own.load(f"qtbase_{key}", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)):
        app.installTranslator(own)
        _translators.append(own)
    QLocale.setDefault(QLocale(key))
    _language = key
    text.use(key)
    return key
