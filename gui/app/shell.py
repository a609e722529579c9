"""What surrounds the views, in the language in force. When that changes, all of it is made anew."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QMainWindow

from octavox.gui.base.actions import ActionRegistry
from octavox.gui.base.frame_scheduler import FrameScheduler
from octavox.gui.base.i18n import language
from octavox.gui.base.theme import Themer
from octavox.gui.commands.registry import Commands, all_specs
from octavox.gui.commands.workbench import Workbench
from octavox.gui.widgets.column_memory import remember_columns
from octavox.gui.widgets.job_bar import JobBar
from octavox.gui.widgets.welcome import Welcome

from .docks import Docks
from .menus import Menus, ToolBar
from .panels import PANELS, Parts
from .refresher import Refresher


class Shell:
    """Actions, menus, tool bar, panels in their docks, the card of the start and the bar of the job."""

    def __init__(
        self,
        window: QMainWindow,
        commands: Commands,
        bench: Workbench,
        scheduler: FrameScheduler,
        themer: Themer,
    ) -> None:
        self._window, self._commands = window, commands
        self.action_registry = actions = ActionRegistry(window, bench.session, themer, all_specs())
        parts = Parts(bench.session, actions, commands, scheduler)
        self.welcome, self.job_bar = Welcome(actions), JobBar(actions)
        self.panels: dict[str, Any] = {spec.name: spec.make(parts) for spec in PANELS}
        remember_columns(self.panels, bench.settings)
        self.refresher = Refresher(bench.session, self.panels, scheduler)
        self.layouts = Docks(window, self.panels)
        self.menus = Menus(window, actions, bench.undo_stack, list(self.layouts.by_name.values()))
        self.tools = ToolBar(window, actions, self.menus.modes)
        window.statusBar().addPermanentWidget(self.job_bar, 1)
        # Theme, language and layout are no part of the session.
        actions[f"theme_{themer.theme.key}"].setChecked(True)
        actions[f"language_{language()}"].setChecked(True)
        self._connect()

    def _connect(self) -> None:
        commands = self._commands
        commands.connect(self.action_registry)
        self.welcome.opened.connect(commands.file.open_any)
        self.menus.opened.connect(commands.file.open_any)
        self.menus.modes.chosen.connect(commands.view.set_cloud_mode)
        self.menus.modes.blocks_chosen.connect(commands.view.set_block_mode)

    def remove(self) -> None:
        """Take all of it out of the window."""
        window = self._window
        self.refresher.shut()
        window.statusBar().removeWidget(self.job_bar)
        window.removeToolBar(self.tools)
        window.setMenuBar(None)  # type: ignore[arg-type]
        self.layouts.remove()
        for part in (self.job_bar, self.tools, self.welcome, self.menus, self.action_registry):
            part.setParent(None)  # type: ignore[call-overload]
            part.deleteLater()
