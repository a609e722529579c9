"""Sequences at the command line."""

from __future__ import annotations

import json
import re
import shutil
import warnings
from pathlib import Path

import numpy as np
import pytest
from command_line import run
from sample_clouds import ROOT

from octavox import codec
from octavox.codec import CodecOptions, PointCloud

OCTREE = ("--codec", "octree")
PAGE = (ROOT / "docs" / "command-line.md").read_text("utf-8")


def cloud(number: int) -> PointCloud:
    rng = np.random.default_rng(number)
    return PointCloud(rng.integers(0, 64, (100 + number, 3)).astype(np.float32))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with frames/f_1.ply, f_2.ply, f_10.ply and their sequence s.ovx."""
    (tmp_path / "frames").mkdir()
    for number in (1, 2, 10):
        codec.write_cloud(tmp_path / "frames" / f"f_{number}.ply", cloud(number))
    codec.encode_sequence(tmp_path / "frames", tmp_path / "s.ovx", options=CodecOptions(codec="octree"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def sizes(path: str) -> list[int]:
    with codec.open(path) as frames:
        return [len(one) for one in frames]


def test_files_folders_and_patterns_become_a_sequence(folder, capsys):
    whole = Path("s.ovx").read_bytes()
    for words in (
        ["frames/f_1.ply", "frames/f_2.ply", "frames/f_10.ply"],
        ["frames"],
        ["frames/f_%d.ply"],
        ["frames/f_*.ply"],
        ["frames/f_1.ply", "frames/f_[23].ply", "frames/f_%02d.ply"],
    ):
        assert run("encode", *words, "--sequence", "-o", "t.ovx", *OCTREE) == 0
        assert Path("t.ovx").read_bytes() == whole
        said = capsys.readouterr().out.splitlines()
        assert len(said) == 4 and said[0].startswith("frame 0, frames/f_1.ply: 101 points in ")
        assert (
            said[-1] == f"t.ovx: 3 frames in {len(whole):,} bytes; 3 of them were added now, with 313 points"
        )


def test_the_report_of_a_sequence(folder, capsys):
    words = ["encode", "frames", "--sequence", "-o", "t.ovx", "--json", "--report", "r.json", *OCTREE]
    assert run(*words) == 0
    told = json.loads(capsys.readouterr().out)
    assert told == json.loads(Path("r.json").read_text())
    assert (told["frames"], told["cut"], told["output"]) == (3, 0, "t.ovx")
    assert told["bytes"] == Path("t.ovx").stat().st_size
    with codec.open("t.ovx") as frames:
        for number, one in enumerate(told["added"]):
            info = frames.info(number)
            assert one["frame"] == number and one["bytes"] == frames.size(number)
            assert one["components"] == info.components and one["bits"]["total"] == 8 * one["bytes"]
            assert sum(one["bits"]["side"].values()) + one["bits"]["occupancy"] + one["bits"][
                "flags"
            ] == pytest.approx(one["bits"]["total"], abs=64)


def test_appending(folder, capsys):
    assert run("encode", "frames/f_1.ply", "-o", "t.ovx", *OCTREE) == 0
    assert run("encode", "frames/f_2.ply", "frames/f_10.ply", "--append", "-o", "t.ovx", *OCTREE) == 0
    assert Path("t.ovx").read_bytes() == Path("s.ovx").read_bytes()
    Path("t.ovx").write_bytes(Path("s.ovx").read_bytes()[:-40])
    capsys.readouterr()
    assert run("encode", "frames/f_1.ply", "--append", "-o", "t.ovx", "--json", *OCTREE) == 0
    told = capsys.readouterr()
    assert "t.ovx: the last" in told.err and "were no whole frame and are cut off" in told.err
    assert json.loads(told.out)["frames"] == 3 and json.loads(told.out)["cut"] > 0
    assert sizes("t.ovx") == [101, 102, 101]


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["encode", "frames", "--sequence"], "a sequence is one stream; name it with --output"),
        (["encode", "frames", "--append", "-o", "-"], "standard output has none"),
        (["encode", "frames", "--sequence", "-o", "x.ply"], "the name does not end in .ovx"),
        (["encode", "frames", "--sequence", "--out-dir", "d", "-o", "x.ovx"], "a sequence is one stream"),
        (["encode", "frames/g_%d.ply", "--sequence", "-o", "x.ovx"], "g_%d.ply: no file has such a name"),
        (["encode", "frames", "--sequence", "-o", "frames/f_1.ply", "--force"], "are the same file"),
        (["decode", "s.ovx"], "s.ovx: 3 frames have to be written; give a name with a place"),
        (["decode", "s.ovx", "-o", "x.ply"], "s.ovx: 3 frames have to be written"),
        (["decode", "s.ovx", "-o", "-"], "s.ovx: 3 frames have to be written"),
        (["decode", "s.ovx", "--frame", "0:2", "-o", "x.ply"], "s.ovx: 2 frames have to be written"),
        (["decode", "s.ovx", "--frame", "3", "-o", "x.ply"], "s.ovx: no frames are meant by '3'"),
        (["decode", "s.ovx", "--frame", "2:2", "-o", "x.ply"], "there are frames 0 to 2"),
        (["decode", "s.ovx", "--frame", "-1", "-o", "x.ply"], "'-1' is neither a number"),
        (["decode", "s.ovx", "-o", "%d_%d.ply"], "has not one place for a number"),
        (["decode", "s.ovx", "s.ovx", "--frame", "1", "--out-dir", "d"], "--frame is for a single input"),
        (["decode", "s.ovx", "--out-dir", "d"], "s.ovx: a sequence of 3 frames; one has to be chosen"),
        (["info", "s.ovx", "--frame", "3"], "s.ovx: there is no frame 3; there are 0 to 2"),
        (["info", "s.ovx", "--frame", "x"], "'x' is no number of a frame"),
        (["verify", "frames/f_1.ply", "s.ovx"], "s.ovx: 3 frames to verify and 1 clouds"),
        (["verify", "frames", "s.ovx", "--frame", "1"], "one frame to verify and 3 clouds"),
        (["compare", "frames/f_1.ply", "s.ovx"], "s.ovx: a sequence of 3 frames; choose one with --frame"),
        (["convert", "s.ovx", "x.ply"], "s.ovx: this is an Octavox bitstream"),
    ],
)
def test_what_does_not_fit_a_sequence(folder, capsys, words, reason):
    before = {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    assert run(*words) == 2
    error = capsys.readouterr().err
    assert reason in error
    assert {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()} == before


def test_frames_get_numbers_in_their_names(folder, capsys):
    assert run("decode", "s.ovx", "-o", "out_%03d.ply") == 0
    assert [len(codec.read_cloud(f"out_{k:03d}.ply")) for k in range(3)] == [101, 102, 110]
    said = capsys.readouterr().out.splitlines()
    assert said == [f"out_{k:03d}.ply: {n} points" for k, n in enumerate((101, 102, 110))]
    assert run("decode", "s.ovx", "--frame", "1:", "-o", "x_%d.xyz", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert [(one["frame"], one["output"], one["returned"]) for one in told] == [
        (1, "x_1.xyz", 102),
        (2, "x_2.xyz", 110),
    ]
    assert not Path("x_0.xyz").exists()


def test_one_frame_goes_to_a_plain_name(folder, capsys):
    assert run("decode", "s.ovx", "--frame", "2", "-o", "x.ply", "--json") == 0
    assert json.loads(capsys.readouterr().out)["frame"] == 2
    assert len(codec.read_cloud("x.ply")) == 110
    assert run("decode", "s.ovx", "--frame", ":1") == 0
    assert len(codec.read_cloud("s.ply")) == 101
    assert run("decode", "s.ovx", "--frame", ":1") == 2
    assert "s.ply: the file exists" in capsys.readouterr().err
    assert run("decode", "s.ovx", "--frame", "1", "--region", 0, 0, 0, 20, 64, 64, "-o", "r_%d.ply") == 0
    assert 0 < len(codec.read_cloud("r_1.ply")) < 102
    assert run("decode", "s.ovx", "--lod", "2", "-o", "l_%d.ply") == 0
    assert len(codec.read_cloud("l_2.ply")) <= 64
    shutil.copy("frames/f_1.ply", "a.ply")
    assert run("encode", "a.ply", *OCTREE) == 0
    assert run("decode", "a.ovx", "-o", "single_%02d.ply") == 0
    assert len(codec.read_cloud("single_00.ply")) == 101


def test_archived_frames_come_back_byte_for_byte(folder):
    assert run("encode", "frames", "--sequence", "--archive", "-o", "a.ovx", *OCTREE) == 0
    assert run("decode", "a.ovx", "-o", "back_%d.ply") == 0
    for number, name in enumerate(("f_1.ply", "f_2.ply", "f_10.ply")):
        assert Path(f"back_{number}.ply").read_bytes() == Path("frames", name).read_bytes()
    assert run("verify", "frames", "a.ovx", "--strict") == 0
    codec.write_cloud("b.pcd", cloud(3))
    assert run("encode", "b.pcd", "--append", "--archive", "-o", "a.ovx", *OCTREE) == 0
    assert run("decode", "a.ovx", "--frame", "3") == 0
    assert Path("a.pcd").read_bytes() == Path("b.pcd").read_bytes()


def test_info_of_a_sequence(folder, capsys):
    assert run("info", "s.ovx") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].endswith(f"s.ovx, {Path('s.ovx').stat().st_size:,} bytes, 3 frames")
    assert [line.split()[0] for line in lines[2:6]] == ["frame", "0", "1", "2"]
    assert run("info", "s.ovx", "--frame", "1") == 0
    assert "s.ovx, frame 1 of 3 (0 to 2), " in capsys.readouterr().out
    assert run("info", "s.ovx", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["frames"] == 3 and told["sound"] is True
    assert [one["input_points"] for one in told["of_frames"]] == [101, 102, 110]
    assert run("info", "s.ovx", "--frame", "2", "--json", "--blocks") == 0
    one = json.loads(capsys.readouterr().out)
    assert one["bits"]["total"] == 8 * one["file_size"] and one["frame"] == 2
    assert run("info", "s.ovx", "--verbose") == 0
    assert capsys.readouterr().out.count("params") == 3


def test_verify_of_each_frame(folder, capsys):
    assert run("verify", "frames/f_%d.ply", "s.ovx") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].startswith("frame 1, frames/f_2.ply: identical: 102 points")
    assert lines[-1] == "s.ovx: 3 of 3 frames hold what is asked of them"
    assert run("verify", "frames/f_1.ply", "frames/f_1.ply", "frames/f_10.ply", "s.ovx", "--json") == 1
    told = json.loads(capsys.readouterr().out)
    assert [(one["frame"], one["identical"]) for one in told] == [(0, True), (1, False), (2, True)]
    assert len({one["sha256_stream"] for one in told}) == 1
    assert run("verify", "frames/f_2.ply", "s.ovx", "--frame", "1") == 0
    assert run("verify", "frames/f_2.ply", "s.ovx", "--frame", "0") == 1
    assert run("compare", "frames/f_2.ply", "s.ovx", "--frame", "1") == 0


def test_every_field_of_json_is_documented(folder, capsys):
    documented = set(re.findall(r"`(\w+)`", PAGE[PAGE.index("## JSON") :]))
    for words in (
        ["encode", "frames", "--sequence", "-o", "t.ovx", *OCTREE],
        ["decode", "t.ovx", "-o", "out_%d.ply"],
        ["info", "t.ovx"],
        ["verify", "frames", "t.ovx"],
    ):
        assert run(*words, "--json") == 0
        told = json.loads(capsys.readouterr().out)
        rows = told if isinstance(told, list) else [told, *told.get("added", []), *told.get("of_frames", [])]
        assert len(rows) >= 3 and all(set(row) <= documented for row in rows)


def test_a_damaged_frame_is_told_and_the_others_go_on(folder, capsys):
    data = bytearray(Path("s.ovx").read_bytes())
    with codec.open("s.ovx") as frames:
        data[frames.size(0) + frames.size(1) // 2] ^= 1
    Path("d.ovx").write_bytes(data)
    assert run("decode", "d.ovx", "-o", "d_%d.ply", "--json") == 3
    told = capsys.readouterr()
    assert "d.ovx: " in told.err and "(frame 1, field '" in told.err
    assert [("error" in one, one["frame"]) for one in json.loads(told.out)] == [
        (False, 0),
        (True, 1),
        (False, 2),
    ]
    assert sorted(p.name for p in folder.glob("d_*.ply")) == ["d_0.ply", "d_2.ply"]
    assert run("info", "d.ovx") == 3
    assert "mismatch" in capsys.readouterr().out
    assert run("decode", "d.ovx", "-o", "e_%d.ply", "--salvage") == 5
    assert sorted(p.name for p in folder.glob("e_*.ply")) == ["e_0.ply", "e_2.ply"]
    assert run("decode", "d.ovx", "-o", "e_%d.ply", "--salvage", "--frame", "1") == 3


def test_salvage_of_a_cut_sequence(folder, capsys):
    data = Path("s.ovx").read_bytes()
    Path("c.ovx").write_bytes(data[: len(data) - 300])
    assert run("decode", "c.ovx", "-o", "c_%d.ply") == 3
    assert "c.ovx: " in capsys.readouterr().err
    assert run("decode", "c.ovx", "--salvage", "-o", "c_%d.ply") == 5
    assert (
        "c.ovx: the end of the stream is missing: frames behind these may be lost" in capsys.readouterr().err
    )
    assert [len(codec.read_cloud(f"c_{k}.ply")) for k in range(2)] == [101, 102]
    assert not Path("c_2.ply").exists()


def test_standard_streams(folder, monkeypatch, capsysbinary):
    assert run("encode", "frames", "--sequence", "-o", "-", *OCTREE) == 0
    assert capsysbinary.readouterr().out == Path("s.ovx").read_bytes()


def test_the_warnings_of_a_frame_name_its_file(folder, capsys):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert (
            run("encode", "frames", "--sequence", "-o", "v.ovx", "--keep", "voxels", "--depth", 3, *OCTREE)
            == 0
        )
    said = capsys.readouterr().err
    assert said.count("octavox: warning: frames/f_2.ply: coordinates are rounded to 3 bits") == 1


def sheets(count: int) -> None:
    from inter_fixtures import sheet

    Path("moving").mkdir()
    for number in range(count):
        codec.write_cloud(Path("moving") / f"m_{number}.ply", sheet(number, 20))


def test_groups_of_frames_that_need_each_other(folder, capsys):
    sheets(4)
    assert run("encode", "moving", "--sequence", "--group", "3", "-o", "g.ovx") == 0
    assert run("encode", "moving", "--sequence", "--group", "1", "-o", "a.ovx") == 0
    assert run("encode", "moving", "--append", "--group", "2", "-o", "g.ovx") == 0
    assert Path("g.ovx").stat().st_size < 1.9 * Path("a.ovx").stat().st_size
    capsys.readouterr()
    assert run("info", "g.ovx") == 0
    rows = [re.split(r"  +", line.strip()) for line in capsys.readouterr().out.splitlines()[3:]]
    needs = [row[-2] if row[-2].startswith("frame") else "" for row in rows if len(row) > 5]
    assert needs == ["", "frame 0", "frame 1", "", "", "frame 4", "", "frame 6"]
    assert run("info", "g.ovx", "--json") == 0
    frames = json.loads(capsys.readouterr().out)["of_frames"]
    assert [one["reference"] for one in frames] == [None, 0, 1, None, None, 4, None, 6]
    assert all(("motion" in one["components"]) == bool(one["inter_weights_id"]) for one in frames)
    assert frames[1]["inter_weights_id"] and not frames[0]["inter_weights_id"]
    assert run("info", "g.ovx", "--frame", "1") == 0
    said = capsys.readouterr().out
    assert f"frame 0, which is decoded first, weights {frames[1]['inter_weights_id']}" in said
    assert re.search(r"^motion +\d", said, re.M)
    assert run("decode", "g.ovx", "--frame", "2", "-o", "two.ply") == 0
    assert run("verify", "moving/m_2.ply", "g.ovx", "--frame", "2") == 0
    assert run("verify", "moving", "moving", "g.ovx") == 0


def test_groups_that_are_none(folder, capsys):
    for words, said in (
        (["--group", "3"], "--group is of a sequence"),
        (["--sequence", "--group", "0"], "a group of 0 frames is outside 1 to 256"),
        (["--append", "--group", "257"], "a group of 257 frames is outside 1 to 256"),
        (["--sequence", "--group", "two"], "'two' is no number of frames"),
    ):
        assert run("encode", "frames/f_1.ply", *words, "-o", "n.ovx") == 2
        assert said in capsys.readouterr().err
        assert not Path("n.ovx").exists()


def test_salvage_names_frames_that_lack_another_one(folder, capsys):
    import ovx_reader

    sheets(5)
    assert run("encode", "moving", "--sequence", "--group", "3", "-o", "g.ovx") == 0
    data = bytearray(Path("g.ovx").read_bytes())
    (at,) = [c.start for c in ovx_reader.frames_of(bytes(data))[1] if c.kind == 3]
    data[at + 40] ^= 1
    Path("g.ovx").write_bytes(data)
    capsys.readouterr()
    assert run("decode", "g.ovx", "-o", "out_%d.ply") == 3
    assert run("decode", "g.ovx", "-o", "back_%d.ply", "--salvage") == 5
    told = capsys.readouterr()
    assert "back_1.ply: lost" in told.out and "back_2.ply: lost" in told.out
    assert "it needs frame 1, which is lost" in told.err
    assert sorted(path.name for path in Path().glob("back_*")) == ["back_0.ply", "back_3.ply", "back_4.ply"]
