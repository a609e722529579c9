"""Sessions as files."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from sessions import filled_session

from octavox.codec import InputError
from octavox.gui.document.session import Session
from octavox.gui.document.session_file import read_session, session_text


def test_a_session_comes_back_from_its_file(tmp_path: Path) -> None:
    session = filled_session()
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
    content = json.loads(session_text(filled_session()))
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
