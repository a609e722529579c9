"""Where compiled code is kept: a change of the source must never go on with what was compiled before."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from sample_clouds import ROOT

from octavox.codec.coding.kernels import jit


@pytest.fixture
def copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package folder with the sources that compiled code comes from."""
    package = tmp_path / "codec"
    for part in jit.COMPILED:
        shutil.copytree(ROOT / "codec" / part, package / part, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(jit, "PACKAGE", package)
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    return package


def test_every_source_file_counts(copied: Path) -> None:
    before = jit.source_digest()
    assert jit.source_digest() == before
    for path in (copied / "coding" / "kernels" / "simd.py", copied / "models" / "weights.py"):
        path.write_text(path.read_text() + "\n# changed\n")
        assert jit.source_digest() != before
        before = jit.source_digest()


def test_old_code_is_removed(copied: Path) -> None:
    first = jit.cache_folder()
    first.mkdir(parents=True)
    assert first.parent == copied / "__pycache__"
    (copied / "coding" / "kernels" / "dense.py").write_text("# other")
    second = jit.cache_folder()
    assert second != first
    assert not first.exists()


def test_a_folder_of_the_users_choice(copied: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "mine"))
    assert jit.cache_folder().parent == tmp_path / "mine"


def test_without_leave_to_write_beside_the_package(copied: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    monkeypatch.setenv("XDG_CACHE_HOME", "/somewhere")
    monkeypatch.setattr(sys, "platform", "linux")
    assert jit.cache_folder().parent == Path("/somewhere/octavox")


def test_compiled_code_lands_there(tmp_path: Path) -> None:
    script = "from octavox.codec.coding.range_coder import RangeEncoder; RangeEncoder().encode_bits([1], [9])"
    env = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, env=env, check=True, timeout=200)
    assert list(tmp_path.glob(f"compiled-{jit.source_digest()}/**/*.nbc"))
