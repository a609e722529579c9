"""Undoable changes of the view: one command class for every field of ViewState."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtGui import QUndoCommand, QUndoStack

from octavox.gui.document.colour_modes import is_difference
from octavox.gui.document.point_data import cost_of
from octavox.gui.document.session import Session
from octavox.gui.document.view_state import ViewState

from .i18n import tr

_MERGE_IDS = {"selected": 1, "clip": 2}  # runs of these collapse into one step


class ChangeView(QUndoCommand):
    """Sets fields of the session's view; undo sets them back."""

    def __init__(self, session: Session, text: str, **changes: Any) -> None:
        super().__init__(tr(text))
        self.words = text  # in English
        self._session = session
        self._after = changes
        self._before = {name: getattr(session.view, name) for name in changes}

    @property
    def changes_anything(self) -> bool:
        return self._before != self._after

    def id(self) -> int:
        return _MERGE_IDS.get("+".join(sorted(self._after)), -1)

    def mergeWith(self, other: QUndoCommand) -> bool:
        if not isinstance(other, ChangeView) or other._after.keys() != self._after.keys():
            return False
        self._after = other._after
        return True

    def redo(self) -> None:
        self._session.set_view(**self._clean(self._after))

    def undo(self) -> None:
        self._session.set_view(**self._clean(self._before))

    def _clean(self, changes: dict[str, Any]) -> dict[str, Any]:
        """Leave out what is not possible any more: rows, comparisons and bitstreams may be gone by now."""
        view: ViewState = replace(self._session.view, **changes)
        if view.selected is not None and view.selected >= len(self._session.blocks):
            return {**changes, "selected": None, "isolate": False, "surprise": False}
        gone = cost_of(view.cloud_mode) is not None and self._session.stream is None
        if gone or (is_difference(view.cloud_mode) and self._session.difference(view.cloud_mode) is None):
            return {**changes, "cloud_mode": "plain"}
        if view.surprise and (view.selected is None or not self._session.has_cloud_and_stream):
            return {**changes, "surprise": False}
        return changes


def tell_again(stack: QUndoStack) -> None:
    """Name the steps in the language in force."""
    for place in range(stack.count()):
        command = stack.command(place)
        if isinstance(command, ChangeView):
            command.setText(tr(command.words))
