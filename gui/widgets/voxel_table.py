"""The voxels of the selected block, one row each: what the codec expected, and what each cost."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from octavox.gui.base.i18n import tr
from octavox.gui.document import text
from octavox.gui.document.session import Session
from octavox.gui.document.surprise import Surprise

from .array_table import ArrayColumn, ArrayTable
from .facts import label

HINT = (
    "Select a block and switch on Surprise (Shift+S). The surprise of a voxel is its cost in bits: "
    "-log2 of the probability that the codec gave to its state, occupied or empty."
)


class VoxelTable(QWidget):
    def __init__(self, session: Session) -> None:
        super().__init__()
        self.setObjectName("dockBody")
        self._session = session
        self._shown: Surprise | None = None
        self.table = ArrayTable(tr("Voxels of the selected block"))
        self.hint = label(HINT, "muted")
        self.hint.setContentsMargins(12, 8, 12, 8)
        self.hint.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.hint)
        column.addWidget(self.table, 1)
        self.table.hide()
        column.addStretch(0)

    def refresh(self) -> None:
        known = self._session.shown_surprise
        if known is self._shown:
            return
        self._shown = known
        self.table.setVisible(known is not None)
        self.hint.setVisible(known is None)
        if known is None:
            self.table.show_columns((), 0, False)
            return
        found = known.found
        axes = [
            ArrayColumn(axis, "Voxel coordinate", found.coords[:, k], width=6) for k, axis in enumerate("xyz")
        ]
        self.table.show_columns(
            [
                ArrayColumn("Bits", "Code length of the voxel", found.bits, lambda v: text.fixed(v, 3), 9),
                ArrayColumn(
                    "Probability",
                    "Probability that the codec gave to “occupied”",
                    found.probability,
                    lambda v: text.fixed(v, 5),
                    11,
                ),
                ArrayColumn(
                    "Occupied", "Whether the voxel is occupied", found.occupied, lambda v: "●" if v else "–"
                ),
                *axes,
            ],
            0,
            True,
        )
