"""`octavox desktop`: the files that it writes into the user's data folder, and takes out again."""

from __future__ import annotations

import configparser
import re
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from octavox import __main__ as program
from octavox import codec
from octavox.gui.app import desktop

pytestmark = pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="menus of Linux desktops")


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's data folder, in which another program has files."""
    folder = tmp_path / "data folder"
    monkeypatch.setenv("XDG_DATA_HOME", str(folder))
    (folder / "applications").mkdir(parents=True)
    (folder / "applications" / "other.desktop").write_text("[Desktop Entry]\n")
    return folder


def ours(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("octavox.*") if path.is_file()}


def entry_of(folder: Path) -> configparser.SectionProxy:
    parser = configparser.ConfigParser(interpolation=None)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read(folder / "applications" / "octavox.desktop", "utf-8")
    return parser["Desktop Entry"]


def words_of(line: str) -> list[str]:
    """The words of an Exec line, as a desktop takes it: escapes of values, then quotes, then "%"."""
    value = line.replace("\\\\", "\\")
    found = re.findall(r'"((?:[^"\\]|\\.)*)"|(\S+)', value)
    return [re.sub(r"\\(.)", r"\1", quoted).replace("%%", "%") or plain for quoted, plain in found]


def test_what_is_installed_can_be_removed(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert program.main(["desktop", "--install"]) == 0
    wrote = ours(data)
    assert wrote == {name for name, _ in desktop.files()} and len(wrote) == 3
    assert capsys.readouterr().out.count("wrote ") == 3
    assert program.main(["desktop", "--install"]) == 0  # again: the same files
    assert ours(data) == wrote
    assert program.main(["desktop", "--remove"]) == 0
    assert ours(data) == set()
    assert (data / "applications" / "other.desktop").exists()
    capsys.readouterr()
    assert program.main(["desktop", "--remove"]) == 0
    assert capsys.readouterr().out == ""


def test_the_entry_starts_this_installation(data: Path) -> None:
    assert program.main(["desktop", "--install"]) == 0
    entry = entry_of(data)
    *command, gui, files = words_of(entry["Exec"])
    assert (gui, files) == ("gui", "%F")
    done = subprocess.run([*command, "--version"], capture_output=True, text=True, check=False, cwd="/")
    assert done.stdout == f"octavox {codec.__version__}\n", done.stderr
    if shutil.which("desktop-file-validate"):
        subprocess.run(["desktop-file-validate", data / "applications" / "octavox.desktop"], check=True)


@pytest.mark.parametrize("word", ["/usr/bin/octavox", "/a b/$HOME/`x`", '/100 %/"q"\\back', "/ü"])
def test_any_path_can_be_in_the_entry(word: str) -> None:
    assert words_of(desktop._quoted(word)) == [word]


def test_the_types_are_those_of_the_program(data: Path) -> None:
    assert program.main(["desktop", "--install"]) == 0
    space = {"m": "http://www.freedesktop.org/standards/shared-mime-info"}
    tree = ElementTree.parse(data / "mime" / "packages" / "octavox.xml")
    types = {kind.get("type"): kind for kind in tree.findall("m:mime-type", space)}
    assert set(types) == set(entry_of(data)["MimeType"].strip(";").split(";"))
    stream = types["application/x-octavox"]
    magic = stream.find("m:magic/m:match", space).get("value")  # type: ignore[union-attr]
    voxels = codec.VoxelCloud.from_coords([[1, 2, 3]])
    made = codec.encode(voxels, options=codec.CodecOptions(codec="octree")).data
    assert made.startswith(magic.encode().decode("unicode_escape").encode("latin-1"))  # type: ignore[union-attr]


@pytest.mark.skipif(shutil.which("update-mime-database") is None, reason="needs shared-mime-info")
def test_the_desktop_knows_the_types(data: Path) -> None:
    assert program.main(["desktop", "--install"]) == 0
    assert "application/x-octavox:*.ovx" in (data / "mime" / "globs").read_text().splitlines()
    assert program.main(["desktop", "--remove"]) == 0
    assert "octavox" not in (data / "mime" / "globs").read_text()


def test_a_relative_data_folder_is_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", "data")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert desktop.data_folder() == tmp_path / ".local" / "share"


def test_a_folder_that_cannot_be_written(
    data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(data / "applications" / "other.desktop"))
    assert program.main(["desktop", "--install"]) == 2
    assert "other.desktop" in capsys.readouterr().err


def test_one_of_the_two_has_to_be_said(data: Path) -> None:
    with pytest.raises(SystemExit):
        program.main(["desktop"])
    with pytest.raises(SystemExit):
        program.main(["desktop", "--install", "--remove"])
