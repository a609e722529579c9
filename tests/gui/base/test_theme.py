"""Themes: readable text, complete colours."""

from __future__ import annotations

import re

import pytest
from PySide6.QtGui import QColor

from octavox import resources
from octavox.gui.base.theme import THEMES, Theme


def luminance(color: str) -> float:
    parts = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in QColor(color).getRgbF()[:3]]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(a: str, b: str) -> float:
    bright, dark = sorted((luminance(a), luminance(b)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("key", THEMES)
def test_text_is_readable_in_every_theme(key: str) -> None:
    theme = Theme.load(key)
    for ink in ("text", "muted"):
        for ground in ("window", "panel", "field"):
            assert contrast(theme[ink], theme[ground]) >= 4.5, (ink, ground)
    assert contrast(theme["selection_text"], theme["selection"]) >= 4.5
    assert contrast(theme["good"], theme["good_ground"]) >= 4.5
    assert contrast(theme["bad"], theme["bad_ground"]) >= 4.5
    assert contrast(theme["accent_text"], theme["accent"]) >= 3


def test_themes_define_the_same_colours_and_all_that_the_sheet_needs() -> None:
    loaded = [Theme.load(key) for key in THEMES]
    assert loaded[0].colors.keys() == loaded[1].colors.keys()
    sheet = resources.find("styles/octavox.qss").read_text(encoding="utf-8")
    used = set(re.findall(r"@(\w+)", sheet)) - {"icons"}
    assert used <= set(loaded[0].colors)


def test_unknown_themes_are_refused() -> None:
    with pytest.raises(ValueError, match="neon"):
        Theme.load("neon")
