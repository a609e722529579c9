"""One of the two views with its header, and what it draws."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QPoint, Qt, Signal, Slot
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMenu, QWidget

from octavox.gui.base.i18n import tr
from octavox.gui.document.clip import Clip
from octavox.gui.document.display import CloudDisplay
from octavox.gui.document.items import CloudItem, Items, ViewName
from octavox.gui.widgets.elided import ElidedLabel
from octavox.gui.widgets.legend import LegendBar

from .pane import Pane

TITLE_LETTERS = 13  # of a name, that its facts make room for


class PaneHeader(QFrame):
    """`clicked`: its letter, and where on the screen: the user chooses another cloud for the view."""

    clicked = Signal(str, QPoint)

    def __init__(self, letter: str) -> None:
        super().__init__()
        self._view = letter
        self.setObjectName("paneHeader")
        self.setFixedHeight(30)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 0, 10, 0)
        row.setSpacing(8)
        self.letter, self.facts = QLabel(letter), ElidedLabel()
        self.title = ElidedLabel(mode=Qt.TextElideMode.ElideMiddle, least=TITLE_LETTERS)
        self.letter.setObjectName("paneLetter")
        self.title.setObjectName("paneTitle")
        self.facts.setProperty("role", "muted")
        row.addWidget(self.letter, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self.title)
        row.addStretch(1)
        row.addWidget(self.facts)
        self.name()

    def name(self) -> None:
        """Say in the language in force what it is for."""
        self.setToolTip(tr("Click: the cloud and the scale of colours of this view"))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.ask()

    @Slot()
    def ask(self) -> None:
        """Have the menu of the view appear below the header."""
        self.clicked.emit(self._view, self.mapToGlobal(QPoint(0, self.height())))

    def show_entry(self, title: str, facts: str) -> None:
        self.title.setText(title)
        self.facts.setText(facts)


def cloud_menu(parent: QWidget, items: Items, view: str, choose: Callable[[str, CloudItem], object]) -> QMenu:
    """A menu of the open clouds for a view; choose: is called with the view and the cloud."""
    menu = QMenu(parent)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    for item in items.clouds:
        action = menu.addAction(item.label, partial(choose, view, item))
        action.setCheckable(True)
        action.setChecked(items.view_of(item) == view)
    return menu


@dataclass
class Side:
    """One view with its header, and the entry that it draws. legend: of a scale of its own, below it."""

    letter: ViewName
    box: QWidget
    header: PaneHeader
    pane: Pane
    legend: LegendBar
    entry: CloudItem | None = None
    filling: int = 0  # voxels that arrived from a running decoder
    ghost: CloudDisplay | None = None  # the frame before, that the pane draws in grey
    clip: Clip | None = None  # as the pane draws it
    drawn: CloudDisplay | None = None  # whose points the pane draws: the entry's, or those of a surprise
