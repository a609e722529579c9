"""The words of the document in the current language, without Qt; `gui.base.i18n` sets the translation."""

from __future__ import annotations

from collections.abc import Callable

_translate: Callable[[str], str] = str


def use(translate: Callable[[str], str]) -> None:
    """Take `translate` for everything from now on."""
    global _translate
    _translate = translate


def tr(words: str, /, **values: object) -> str:
    """The words translated, `values` put in the place of their names in braces."""
    known = _translate(words) if words else words
    return known.format(**values) if values else known


class Told(str):
    """Words in the language of their making, which can be told again in another one."""

    source: str
    values: dict[str, object]


def told(words: str, /, **values: object) -> Told:
    """As `tr`, for what is kept: a name, a state."""
    found = Told(tr(words, **values))
    found.source, found.values = words, values
    return found


def again(words: str) -> str:
    """Words that were told before, in the language in force now; others are translated."""
    return told(words.source, **words.values) if isinstance(words, Told) else tr(words)


def several(number: int, one: str, many: str, /, **values: object) -> str:
    """`tr` of the words for one, or for any other number."""
    return tr(one if number == 1 else many, **values)
