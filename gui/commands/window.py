"""Theme, language and layout of the window, and its end."""

from __future__ import annotations

from octavox.gui.base.action_spec import ActionSpec
from octavox.gui.base.i18n import LANGUAGES
from octavox.gui.base.theme import THEMES
from octavox.gui.document.layouts import LAYOUTS

from .command_set import CommandSet


class WindowCommands(CommandSet):
    def set_theme(self, key: str) -> None:
        self._bench.settings.theme = key
        self._bench.window.set_theme(key)

    def set_language(self, key: str) -> None:
        self._bench.settings.language = key
        self._bench.window.set_language(key)

    def set_layout(self, key: str) -> None:
        self._bench.window.set_layout(key)

    def reset_layout(self) -> None:
        self._bench.window.reset_layout()

    def quit(self) -> None:
        self._bench.window.close()

    @classmethod
    def actions(cls) -> list[ActionSpec]:
        return [
            ActionSpec("quit", "Quit", "File", cls.quit, "Close the window", "Ctrl+Q", order=40),
            *(
                ActionSpec(
                    f"theme_{key}",
                    f"{key.capitalize()} theme",
                    "Window",
                    cls.set_theme,
                    f"Switch to the {key} theme",
                    argument=key,
                    group="theme",
                )
                for key in THEMES
            ),
            *(
                ActionSpec(
                    f"language_{key}",
                    name,
                    "Window/Language",
                    cls.set_language,
                    "Language of the window",
                    argument=key,
                    group="language",
                )
                for key, name in LANGUAGES.items()
            ),
            *(
                ActionSpec(
                    f"layout_{layout.key}",
                    layout.title,
                    "Window/Panels for",
                    cls.set_layout,
                    layout.tip,
                    layout.shortcut,
                    argument=layout.key,
                    group="layout",
                )
                for layout in LAYOUTS
            ),
            ActionSpec(
                "reset_layout",
                "Reset layout",
                "Window",
                cls.reset_layout,
                "Put all panels back in their places",
                separator=True,
            ),
        ]
