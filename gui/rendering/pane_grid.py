"""The views side by side: A and B in a row, C and D in a row below it, made when they are used."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from octavox.gui.base.frame_scheduler import FrameScheduler
from octavox.gui.document.detail import FrameBudget
from octavox.gui.document.items import VIEWS, ViewName
from octavox.gui.widgets.legend import LegendBar

from .pane import Pane
from .side import PaneHeader, Side


def _splitter(orientation: Qt.Orientation) -> QSplitter:
    splitter = QSplitter(orientation)
    splitter.setHandleWidth(5)
    splitter.setChildrenCollapsible(False)
    return splitter


class PaneGrid(QSplitter):
    """`made`: a Side that is there now. `asked`: the letter of a view whose header was clicked, and where."""

    made = Signal(object)
    asked = Signal(str, QPoint)

    def __init__(self, budget: FrameBudget, scheduler: FrameScheduler) -> None:
        super().__init__(Qt.Orientation.Vertical)
        self.setHandleWidth(5)
        self.setChildrenCollapsible(False)
        self._budget, self._scheduler = budget, scheduler
        self._sides: dict[ViewName, Side] = {}
        self.upper_row, self.lower_row = (
            _splitter(Qt.Orientation.Horizontal),
            _splitter(Qt.Orientation.Horizontal),
        )
        self.addWidget(self.upper_row)
        self.addWidget(self.lower_row)
        self.lower_row.hide()

    @property
    def sides(self) -> list[Side]:
        """Those that were made, from A to D."""
        return [self._sides[letter] for letter in VIEWS if letter in self._sides]

    @property
    def shown(self) -> list[Side]:
        """Those that are on the screen."""
        return [side for side in self.sides if side.box.isVisible()]

    def warm_up(self, width: int, height: int) -> None:
        """Prepare the first pictures, of the sizes that they will have: A as wide as all, B half as wide."""
        for side in self.sides:
            share = width if side.letter == "A" else width // 2
            side.pane.resize(share, height - side.header.height())
            side.pane.warm_up()

    def side(self, letter: ViewName) -> Side:
        """A view with its header, made if need be; hidden at first."""
        if letter in self._sides:
            return self._sides[letter]
        row = self.upper_row if letter in VIEWS[:2] else self.lower_row
        box = QWidget()
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        header, pane = PaneHeader(letter), Pane(box, self._budget, self._scheduler)
        pane.letter = letter
        pane.name()
        legend = LegendBar(letter)
        legend.hide()
        header.clicked.connect(self.asked)
        pane.asked.connect(header.ask)
        pane.setMinimumSize(160, 48)  # with headers and legends, four fit into a small window
        column.addWidget(header)
        column.addWidget(pane, 1)
        column.addWidget(legend)
        box.hide()
        row.addWidget(box)
        side = self._sides[letter] = Side(letter, box, header, pane, legend)
        self.made.emit(side)
        return side

    def show_only(self, letters: list[ViewName]) -> bool:
        """Show these views alone, in equal parts if one of several appears; returns whether one does."""
        appears = any(side.letter in letters and side.box.isHidden() for side in self.sides)
        for side in self.sides:
            side.box.setVisible(side.letter in letters)
            side.pane.views = max(1, len(letters))
            side.header.letter.setVisible(len(letters) > 1)
        self.upper_row.setVisible(any(letter in letters for letter in VIEWS[:2]))
        self.lower_row.setVisible(any(letter in letters for letter in VIEWS[2:]))
        if appears and len(letters) > 1:
            for splitter in (self.upper_row, self.lower_row, self):
                splitter.setSizes([1000, 1000])
        return appears and len(letters) > 1

    def settle(self) -> None:
        """Give views that were hidden their sizes now."""
        for splitter in (self, self.upper_row, self.lower_row):
            splitter.refresh()
