"""The command line, as a user runs it: processes, files, exit codes."""

from __future__ import annotations

import importlib
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import types
from pathlib import Path

import numpy as np
import pytest
from sample_clouds import ROOT, SAMPLE_POINTS, make_sphere

from octavox import __main__ as main
from octavox import codec
from octavox.codec.cli import main as cli

GOOD = (
    b"ply\nformat ascii 1.0\nelement vertex 2\nproperty int x\nproperty int y\nproperty int z\nend_header\n"
)


@pytest.fixture
def cloud(tmp_path) -> Path:
    """A small cloud in a folder of its own."""
    path = tmp_path / "cloud.ply"
    codec.write_ply(path, make_sphere(5, 12.0))
    return path


@pytest.fixture
def stream(cloud, command_line) -> Path:
    """`cloud` coded by the raw codec."""
    path = cloud.with_suffix(".ovx")
    done = command_line("encode", cloud, "-o", path, "--codec", "raw", raw=True)
    assert done.returncode == 0, done.stderr
    return path


def refused(done, code: int, *texts: str) -> None:
    """One line on stderr with these texts, nothing on stdout, this exit code."""
    assert done.returncode == code, done.stderr
    assert done.stdout == ""
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("octavox: error: ")
    for text in texts:
        assert text in lines[0]


def test_version_and_help(command_line):
    assert command_line("--version").stdout == f"octavox {codec.__version__}\n"
    text = command_line("--help").stdout
    for command in ("encode", "decode", "info", "verify", "train", "gui", "demo"):
        assert command in text
        assert command_line(command, "--help").returncode == 0


@pytest.mark.slow
def test_encode_decode_verify(command_line, tmp_path, sample_path):
    stream, back, report = tmp_path / "s.ovx", tmp_path / "back.ply", tmp_path / "report.json"
    words = ("encode", sample_path, "-o", stream, "--codec", "raw")
    done = command_line(*words, "--geometry-only", "--report", report, raw=True)
    assert done.returncode == 0, done.stderr
    assert f"{SAMPLE_POINTS:,} points" in done.stdout
    assert f"octavox: warning: {sample_path}: not stored: red, green, blue" in done.stderr
    assert json.loads(report.read_text())["points"] == SAMPLE_POINTS

    alone = tmp_path / "alone"  # decoding sees the stream and nothing else
    alone.mkdir()
    shutil.copy(stream, alone / "in.ovx")
    done = command_line("decode", "in.ovx", "-o", back, raw=True, cwd=alone)
    assert done.returncode == 0, done.stderr
    ours, theirs = codec.read_cloud(back), codec.read_cloud(sample_path)
    assert np.array_equal(np.unique(ours.positions, axis=0), np.unique(theirs.positions, axis=0))

    done = command_line("verify", sample_path, stream, "--json", raw=True)
    assert done.returncode == 0
    told = json.loads(done.stdout)
    assert (told["kept"], told["identical"], told["dropped"]) == (True, False, ["red", "green", "blue"])
    assert command_line("verify", sample_path, stream, "--strict", raw=True).returncode == 1
    said = command_line("verify", sample_path, stream, raw=True).stdout.splitlines()[0]
    assert said == "points identical (records); not stored: red, green, blue"

    assert command_line(*words, raw=True).stderr == ""  # every property
    done = command_line("verify", sample_path, stream, "--strict", raw=True)
    assert done.returncode == 0
    assert done.stdout.startswith(
        f"identical: {SAMPLE_POINTS:,} points, every property, to the last bit (records)"
    )


@pytest.mark.slow
def test_ascii_output(command_line, stream, tmp_path):
    done = command_line("decode", stream, "-o", tmp_path / "back.ply", "--ascii", raw=True)
    assert done.returncode == 0
    assert b"format ascii 1.0" in (tmp_path / "back.ply").read_bytes()
    assert command_line("verify", tmp_path / "back.ply", stream, raw=True).returncode == 0


def test_info(command_line, stream):
    text = command_line("info", stream, "--blocks", raw=True).stdout
    assert "slice 0" in text
    assert "block size" in text
    values = json.loads(command_line("info", stream, "--json", raw=True).stdout)
    assert values["file_size"] == stream.stat().st_size
    assert values["sections"][1]["crc"] == "ok"


def test_verify_finds_a_difference(command_line, stream, tmp_path):
    other = tmp_path / "other.ply"
    codec.write_ply(other, make_sphere(5, 11.0))
    done = command_line("verify", other, stream, raw=True)
    assert done.returncode == 1
    assert "DIFFERENT" in done.stdout
    done = command_line("verify", other, stream, "--json", raw=True)
    assert json.loads(done.stdout)["missing"] > 0


def test_depth_and_its_warnings(command_line, cloud, tmp_path):
    done = command_line("encode", cloud, "-o", tmp_path / "s.ovx", "--codec", "raw", "--depth", 3, raw=True)
    assert done.returncode == 0
    assert "merged" in done.stderr
    assert "3 bits (voxel size 4)" in done.stderr
    stream = command_line("info", tmp_path / "s.ovx", "--json", raw=True).stdout
    assert json.loads(stream)["depth"] == 3
    done = command_line("encode", cloud, "-o", tmp_path / "t.ovx", "--codec", "raw", "--depth", 22, raw=True)
    refused(done, 2, "depth 22")
    assert not (tmp_path / "t.ovx").exists()


BAD_CLOUDS = {
    "empty.ply": (b"", "empty"),
    "not.ply": (b"hello\n", "not a PLY file"),
    "truncated.ply": (GOOD + b"10 20 30\n4 5", "row 1"),
    "header.ply": (GOOD[:60], "truncated"),
    "no_z.ply": (GOOD.replace(b"int z", b"int w") + b"1 2 3\n4 5 6\n", "'z'"),
    "huge.ply": (GOOD.replace(b"vertex 2", b"vertex 1000000000000") + b"1 2 3\n", "the data end in row 1"),
    "cloud.zip": (b"PK\x03\x04", "zip"),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", BAD_CLOUDS)
def test_bad_clouds(command_line, tmp_path, name):
    data, text = BAD_CLOUDS[name]
    (tmp_path / name).write_bytes(data)
    done = command_line("encode", tmp_path / name, "-o", tmp_path / "out.ovx", "--codec", "raw", raw=True)
    refused(done, 2, text)
    assert [p.name for p in tmp_path.iterdir()] == [name]


def test_a_span_of_more_than_21_bits_comes_back(command_line, tmp_path):
    path, stream = tmp_path / "wide.ply", tmp_path / "out.ovx"
    path.write_bytes(GOOD.replace(b"vertex 2", b"vertex 40") + b"0 0 0\n2097152 0 0\n" * 19 + b"1 0 0\n" * 2)
    assert command_line("encode", path, "-o", stream, "--codec", "raw", raw=True).returncode == 0
    assert command_line("verify", path, stream, "--strict", raw=True).returncode == 0


def test_points_that_are_not_finite(command_line, tmp_path):
    (tmp_path / "nan.ply").write_bytes(GOOD.replace(b" int ", b" float ") + b"1 2 3\n4 nan 6\n")
    words = ("encode", tmp_path / "nan.ply", "-o", tmp_path / "out.ovx", "--codec", "raw")
    done = command_line(*words, raw=True)
    assert done.returncode == 0 and "records: every point, to the last bit" in done.stdout
    assert (
        command_line("verify", tmp_path / "nan.ply", tmp_path / "out.ovx", "--strict", raw=True).returncode
        == 0
    )
    done = command_line(*words, "--keep", "voxels", raw=True)
    assert "1 points have coordinates that are not finite and are left out" in done.stderr
    refused(command_line(*words, "--nan", "error", raw=True), 2, "point 1 ", "nan.ply")


@pytest.mark.slow
def test_missing_files_and_folders(command_line, cloud, stream, tmp_path):
    refused(command_line("encode", tmp_path / "no.ply", "-o", tmp_path / "o.ovx"), 2, "No such file")
    refused(command_line("encode", tmp_path, "-o", tmp_path / "o.ovx"), 2, "folder")
    refused(command_line("encode", cloud, "-o", tmp_path / "no" / "o.ovx"), 2, "cannot write")
    refused(command_line("encode", cloud, "-o", tmp_path), 2, "does not end in .ovx")
    refused(command_line("encode", cloud, "-o", tmp_path, "--force"), 2, "cannot write")
    refused(command_line("encode", cloud, "-o", cloud), 2, "same file")
    refused(command_line("decode", stream, "-o", stream, raw=True), 2, "same file")
    refused(command_line("nonsense"), 2, "nonsense")


def test_wrong_usage(command_line, cloud):
    for args in (
        ["encode"],
        ["encode", cloud, "--keep", "everything"],
        ["decode", "--ascii"],
        ["--nonsense"],
        ["encod", cloud, "-o", "x"],
    ):
        done = command_line(*args)
        assert done.returncode == 2
        assert "usage: octavox" in done.stderr
    assert command_line("encode", cloud, "-o", "x", "--threads", "0").returncode == 2


def damage(data: bytes, name: str) -> bytes:
    last = len(data) - 1
    return {
        "empty": b"",
        "text": b"hello",
        "truncated": data[:last],
        "trailing": data + b"\0",
        "version": data[:8] + b"\x03" + data[9:],
        "header": data[:20] + bytes([data[20] ^ 1]) + data[21:],
        "payload": data[:last] + bytes([data[last] ^ 1]),
        "line endings": data.replace(b"\r\n", b"\n"),
    }[name]


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["empty", "text", "truncated", "trailing", "version", "header", "payload", "line endings"]
)
def test_bad_streams(command_line, stream, tmp_path, name):
    bad, out = tmp_path / "bad.ovx", tmp_path / "out.ply"
    bad.write_bytes(damage(stream.read_bytes(), name))
    refused(command_line("decode", bad, "-o", out, raw=True), 3, str(bad), "field '", "byte ")
    assert not out.exists()
    assert command_line("info", bad, raw=True).returncode == 3
    refused(command_line("verify", tmp_path / "cloud.ply", bad, raw=True), 3)


def test_a_stream_of_an_unknown_codec(command_line, stream, tmp_path):
    refused(command_line("decode", stream, "-o", tmp_path / "out.ply"), 3, "codec id 200")


def test_missing_weights(command_line, cloud, tmp_path):
    done = command_line(
        "encode", cloud, "-o", tmp_path / "o.ovx", "--weights", tmp_path / "absent.safetensors"
    )
    refused(done, 4, "weights", "--codec octree")
    assert not (tmp_path / "o.ovx").exists()


def test_a_failed_job_leaves_the_old_file(command_line, stream, cloud):
    before = stream.read_bytes()
    cloud.write_bytes(cloud.read_bytes()[:-1])
    done = command_line("encode", cloud, "-o", stream, "--codec", "raw", raw=True)
    refused(done, 2, "truncated")
    assert stream.read_bytes() == before


def test_tracebacks_on_demand(command_line, tmp_path):
    quiet = command_line("info", tmp_path / "absent.ovx")
    assert "Traceback" not in quiet.stderr
    loud = command_line("info", tmp_path / "absent.ovx", OCTAVOX_DEBUG="1")
    assert "Traceback" in loud.stderr
    assert (quiet.returncode, loud.returncode) == (2, 2)


@pytest.mark.skipif(sys.platform == "win32", reason="needs a limit on file sizes")
def test_a_full_disk(stream, tmp_path):
    """Writing past a limit on file sizes fails as a full disk does."""

    import resource

    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))

    out = tmp_path / "out.ply"
    out.write_bytes(b"ply old")
    command = [
        sys.executable,
        "-B",
        str(ROOT / "tests/support/raw_codec.py"),
        "decode",
        str(stream),
        "-o",
        str(out),
    ]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, check=False, timeout=250, preexec_fn=limit
    )
    refused(done, 2, "cannot write")
    assert out.read_bytes() == b"ply old"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["cloud.ovx", "cloud.ply", "out.ply"]


def test_a_reader_that_goes_away(stream):
    """`octavox info ... | head -0` is no traceback."""
    command = [sys.executable, str(ROOT / "tests/support/raw_codec.py"), "info", str(stream)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    read_end, write_end = os.pipe()
    os.close(read_end)
    try:
        done = subprocess.run(
            command,
            env=environment,
            stdout=write_end,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            timeout=250,
        )
    finally:
        os.close(write_end)
    assert "Traceback" not in done.stderr


# main.py: what goes to the window


@pytest.fixture
def window(monkeypatch):
    """Stands for gui.app; gives the calls of run(paths, argv)."""
    calls = []
    module = types.ModuleType("octavox.gui.app.app")
    module.run = lambda paths, argv: calls.append((paths, argv[1:])) or 0
    monkeypatch.setitem(sys.modules, "octavox.gui.app.app", module)
    return calls


@pytest.mark.parametrize("args", [[], ["gui"], ["FILE"], ["gui", "FILE"]])
def test_the_window_opens(window, sample_path, args):
    args = [str(sample_path) if a == "FILE" else a for a in args]
    assert main.main(args) == 0
    assert window == [([str(sample_path)] if str(sample_path) in args else [], [])]


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there always is a display")
def test_without_a_display_the_window_says_so(sample_path):
    names = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    bare = {name: value for name, value in os.environ.items() if name not in names}
    command = [sys.executable, str(ROOT / "main.py"), str(sample_path)]
    refused(subprocess.run(command, env=bare, capture_output=True, text=True, timeout=250), 2, "no display")


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there always is a display")
@pytest.mark.parametrize("unreachable", [{"DISPLAY": ":4711"}, {"WAYLAND_DISPLAY": "wayland-4711"}])
@pytest.mark.parametrize("platform", [{}, {"QT_QPA_PLATFORM": "xcb;wayland"}])
def test_a_display_that_cannot_be_reached_is_a_message(sample_path, unreachable, platform):
    names = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    bare = {name: value for name, value in os.environ.items() if name not in names}
    done = subprocess.run(
        [sys.executable, str(ROOT / "main.py"), str(sample_path)],
        env=bare | unreachable | platform,
        capture_output=True,
        text=True,
        timeout=250,
    )
    refused(done, 2, f"{next(iter(unreachable.values()))} ({next(iter(unreachable))}) cannot be reached")


def test_every_command_is_known_to_the_entry():
    parser = cli.build_parser()
    (commands,) = (action for action in parser._actions if action.dest == "command")
    assert [command.name for command in cli.COMMANDS] == list(commands.choices)


def test_the_window_does_not_open_for_typing_errors(window, capsys):
    assert main.main(["encoed"]) == 2
    assert "no command 'encoed'" in capsys.readouterr().err
    assert window == []


def test_a_package_that_is_not_installed(monkeypatch, capsys, sample_path, tmp_path):
    monkeypatch.setitem(sys.modules, "octavox.codec.codecs.geometry.octree.codec", None)
    out = tmp_path / "out.ovx"
    assert main.main(["encode", str(sample_path), "-o", str(out), "--codec", "octree"]) == 2
    assert "lacks a package" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (MemoryError(), "not enough memory"),
        (OSError(28, "No space left on device", "a.ovx"), "a.ovx: No space left on device"),
        (KeyboardInterrupt(), "cancelled"),
    ],
)
def test_errors_from_below(monkeypatch, capsys, sample_path, tmp_path, error, text):
    def fail(*args: object, **keywords: object) -> None:
        raise error

    monkeypatch.setattr("octavox.codec.api.encode", fail)
    code = main.main(["encode", str(sample_path), "-o", str(tmp_path / "out.ovx")])
    assert code == (130 if isinstance(error, KeyboardInterrupt) else 2)
    name = f"{sample_path}: " if isinstance(error, MemoryError) else ""
    assert capsys.readouterr().err == f"octavox: error: {name}{text}\n"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("terminal", [False, True])
def test_progress_shows_on_a_terminal_only(raw, monkeypatch, sample_path, tmp_path, terminal):
    errors = Terminal() if terminal else io.StringIO()
    monkeypatch.setattr(sys, "stderr", errors)
    out = tmp_path / "out.ovx"
    assert main.main(["encode", str(sample_path), "-o", str(out), "--codec", raw.codec]) == 0
    assert ("encode" in errors.getvalue()) == terminal


@pytest.mark.slow
def test_demo(raw, cloud, tmp_path, monkeypatch, capsys):
    """The demonstration end to end, but for the picture: the decoded file is checked here once more."""
    drawn = []
    snapshot = types.ModuleType("octavox.gui.rendering.snapshot")
    snapshot.block_bits_png = lambda cloud, blocks, path: drawn.append((len(cloud), len(blocks), path.name))
    monkeypatch.setitem(sys.modules, "octavox.gui.rendering.snapshot", snapshot)
    out = tmp_path / "demo"
    assert main.main(["demo", "--out", str(out), "--codec", "octree", str(cloud)]) == 0
    points = len(make_sphere(5, 12.0))
    assert drawn[0][0] == points
    assert drawn[0][2] == "cloud_bits.png"
    back = codec.read_cloud(out / "cloud_decoded.ply")
    assert np.array_equal(np.unique(back.positions, axis=0), np.unique(make_sphere(5, 12.0).coords, axis=0))
    assert codec.info(out / "cloud.ovx").points == points
    report = json.loads((out / "cloud_report.json").read_text())
    assert (report["identical"], report["encode"]["codec"]) == (True, "octree")
    assert "identical" in capsys.readouterr().out


@pytest.mark.slow
def test_demo_without_weights_and_without_pictures(cloud, tmp_path, monkeypatch, capsys):
    def missing(*args: object) -> None:
        raise codec.WeightsError("no weights")

    module = importlib.import_module("octavox.codec.codecs.geometry.multiscale.codec")
    monkeypatch.setattr(module.MultiscaleCodec, "network", missing)
    monkeypatch.setitem(sys.modules, "octavox.gui.rendering.snapshot", None)
    out = tmp_path / "demo"
    assert main.main(["demo", "--out", str(out), str(cloud)]) == 0
    assert codec.info(out / "cloud.ovx").codec == "octree"
    errors = capsys.readouterr().err
    assert "octree codec is shown instead" in errors
    assert "no picture" in errors


@pytest.mark.slow
def test_one_slice_alone_and_blocks_of_another_size(tmp_path, command_line):
    cloud, path, back = tmp_path / "a.ply", tmp_path / "a.ovx", tmp_path / "back.ply"
    codec.write_ply(cloud, make_sphere(5, 12.0))
    report = tmp_path / "report.json"
    done = command_line(
        "encode", cloud, "-o", path, "--codec", "octree", "--block-size", 8, "--report", report
    )
    assert done.returncode == 0, done.stderr
    assert [row["size"] for row in json.loads(report.read_text())["by_size"]] == [8]
    shown = command_line("info", path, "--blocks", "--block-size", 4, "--json")
    assert [row["size"] for row in json.loads(shown.stdout)["by_size"]] == [4]
    done = command_line("decode", path, "-o", back, "--slice", 0)
    assert done.returncode == 0, done.stderr
    assert np.array_equal(codec.read_cloud(back).positions, codec.read_cloud(cloud).positions)
    refused(command_line("decode", path, "-o", back, "--slice", 1), 2, "there is no slice 1", "slices")
