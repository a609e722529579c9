"""The legends: one below all views, and one below each view that has a scale of its own; their menus."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QObject, QPoint, Qt, Signal, Slot
from PySide6.QtWidgets import QMenu, QWidget

from octavox.gui.base.i18n import tr
from octavox.gui.document.items import VIEWS
from octavox.gui.document.scales import owner_in
from octavox.gui.document.session import Session
from octavox.gui.widgets.legend import LegendBar

from .painting import Painting
from .pane_grid import PaneGrid
from .side import Side


class Legends(QObject):
    """`scaled`: a mode, the PropertyScale that the user chose, and of which view alone, "" for all. `owned`:
    a view that is to have a scale of its own, or to share it again."""

    scaled = Signal(str, object, str)
    owned = Signal(str)

    def __init__(self, session: Session, painting: Painting, grid: PaneGrid, parent: QWidget) -> None:
        """parent: of the menus."""
        super().__init__(parent)
        self._session, self._painting, self._grid, self._parent = session, painting, grid, parent
        self.bar = LegendBar()  # of all views
        self._follow(self.bar)

    def follow(self, side: Side) -> None:
        """A view was made."""
        self._follow(side.legend)

    def _follow(self, bar: LegendBar) -> None:
        letter = next((view for view in VIEWS if view == bar.letter), None)
        bar.chosen = partial(self._session.scale_of, owner=letter)
        bar.scaled.connect(partial(self._scaled, bar.letter))
        bar.asked.connect(self.ask)

    def _scaled(self, letter: str, mode: str, scale: object) -> None:
        self.scaled.emit(mode, scale, letter)

    def show(self) -> None:
        """Show the scales in force."""
        filling = self._grid.side("B").filling > 0  # by a running decoder
        legends, note = self._painting.legends(filling)
        self.bar.show_legends(*legends, note=note)
        own = False  # whether a view on the screen has a scale of its own
        for side in self._grid.sides:
            owner = owner_in(self._session.view, side.letter)
            legends, note = self._painting.legends(filling, owner) if owner else ((), tr("Shared scale"))
            side.legend.show_legends(*legends, note=note)
            own = own or (any(legends) and not side.box.isHidden())
        for side in self._grid.sides:  # all views keep one size, and the cloud in each as well
            side.legend.setVisible(own)

    @Slot(QPoint)
    def ask(self, place: QPoint | None = None) -> None:
        """A menu of all scales; without a place, at the legend."""
        menu = QMenu(self._parent)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._add_scales(menu, [self.bar, *(side.legend for side in self._grid.shown)])
        letters = [side.letter for side in self._grid.shown]
        if len(letters) > 1 or self._session.view.own_scales:
            menu.addSeparator()
            self._add_owners(menu, letters)
        if menu.isEmpty():
            menu.addAction(tr("Nothing is coloured by a scale")).setEnabled(False)
        menu.popup(place or self.bar.mapToGlobal(QPoint(0, 0)))

    def add_to(self, menu: QMenu, side: Side) -> None:
        """Add what changes the scales of a view to its menu."""
        own = side.letter in self._session.view.own_scales
        menu.addSeparator()
        self._add_scales(menu, [side.legend if own else self.bar])
        self._add_owners(menu, [side.letter])

    def _add_scales(self, menu: QMenu, bars: list[LegendBar]) -> None:
        for bar in bars:
            for legend in bar.editable:
                title = tr("Scale: {title}", title=tr(legend.title))
                menu.addAction(f"{bar.letter}  {title}…".lstrip(), partial(bar.edit, legend))

    def _add_owners(self, menu: QMenu, letters: Sequence[str]) -> None:
        """A switch for each view."""
        for letter in letters:
            words = tr("Own scale for view {letter}", letter=letter)
            action = menu.addAction(words, partial(self.owned.emit, letter))
            action.setCheckable(True)
            action.setChecked(letter in self._session.view.own_scales)
