"""The comparison: distances between the two clouds, and two bitstreams block by block."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QVBoxLayout, QWidget

from octavox.gui.base.actions import ActionRegistry
from octavox.gui.base.frame_scheduler import FrameScheduler
from octavox.gui.base.i18n import tr
from octavox.gui.document import text
from octavox.gui.document.block_comparison import BlockComparison
from octavox.gui.document.facts import comparison_facts
from octavox.gui.document.session import Session

from .array_table import ArrayColumn, ArrayTable
from .codec_panel import ActionButton
from .delta_plot import DeltaPlot
from .facts import FactList, label

ROOMY = 520  # pixels, from which on there is room for the plot
HINT = "Show two clouds as A and B: any two, or a cloud and what its bitstream decodes to."
HINT_STREAMS = (
    "No second bitstream is open. Its blocks are listed here, with the bits that each costs more than in A."
)


class ComparePanel(QWidget):
    """`picked`: row of the block of the open stream that the user chose in the list."""

    picked = Signal(int)

    def __init__(self, session: Session, actions: ActionRegistry, scheduler: FrameScheduler) -> None:
        super().__init__()
        self.setObjectName("dockBody")
        self._session = session
        self._known: tuple[object, object] = (None, None)
        self.comparison: BlockComparison | None = None
        self.facts = FactList(scheduler, tr("Distances of the clouds"))
        self.words = label("", "muted")
        self.words.setWordWrap(True)
        self.table = ArrayTable(tr("Bitstreams by block"))
        self.table.chosen.connect(self._chosen)
        self.plot = DeltaPlot()
        split = QSplitter(Qt.Orientation.Horizontal)
        split.addWidget(self._half(self.facts, ActionButton(actions, "compare")))
        split.addWidget(self._half(self.table, ActionButton(actions, "compare_streams"), self.words))
        split.addWidget(self.plot)
        split.setChildrenCollapsible(False)
        split.setSizes([210, 250, 160])
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(split)
        self.refresh()

    @staticmethod
    def _half(body: QWidget, *tools: QWidget) -> QWidget:
        half = QWidget()
        half.setObjectName("dockBody")
        row = QHBoxLayout()
        row.setContentsMargins(12, 6, 12, 4)
        row.setSpacing(10)
        row.addWidget(tools[0])
        row.addStretch(1)
        column = QVBoxLayout(half)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row)
        for words in tools[1:]:
            words.setContentsMargins(12, 0, 12, 4)
            column.addWidget(words)
        column.addWidget(body, 1)
        return half

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.plot.give_room(self.width() >= ROOMY)
        super().resizeEvent(event)

    def refresh(self) -> None:
        session, other = self._session, self._session.other
        self.facts.show_facts(comparison_facts(session), tr(HINT))
        if session.blocks_live or (self._known[0] is session.blocks and self._known[1] is other):
            return
        self._known = (session.blocks, other)
        self.table.setVisible(other is not None)
        self.plot.show_values(None)
        if other is None or not len(session.blocks):
            self.comparison = None
            self.words.setText(tr(HINT_STREAMS))
            self.table.show_columns((), 0, False)
            return
        v = self.comparison = session.block_comparison
        if v is None:  # equal coordinates are different places there
            depth = session.reference.display.cloud.depth if session.reference else other.depth
            words = tr("B: {name} has {b} bits per axis, A has {a}: their blocks cannot be compared")
            self.words.setText(words.format(name=other.label, a=depth, b=other.depth))
            self.table.show_columns((), 0, False)
            return
        more = float(v.delta.sum())
        self.plot.show_values(v.delta)
        self.words.setText(
            tr(
                "B: {name}, {size}; its blocks spend {bits} bits {sign} than those of A",
                name=other.label,
                size=text.size(other.bytes),
                bits=text.count(abs(more)),
                sign=tr("more") if more >= 0 else tr("fewer"),
            )
        )
        axes = [ArrayColumn(a, "Low corner, voxels", v.origin[:, k], width=5) for k, a in enumerate("xyz")]
        self.table.show_columns(
            [
                ArrayColumn("B − A", "Bits that B spends more", v.delta, lambda x: text.fixed(x, 1, "+"), 10),
                ArrayColumn("%", "The same as a share of A", v.share, _percent, 8),
                ArrayColumn("Bits A", "Of the open bitstream", v.bits_a, lambda x: text.fixed(x, 1), 10),
                ArrayColumn("Bits B", "Of the second bitstream", v.bits_b, lambda x: text.fixed(x, 1), 10),
                ArrayColumn("Points", "Occupied voxels", v.points, text.count),
                ArrayColumn("Size", "Edge in voxels", v.size, width=5),
                *axes,
            ],
            0,
            True,
        )

    @Slot(int)
    def _chosen(self, place: int) -> None:
        if self.comparison is not None and self.comparison.row[place] >= 0:
            self.picked.emit(int(self.comparison.row[place]))


def _percent(share: float) -> str:
    return text.fixed(share, 1, "+") if np.isfinite(share) else "–"
