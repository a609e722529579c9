"""Session, jobs, detail, display, export, command lines, words: the model without geometry and colour."""

from __future__ import annotations

import csv
import io
import json
import shlex
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from windows import sphere

from octavox import codec
from octavox.codec import BlockTable, CodecOptions, Progress, VoxelCloud
from octavox.codec.cli.main import main as cli_main
from octavox.gui.document import shading, text
from octavox.gui.document.advice import explain
from octavox.gui.document.blocks import BlockFilter
from octavox.gui.document.command_line import compress_command, decompress_command
from octavox.gui.document.detail import MOST_NEW, FrameBudget, interleave
from octavox.gui.document.display import prepare
from octavox.gui.document.events import (
    BlocksChanged,
    CertificateChanged,
    CloudsChanged,
    Event,
    StreamChanged,
    ViewChanged,
)
from octavox.gui.document.export import CSV_COLUMNS, blocks_csv, report_json, write_text
from octavox.gui.document.facts import block_facts, properties
from octavox.gui.document.items import CloudItem, StreamItem
from octavox.gui.document.job_state import JobState, Mailbox
from octavox.gui.document.session import Session
from octavox.gui.document.shading import _moments as moments
from octavox.gui.jobs.work import certify


def table(n: int = 4) -> BlockTable:
    origin = np.column_stack([np.arange(n) * 16, np.zeros(n), np.zeros(n)])
    return BlockTable.make(origin, 16, np.arange(1, n + 1), np.arange(n) * 10.0, 1.0, 0, np.nan, 5.0)


# -- display ---------------------------------------------------------------------------------------


def test_display_orders_points_and_shuffles_what_is_drawn_first() -> None:
    shown = prepare(sphere())
    n = len(shown)
    assert (np.diff(shown.codes) > 0).all()
    assert np.array_equal(np.sort(shown.points.place), np.arange(n))
    assert np.array_equal(shown.points.positions, shown.cloud.coords[shown.points.place] + np.float32(0.5))
    head = shown.cloud.coords[shown.points.place[: n // 10]]  # any prefix covers the whole cloud
    assert (head.min(axis=0) <= shown.low + 2).all()
    assert (head.max(axis=0) >= shown.high - 3).all()


def test_shading_follows_the_surface() -> None:
    shown = prepare(sphere())
    direction = shown.points.positions - 32.0
    direction = direction / np.linalg.norm(direction, axis=1, keepdims=True)
    light = np.array([0.35, 0.80, 0.49])
    first_camera = np.abs(direction @ light)
    assert np.corrcoef(first_camera, shown.points.shade)[0, 1] > 0.9
    assert shown.points.shade.min() >= 0.4
    assert shown.points.shade.max() <= 1.01


def test_shading_in_parts_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    whole, parts = prepare(sphere()).points, []
    monkeypatch.setattr(shading, "PART", 100)
    monkeypatch.setattr(shading, "_moments", lambda x: parts.append(len(x)) or moments(x))
    again = prepare(sphere()).points
    assert len(parts) > 20
    assert max(parts) < 100 + 64  # a part ends with a cell
    assert np.array_equal(whole.normals, again.normals)
    assert np.array_equal(whole.shade, again.shade)


@pytest.mark.parametrize(
    "points", [[], [[0, 0, 0]], [[0, 0, 0], [63, 63, 63]], [[5, 5, z] for z in range(9)]]
)
def test_tiny_and_degenerate_clouds_can_be_shown(points: list[list[int]]) -> None:
    coords = np.array(points, np.int32).reshape(-1, 3)
    shown = prepare(VoxelCloud(coords, 6))
    assert len(shown.points.shade) == len(coords)
    assert np.isfinite(shown.points.shade).all()
    assert shown.radius > 0


def test_the_nearest_voxel_is_found() -> None:
    shown = prepare(sphere())
    place = np.array([31.2, 50.9, 33.4])
    gaps = np.linalg.norm(shown.cloud.coords + 0.5 - place, axis=1)
    assert np.array_equal(shown.nearest_voxel(place), shown.cloud.coords[gaps.argmin()])


# -- detail ----------------------------------------------------------------------------------------


def test_budget_learns_and_always_draws_something() -> None:
    budget = FrameBudget(moving=70, still=45)
    for _ in range(40):
        budget.measured(1, 1000)
    assert budget.chunks(moving=True) == 1
    for _ in range(60):
        budget.measured(10, 20)
    assert budget.chunks(moving=True) == pytest.approx(35, abs=2)
    assert budget.chunks(moving=True, views=2) <= budget.chunks(moving=True) / 2 + 1


def test_new_chunks_come_a_few_at_a_time() -> None:
    """What OpenGL has not seen holds up the thread that submits it."""
    budget = FrameBudget()
    assert budget.new_chunks == 1
    for _ in range(40):
        budget.submitted(0, 5.0)
        budget.submitted(4, 5.8)
    assert budget.new_chunks == MOST_NEW
    for _ in range(40):
        budget.submitted(2, 13.0)  # 4 ms each
    assert budget.new_chunks == 2
    budget.busy = True
    assert budget.new_chunks == 1


@given(st.lists(st.integers(0, 30), max_size=4))
def test_every_chunk_is_drawn_once_and_layers_keep_pace(sizes: list[int]) -> None:
    order = interleave(sizes)
    assert sorted(order) == [(k, i) for k, n in enumerate(sizes) for i in range(n)]
    for stop in range(len(order)):
        for k, n in enumerate(sizes):
            drawn = sum(1 for layer, _ in order[:stop] if layer == k)
            assert abs(drawn - n * stop / max(1, len(order))) <= len(sizes)


# -- jobs ------------------------------------------------------------------------------------------


def test_mailbox_keeps_the_latest_step_and_every_block() -> None:
    box = Mailbox()
    assert box.take() is None
    box.put(Progress("encode", 1, 10, table(2)))
    box.put(Progress("encode", 4, 10, table(3), np.zeros((5, 3), np.int32)))
    update = box.take()
    assert update is not None
    assert (update.stage, update.done, update.total) == ("encode", 4, 10)
    assert [len(b) for b in update.blocks] == [2, 3]
    assert [len(c) for c in update.coords] == [5]
    assert box.take() is None


def test_time_left_is_told_when_it_is_known() -> None:
    now = [100.0]
    job, box = JobState("Compress", lambda: now[0]), Mailbox()

    def step(stage: str, done: int, total: int, blocks: BlockTable | None = None) -> None:
        box.put(Progress(stage, done, total, blocks))
        update = box.take()
        assert update is not None
        job.apply(update)

    assert "not known yet" in job.remaining_text()
    step("read", 0, 0)
    assert job.fraction is None
    step("encode", 0, 1000)
    now[0] += 2
    step("encode", 250, 1000, table(3))
    assert job.remaining == pytest.approx(6.0)
    assert job.remaining_text() == "6.0 s left"
    assert job.bpov == pytest.approx((0 + 10 + 20 + 3) / 6)
    step("write", 0, 10)  # a new stage starts its own count
    assert job.remaining is None
    job.cancelling = True
    assert job.remaining_text() == "cancelling"


# -- session ---------------------------------------------------------------------------------------


def test_selection_stays_with_its_block_through_a_new_coding_order() -> None:
    session = Session()
    session.set_blocks(table())
    session.set_view(selected=2)
    session.set_blocks(BlockTable.empty(), live=True)
    assert session.view.selected is None
    flipped = table()
    for name in ("origin", "size", "points", "bits"):
        setattr(flipped, name, getattr(flipped, name)[::-1].copy())
    session.append_blocks([flipped])
    assert session.view.selected == 1
    assert session.blocks.origin[1].tolist() == [32, 0, 0]


def test_owners_of_points_follow_the_arriving_blocks() -> None:
    session, shown = Session(), prepare(sphere())
    entry = CloudItem(shown, "a")
    session.set_original(entry)
    origin = [[32 * (k >> 2), 32 * (k >> 1 & 1), 32 * (k & 1)] for k in (5, 0, 3, 6)]
    rows = BlockTable.make(origin, 32, 1, 1.0)
    expected = np.full(len(shown), -1)
    assert np.array_equal(session.block_layer.owners(entry), expected)
    for k in range(4):
        session.append_blocks([BlockTable(*(getattr(rows, n)[k : k + 1] for n in rows.__dataclass_fields__))])
        inside = np.all(
            (shown.cloud.coords >= origin[k]) & (shown.cloud.coords < np.add(origin[k], 32)), axis=1
        )
        expected[inside] = k
        assert np.array_equal(session.block_layer.owners(entry), expected)
    session.set_blocks(rows)
    assert np.array_equal(session.block_layer.owners(entry), expected)


def test_isolation_and_filter_decide_what_is_visible() -> None:
    session = Session()
    session.set_blocks(table())
    session.set_view(filter=BlockFilter("points", 3, None))
    assert session.visible_blocks.tolist() == [False, False, True, True]
    session.set_view(selected=0, isolate=True)
    assert session.visible_blocks.tolist() == [True, False, False, False]


def test_closing_forgets_the_files_and_keeps_the_look() -> None:
    session = Session()
    told: list[Event] = []
    session.events.subscribe(told.append, Event)
    session.set_original(CloudItem(prepare(sphere()), "a.ply", "/x/a.ply"))
    session.set_stream(StreamItem(b"123"))
    session.set_blocks(table())
    session.set_view(block_mode="size", selected=1)
    assert session.suggested_path(".ovx") == "/x/a.ovx"
    session.clear()
    assert session.reference is None
    assert session.stream is None
    assert len(session.blocks) == 0
    assert session.view.selected is None
    assert session.view.block_mode == "size"
    assert {CloudsChanged, StreamChanged, BlocksChanged, ViewChanged, CertificateChanged} <= set(
        map(type, told)
    )


def test_facts_name_what_is_known() -> None:
    session = Session()
    assert properties(session) == []
    cloud = sphere()
    session.set_original(CloudItem(prepare(cloud), "a.ply", "/x/a.ply"))
    session.set_stream(StreamItem(b"x" * 1000, codec="octree"))
    session.set_blocks(table())
    session.set_certificate(certify(cloud, cloud, b"x"))
    facts = {(f.section, f.label): f.value for f in properties(session)}
    assert facts["Original", "Points"] == f"{len(cloud):,}"
    assert facts["Bitstream", "Bytes"] == "1,000"
    assert facts["Bitstream", "File"] == "not saved yet"
    assert facts["Lossless certificate", "Result"] == "identical"
    block = {f.label: f.value for f in block_facts(session, 3)}
    assert block["Origin"] == "48, 0, 0"
    assert block["Bits"] == "30.0"
    assert block["As one"] == "not tried"
    assert block["As eight"] == "5.0 bits"


# -- certificate -----------------------------------------------------------------------------------


def test_certificate_counts_what_is_missing_and_extra() -> None:
    cloud = sphere()
    assert certify(cloud, sphere(), b"").identical
    other = VoxelCloud(cloud.coords[3:], cloud.depth)
    changed = certify(cloud, other, b"")
    assert (changed.identical, changed.missing, changed.extra) == (False, 3, 0)
    assert changed.sha256_original != changed.sha256_decoded
    assert certify(other, cloud, b"").extra == 3


def test_the_same_voxels_on_another_grid_are_not_identical() -> None:
    cloud = sphere()
    moved = VoxelCloud(cloud.coords, cloud.depth, codec.Transform((1.0, 0.0, 0.0), 1.0))
    outcome = certify(cloud, moved, b"")
    assert not outcome.identical
    assert outcome.notes


# -- export ----------------------------------------------------------------------------------------


def test_csv_holds_every_block_in_full_precision() -> None:
    blocks = table()
    blocks.bits[1] = 1 / 3
    rows = list(csv.reader(io.StringIO(blocks_csv(blocks))))
    assert tuple(rows[0]) == CSV_COLUMNS
    assert len(rows) == 5
    first = dict(zip(rows[0], rows[2], strict=True))
    assert float(first["bits"]) == 1 / 3
    assert first["unsplit_bits"] == ""
    assert float(first["split_bits"]) == 5.0


def test_report_is_json_with_null_for_what_is_absent() -> None:
    session = Session()
    session.set_original(CloudItem(prepare(sphere()), "a", "/x/a.ply"))
    content = json.loads(report_json(session))
    assert content["source"] == "/x/a.ply"
    assert content["encode"] is None
    assert content["certificate"] is None


def test_text_files_are_replaced_whole(tmp_path) -> None:
    target = tmp_path / "a.csv"
    target.write_text("old")
    write_text(str(target), "new")
    assert target.read_text() == "new"
    assert [p.name for p in tmp_path.iterdir()] == ["a.csv"]
    with pytest.raises(OSError):
        write_text(str(tmp_path / "missing" / "a.csv"), "x")


# -- command lines ---------------------------------------------------------------------------------


def test_command_lines_are_understood_by_the_command_line(tmp_path, capsys) -> None:
    missing = str(tmp_path / "no such file.ply")
    options = CodecOptions(codec="octree", device="cpu")
    counted, divided = replace(options, block_size=8), CodecOptions(codec="voxeldnn", max_level=3)
    tried = replace(options, effort="high")
    out = str(tmp_path / "out.ovx")
    assert "--effort high" in compress_command(missing, out, tried)
    assert "--effort" not in compress_command(missing, out, replace(divided, effort="high"))
    assert "--block-size 8" in compress_command(missing, out, counted)
    assert "--max-level 3" in compress_command(missing, out, divided)
    for line in (
        *(compress_command(missing, out, chosen) for chosen in (options, counted, divided, tried)),
        *(decompress_command(missing, out, chosen) for chosen in (options, counted, divided)),
    ):
        words = shlex.split(line)
        assert words[0] == "octavox"
        assert cli_main(words[1:]) == 2  # understood, and then there is no such file
        assert "no such file.ply" in capsys.readouterr().err


# -- words -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "advice"),
    [
        (codec.CorruptStreamError("bad", field="slice 3", byte=7), "damaged"),
        (codec.UnsupportedStreamError("new"), "newer release"),
        (codec.WeightsError("no weights"), "octree"),
        (codec.InputError("odd"), "point cloud"),
        (MemoryError(), "fewer points"),
        (PermissionError("no"), "permissions"),
        (ZeroDivisionError("x"), "report"),
    ],
)
def test_every_error_says_what_to_do(error: Exception, advice: str) -> None:
    words = explain(error, "Opening a.ovx", "the traceback")
    assert words.title.startswith("Opening a.ovx failed: ")
    assert advice in words.advice
    assert words.details == "the traceback"


def test_corrupt_streams_name_the_place() -> None:
    assert (
        "(field 'slice 3', byte 7)"
        in explain(codec.CorruptStreamError("x", field="slice 3", byte=7), "A").title
    )


def test_numbers_read_well() -> None:
    assert text.count(145773) == "145,773"
    assert [text.size(v) for v in (999, 1000, 12345, 999_949, 999_960, 2.5e9)] == [
        "999 B", "1.0 kB", "12.3 kB", "999.9 kB", "1.0 MB", "2.5 GB",
    ]  # fmt: skip
    assert [text.duration(v) for v in (0.42, 9.96, 59.4, 61, 3725)] == [
        "0.4 s", "10.0 s", "59 s", "1 min 1 s", "1 h 2 min",
    ]  # fmt: skip
    assert [text.number(v) for v in (0, 1, 0.12345, 1234.5, float("nan"), 2e-7)] == [
        "0", "1", "0.1235", "1,234", "–", "2.000e-07",
    ]  # fmt: skip
