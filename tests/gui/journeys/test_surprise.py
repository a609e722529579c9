"""The surprise of a block: its points, colours and numbers; the view that shows them."""

from __future__ import annotations

import threading
from dataclasses import replace

import numpy as np
import pytest
from pictures import drawn, foreground, run_job
from PySide6.QtCore import Qt
from sample_clouds import make_sphere
from windows import WAIT_MS, complete

from octavox import codec
from octavox.codec import BlockTable, VoxelCloud, VoxelProbabilities
from octavox.gui.base.action_spec import can_show_surprise
from octavox.gui.base.undo import ChangeView
from octavox.gui.document.colormap import HEAT_TABLE
from octavox.gui.document.colour_modes import Look, paint_surprise
from octavox.gui.document.display import prepare
from octavox.gui.document.facts import block_facts
from octavox.gui.document.items import CloudItem, StreamItem
from octavox.gui.document.overlap import Overlap
from octavox.gui.document.session import Session
from octavox.gui.document.surprise import EXPECTED_COLOR, SCALE, Surprise, surprise_of

FOUND = VoxelProbabilities(
    coords=np.array([[5, 1, 1], [0, 0, 0], [9, 9, 9], [2, 2, 2], [3, 3, 3]], np.int32),
    probability=np.array([0.5, 2.0**-9, 0.9, 0.25, 0.1]),
    occupied=np.array([True, True, False, True, False]),
    bits=np.array([1.0, 9.0, 3.3, 2.0, 0.2]),
    other_bits=0.5,
)
CLOUD = VoxelCloud(np.array([[0, 0, 0], [2, 2, 2], [5, 1, 1], [70, 0, 0]], np.int32), 7)


def known(cloud: VoxelCloud = CLOUD) -> Surprise:
    return surprise_of(cloud, (0, 0, 0), 64, FOUND)


def session_with_blocks() -> Session:
    session = Session()
    session.set_original(CloudItem(prepare(CLOUD), "a.ply"))
    session.set_stream(StreamItem(b"123", codec="voxeldnn"))
    session.set_blocks(BlockTable.make([[0, 0, 0], [64, 0, 0]], 64, [3, 1], [16.0, 8.0]))
    return session


def answer(cloud, block, stream, **others) -> VoxelProbabilities:
    """Stands in for a codec: every voxel of the block was as likely as not."""
    low = np.array(block.origin)
    inside = ((cloud.coords >= low) & (cloud.coords < low + block.size)).all(1)
    coords = cloud.coords[inside]
    half = np.full(len(coords), 0.5)
    return VoxelProbabilities(coords, half, np.ones(len(coords), bool), 2 * half, 0.0)


# -- the model ---------------------------------------------------------------------------------------


def test_occupied_voxels_take_heat_and_expected_ones_another_colour() -> None:
    display = known().display
    assert display.cloud.coords.tolist() == [[0, 0, 0], [2, 2, 2], [5, 1, 1], [9, 9, 9]]  # in Morton order
    expected = [*SCALE.colors_of([9.0, 2.0, 1.0]).tolist(), list(EXPECTED_COLOR)]
    assert display.cloud.colors.tolist() == expected
    painted = paint_surprise(display.points, Look(shaded=False))
    assert np.array_equal(painted, np.array(expected)[display.points.place])
    assert (paint_surprise(display.points, Look()) <= painted).all()


def test_the_other_colour_is_far_from_every_heat() -> None:
    gaps = np.linalg.norm(HEAT_TABLE.astype(float) - EXPECTED_COLOR, axis=1)
    assert gaps.min() > 100


def test_the_scale_is_the_same_for_all_blocks() -> None:
    scale, empty = known().legends
    assert (scale.title, scale.unit, scale.clipped) == ("Surprise", "bits per voxel", True)  # one cost 9 bits
    assert [label for _, label in scale.ticks] == ["0", "2", "4", "6", "8"]
    assert empty.swatches[0][0] == EXPECTED_COLOR
    assert "expected" in empty.swatches[0][1]
    cheap = surprise_of(CLOUD, (0, 0, 0), 64, answer(CLOUD, codec.BlockPlace((0, 0, 0), 64), b""))
    assert not cheap.legends[0].clipped


def test_numbers_of_a_block() -> None:
    surprise = known()
    assert surprise.expected_empty == 1
    assert surprise.mean_bits == pytest.approx(4.0)
    assert surprise.empty_bits == pytest.approx(4.0)
    assert surprise.costliest == (9.0, (0, 0, 0))
    session = session_with_blocks()
    session.set_surprise(surprise)
    session.set_view(selected=0, surprise=True)
    facts = {fact.label: fact.value for fact in block_facts(session, 0) if fact.section == "Surprise"}
    assert facts == {
        "With context": "5 voxels",
        "Occupied": "4.000 bits each",
        "Empty": "4.0 bits in all",
        "Maximum": "9.00 bits",
        "At voxel": "0, 0, 0",
    }
    coarser = surprise_of(CLOUD, (0, 0, 0), 64, replace(FOUND, other_bits=0.0, coarser_bits=7.25))
    session.set_surprise(coarser)
    facts = {fact.label: fact.value for fact in block_facts(session, 0) if fact.section == "Surprise"}
    assert (facts["Coarser"], facts["Empty"]) == ("7.2 bits in all", "3.5 bits in all")
    session.set_view(selected=1)  # nothing is known of that one
    assert "Surprise" not in {fact.section for fact in block_facts(session, 1)}


def test_a_surprise_belongs_to_one_block_of_one_cloud() -> None:
    session = session_with_blocks()
    session.set_view(selected=0, surprise=True)
    assert session.alone
    assert session.visible_blocks.tolist() == [True, False]
    assert session.surprise_due
    session.set_surprise(known())
    assert session.shown_surprise is session.surprise
    assert not session.surprise_due
    session.set_view(selected=1)
    assert session.shown_surprise is None
    assert session.surprise_due
    session.set_view(selected=0, surprise=False)
    assert session.shown_surprise is None
    assert not session.surprise_due
    session.set_view(surprise=True)  # known already
    assert not session.surprise_due
    session.set_original(CloudItem(prepare(VoxelCloud(CLOUD.coords.copy(), 7)), "b.ply"))
    assert session.surprise_due


def test_only_an_equal_cloud_is_drawn_in_the_same_colours() -> None:
    session = session_with_blocks()
    decoded = CloudItem(prepare(VoxelCloud(CLOUD.coords.copy(), 7)), "decoded")
    session.set_decoded(decoded)
    session.set_surprise(known())
    session.set_view(selected=0, surprise=True)
    assert session.surprise_on(session.original) is session.surprise
    assert session.surprise_on(decoded) is None
    none = np.zeros(len(CLOUD), bool)
    session.set_decoded(decoded, Overlap(none, none))
    assert session.surprise_on(decoded) is session.surprise


def test_a_block_that_goes_takes_its_surprise_along() -> None:
    session = session_with_blocks()
    session.set_view(selected=1, surprise=True)
    session.set_blocks(BlockTable.empty())
    assert not session.view.surprise
    session = session_with_blocks()
    session.set_view(selected=1)
    command = ChangeView(session, "surprise", surprise=True)
    session.set_stream(None)
    command.redo()
    assert not session.view.surprise
    session.set_surprise(known())
    session.clear()
    assert session.surprise is None


def test_why_the_codec_cannot_be_asked() -> None:
    session = Session()
    assert "no cloud" in can_show_surprise(session)
    session = session_with_blocks()
    assert "no block is selected" in can_show_surprise(session)
    session.set_view(selected=0)
    assert can_show_surprise(session) == ""
    session.set_stream(None)
    assert "bitstream" in can_show_surprise(session)


# -- the window --------------------------------------------------------------------------------------


@pytest.fixture
def ball(window, finish, tmp_path):
    """The window with a small sphere, which eight blocks of 64 share."""
    path = tmp_path / "ball.ply"
    codec.write_ply(path, make_sphere(7, 20.0))
    window.commands.file.open_path(str(path))
    finish(window)
    window.commands.codec.set_option("max_level", 1)
    return window


@pytest.fixture
def coded(ball, qtbot):
    """Its blocks made by the stand-in codec."""
    ball.commands.codec.set_option("codec", "fake")
    run_job(ball, qtbot, "compress")
    ball.commands.view.select(0)
    return ball


def settle(window, qtbot) -> None:
    """Waits until nothing is asked any more and the picture is complete."""
    bench, analyse = window.workbench, window.commands.surprise
    qtbot.waitUntil(lambda: not analyse.about_to_compute and not bench.jobs.busy, timeout=WAIT_MS)
    complete(qtbot, window)


def colours(picture: np.ndarray) -> dict[tuple[int, ...], int]:
    found, counts = np.unique(picture.reshape(-1, 3), axis=0, return_counts=True)
    return {tuple(c): int(n) for c, n in zip(found.tolist(), counts, strict=True)}


def check_against_library(window, row: int) -> None:
    """Colours on the screen and numbers in the inspector are those of the library."""
    session, blocks = window.session, window.session.blocks
    cloud = session.original.display.cloud
    found = codec.voxel_probabilities(cloud, blocks.place(row), session.stream.data)
    heat = {tuple(c) for c in SCALE.colors_of(found.bits[found.occupied]).tolist()}
    shown = colours(drawn(window))
    assert len(heat & shown.keys()) > 10
    assert sum(shown.get(c, 0) for c in heat) > 500
    assert (EXPECTED_COLOR in shown) == bool((~found.occupied & (found.probability >= 0.5)).any())
    strange = {tuple(c) for c in HEAT_TABLE.tolist()} & shown.keys() - heat
    assert not strange
    facts = window.inspector.facts
    worst = int(np.argmax(found.bits))
    assert window.inspector.heading.text() == f"Block #{row}"
    assert facts.text_of("With context") == f"{len(found.coords):,} voxels"
    assert facts.text_of("Occupied") == f"{found.bits[found.occupied].mean():.3f} bits each"
    empty = found.bits[~found.occupied].sum() + found.other_bits
    assert facts.text_of("Empty") == f"{empty:,.1f} bits in all"
    if found.coarser_bits:
        assert facts.text_of("Coarser") == f"{found.coarser_bits:,.1f} bits in all"
    assert facts.text_of("Maximum") == f"{found.bits[worst]:.2f} bits"
    assert facts.text_of("At voxel") == ", ".join(str(v) for v in found.coords[worst])


@pytest.mark.slow
@pytest.mark.gl
@pytest.mark.parametrize("name", ["voxeldnn", "multiscale", "octree"])
def test_surprise_comes_follows_the_selection_and_goes(ball, qtbot, name) -> None:
    action, session = ball.action_registry["surprise"], ball.session
    assert not action.isEnabled()
    assert "no blocks yet" in action.toolTip()
    ball.commands.codec.set_option("codec", name)
    run_job(ball, qtbot, "compress")
    assert session.stream.codec == name
    assert "no block is selected" in action.toolTip()
    ball.action_registry["shaded"].trigger()  # exact colours
    ball.commands.view.select(0)
    ball.action_registry["zoom_block"].trigger()
    settle(ball, qtbot)
    first = drawn(ball)

    action.trigger()
    settle(ball, qtbot)
    assert ball.error_bar.isHidden()
    assert action.isChecked()
    assert [x.title for x in ball.viewport.legend.legends] == ["Surprise", "Empty"]
    check_against_library(ball, 0)

    ball.commands.view.select(5)
    ball.action_registry["zoom_block"].trigger()
    settle(ball, qtbot)
    check_against_library(ball, 5)

    ball.commands.view.select(0)
    ball.action_registry["zoom_block"].trigger()
    settle(ball, qtbot)
    action.trigger()
    settle(ball, qtbot)
    assert ball.viewport.legend.legends[0].title == "Bits per block"
    assert np.array_equal(drawn(ball), first)
    with pytest.raises(KeyError):
        ball.inspector.facts.text_of("With context")


@pytest.mark.slow
@pytest.mark.gl
def test_blocks_by_surprise_are_computed_once_and_lead_to_the_most_surprising(ball, qtbot) -> None:
    session, blocks_by = ball.session, ball.action_registry["blocks_surprise_max"]
    assert not blocks_by.isEnabled()
    ball.commands.codec.set_option("codec", "octree")
    run_job(ball, qtbot, "compress")
    ball.action_registry["blocks_bits"].trigger()
    ball.action_registry["cloud_block"].trigger()
    by_bits = drawn(ball)
    blocks_by.trigger()
    ball.action_registry["most_expensive"].trigger()  # waits for what is computed
    assert session.view.selected is None
    assert "being computed first" in ball.log.toPlainText()
    settle(ball, qtbot)
    assert "Computed the surprise of all 8 blocks" in ball.job_bar.message.text()
    cloud, data, blocks = session.original.display.cloud, session.stream.data, session.blocks
    found = [codec.voxel_probabilities(cloud, blocks.place(row), data) for row in range(len(blocks))]
    means = [block.bits[block.occupied].mean() for block in found]
    most = [block.bits.max() for block in found]
    model = ball.table.table.model()
    titles = [model.headerData(k, Qt.Orientation.Horizontal) for k in range(model.columnCount())]
    for title, values, digits in (("Mean surprise", means, 3), ("Largest surprise", most, 2)):
        shown = [model.index(row, titles.index(title)).data() for row in range(8)]
        assert shown == [f"{value:.{digits}f}" for value in values]
    assert session.view.selected == int(np.argmax(most))
    assert session.by_cost.tolist() == sorted(range(8), key=lambda row: -most[row])
    assert "Largest surprise" in [legend.title for legend in ball.viewport.legend.legends]
    assert not np.array_equal(drawn(ball), by_bits)
    computed = session.blocks
    ball.action_registry["blocks_surprise_mean"].trigger()
    settle(ball, qtbot)
    assert session.blocks is computed  # both are known
    assert session.by_cost.tolist() == sorted(range(8), key=lambda row: -means[row])


@pytest.mark.gl
def test_blocks_by_surprise_that_cannot_be_computed_are_by_bits_again(coded, qtbot) -> None:
    coded.action_registry["blocks_surprise_mean"].trigger()  # the stand-in codec knows no probabilities
    qtbot.waitUntil(coded.error_bar.isVisible, timeout=WAIT_MS)
    settle(coded, qtbot)
    assert coded.session.view.block_mode == "bits" and not coded.session.surprises_due
    assert coded.action_registry["blocks_bits"].isChecked()


@pytest.mark.slow
@pytest.mark.gl
def test_a_question_that_fails_is_shown_and_not_asked_again(coded, qtbot, monkeypatch) -> None:
    asked = []

    def refuse(*args, **options):
        asked.append(args)
        raise codec.WeightsError("the weights are gone")

    monkeypatch.setattr(codec, "voxel_probabilities", refuse)
    coded.viewport.refresh()  # drawn at once, as at the end: of points that are as near, the later is seen
    settle(coded, qtbot)
    before = drawn(coded)
    coded.action_registry["surprise"].trigger()
    qtbot.waitUntil(coded.error_bar.isVisible, timeout=WAIT_MS)
    assert "the weights are gone" in coded.error_bar.title.text()
    coded.error_bar.dismiss.click()
    qtbot.wait(50)
    settle(coded, qtbot)
    assert len(asked) == 1
    assert not coded.session.view.surprise
    assert not coded.action_registry["surprise"].isChecked()
    assert np.array_equal(drawn(coded), before)


@pytest.mark.slow
@pytest.mark.gl
def test_a_question_can_be_cancelled(coded, qtbot, monkeypatch) -> None:
    go_on, begun = threading.Event(), threading.Event()

    def slow(*args, **options):
        begun.set()
        go_on.wait(WAIT_MS / 1000)
        return answer(*args, **options)

    monkeypatch.setattr(codec, "voxel_probabilities", slow)
    coded.action_registry["surprise"].trigger()
    qtbot.waitUntil(begun.is_set, timeout=WAIT_MS)
    assert coded.workbench.jobs.busy
    assert not coded.action_registry["compress"].isEnabled()
    assert foreground(coded, drawn(coded)).any()  # the block alone, until the answer is there
    coded.action_registry["cancel"].trigger()
    go_on.set()
    settle(coded, qtbot)
    assert "cancelled" in coded.job_bar.message.text()
    assert coded.error_bar.isHidden()
    assert not coded.session.view.surprise
    assert coded.session.surprise is None


@pytest.mark.slow
@pytest.mark.gl
def test_selecting_while_the_network_is_asked(coded, qtbot, monkeypatch) -> None:
    """The answer about the block that was left is not drawn; the one selected last is asked about next."""
    go_on = threading.Event()

    def held(*args, **options):
        go_on.wait(WAIT_MS / 1000)
        return answer(*args, **options)

    monkeypatch.setattr(codec, "voxel_probabilities", held)
    coded.action_registry["surprise"].trigger()
    qtbot.waitUntil(lambda: coded.workbench.jobs.busy, timeout=WAIT_MS)
    for row in (1, 2, 3):
        coded.commands.view.select(row)
    go_on.set()
    qtbot.waitUntil(lambda: coded.session.shown_surprise is not None, timeout=WAIT_MS)
    settle(coded, qtbot)
    assert coded.session.surprise.origin == tuple(coded.session.blocks.origin[3].tolist())
    assert coded.viewport.a.drawn is coded.session.surprise.display
    coded.action_registry["deselect"].trigger()
    settle(coded, qtbot)
    assert not coded.session.view.surprise
    assert coded.viewport.a.drawn is coded.session.original.display
    coded.menus.undo.trigger()
    settle(coded, qtbot)
    assert coded.viewport.a.drawn is coded.session.surprise.display
