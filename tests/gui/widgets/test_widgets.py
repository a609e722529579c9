"""Panels on their own: table, legend, inspector, job bar, error bar."""

from __future__ import annotations

import numpy as np
from pictures import pixels
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QGuiApplication, QImage
from windows import WAIT_MS, sphere

from octavox.codec import BlockTable, Progress
from octavox.gui.base.actions import ActionRegistry
from octavox.gui.base.frame_scheduler import FrameScheduler
from octavox.gui.commands.registry import all_specs
from octavox.gui.document.advice import Explanation
from octavox.gui.document.blocks import BlockFilter
from octavox.gui.document.colormap import HEAT_TABLE, Scale
from octavox.gui.document.colour_modes import block_mode
from octavox.gui.document.facts import Fact
from octavox.gui.document.job_state import JobState, Mailbox
from octavox.gui.document.session import Session
from octavox.gui.jobs.work import certify
from octavox.gui.widgets.blocks_table import BlocksPanel
from octavox.gui.widgets.error_bar import ErrorBar
from octavox.gui.widgets.inspector import Inspector
from octavox.gui.widgets.job_bar import JobBar
from octavox.gui.widgets.legend import HEIGHT, LegendBar
from octavox.gui.widgets.scene import SceneTree


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


def test_inspector_follows_the_selection(qtbot, qapp, themer) -> None:
    session = Session()
    inspector = Inspector(session, ActionRegistry(qapp, session, themer, all_specs()), FrameScheduler(qapp))
    qtbot.addWidget(inspector)
    assert inspector.heading.text() == "No block"
    session.set_blocks(table())
    session.set_view(selected=7)
    inspector.refresh()
    assert inspector.heading.text() == "Block #7"
    assert inspector.facts.text_of("Points") == str(session.blocks.points[7])
    session.set_view(selected=8)
    inspector.refresh()
    assert inspector.facts.text_of("Points") == str(session.blocks.points[8])


def picture(widget) -> QImage:
    image = QImage(widget.size(), QImage.Format.Format_RGB32)
    widget.render(image)
    return image


def has_color(image: QImage, color: tuple[int, int, int]) -> bool:
    wanted = QColor(*color)
    return any(
        abs(image.pixelColor(x, y).red() - wanted.red()) < 4
        and abs(image.pixelColor(x, y).green() - wanted.green()) < 4
        and abs(image.pixelColor(x, y).blue() - wanted.blue()) < 4
        for y in range(0, image.height(), 2)
        for x in range(image.width())
    )


def test_legend_draws_its_scale_and_its_swatches(qtbot, themer) -> None:
    bar = LegendBar()
    qtbot.addWidget(bar)
    bar.resize(700, HEIGHT)
    blank = picture(bar)
    scale = Scale(0, 100, HEAT_TABLE)
    bar.show_legends(scale.legend("Bits per block", "bits", False), None)
    image = picture(bar)
    assert not has_color(blank, tuple(int(v) for v in HEAT_TABLE[5]))
    assert has_color(image, tuple(int(v) for v in HEAT_TABLE[5]))
    assert has_color(image, tuple(int(v) for v in HEAT_TABLE[250]))
    blocks = BlockTable.make([[0, 0, 0], [64, 0, 0]], [64, 32], 1, 1.0)
    _, legend = block_mode("size").paint(blocks)
    bar.show_legends(legend)
    image = picture(bar)
    assert all(has_color(image, color) for color, _ in legend.swatches)


def test_job_bar_tells_share_time_and_rate(qtbot, qapp, themer) -> None:
    session = Session()
    bar = JobBar(ActionRegistry(qapp, session, themer, all_specs()))
    qtbot.addWidget(bar)
    assert not bar.progress.isVisibleTo(bar)
    job, box = JobState("Compress"), Mailbox()
    bar.show_job(job)
    assert bar.progress.isVisibleTo(bar)
    box.put(Progress("encode", 30, 100, BlockTable.make([[0, 0, 0]], 64, 100, 50.0)))
    job.apply(box.take())
    bar.show_job(job)
    assert "30 %" in bar.share.text()
    assert bar.rate.text() == "0.500 bpov so far"
    assert "not known yet" in bar.left.text()
    assert bar.progress.value() == 300
    bar.show_job(None)
    assert not bar.progress.isVisibleTo(bar)


def test_certificate_chip_is_green_or_red(qtbot, qapp, themer) -> None:
    bar = JobBar(ActionRegistry(qapp, Session(), themer, all_specs()))
    qtbot.addWidget(bar)
    cloud = sphere()
    bar.show_certificate(certify(cloud, cloud, b""))
    assert bar.chip.text().startswith("✓ identical")
    assert certify(cloud, cloud, b"").sha256_decoded[:8] in bar.chip.text()
    assert bar.chip.property("chip") == "good"
    other = type(cloud)(cloud.coords[5:], cloud.depth)
    bar.show_certificate(certify(cloud, other, b""))
    assert "differs · 5 missing, 0 extra" in bar.chip.text()
    assert bar.chip.property("chip") == "bad"
    bar.show_certificate(None)
    assert bar.chip.isHidden()


def test_error_bar_folds_its_details_and_copies_them(qtbot) -> None:
    bar = ErrorBar()
    qtbot.addWidget(bar)
    assert bar.isHidden()
    bar.show_error(Explanation("What happened", "What to do", "Traceback: x"))
    bar.show()
    assert bar.details.isHidden()
    bar.fold.click()
    assert not bar.details.isHidden()
    bar.copy.click()
    copied = QGuiApplication.clipboard().text()
    assert all(part in copied for part in ("What happened", "What to do", "Traceback: x"))
    bar.dismiss.click()
    assert bar.isHidden()


def test_scene_tree_lists_and_toggles(qtbot) -> None:
    from octavox.gui.document.display import prepare
    from octavox.gui.document.session import CloudItem

    session = Session()
    tree = SceneTree(session)
    qtbot.addWidget(tree)
    assert tree.topLevelItem(0).text(0) == "Nothing is open"
    session.set_original(CloudItem(prepare(sphere()), "a.ply"))
    session.set_blocks(table())
    tree.refresh()
    root = tree.topLevelItem(0)
    assert "a.ply" in root.text(0)
    told: list[tuple[str, bool]] = []
    tree.toggled.connect(lambda field, on: told.append((field, on)))
    root.child(0).setCheckState(0, Qt.CheckState.Unchecked)
    assert told == [("overlay", False)]


def test_a_value_that_was_highlighted_stands_like_the_others_again(window, qtbot) -> None:
    facts = window.inspector.facts

    def shown(*tones: str) -> list[np.ndarray]:
        facts.show_facts([Fact(f"{k}", "kept", "Section", tone) for k, tone in enumerate(tones)])
        qtbot.waitUntil(lambda: not window.scheduler.busy, timeout=WAIT_MS)
        qtbot.wait(50)
        return [pixels(value.grab().toImage()) for _, value in facts._rows[: len(tones)]]

    shown("", "", "good")
    plain, one, other = shown("", "good", "good")
    assert np.array_equal(one, other)
    assert not np.array_equal(plain, one)
    assert all(np.array_equal(value, plain) for value in shown("", "", ""))
