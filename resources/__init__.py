"""Files that ship with Octavox: network weights and their cards, sample clouds, icons, style sheets.

A package, so that a checkout and an installation find them in the same way.
"""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).resolve().parent


def find(name: str) -> Path:
    """The path of a shipped file, named with forward slashes ("samples/spot_vox8.ply").

    Raises FileNotFoundError if this installation has no such file.
    """
    path = FOLDER.joinpath(*name.split("/"))
    if not path.exists():
        raise FileNotFoundError(f"Octavox ships no '{name}' (looked in {FOLDER})")
    return path
