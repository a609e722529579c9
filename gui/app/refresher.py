"""Refreshes the panels: at once, or one in each turn of the event loop when much has changed."""

from __future__ import annotations

from typing import Any

from octavox.gui.base.frame_scheduler import FrameScheduler
from octavox.gui.document.events import Event
from octavox.gui.document.session import Session

from .panels import PANELS, PanelSpec


class Refresher:
    """A job's result concerns every panel; refreshing all of them at once would take longer than a frame."""

    def __init__(self, session: Session, panels: dict[str, Any], scheduler: FrameScheduler) -> None:
        self._session, self._panels = session, panels
        self._due: dict[str, PanelSpec] = {}
        self._scheduler = scheduler

    def refresh(self, event: Event, spread: bool) -> None:
        """Refresh the panels that an event concerns. spread: over the next turns of the event loop."""
        for spec in PANELS:
            if isinstance(event, spec.events):
                if spread:
                    self._due[spec.name] = spec
                else:
                    self._due.pop(spec.name, None)
                    spec.refresh(self._panels[spec.name], self._session)
        if self._due:
            self._scheduler.schedule(self._refresh_one)

    def _refresh_one(self) -> None:
        name = next(iter(self._due), None)
        if name is not None:
            spec = self._due.pop(name)
            spec.refresh(self._panels[name], self._session)
        if self._due:
            self._scheduler.schedule(self._refresh_one)

    def shut(self) -> None:
        self._scheduler.forget(self._refresh_one)
        self._due.clear()
