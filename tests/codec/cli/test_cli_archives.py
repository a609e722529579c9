"""Archives at the command line: the file comes back under its own ending, and words say what happened."""

from __future__ import annotations

import gzip
import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
from sample_clouds import SAMPLE

from octavox import codec
from octavox.codec.cli.main import main

RNG = np.random.default_rng(3)
XYZ = np.round(RNG.uniform(-5, 5, (300, 3)), 3)
TEXT = "".join(f"{x:.3f} {y:.3f} {z:.3f}\n" for x, y, z in XYZ).encode()
MESH = b"v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    cloud = codec.PointCloud(XYZ, RNG.integers(0, 256, XYZ.shape).astype(np.uint8))
    for name in ("a.ply", "b.pcd", "c.las", "d.laz", "e.csv"):
        codec.write_cloud(name, cloud)
    Path("f.xyz").write_bytes(TEXT)
    Path("g.xyz.gz").write_bytes(gzip.compress(TEXT))
    Path("mesh.obj").write_bytes(MESH)
    (tmp_path / "out").mkdir()
    return tmp_path


NAMES = ("a.ply", "b.pcd", "c.las", "d.laz", "e.csv", "f.xyz", "g.xyz.gz", "mesh.obj")


def run(*args: object) -> int:
    return main([str(arg) for arg in args])


def encode(name: object, *more: str) -> int:
    return run("encode", name, "--codec", "octree", "--archive", *more)


def stream_of(name: str) -> str:
    return name.split(".")[0] + ".ovx"


@pytest.mark.parametrize("flag", [("--archive",), ("--keep", "file")])
@pytest.mark.parametrize("name", NAMES)
def test_decode_gives_the_file_under_its_own_ending(folder: Path, name: str, flag: tuple[str, ...]) -> None:
    assert run("encode", name, "--codec", "octree", *flag) == 0
    assert run("decode", stream_of(name), "--out-dir", "out") == 0
    assert [path.name for path in Path("out").iterdir()] == [name]
    assert Path("out", name).read_bytes() == Path(name).read_bytes()


@pytest.mark.parametrize("name", ["a.ply", "c.las", "d.laz", "f.xyz"])
def test_decode_to_another_ending_converts(
    folder: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert encode(name) == 0
    assert run("decode", stream_of(name), "-o", "back.npz") == 0
    assert f"(of the archived {Path(name).suffix})" in capsys.readouterr().out
    back, original = codec.read_cloud("back.npz"), codec.read_cloud(name)
    assert np.array_equal(back.coords, original.coords)  # in the order of the file
    assert list(back.attributes) == list(original.attributes)
    assert run("decode", stream_of(name), "--to", "pcd", "--out-dir", "out") == 0
    assert [path.name for path in Path("out").iterdir()] == [name.split(".")[0] + ".pcd"]


def test_a_name_of_the_same_ending_gets_the_bytes(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("odd.ply").write_bytes(Path("a.ply").read_bytes().replace(b"end_header", b"comment  x\nend_header"))
    assert encode("odd.ply") == 0
    assert run("decode", "odd.ovx", "-o", "Other.PLY") == 0
    assert "Other.PLY: the file, byte for byte, 300 points" in capsys.readouterr().out
    assert Path("Other.PLY").read_bytes() == Path("odd.ply").read_bytes()
    assert run("decode", "odd.ovx", "-o", "text.ply", "--ascii") == 0
    assert b"format ascii" in Path("text.ply").read_bytes()


def test_an_ending_that_is_never_written_is_that_of_an_archive(folder: Path) -> None:
    """Clouds are not written as STL; the file that was archived is."""
    vertex = np.eye(3, dtype="<f4")
    triangle = np.zeros(3, "<f4").tobytes() + vertex.tobytes() + bytes(2)
    Path("part.stl").write_bytes(bytes(80) + (1).to_bytes(4, "little") + triangle)
    assert encode("part.stl") == 0
    assert run("decode", "part.ovx", "-o", "back.stl") == 0
    assert Path("back.stl").read_bytes() == Path("part.stl").read_bytes()


def test_standard_output_gets_the_file(folder: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert encode("c.las", "--quiet") == 0
    assert run("decode", "c.ovx", "-o", "-", "--quiet") == 0
    assert capfdbinary.readouterr().out == Path("c.las").read_bytes()


def test_no_file_is_replaced_under_a_name_that_nobody_gave(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert encode("c.las") == 0
    before = Path("c.las").read_bytes()
    assert run("decode", "c.ovx") == 2
    assert "c.las: the file exists" in capsys.readouterr().err
    assert Path("c.las").read_bytes() == before and not Path("c.ply").exists()


@pytest.mark.parametrize("drop", [("--drop", "red"), ("--geometry-only",), ("--depth", "8")])
def test_an_archive_leaves_nothing_out(
    folder: Path, capsys: pytest.CaptureFixture[str], drop: tuple[str, ...]
) -> None:
    assert encode("a.ply", *drop) == 2
    assert "use --keep" in capsys.readouterr().err
    assert not Path("a.ovx").exists()


@pytest.mark.parametrize(("name", "stored"), [("a.ply", "voxels"), ("c.las", "rows"), ("g.xyz.gz", "bytes")])
def test_reports_and_info_say_what_is_kept(
    folder: Path, capsys: pytest.CaptureFixture[str], name: str, stored: str
) -> None:
    digest = hashlib.sha256(Path(name).read_bytes()).hexdigest()
    wanted = {"suffix": name[1:], "stored": stored, "sha256": digest}
    assert encode(name, "--json") == 0
    report = json.loads(capsys.readouterr().out)
    if stored in ("voxels", "rows"):  # whichever takes fewer bytes
        assert report["archive"]["stored"] in ("voxels", "rows")
        wanted["stored"] = report["archive"]["stored"]
    assert (report["level"], report["input_points"], report["archive"]) == ("file", 300, wanted)
    assert run("info", stream_of(name), "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["level"], found["input_points"], found["archive"]) == ("file", 300, wanted)
    assert run("info", stream_of(name)) == 0
    text = capsys.readouterr().out
    assert f"a file *{name[1:]}" in text and digest in text and "300, " in text
    assert run("decode", stream_of(name), "-o", "x" + name[1:], "--json") == 0
    decoded = json.loads(capsys.readouterr().out)
    assert (decoded["input_points"], decoded["returned"], decoded["archive"]) == (300, 300, wanted)


@pytest.mark.parametrize("name", NAMES)
def test_verify_compares_the_file(folder: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    assert encode(name) == 0
    capsys.readouterr()
    assert run("verify", name, stream_of(name), "--strict") == 0
    text = capsys.readouterr().out
    assert "identical: the file, byte for byte" in text
    assert hashlib.sha256(Path(name).read_bytes()).hexdigest() in text


def test_verify_tells_the_same_points_in_another_file(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert encode("f.xyz") == 0
    Path("other.xyz").write_bytes(TEXT + b"# the end\n")
    capsys.readouterr()
    assert run("verify", "other.xyz", "f.ovx") == 1
    assert "DIFFERENT: the points are the same, the file is not" in capsys.readouterr().out


def test_a_region_of_an_archive_is_points(folder: Path) -> None:
    for name in ("a.ply", "c.las", "g.xyz.gz"):
        assert encode(name) == 0
        assert run("decode", stream_of(name), "--region", 0, 0, 0, 5, 5, 5, "-o", "part.npz") == 0
        inside = codec.read_cloud(name).positions
        inside = inside[((inside >= 0) & (inside <= 5)).all(axis=1)]
        found = codec.read_cloud("part.npz").positions
        assert 0 < len(found) < 300
        assert sorted(map(tuple, found.tolist())) == sorted(map(tuple, inside.tolist()))


def test_a_damaged_archive_ends_with_3(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert encode("a.ply") == 0
    data = bytearray(Path("a.ovx").read_bytes())
    data[-20] ^= 1
    Path("a.ovx").write_bytes(data)
    assert run("decode", "a.ovx", "-o", "back.ply") == 3
    assert "file" in capsys.readouterr().err and not Path("back.ply").exists()


def test_the_sample_in_a_file_of_another_name(folder: Path) -> None:
    """Names say nothing: the first bytes do."""
    data = SAMPLE.read_bytes()[:3000]
    rows = 100
    head = data[: data.index(b"end_header\n") + 11].replace(b"145773", str(rows).encode())
    Path("noname").write_bytes(head + data[data.index(b"end_header\n") + 11 :][: rows * 15])
    assert encode("noname") == 0
    assert run("decode", "noname.ovx", "--out-dir", "out") == 0
    assert Path("out/noname.ply").read_bytes() == Path("noname").read_bytes()
