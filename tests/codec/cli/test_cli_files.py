"""Files that a command line names: none takes the place of another, none is lost, pipes can be read."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from sample_clouds import ROOT, make_sphere

from octavox import codec
from octavox.codec.cli.main import main

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="signals and pipes of POSIX")


@pytest.fixture
def cloud(tmp_path: Path) -> Path:
    path = tmp_path / "cloud.ply"
    codec.write_ply(path, make_sphere(5, 12.0))
    return path


@pytest.fixture
def stream(cloud: Path) -> Path:
    path = cloud.with_suffix(".ovx")
    codec.save_stream(path, codec.encode(cloud, options=codec.CodecOptions(codec="octree")).data)
    return path


def listing(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize(
    ("args", "text"),
    [
        (["encode", "cloud.ply", "-o", "new.ovx", "--report", "new.ovx"], "output and report"),
        (["encode", "cloud.ply", "-o", "new.ovx", "--report", "./new.ovx"], "output and report"),
        (["encode", "cloud.ply", "-o", "cloud.ply"], "input and output"),
        (["encode", "cloud.ply", "-o", "new.ovx", "--report", "cloud.ply"], "input and report"),
        (["encode", "cloud.ply", "-o", "cloud.ovx", "--weights", "cloud.ovx"], "weights and output"),
        (["decode", "cloud.ovx", "-o", "new.ply", "--report", "new.ply"], "output and report"),
        (["decode", "cloud.ovx", "-o", "cloud.ovx"], "input and output"),
    ],
)
def test_no_file_takes_the_place_of_another(
    stream: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    args: list[str],
    text: str,
) -> None:
    monkeypatch.chdir(stream.parent)
    before = listing(stream.parent)
    assert main(args) == 2
    assert f"{text} are the same file" in capsys.readouterr().err
    assert listing(stream.parent) == before


@POSIX
@pytest.mark.parametrize("name", ["pipe.ply", "pipe", "pipe.xyz"])
def test_a_pipe_is_read_like_a_file(tmp_path: Path, cloud: Path, name: str) -> None:
    data = cloud.read_bytes() if name != "pipe.xyz" else b"1 2 3\n4 5 6\n"
    pipe = tmp_path / name
    os.mkfifo(pipe)
    feeder = threading.Thread(target=pipe.write_bytes, args=(data,), daemon=True)
    feeder.start()
    found = codec.read_cloud(pipe)
    feeder.join(60)
    plain = cloud.with_name("plain.xyz" if name == "pipe.xyz" else "plain.ply")
    plain.write_bytes(data)
    assert np.array_equal(found.positions, codec.read_cloud(plain).positions)
    assert found.source == str(pipe)


@POSIX
def test_a_fault_in_a_pipe_names_the_pipe(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.ply"
    os.mkfifo(pipe)
    threading.Thread(target=pipe.write_bytes, args=(b"ply\nnonsense\n",), daemon=True).start()
    with pytest.raises(codec.InputError) as error:
        codec.read_cloud(pipe)
    assert str(error.value).startswith(f"{pipe}: ")


@POSIX
def test_waiting_for_a_pipe_hears_a_cancel(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.ply"
    os.mkfifo(pipe)
    cancel = codec.CancelToken()
    threading.Timer(0.3, cancel.cancel).start()
    with pytest.raises(codec.CancelledError):
        codec.read_cloud(pipe, cancel=cancel)


def interrupted(program: str, number: int) -> tuple[int, str]:
    """Runs a program that says when it is busy, and sends it a signal then: exit code and stderr."""
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests' / 'support'}"}
    with subprocess.Popen(
        [sys.executable, "-c", program],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "started\n"
        time.sleep(0.2)
        process.send_signal(number)
        _, errors = process.communicate(timeout=60)
    return process.returncode, errors.strip()


@pytest.mark.slow
@POSIX
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_signal_ends_a_job(tmp_path: Path, sample_path: Path, name: str) -> None:
    """130, one line, no output."""
    out = tmp_path / "out.ovx"
    program = (
        "import sys, time, raw_codec\n"
        "def slow(self, cloud, options, job):\n"
        "    print('started', flush=True)\n"
        "    for _ in range(600):\n"
        "        time.sleep(0.1)\n"
        "        job.check()\n"
        "raw_codec.RawCodec.encode = slow\n"
        "raw_codec.install()\n"
        "from main import main\n"
        f"sys.exit(main(['encode', {str(sample_path)!r}, '-o', {str(out)!r}, '--codec', 'raw']))\n"
    )
    assert interrupted(program, getattr(signal, name)) == (130, "octavox: error: cancelled")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
@POSIX
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_signal_while_the_cloud_is_written_keeps_the_old_file(
    tmp_path: Path, stream: Path, name: str
) -> None:
    out = tmp_path / "old.ply"
    out.write_bytes(b"ply old")
    program = (
        "import sys, time\n"
        "from octavox.codec.job import JobContext\n"
        "parts = JobContext.parts\n"
        "def slow(self, rows, step=1):\n"
        "    print('started', flush=True)\n"
        "    for part in parts(self, rows, 1):\n"
        "        time.sleep(0.05)\n"
        "        yield part\n"
        "import octavox.codec.cli.targets as targets\n"
        "write = targets.write_cloud\n"
        "def write_slowly(*args, **more):\n"
        "    JobContext.parts = slow\n"
        "    return write(*args, **more)\n"
        "targets.write_cloud = write_slowly\n"
        "from main import main\n"
        f"sys.exit(main(['decode', {str(stream)!r}, '-o', {str(out)!r}]))\n"
    )
    assert interrupted(program, getattr(signal, name)) == (130, "octavox: error: cancelled")
    assert out.read_bytes() == b"ply old"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["cloud.ovx", "cloud.ply", "old.ply"]


@pytest.mark.slow
@POSIX
def test_a_signal_within_an_import(tmp_path: Path) -> None:
    """Packages make errors of their own of an interrupt while they load."""
    (tmp_path / "slow_package.py").write_text(
        "import time\n"
        "print('started', flush=True)\n"
        "try:\n"
        "    time.sleep(60)\n"
        "except BaseException:\n"
        "    raise ImportError('a part of this package failed to load') from None\n"
    )
    program = (
        "import signal, sys\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # what started the tests may ignore it
        f"sys.path.insert(0, {str(tmp_path)!r})\n"
        "from octavox import __main__ as command\n"
        "command._command_line = lambda args: __import__('slow_package')\n"
        "sys.exit(command.main(['info', 'a.ovx']))\n"
    )
    assert interrupted(program, signal.SIGINT) == (130, "octavox: error: cancelled")
