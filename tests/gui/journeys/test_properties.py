"""What the points of a file hold, in the window: seen, chosen, left out, probed, compared, paid for."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from pictures import drawn, foreground, run_job
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QTreeWidgetItem
from windows import complete, idle, opened_file

from octavox import codec
from octavox.gui.document.colormap import LABEL_COLORS, rgb
from octavox.gui.document.property_colours import PropertyScale
from octavox.gui.document.session_file import read_session, session_text

pytestmark = [pytest.mark.gl, pytest.mark.slow]
SIDE = 60


def scan(folder: Path, name: str = "scan.ply") -> Path:
    """A slope of 3,600 points, each with colour, intensity, class and time; one point comes twice."""
    x, y = (axis.ravel() for axis in np.meshgrid(np.arange(SIDE), np.arange(SIDE), indexing="ij"))
    points = np.c_[x, y, (x + y) // 4].astype(np.int32)
    rng = np.random.default_rng(3)
    colors = np.c_[4 * x, 255 - 4 * y, np.full(len(x), 40)].astype(np.uint8)
    columns = {
        "intensity": (100 + 30 * x + rng.integers(0, 5, len(x))).astype(np.uint16),
        "class": np.where(x < SIDE // 2, 2, 6).astype(np.uint8),
        "time": 4e8 + rng.random(len(x)),
    }
    double = [*range(len(points)), 0]
    cloud = codec.PointCloud(
        points[double], colors[double], attributes={key: column[double] for key, column in columns.items()}
    )
    codec.write_cloud(folder / name, cloud)
    return folder / name


@pytest.fixture
def scanned(window, qtbot, tmp_path):
    return opened_file(window, qtbot, scan(tmp_path))


def row_of(window, name: str) -> QTreeWidgetItem:
    (item,) = [item for item in window.panels["Points"]._items() if item.text(0) == name]
    return item


def choose(window, qtbot, name: str) -> None:
    """Click a property in the panel."""
    row_of(window, name).setSelected(True)
    idle(qtbot, window)
    complete(qtbot, window)


def store(window, name: str, on: bool) -> None:
    row_of(window, name).setCheckState(0, Qt.CheckState.Checked if on else Qt.CheckState.Unchecked)


def middle_of(window, side: str) -> QPoint:
    """A pixel at which a point is drawn, in the middle of all."""
    rows, columns = np.nonzero(foreground(window, drawn(window, side)))
    place = np.argmin((rows - rows.mean()) ** 2 + (columns - columns.mean()) ** 2)
    return QPoint(int(columns[place]), int(rows[place]))


def test_a_property_chosen_in_the_panel_colours_the_points(scanned, qtbot) -> None:
    before = drawn(scanned)
    choose(scanned, qtbot, "intensity")
    view = scanned.session.view
    assert view.cloud_mode == "property:intensity"
    picture = drawn(scanned)
    assert not np.array_equal(picture, before)
    (legend,) = scanned.viewport.legend.legends
    assert legend.title == "intensity" and legend.ticks[0][1] and not legend.clipped
    button = next(b for b, _, _, group in scanned.tools._choices if group == "cloud_mode")
    assert button.text() == "Points: intensity"
    scanned.workbench.undo_stack.undo()
    complete(qtbot, scanned)
    assert scanned.session.view.cloud_mode == "rgb" and np.array_equal(drawn(scanned), before)


def test_classes_have_their_colours_in_the_view(scanned, qtbot) -> None:
    scanned.action_registry["shaded"].trigger()
    choose(scanned, qtbot, "class")
    (legend,) = scanned.viewport.legend.legends
    assert [words for _, words in legend.swatches] == ["2  (1,800)", "6  (1,800)"]
    picture = drawn(scanned).reshape(-1, 3)
    for color in LABEL_COLORS[:2]:
        assert (picture == np.array(rgb(color))).all(axis=1).sum() > 200


def test_range_map_and_logarithm_are_edited_and_stay_in_sessions(scanned, qtbot, tmp_path) -> None:
    choose(scanned, qtbot, "intensity")
    panel = scanned.panels["Points"]
    before = drawn(scanned)
    panel.low.setText("500")
    panel.low.setModified(True)
    panel.low.editingFinished.emit()
    panel.map.setCurrentIndex(panel.map.findData("grey"))
    panel.map.activated.emit(panel.map.currentIndex())
    panel.log.click()
    complete(qtbot, scanned)
    chosen = scanned.session.view.scales["property:intensity"]
    assert chosen == PropertyScale("grey", 500.0, None, True)
    assert not np.array_equal(drawn(scanned), before)
    assert scanned.session.property_colours.scale.low == 500 and scanned.session.property_colours.scale.log
    (tmp_path / "a.octavox").write_text(session_text(scanned.session))
    assert read_session(str(tmp_path / "a.octavox")).view.scales == {"property:intensity": chosen}
    panel.automatic.click()
    assert scanned.session.view.scales["property:intensity"].low is None
    for _ in range(4):
        scanned.workbench.undo_stack.undo()
    complete(qtbot, scanned)
    assert np.array_equal(drawn(scanned), before)


def test_properties_are_listed_with_type_range_and_cost(scanned, qtbot) -> None:
    rows = {item.text(0): [item.text(k) for k in range(5)] for item in scanned.panels["Points"]._items()}
    assert list(rows) == ["red", "green", "blue", "intensity", "class", "time"] or set(rows) == {
        *("red", "green", "blue", "intensity", "class", "time")
    }
    assert rows["class"][1:] == ["uint8", "2 – 6", "", ""]
    assert rows["intensity"][1] == "uint16" and rows["time"][1] == "float64"
    run_job(scanned, qtbot, "compress")
    report = scanned.session.encode_report
    for name in ("red", "class", "time"):
        size = report["components"][name]
        row = row_of(scanned, name)
        assert row.text(3) == f"{size:,}" and row.text(4) == f"{8 * size / 3601:.3f}"


def test_a_property_is_left_out_and_comes_back_on_the_next_file(scanned, qtbot, tmp_path) -> None:
    store(scanned, "time", False)
    store(scanned, "blue", False)
    assert scanned.session.kept.drop == "time,blue"
    run_job(scanned, qtbot, "compress")
    assert set(scanned.session.encode_report["dropped"]) == {"blue", "time"}
    assert row_of(scanned, "time").text(3) == "not stored"
    run_job(scanned, qtbot, "decompress")
    words = scanned.job_bar.chip.text()
    assert "not stored: " in words and "time" in words and scanned.job_bar.chip.property("chip") == "fair"
    assert "blue" not in scanned.session.decoded.source.attributes
    opened_file(scanned, qtbot, scan(tmp_path, "other.ply"))
    assert scanned.session.kept.drop is None
    assert row_of(scanned, "time").checkState(0) == Qt.CheckState.Checked


def test_a_file_comes_back_whole_and_leaves_nothing_out(scanned, qtbot) -> None:
    store(scanned, "time", False)
    scanned.commands.codec.set_option("keep", "file")
    assert scanned.session.kept.drop is None
    assert not row_of(scanned, "time").flags() & Qt.ItemFlag.ItemIsUserCheckable
    run_job(scanned, qtbot, "compress")
    assert scanned.session.encode_report["level"] == "file"
    run_job(scanned, qtbot, "decompress")
    assert scanned.session.certificate.identical


def test_the_decoded_view_has_the_decoded_colours(scanned, qtbot) -> None:
    """Those of the voxels: merged, and without what was left out."""
    scanned.commands.view.set_cloud_mode("rgb")
    scanned.action_registry["shaded"].trigger()
    run_job(scanned, qtbot, "compress")
    run_job(scanned, qtbot, "decompress")
    scanned.action_registry["overlay"].trigger()
    scanned.commands.view.set_cloud_mode("rgb")
    complete(qtbot, scanned)
    ours, theirs = (drawn(scanned, side)[foreground(scanned, drawn(scanned, side))] for side in "ab")
    assert len(np.unique(theirs, axis=0)) > 500
    assert abs(ours.mean(axis=0) - theirs.mean(axis=0)).max() < 2
    for name in ("red", "green", "blue"):
        store(scanned, name, False)
    run_job(scanned, qtbot, "compress")
    run_job(scanned, qtbot, "decompress")
    scanned.commands.view.set_cloud_mode("rgb")
    complete(qtbot, scanned)
    assert scanned.session.decoded.display.cloud.colors is None
    plain = drawn(scanned, "b")[foreground(scanned, drawn(scanned, "b"))]
    assert len(np.unique(plain, axis=0)) < 20  # no colours were stored: none are shown


def test_the_cursor_shows_what_a_point_holds_in_both_views(scanned, qtbot) -> None:
    run_job(scanned, qtbot, "compress")
    run_job(scanned, qtbot, "decompress")
    scanned.action_registry["overlay"].trigger()
    complete(qtbot, scanned)
    idle(qtbot, scanned)
    source = scanned.session.original.source
    for side in "ab":
        pane = getattr(scanned.viewport, side).pane
        other = getattr(scanned.viewport, "b" if side == "a" else "a").pane
        place = middle_of(scanned, side)
        QTest.mouseMove(pane, place + QPoint(3, 0))
        QTest.mouseMove(pane, place)
        qtbot.waitUntil(lambda pane=pane: len(pane.overlay.probe) > 3)
        lines = pane.overlay.probe
        x, y, z = (int(word) for word in lines[0].split()[1::2])
        (row,) = np.flatnonzero((source.coords == (x, y, z)).all(axis=1))[:1]
        assert f"intensity: {source.attributes['intensity'][row]}" in lines
        assert f"class: {source.attributes['class'][row]}" in lines
        assert f"time: {source.attributes['time'][row]}" in lines
        assert other.overlay.probe == lines  # what came back is the same
    scanned.action_registry["probe"].trigger()
    assert scanned.viewport.a.pane.overlay.probe == []
    QTest.mouseMove(scanned.viewport.a.pane, middle_of(scanned, "a") + QPoint(2, 2))
    qtbot.wait(200)
    assert scanned.viewport.a.pane.overlay.probe == []


def test_each_property_is_compared_and_its_errors_are_mapped(scanned, qtbot) -> None:
    run_job(scanned, qtbot, "compress")
    run_job(scanned, qtbot, "decompress")
    run_job(scanned, qtbot, "compare")
    facts = scanned.panels["Compare"].facts
    for name in ("red", "intensity", "time"):
        assert facts.text_of(name) == "identical"
    assert not scanned.menus.modes.errors.menuAction().isEnabled()

    scanned.session.original.agreed = True
    scanned.commands.codec.set_option("keep", "voxels")
    scanned.commands.codec.set_option("depth", 4)
    idle(qtbot, scanned)
    store(scanned, "time", False)
    run_job(scanned, qtbot, "compress")
    run_job(scanned, qtbot, "decompress")
    run_job(scanned, qtbot, "compare")
    errors = {error.name: error for error in scanned.session.property_errors}
    assert facts.text_of("time") == "not stored"
    assert errors["intensity"].largest > errors["intensity"].mean > 0
    assert facts.text_of("intensity").startswith(f"up to {errors['intensity'].largest:.4g}"[:8])
    modes = scanned.menus.modes.errors
    next(action for action in modes.actions() if action.text() == "Error of intensity").trigger()
    complete(qtbot, scanned)
    assert scanned.session.view.cloud_mode == "error:intensity"
    legend = scanned.viewport.legend.legends[-1]
    assert legend.title == "Error of intensity" and legend.note.startswith("up to ")
    assert len(np.unique(drawn(scanned, "b").reshape(-1, 3), axis=0)) > 50


def test_blocks_take_the_colours_of_what_they_spend_on_a_property(scanned, qtbot) -> None:
    run_job(scanned, qtbot, "compress")
    menu = scanned.menus.modes.components
    titles = [action.text() for action in menu.actions()]
    assert titles[:2] == ["Total bits", "Bits of Geometry"] and "Bits of red" in titles
    before = drawn(scanned)
    menu.actions()[titles.index("Bits of time")].trigger()
    complete(qtbot, scanned)
    assert scanned.session.view.block_mode == "bits:time"
    assert scanned.viewport.legend.legends[0].title == "Bits of time"
    assert not np.array_equal(drawn(scanned), before)
    scanned.action_registry["most_expensive"].trigger()
    complete(qtbot, scanned)
    row = scanned.session.view.selected
    bits = scanned.session.blocks.components["time"]
    assert row == np.argmax(bits)
    assert scanned.inspector.facts.text_of("time").startswith(f"{bits[row]:,.0f}")
    table, panel = scanned.panels["Blocks"].model, scanned.panels["Histogram"]
    keys = [column.key for column in table.columns]
    assert table.data(table.index(table.place_of(row), keys.index("bits:time"))) == f"{bits[row]:,.1f}"
    panel.column.setCurrentIndex(panel.column.findData("bits:time"))
    panel.column.activated.emit(panel.column.currentIndex())
    assert panel.plot.histogram.counts.sum() == len(bits)
    assert panel.plot.histogram.edges[-1] == pytest.approx(bits.max())


def test_the_byte_view_names_the_property_of_a_byte(scanned, qtbot) -> None:
    run_job(scanned, qtbot, "compress")
    view = scanned.panels["Bytes"]
    scanned.docks["Bytes"].raise_()
    part = next(part for part in view.strip.parts if part.of_properties and "time" in part.owner)
    view.strip.pressed.emit((part.first + part.last) // 2)
    assert "time" in view.words.text() and f"{part.first:,}" in view.words.text()
    data = scanned.session.stream.data
    assert view.dump.toPlainText().splitlines()[0].split()[1] == f"{data[part.first]:02x}"
    view.picked.emit(0)
    slices = [part for part in view.strip.parts if part.slice is not None]
    view.strip.pressed.emit(slices[0].first)
    assert "slice" in view.words.text()


def test_the_surprise_of_a_property_colours_the_points(scanned, qtbot) -> None:
    run_job(scanned, qtbot, "compress")
    scanned.commands.view.set_cloud_mode("cost:intensity")
    idle(qtbot, scanned)
    complete(qtbot, scanned)
    session = scanned.session
    known = session.original.values_of("cost:intensity")
    components = session.encode_report["components"]
    assert 0.8 * 8 * components["intensity"] < known.values.sum() < 8.1 * components["intensity"]
    legend = scanned.viewport.legend.legends[-1]
    assert legend.title == "Surprise of intensity" and legend.unit == "bits"
    assert "cost:*colour" in session.original.data.values
    scanned.commands.view.set_cloud_mode("cost:time")  # is coded as a column
    idle(qtbot, scanned)
    assert session.view.cloud_mode == "plain"
    assert "Surprise of time" in scanned.job_bar.message.text()
    scanned.commands.view.set_cloud_mode("cost:intensity")
    run_job(scanned, qtbot, "compress")  # another bitstream has other costs
    assert session.view.cloud_mode != "cost:intensity"
    assert session.original.values_of("cost:intensity") is None


def test_another_cloud_without_the_property_falls_back(scanned, qtbot, tmp_path) -> None:
    choose(scanned, qtbot, "intensity")
    bare = tmp_path / "bare.ply"
    codec.write_cloud(bare, codec.PointCloud(np.arange(30).reshape(10, 3).astype(np.int32)))
    opened_file(scanned, qtbot, bare)
    assert scanned.session.view.cloud_mode == "plain"
    panel = scanned.panels["Points"]
    assert panel._items() == [] and "no properties" in panel.words.text()
    assert not scanned.menus.modes.properties.menuAction().isEnabled()


@pytest.mark.parametrize("suffix", [".las", ".ply"])
def test_a_file_that_comes_back_whole_stays_beside_its_original(window, qtbot, tmp_path, suffix) -> None:
    """In the order of the file, or as it is, there is no grid in the bitstream."""
    rng = np.random.default_rng(6)
    points = rng.normal(size=(900, 3)) * 40
    times = np.sort(rng.random(900))
    columns = {"gps_time": times} if suffix == ".las" else {"time": times}
    path = tmp_path / f"a{suffix}"
    codec.write_cloud(path, codec.PointCloud(points, attributes=columns))
    opened_file(window, qtbot, path)
    shown = len(window.session.original.display)
    window.commands.codec.set_option("keep", "file")
    run_job(window, qtbot, "compress")
    assert window.session.encode_report["level"] == "file"
    assert len(window.session.original.display) == shown
    run_job(window, qtbot, "decompress")
    session = window.session
    assert session.original is not None and session.certificate.identical
    assert len(session.decoded.display) == shown and session.overlap.same
    assert window.job_bar.chip.property("chip") == "good"


def test_a_hint_says_what_voxels_would_take(window, qtbot, tmp_path) -> None:
    rng = np.random.default_rng(6)
    points = rng.normal(size=(3000, 3))
    points *= 40 / np.linalg.norm(points, axis=1)[:, None]
    codec.write_cloud(tmp_path / "ball.ply", codec.PointCloud(points))
    opened_file(window, qtbot, tmp_path / "ball.ply")
    run_job(window, qtbot, "compress")
    hint = window.session.encode_report["hint"]
    words = window.properties.text_of("Hint")
    assert f"{hint['depth']} bits per axis" in words and f"{hint['moved_max']:.4g}" in words


def test_colours_within_a_bound_are_said_and_measured(window, qtbot, tmp_path) -> None:
    cloud = codec.read_cloud(scan(tmp_path))
    rng = np.random.default_rng(7)
    for name in ("red", "green", "blue"):  # noise, which costs less where it need not be exact
        cloud.attributes[name] = rng.integers(60, 200, len(cloud)).astype(np.uint8)
    codec.write_cloud(tmp_path / "noise.ply", cloud)
    scanned = opened_file(window, qtbot, tmp_path / "noise.ply")
    scanned.commands.codec.set_option("color_error", 2)
    run_job(scanned, qtbot, "compress")
    run_job(scanned, qtbot, "decompress")
    assert scanned.job_bar.chip.property("chip") == "fair"
    assert "identical but for their colours" in scanned.job_bar.chip.text()
    run_job(scanned, qtbot, "compare")
    errors = {error.name: error for error in scanned.session.property_errors}
    assert 0 < errors["error:*colour"].largest <= 2
    assert scanned.panels["Compare"].facts.text_of("intensity") == "identical"
    scanned.commands.codec.set_option("keep", "file")
    assert scanned.session.kept.color_error == 0
    assert not scanned.codec_panel._boxes["color_error"].isEnabled()
