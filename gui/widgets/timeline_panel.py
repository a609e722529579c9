"""The timeline: moving through the frames of a sequence, playing it, what its frames take."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QHBoxLayout,
    QSizePolicy,
    QSlider,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from octavox.gui.base.actions import ActionRegistry
from octavox.gui.base.i18n import tr
from octavox.gui.document import text
from octavox.gui.document.frame_plot import shown_words
from octavox.gui.document.session import Session
from octavox.gui.document.timeline import MEGABYTE, RATES

from .elided import ElidedLabel
from .frame_plot import FrameBars

NARROW, LIMIT_WIDTH = 600, 112  # pixels of the panel, the choice of the memory
STEPS = (
    ("frame_first", "⇤"),
    ("frame_previous", "←"),
    ("frame_play", "▶"),
    ("frame_next", "→"),
    ("frame_last", "⇥"),
)
SWITCHES = (("frame_loop", "↻"), ("frame_ghost", ""), ("frame_motion", ""))
MEMORY = (10, 1_000_000)  # megabytes that can be chosen


class ActionTool(QToolButton):
    """A small button of an action. words: on it, if not those of the action."""

    def __init__(self, actions: ActionRegistry, key: str, words: str = "") -> None:
        super().__init__()
        self._action, self._own = actions[key], words
        self.setProperty("panel", True)
        self.setProperty("slim", True)
        self.setCheckable(self._action.isCheckable())
        self.setAccessibleName(self._action.text())
        self.clicked.connect(self._clicked)
        self._action.changed.connect(self.refresh)
        self.refresh()

    @Slot()
    def _clicked(self) -> None:
        self._action.trigger()
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        self.setText(self._own or self._action.iconText())
        self.setEnabled(self._action.isEnabled())
        self.setChecked(self._action.isChecked())
        self.setToolTip(self._action.toolTip())


class TimelinePanel(QWidget):
    """`sought`: a frame. `rated`: frames a second. `limited`: megabytes for decoded frames."""

    sought = Signal(int)
    rated = Signal(int)
    limited = Signal(int)

    def __init__(self, session: Session, actions: ActionRegistry) -> None:
        super().__init__()
        self.setObjectName("dockBody")
        self._session, self._telling = session, False
        self.buttons = {key: ActionTool(actions, key, words) for key, words in STEPS}
        self.switches = {key: ActionTool(actions, key, words) for key, words in SWITCHES}
        self.name = ElidedLabel(mode=Qt.TextElideMode.ElideMiddle)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setAccessibleName(tr("Frame"))
        self.slider.valueChanged.connect(self._moved)
        self.number = QSpinBox()
        self.number.setAccessibleName(tr("Number of the frame"))
        self.number.setToolTip(tr("Number of the frame; the first one is 0, as on the command line"))
        self.number.setKeyboardTracking(False)
        self.number.valueChanged.connect(self._moved)
        self.bars = FrameBars()
        self.bars.sought.connect(self.sought)
        self.rate = QSpinBox()
        self.rate.setRange(*RATES)
        self.rate.setSuffix("/s")
        self.rate.setAccessibleName(tr("Frames a second"))
        self.rate.setToolTip(tr("Frames a second"))
        self.rate.valueChanged.connect(self._rated)
        self.used = ElidedLabel(least=8)
        self.limit = QSpinBox()
        self.limit.setRange(*MEMORY)
        self.limit.setSingleStep(100)
        self.limit.setSuffix(" MB")
        self.limit.setKeyboardTracking(False)
        self.limit.setAccessibleName(tr("Memory for decoded frames"))
        self.limit.setToolTip(
            tr("Memory for decoded frames; those not used for longest go first, never those that are shown")
        )
        self.limit.valueChanged.connect(self._limited)
        self._lay_out()
        self.refresh()

    def _lay_out(self) -> None:
        top, middle, playing, memory = (QHBoxLayout() for _ in range(4))
        for button in self.buttons.values():
            button.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
            top.addWidget(button)
        top.addWidget(self.slider, 1)
        middle.addWidget(self.number)
        middle.addWidget(self.name, 1)
        playing.addWidget(self.rate)
        for switch in self.switches.values():
            playing.addWidget(switch)
        playing.addStretch(1)
        memory.addWidget(self.used, 1)
        memory.addWidget(self.limit)
        self._below = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._below.addLayout(playing)
        self._below.addLayout(memory)
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 6, 6, 6)
        column.setSpacing(5)
        column.addLayout(top)
        column.addLayout(middle)
        column.addWidget(self.bars, 1)
        column.addLayout(self._below)
        for row in (top, middle, playing, memory, self._below):
            row.setSpacing(4)
        self.limit.setMaximumWidth(LIMIT_WIDTH)
        self._inputs = (self.slider, self.number, self.rate, self.limit)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        narrow = self.width() < NARROW
        directions = QBoxLayout.Direction
        self._below.setDirection(directions.TopToBottom if narrow else directions.LeftToRight)

    def refresh(self) -> None:
        timeline = self._session.timeline
        idle = self._session.job is None
        for widget in self._inputs:
            widget.setEnabled(timeline is not None and (idle or widget is self.limit))
        self.bars.setEnabled(timeline is not None and idle)
        self.bars.show_timeline(timeline)
        if timeline is None:
            self.buttons["frame_play"].setText("▶")
            self.name.setText(tr("No sequence is open."))
            self.used.setText("")
            return
        self._telling = True
        last = len(timeline) - 1
        self.slider.setRange(0, last)
        self.slider.setPageStep(max(1, last // 10))
        self.number.setRange(0, last)
        suffix = f" (0–{text.count(last)})"
        if suffix != self.number.suffix():
            self.number.setSuffix(suffix)
            self.number.updateGeometry()  # Qt leaves that out
        if not self.slider.isSliderDown():
            self.slider.setValue(timeline.frame)
        self.number.setValue(timeline.frame)
        self.rate.setValue(timeline.rate)
        self.limit.setValue(round(timeline.cache.limit / MEGABYTE))
        self._telling = False
        self.name.setText(shown_words(timeline))
        used = text.size(timeline.cache.used)
        self.used.setText(tr("Decoded: {used} of", used=used))
        for button in (*self.buttons.values(), *self.switches.values()):
            button.refresh()
        self.buttons["frame_play"].setText("❚❚" if timeline.playing else "▶")

    @Slot(int)
    def _moved(self, number: int) -> None:
        if not self._telling:
            self.sought.emit(number)

    @Slot(int)
    def _rated(self, rate: int) -> None:
        if not self._telling:
            self.rated.emit(rate)

    @Slot(int)
    def _limited(self, megabytes: int) -> None:
        if not self._telling:
            self.limited.emit(megabytes)
