"""Themes: one style sheet, filled in from a table of colours, and icons drawn in the theme's text colour."""

from __future__ import annotations

import contextlib
import json
import re
import weakref
from dataclasses import dataclass
from functools import lru_cache

from PySide6.QtCore import QByteArray, QDir, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QIcon, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication

from octavox import resources
from octavox.codec import scratch_folder

THEMES = ("dark", "light")
_GREY = "#808080"  # the stroke colour in the icon files, replaced by the theme's


@dataclass(frozen=True)
class Theme:
    """A name and its colours ('#rrggbb' by role, see resources/styles/dark.json)."""

    key: str
    colors: dict[str, str]

    def __getitem__(self, role: str) -> str:
        return self.colors[role]

    @staticmethod
    def load(key: str) -> Theme:
        """ValueError for a name that is not in THEMES."""
        if key not in THEMES:
            raise ValueError(f"no theme '{key}'")
        return Theme(key, json.loads(resources.find(f"styles/{key}.json").read_text(encoding="utf-8")))

    def rgb(self, role: str) -> tuple[int, int, int]:
        color = QColor(self[role])
        return color.red(), color.green(), color.blue()


class Themer:
    """Applies themes to the application and draws icons for the one in force."""

    def __init__(self, app: QApplication, key: str) -> None:
        self._app = app
        scratch = contextlib.ExitStack()  # style sheets can show images from files only
        self._folder = scratch.enter_context(scratch_folder())
        weakref.finalize(self, scratch.close)
        app.setStyle("Fusion")
        self.theme = Theme.load(key if key in THEMES else THEMES[0])
        self.apply(self.theme.key)

    def apply(self, key: str) -> None:
        self.theme = Theme.load(key)
        folder = self._folder / key
        folder.mkdir(exist_ok=True)
        for name in ("chevron", "chevron_up", "check", "close"):
            (folder / f"{name}.svg").write_text(_svg(name, self.theme["muted"]), encoding="utf-8")
        self._app.setPalette(_palette(self.theme))
        sheet = resources.find("styles/octavox.qss").read_text(encoding="utf-8")
        names = {**self.theme.colors, "icons": QDir.fromNativeSeparators(str(folder))}
        self._app.setStyleSheet(re.sub(r"@(\w+)", lambda m: names[m[1]], sheet))

    def icon(self, name: str) -> QIcon:
        """An icon of resources/styles/icons in the theme's colours, with a faded disabled state."""
        icon = QIcon()
        for mode, role in ((QIcon.Mode.Normal, "text"), (QIcon.Mode.Disabled, "disabled")):
            for scale in (1, 2):
                pixmap = draw_svg(_svg(name, self.theme[role]), QSize(20 * scale, 20 * scale))
                pixmap.setDevicePixelRatio(scale)
                icon.addPixmap(pixmap, mode)
        return icon


def _svg(name: str, color: str) -> str:
    return resources.find(f"styles/icons/{name}.svg").read_text(encoding="utf-8").replace(_GREY, color)


def draw_svg(text: str, size: QSize) -> QPixmap:
    """A picture of an SVG text."""
    pixmap = QPixmap(size)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    QSvgRenderer(QByteArray(text.encode())).render(painter, QRectF(0, 0, size.width(), size.height()))
    painter.end()
    return pixmap


def app_icon() -> QIcon:
    """The icon of the window."""
    return QIcon(draw_svg(_svg("octavox", _GREY), QSize(128, 128)))


@lru_cache(maxsize=1)
def number_font() -> QFont:
    """The system's fixed-pitch font in the size of the rest, so that digits line up."""
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    font.setPointSize(QApplication.font().pointSize())
    return font


def _palette(theme: Theme) -> QPalette:
    palette = QPalette()
    roles = {
        QPalette.ColorRole.Window: "window",
        QPalette.ColorRole.WindowText: "text",
        QPalette.ColorRole.Base: "field",
        QPalette.ColorRole.AlternateBase: "panel",
        QPalette.ColorRole.Text: "text",
        QPalette.ColorRole.Button: "raised",
        QPalette.ColorRole.ButtonText: "text",
        QPalette.ColorRole.ToolTipBase: "raised",
        QPalette.ColorRole.ToolTipText: "text",
        QPalette.ColorRole.PlaceholderText: "muted",
        QPalette.ColorRole.Highlight: "selection",
        QPalette.ColorRole.HighlightedText: "selection_text",
        QPalette.ColorRole.Link: "accent",
    }
    for role, name in roles.items():
        palette.setColor(role, QColor(theme[name]))
    for role in (QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText, QPalette.ColorRole.WindowText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(theme["disabled"]))
    return palette
