"""The timeline without a window: which frame is due, what is decoded next, what the cache holds."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from moving_clouds import ball

from octavox import codec
from octavox.codec import InputError
from octavox.gui.document.advice import Explanation
from octavox.gui.document.command_line import COMMANDS
from octavox.gui.document.display import flat
from octavox.gui.document.frame_plot import frame_words, plot_of, shown_words
from octavox.gui.document.frames import arrows, on_grid_of, show_frame
from octavox.gui.document.items import CloudItem, StreamItem
from octavox.gui.document.session import Session
from octavox.gui.document.session_file import read_session, session_text
from octavox.gui.document.timeline import (
    Clock,
    Frame,
    FrameCache,
    Timeline,
    Track,
    next_ready,
    next_to_decode,
    steps_late,
)


def frame(number: int = 0, scale: float = 1.0, **more: object) -> Frame:
    points = ball(number, edge=32)
    if scale != 1:
        points = codec.PointCloud(points.positions * scale + 5.0)
    kept = codec.propose(points)
    item = CloudItem(flat(kept.voxels), f"f{number}", source=points)
    return Frame(item, **more)  # type: ignore[arg-type]


def timeline(count: int, other: int = 0, **more: object) -> Timeline:
    def track(frames: int) -> Track:
        sequence = SimpleNamespace(name=lambda k: f"/far/f{k}.ply")
        return Track(sequence, ("/far",), np.arange(1, frames + 1) * 100)  # type: ignore[arg-type]

    return Timeline(track(count), track(other) if other else None, **more)  # type: ignore[arg-type]


def test_which_frame_is_due() -> None:
    clock = Clock(first=3, count=6, rate=10, loop=False, start=100.0)
    assert [clock.frame(clock.step(100.0 + t)) for t in (0.0, 0.05, 0.11, 0.21, 9.0)] == [3, 3, 4, 5, 5]
    assert not clock.over(100.1) and clock.over(100.25)
    again = Clock(first=3, count=6, rate=10, loop=True, start=0.0)
    assert [again.frame(again.step(t / 10 + 0.01)) for t in range(8)] == [3, 4, 5, 0, 1, 2, 3, 4]
    assert not again.over(1e6)


def test_the_last_frame_that_is_there_is_shown() -> None:
    given, clock = timeline(10), Clock(0, 10, 10, True, 0.0)
    for number in (1, 2, 5):
        given.cache.put(("A", number), frame(number))
    assert next_ready(given, clock, 0, 4) == 2
    assert next_ready(given, clock, 2, 4) is None
    assert next_ready(given, clock, 2, 13) == 12  # frame 2, once more


def test_decoding_goes_ahead_and_leaves_out_what_would_be_late() -> None:
    given, clock = timeline(100), Clock(0, 100, 10, True, 0.0)
    assert steps_late(0.01, 10) == 1 and steps_late(0.34, 10) == 4
    assert next_to_decode(given, clock, due=0, late=1) == [("A", 1)]
    assert next_to_decode(given, clock, due=0, late=4) == [("A", 4)]
    for number in (1, 2, 3):
        given.cache.put(("A", number), frame(number))
    assert next_to_decode(given, clock, 0, 1) == [("A", 4)]
    each = given.cache.used / 3
    given.cache.limit = int(5.5 * each)
    assert given.ahead == 3 and next_to_decode(given, clock, 0, 1) == []  # no room for more
    once = Clock(95, 100, 10, False, 0.0)
    assert next_to_decode(given, once, 4, 9) == [("A", 99)]  # the last frame is shown, however late


def test_both_views_have_to_be_there() -> None:
    given = timeline(4, other=2)
    given.cache.put(("A", 0), frame())
    assert not given.ready(0) and given.missing(0) == [("B", 0)]
    given.cache.put(("B", 0), frame())
    given.cache.put(("A", 3), frame(3))
    assert given.ready(0) and given.ready(3)  # B has no frame 3
    assert given.decoded.tolist() == [True, False, False, True] == [given.ready(k) for k in range(4)]


def test_the_cache_drops_what_was_not_used_for_longest() -> None:
    frames = [frame(k) for k in range(4)]
    cache = FrameCache(limit=sum(f.bytes for f in frames[:3]))
    for number in range(3):
        cache.put(("A", number), frames[number])
    assert len(cache) == 3 and cache.used == cache.limit
    cache.get(("A", 0))
    cache.put(("A", 3), frames[3], kept={("A", 1), ("A", 3)})
    assert ("A", 2) not in cache and ("A", 1) in cache and ("A", 3) in cache
    assert cache.used == sum(cache.peek(key).bytes for key in cache)  # type: ignore[union-attr]
    cache.limit = 1
    cache.trim({("A", 3)})
    assert list(cache) == [("A", 3)]
    cache.forget()
    assert cache.used == 0


def test_memory_is_counted_once_and_with_all_that_is_known() -> None:
    known = frame()
    display, n = known.item.display, len(known.item.display)
    assert known.bytes >= n * (12 + 8 + 12 + 3 + 4 + 8 + 3 + 3)
    with_stream = frame(stream=StreamItem(b"x" * 500))
    assert with_stream.bytes == known.bytes + 500
    shared = Frame(CloudItem(display, "again"))  # without points of its own
    assert shared.bytes < known.bytes


def test_showing_a_frame() -> None:
    session, shown = Session(), frame(1)
    session.timeline = timeline(3)
    show_frame(session, shown, None)
    assert session.original is shown.item and session.decoded is None and session.stream is None
    coded = frame(
        2, stream=StreamItem(b"s", frame_of="/far/s.ovx", label="s.ovx, frame 2"), report={"points": 3}
    )
    session.set_kept(drop=("red",))
    show_frame(session, coded, frame(3))
    assert session.stream is coded.stream and session.stream.saved and session.decode_report == {"points": 3}
    assert session.decoded is not None and len(session.items) == 3
    assert session.kept.drop == ("red",)  # chosen for all frames
    show_frame(session, shown, None)
    assert session.decoded is None and session.stream is None and len(session.items) == 1


def test_a_ghost_lies_where_it_was() -> None:
    fine, coarse = frame(0, 0.25).item.display, frame(0, 0.5).item.display
    placed = on_grid_of(fine, coarse)
    old, new = fine.cloud.transform, coarse.cloud.transform

    def places(positions: np.ndarray, grid: codec.Transform) -> np.ndarray:
        return np.array(grid.origin) + grid.steps * (positions - 0.5)

    assert np.allclose(
        places(placed.points.positions, new), places(fine.points.positions, old), rtol=0, atol=1e-5
    )
    assert on_grid_of(fine, fine) is fine


def test_arrows_lead_from_the_blocks_of_the_frame_before() -> None:
    display = frame(0, 0.5).item.display
    grid = display.cloud.transform
    corners = np.array(grid.origin) + grid.steps * np.array([[8.0, 8, 8], [16, 8, 8]])
    vectors = np.array([[2.0, 0, -1], [0, 0, 0]])
    ends = arrows((corners, vectors), display)
    assert ends.shape == (1, 2, 3)  # none for a block that rests
    assert np.allclose(ends[0, 0], [8.5, 8.5, 8.5])
    assert np.allclose(ends[0, 1], np.array([8.5, 8.5, 8.5]) + vectors[0] / grid.steps)


def test_the_words_of_the_plot() -> None:
    given = timeline(4)
    given.cache.put(("A", 1), frame(1))
    given.shown = given.frame = 1
    points = len(ball(1, edge=32))
    assert frame_words(given, 1) == f"Frame 1\nf1.ply · 200 bytes · {1600 / points:.3f} bits per point"
    assert frame_words(given, 2) == "Frame 2\nf2.ply · 300 bytes"
    given.faults["A", 3] = Explanation("Showing f3.ply failed: cut off", "", "")
    given.frame = 3
    assert frame_words(given, 3) == "Frame 3\nShowing f3.ply failed: cut off"
    assert shown_words(given) == "Showing f3.ply failed: cut off (frame 1 is shown)"
    plot = plot_of(given)
    assert plot.damaged.tolist() == [False, False, False, True] and plot.most == 400
    assert plot.columns(2) == [(0, 2), (2, 4)] and plot.columns(100) == [(k, k + 1) for k in range(4)]


def test_a_session_file_names_the_sequences(tmp_path) -> None:
    session = Session()
    session.timeline = timeline(5, other=2)
    session.timeline.frame = 4
    path = tmp_path / "s.octavox"
    path.write_text(session_text(session))
    saved = read_session(str(path))
    assert (saved.sequence, saved.other_sequence, saved.frame) == (("/far",), ("/far",), 4)
    assert saved.original is None and saved.stream is None


@pytest.mark.parametrize(
    ("field", "text"),
    [("sequence", '"sequence": 5'), ("sequence", '"sequence": ["a\\u0000b"]'), ("frame", '"frame": -1')],
)
def test_a_session_file_with_no_such_sequence(tmp_path, field: str, text: str) -> None:
    path = tmp_path / "s.octavox"
    path.write_text('{"format": "octavox session", "version": 1, ' + text + "}")
    with pytest.raises(InputError, match="cannot hold this") as caught:
        read_session(str(path))
    assert caught.value.field == field


def test_command_lines_of_a_sequence() -> None:
    session, given = Session(), timeline(5)
    session.timeline, given.shown = given, 3
    stream = StreamItem(b"s", frame_of="/far/s.ovx", label="s.ovx, frame 3")
    show_frame(session, frame(3, stream=stream, report={}), None)
    assert COMMANDS["open"](session) == "octavox gui /far"
    assert COMMANDS["compress"](session).startswith("octavox encode /far --sequence -o ")
    assert COMMANDS["decompress"](session).startswith("octavox decode /far/s.ovx -o ")
    assert COMMANDS["decompress"](session).endswith(" --frame 3")
    assert COMMANDS["export_json"](session) == "octavox info /far/s.ovx --json --blocks --frame 3"
    assert session.suggested_path(".ply") == "/far/s_0003.ply"
