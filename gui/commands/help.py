"""Actions that help: palette, tour, keys, reports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from octavox.codec import codec_option_specs
from octavox.gui.base.i18n import tr
from octavox.gui.widgets.dialogs import show_about, show_keys, show_report, system_report
from octavox.gui.widgets.palette import Entry, Palette
from octavox.gui.widgets.tour import TourCard

if TYPE_CHECKING:
    from octavox.gui.app.main_window import MainWindow


class Helping(QObject):
    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        menus, panels = window.menus, window.docks
        edit, shown = (tr("Edit"),), (tr("Window"),)
        others = [Entry("undo", menus.undo, edit), Entry("redo", menus.redo, edit)]
        others += [Entry(f"panel_{name}", dock.toggleViewAction(), shown) for name, dock in panels.items()]
        self.palette = Palette(window, window.actions_, others)
        self.tour = TourCard(window, window.session, window.actions_, self._target)

    def show_palette(self) -> None:
        self.palette.open()

    def start_tour(self) -> None:
        self.tour.begin()

    def shortcuts(self) -> None:
        show_keys(self._window, list(self._window.actions_.specs.values()))

    def about(self) -> None:
        show_about(self._window)

    def show_report(self) -> None:
        view = self._window.viewport_or_none
        renderer = ""
        if view is not None:
            from octavox.gui.rendering.opengl import renderer_name  # loads VTK, as the view has by now

            renderer = renderer_name(view.a.pane.render_window)
        spec = next(spec for spec in codec_option_specs() if spec.name == "device")
        device = self._window.session.options.device
        words = next((choice.words for choice in spec.choices if choice.value == device), device)
        show_report(self._window, system_report(renderer, tr(words)))

    def _target(self, name: str) -> QWidget | None:
        """The widget that a step of the tour is about; its panel comes to the front."""
        kind, _, key = name.partition(":")
        if kind == "panel":
            dock = self._window.docks[key]
            dock.show()
            dock.raise_()
            return dock
        if kind == "action":
            return self._window.tools.widgetForAction(self._window.actions_[key])
        return self._window.stack
