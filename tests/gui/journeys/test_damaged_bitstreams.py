"""Opening a damaged bitstream offers what is whole, and lists what is missing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from windows import idle

from octavox import codec
from octavox.codec import Loss
from octavox.gui.document.salvaged import lost_lines

pytestmark = pytest.mark.gl


@pytest.fixture
def cloud() -> codec.PointCloud:
    return codec.PointCloud(np.random.default_rng(1).integers(0, [900, 500, 60], (4000, 3)).astype(np.int32))


@pytest.fixture
def stream(cloud) -> bytes:
    return codec.encode(cloud, options=codec.CodecOptions(codec="octree", slices=4)).data


def opened(window, qtbot, path: Path) -> None:
    window.commands.file.open_any(str(path))
    idle(qtbot, window)


def test_what_is_whole_is_opened_and_what_is_missing_listed(window, qtbot, tmp_path, cloud, stream) -> None:
    path = tmp_path / "cut.ovx"
    path.write_bytes(stream[: len(stream) * 2 // 3])
    opened(window, qtbot, path)
    bar = window.error_bar
    assert bar.isVisible() and "cut.ovx" in bar.title.text() and bar.remedy.isVisible()
    assert window.session.reference is None
    bar.remedy.click()
    idle(qtbot, window)
    expected = codec.salvage(path)
    assert 0 < len(expected.cloud) < len(cloud)
    shown = window.session.decoded
    assert shown is not None and np.array_equal(shown.source.coords, expected.cloud.coords)
    assert window.session.stream is None  # there is none that could be saved
    assert bar.isVisible() and not bar.remedy.isVisible()
    assert f"{len(expected.cloud):,} points came back" in bar.title.text()
    details = bar.details.toPlainText()
    assert f"{len(cloud) - len(expected.cloud):,} points are lost." in details
    lost = ", ".join(map(str, expected.report.loss.slices))
    assert f"Lost slices: {lost}." in details and "The end of the bitstream is missing." in details
    assert details.count(" lay between ") == len(expected.report.loss.slices)
    target = tmp_path / "kept.ply"
    assert window.commands.export.cloud(str(target))
    idle(qtbot, window)
    assert np.array_equal(codec.read_cloud(target).coords, expected.cloud.coords)


@pytest.mark.parametrize("change", [lambda data: data[:-1], lambda data: data + b"x"], ids=["cut", "longer"])
def test_a_byte_too_few_or_too_many_loses_no_point(window, qtbot, tmp_path, cloud, stream, change) -> None:
    path = tmp_path / "almost.ovx"
    path.write_bytes(change(stream))
    opened(window, qtbot, path)
    window.error_bar.remedy.click()
    idle(qtbot, window)
    assert len(window.session.decoded.source) == len(cloud)
    assert window.error_bar.isHidden()
    assert "every point came back" in window.job_bar.message.text()


def test_where_nothing_is_whole_the_window_says_so(window, qtbot, tmp_path, stream) -> None:
    path = tmp_path / "cut.ovx"
    path.write_bytes(stream[:20])
    opened(window, qtbot, path)
    window.error_bar.remedy.click()
    idle(qtbot, window)
    assert window.error_bar.isVisible() and not window.error_bar.remedy.isVisible()
    assert window.session.reference is None


def test_what_is_no_bitstream_or_was_written_by_a_newer_release_is_not_offered(
    window, qtbot, tmp_path, stream
) -> None:
    path = tmp_path / "new.ovx"
    path.write_bytes(stream[:8] + b"\x63" + stream[9:])
    opened(window, qtbot, path)
    assert window.error_bar.isVisible() and not window.error_bar.remedy.isVisible()
    path.unlink()
    opened(window, qtbot, path)
    assert window.error_bar.isVisible() and not window.error_bar.remedy.isVisible()


def test_an_unsaved_bitstream_stays_open_beside_what_is_whole(compressed, qtbot, tmp_path, stream) -> None:
    path = tmp_path / "cut.ovx"
    path.write_bytes(stream[:-1])
    opened(compressed, qtbot, path)
    kept = compressed.session.stream
    assert kept is not None and not kept.saved
    compressed.error_bar.remedy.click()
    idle(qtbot, compressed)
    assert compressed.session.decoded.label == "cut.ovx" and compressed.session.stream is None
    assert kept in compressed.session.items and not kept.saved


def test_every_kind_of_loss_has_its_sentence() -> None:
    loss = Loss(
        slices=(3,),
        boxes=((0.0, 0.0, 0.0, 1.5, 2.0, 3.0),),
        voxels=5,
        points=1,
        uncounted=(1, 2),
        strays=7,
        damaged=((1000, 2001),),
        ended=False,
        file=True,
    )
    words = " ".join(lost_lines(loss))
    for part in ("1 point is lost.", "slices: 3.", "1.5", "Of slices 1, 2", "off the grid that are lost: 7",
                 "archived file", "Bytes 1,000 to 2,000", "The end"):  # fmt: skip
        assert part in words
    assert lost_lines(Loss(ended=False))[0] == "No point is lost."
