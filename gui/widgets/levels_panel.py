"""A slider over the levels of the bitstream: how coarse a cloud is shown, and what reading it takes."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QSlider, QVBoxLayout, QWidget

from octavox.gui.base.i18n import tr
from octavox.gui.document.detail_levels import coarse_levels, expected
from octavox.gui.document.session import Session

from .facts import label


class LevelsPanel(QWidget):
    """`chosen`: how many levels are to be shown; one more than there are alone: all of the bitstream."""

    chosen = Signal(int)

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.setObjectName("dockBody")
        self._session, self._telling = session, False
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setTickInterval(1)
        self.slider.setTickPosition(QSlider.TickPosition.TicksBelow)
        self.slider.setAccessibleName(tr("Levels that are shown"))
        self.slider.valueChanged.connect(self._slid)
        self.choice, self.words = label("", "number"), label("", "muted")
        for words in (self.choice, self.words):
            words.setWordWrap(True)
        ends = QHBoxLayout()
        ends.addWidget(label("Coarse", "muted"))
        ends.addStretch(1)
        ends.addWidget(label("All levels", "muted"))
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 12, 8)
        column.setSpacing(4)
        column.addWidget(self.slider)
        column.addLayout(ends)
        column.addWidget(self.choice)
        column.addWidget(self.words)
        column.addStretch(1)
        self.refresh()

    def refresh(self) -> None:
        session, stream = self._session, self._session.stream
        levels = None if stream is None or session.blocks_live else stream.levels
        count = coarse_levels(levels)
        self.slider.setEnabled(count > 0)
        if levels is None or stream is None or not count:
            self.choice.setText("")
            reason = tr("There is no bitstream yet: compress the cloud or open one.")
            if stream is not None and not session.blocks_live:
                reason = tr("This bitstream has no levels that could be shown alone.")
            self.words.setText(reason)
            return
        item = session.decoded
        shown = None if item is None else item.detail
        level = count + 1 if shown is None else shown.level
        self._telling = True
        self.slider.setRange(1, count + 1)
        if not self.slider.isSliderDown():
            self.slider.setValue(level)
        self._telling = False
        if shown is not None:
            self.choice.setText(tr("{n} of {all} levels", n=level, all=levels.depth))
            self.words.setText(shown.words())
        else:
            self._say_expected(count + 1)

    def _say_expected(self, level: int) -> None:
        """What a choice takes that is not shown yet; of all levels, what is there."""
        stream = self._session.stream
        levels = None if stream is None else stream.levels
        if levels is None:
            return
        if level > coarse_levels(levels):
            self.choice.setText(tr("all {all} levels", all=levels.depth))
        else:
            self.choice.setText(tr("{n} of {all} levels", n=level, all=levels.depth))
        self.words.setText(expected(levels, level))

    @Slot(int)
    def _slid(self, level: int) -> None:
        if not self._telling:
            self._say_expected(level)
            self.chosen.emit(level)
