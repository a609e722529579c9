"""What a killed process leaves is removed by the next one; nothing else is."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sample_clouds import ROOT

from octavox.codec import InputError, scratch_folder, write_atomically
from octavox.codec.files import unfinished
from octavox.codec.files.atomic import atomic_file, check_target
from octavox.codec.files.unfinished import clear, new_path

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs signals and locks of POSIX")
NAMED = "unfinished._without_name = lambda folder: None\n"
WRITE = """
import os, signal, sys
from octavox.codec import write_atomically
from octavox.codec.files import unfinished
from octavox.codec.files.atomic import atomic_file
{named}
with atomic_file(sys.argv[1]) as file:
    file.write(b"new" * 1000)
    file.flush()
    print(os.listdir(os.path.dirname(sys.argv[1])), flush=True)
    {then}
"""
SCRATCH = """
import os, signal, sys
from octavox.codec import scratch_folder
with scratch_folder(sys.argv[1]) as folder:
    (folder / "deep").mkdir()
    (folder / "deep" / "file").write_bytes(b"much")
    print(folder, flush=True)
    {then}
"""
KILL, WAIT = "os.kill(os.getpid(), signal.SIGKILL)", "sys.stdin.read()"


def start(script: str, target: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", script, str(target)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("named", ["", NAMED], ids=["without a name", "named"])
def test_a_killed_writer_leaves_the_old_file_and_nothing_that_stays(tmp_path: Path, named: str) -> None:
    target = tmp_path / "out.bin"
    target.write_bytes(b"old")
    with start(WRITE.format(named=named, then=KILL), target) as process:
        seen = process.stdout.readline() if process.stdout else ""
    assert process.returncode == -signal.SIGKILL
    assert target.read_bytes() == b"old"
    assert len(names(tmp_path)) == seen.count("'") // 2 == (2 if named or not nameless(tmp_path) else 1)
    unfinished._seen.discard(str(tmp_path))
    write_atomically(tmp_path / "other.bin", b"next")
    assert names(tmp_path) == ["other.bin", "out.bin"]


def nameless(folder: Path) -> bool:
    handle = unfinished._without_name(folder)
    if handle is None:
        return False
    os.close(handle)
    return True


def test_files_of_living_processes_stay(tmp_path: Path) -> None:
    target = tmp_path / "out.bin"
    with start(WRITE.format(named=NAMED, then=WAIT), target) as process:
        assert process.stdout is not None and process.stdin is not None
        process.stdout.readline()
        (held,) = names(tmp_path)
        clear(tmp_path)
        assert names(tmp_path) == [held]
        process.stdin.close()
        assert process.wait(60) == 0
    assert names(tmp_path) == ["out.bin"] and target.read_bytes() == b"new" * 1000


def test_folders_of_killed_processes_go_and_those_of_living_ones_stay(tmp_path: Path) -> None:
    with start(SCRATCH.format(then=KILL), tmp_path) as process:
        process.wait(60)
    (left,) = names(tmp_path)
    with start(SCRATCH.format(then=WAIT), tmp_path) as process:
        assert process.stdout is not None and process.stdin is not None
        held = Path(process.stdout.readline().strip())
        assert not (tmp_path / left).exists()  # the second process removed it
        clear(tmp_path)
        assert (held / "deep" / "file").read_bytes() == b"much"
        process.stdin.close()
        assert process.wait(60) == 0
    assert names(tmp_path) == []
    with pytest.raises(KeyError), scratch_folder(tmp_path) as folder:
        (folder / "file").touch()
        raise KeyError
    assert names(tmp_path) == []


def test_nothing_of_anybody_else_is_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / "precious").touch()
    for name in (".octavox-x.tmp", ".octavox-0123456789abcdef.tmp.bak", "octavox-0123456789abcdef.tmp"):
        (tmp_path / name).touch()
    (tmp_path / ".octavox-0123456789abcdef.tmp").symlink_to(kept)
    fifo = Path(new_path(tmp_path))
    os.mkfifo(fifo)
    before = names(tmp_path)
    clear(tmp_path)
    assert names(tmp_path) == before and names(kept) == ["precious"]
    left = Path(new_path(tmp_path))
    left.touch()
    with monkeypatch.context() as other:
        other.setattr(os, "geteuid", lambda: os.getuid() + 1)
        clear(tmp_path)
    assert left.exists()  # of another user
    clear(tmp_path)
    assert not left.exists()
    clear(tmp_path / "absent")


def test_a_name_that_is_taken_for_left_over_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process looks between the making of a file and its lock."""
    monkeypatch.setattr(unfinished, "_without_name", lambda folder: None)
    lock, looks = unfinished.lock, []

    def removed_first(handle: int) -> bool:
        looks.append(handle)
        if len(looks) == 1:
            clear(tmp_path)
            assert names(tmp_path) == []
        return lock(handle)

    monkeypatch.setattr(unfinished, "lock", removed_first)
    write_atomically(tmp_path / "out.bin", b"new")
    assert len(looks) == 2
    assert names(tmp_path) == ["out.bin"] and (tmp_path / "out.bin").read_bytes() == b"new"


@pytest.mark.parametrize("refused", ["link", "O_TMPFILE"])
def test_without_files_that_have_no_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refused: str
) -> None:
    """Some file systems have none, and some have no way to give them one."""

    def refuse(*args: object, **others: object) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(unfinished, "_nameless", {})
    if refused == "link":
        monkeypatch.setattr(unfinished, "_link", refuse)
    else:
        monkeypatch.setattr(unfinished, "_open_nameless", refuse)
    for content in (b"first", b"second"):
        with atomic_file(tmp_path / "out.bin") as file:
            file.write(content)
        assert names(tmp_path) == ["out.bin"]
        assert (tmp_path / "out.bin").read_bytes() == content


def test_a_file_that_appears_meanwhile_is_replaced(tmp_path: Path) -> None:
    target = tmp_path / "out.bin"
    with atomic_file(target) as file:
        file.write(b"new")
        target.write_bytes(b"of another process")
    assert names(tmp_path) == ["out.bin"] and target.read_bytes() == b"new"


@pytest.mark.parametrize("check", [check_target, lambda p: write_atomically(p, b"new")])
def test_a_read_only_file_is_refused(tmp_path: Path, check) -> None:
    target = tmp_path / "out.bin"
    target.write_bytes(b"old")
    target.chmod(0o444)
    link = tmp_path / "link.bin"
    link.symlink_to(target)
    for path in (target, link):
        with pytest.raises(InputError, match="the file is read-only"):
            check(path)
    assert target.read_bytes() == b"old" and names(tmp_path) == ["link.bin", "out.bin"]


def test_the_file_and_its_name_are_written_to_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """First the bytes, then the name, then the folder that holds the name."""
    steps: list[str] = []
    fsync, replace = os.fsync, os.replace

    def synced(handle: int) -> None:
        steps.append("folder" if os.path.samestat(os.fstat(handle), os.stat(tmp_path)) else "file")
        fsync(handle)

    def renamed(old: str, new: str) -> None:
        steps.append("name")
        replace(old, new)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, "replace", renamed)
    target = tmp_path / "out.bin"
    target.write_bytes(b"old")
    write_atomically(target, b"new")
    assert steps == ["file", "name", "folder"]
