"""The scales of colours: what is chosen of one, and which views have one of their own."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import Slot

from octavox.gui.base.action_spec import ActionSpec, has_cloud
from octavox.gui.document.items import VIEWS
from octavox.gui.document.property_colours import PropertyScale
from octavox.gui.document.scales import owner_in, owner_of, with_own, with_scale
from octavox.gui.document.session import Session
from octavox.gui.document.words import tr

from .command_set import CommandSet


def _shows_nothing(session: Session, letter: str) -> str:
    shown = any(view == letter and session.items.shown_in(view) is not None for view in VIEWS)
    return "" if shown else tr("view {letter} shows no cloud", letter=letter)


class ScaleCommands(CommandSet):
    @Slot(str, object, str)
    def set_scale(self, mode: str, scale: PropertyScale, letter: str = "") -> None:
        """How the numbers are coloured by which a mode colours points or blocks. letter: of the view, if it
        has a scale of its own."""
        owner = owner_in(self._session.view, letter)
        changes = with_scale(self._session.view, mode, scale, owner)
        self._bench.change_view("scale of the colours", **changes)

    @Slot(str, object)
    def set_first(self, mode: str, scale: PropertyScale) -> None:
        """The same for the first view, of whose cloud the panels speak."""
        self.set_scale(mode, scale, owner_of(self._session, self._session.reference) or "")

    @Slot(str)
    def toggle_own(self, letter: str) -> None:
        """Give a view a scale of its own, or have it share that of the others again."""
        view = self._session.view
        self._bench.change_view("scale of a view", **with_own(view, letter, letter not in view.own_scales))

    def ask(self) -> None:
        """Show the menu of the scales at the legend."""
        self._bench.window.viewport.legends.ask()

    @classmethod
    def _actions(cls) -> Iterator[ActionSpec]:
        yield ActionSpec(
            "scales",
            "Change a scale…",
            "View/Scales",
            cls.ask,
            "Choose colours and ends of a scale, and which views have one of their own",
            "R",
            has_cloud,
        )
        for letter in VIEWS:
            yield ActionSpec(
                f"own_scale_{letter.lower()}",
                f"Own scale for view {letter}",
                "View/Scales",
                cls.toggle_own,
                f"Give view {letter} colours and ends of its own; off, it shares those of the other views",
                "",
                lambda s, k=letter: _shows_nothing(s, k),  # type: ignore[misc]
                argument=letter,
                check=lambda s, k=letter: k in s.view.own_scales,  # type: ignore[misc]
                separator=letter == VIEWS[0],
            )
