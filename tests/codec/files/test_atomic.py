"""Files that appear complete or not at all."""

from __future__ import annotations

import os
import sys

import pytest

from octavox.codec import InputError
from octavox.codec.files import unfinished
from octavox.codec.files.atomic import atomic_file, check_target, write_atomically


@pytest.mark.parametrize(
    "error", [OSError(28, "No space left on device"), KeyboardInterrupt(), ValueError("x")]
)
@pytest.mark.parametrize("existing", [False, True])
def test_a_failure_leaves_no_trace(tmp_path, error, existing):
    target = tmp_path / "out.bin"
    if existing:
        target.write_bytes(b"old")
    expected = InputError if isinstance(error, OSError) else type(error)

    def fail() -> None:
        with atomic_file(target) as file:
            file.write(b"new")
            raise error

    with pytest.raises(expected):
        fail()
    assert [p.name for p in tmp_path.iterdir()] == (["out.bin"] if existing else [])
    if existing:
        assert target.read_bytes() == b"old"


@pytest.mark.parametrize("existing", [False, True])
def test_a_failing_rename_leaves_no_trace(tmp_path, monkeypatch, existing):
    def refuse(source: object, target: object, **others: object) -> None:
        raise OSError(5, "Input/output error")

    target = tmp_path / "out.bin"
    write_atomically(target, b"old")
    if not existing:
        target.unlink()
    monkeypatch.setattr(os, "replace", refuse)
    monkeypatch.setattr(unfinished, "_link", refuse)
    with pytest.raises(InputError, match="cannot write: Input/output error"):
        write_atomically(target, b"new")
    assert [p.name for p in tmp_path.iterdir()] == (["out.bin"] if existing else [])


def test_replacing_keeps_permissions_and_links(tmp_path):
    target = tmp_path / "out.bin"
    target.write_bytes(b"old")
    target.chmod(0o640)
    link = tmp_path / "link.bin"
    try:
        link.symlink_to(target)
    except OSError:
        pytest.skip("no links here")
    write_atomically(link, b"new")
    assert link.is_symlink()
    assert target.read_bytes() == b"new"
    if sys.platform != "win32":
        assert target.stat().st_mode & 0o777 == 0o640


@pytest.mark.skipif(sys.platform == "win32", reason="the umask is a thing of POSIX")
def test_a_new_file_follows_the_umask(tmp_path):
    before = os.umask(0o027)
    try:
        write_atomically(tmp_path / "out.bin", b"new")
    finally:
        os.umask(before)
    assert (tmp_path / "out.bin").stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("check", [check_target, lambda p: write_atomically(p, b"")])
def test_targets_that_cannot_be_written(tmp_path, check):
    with pytest.raises(InputError, match="folder"):
        check(tmp_path)
    with pytest.raises(InputError, match="cannot write"):
        check(tmp_path / "absent" / "out.bin")
    if os.path.exists("/dev/null"):
        with pytest.raises(InputError, match="not a regular file"):
            check("/dev/null")
