"""The question with which codecs and at which depths a cloud is to be coded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QGroupBox,
    QHBoxLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from octavox.codec import codec_info
from octavox.gui.base.i18n import several, tr
from octavox.gui.document import text
from octavox.gui.document.rates import QUICK


class RatesChoice(QDialog):
    """seconds: what coding takes, by codec and depth. depths: that are offered, the cloud's own first."""

    def __init__(
        self,
        parent: QWidget,
        seconds: Mapping[tuple[str, int], float],
        codecs: Sequence[str],
        depths: list[int],
    ) -> None:
        super().__init__(parent)
        self._seconds = seconds
        self.setWindowTitle(tr("Rates of this cloud"))
        own = {name: seconds[name, depths[0]] for name in codecs}
        quick = [name for name, time in own.items() if time <= QUICK] or [min(own, key=own.__getitem__)]
        self.codecs = {name: QCheckBox(tr(codec_info(name).title)) for name in codecs}
        for name, box in self.codecs.items():
            box.setChecked(name in quick)
        self.depths = {depth: QCheckBox(str(depth)) for depth in depths}
        self.depths[depths[0]].setText(tr("{depth} (as it is)", depth=depths[0]))
        for box in self.depths.values():
            box.setChecked(True)
        self.words = QLabel()
        buttons = QDialogButtonBox.StandardButton
        self.buttons = QDialogButtonBox(buttons.Ok | buttons.Cancel)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self._lay_out()
        for box in (*self.codecs.values(), *self.depths.values()):
            box.toggled.connect(self._show_time)
        self._show_time()

    def _lay_out(self) -> None:
        column, row = QVBoxLayout(self), QHBoxLayout()
        head = tr(
            "Compresses the voxels of the cloud once for each codec and depth, without properties, with the "
            "options of the panel Codec."
        )
        words = QLabel(head)
        words.setWordWrap(True)
        column.addWidget(words)
        for title, boxes in ((tr("Codecs"), self.codecs), (tr("Bits per axis"), self.depths)):
            group = QGroupBox(title)
            inside = QVBoxLayout(group)
            for box in boxes.values():
                inside.addWidget(box)
            inside.addStretch(1)
            row.addWidget(group)
        column.addLayout(row)
        column.addWidget(self.words)
        column.addWidget(self.buttons)

    @property
    def chosen(self) -> list[tuple[str, int]]:
        """Codecs and depths, the small depths first: their results come first."""
        depths = sorted(depth for depth, box in self.depths.items() if box.isChecked())
        return [(name, depth) for depth in depths for name, box in self.codecs.items() if box.isChecked()]

    @Slot()
    def _show_time(self) -> None:
        chosen = self.chosen
        time = text.duration(sum(self._seconds[choice] for choice in chosen))
        words = several(
            len(chosen), "{n} coding, about {time}", "{n} codings, about {time}", n=len(chosen), time=time
        )
        self.words.setText(words if chosen else tr("Choose a codec and a depth."))
        self.buttons.button(QDialogButtonBox.StandardButton.Ok).setEnabled(bool(chosen))
