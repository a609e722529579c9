"""Pictures for papers: grounds, size, legend, marks; plots; cameras as text; errors with their reasons."""

from __future__ import annotations

import numpy as np
import pytest
from pictures import drawn, foreground, pixels
from PySide6.QtGui import QGuiApplication, QImage
from windows import complete

from octavox import codec
from octavox.gui.document.camera import Camera
from octavox.gui.document.camera_text import camera_text, read_camera
from octavox.gui.rendering.paper_picture import PaperPicture
from octavox.gui.widgets.legend import HEIGHT
from octavox.gui.widgets.picture_dialog import PictureDialog

pytestmark = pytest.mark.gl


def saved(window, path, **wanted) -> np.ndarray:
    """(H, W, 4) of the written file."""
    assert window.commands.export.picture(str(path), PaperPicture(**wanted))
    image = QImage(str(path)).convertToFormat(QImage.Format.Format_RGBA8888)
    return np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.width(), 4).copy()


def test_a_transparent_picture_holds_the_cloud_alone(opened, qtbot, tmp_path) -> None:
    before = drawn(opened)
    solid = foreground(opened, before)
    found = saved(opened, tmp_path / "a.png", scale=1, ground="transparent", legend=False, marks=False)
    assert found.shape[:2] == before.shape[:2]
    opaque = found[:, :, 3] == 255
    assert np.array_equal(opaque, found[:, :, 3] > 0)  # points are opaque
    assert opaque.mean() > 0.05 and opaque[solid].all()
    assert np.array_equal(found[opaque][:, :3], before[opaque])
    complete(qtbot, opened)
    assert np.array_equal(drawn(opened), before)  # the view is as it was


def test_a_picture_on_white_is_as_large_and_has_what_was_asked_for(compressed, tmp_path) -> None:
    pane = compressed.viewport.a.pane
    size = pane.height(), pane.width()
    plain = saved(compressed, tmp_path / "a.png", scale=2, ground="white", legend=False, marks=False)
    marked = saved(compressed, tmp_path / "b.png", scale=2, ground="white", legend=True, marks=True)
    assert plain.shape[:2] == (2 * size[0], 2 * size[1])
    assert marked.shape[:2] == (2 * (size[0] + HEIGHT), 2 * size[1])
    assert (plain[0, 0] == 255).all() and (plain[:, :, 3] == 255).all()
    assert (plain[:, :, :3] != 255).any(axis=2).mean() > 0.1
    view, foot = marked[: 2 * size[0]], marked[2 * size[0] :]
    assert (view != plain).any(axis=2).sum() > 200  # axes and scale bar
    assert len(np.unique(foot.reshape(-1, 4), axis=0)) > 100  # the colours of the legend


def test_large_pictures_have_no_bands(opened, tmp_path) -> None:
    """The background runs evenly through the parts that they are drawn in."""
    path = tmp_path / "large.png"
    for name in ("axes", "scale_bar"):
        opened.action_registry[name].trigger()
    assert opened.commands.export.large_screenshot(str(path))
    pane, picture = opened.viewport.a.pane, pixels(QImage(str(path)))
    top = 3 * opened.viewport.a.header.height()
    column = picture[top : top + 3 * pane.height(), 6].astype(int)
    assert np.abs(np.diff(column, axis=0)).max() <= 1
    low, high = (opened.themer.theme.rgb(name) for name in ("view_bottom", "view_top"))
    assert np.abs(column[0] - high).max() <= 1 and np.abs(column[-1] - low).max() <= 1


def test_the_dialog_offers_what_a_picture_has(opened, qtbot) -> None:
    dialog = PictureDialog((1, 2, 3), (800, 600))
    qtbot.addWidget(dialog)
    assert PaperPicture(**dialog.chosen()) == PaperPicture()
    dialog.legend.click()
    dialog.ground.setCurrentIndex(1)
    assert PaperPicture(**dialog.chosen()) == PaperPicture(ground="transparent", legend=False)
    assert "1600 × 1200" in dialog.scale.currentText()


def test_plots_are_written_as_pdf_too_and_errors_say_why(compressed, tmp_path) -> None:
    export, said = compressed.commands.export, compressed.job_bar.message
    assert export.size_plot(str(tmp_path / "plot.pdf"))
    assert (tmp_path / "plot.pdf").read_bytes().startswith(b"%PDF")
    assert not export.size_plot(str(tmp_path / "plot.bmp"))
    assert ".bmp" in said.text() and ".pdf" in said.text()
    assert not export.screenshot(str(tmp_path / "missing" / "a.png"))
    assert "No such file or directory" in said.text()
    assert not export.screenshot(str(tmp_path / "a.xyz"))
    assert "Unsupported image format" in said.text()
    assert {path.name for path in tmp_path.iterdir()} - {"settings.ini"} == {"plot.pdf"}


def test_a_camera_is_copied_and_pasted_as_text(opened) -> None:
    session = opened.session
    there = Camera((1.0, 2.5, 3.0), 70.0, 10.0, 20.0, "y", True)
    session.set_camera(there)
    opened.action_registry["copy_camera"].trigger()
    session.set_camera(Camera())
    opened.action_registry["paste_camera"].trigger()
    assert session.camera == there
    QGuiApplication.clipboard().setText("no camera")
    opened.action_registry["paste_camera"].trigger()
    assert session.camera == there and "no camera" in opened.job_bar.message.text()


@pytest.mark.parametrize(
    "text",
    ["", "{}", "[]", "7", '{"camera": 7}', '{"camera": {"center": [1, 2]}}', "[" * 9_999, "x" * 20_000],
)
def test_other_text_is_no_camera(text: str) -> None:
    with pytest.raises(codec.InputError):
        read_camera(text)
    with pytest.raises(codec.InputError):
        read_camera(camera_text(Camera()).replace('"up": "y"', '"up": "x"'))
