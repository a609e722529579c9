"""Rates of a cloud by codec and depth: one question, results as they come, table, plots and files."""

from __future__ import annotations

import csv
from dataclasses import replace

import pytest
from pictures import pixels
from PySide6.QtCore import QTimer
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication, QDialogButtonBox
from windows import WAIT_MS, idle

from octavox import codec
from octavox.gui.document.forecast import rate_key
from octavox.gui.jobs import rates
from octavox.gui.widgets.rates_choice import RatesChoice

pytestmark = pytest.mark.gl


def answer(qtbot, window, change=None) -> list[str]:
    """Trigger the action, change the choices of the question and say OK. Returns what the question said."""
    said = []

    def press() -> None:
        dialog = next(w for w in QApplication.topLevelWidgets() if isinstance(w, RatesChoice))
        if change is not None:
            change(dialog)
        said.append(dialog.words.text())
        dialog.buttons.button(QDialogButtonBox.StandardButton.Ok).click()

    QTimer.singleShot(0, window, press)
    window.action_registry["rates"].trigger()
    return said


def only(*names: str):
    def change(dialog) -> None:
        for name, box in dialog.codecs.items():
            box.setChecked(name in names)

    return change


def column(shown, title: str) -> list[str]:
    place = next(k for k, c in enumerate(shown.results.columns) if c.title == title)
    model = shown.table.model()
    return [model.index(k, place).data() for k in range(model.rowCount())]


def test_one_click_codes_by_codec_and_depth(opened, qtbot, tmp_path) -> None:
    (said,) = answer(qtbot, opened, only("octree", "fake"))
    assert said.startswith("8 codings, about")
    idle(qtbot, opened)
    shown, session = opened.commands.rates.shown, opened.session
    assert shown.isVisible() and session.stream is None  # it opens no bitstream
    own = session.original.display.cloud.depth
    coded = {
        (name, int(depth)) for name, depth in zip(column(shown, "Codec"), column(shown, "Depth"), strict=True)
    }
    assert coded == {(name, own - k) for name in ("octree", "fake") for k in range(4)}
    for rate in shown.results.rows:
        voxels = rates.coarser(session.original.display, rate.depth)
        options = replace(session.options, codec=rate.codec)
        assert rate.bytes == len(codec.encode(voxels, options=options).data)  # as on the command line
        assert rate.voxels == len(voxels) == len({tuple(c) for c in voxels.coords.tolist()})
    titles = [shown.kind.itemText(k) for k in range(shown.kind.count())]
    assert titles == ["Rate and depth", "Rate per voxel and depth", "Bytes and depth", "Rate and time"]
    for kind in range(shown.kind.count()):
        shown.kind.setCurrentIndex(kind)
        picture = pixels(shown.plot.grab().toImage()).reshape(-1, 3).tolist()
        for series in shown.plot.plot.series:
            assert picture.count(list(QColor(series.colour).getRgb()[:3])) > 50, (kind, series.title)
    export = opened.commands.rates.export
    assert export("table", str(tmp_path / "t.csv")) and export("plot", str(tmp_path / "p.pdf"))
    with open(tmp_path / "t.csv", encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    assert [int(line["Bytes"]) for line in lines] == [int(n.replace(",", "")) for n in column(shown, "Bytes")]
    assert (tmp_path / "p.pdf").read_bytes().startswith(b"%PDF")
    shown.close()


def test_cancelling_leaves_what_came(opened, fake, qtbot) -> None:
    fake.stop_at = 10_000  # the first two depths have fewer voxels
    answer(qtbot, opened, only("fake"))
    shown = opened.commands.rates.shown
    qtbot.waitUntil(lambda: len(shown.results.rows) == 2, timeout=WAIT_MS)
    assert shown.words.text().startswith("2 rows")
    opened.action_registry["cancel"].trigger()
    idle(qtbot, opened)
    assert "what was computed stays" in opened.job_bar.message.text()
    assert len(column(shown, "Depth")) == 2 and shown.plot.plot.series
    shown.close()


def test_slow_codecs_wait_to_be_chosen_and_nothing_chosen_cannot_be_coded(opened, qtbot) -> None:
    seen = []

    def change(dialog) -> None:
        seen.append({name: box.isChecked() for name, box in dialog.codecs.items()})
        for box in dialog.depths.values():
            box.setChecked(False)
        assert not dialog.buttons.button(QDialogButtonBox.StandardButton.Ok).isEnabled()
        assert dialog.words.text() == "Choose a codec and a depth."
        dialog.depths[5].setChecked(True)
        only("fake")(dialog)

    slow = replace(opened.session.options, codec="voxeldnn")
    opened.session.rates[rate_key(slow)] = 100.0  # points a second
    answer(qtbot, opened, change)
    idle(qtbot, opened)
    assert seen == [{"octree": True, "voxeldnn": False, "multiscale": True, "fake": True}]
    shown = opened.commands.rates.shown
    assert column(shown, "Depth") == ["5"]
    shown.close()


def test_closing_the_window_of_results_lets_the_job_end(opened, qtbot) -> None:
    answer(qtbot, opened, only("fake"))
    opened.commands.rates.shown.close()
    idle(qtbot, opened)
    assert "Computed 4 rates" in opened.job_bar.message.text()
