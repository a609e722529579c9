"""Brings the panels up to date: at once, or one in each turn of the event loop when much has changed."""

from __future__ import annotations

from typing import Any

from octavox.gui.base.frame_scheduler import Turns
from octavox.gui.document.session import Session

from .panels import PANELS, PanelSpec


class Refresher:
    """A job's result concerns every panel; together they would hold the thread for longer than a frame."""

    def __init__(self, session: Session, panels: dict[str, Any], turns: Turns) -> None:
        self._session, self._panels = session, panels
        self._due: dict[str, PanelSpec] = {}
        self._turns = turns

    def refresh(self, topic: str, spread: bool) -> None:
        """Those that listen to a topic. spread: over the next turns of the event loop."""
        for spec in PANELS:
            if topic in spec.topics:
                if spread:
                    self._due[spec.name] = spec
                else:
                    self._due.pop(spec.name, None)
                    spec.refresh(self._panels[spec.name], self._session)
        if self._due:
            self._turns.ask(self._refresh_one)

    def _refresh_one(self) -> None:
        name = next(iter(self._due), None)
        if name is not None:
            spec = self._due.pop(name)
            spec.refresh(self._panels[name], self._session)
        if self._due:
            self._turns.ask(self._refresh_one)

    def shut(self) -> None:
        self._turns.forget(self._refresh_one)
        self._due.clear()
