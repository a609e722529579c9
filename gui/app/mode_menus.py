"""Menus of the colour modes that depend on what is open: properties, their errors, components of blocks."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from octavox.codec import owner_of
from octavox.gui.base.i18n import tr
from octavox.gui.document.blocks import COMPONENT, TOTAL, components_of
from octavox.gui.document.colour_modes import ERROR, block_mode
from octavox.gui.document.point_data import COLOUR, COST
from octavox.gui.document.property_layer import value_title
from octavox.gui.document.session import Session
from octavox.gui.widgets.palette import Entry

Modes = list[tuple[str, str]]  # key and title of each


class ModeMenu(QMenu):
    """One such menu; off while it is empty. `chosen`: a point mode."""

    chosen = Signal(str)

    def __init__(self, title: str, empty: str) -> None:
        super().__init__(title)
        self.setToolTipsVisible(True)
        self._modes: Modes | None = None
        self._empty = empty  # why there is nothing to choose

    def show_modes(self, modes: Modes, current: str) -> None:
        if modes != self._modes:
            self._modes = modes
            self.clear()
            for key, title in modes:
                action = self.addAction(title.replace("&", "&&"))
                action.setData(key)
                action.setCheckable(True)
                action.triggered.connect(self._triggered)
            self.menuAction().setEnabled(bool(modes))
            self.menuAction().setToolTip("" if modes else self._empty)
        for action in self.actions():
            action.setChecked(action.data() == current)

    @property
    def checked(self) -> str:
        """The title of the mode in force; "" where it is none of these."""
        return next((action.text() for action in self.actions() if action.isChecked()), "")

    @Slot()
    def _triggered(self) -> None:
        action = self.sender()
        if isinstance(action, QAction):
            self.chosen.emit(str(action.data()))


def _costs(session: Session) -> Modes:
    """The properties that the bitstream holds, the colour as a whole first."""
    stored, item = session.component_bytes, session.reference
    names = [p.name for p in item.properties if stored.get(owner_of(p.name))] if item is not None else []
    names = list(dict.fromkeys(names))
    whole = [COLOUR] if {"red", "green", "blue"} & set(names) else []
    return [(COST + name, value_title(COST + name)) for name in (*whole, *names)]


class ModeMenus(QObject):
    """These menus. `chosen`: a point mode. `blocks_chosen`: a block mode."""

    chosen = Signal(str)
    blocks_chosen = Signal(str)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.properties = ModeMenu(tr("Property"), tr("the points have no properties"))
        self.errors = ModeMenu(tr("Error"), tr("the clouds have not been compared yet"))
        self.components = ModeMenu(tr("Component"), tr("it is not known what the bits of the blocks are for"))
        self.costs = ModeMenu(tr("Surprise"), tr("there is no bitstream that holds properties"))
        for menu in (self.properties, self.errors, self.costs):
            menu.chosen.connect(self.chosen)
        self.components.chosen.connect(self.blocks_chosen)
        self._groups: dict[str, tuple[ModeMenu, ...]] = {
            "cloud_mode": (self.properties, self.errors, self.costs),
            "block_mode": (self.components,),
        }

    def of(self, group: str) -> tuple[ModeMenu, ...]:
        """Those that belong to a group of actions."""
        return self._groups.get(group, ())

    def checked(self, group: str) -> str:
        """The title of the mode in force, if it is one of these."""
        return next((menu.checked for menu in self.of(group) if menu.checked), "")

    def refresh(self, session: Session) -> None:
        item, mode = session.reference, session.view.cloud_mode
        own = [] if item is None else [(p.mode, p.title) for p in item.properties]
        self.properties.show_modes(own, mode)
        found = session.differences.items()
        self.errors.show_modes([(key, tr(d.title)) for key, d in found if key.startswith(ERROR)], mode)

        self.costs.show_modes(_costs(session), mode)
        names = components_of(session.blocks)
        keys = [COMPONENT + name for name in (TOTAL, *names)] if names else []
        parts = [(key, block_mode(key).title) for key in keys]
        self.components.show_modes(parts, session.view.block_mode)

    def entries(self) -> list[Entry]:
        """For the command palette."""
        titles = {"cloud_mode": tr("Points by"), "block_mode": tr("Blocks by")}
        return [
            Entry(f"{group}_{action.data()}", action, (tr("View"), title, menu.title()))
            for group, title in titles.items()
            for menu in self.of(group)
            for action in menu.actions()
        ]
