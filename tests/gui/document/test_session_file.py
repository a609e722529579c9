"""Sessions as files."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from octavox.codec import BlockTable, InputError
from octavox.gui.document.blocks import BlockFilter
from octavox.gui.document.camera import Camera
from octavox.gui.document.items import StreamItem
from octavox.gui.document.session import Session
from octavox.gui.document.session_file import read_session, session_text


def table(bits: list[float], size: int = 64) -> BlockTable:
    count = len(bits)
    origin = np.column_stack([np.arange(count) * size, np.zeros(count), np.zeros(count)])
    return BlockTable.make(origin, size, np.arange(1, count + 1), bits, 1.0, np.arange(count) % 3)


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
