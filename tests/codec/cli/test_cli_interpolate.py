"""`octavox interpolate`: files, words, reports, exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from command_line import run

import octavox as ov


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder: a.ply, b.ply and c.ply, coloured frames of two parts of which one moves."""
    x, y = (v.ravel() for v in np.meshgrid(np.arange(32), np.arange(32)))
    flat, hill = np.stack([x, y, 0 * x], 1), np.stack([x, y, 40 - (x - 16) ** 2 // 16], 1)
    for k, name in enumerate("abc"):
        cells = np.concatenate([flat, hill + np.array([4 * k, 0, 2 * k])]).astype(np.int32)
        colors = np.full((len(cells), 3), 50 + k, np.uint8)
        ov.write_cloud(tmp_path / f"{name}.ply", ov.PointCloud(cells, colors))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_file_has_what_the_library_gives(folder, capsys):
    assert run("interpolate", "a.ply", "c.ply", "-o", "x.ply") == 0
    said = capsys.readouterr()
    found, same = ov.read_cloud("x.ply"), ov.interpolate("a.ply", "c.ply")
    assert np.array_equal(found.coords, same.cloud.coords) and np.array_equal(found.colors, same.cloud.colors)
    assert said.err == "" and said.out.count("\n") == 1
    assert said.out.startswith("x.ply: 2,048 points at 0.5 between 2,048 and 2,048, on a grid of 6 bits")
    assert "properties: red, green, blue" in said.out
    truth = {tuple(c) for c in ov.read_cloud("b.ply").coords.tolist()}
    assert sum(tuple(c) in truth for c in found.coords.tolist()) > 1900
    assert run("interpolate", "a.ply", "a.ply", "-o", "y.ply", "--at", "0.1", "-v") == 0
    lines = capsys.readouterr().out.splitlines()
    assert "B is A moved as a whole by 0" in lines[0] and lines[1].startswith("voxelize")


def test_report_json_and_standard_output(folder, capsysbinary):
    call = ("interpolate", "a.ply", "b.ply", "--at", "0.25")
    assert run(*call, "-o", "x.xyz", "--report", "r.json", "--json") == 0
    out, _ = capsysbinary.readouterr()
    report = json.loads(out)
    assert json.loads(Path("r.json").read_text()) == report
    assert (report["a"], report["b"], report["output"], report["at"]) == ("a.ply", "b.ply", "x.xyz", 0.25)
    assert report["points"] == len(ov.read_cloud("x.xyz")) and report["warnings"] == []
    assert run(*call, "-o", "-", "--to", "xyz") == 0
    out, err = capsysbinary.readouterr()
    assert len(out.splitlines()) == 1 + report["points"] and b"points at 0.25" in err


def test_what_the_user_should_know_is_a_warning(folder, capsys):
    a = ov.read_cloud("a.ply")
    ov.write_cloud("bare.ply", ov.PointCloud(a.coords))
    dice = np.random.default_rng(1)
    for name in ("f", "g"):
        floats = dice.random((300, 3))
        floats[5] = np.nan
        ov.write_cloud(f"{name}.xyz", ov.PointCloud(floats))
        ov.write_cloud(f"{name}.ply", ov.PointCloud(dice.integers(0, 1 << 20, (50, 3)).astype(np.int32)))
    for call, words in (
        (["a.ply", "bare.ply"], ["B does not have, or has with another type: red, green, blue"]),
        (["f.xyz", "g.xyz"], ["lie on no common grid", "1 points of A have no place", "1 points of B"]),
        (["f.ply", "g.ply"], ["the frames span too much to find motion in steps finer than"]),
    ):
        assert run("interpolate", *call, "-o", "x.ply", "--json") == 0
        out, err = capsys.readouterr()
        warnings = json.loads(out)["warnings"]
        for expected in words:
            assert any(expected in warning for warning in warnings)
        assert err.splitlines() == [f"octavox: warning: x.ply: {w}" for w in warnings]


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["a.ply", "b.ply"], "-o/--output"),
        (["a.ply", "-o", "x.ply"], "B"),
        (["a.ply", "b.ply", "-o", "x.ply", "--at", "1"], "1 is not between 0 and 1"),
        (["a.ply", "b.ply", "-o", "x.ply", "--depth", "40"], "depth 40 is outside"),
        (["a.ply", "b.ply", "-o", "x.ply", "--threads", "0"], "0 is no positive number"),
        (["a.ply", "b.ply", "-o", "b.ply"], "the same file"),
        (["a.ply", "b.ply", "-o", "x.ovx"], "no point clouds are written"),
        (["-", "-", "-o", "x.ply"], "standard input is one file, not two"),
        (["a.ply", "none.ply", "-o", "x.ply"], "none.ply: "),
    ],
)
def test_wrong_calls_end_with_2_and_write_nothing(folder, capsys, words, reason):
    before = sorted(p.name for p in folder.iterdir())
    assert run("interpolate", *words) == 2
    assert reason in capsys.readouterr().err
    assert sorted(p.name for p in folder.iterdir()) == before
