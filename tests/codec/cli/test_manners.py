"""How the command line treats files, names and streams of others (docs/command-line.md)."""

from __future__ import annotations

import gzip
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from command_line import run
from forked_commands import forked
from sample_clouds import ROOT, make_sphere

from octavox import __main__ as program
from octavox import codec
from octavox.codec.cli.commands import COMMANDS
from octavox.codec.cli.completion import SHELLS
from octavox.codec.cloud.records import axis_columns, keys_of

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="names and streams of POSIX")
PAGE = (ROOT / "docs" / "command-line.md").read_text("utf-8")
OCTREE = ("--codec", "octree")
A = 50.0  # radius of the sphere a.ply


def piped(*args: object, given: bytes = b"", **variables: str) -> subprocess.CompletedProcess[bytes]:
    """A process of its own, whose standard streams are pipes of bytes."""
    command = [sys.executable, str(ROOT / "main.py"), *(os.fsencode(str(arg)) for arg in args)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **variables}
    return subprocess.run(
        command, input=given, env=environment, capture_output=True, timeout=250, check=False
    )


def as_bytes(name: str) -> str:
    """How a name looks where no byte above 127 is a character."""
    return os.fsencode(f"./{name}").decode("ascii", "surrogateescape")


def keys(cloud: codec.PointCloud) -> bytes:
    return np.sort(keys_of(axis_columns(cloud))).tobytes()


def listing(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with a.ply, b.ply and the stream a.ovx of a.ply."""
    for name, radius in (("a", A), ("b", 40.0)):
        codec.write_ply(tmp_path / f"{name}.ply", make_sphere(7, radius))
    options = codec.CodecOptions(codec="octree", slices=2)
    codec.save_stream(tmp_path / "a.ovx", codec.encode(tmp_path / "a.ply", options=options).data)
    monkeypatch.chdir(tmp_path)
    return tmp_path


# Several inputs, and the names of outputs


def test_several_inputs_and_a_folder_for_the_outputs(folder, capsys):
    shutil.copy("b.ply", "c.d.ply")
    assert run("encode", "a.ply", "b.ply", "c.d.ply", "--out-dir", "new/deep", *OCTREE) == 0
    assert sorted(p.name for p in Path("new/deep").iterdir()) == ["a.ovx", "b.ovx", "c.d.ovx"]
    said = capsys.readouterr().out.splitlines()
    assert len(said) == 3 and all(f"{Path('new/deep/')}" in line for line in said)
    assert run("decode", *Path("new/deep").glob("*.ovx"), "--out-dir", "back", "--to", "xyz") == 0
    assert sorted(p.name for p in Path("back").iterdir()) == ["a.xyz", "b.xyz", "c.d.xyz"]
    assert run("compare", "back/b.xyz", "new/deep/b.ovx") == 0
    assert run("info", "new/deep/a.ovx", "new/deep/b.ovx") == 0
    assert capsys.readouterr().out.count("bits per occupied voxel") == 2


def test_a_bad_file_among_others_is_told_and_the_others_go_on(folder, capsys):
    Path("bad.ply").write_bytes(b"ply\nnonsense\n")
    assert run("encode", "a.ply", "bad.ply", "none.ply", "b.ply", "--out-dir", "new", *OCTREE) == 2
    assert sorted(p.name for p in Path("new").iterdir()) == ["a.ovx", "b.ovx"]
    first, second = capsys.readouterr().err.splitlines()
    assert first.startswith("octavox: error: bad.ply: ") and second.startswith("octavox: error: none.ply: ")
    Path("new/cut.ovx").write_bytes(Path("new/a.ovx").read_bytes()[:-9])
    assert run("decode", "new/cut.ovx", "new/a.ovx", "--out-dir", "back", "--json") == 3
    cut, whole = json.loads(capsys.readouterr().out)
    assert set(cut) == {"input", "output", "error"} and "cut.ovx" in cut["error"]
    assert whole["returned"] == len(make_sphere(7, A))
    assert run("info", "new/cut.ovx", "new/a.ovx") == 3
    assert "new/a.ovx" in capsys.readouterr().out


def test_default_names(folder, capsys):
    Path("a.ovx").unlink()
    assert run("encode", "a.ply", *OCTREE) == 0 and Path("a.ovx").exists()
    shutil.copy("a.ovx", "other.ovx")
    assert run("decode", "other.ovx") == 0 and Path("other.ply").exists()
    assert run("decode", "other.ovx", "--to", "laz") == 0 and Path("other.laz").exists()
    Path("b.ply.gz").write_bytes(gzip.compress(Path("b.ply").read_bytes()))
    assert run("encode", "b.ply.gz", *OCTREE) == 0 and Path("b.ovx").exists()
    assert run("encode", "-", *OCTREE) == 2
    assert "standard input has no name; give one with --output" in capsys.readouterr().err


def test_a_name_that_nobody_gave_replaces_no_cloud(folder, capsys):
    """a.ply is the original of a.ovx."""
    before = listing(folder)
    assert run("decode", "a.ovx") == 2
    assert (
        "a.ply: the file exists; name it with --output, or replace it with --force" in capsys.readouterr().err
    )
    assert run("decode", "a.ovx", "--out-dir", ".") == 2
    assert listing(folder) == before
    assert run("decode", "a.ovx", "--force") == 0
    assert run("decode", "a.ovx", "-o", "a.ply") == 0  # this name was given


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["encode", "a.ply", "b.ply", "-o", "x.ovx"], "--output is for a single input"),
        (["encode", "a.ply", "-o", "x.ovx", "--out-dir", "d"], "--output is for a single input"),
        (["encode", "a.ply", "sub/a.ply", "--out-dir", "d"], "would be written to the same file"),
        (["encode", "a.ply", "--out-dir", "b.ply"], "cannot make the folder"),
        (["decode", "a.ovx", "--salvage", "--slice", "7", "-o", "x.ply"], "there is no slice 7"),
        (["decode", "a.ovx", "--region", "5", "0", "0", "1", "1", "1", "-o", "x.ply"], "no box has"),
        (["decode", "a.ovx", "--slice", "7", "-o", "x.ply"], "a.ovx: there is no slice 7"),
        (["verify", "-", "-"], "one file, not two"),
        (["compare", "-", "-"], "one file, not two"),
        (["encode", "a.ply", "-o", "x.ovx", "--report", "-", "--json"], "one thing only"),
        (["decode", "a.ovx", "-o", "-", "--report", "-"], "one thing only"),
    ],
)
def test_what_does_not_fit_together(folder, capsys, words, reason):
    Path("sub").mkdir()
    shutil.copy("a.ply", "sub/a.ply")
    before = listing(folder)
    assert run(*words) == 2
    error = capsys.readouterr().err
    assert reason in error and error.count("\n") == 1
    assert listing(folder) == before


# What is replaced


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        (["encode", "a.ply", "-o", "precious.ovx"], "an Octavox bitstream"),
        (["decode", "a.ovx", "-o", "precious.ply"], "a PLY file"),
        (["decode", "a.ovx", "-o", "precious.las"], "a LAS file"),
        (["decode", "a.ovx", "-o", "precious.xyz"], "a text file"),
        (["decode", "a.ovx", "-o", "precious.txt"], "a text file"),
        (["decode", "a.ovx", "-o", "precious.bin"], "a KITTI and nuScenes file"),
        (["decode", "a.ovx", "-o", "precious.ply.gz"], "a PLY file"),
        (["convert", "a.ply", "precious.pcd"], "a PCD file"),
        (["convert", "a.ply", "precious.npy"], "a NumPy file"),
        (["convert", "a.ply", "precious.obj"], "a OBJ file"),
    ],
)
def test_a_file_of_another_kind_is_replaced_with_force_only(folder, capsys, words, kind):
    target = Path(words[-1])
    target.write_bytes(b"Dear diary,\n1 2 3 are numbers.\n")
    before = listing(folder)
    assert run(*words) == 2
    assert f"{target}: the file exists and is not {kind}; --force replaces it" in capsys.readouterr().err
    assert listing(folder) == before
    assert run(*words, "--force") == 0
    assert target.read_bytes() != before[target.name]
    assert run(*words) == 0  # it is of the same kind now


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["encode", "a.ply", "-o", "x.ply"], "does not end in .ovx"),
        (["encode", "a.ply", "-o", "x"], "does not end in .ovx"),
        (["encode", "a.ply", "-o", "b.ply"], "does not end in .ovx"),
        (["decode", "a.ovx", "-o", "x.ovx"], "no point clouds are written under such a name"),
        (["decode", "a.ovx", "-o", "x.stl"], "no point clouds are written under such a name"),
        (["decode", "a.ovx", "-o", "x.docx"], "no point clouds are written under such a name"),
        (["decode", "a.ovx", "-o", "x"], "no point clouds are written under such a name"),
        (["convert", "a.ply", "x.glb"], "no point clouds are written under such a name"),
        (["encode", "a.ply", "-o", "x.ovx", "--report", "b.ply"], "does not end in .json"),
        (["decode", "a.ovx", "-o", "x.ply", "--report", "x.txt"], "does not end in .json"),
    ],
)
def test_a_name_must_end_in_what_is_written(folder, capsys, words, reason):
    before = listing(folder)
    assert run(*words) == 2
    error = capsys.readouterr().err
    assert reason in error and f" {words[-1]}: " in error
    assert listing(folder) == before


@pytest.mark.parametrize("suffix", ["xyz", "pcd", "las", "laz", "npy", "csv", "pts", "npz"])
def test_the_name_says_the_format(folder, suffix):
    assert run("decode", "a.ovx", "-o", f"x.{suffix}") == 0
    assert not Path(f"x.{suffix}").read_bytes().startswith(b"ply")
    found = np.unique(codec.read_cloud(f"x.{suffix}").positions, axis=0)
    assert np.array_equal(found, np.unique(codec.read_cloud("a.ply").positions, axis=0))


# Standard streams


@pytest.mark.slow
@POSIX
def test_standard_streams_of_every_command(folder):
    cloud, stream = Path("a.ply").read_bytes(), Path("a.ovx").read_bytes()
    done = piped("encode", "-", "-o", "-", *OCTREE, given=cloud)
    assert done.returncode == 0, done.stderr
    assert b"points in" in done.stderr  # what is said goes elsewhere
    assert codec.verify(cloud, done.stdout).identical
    assert not Path("-").exists()
    done = piped("decode", "-", "-o", "-", given=stream)
    assert done.stdout.startswith(b"ply\n") and b"points" in done.stderr
    assert keys(codec.read_cloud(done.stdout)) == keys(codec.decode(stream).cloud)
    done = piped("decode", "-", "-o", "-", "--to", "laz", "-q", given=stream)
    assert done.stdout.startswith(b"LASF") and done.stderr == b""
    assert len(codec.read_cloud(done.stdout)) == len(make_sphere(7, A))
    done = piped("decode", "-", "-o", "x.ply", "--json", given=stream)
    assert json.loads(done.stdout)["input"] == "-"
    assert json.loads(piped("info", "-", "--json", given=stream).stdout)["points"] > 0
    assert piped("verify", "-", "a.ovx", given=cloud).returncode == 0
    assert piped("verify", "a.ply", "-", given=stream).returncode == 0
    assert piped("compare", "-", "a.ply", given=stream).returncode == 0
    assert piped("compare", "a.ply", "-", given=cloud).returncode == 0
    assert piped("compare", "b.ply", "-", given=cloud).returncode == 1
    done = piped("convert", "-", "-", "--to", "xyz", given=cloud)
    rows = [line for line in done.stdout.splitlines() if not line.startswith(b"#")]
    assert done.returncode == 0 and len(rows) == len(make_sphere(7, A))
    done = piped("encode", "a.ply", "-o", "x.ovx", "--report", "-", *OCTREE)
    assert json.loads(done.stdout)["codec"] == "octree" and b"points in" in done.stderr


@pytest.mark.slow
@POSIX
def test_errors_name_standard_input(folder):
    for words in (["encode", "-", "-o", "x.ovx"], ["decode", "-", "-o", "x.ply"], ["info", "-"]):
        done = piped(*words, given=b"nonsense, and nothing else")
        assert done.returncode in (2, 3) and done.stdout == b""
        assert done.stderr.startswith(b"octavox: error: <stdin>: ") and done.stderr.count(b"\n") == 1
    done = piped("encode", "-", "-o", "-", "--json", *OCTREE, given=Path("a.ply").read_bytes())
    assert codec.verify("a.ply", done.stdout).identical  # the JSON went to standard error
    assert json.loads(done.stderr)["codec"] == "octree"


def test_a_terminal_gets_no_bytes(folder, monkeypatch, capsys):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    for words in (["encode", "a.ply", "-o", "-"], ["decode", "a.ovx", "-o", "-"], ["convert", "a.ply", "-"]):
        assert run(*words) == 2
        assert "standard output is a terminal" in capsys.readouterr().err


# How much is said, and how


CALLS = {
    "encode": ["encode", "a.ply", "-o", "x.ovx", *OCTREE],
    "decode": ["decode", "a.ovx", "-o", "x.ply"],
    "info": ["info", "a.ovx"],
    "verify": ["verify", "a.ply", "a.ovx"],
    "compare": ["compare", "a.ply", "a.ovx"],
    "convert": ["convert", "a.ply", "x.pcd"],
    "upsample": ["upsample", "a.ply", "-o", "x.ply", "--ratio", "2"],
    "restore": ["restore", "a.ply", "-o", "x.ply"],
    "interpolate": ["interpolate", "a.ply", "b.ply", "-o", "x.ply"],
    "batch": ["batch", "encode", "a.ply", "-o", "x", *OCTREE],
    "dataset": ["dataset", "models", "-o", "x"],
    "demo": ["demo", "a.ply", "--out", "x", *OCTREE],
}


@pytest.mark.slow
@pytest.mark.parametrize("name", CALLS)
def test_quiet_verbose_and_json(folder, capsys, name, monkeypatch):
    monkeypatch.setitem(sys.modules, "octavox.gui.rendering.snapshot", None)  # no picture
    Path("models").mkdir()
    for k in (1, 2, 3):
        codec.write_ply(f"models/ball{k}_vox7.ply", make_sphere(7, 50.0 + k))

    def said(*more: str) -> str:
        shutil.rmtree("x", ignore_errors=True)
        assert run(*CALLS[name], *more) == 0
        return capsys.readouterr().out

    if name == "demo":
        said()  # says that it compiles, where no process has
    plain, quiet, verbose = said(), said("--quiet"), said("--verbose")
    assert plain and not quiet
    assert len(verbose.splitlines()) >= len(plain.splitlines())
    if name in ("encode", "decode", "info", "verify", "convert", "upsample", "restore", "interpolate"):
        assert len(verbose.splitlines()) > len(plain.splitlines())
    values = json.loads(said("--json"))
    assert isinstance(values, dict) and values == json.loads(json.dumps(values))
    assert json.loads(said("--json", "--quiet")).keys() == values.keys()
    if name not in ("dataset", "demo"):
        part = PAGE[PAGE.index("## JSON") :]
        documented = set(re.findall(r"`(\w+)`", part))
        assert set(values) <= documented
        for field, value in values.items():
            if field == "components":
                continue  # by the names of properties
            rows = value if isinstance(value, list) else [value]
            for row in rows:
                if isinstance(row, dict) and row is not values.get("side"):
                    assert set(row) - set(values.get("options", {})) <= documented | set(
                        values.get("seconds", {})
                    ) | set(values.get("versions", {}))
    with pytest.raises(SystemExit):
        program.main([*CALLS[name], "--quiet", "--verbose"])


def test_every_command_that_speaks_takes_the_three_options(capsys):
    for command in (*COMMANDS, *program.WINDOW):
        assert run(command.name, "--help") == 0
        text = capsys.readouterr().out
        assert ("--json" in text and "--quiet" in text and "--verbose" in text) == command.speaks
        assert command.speaks or command.name in ("completion", "gui", "desktop")


def test_several_files_give_a_list(folder, capsys):
    assert run("encode", "a.ply", "b.ply", "--out-dir", "d", "--report", "r.json", "--json", *OCTREE) == 0
    found = json.loads(capsys.readouterr().out)
    assert [row["input"] for row in found] == ["a.ply", "b.ply"]
    assert json.loads(Path("r.json").read_text()) == found
    assert run("info", "d/a.ovx", "d/b.ovx", "--json") == 0
    assert [row["path"] for row in json.loads(capsys.readouterr().out)] == ["d/a.ovx", "d/b.ovx"]


def test_what_is_lost_is_said_and_in_the_json(folder, capsys):
    points = np.random.default_rng(1).random((500, 3))
    codec.write_cloud("c.ply", codec.PointCloud(points, attributes={"intensity": np.arange(500)}))
    voxels = ("--keep", "voxels", "--geometry-only", *OCTREE)
    assert run("encode", "c.ply", "--json", *voxels) == 0
    out, err = capsys.readouterr()
    values = json.loads(out)
    assert values["level"] == "voxels"
    assert any("points move by" in w for w in values["warnings"])
    assert any("not stored: intensity" in w for w in values["warnings"])
    assert err.splitlines() == [f"octavox: warning: c.ply: {w}" for w in values["warnings"]]
    assert run("encode", "c.ply", "-q", *voxels) == 0
    assert capsys.readouterr() == ("", "")
    assert run("verify", "c.ply", "c.ovx") == 0
    said = capsys.readouterr().out
    assert said.startswith("voxels identical (voxels); points moved by up to") and "intensity" in said
    assert run("verify", "c.ply", "c.ovx", "--strict") == 1
    assert run("decode", "c.ovx", "-o", "c.las", "--json") == 0


def test_warnings_of_the_library_are_lines(folder, capsys):
    Path("empty.xyz").write_bytes(b"# nothing\n")
    assert run("encode", "empty.xyz", *OCTREE) == 0
    assert "octavox: warning: empty.xyz: the file holds no points\n" in capsys.readouterr().err
    assert run("encode", "empty.xyz", "-q", "-o", "y.ovx", *OCTREE) == 0
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    "words",
    [
        ["encode", "a.ply", "-o", "x.ovx", "--slices", "100000", *OCTREE],
        ["encode", "a.ply", "-o", "x.ovx", "--keep", "records", "--depth", "4"],
        ["encode", "none.ply", "-o", "x.ovx"],
        ["encode", "n\0ll.ply", "-o", "x.ovx"],
        ["encode", "a.ply", "-o", "n\0ll.ovx"],
        ["encode", "a.ply", "-o", f"{'x' * 300}.ovx"],
        ["encode", "a" * 5000, "-o", "x.ovx"],
        ["encode", ".", "-o", "x.ovx"],
        ["decode", "a.ply", "-o", "x.ply"],
        ["info", "a.ply"],
        ["verify", "a.ply", "b.ply"],
        ["verify", "a.ovx", "a.ovx"],
        ["compare", "a.ply", "none.ply"],
        ["convert", "none.ply", "x.xyz"],
        ["convert", "a.ovx", "x.xyz"],
        ["upsample", "none.ply", "-o", "x.ply", "--ratio", "2"],
        ["upsample", "a.ply", "-o", "x.ply", "--ratio", "20"],
        ["upsample", "a.ply", "-o", "x.none", "--ratio", "2"],
        ["restore", "a.ply", "-o", "x.ply", "--levels", "3"],
        ["restore", "a.ovx", "-o", "x.ply"],
        ["interpolate", "a.ply", "none.ply", "-o", "x.ply"],
        ["interpolate", "a.ply", "b.ply", "-o", "x.none"],
    ],
)
def test_messages_name_the_file(folder, capsys, words):
    before = listing(folder)
    assert run(*words) in (2, 3)
    out, err = capsys.readouterr()
    assert out == "" and err.count("\n") == 1 and err.startswith("octavox: error: ")
    name = err.removeprefix("octavox: error: ").split(": ")[0]
    shown = [word.replace("\0", "\\0") for word in words]
    assert name in shown or name in [os.path.realpath(w) for w in words if "\0" not in w]
    assert listing(folder) == before


# Parts of streams


def test_a_region_at_the_command_line(folder, capsys):
    points = np.round(np.random.default_rng(1).random((3000, 3)) * 8 - 4, 2)
    codec.write_cloud("c.xyz", codec.PointCloud(points))
    assert run("encode", "c.xyz", "--slices", "4", "-q", *OCTREE) == 0
    box = ["-3.5", "-1e0", "-inf", "1.25", "2", "inf"]
    assert run("decode", "c.ovx", "-o", "part.npy", "--region", *box, "--json") == 0
    values = json.loads(capsys.readouterr().out)
    low, high = np.array([-3.5, -1, -np.inf]), np.array([1.25, 2, np.inf])
    wanted = points[((points >= low) & (points <= high)).all(axis=1)]
    assert keys(codec.read_cloud("part.npy")) == keys(codec.PointCloud(wanted))
    assert values["returned"] == len(wanted) < values["points"] < 3000
    for bad in (["1", "2"], ["a"] * 6, ["nan"] * 6):
        assert run("decode", "c.ovx", "-o", "y.ply", "--region", *bad) == 2
    assert not Path("y.ply").exists()


def test_salvage_at_the_command_line(folder, capsys):
    data = Path("a.ovx").read_bytes()
    slices = [s for s in codec.info(data).sections if s.name.startswith("slice")]
    broken = bytearray(data)
    broken[slices[1].first_byte + 3] ^= 1
    Path("broken.ovx").write_bytes(broken)
    assert run("decode", "broken.ovx") == 3 and not Path("broken.ply").exists()
    capsys.readouterr()
    assert run("decode", "broken.ovx", "--salvage", "--json") == 5
    out, err = capsys.readouterr()
    loss = json.loads(out)["loss"]
    assert loss["slices"] == [1] and loss["points"] == slices[1].points
    assert len(codec.read_cloud("broken.ply")) == slices[0].points
    assert "octavox: warning: broken.ovx: slices 1 are lost" in err
    assert f"{slices[1].points:,} points are lost" in err
    Path("cut.ovx").write_bytes(data[:-1])
    assert run("decode", "cut.ovx", "--salvage") == 0  # the end alone is missing
    assert "every point came back" in capsys.readouterr().err
    assert run("decode", "a.ovx", "--salvage", "-o", "whole.ply") == 0
    assert capsys.readouterr().err == ""
    Path("none.ovx").write_bytes(data[:30])
    assert run("decode", "none.ovx", "--salvage") == 3 and not Path("none.ply").exists()
    assert run("decode", "none.ovx", "broken.ovx", "--salvage", "--out-dir", "d") == 3


# Names


NAMES = ["ä ö ü.ply", "点群.ply", "-dash.ply", "new\nline.ply", "a'\"b.ply", "\x1b[31mred.ply"]


@POSIX
@pytest.mark.slow
@pytest.mark.parametrize("encoding", [{"PYTHONIOENCODING": "ascii"}, {"LC_ALL": "C", "PYTHONUTF8": "0"}])
def test_names_that_the_terminal_cannot_print(folder, encoding):
    names = [*NAMES, os.fsdecode(b"\xff\xfe broken.ply")]
    commands = [words for name in names for words in commands_of(name)]
    for name in names:
        shutil.copy("a.ply", folder / name)
    for words, done in zip(commands, forked(commands, **encoding), strict=True):
        assert b"Traceback" not in done.stderr
        if "none" in words[-1]:
            assert done.returncode == 2 and (words[0] != "encode" or done.stderr.count(b"\n") == 1)
            continue
        assert done.returncode == 0, (words, done.stderr)
        if "--json" in words:
            json.loads(done.stdout)
    for name in names:
        assert json.loads((folder / f"{name[:-4]}.json").read_text())["input"] in (
            f"./{name}",
            as_bytes(name),
        )
    done = piped("encode", f"./none {names[-1]}", **encoding)
    assert done.returncode == 2 and done.stderr.count(b"\n") == 1


def commands_of(name: str) -> list[list[str]]:
    """What is done with a cloud of this name, and with one that is not there."""
    stem = f"./{name[:-4]}"
    return [
        ["encode", f"./{name}", "-o", f"{stem}.ovx", "--report", f"{stem}.json", *OCTREE],
        ["info", f"{stem}.ovx"],
        ["verify", f"./{name}", f"{stem}.ovx", "--json"],
        ["decode", f"{stem}.ovx", "-o", f"{stem}.xyz"],
        ["compare", f"./{name}", f"{stem}.ovx", "--json"],
        ["convert", f"./{name}", f"{stem}.pcd", "--json"],
        ["encode", f"./none {name}"],
        [f"none {name}"],  # the window's entry
    ]


def test_names_do_not_steer_the_terminal(folder, capsys):
    name = "\x1b]0;title\x07\r\n.ply"
    points = codec.PointCloud(np.random.default_rng(1).random((50, 3)))
    codec.write_cloud(name, points)
    assert run("encode", name, "--keep", "voxels", *OCTREE) == 0
    assert run("encode", name, "-o", "\x1b[2J.ply") == 2
    assert run("encode", name, "\x1b[2J.ply", "--out-dir", "d", *OCTREE) == 2
    assert run("\x1b[2J.ply") == 2
    out, err = capsys.readouterr()
    assert "\\x1b]0;title\\x07" in out and "points move by" in err
    assert all(c.isprintable() or c == "\n" for c in out + err)
    assert all(line.startswith("octavox: ") for line in err.splitlines())


def test_numbers_that_json_does_not_have_are_null(capsys):
    import argparse

    from octavox.codec.cli.words import say_json

    say_json(argparse.Namespace(json=True), {"a": [float("nan"), 1.5, (float("inf"),)], "b": {"c": -0.0}})
    assert json.loads(capsys.readouterr().out) == {"a": [None, 1.5, [None]], "b": {"c": 0.0}}


# Completion


@pytest.mark.parametrize("shell", SHELLS)
def test_a_script_for_each_shell(capsys, shell):
    assert run("completion", shell) == 0
    script = capsys.readouterr().out
    for word in ("encode", "salvage", "region", "voxel-size", "demo"):
        assert word in script
    tool = {"powershell": "pwsh"}.get(shell, shell)
    if shutil.which(tool) and shell in ("bash", "zsh", "fish"):
        done = subprocess.run([tool, "-n"], input=script, text=True, capture_output=True, timeout=60)
        assert done.returncode == 0, done.stderr


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
def test_bash_completes(folder, capsys):
    assert run("completion", "bash") == 0
    Path("script").write_text(capsys.readouterr().out)

    def completed(*words: str) -> list[str]:
        lines = " ".join(f"'{word}'" for word in ("octavox", *words))
        ask = (
            "source ./script; f=$(complete -p octavox | sed 's/.*-F \\([^ ]*\\).*/\\1/'); "
            f"COMP_WORDS=({lines}); COMP_CWORD={len(words)}; $f; printf '%s\\n' \"${{COMPREPLY[@]}}\""
        )
        done = subprocess.run(["bash", "-c", ask], capture_output=True, text=True, timeout=60, check=True)
        return [line.strip() for line in done.stdout.splitlines()]

    assert "encode" in completed("enc")
    assert {"--keep", "--out-dir"} <= set(completed("encode", "--"))
    assert set(completed("encode", "--keep", "")) == {"auto", "file", "records", "voxels"}
    assert "a.ovx" in completed("info", "a.")
    assert "zsh" in completed("completion", "z")


def test_a_missing_shtab_is_a_message(capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "shtab", None)
    assert run("completion", "bash") == 2
    assert "lacks a package" in capsys.readouterr().err


# The page


def test_the_page_lists_what_there_is():
    for command in (*COMMANDS, *program.WINDOW):
        assert f"`{command.name}" in PAGE
    for code in (0, 1, 2, 3, 4, 5, 130):
        assert re.search(rf"^\| {code} \|", PAGE, re.M)
