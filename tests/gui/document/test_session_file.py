"""Sessions as files."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from sessions import filled_session

from octavox.codec import InputError
from octavox.gui.document import session_file
from octavox.gui.document.export import write_text
from octavox.gui.document.items import StreamItem
from octavox.gui.document.session import Session
from octavox.gui.document.session_file import read_session, session_text

CAMERA = {"center": [0, 0, 0], "distance": 1.0, "azimuth": 35.0, "elevation": 20.0, "up": "y"}


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
        ({"original": "b\0.ply"}, "original"),
        ({"view": {"filter": {"column": "bits", "low": "a", "high": "b"}}}, "view"),
        ({"view": {"filter": {"column": "bits", "low": 10**400}}}, "view"),
        ({"view": {"filter": {"column": "bits", "low": True}}}, "view"),
        ({"view": {"filter": ["bits"]}}, "view"),
        ({"view": {"filter": {"column": ["bits"]}}}, "view"),
        ({"view": {"point_size": True}}, "view"),
        ({"view": {"point_size": -1}}, "view"),
        ({"view": {"point_size": 10**9}}, "view"),
        ({"view": {"opacity": 101}}, "view"),
        ({"view": {"arrangement": "piled"}}, "view"),
        ({"view": {"cloud_mode": ["rgb"]}}, "view"),
        ({"view": {"hidden_sizes": ["x"]}}, "view"),
        ({"view": []}, "view"),
        ({"camera": {**CAMERA, "distance": 5e-324}}, "camera"),
        ({"camera": {**CAMERA, "distance": 1e300}}, "camera"),
        ({"camera": {**CAMERA, "distance": 10**400}}, "camera"),
        ({"camera": {**CAMERA, "distance": "1"}}, "camera"),
        ({"camera": {**CAMERA, "center": [0, 0, 1e200]}}, "camera"),
        ({"camera": {**CAMERA, "elevation": 1e9}}, "camera"),
        ({"camera": {**CAMERA, "up": "x"}}, "camera"),
        ({"bookmarks": {"9": CAMERA}}, "bookmarks"),
        ({"bookmarks": {"1": {**CAMERA, "distance": 0}}}, "bookmarks"),
        ({"bookmarks": [CAMERA]}, "bookmarks"),
        ({"selected": {"origin": [0, 0], "size": 8}}, "selected"),
        ({"selected": {"origin": [0, 0, 10**30], "size": 8}}, "selected"),
        ({"selected": {"origin": [0, 0, -1], "size": 8}}, "selected"),
        ({"keep": "everything"}, "depth"),
        ({"read": {"mesh": "faces"}}, "read"),
        ({"read": {"mesh": "samples"}}, "read"),
        ({"read": {"samples": 10**12}}, "read"),
        ({"read": {"fields": ["x", "y"]}}, "read"),
        ({"read": {"fields": "xyz"}}, "read"),
        ({"read": 5}, "read"),
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


@pytest.mark.parametrize("place", ['"low": 2.0', '"distance": ', '"azimuth": '])
def test_numbers_beyond_all_floats_are_refused(tmp_path: Path, place: str) -> None:
    """JSON has such numbers, and Python reads them as infinity, which a session cannot be saved with."""
    path = tmp_path / "s.octavox"
    text = session_text(filled_session())
    name = place.split(":")[0]
    path.write_text(re.sub(f"{name}: [^,\n]*", f"{name}: 1e999", text))
    assert "1e999" in path.read_text()
    with pytest.raises(InputError, match="finite"):
        read_session(str(path))


def test_all_that_is_read_can_be_written_again(tmp_path: Path) -> None:
    """Also names that no text can hold, as file systems have them."""
    path = tmp_path / "s.octavox"
    content = json.loads(session_text(filled_session()))
    content["original"], content["stream"] = "/gone/\udcff.ply", "/gone/\udc80.ovx"
    path.write_text(json.dumps(content))
    saved = read_session(str(path))
    session = Session()
    session.set_stream(StreamItem(b"bytes", saved.stream))
    session.set_view(**vars(saved.view))
    write_text(str(path), session_text(session))
    assert read_session(str(path)).stream == "/gone/\udc80.ovx"


@pytest.mark.parametrize(
    "change",
    [
        {"original": "\ud800"},
        {"stream": "x\udfff"},
        {"sequence": ["a\ud800.ply"]},
        {"view": {"cloud_mode": "property:\ud800"}},
        {"view": {"filter": {"column": "bits:\ud800", "low": None, "high": None}}},
    ],
)
def test_half_characters_are_refused(tmp_path: Path, change: dict) -> None:
    path = tmp_path / "s.octavox"
    path.write_text(json.dumps(json.loads(session_text(Session())) | change))
    with pytest.raises(InputError, match="surrogates not allowed") as error:
        read_session(str(path))
    str(error.value).encode()


def test_a_file_that_is_too_large_for_a_session_is_not_read(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(session_file, "MOST_TEXT", 2000)
    path = tmp_path / "s.octavox"
    path.write_text(session_text(Session()).ljust(2000))
    assert read_session(str(path)).original is None
    path.write_text(session_text(Session()).ljust(2001))
    with pytest.raises(InputError, match="more than 2,000 characters"):
        read_session(str(path))


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity"])
def test_values_that_are_no_numbers_are_refused(tmp_path: Path, word: str) -> None:
    path = tmp_path / "s.octavox"
    text = session_text(filled_session())
    assert '"low": 2.0' in text
    path.write_text(text.replace('"low": 2.0', f'"low": {word}'))
    with pytest.raises(InputError, match=f"{word} is no number"):
        read_session(str(path))


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"[" * 200_000, b"5", b"", b'"x"'])
def test_what_is_no_json_is_no_session(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "s.octavox"
    path.write_bytes(content)
    with pytest.raises(InputError):
        read_session(str(path))


def test_a_name_that_is_too_long_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "s.octavox"
    content = json.loads(session_text(Session()))
    path.write_text(json.dumps(content | {"original": "x" * 5_000}))
    with pytest.raises(InputError) as error:
        read_session(str(path))
    assert error.value.field == "original"
