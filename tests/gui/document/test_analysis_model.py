"""Histogram, byte map, comparison of streams, queue, forecast, sessions as files: rules without a display."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from octavox import codec
from octavox.codec import BlockTable, CodecOptions, InputError
from octavox.gui.commands.autosave import LOCK, SESSION, STREAM, Autosave
from octavox.gui.document.block_comparison import compare_blocks
from octavox.gui.document.blocks import BlockFilter
from octavox.gui.document.byte_map import blocks_of, byte_map, hex_dump, part_of
from octavox.gui.document.camera import Camera
from octavox.gui.document.command_line import COMMANDS
from octavox.gui.document.events import BatchEnded, Event, StreamChanged, ViewChanged
from octavox.gui.document.eyedome import shadows
from octavox.gui.document.forecast import FIRST_SECONDS, learned, rate_key, seconds_for
from octavox.gui.document.histogram import Histogram
from octavox.gui.document.items import StreamItem
from octavox.gui.document.queue import DONE, RUNNING, Queue
from octavox.gui.document.scale_bar import scale_bar
from octavox.gui.document.search import ranked, score
from octavox.gui.document.session import Session
from octavox.gui.document.session_file import read_session, session_text
from octavox.gui.document.tour import STEPS, Tour


def table(bits: list[float], size: int = 64) -> BlockTable:
    count = len(bits)
    origin = np.column_stack([np.arange(count) * size, np.zeros(count), np.zeros(count)])
    return BlockTable.make(origin, size, np.arange(1, count + 1), bits, 1.0, np.arange(count) % 3)


def ball(depth: int = 7) -> codec.VoxelCloud:
    grid = np.stack(np.meshgrid(*[np.arange(1 << depth)] * 3, indexing="ij"), -1).reshape(-1, 3)
    away = np.abs(np.linalg.norm(grid - (1 << depth) / 2, axis=1) - (1 << depth) / 3)
    return codec.voxelize(codec.PointCloud(grid[away < 0.6], coordinate_type="int"), depth=depth)[0]


def test_every_block_is_in_one_bar() -> None:
    blocks = table(np.random.default_rng(0).gamma(2.0, 100.0, 500).tolist())
    for column in ("bits", "bpov", "points", "slice", "size"):
        histogram = Histogram.of(blocks, column)
        assert histogram.counts.sum() == 500
        assert (np.diff(histogram.edges) > 0).all()
    assert len(Histogram.of(blocks, "slice")) == 3  # a bar for every whole number
    assert len(Histogram.of(BlockTable.empty(), "bits")) == 0


@pytest.mark.parametrize(("first", "last"), [(0, 0), (3, 10), (10, 3), (0, 59), (59, 59), (30, 99)])
def test_a_brush_keeps_the_blocks_of_its_bars(first: int, last: int) -> None:
    blocks = table(np.random.default_rng(1).gamma(2.0, 100.0, 500).tolist())
    histogram = Histogram.of(blocks, "bits")
    low, high = sorted((first, min(last, len(histogram) - 1)))
    keep = histogram.brushed(first, last)
    assert keep.mask(blocks).sum() == histogram.counts[low : high + 1].sum()
    assert keep.active == ((low, high) != (0, len(histogram) - 1))


def test_the_map_of_bytes_covers_the_file() -> None:
    result = codec.encode(ball(), options=CodecOptions(codec="octree"))
    parts = byte_map(result.data)
    assert parts[0].first == 0
    assert parts[-1].last == len(result.data)
    assert all(a.last == b.first for a, b in zip(parts, parts[1:]))
    part = part_of(parts, result.blocks, 0)
    assert part is not None and part.slice == result.blocks.slice[0]
    assert set(blocks_of(parts, result.blocks, part.first)) >= {0}
    assert len(blocks_of(parts, result.blocks, 0)) == 0  # the header is nobody's
    first = hex_dump(result.data, 0, 1)
    assert first.startswith("00000000  " + result.data[:4].hex(" "))
    assert byte_map(b"no stream") == []


def test_equal_tables_compare_row_by_row() -> None:
    a, b = table([10.0, 20.0, 30.0]), table([12.0, 15.0, 30.0])
    found = compare_blocks(a, b)
    assert found.delta.tolist() == [2.0, -5.0, 0.0]
    assert found.row.tolist() == [0, 1, 2]
    assert found.share[0] == pytest.approx(100 * 2 / 11)


def test_other_partitions_compare_in_the_cubes_of_the_largest_block() -> None:
    a = BlockTable.make([[0, 0, 0], [64, 0, 0]], 64, [5, 7], [100.0, 50.0])
    b = BlockTable.make([[0, 0, 0], [32, 0, 0], [128, 0, 0]], [32, 32, 64], [2, 3, 4], [30.0, 40.0, 9.0])
    found = compare_blocks(a, b)
    assert found.origin[:, 0].tolist() == [0, 64, 128]
    assert found.bits_a.tolist() == [100.0, 50.0, 0.0]
    assert found.bits_b.tolist() == [70.0, 0.0, 9.0]
    assert found.points.tolist() == [5, 7, 4]
    assert found.row.tolist() == [0, 1, -1]
    assert np.isinf(found.share[2])


def test_the_most_expensive_of_a_cube_stands_for_it() -> None:
    a = BlockTable.make([[0, 0, 0], [32, 0, 0]], 32, [5, 7], [10.0, 50.0])
    b = BlockTable.make([[0, 0, 0]], 64, 12, 70.0)
    assert compare_blocks(a, b).row.tolist() == [1]


def test_queue_entries_never_share_a_target(tmp_path: Path) -> None:
    (tmp_path / "a.ovx").write_bytes(b"there already")
    queue = Queue()
    entries = [queue.add(str(tmp_path / "a.ply"), CodecOptions()) for _ in range(3)]
    assert len({entry.target for entry in entries}) == 3
    assert all(not Path(entry.target).exists() for entry in entries)
    assert queue.next is entries[0]
    entries[0].state = RUNNING
    assert queue.running is entries[0]
    assert not queue.remove(entries[0])
    entries[0].state = DONE
    assert queue.next is entries[1]
    assert queue.remove(entries[1])
    assert queue.next is entries[2]


def test_forecasts_learn_from_what_was_measured() -> None:
    options = CodecOptions(codec="octree")
    guess = seconds_for(options, 1_000_000, None)
    rate = learned(None, 1_000_000, 10.0)
    assert seconds_for(options, 2_000_000, rate) == pytest.approx(20.0)
    assert seconds_for(options, 1_000_000, learned(rate, 1_000_000, 5.0)) < 10.0 != guess
    slow = replace(options, codec="voxeldnn", max_level=1)
    assert len({rate_key(options), rate_key(slow), rate_key(replace(slow, max_level=4))}) == 3
    tried = replace(options, effort="high")
    assert rate_key(tried) != rate_key(options)
    once, tries = (seconds_for(chosen, 100_000, None) - FIRST_SECONDS for chosen in (options, tried))
    assert tries > 10 * once
    session = Session()
    assert session.forecast(1000)[1] is False
    session.rates[rate_key(session.options)] = 100.0
    assert session.forecast(1000) == (10.0, True)


def test_the_scale_bar_is_round_and_fits() -> None:
    for distance in (3.0, 50.0, 777.0, 1e5):
        bar = scale_bar(Camera(distance=distance), 600, 0.02)
        assert 160 / 2.6 < bar.pixels <= 160
        length = float(bar.words.split()[0].replace(",", ""))
        assert f"{length:e}"[0] in "125"
    assert scale_bar(Camera(distance=50.0), 600, 1.0).words == "5 voxels"


def test_eye_dome_darkens_what_lies_behind_an_edge() -> None:
    depth = np.full((40, 40), np.inf, np.float32)
    depth[5:35, 5:20] = 100.0
    depth[5:35, 20:35] = 110.0
    dark = shadows(depth, 200.0)
    assert dark[20, 21] > 60  # behind its neighbours on the left
    assert dark[20, 18] == dark[20, 28] == 0  # in front, and in the middle of a plane
    assert not dark[np.isinf(depth)].any()


def test_search_finds_words_before_letters() -> None:
    names = ["Show blocks", "Dearest block", "Decode a part", "Open recent"]
    assert ranked("dear", names)[0] == 1
    assert ranked("block dea", names) == [1]
    assert ranked("", names) == [0, 1, 2, 3]
    assert score("xyz", "Dearest block") is None


def test_the_tour_goes_on_when_a_step_is_done() -> None:
    session = Session()
    tour = Tour(session)
    assert len(STEPS) == 10
    assert not tour.done
    tour.go(1)
    session.set_camera(session.camera.orbit(30, 0))
    assert tour.done
    tour.go(1)
    assert not tour.done
    session.set_stream(StreamItem(b""))
    assert tour.done
    for _ in range(20):
        tour.go(1)
    assert tour.last


def filled(tmp_path: Path) -> Session:
    session = Session()
    session.set_blocks(table([3.0, 9.0, 5.0]))
    session.set_stream(StreamItem(b"bytes", None, "octree"))
    session.set_camera(Camera((1.0, 2.0, 3.0), 50.0, 12.0, -7.0, "z"))
    session.keep_bookmark(3)
    session.set_view(
        selected=1, block_mode="bpov", hidden_sizes=frozenset({8, 32}), opacity=30,
        filter=BlockFilter("bits", 2.0, None), edl=True, scrub=2,
    )  # fmt: skip
    session.set_options(codec="octree", threads=1)
    return session


def test_a_session_comes_back_from_its_file(tmp_path: Path) -> None:
    session = filled(tmp_path)
    path = tmp_path / "s.octavox"
    path.write_text(session_text(session, str(tmp_path / "kept.ovx")))
    saved = read_session(str(path))
    assert saved.stream == str(tmp_path / "kept.ovx")
    assert saved.original is None
    assert saved.camera == session.camera
    assert saved.bookmarks == {3: session.camera}
    assert saved.view == replace(session.view, selected=None, scrub=None)
    assert saved.selected == (session.blocks.origin[1].tolist(), 64)
    assert saved.options["codec"] == "octree" and saved.options["threads"] == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"format": "other"}, "format"),
        ({"version": 2}, "version"),
        ({"view": {"block_mode": "none such"}}, "view"),
        ({"view": {"opacity": "dark"}}, "view"),
        ({"view": {"filter": {"column": "none such"}}}, "view"),
        ({"camera": {"center": [0, 0]}}, "camera"),
        ({"bookmarks": {"x": {}}}, "bookmarks"),
        ({"options": {"codec": "octree", "threads": None}, "selected": {"size": 3}}, "selected"),
        ({"options": {"slices": "two"}}, "options"),
        ({"options": {"threads": True}}, "options"),
        ({"options": ["octree"]}, "options"),
        ({"depth": "deep"}, "depth"),
        ({"original": 5}, "original"),
    ],
)
def test_a_damaged_session_file_names_its_field(tmp_path: Path, change: dict, field: str) -> None:
    path = tmp_path / "s.octavox"
    content = json.loads(session_text(filled(tmp_path)))
    path.write_text(json.dumps({**content, **change}))
    with pytest.raises(InputError) as error:
        read_session(str(path))
    assert error.value.field == field


def test_changes_made_together_are_told_once() -> None:
    session = Session()
    told: list[tuple[type[Event], bool]] = []
    session.events.subscribe(lambda event: told.append((type(event), session.events.in_batch)), Event)
    with session.together():
        session.set_view(edl=True)
        with session.together():
            session.set_stream(StreamItem(b""))
        session.set_view(edl=False)
        assert told == []
    assert told == [(ViewChanged, True), (StreamChanged, True), (BatchEnded, False)]
    session.set_view(edl=True)
    assert told[3:] == [(ViewChanged, False)]


def test_changes_are_told_even_if_one_fails() -> None:
    session = Session()
    told: list[Event] = []
    session.events.subscribe(told.append, Event)
    with pytest.raises(RuntimeError):
        with session.together():
            session.set_stream(StreamItem(b""))
            raise RuntimeError("half way")
    assert told == [StreamChanged(), BatchEnded()]


@pytest.mark.parametrize("named", ["/gone/cloud.ply", "C:\\gone\\cloud.ply"])
def test_a_session_may_move_with_its_files(tmp_path: Path, named: str) -> None:
    path = tmp_path / "s.octavox"
    content = json.loads(session_text(Session()))
    path.write_text(json.dumps(content | {"original": named, "stream": "/gone/"}))
    assert read_session(str(path)).original == named  # it will be missed under that name
    (tmp_path / "cloud.ply").touch()
    assert read_session(str(path)).original == str(tmp_path.resolve() / "cloud.ply")
    assert read_session(str(path)).stream == "/gone/"
    (tmp_path / "there.ply").touch()
    (tmp_path / "deeper").mkdir()
    (tmp_path / "deeper" / "there.ply").touch()
    there = str(tmp_path / "deeper" / "there.ply")
    path.write_text(json.dumps(content | {"original": there}))
    assert read_session(str(path)).original == there  # what is where it was is taken


def test_what_is_no_json_is_no_session(tmp_path: Path) -> None:
    path = tmp_path / "s.octavox"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError):
        read_session(str(path))


def test_autosave_offers_only_what_a_dead_process_left(tmp_path: Path) -> None:
    autosave, other = Autosave(tmp_path, filled(tmp_path)), Autosave(tmp_path, filled(tmp_path))
    assert autosave.left_over() is None
    assert autosave.save() and other.save()  # two windows, each in a folder of its own
    assert [path.read_bytes() for path in tmp_path.glob(f"*/{STREAM}")] == [b"bytes"] * 2
    assert Autosave(tmp_path, Session()).left_over() is None  # they live
    dead_window(tmp_path)
    third = Autosave(tmp_path, filled(tmp_path))
    found = third.left_over()
    assert found is not None
    assert third.has_left(read_session(str(found)).stream)
    assert not third.has_left(None) and not third.has_left(str(tmp_path / STREAM))
    assert Autosave(tmp_path, Session()).left_over() is None  # it is offered there already
    assert third.save()  # beside it: an offer may stay unanswered
    third.end()
    assert found.is_file()
    again = Autosave(tmp_path, Session())
    assert again.left_over() == found
    again.discard()
    assert not found.parent.exists()
    assert again.left_over() is None
    assert len(list(tmp_path.glob(f"*/{STREAM}"))) == 2


def test_the_newest_of_several_crashes_comes_first(tmp_path: Path) -> None:
    for time in (50, 90, 70):
        os.utime(dead_window(tmp_path), (time, time))
    autosave, times = Autosave(tmp_path, Session()), []
    while (found := autosave.left_over()) is not None:
        times.append(found.stat().st_mtime)
        autosave.discard()
    assert times == [90, 70, 50]


def test_a_number_given_anew_is_no_living_process(tmp_path: Path) -> None:
    """In a container each start of a program has the same number."""
    found = dead_window(tmp_path)
    lock = found.with_name(LOCK)
    lines = lock.read_text().split("\n")
    lock.write_text("\n".join([str(os.getpid()), *lines[1:]]))
    assert Autosave(tmp_path, Session()).left_over() == found


def dead_window(root: Path) -> Path:
    """Has a process save a session below `root`, and kills it."""
    before = set(root.glob(f"*/{SESSION}"))
    program = (
        "import os, sys; from pathlib import Path;"
        "from octavox.gui.commands.autosave import Autosave;"
        "from octavox.gui.document.session import StreamItem, Session;"
        "session = Session(); session.set_stream(StreamItem(b'bytes'));"
        "autosave = Autosave(Path(sys.argv[1]), session);"
        "assert autosave.save(); os.kill(os.getpid(), 9)"
    )
    paths = os.pathsep.join(filter(None, sys.path))
    environment = {**os.environ, "PYTHONPATH": paths}
    done = subprocess.run([sys.executable, "-c", program, str(root)], env=environment, check=False)
    assert done.returncode == -signal.SIGKILL
    (found,) = set(root.glob(f"*/{SESSION}")) - before
    return found


def test_autosave_leaves_nothing_when_closed(tmp_path: Path) -> None:
    root = tmp_path / "deep" / "er"
    autosave = Autosave(root, filled(tmp_path))
    assert autosave.save()
    assert len(list(root.iterdir())) == 1
    autosave.end()
    assert list(root.iterdir()) == []
    assert not Autosave(root, Session()).save()  # nothing is open
    assert list(root.iterdir()) == []
    (tmp_path / "file").touch()
    assert not Autosave(tmp_path / "file", filled(tmp_path)).save()  # said to nobody, raised nowhere


def test_command_lines_are_those_that_the_terminal_takes(tmp_path: Path) -> None:
    import shlex

    from octavox.codec.cli.main import build_parser

    session = filled(tmp_path)
    parser = build_parser()
    for key, command in COMMANDS.items():
        words = shlex.split(command(session))
        assert words[0] == "octavox"
        if key != "open":
            parser.parse_args(words[1:])  # ends the test if it does not
    assert "--threads 1" in COMMANDS["compress"](session)
