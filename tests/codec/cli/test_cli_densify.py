"""`octavox upsample` and `octavox restore`: files, words, reports, exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from command_line import run

import octavox as ov


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder: few.ply, a coloured subset of a surface, and coarse.ply, middles of its cells."""
    x, y = (a.ravel() for a in np.meshgrid(np.arange(48), np.arange(48)))
    cells = np.stack([x, y, 20 + x // 3], 1).astype(np.int32)
    few = cells[np.random.default_rng(1).permutation(len(cells))[:600]]
    colors = np.random.default_rng(2).integers(0, 256, (600, 3)).astype(np.uint8)
    ov.write_cloud(tmp_path / "few.ply", ov.PointCloud(few, colors))
    ov.write_cloud(tmp_path / "coarse.ply", ov.PointCloud(np.unique(cells // 2 * 2 + 1, axis=0)))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_upsample_writes_what_the_library_gives(folder, capsys):
    assert run("upsample", "few.ply", "--ratio", "4") == 0
    said = capsys.readouterr()
    found = ov.read_cloud("few.upsampled.ply")
    same = ov.upsample("few.ply", 4)
    assert np.array_equal(found.coords, same.cloud.coords) and np.array_equal(found.colors, same.cloud.colors)
    assert said.err == "" and said.out.count("\n") == 1
    assert said.out.startswith(
        "few.upsampled.ply: 2,400 points: the 600 of the input, unchanged, and 1,800 new"
    )
    assert "nearest point before: red, green, blue" in said.out
    assert run("upsample", "few.ply", "--ratio", "4") == 2  # the name that nobody gave is taken
    assert "the file exists" in capsys.readouterr().err
    assert run("upsample", "few.ply", "--ratio", "4", "--force") == 0


def test_restore_writes_what_the_library_gives(folder, capsys):
    assert run("restore", "coarse.ply", "-o", "back.xyz", "--json") == 0
    report = json.loads(capsys.readouterr().out)
    same = ov.restore("coarse.ply")
    assert np.array_equal(ov.read_cloud("back.xyz").coords, same.cloud.coords)
    assert (report["levels"], report["points"]) == (1, len(same.cloud)) and report["warnings"] == []
    assert run("restore", "coarse.ply") == 0
    assert "1 octree level finer" in capsys.readouterr().out
    assert run("restore", "few.ply", "--levels", "0") == 0
    assert "on the grid of the input" in capsys.readouterr().out


def test_several_files_a_report_and_standard_output(folder, capsysbinary):
    assert (
        run("upsample", "few.ply", "coarse.ply", "--ratio", "2", "--out-dir", "d", "--report", "r.json") == 0
    )
    rows = json.loads(Path("r.json").read_text())
    assert [row["input"] for row in rows] == ["few.ply", "coarse.ply"]
    assert sorted(p.name for p in Path("d").iterdir()) == ["coarse.upsampled.ply", "few.upsampled.ply"]
    capsysbinary.readouterr()
    assert run("upsample", "few.ply", "--ratio", "2", "-o", "-", "--to", "xyz") == 0
    out, err = capsysbinary.readouterr()
    assert len(out.splitlines()) == 1 + rows[0]["points"] and b"new ones" in err  # with a line of names
    assert run("upsample", "few.ply", "none.ply", "--ratio", "2", "--out-dir", "e") == 2
    assert [p.name for p in Path("e").iterdir()] == ["few.upsampled.ply"]


def test_what_the_user_should_know_is_a_warning(folder, capsys):
    dice = np.random.default_rng(1)
    ov.write_cloud("far.ply", ov.PointCloud(dice.integers(0, 1 << 14, (100, 3)).astype(np.int32)))
    ov.write_cloud("full.ply", ov.PointCloud(np.argwhere(np.ones((4, 4, 4))).astype(np.int32)))
    floats = dice.random((300, 3))
    floats[5] = np.nan
    ov.write_cloud("floats.xyz", ov.PointCloud(floats))
    for name, words in (
        ("far.ply", ["100 of 100 voxels have no other one within 2 voxels: the grid is too fine"]),
        ("full.ply", ["there is no place for 2 times as many"]),
        ("floats.xyz", ["do not lie on the grid of the new ones", "1 points have coordinates that are not"]),
    ):
        assert run("upsample", name, "--ratio", "2", "-o", "x.ply", "--json", "--force") == 0
        out, err = capsys.readouterr()
        report = json.loads(out)
        for expected in words:
            assert any(expected in warning for warning in report["warnings"])
        assert err.splitlines() == [f"octavox: warning: {name}: {w}" for w in report["warnings"]]


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["upsample", "few.ply", "-o", "x.ply"], "--ratio"),
        (["upsample", "few.ply", "-o", "x.ply", "--ratio", "1.5"], "1.5 is not between 2 and 16"),
        (["upsample", "few.ply", "-o", "x.ply", "--ratio", "2", "--depth", "40"], "depth 40 is outside"),
        (["upsample", "few.ply", "-o", "few.ply", "--ratio", "2"], "the same file"),
        (["upsample", "few.ply", "-o", "x.ovx", "--ratio", "2"], "no point clouds are written"),
        (["restore", "coarse.ply", "-o", "x.ply", "--levels", "2"], "2 levels cannot be told apart here"),
        (["restore", "coarse.ply", "-o", "x.ply", "--threads", "0"], "0 is no positive number"),
    ],
)
def test_wrong_calls_end_with_2_and_write_nothing(folder, capsys, words, reason):
    before = sorted(p.name for p in folder.iterdir())
    assert run(*words) == 2
    assert reason in capsys.readouterr().err
    assert sorted(p.name for p in folder.iterdir()) == before
