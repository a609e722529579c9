"""The table of the blocks and its filter."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt

from octavox.codec import BlockTable
from octavox.gui.document.blocks import BlockFilter
from octavox.gui.widgets.blocks_table import BlocksPanel


def table(n: int = 50) -> BlockTable:
    rng = np.random.default_rng(3)
    origin = rng.integers(0, 16, (n, 3)) * 16
    return BlockTable.make(origin, 16, rng.integers(1, 200, n), rng.random(n) * 900, 1.0)


def cells(panel: BlocksPanel, column: int) -> list[str]:
    model = panel.model
    return [model.data(model.index(row, column)) for row in range(model.rowCount())]


def test_table_shows_sorts_and_filters(qtbot) -> None:
    panel = BlocksPanel()
    qtbot.addWidget(panel)
    blocks = table()
    panel.show_blocks(blocks, BlockFilter(), None)
    assert cells(panel, 0) == [str(k) for k in range(50)]
    panel.table.sortByColumn(2, Qt.SortOrder.DescendingOrder)
    assert [int(v) for v in cells(panel, 2)] == sorted(blocks.points.tolist(), reverse=True)
    panel.show_blocks(blocks, BlockFilter("points", 100, None), None)
    assert panel.model.rowCount() == (blocks.points >= 100).sum()
    assert "of 50 blocks" in panel.count.text()


def test_table_reports_what_is_picked_and_shows_what_is_selected(qtbot) -> None:
    panel = BlocksPanel()
    qtbot.addWidget(panel)
    blocks = table()
    panel.show_blocks(blocks, BlockFilter(), None)
    panel.table.sortByColumn(3, Qt.SortOrder.DescendingOrder)
    told: list[object] = []
    panel.selected.connect(told.append)
    panel.show_selected(17)  # being told is not the user's doing
    assert told == []
    place = panel.table.selectionModel().selectedRows()[0].row()
    assert cells(panel, 0)[place] == "17"
    panel.table.selectRow(0)
    assert told == [int(np.argmax(blocks.bits))]
    panel.table.sortByColumn(0, Qt.SortOrder.AscendingOrder)  # the selection survives sorting
    assert panel.table.selectionModel().selectedRows()[0].row() == int(np.argmax(blocks.bits))
    assert told == [int(np.argmax(blocks.bits))]


def test_growing_tables_insert_rows_and_keep_their_place(qtbot) -> None:
    panel = BlocksPanel()
    qtbot.addWidget(panel)
    resets: list[int] = []
    inserted: list[tuple[int, int]] = []
    panel.model.modelReset.connect(lambda: resets.append(1))
    panel.model.rowsInserted.connect(lambda parent, first, last: inserted.append((first, last)))
    blocks = table()
    head = BlockTable(*(getattr(blocks, name)[:20] for name in blocks.__dataclass_fields__))
    panel.show_blocks(head, BlockFilter(), None)
    panel.show_blocks(blocks, BlockFilter(), None)
    assert inserted == [(0, 19), (20, 49)]
    assert resets == []


def test_typed_bounds_become_a_filter(qtbot) -> None:
    panel = BlocksPanel()
    qtbot.addWidget(panel)
    told: list[BlockFilter] = []
    panel.filtered.connect(told.append)
    panel.low.setText("1,000")
    panel.high.setText("nonsense")
    panel.low.editingFinished.emit()
    assert told[-1] == BlockFilter("bpov", 1000.0, None)
    panel.show_blocks(table(), told[-1], None)
    panel.clear.click()
    assert told[-1] == BlockFilter("bpov", None, None)
