"""Files that do not say which points they hold: the window asks, and opens them as the user wants."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from pictures import drawn, foreground, run_job
from PySide6.QtCore import Qt
from windows import complete, drop, idle, restored

from octavox import codec
from octavox.codec import ReadOptions
from octavox.gui.app.main_window import MainWindow
from octavox.gui.widgets.read_questions import FieldsQuestion, MeshQuestion, ReadQuestion

pytestmark = pytest.mark.gl
SIDE = 12  # vertices along the edge of the mesh


def mesh_file(folder: Path, suffix: str = ".obj") -> Path:
    """A square of triangles."""
    path = folder / f"square{suffix}"
    corners = [(x, y, 0) for x in range(SIDE) for y in range(SIDE)]
    faces = []
    for x in range(SIDE - 1):
        for y in range(SIDE - 1):
            a = x * SIDE + y
            faces += [(a, a + SIDE, a + 1), (a + 1, a + SIDE, a + SIDE + 1)]
    if suffix == ".obj":
        lines = [f"v {x} {y} {z}" for x, y, z in corners]
        lines += ["f " + " ".join(str(k + 1) for k in face) for face in faces]
        path.write_text("\n".join(lines) + "\n")
    elif suffix == ".stl":
        table = np.zeros(len(faces), np.dtype([("n", "<3f4"), ("p", "<9f4"), ("a", "<u2")]))
        table["p"] = np.array(corners, np.float32)[np.array(faces)].reshape(-1, 9)
        path.write_bytes(b"\0" * 80 + np.uint32(len(faces)).tobytes() + table.tobytes())
    else:
        places, indices = np.array(corners, "<f4").tobytes(), np.array(faces, "<u2").tobytes()
        scene = {
            "asset": {"version": "2.0"},
            "scenes": [{"nodes": [0]}],
            "nodes": [{"mesh": 0}],
            "meshes": [{"primitives": [{"attributes": {"POSITION": 0}, "indices": 1}]}],
            "buffers": [{"byteLength": len(places) + len(indices)}],
            "bufferViews": [
                {"buffer": 0, "byteOffset": 0, "byteLength": len(places)},
                {"buffer": 0, "byteOffset": len(places), "byteLength": len(indices)},
            ],
            "accessors": [
                {"bufferView": 0, "componentType": 5126, "count": len(corners), "type": "VEC3"},
                {"bufferView": 1, "componentType": 5123, "count": 3 * len(faces), "type": "SCALAR"},
            ],
        }
        text = json.dumps(scene).encode()
        text += b" " * (-len(text) % 4)
        data = places + indices
        data += b"\0" * (-len(data) % 4)
        length = 12 + 8 + len(text) + 8 + len(data)
        head = b"glTF" + np.array([2, length, len(text)], "<u4").tobytes() + b"JSON"
        path.write_bytes(head + text + np.uint32(len(data)).tobytes() + b"BIN\0" + data)
    return path


def bare_rows(folder: Path) -> Path:
    """20 numbers a row of 4 and of 5: both fit, and the values say nothing."""
    path = folder / "sweep.bin"
    rows = np.random.default_rng(0).uniform(1, 9, (500, 20)).astype("<f4")
    path.write_bytes(np.rint(rows).astype("<f4").tobytes())
    return path


def opening(window: MainWindow, qtbot, path: Path) -> None:
    window.commands.codec.set_option("codec", "fake")
    window.commands.file.open_any(str(path))
    idle(qtbot, window)


def question(window: MainWindow) -> ReadQuestion | None:
    found = [box for box in window.findChildren(ReadQuestion) if box.isVisible()]
    assert len(found) < 2
    return found[0] if found else None


def answer(window: MainWindow, qtbot) -> None:
    box = question(window)
    assert box is not None
    qtbot.mouseClick(box.open_button, Qt.MouseButton.LeftButton)
    idle(qtbot, window)
    complete(qtbot, window)


def dropped(window: MainWindow, qtbot, path: Path) -> None:
    drop(window, path)
    qtbot.waitUntil(lambda: window.workbench.busy, timeout=5_000)
    idle(qtbot, window)


@pytest.mark.parametrize("suffix", [".obj", ".stl", ".glb"])
def test_the_vertices_of_a_mesh(window, qtbot, tmp_path, suffix) -> None:
    opening(window, qtbot, mesh_file(tmp_path, suffix))
    box = question(window)
    assert isinstance(box, MeshQuestion) and f"square{suffix}" in box.words.text()
    assert window.error_bar.isHidden() and window.session.original is None
    assert not box.count.isEnabled()
    answer(window, qtbot)
    assert question(window) is None
    assert len(window.session.original.source) == SIDE * SIDE
    assert window.properties.text_of("Read as") == "the vertices of a mesh"
    assert foreground(window, drawn(window)).sum() > 500


def test_points_drawn_from_a_mesh(window, qtbot, tmp_path) -> None:
    opening(window, qtbot, mesh_file(tmp_path))
    box = question(window)
    box.samples.click()
    assert box.count.isEnabled()
    box.count.setValue(4_321)
    answer(window, qtbot)
    session = window.session
    assert len(session.original.source) == 4_321
    assert window.properties.text_of("Read as") == "4,321 points drawn from the surface of a mesh"
    # Another depth reads the file anew, the same way.
    window.commands.codec.set_option("depth", 5)
    idle(qtbot, window)
    assert question(window) is None and len(session.original.source) == 4_321
    assert session.original.display.cloud.depth == 5
    run_job(window, qtbot, "compress")
    assert session.stream is not None


def test_a_mesh_that_is_dropped_or_was_opened_before(window, qtbot, tmp_path) -> None:
    path = mesh_file(tmp_path)
    dropped(window, qtbot, path)
    answer(window, qtbot)
    assert window.session.original.label == path.name
    (recent,) = [a for a in window.menus.menu("File/Open recent").actions() if path.name in a.text()]
    recent.trigger()
    idle(qtbot, window)
    assert isinstance(question(window), MeshQuestion)
    question(window).samples.click()
    question(window).count.setValue(77)
    answer(window, qtbot)
    assert len(window.session.original.source) == 77


def test_a_mesh_that_is_not_wanted_after_all(opened, qtbot, tmp_path) -> None:
    before = opened.session.original
    opening(opened, qtbot, mesh_file(tmp_path))
    question(opened).reject()
    assert opened.session.original is before and opened.error_bar.isHidden()
    assert opened.job_bar.message.text() == "square.obj was not opened"
    assert not opened.workbench.busy


def test_a_question_goes_when_another_file_is_opened(window, qtbot, tmp_path) -> None:
    opening(window, qtbot, mesh_file(tmp_path))
    opening(window, qtbot, bare_rows(tmp_path))
    assert isinstance(question(window), FieldsQuestion)
    window.action_registry["open_sample"].trigger()
    idle(qtbot, window)
    assert question(window) is None and window.session.original is not None


@pytest.mark.parametrize(("row", "width"), [(0, 4), (1, 5)])
def test_rows_of_bare_floats(window, qtbot, tmp_path, row, width) -> None:
    path = bare_rows(tmp_path)
    opening(window, qtbot, path)
    box = question(window)
    assert isinstance(box, FieldsQuestion) and window.error_bar.isHidden()
    box.rows.setCurrentIndex(row)
    answer(window, qtbot)
    source = window.session.original.source
    assert len(source) == path.stat().st_size // (4 * width)
    assert list(source.attributes) == ["intensity", "ring"][: width - 3]


def test_rows_with_other_names(window, qtbot, tmp_path) -> None:
    opening(window, qtbot, bare_rows(tmp_path))
    box = question(window)
    box.rows.setEditText("x, y")
    assert not box.open_button.isEnabled() and "x, y and z" in box.wrong.text()
    box.rows.setEditText("x,y,z,z")
    assert not box.open_button.isEnabled()
    box.rows.setEditText("time, x, y, z")
    assert box.open_button.isEnabled()
    answer(window, qtbot)
    assert list(window.session.original.source.attributes) == ["time"]


def test_names_that_do_not_fit_are_an_error_and_no_second_question(window, qtbot, tmp_path) -> None:
    opening(window, qtbot, bare_rows(tmp_path))
    question(window).rows.setEditText("x,y,z")
    answer(window, qtbot)
    assert question(window) is None and window.error_bar.isVisible()
    assert "no whole number of rows of 3 floats" in window.error_bar.title.text()


def test_a_gzipped_mesh_asks_too(window, qtbot, tmp_path) -> None:
    import gzip

    path = tmp_path / "square.obj.gz"
    path.write_bytes(gzip.compress(mesh_file(tmp_path).read_bytes()))
    opening(window, qtbot, path)
    answer(window, qtbot)
    assert len(window.session.original.source) == SIDE * SIDE


def test_a_session_remembers_the_answer(window, make_window, qtbot, tmp_path) -> None:
    opening(window, qtbot, mesh_file(tmp_path))
    question(window).samples.click()
    question(window).count.setValue(500)
    answer(window, qtbot)
    path = str(tmp_path / "work.octavox")
    assert window.commands.session.save_session(path)
    fresh = make_window()
    fresh.commands.file.open_any(path)
    restored(qtbot, fresh)
    assert question(fresh) is None
    assert fresh.session.original.read == ReadOptions("samples", 500)
    assert len(fresh.session.original.source) == 500


def test_the_queue_takes_an_open_mesh_and_says_what_to_do_with_others(window, qtbot, tmp_path) -> None:
    path = mesh_file(tmp_path)
    window.commands.codec.set_option("codec", "fake")
    window.commands.queue.queue_files([str(path)])
    entries = window.session.queue.entries
    qtbot.waitUntil(lambda: entries[0].state == "failed", timeout=60_000)
    assert "open it first" in entries[0].words and window.error_bar.isHidden()
    assert window.job_bar.message.text().startswith("square.obj: open it first")
    opening(window, qtbot, path)
    answer(window, qtbot)
    window.action_registry["queue_open"].trigger()
    qtbot.waitUntil(lambda: entries[1].state == "done", timeout=60_000)
    assert codec.info(entries[1].target).points == SIDE * SIDE
