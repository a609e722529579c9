"""The QActions of the window, made from their specs and kept in step with the session."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QActionGroup, QKeySequence

from octavox.gui.document.session import Session

from .action_spec import ActionSpec
from .i18n import tr
from .theme import Themer


class ActionRegistry(QObject):
    """The QActions of all specs by key, enabled and checked in step with the session."""

    button_style = Qt.ToolButtonStyle.ToolButtonTextBesideIcon

    def __init__(
        self, parent: QObject, session: Session, themer: Themer, specs: Iterable[ActionSpec]
    ) -> None:
        super().__init__(parent)
        self._session, self._themer = session, themer
        self.specs = {spec.key: spec for spec in specs}
        self._actions: dict[str, QAction] = {}
        self._shown: dict[str, tuple[str, bool]] = {}  # the reason and the check mark that are shown
        groups: dict[str, QActionGroup] = {}
        for spec in self.specs.values():
            action = QAction(tr(spec.text), self)
            action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
            action.setIconText(tr(spec.short or spec.text))
            if spec.shortcut:
                action.setShortcut(QKeySequence(spec.shortcut))
            action.setCheckable(spec.check is not None or bool(spec.group))
            if spec.group:
                action.setActionGroup(groups.setdefault(spec.group, QActionGroup(self)))
            self._actions[spec.key] = action
        self.refresh_icons()
        self.refresh()

    def __getitem__(self, key: str) -> QAction:
        return self._actions[key]

    def connect_to(self, owner: object, specs: Iterable[ActionSpec]) -> None:
        """Have the actions of these specs call their methods on `owner`."""
        for spec in specs:
            arguments = () if spec.argument is None else (spec.argument,)
            call = partial(spec.run, owner, *arguments)
            self._actions[spec.key].triggered.connect(lambda checked=False, call=call: call())

    def refresh_icons(self) -> None:
        for spec in self.specs.values():
            if spec.icon:
                self._actions[spec.key].setIcon(self._themer.icon(spec.icon))

    def refresh(self) -> None:
        """Enable, check and explain every action by the present state of the session."""
        for spec in self.specs.values():
            action, reason = self._actions[spec.key], spec.enabled(self._session)
            state = (reason, spec.check is not None and spec.check(self._session))
            told = spec.check is None or action.isChecked() == state[1]
            if told and self._shown.get(spec.key) == state:
                continue
            self._shown[spec.key] = state
            action.setEnabled(not reason)
            if spec.check is not None:
                action.setChecked(state[1])
            keys = (
                f" ({action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)})"
                if spec.shortcut
                else ""
            )
            name, tip = tr(spec.text).rstrip("…"), tr(spec.tip)
            action.setToolTip(f"{name}{keys}: {tr(reason)}" if reason else f"{tip}{keys}")
            action.setStatusTip(tr("Not available: {why}", why=tr(reason)) if reason else tip)
