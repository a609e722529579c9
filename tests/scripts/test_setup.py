"""Set-up (scripts/bootstrap.py) and packaging: what is installed, when again, and what ships."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from importlib.metadata import entry_points, requires
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

from octavox import resources

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def bootstrap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """A fresh copy of the module that works on a made-up checkout."""
    spec = importlib.util.spec_from_file_location("bootstrap", ROOT / "scripts" / "bootstrap.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "bootstrap", module)
    spec.loader.exec_module(module)
    for name in module.SOURCES:
        (tmp_path / name).write_text(f"# {name}\n")
    venv = tmp_path / ".venv"
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "VENV", venv)
    monkeypatch.setattr(module, "STAMP", venv / "octavox.stamp")
    monkeypatch.setattr(module, "APT_TRIED", venv / "octavox.apt")
    return module


@pytest.fixture
def pip_calls(bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """Arguments of every pip call; nothing is installed, and an empty file stands for the interpreter."""
    calls: list[tuple[str, ...]] = []

    def make_venv() -> None:
        python = bootstrap.python_of(bootstrap.VENV)
        python.parent.mkdir(parents=True)
        python.touch()

    monkeypatch.setattr(bootstrap, "make_venv", make_venv)
    monkeypatch.setattr(bootstrap, "usable", lambda venv: bootstrap.python_of(venv).exists())
    monkeypatch.setattr(bootstrap, "pip_install", lambda *arguments: calls.append(arguments))
    return calls


def test_a_second_set_up_installs_nothing(bootstrap: ModuleType, pip_calls: list[tuple[str, ...]]) -> None:
    assert bootstrap.ensure_packages() is True
    assert len(pip_calls) == 2
    assert bootstrap.ensure_packages() is False
    assert len(pip_calls) == 2


@pytest.mark.parametrize("name", ["pyproject.toml", "constraints.txt"])
def test_changed_pins_are_installed(
    bootstrap: ModuleType, pip_calls: list[tuple[str, ...]], name: str
) -> None:
    bootstrap.ensure_packages()
    (bootstrap.ROOT / name).write_text("changed\n")
    assert bootstrap.ensure_packages() is True
    assert len(pip_calls) == 4


def test_another_python_is_installed_for(
    bootstrap: ModuleType, pip_calls: list[tuple[str, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    bootstrap.ensure_packages()
    other = SimpleNamespace(version_info=(3, 99, 0), platform=sys.platform)
    monkeypatch.setattr(bootstrap, "sys", other)
    assert bootstrap.ensure_packages() is True


def test_a_failed_install_is_tried_again(
    bootstrap: ModuleType, pip_calls: list[tuple[str, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*arguments: str) -> None:
        raise bootstrap.SetupError("no network")

    with monkeypatch.context() as patch:
        patch.setattr(bootstrap, "pip_install", fail)
        with pytest.raises(bootstrap.SetupError):
            bootstrap.ensure_packages()
    assert bootstrap.ensure_packages() is True


def test_python_that_is_too_old_or_too_new_is_refused(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    for version in ((3, 9), (3, 15)):
        monkeypatch.setattr(bootstrap, "sys", SimpleNamespace(version_info=version))
        with pytest.raises(bootstrap.SetupError, match=r"3\.10 to 3\.14 is needed"):
            bootstrap.check_python()


def test_what_builds_the_site_is_installed_once(
    bootstrap: ModuleType, pip_calls: list[tuple[str, ...]]
) -> None:
    bootstrap.ensure_packages()
    bootstrap.ensure_docs()
    assert pip_calls[-1][-1].endswith("[dev,docs]")
    bootstrap.python_of(bootstrap.VENV).with_name("mkdocs").touch()
    bootstrap.ensure_docs()
    assert len(pip_calls) == 3


def test_the_system_packages_are_printed(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["bootstrap.py", "--system-packages"])
    assert bootstrap.main() == 0
    assert {"libgl1", "libxcb-cursor0"} <= set(capsys.readouterr().out.split())
    assert not bootstrap.VENV.exists()


def absent(bootstrap: ModuleType, *packages: str) -> tuple[object, ...]:
    return tuple(bootstrap.Need(package, lambda: False) for package in packages)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="apt is Linux's")
class TestSystemPackages:
    def test_root_installs_once_and_does_not_insist(
        self, bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        calls: list[list[str]] = []
        monkeypatch.setattr(bootstrap.os, "geteuid", lambda: 0)
        monkeypatch.setattr(bootstrap.shutil, "which", lambda name, path=None: f"/usr/bin/{name}")
        monkeypatch.setattr(bootstrap, "run_apt", calls.append)
        bootstrap.VENV.mkdir()
        needs = absent(bootstrap, "libone1", "libtwo2", "libone1")
        assert bootstrap.ensure_system(needs) == ["libone1", "libtwo2"]
        assert bootstrap.ensure_system(needs) == ["libone1", "libtwo2"]
        assert calls == [["libone1", "libtwo2"]]
        bootstrap.ensure_system((*needs, *absent(bootstrap, "libthree3")))
        assert len(calls) == 2

    def test_a_user_is_told_the_one_line(
        self, bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setattr(bootstrap.os, "geteuid", lambda: 1000)
        monkeypatch.setattr(bootstrap.shutil, "which", lambda name, path=None: f"/usr/bin/{name}")
        monkeypatch.setattr(bootstrap, "run_apt", lambda packages: pytest.fail("must not run apt"))
        assert bootstrap.ensure_system(absent(bootstrap, "libone1")) == ["libone1"]
        assert "sudo apt-get install -y --no-install-recommends libone1" in capsys.readouterr().out

    def test_a_library_is_seen_where_it_is_and_missed_where_it_is_not(self, bootstrap: ModuleType) -> None:
        assert bootstrap.library("libc6", "libc.so.6").present()
        assert not bootstrap.library("libnone0", "libnosuchlibrary.so.0").present()


def pinned() -> set[str]:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    return {line.split("==")[0].lower() for line in lines if line and not line.startswith("#")}


def test_every_dependency_is_pinned() -> None:
    wanted = {re.split(r"[^\w.-]", text)[0].lower() for text in requires("octavox") or []}
    assert len(wanted) > 15
    assert wanted - pinned() - {"octavox"} == set()  # an extra may ask for others


def test_pins_are_exact_and_name_no_host() -> None:
    for line in (ROOT / "constraints.txt").read_text().splitlines():
        assert re.fullmatch(r"#.*|[\w.-]+==[\w.]+( ; .+)?", line), line
        assert "://" not in line


def test_the_console_script_leads_to_the_package() -> None:
    (script,) = (e for e in entry_points(group="console_scripts") if e.name == "octavox")
    assert script.value == "octavox.__main__:main"
    assert callable(script.load())


def test_make_alone_lists_the_targets() -> None:
    done = subprocess.run(["make", "-s"], cwd=ROOT, capture_output=True, text=True, check=True)
    named = re.findall(r"^  make ([a-z-]+) +\S", done.stdout, re.MULTILINE)
    assert {"run", "test", "check", "setup", "format", "clean"} <= set(named)


def test_shipped_files_are_found() -> None:
    assert resources.find("samples/spot_vox8.ply").read_bytes().startswith(b"ply\n")
    assert b"<svg" in resources.find("icons/octavox.svg").read_bytes()
    with pytest.raises(FileNotFoundError, match=r"no_such\.ply"):
        resources.find("samples/no_such.ply")
