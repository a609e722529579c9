"""Commands that help: the palette, the tour, the keys, a report of the system."""

from __future__ import annotations

from functools import cached_property

from PySide6.QtWidgets import QWidget

from octavox.codec import codec_option_specs
from octavox.gui.base.action_spec import ActionSpec
from octavox.gui.base.i18n import tr
from octavox.gui.widgets.dialogs import show_about, show_keys, show_report, system_report
from octavox.gui.widgets.palette import Palette
from octavox.gui.widgets.tour import TourCard

from .command_set import CommandSet


class HelpCommands(CommandSet):
    @cached_property
    def palette(self) -> Palette:
        window = self._bench.window
        return Palette(window.widget, window.action_registry, window.other_actions())

    @cached_property
    def tour(self) -> TourCard:
        window = self._bench.window
        return TourCard(window.widget, self._session, window.action_registry, self._target)

    def tell_again(self) -> None:
        """The tour goes on where it was, if it was under way."""
        palette = self.__dict__.pop("palette", None)
        if isinstance(palette, Palette):
            palette.deleteLater()
        tour = self.__dict__.pop("tour", None)
        if isinstance(tour, TourCard):
            place = None if tour.isHidden() else tour.tour.place
            tour.remove()
            if place is not None:
                self.tour.begin(place)

    def show_palette(self) -> None:
        self.palette.open()

    def start_tour(self) -> None:
        self.tour.begin()

    def shortcuts(self) -> None:
        window = self._bench.window
        show_keys(window.widget, list(window.action_registry.specs.values()))

    def about(self) -> None:
        show_about(self._bench.window.widget)

    def show_report(self) -> None:
        view = self._bench.window.viewport_or_none
        renderer = ""
        if view is not None:
            from octavox.gui.rendering.opengl import renderer_name  # loads VTK, as the view has by now

            renderer = renderer_name(view.a.pane.render_window)
        spec = next(spec for spec in codec_option_specs() if spec.name == "device")
        device = self._session.options.device
        words = next((choice.words for choice in spec.choices if choice.value == device), device)
        show_report(self._bench.window.widget, system_report(renderer, tr(words)))

    def _target(self, name: str) -> QWidget | None:
        """The widget that a step of the tour is about; its panel comes to the front."""
        window = self._bench.window
        kind, _, key = name.partition(":")
        if kind == "panel":
            dock = window.docks[key]
            dock.show()
            dock.raise_()
            return dock
        return window.tool_button(key) if kind == "action" else window.centre()

    @classmethod
    def actions(cls) -> list[ActionSpec]:
        return [
            ActionSpec(
                "palette",
                "Find an action…",
                "Help",
                cls.show_palette,
                "Search all actions and run one",
                "Ctrl+Shift+P",
            ),
            ActionSpec(
                "tour",
                "Tour",
                "Help",
                cls.start_tour,
                "Twelve steps from a sample to its most expensive block and its quality",
            ),
            ActionSpec("shortcuts", "Keys and mouse", "Help", cls.shortcuts, "List all keys", "F1"),
            ActionSpec(
                "system_report",
                "System report",
                "Help",
                cls.show_report,
                "Versions, device and renderer, to copy",
                separator=True,
            ),
            ActionSpec("about", "About Octavox", "Help", cls.about, "Version and what this program does"),
        ]
