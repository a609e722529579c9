"""The bar below the views that plays the decoding again, block by block, in coding order."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSlider, QToolButton

from octavox.gui.base.i18n import tr
from octavox.gui.base.theme import number_font
from octavox.gui.document import text
from octavox.gui.document.session import Session

from .facts import label

TICK_MS = 60
PLAYED_TICKS = 120  # to play a whole decoding


class ScrubBar(QFrame):
    """`moved`: how many blocks are shown, None for all of them."""

    moved = Signal(object)

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.setObjectName("legend")
        self._session = session
        self._table: object = None
        self._bits = self._points = np.zeros(1)
        self._telling = False
        self.play = QToolButton()
        self.play.setText("▶")
        self.play.setCheckable(True)
        self.play.setProperty("panel", True)
        self.play.toggled.connect(self._play)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.valueChanged.connect(self._slid)
        self.words = QLabel()
        self.words.setFont(number_font())
        self.words.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 3, 12, 3)
        row.setSpacing(10)
        self._title = label("", "muted")
        row.addWidget(self._title)
        row.addWidget(self.play)
        row.addWidget(self.slider, 1)
        row.addWidget(self.words)
        self._timer = QTimer(self)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self._tick)
        self.name()

    def name(self) -> None:
        """Say in the language in force what is what."""
        self._title.setText(tr("Coding order"))
        self.play.setToolTip(tr("Play the decoding block by block, in coding order"))
        self.play.setAccessibleName(tr("Play the decoding block by block, in coding order"))
        self.slider.setAccessibleName(tr("Blocks shown, in coding order"))
        self._table = None
        self.refresh()

    def refresh(self) -> None:
        session, blocks = self._session, self._session.blocks
        if session.blocks_live:
            self.play.setChecked(False)
        # The bar is never hidden: views that change their size have to be drawn anew.
        self.setEnabled(len(blocks) > 0 and session.reference is not None and not session.blocks_live)
        if self._table is not blocks and not session.blocks_live:
            self._table = blocks
            self._bits = np.concatenate([[0.0], np.cumsum(blocks.bits + blocks.flag_bits)])
            self._points = np.concatenate([[0], np.cumsum(blocks.points)])
            every, rate = text.count(len(blocks)), tr("geometry {rate}", rate=text.rate(0.0))
            widest = f"{every} / {every} · {rate}"  # a width that scrubbing does not change
            self.words.setMinimumWidth(QFontMetrics(number_font()).horizontalAdvance(widest))
        shown = session.view.scrub
        count = len(blocks) if shown is None else min(shown, len(blocks))
        self._telling = True
        self.slider.setRange(0, len(blocks))
        self.slider.setPageStep(max(1, len(blocks) // 20))
        self.slider.setValue(count)
        self._telling = False
        if not len(blocks):
            self.words.setText(tr("no blocks yet"))
        elif count < len(self._bits):
            rate = self._bits[count] / max(1, self._points[count])
            spent = tr("geometry {rate}", rate=text.rate(rate))
            self.words.setText(f"{text.count(count)} / {text.count(len(blocks))} · {spent}")

    @Slot(int)
    def _slid(self, count: int) -> None:
        if not self._telling:
            self.moved.emit(None if count == len(self._session.blocks) else count)

    @Slot(bool)
    def _play(self, on: bool) -> None:
        self.play.setText("❚❚" if on else "▶")
        if on:
            if self.slider.value() == self.slider.maximum():
                self.moved.emit(0)
            self._timer.start()
        else:
            self._timer.stop()

    @Slot()
    def _tick(self) -> None:
        total = len(self._session.blocks)
        count = self.slider.value() + max(1, total // PLAYED_TICKS)
        self.moved.emit(None if count >= total else count)
        if count >= total:
            self.play.setChecked(False)

    def shut(self) -> None:
        self._timer.stop()
