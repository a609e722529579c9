"""The source distribution has what its own tests need, and they pass in it."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
from sample_clouds import ROOT

LEFT_OUT = {
    ".git",
    ".gitignore",
    ".dockerignore",
    ".venv",
    "demo",
    "site",
    "runs",
    "bench-results",
    "build",
    "dist",
}
QUICK = (  # some that compile nothing, and that read samples, weights, documents and scripts
    "tests/codec/files/test_atomic.py",
    "tests/codec/formats/test_ply.py",
    "tests/scripts/test_setup.py",
    "tests/test_site.py::test_every_page_is_in_the_navigation_once",
    "tests/test_site.py::test_generated_pages_are_up_to_date",
)


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a source distribution of this checkout, made and unpacked elsewhere."""
    folder = tmp_path_factory.mktemp("sdist")
    build = "import sys; from setuptools import build_meta; build_meta.build_sdist(sys.argv[1])"
    source = folder / "source"
    source.mkdir()
    for path in ROOT.iterdir():
        if path.name not in LEFT_OUT and path.suffix != ".egg-info" and not path.name.endswith("_cache"):
            (source / path.name).symlink_to(path)
    done = subprocess.run(
        [sys.executable, "-c", build, str(folder)], cwd=source, capture_output=True, text=True, timeout=250
    )
    assert done.returncode == 0, done.stderr[-2000:]
    (archive,) = folder.glob("octavox-*.tar.gz")
    with tarfile.open(archive) as file:
        safely = (
            {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
        )  # Python 3.10 to 3.11.3 lack it
        file.extractall(folder, **safely)
    return folder / archive.name.removesuffix(".tar.gz")


def files_of(folder: Path) -> set[str]:
    found = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return {path.as_posix() for path in found if "__pycache__" not in path.parts}


def test_it_has_every_file_of_the_checkout(unpacked: Path) -> None:
    theirs = files_of(unpacked)
    for part in (
        "bench",
        "codec",
        "docs",
        "gui",
        "octavox",
        "resources",
        "scripts",
        "tests",
        ".github",
        ".ci",
    ):
        assert {f"{part}/{name}" for name in files_of(ROOT / part)} - theirs == set()
    ours = {path.name for path in ROOT.iterdir() if path.is_file()} - LEFT_OUT
    assert {name for name in ours if not name.endswith((".tmp", ".log"))} - theirs - {".git"} == set()
    assert [name for name in theirs if name.endswith((".pyc", ".nbi", ".nbc"))] == []


@pytest.mark.slow
def test_its_tests_pass(unpacked: Path) -> None:
    env = {**os.environ, "PYTHONPATH": str(unpacked)}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-m", "not slow", *QUICK],
        cwd=unpacked,
        env=env,
        capture_output=True,
        text=True,
        check=False,
        timeout=280,
    )
    assert done.returncode == 0, done.stdout[-3000:]
