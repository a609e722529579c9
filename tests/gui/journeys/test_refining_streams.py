"""Bitstreams of very many voxels: coarse at once, finer where one looks, and true words on both."""

from __future__ import annotations

import os

import numpy as np
import pytest
from pictures import drawn, foreground
from windows import WAIT_MS, complete, idle

from octavox import codec
from octavox.gui.document.events import PointsRead
from octavox.gui.document.facts import properties
from octavox.gui.jobs import detail
from octavox.gui.jobs import refine as refine_jobs

DEPTH, BUDGET = 9, 30_000


def hills() -> codec.VoxelCloud:
    """A surface without gaps over a square of 512 voxels, in metres."""
    x, y = np.meshgrid(np.arange(1 << DEPTH), np.arange(1 << DEPTH), indexing="ij")
    z = np.rint(60 + 40 * np.sin(x / 60) * np.cos(y / 45) + 3 * np.sin(x / 5)).astype(np.int64)
    coords = np.stack([x, y, z], axis=-1).reshape(-1, 3).astype(np.int32)
    coords = coords[np.argsort(codec.morton_encode(coords))]
    return codec.VoxelCloud(coords, DEPTH, codec.Transform((400.0, 600.0, 80.0), 0.25), "double")


@pytest.fixture(scope="module")
def stream(tmp_path_factory):
    """Its bitstream, in eight slices."""
    path = tmp_path_factory.mktemp("hills") / "hills.ovx"
    options = codec.CodecOptions(codec="octree", slices=8)
    codec.save_stream(path, codec.encode(hills(), options=options).data)
    return path


@pytest.fixture
def large(window, qtbot, monkeypatch, stream):
    """The window with the bitstream, which it takes for one of very many voxels, read as far as it needs."""
    monkeypatch.setattr(detail, "LARGE_BYTES", 0)
    monkeypatch.setattr(detail, "FIRST_LEVEL", 5)
    monkeypatch.setattr(detail, "EVERYWHERE", 3_000)
    window.session.large = 10_000
    window.session.set_budget(BUDGET)
    window.commands.file.open_any(str(stream))
    ready(window, qtbot)
    return window


def ready(window, qtbot) -> np.ndarray:
    """What is not background, once all is decoded and drawn."""
    idle(qtbot, window)
    complete(qtbot, window)
    return foreground(window, drawn(window, "b"))


def closer(window, notches: int) -> None:
    window.session.set_camera(window.session.camera.zoom(notches))


def test_a_large_bitstream_opens_coarse_and_says_so(large) -> None:
    item = large.session.decoded
    assert item.refining is not None
    assert BUDGET / 4 < len(item.display) <= 1.1 * BUDGET
    assert item.display.cell > 1
    cells, size = f"{len(item.display):,} cells", f"{item.display.cell}³"
    assert large.viewport.b.header.facts.text() == f"{cells}, the finest of {size} voxels"
    assert large.job_bar.on_disk.text() == f"Showing {cells} of {len(hills()):,} voxels, at most {BUDGET:,}"
    assert {f.label: f.value for f in properties(large.session)}["Cells"].endswith(
        f"the finest of {size} voxels"
    )


def test_a_closer_camera_gets_every_voxel_of_what_it_looks_at(large, qtbot) -> None:
    """Where voxels are large enough to be seen; no others, and no two cells in one place. The rest stays."""
    ready(large, qtbot)
    closer(large, 24)
    picture = ready(large, qtbot)
    assert picture.sum() > 1000
    display, pane = large.session.decoded.display, large.viewport.b.pane
    assert display.cell == 1 and len(display) <= 1.1 * BUDGET
    cloud, below = hills(), display.below
    fine = display.cloud.coords[below == 0]
    assert np.isin(codec.morton_encode(fine), codec.morton_encode(cloud.coords)).all()
    x, y, depth = large.session.camera.project(cloud.coords + 0.5, pane.width(), pane.height()).T
    near = large.session.camera.scale(pane.height()) / 4  # where a voxel has four pixels
    seen = (x > 0) & (x < pane.width()) & (y > 0) & (y < pane.height()) & (depth > 0) & (depth < near)
    assert seen.sum() > 100
    assert np.isin(codec.morton_encode(cloud.coords[seen]), codec.morton_encode(fine)).all()
    assert (below > 0).any()
    nodes = {(int(b), *(c >> b)) for b, c in zip(below, display.cloud.coords, strict=True)}
    assert len(nodes) == len(display)
    whole = codec.morton_encode(cloud.coords)
    for levels in np.unique(below).tolist():
        own = codec.morton_encode(display.cloud.coords[below == levels]) >> 3 * levels
        assert np.isin(own, whole >> 3 * levels).all()
    covered = sum(
        np.isin(whole >> 3 * b, codec.morton_encode(display.cloud.coords[below == b]) >> 3 * b)
        for b in np.unique(below).tolist()
    )
    assert (covered == 1).all()  # each voxel of the file lies in one cell
    assert large.viewport.b.header.facts.text().endswith("the finest of 1³ voxels")


def test_going_away_again_is_coarse_and_within_the_budget(large, qtbot) -> None:
    closer(large, 24)
    ready(large, qtbot)
    read = large.session.decoded.refining.parts.bytes_read
    closer(large, -24)
    ready(large, qtbot)
    item = large.session.decoded
    assert item.display.cell > 1 and len(item.display) <= 1.1 * BUDGET
    assert item.refining.parts.bytes_read == read  # what is known is not decoded again
    assert read <= item.refining.parts.bytes_all


def test_a_larger_budget_shows_finer_cells_at_once(large, qtbot) -> None:
    before = len(large.session.decoded.display)
    large.action_registry["budget_500000"].trigger()
    ready(large, qtbot)
    assert len(large.session.decoded.display) > 2 * before


def test_slices_are_shown_as_they_are_decoded(large, qtbot, monkeypatch) -> None:
    """Where decoding takes long, the view does not wait for all of it."""
    monkeypatch.setattr(refine_jobs, "STEP_S", 0.0)
    seen: list[int] = []
    large.session.events.subscribe(lambda event: seen.append(len(large.session.decoded.display)), PointsRead)
    large.session.set_budget(500_000)
    ready(large, qtbot)
    assert len(seen) > 2 and seen == sorted(seen)
    assert large.session.decoded.display.cell == 1


def test_a_camera_that_moves_on_ends_what_is_decoded_for_the_old_place(large, qtbot) -> None:
    reader = large.workbench.disk
    closer(large, 10)
    qtbot.waitUntil(lambda: reader._runner.busy, timeout=WAIT_MS)
    closer(large, 4)
    ready(large, qtbot)
    assert reader._done[id(large.session.decoded)].camera == large.session.camera
    assert large.session.decoded.refining.fault == ""


def test_what_needs_all_voxels_says_that_they_are_not_there(large) -> None:
    for name in ("export_ply", "decompress"):
        assert not large.action_registry[name].isEnabled(), name
        assert large.action_registry[name].toolTip(), name


def test_a_bitstream_that_is_cut_meanwhile_keeps_what_is_decoded(
    window, qtbot, monkeypatch, stream, tmp_path
) -> None:
    path = tmp_path / "cut.ovx"
    path.write_bytes(stream.read_bytes())
    monkeypatch.setattr(detail, "LARGE_BYTES", 0)
    window.session.large = 10_000
    window.session.set_budget(BUDGET)
    window.commands.file.open_any(str(path))
    ready(window, qtbot)
    window.session.decoded.refining.parts._kept.clear()
    os.truncate(path, 500)
    closer(window, 14)
    ready(window, qtbot)
    assert window.session.decoded.refining.fault
    assert window.viewport.b.header.facts.text().endswith("finer ones cannot be read")
    facts = {fact.label: fact.value for fact in properties(window.session)}
    assert facts["Fault"] == window.session.decoded.refining.fault


def test_closing_lets_go_of_the_file(large, qtbot) -> None:
    parts = large.session.decoded.refining.parts
    closer(large, 8)
    large.commands.file.clear_session()
    idle(qtbot, large)
    assert parts._source._file.closed
    assert not large.job_bar.on_disk.isVisible()
