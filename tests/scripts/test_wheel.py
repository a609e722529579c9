"""The wheel: one package, nothing else at top level, and all that the program needs in it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from sample_clouds import ROOT

PARTS = ("codec", "gui", "resources")
USERS_OWN = ("codec", "gui", "resources", "main", "scripts", "tests", "bench")
SKIP = shutil.ignore_patterns(
    "__pycache__", ".venv", ".git", "*.egg-info", "build", "dist", "results", ".*_cache"
)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel of this checkout, from a copy, so that nothing is left in the checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    source.mkdir()
    for name in (*PARTS, "octavox"):
        shutil.copytree(ROOT / name, source / name, ignore=SKIP)
    for name in ("pyproject.toml", "setup.py", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source / name)
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*command, "-w", str(folder), str(source)], check=True, capture_output=True, timeout=250)
    (found,) = folder.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what the wheel installs."""
    folder = tmp_path_factory.mktemp("installed")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def run(installed: Path, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Python with these arguments, in a folder of the user's, where the wheel is installed."""
    env = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    env["PYTHONPATH"] = os.pathsep.join((str(folder), str(installed)))
    command = [sys.executable, *words]
    return subprocess.run(
        command, cwd=folder, env=env, capture_output=True, text=True, check=False, timeout=250
    )


def test_one_name_is_taken(installed: Path) -> None:
    assert sorted(p.name for p in installed.iterdir() if p.suffix != ".dist-info") == ["octavox"]


def test_all_of_it_is_there(installed: Path) -> None:
    for part in PARTS:
        ours = {
            path.relative_to(ROOT / part)
            for path in (ROOT / part).rglob("*")
            if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".pyc"
        }
        theirs = {
            p.relative_to(installed / "octavox" / part) for p in (installed / "octavox" / part).rglob("*")
        }
        assert ours - theirs == set()
    assert (installed / "octavox" / "py.typed").exists()  # where type checkers look for it


@pytest.mark.slow
def test_modules_of_the_users_work_beside_it(installed: Path, tmp_path: Path) -> None:
    for name in USERS_OWN:
        (tmp_path / f"{name}.py").write_text(f"WHOSE = 'mine: {name}'\n")
    done = run(installed, tmp_path, "-m", "octavox", "--version")
    assert done.stdout.startswith("octavox "), done.stderr
    cloud = ROOT / "resources" / "samples" / "spot_vox8.ply"
    done = run(installed, tmp_path, "-m", "octavox", "encode", str(cloud), "-o", "s.ovx", "--codec", "octree")
    assert done.returncode == 0, done.stderr
    names = ", ".join(USERS_OWN)
    script = (
        f"import octavox as ov, {names}; print(ov.info('s.ovx').points, ov.__file__, *({names},), sep='\\n')"
    )
    done = run(installed, tmp_path, "-c", script)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[:2] == ["145773", str(installed / "octavox" / "__init__.py")]
    assert all(str(tmp_path) in line for line in lines[2:])


def test_a_plain_checkout_needs_no_installation(tmp_path: Path) -> None:
    """`python main.py` from elsewhere, with nothing on the path: the package is found beside main.py."""
    env = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    script = (
        "import runpy, sys; sys.meta_path = [f for f in sys.meta_path if 'editable' not in str(f).lower()];"
        f"sys.path.insert(0, {str(ROOT)!r}); sys.argv = ['main.py', '--version'];"
        f"runpy.run_path({str(ROOT / 'main.py')!r}, run_name='__main__')"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, env=env, capture_output=True, text=True, check=False
    )
    assert done.stdout.startswith("octavox "), done.stderr


def test_the_import_is_light() -> None:
    """It runs few modules of its own; `octavox.__all__` names load on first use. No time is asserted."""
    script = "import sys, octavox; print(*sorted(m for m in sys.modules if m.startswith('octavox')))"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.split() == ["octavox", "octavox.codec"]
