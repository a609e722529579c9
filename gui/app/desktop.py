"""`octavox desktop`: the window in the menu of a Linux desktop, and as the program that opens its files.

Files go where the XDG specifications say, for this user alone: $XDG_DATA_HOME, or ~/.local/share.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from octavox import resources
from octavox.codec import InputError, write_atomically

ICON = "icons/octavox.svg"
MAIN = Path(__file__).resolve().parents[2] / "main.py"  # in a checkout
ENTRY = """[Desktop Entry]
Type=Application
Name=Octavox
GenericName=Point cloud workbench
GenericName[de]=Werkbank für Punktwolken
Comment=See and compress 3D point clouds
Comment[de]=3D-Punktwolken ansehen und komprimieren
Exec={command} gui %F
Icon=octavox
Terminal=false
Categories=Graphics;3DGraphics;Viewer;Science;
Keywords=point cloud;voxel;compression;LiDAR;PLY;LAS;
MimeType=application/x-octavox;application/x-octavox-session;
StartupWMClass=Octavox
"""
TYPES = r"""<?xml version="1.0" encoding="UTF-8"?>
<mime-info xmlns="http://www.freedesktop.org/standards/shared-mime-info">
  <mime-type type="application/x-octavox">
    <comment>Octavox bitstream</comment>
    <comment xml:lang="de">Octavox-Bitstrom</comment>
    <icon name="octavox"/>
    <magic><match type="string" offset="0" value="\x89OVX\r\n\x1a\n"/></magic>
    <glob pattern="*.ovx"/>
  </mime-type>
  <mime-type type="application/x-octavox-session">
    <comment>Octavox session</comment>
    <comment xml:lang="de">Octavox-Sitzung</comment>
    <sub-class-of type="application/json"/>
    <icon name="octavox"/>
    <glob pattern="*.octavox"/>
  </mime-type>
</mime-info>
"""
# What a desktop makes of such files; each is run where it is installed, on the folder below the data folder.
UPDATES = (
    ("update-mime-database", "mime"),
    ("update-desktop-database", "applications"),
    ("gtk-update-icon-cache", "icons/hicolor"),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the arguments."""
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--install", action="store_true", help="add menu entry, icon and file types")
    what.add_argument("--remove", action="store_true", help="take them out again")


def run(args: argparse.Namespace) -> int:
    """Installs or removes; the exit code. Raises InputError on other systems, and where it cannot write."""
    if sys.platform in ("win32", "darwin"):
        raise InputError("menu entries of this kind are for Linux desktops")
    folder = data_folder()
    for name, content in files():
        path = folder / name
        if args.install:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(path, content)
            print(f"wrote {path}")
        elif path.exists():
            path.unlink()
            print(f"removed {path}")
    _update(folder)
    return 0


def data_folder() -> Path:
    """The folder of this user's data."""
    given = Path(os.environ.get("XDG_DATA_HOME", ""))
    return given if given.is_absolute() else Path.home() / ".local" / "share"


def files() -> Iterator[tuple[str, bytes]]:
    """Name below the data folder, and content, of each file."""
    entry = ENTRY.format(command=" ".join(map(_quoted, _command())))
    yield "applications/octavox.desktop", entry.encode()
    yield "mime/packages/octavox.xml", TYPES.encode()
    yield "icons/hicolor/scalable/apps/octavox.svg", resources.find(ICON).read_bytes()


def _command() -> list[str]:
    """The words that start this installation from anywhere."""
    script = Path(sys.executable).with_name("octavox")
    if script.exists():
        return [str(script)]
    return [sys.executable, *([str(MAIN)] if MAIN.exists() else ["-m", "octavox"])]


def _quoted(word: str) -> str:
    r"""A word of a desktop entry's Exec: in quotes with `"`, "`", "$" and "\" escaped, and "%" doubled.

    The value of a key has its own escapes, so that each of those backslashes is written twice.
    """
    for character in '\\"`$':
        word = word.replace(character, f"\\{character}")
    return f'"{word}"'.replace("\\", "\\\\").replace("%", "%%")


def _update(folder: Path) -> None:
    """Has the desktop read the files anew; without these programs it does so at the next log-in."""
    for program, below in UPDATES:
        if shutil.which(program) and (folder / below).is_dir():
            with contextlib.suppress(OSError, subprocess.TimeoutExpired):
                subprocess.run([program, str(folder / below)], capture_output=True, check=False, timeout=60)
