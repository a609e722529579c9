"""The results of a batch in a window of their own: sorted, plotted, exported."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QSizeF, Qt
from PySide6.QtTest import QTest
from windows import WAIT_MS, idle

from octavox.codec import BatchRow
from octavox.codec.batch.rows import write_csv
from octavox.gui.widgets.result_plot import Frame

pytestmark = pytest.mark.gl


def rows() -> list[BatchRow]:
    """Two clouds by two codecs, with and without loss, and a file that failed."""
    found = []
    for k, cloud in enumerate(("scans/chair.ply", "scans/lamp.ply")):
        for j, name in enumerate(("octree", "multiscale")):
            for levels in (0, 1):
                bytes_, points = (4000 - 900 * j) // (1 + 3 * levels), 10_000 * (k + 1)
                found.append(
                    BatchRow(
                        "bench",
                        cloud,
                        "done",
                        name,
                        '{"drop_levels": 1.0}' if levels else "{}",
                        "lossy" if levels else "records",
                        points=points,
                        bytes=bytes_,
                        bpp=8 * bytes_ / points,
                        encode_seconds=0.01 * (1 + 2 * j) * (k + 1),
                        decode_seconds=0.02 * (1 + j) * (k + 1),
                        kept=True,
                        identical=not levels,
                        d1_psnr_db=68.0 + k + j if levels else None,
                    )
                )
    return [*found, BatchRow("bench", "scans/broken.ply", "failed", error="broken.ply: no header")]


@pytest.fixture
def results(tmp_path: Path) -> Path:
    path = tmp_path / "octavox-batch-bench.csv"
    write_csv(path, rows())
    return path


def opened(window, qtbot, path: Path):
    assert window.commands.batch.open(str(path))
    idle(qtbot, window)
    shown = window.commands.batch.shown
    qtbot.waitUntil(shown.isVisible, timeout=WAIT_MS)
    return shown


def cells(shown, column: int) -> list[str]:
    model = shown.table.model()
    return [model.index(k, column).data() for k in range(model.rowCount())]


def test_the_table_sorts_and_the_plot_follows(window, qtbot, results) -> None:
    shown = opened(window, qtbot, results)
    assert shown.table.model().rowCount() == len(rows())
    titles = [shown.table.model().headerData(k, Qt.Orientation.Horizontal) for k in range(12)]
    rate, size = titles.index("bpp"), titles.index("Bytes")
    shown.table.sortByColumn(size, Qt.SortOrder.DescendingOrder)
    numbers = [int(words.replace(",", "")) for words in cells(shown, size) if words]
    assert numbers == sorted(numbers, reverse=True) and cells(shown, size)[-1] == ""
    assert shown.kind.currentData() == "distortion"  # some rows are lossy
    assert [s.title for s in shown.plot.plot.series] == ["Octree", "Multiscale"]
    frame_row = int(shown.plot.plot.series[1].rows[0])
    place = next(Frame(shown.plot.plot, QSizeF(shown.plot.size())).places(shown.plot.plot.series[1]))
    QTest.mouseClick(shown.plot, Qt.MouseButton.LeftButton, pos=QPoint(round(place.x()), round(place.y())))
    chosen = shown.table.currentIndex().row()
    assert shown.table.array.rows[chosen] == frame_row and shown.plot.selected == frame_row
    assert cells(shown, rate)[chosen] == f"{rows()[frame_row].bpp:.4f}"
    shown.kind.setCurrentIndex(shown.kind.findData("time"))
    assert "seconds" in shown.plot.plot.y_title
    shown.close()


def test_table_and_plots_are_exported(window, qtbot, results, tmp_path) -> None:
    shown = opened(window, qtbot, results)
    export = window.commands.batch.export
    assert export(shown, "table", str(tmp_path / "t.csv"))
    lines = (tmp_path / "t.csv").read_text("utf-8").splitlines()
    assert len(lines) == 1 + len(rows()) and lines[0].startswith("Cloud,Action,Codec")
    heads = {".svg": b"<?xml", ".pdf": b"%PDF", ".png": b"\x89PNG"}
    for suffix, head in heads.items():
        assert export(shown, "plot", str(tmp_path / f"p{suffix}"))
        assert (tmp_path / f"p{suffix}").read_bytes().startswith(head)
    assert "Multiscale" in (tmp_path / "p.svg").read_text("utf-8")
    assert not export(shown, "plot", str(tmp_path / "none" / "p.svg"))
    shown.close()


def test_a_file_that_is_no_table_is_told(window, qtbot, tmp_path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("a,b\n1,2\n")
    failed = []
    window.workbench.failed.connect(failed.append)
    window.commands.batch.open(str(path))
    idle(qtbot, window)
    assert window.commands.batch.shown is None
    assert len(failed) == 1
