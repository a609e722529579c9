"""Loss in the window: the choice of quality, what comes back, and which voxels of it are guesses."""

from __future__ import annotations

import numpy as np
import pytest
from pictures import drawn, foreground, run_job
from PySide6.QtCore import QPointF
from windows import WAIT_MS, complete, idle, pull

from octavox import codec
from octavox.gui.document.colour_modes import GUESS_COLORS
from octavox.gui.document.facts import comparison_facts, properties
from octavox.gui.jobs import quality

pytestmark = [pytest.mark.gl, pytest.mark.slow]


def sampled(window, qtbot) -> None:
    window.docks["Quality"].raise_()
    qtbot.waitUntil(lambda: not window.workbench.sampling.busy, timeout=WAIT_MS)


@pytest.fixture
def lossy(opened, qtbot):
    """The sample, to be coded by the octree codec with one and a half levels guessed."""
    opened.commands.codec.set_option("codec", "octree")
    sampled(opened, qtbot)
    pull(opened.panels["Quality"].slider, 6)
    return opened


def words(panel) -> str:
    return "\n".join(label.text() for label in (panel.choice, panel.rate, panel.quality, panel.basis))


def test_the_slider_says_what_to_expect_and_then_what_came(lossy, qtbot) -> None:
    panel = lossy.panels["Quality"]
    assert lossy.session.kept.drop_levels == 1.5
    box = lossy.codec_panel._boxes["drop_levels"]
    assert box.currentText() == "1 1/2"
    said = words(panel)
    assert "1.5 levels" in said and "geometry: about" in said and "D1 about" in said
    assert "145,773 voxels" in said
    before = panel.plot.plot
    assert before.expected and before.chosen is not None and not before.curves
    run_job(lossy, qtbot, "compress")
    report = lossy.session.encode_report
    assert report["level"] == "lossy"
    said = words(panel)
    assert "about" not in said and "Measured" in said
    assert f"D1 {report['lossy']['d1_psnr']:.2f} dB" in said
    (curve,) = panel.plot.plot.curves
    assert curve.title == "Octree" and len(curve.marks) == 1
    assert "Compressed with loss" in lossy.job_bar.message.text()
    assert f"D1 {report['lossy']['d1_psnr']:.2f} dB" in lossy.job_bar.message.text()
    assert len(lossy.session.original.display) == 145_773  # the original stays what it is


def test_a_fraction_without_a_name_is_shown_in_the_codec_panel(lossy) -> None:
    pull(lossy.panels["Quality"].slider, 5)
    box = lossy.codec_panel._boxes["drop_levels"]
    assert box.currentText() == "1.25" and box.currentData() == 1.25
    pull(lossy.panels["Quality"].slider, 0)
    assert box.currentText() == "None" and box.findData(1.25) < 0
    assert "without loss" in words(lossy.panels["Quality"])


def test_what_is_kept_whole_has_no_guesses(lossy) -> None:
    lossy.commands.codec.set_option("keep", "file")
    assert lossy.session.kept.drop_levels == 0
    lossy.commands.codec.set_option("drop_levels", 2.0)
    assert lossy.session.kept.keep == "auto"


def test_nothing_lossy_is_called_identical(lossy, qtbot) -> None:
    run_job(lossy, qtbot, "compress")
    run_job(lossy, qtbot, "decompress")
    session = lossy.session
    assert session.original is not None and session.decoded is not None  # one cloud, two versions
    chip, certificate = lossy.job_bar.chip, session.certificate
    assert chip.isVisible() and chip.property("chip") == "fair"
    assert "identical" not in chip.toolTip().lower() and "guessed" in chip.toolTip()
    assert certificate.kept and not certificate.identical
    run_job(lossy, qtbot, "compare")
    facts = [(fact.section, fact.label, fact.value) for fact in properties(session)]
    everything = [*facts, *((f.section, f.label, f.value) for f in comparison_facts(session))]
    assert not [value for _, _, value in everything if "identical" in value or "lossless" in value.lower()]
    assert ("Certificate of loss", "D1 PSNR", f"{certificate.lossy.d1_psnr:.2f} dB") in facts
    report = session.comparison.report
    assert report.d1.psnr == pytest.approx(certificate.lossy.d1_psnr, abs=1e-6)
    assert report.d1.hausdorff == pytest.approx(certificate.lossy.hausdorff)
    labels = [label for _, label, _ in everything]
    assert "D2 PSNR" in labels and labels.count("Hausdorff") == 3
    assert session.view.cloud_mode == "d1"
    heat = drawn(lossy, "b")
    assert len(np.unique(heat[foreground(lossy, heat)], axis=0)) > 50


@pytest.mark.parametrize(("place", "levels"), [(2, {0, 1}), (4, {1}), (6, {1, 2})])
def test_guesses_have_a_colour_of_their_own(lossy, qtbot, place, levels) -> None:
    assert not lossy.action_registry["cloud_guessed"].isEnabled()
    pull(lossy.panels["Quality"].slider, place)
    run_job(lossy, qtbot, "compress")
    run_job(lossy, qtbot, "decompress")
    display = lossy.session.decoded.display
    assert set(np.unique(display.guessed).tolist()) == levels
    ours = codec.morton_encode(lossy.session.original.display.cloud.coords)
    wrong = codec.absent_codes(display.codes, ours)
    assert wrong.any() and not wrong[display.guessed == 0].any()  # what is coded is true
    for name in ("cloud_guessed", "shaded", "overlay"):
        lossy.action_registry[name].trigger()
    complete(qtbot, lossy)
    seen = {tuple(colour) for colour in np.unique(drawn(lossy, "b").reshape(-1, 3), axis=0).tolist()}
    assert {k for k, colour in enumerate(GUESS_COLORS.tolist()) if tuple(colour) in seen} == levels
    said = " ".join(words for _, words in lossy.viewport.legend.legends[-1].swatches)
    assert ("coded" in said) == (0 in levels) and "guessed" in said


def test_the_curve_appears_point_by_point_and_can_be_cancelled(lossy, qtbot, monkeypatch) -> None:
    real, seen = quality._encoded, []

    def once(cloud, options, drop, cancel):
        while seen:  # the first point alone is computed
            cancel.raise_if_cancelled()
        seen.append(drop)
        return real(cloud, options, drop, cancel)

    monkeypatch.setattr(quality, "_encoded", once)
    plot = lossy.panels["Quality"].plot
    lossy.action_registry["rd_curve"].trigger()
    qtbot.waitUntil(lambda: bool(plot.plot.curves), timeout=WAIT_MS)
    assert lossy.workbench.busy
    lossy.action_registry["cancel"].trigger()
    idle(qtbot, lossy)
    assert "what was computed stays" in lossy.job_bar.message.text()
    (curve,) = plot.plot.curves
    assert len(curve.marks) == 1
    monkeypatch.setattr(quality, "_encoded", real)
    run_job(lossy, qtbot, "rd_curve")
    (curve,) = plot.plot.curves
    assert len(curve.marks) == len(quality.CURVE)
    found, mark = plot.mark_at(QPointF(plot.place(curve.marks[2].bits, curve.marks[2].psnr)))
    assert found is curve and mark is curve.marks[2]
    assert lossy.session.stream is None  # the curve opens no bitstream


def test_another_cloud_begins_an_empty_plot(lossy, qtbot, tmp_path) -> None:
    run_job(lossy, qtbot, "compress")
    path = tmp_path / "wall.ply"
    rows = np.stack(np.meshgrid(np.arange(40), [3], np.arange(40), indexing="ij"), -1).reshape(-1, 3)
    codec.write_cloud(path, codec.PointCloud(rows.astype(np.int32)))
    lossy.commands.file.open_path(str(path))
    idle(qtbot, lossy)
    sampled(lossy, qtbot)
    assert lossy.panels["Quality"].plot.plot.curves == ()


def test_floats_are_compared_on_the_grid_of_the_bitstream(lossy, qtbot, tmp_path) -> None:
    rows = np.random.default_rng(0).normal(size=(30_000, 3))
    path = tmp_path / "ball.ply"
    codec.write_cloud(path, codec.PointCloud(40 * rows / np.linalg.norm(rows, axis=1)[:, None]))
    lossy.commands.file.open_path(str(path))
    idle(qtbot, lossy)
    lossy.commands.codec.set_option("drop_levels", 1.0)
    run_job(lossy, qtbot, "compress")
    run_job(lossy, qtbot, "decompress")
    assert lossy.session.pair is not None and lossy.session.certificate.kept
    assert "points moved by up to" in lossy.job_bar.chip.toolTip()
