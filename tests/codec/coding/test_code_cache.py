"""Compiled code on disk: files that were cut, changed or lost are made anew, and no folder is no error."""

from __future__ import annotations

import errno
import importlib.util
import warnings
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numba
import pytest

from octavox.codec.coding.kernels import code_cache


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """A module with a function, whose compiled code is kept in a folder of its own."""
    path = tmp_path / "doubled.py"
    path.write_text("def twice(x):\n    return x + x\n")
    spec = importlib.util.spec_from_file_location("doubled", path)
    assert spec is not None and spec.loader is not None
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path / "kept"))
    monkeypatch.setattr(code_cache, "_told", [])
    return found


def compiled(module: ModuleType) -> Any:
    """The function, as a new process would have it."""
    made = numba.njit(module.twice)
    made._cache = code_cache.cache_of(module.twice)
    return made


def hits(module: ModuleType) -> int:
    """Calls the function; how many times its code was found on disk."""
    made = compiled(module)
    assert made(21) == 42
    return sum(made.stats.cache_hits.values())


def files(tmp_path: Path) -> list[Path]:
    return sorted(path for path in (tmp_path / "kept").rglob("*") if path.is_file())


def test_code_is_found_again(module: ModuleType, tmp_path: Path) -> None:
    assert hits(module) == 0
    assert [path.suffix for path in files(tmp_path)] == [".nbc", ".nbi"]
    assert hits(module) == 1


def flipped(at: float) -> Callable[[bytes], bytes]:
    def change(data: bytes) -> bytes:
        place = int(at * (len(data) - 1))
        return data[:place] + bytes([data[place] ^ 4]) + data[place + 1 :]

    return change


@pytest.mark.parametrize("suffix", [".nbc", ".nbi"])
@pytest.mark.parametrize(
    "change",
    [
        lambda data: b"",
        lambda data: data[:-1],
        lambda data: data[: len(data) // 2],
        lambda data: data[:40],
        lambda data: data + b"\0",
        lambda data: bytes(len(data)),
        lambda data: b"garbage",
        *(flipped(at) for at in (0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 1.0)),
    ],
)
def test_a_damaged_file_is_made_anew(
    module: ModuleType, tmp_path: Path, suffix: str, change: Callable[[bytes], bytes]
) -> None:
    hits(module)
    path = next(path for path in files(tmp_path) if path.suffix == suffix)
    whole = path.read_bytes()
    path.write_bytes(change(whole))
    assert hits(module) == 0
    assert hits(module) == 1
    assert len(path.read_bytes()) > 40


def test_a_file_that_is_gone(module: ModuleType, tmp_path: Path) -> None:
    hits(module)
    files(tmp_path)[0].unlink()
    assert hits(module) == 0
    assert hits(module) == 1


def test_without_a_folder(module: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says so once, and nothing is written elsewhere."""
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path / "file" / "below"))
    with pytest.warns(UserWarning, match="compiled code cannot be kept"):
        assert hits(module) == 0
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert hits(module) == 0
    assert not list(tmp_path.rglob("*.nb?"))


def test_on_a_full_disk(module: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: object, path: str) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(code_cache._CheckedFiles, "_open_for_write", full)
    with pytest.warns(UserWarning, match="No space left") as told:
        assert hits(module) == hits(module) == 0
    assert len(told) == 1
