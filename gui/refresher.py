"""Brings the panels up to date: at once, or one in each turn of the event loop when much has changed."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject, QTimer, Slot

from .model.session import Session
from .panels import PANELS, PanelSpec


class Refresher(QObject):
    """A job's result concerns every panel; together they would hold the thread for longer than a frame."""

    def __init__(self, session: Session, panels: dict[str, Any], parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._panels = session, panels
        self._due: dict[str, PanelSpec] = {}
        self._next = QTimer(self)
        self._next.setSingleShot(True)
        self._next.setInterval(0)
        self._next.timeout.connect(self._refresh_one)

    @property
    def busy(self) -> bool:
        """Whether panels are yet to be refreshed."""
        return bool(self._due)

    def refresh(self, topic: str, spread: bool) -> None:
        """Those that listen to a topic. spread: over the next turns of the event loop."""
        for spec in PANELS:
            if topic in spec.topics:
                if spread:
                    self._due[spec.name] = spec
                else:
                    self._due.pop(spec.name, None)
                    spec.refresh(self._panels[spec.name], self._session)
        if self._due and not self._next.isActive():
            self._next.start()

    @Slot()
    def _refresh_one(self) -> None:
        name = next(iter(self._due), None)
        if name is not None:
            spec = self._due.pop(name)
            spec.refresh(self._panels[name], self._session)
        if self._due:
            self._next.start()

    def shut(self) -> None:
        self._next.stop()
        self._due.clear()
