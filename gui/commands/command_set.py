"""What the commands of one subject share: the workbench, and the list of their actions."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QObject

from octavox.gui.base.action_spec import ActionSpec

from .workbench import Workbench


class CommandSet(QObject):
    """The commands of one subject. `actions` lists those that menus, tool bar, palette and keys offer."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench)
        self._bench, self._session = bench, bench.session

    @classmethod
    def actions(cls) -> list[ActionSpec]:
        """Each names the method that it runs, as `cls.method`."""
        return list(cls._actions())

    @classmethod
    def _actions(cls) -> Iterator[ActionSpec]:
        """The same one by one."""
        yield from ()

    def tell_again(self) -> None:
        """The language changed: make widgets of its own anew."""

    def shut(self) -> None:
        """The window closes: stop timers and all other work on the GUI thread."""
