"""How much loss: a slider with what it lets expect, and the plot of rate and distortion."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QSlider, QVBoxLayout, QWidget

from octavox.codec import codec_info
from octavox.gui.base.actions import ActionRegistry
from octavox.gui.base.i18n import tr
from octavox.gui.document import text
from octavox.gui.document.quality import MOST_LEVELS, STEP
from octavox.gui.document.rate_curves import levels_words, plot_of, short_words
from octavox.gui.document.session import Session

from .codec_panel import ActionButton
from .elided import ElidedLabel
from .facts import label
from .rate_plot import RatePlot

NARROW = 420  # pixels of the panel
WIDTH = 250  # pixels of the column with the slider
HINT_CLOSED = "Open a cloud to see what to expect."
HINT_ON_DISK = "What to expect of a cloud that stays on disk is not known."


class QualityPanel(QWidget):
    """`chosen`: name of an option, and its value. `seen`: whether the panel can be seen."""

    chosen = Signal(str, object)
    seen = Signal(bool)

    def __init__(self, session: Session, actions: ActionRegistry) -> None:
        super().__init__()
        self.setObjectName("dockBody")
        self._session, self._telling = session, False
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, round(MOST_LEVELS / STEP))
        self.slider.setPageStep(round(1 / STEP))
        self.slider.setTickInterval(round(1 / STEP))
        self.slider.setTickPosition(QSlider.TickPosition.TicksBelow)
        self.slider.setAccessibleName(tr("Levels that are guessed"))
        self.slider.valueChanged.connect(self._slid)
        self.choice, self.rate, self.quality = ElidedLabel(), label(""), label("")
        self.basis = ElidedLabel()
        self.basis.setProperty("role", "muted")
        for words in (self.rate, self.quality):
            words.setWordWrap(True)
        self.plot = RatePlot()
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 6, 8, 4)
        row.setSpacing(10)
        row.addLayout(self._column(actions))
        row.addWidget(self.plot, 1)
        self.refresh()

    def _column(self, actions: ActionRegistry) -> QVBoxLayout:
        ends = QHBoxLayout()
        ends.addWidget(label("Lossless", "muted"))
        ends.addWidget(self.choice, 1, Qt.AlignmentFlag.AlignHCenter)
        ends.addWidget(label("Small", "muted"))
        buttons = QHBoxLayout()
        buttons.setSpacing(6)
        self._compress = ActionButton(actions, "compress", primary=True)
        buttons.addWidget(self._compress)
        buttons.addWidget(ActionButton(actions, "rd_curve"))
        buttons.addWidget(ActionButton(actions, "rates"))
        column = QVBoxLayout()
        column.setSpacing(2)
        column.addWidget(self.slider)
        column.addLayout(ends)
        for words in (self.rate, self.quality, self.basis):
            words.setMaximumWidth(WIDTH)
            column.addWidget(words)
        column.addStretch(1)
        column.addLayout(buttons)
        self.slider.setMaximumWidth(WIDTH)
        return column

    def refresh(self) -> None:
        session = self._session
        drop, name, original = session.kept.drop_levels, session.options.codec, session.original
        step = 1 if codec_info(name).by_level else round(1 / STEP)
        self._telling = True
        self.slider.setSingleStep(step)
        self.slider.setValue(round(drop / STEP))
        self._telling = False
        self.slider.setEnabled(session.job is None)
        self.choice.setText(short_words(drop))
        self.slider.setToolTip(levels_words(drop))
        if original is None or original.on_disk is not None:
            for words in (self.rate, self.quality):
                words.setText("")
            self.basis.setText(tr(HINT_CLOSED if original is None else HINT_ON_DISK))
            self.plot.show_plot(plot_of(session.quality.of(None), name, 1, drop))
            return
        depth, known = original.display.cloud.depth, session.quality.of(original.codable)
        self._show_expected(len(original.display), depth)
        self.plot.show_plot(plot_of(known, name, depth, drop))

    def _show_expected(self, voxels: int, depth: int) -> None:
        """What compressing with this choice will give."""
        session = self._session
        drop, name, known = session.kept.drop_levels, session.options.codec, session.quality
        found = known.expected(name, depth, drop)
        if found is None:
            self.rate.setText(tr("size: not known yet"))
            self.quality.setText("")
            self.basis.setText(tr("A sample of the cloud is being coded."))
            return
        numbers = {"size": text.size(found.bits * voxels / 8), "rate": text.rate(found.bits)}
        psnr = text.psnr(found.psnr)
        if found.measured:
            self.rate.setText(tr("geometry: {size}, {rate}", **numbers))
            self.quality.setText(f"D1 {psnr}")
            self.basis.setText(tr("Measured: this choice was coded before."))
            return
        numbers["rate"] = f"{text.number(found.bits, 2)} bpov"
        self.rate.setText(tr("geometry: about {size}, {rate}", **numbers))
        about = tr("D1 about {psnr} dB", psnr=text.number(found.psnr or 0.0, 3))
        self.quality.setText(about if found.psnr is not None else f"D1 {psnr}")
        sample = known.samples[name]
        words = tr(
            "Expected from {n} of {all} voxels; properties come on top.",
            n=text.count(sample.voxels),
            all=text.count(sample.whole),
        )
        self.basis.setText(words)

    @Slot(int)
    def _slid(self, place: int) -> None:
        if self._telling:
            return
        drop = place * STEP
        if not codec_info(self._session.options.codec).by_level:
            drop = float(round(drop))
        self.chosen.emit("drop_levels", drop)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a narrow panel, the button that other places have too gives way."""
        super().resizeEvent(event)
        self._compress.setVisible(self.width() >= NARROW)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.seen.emit(True)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.seen.emit(False)
