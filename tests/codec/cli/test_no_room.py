"""Full disks, too little memory, targets that must not be written: an error with the name, nothing lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from sample_clouds import ROOT

import octavox as ov
from octavox.codec.errors import out_of_memory
from octavox.codec.files.scratch import room_for

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs limits on processes")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A cloud, and a stream of it in the codec that stores coordinates as they are."""
    rows = np.stack(np.meshgrid(*[np.arange(16)] * 3, indexing="ij"), -1).reshape(-1, 3)
    ov.write_cloud(tmp_path / "cloud.ply", ov.PointCloud(rows.astype(np.int32)))
    assert octavox("encode", "cloud.ply", cwd=tmp_path).returncode == 0
    return tmp_path


def octavox(*words: object, cwd: Path, **others: object) -> subprocess.CompletedProcess[str]:
    """A command line that knows the raw codec, and takes it for what is encoded."""
    script = str(ROOT / "tests/support/raw_codec.py")
    given = [str(word) for word in words]
    command = [sys.executable, script, *given, *(["--codec", "raw"] if given[0] == "encode" else [])]
    return subprocess.run(  # type: ignore[call-overload, no-any-return]
        command,
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        timeout=250,
        **{"stdout": subprocess.PIPE, **others},
    )


def full_disk(most: int) -> None:
    """No file of this process may have more bytes."""
    import resource

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))


@pytest.mark.parametrize(
    ("command", "name"),
    [
        (("encode", "cloud.ply", "-o", "old.ovx"), "old.ovx"),
        (("encode", "cloud.ply", "--archive", "-o", "old.ovx"), "old.ovx"),
        (("encode", "--append", "cloud.ply", "-o", "old.ovx"), "old.ovx"),
        (("encode", "--sequence", "cloud.ply", "cloud.ply", "-o", "old.ovx"), "old.ovx"),
        (("decode", "cloud.ovx", "-o", "old.ply"), "old.ply"),
        (("convert", "cloud.ply", "old.las"), "old.las"),
        (("convert", "cloud.ply", "old.csv"), "old.csv"),
    ],
)
@pytest.mark.slow
def test_a_full_disk_leaves_the_old_file(folder: Path, command: tuple[str, ...], name: str) -> None:
    old, before = folder / name, sorted([name, *os.listdir(folder)])
    content = (folder / "cloud.ovx").read_bytes() if name == "old.ovx" else b"ply old"
    old.write_bytes(content)
    warm = (*command[:-1], f"warm_{name}", "--force")  # compiles what the command needs
    assert "--append" in command or octavox(*warm, cwd=folder).returncode == 0
    (folder / f"warm_{name}").unlink(missing_ok=True)
    most = len(content) + 200 if "--append" in command else 100  # what is there already has its place
    done = octavox(*command, "--force", cwd=folder, preexec_fn=lambda: full_disk(most))
    assert done.returncode == 2, done.stderr
    assert f"{name}: cannot write: File too large" in done.stderr and len(done.stderr.splitlines()) == 1
    assert sorted(os.listdir(folder)) == before
    assert old.read_bytes() == content


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs the device that is always full")
@pytest.mark.parametrize(
    "command",
    [
        ("encode", "cloud.ply", "-o", "-"),
        ("encode", "cloud.ply", "-o", "new.ovx", "--json"),
        ("decode", "cloud.ovx", "-o", "-"),
        ("info", "cloud.ovx"),
    ],
)
def test_standard_output_that_is_full(folder: Path, command: tuple[str, ...]) -> None:
    with open("/dev/full", "wb") as full:
        done = octavox(*command, cwd=folder, stdout=full)
    assert done.returncode == 2
    assert "<stdout>: cannot write: No space left on device" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_read_only_target_is_refused_before_the_work(folder: Path) -> None:
    old = folder / "old.ovx"
    old.write_bytes(b"old")
    old.chmod(0o444)
    for command in (
        ("encode", "gone.ply", "-o", "old.ovx"),
        ("encode", "--append", "gone.ply", "-o", "old.ovx"),
    ):
        done = octavox(*command, "--force", cwd=folder)
        assert done.returncode == 2 and "old.ovx: cannot write: the file is read-only" in done.stderr
    assert old.read_bytes() == b"old"


def test_inputs_that_vanish_are_named(folder: Path) -> None:
    done = octavox("encode", "cloud.ply", "gone.ply", "--out-dir", "out", cwd=folder)
    assert done.returncode == 2 and (folder / "out" / "cloud.ovx").exists()
    assert "gone.ply: cannot read: No such file or directory" in done.stderr


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs limits on memory that are kept")
def test_too_little_memory_is_an_error_with_the_name(folder: Path) -> None:
    """A file of zeros says how many points it has; there is no room for them."""
    with open(folder / "large.npy", "wb") as file:
        np.lib.format.write_array_header_1_0(
            file, {"descr": "<f8", "fortran_order": False, "shape": (1 << 28, 3)}
        )
        file.truncate(file.tell() + (24 << 28))

    def little() -> None:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))

    done = octavox("encode", "large.npy", "-o", "cloud.ovx", cwd=folder, preexec_fn=little)
    before = (folder / "cloud.ovx").read_bytes()
    assert done.returncode == 2 and len(done.stderr.splitlines()) == 1
    assert "large.npy: not enough memory: another 6.00 GiB are needed" in done.stderr
    assert (folder / "cloud.ovx").read_bytes() == before


def test_memory_that_lacks_later_is_told_with_the_name(folder: Path, monkeypatch) -> None:
    from octavox.codec import api

    def fail(*args: object) -> None:
        np.empty(1 << 60, np.uint8)

    monkeypatch.setattr(api, "encode_plan", fail)
    monkeypatch.setattr(api, "decode_frame", fail)
    for name, work in (("cloud.ply", ov.encode), ("cloud.ovx", ov.decode)):
        with pytest.raises(ov.OutOfMemoryError, match=r"another 1\.00 EiB are needed") as caught:
            work(folder / name)
        assert caught.value.path == str(folder / name) and caught.value.exit_code == 2
        assert isinstance(caught.value, MemoryError)
    assert str(out_of_memory(MemoryError())) == "not enough memory"


def test_no_room_for_temporary_files_is_told() -> None:
    for number in (28, 122):
        with pytest.raises(ov.InputError, match="no room for a temporary file in") as caught:
            with room_for("cloud.ply.gz"):
                raise OSError(number, os.strerror(number))
        assert caught.value.path == "cloud.ply.gz"
    with pytest.raises(PermissionError), room_for("x"):
        raise PermissionError(13, "Permission denied")
