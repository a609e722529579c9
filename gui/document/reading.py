"""What the user has to say about a file that does not say it itself: see `codec.ReadOptions`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from octavox.codec import InputError, ReadOptions

from . import text
from .words import tr

ASKED_SAMPLES = 1_000_000  # points that are proposed to be drawn from a mesh
MOST_SAMPLES = 1_000_000_000
LAYOUTS = {"KITTI": ("x", "y", "z", "intensity"), "nuScenes": ("x", "y", "z", "intensity", "ring")}
MESHES = ("", "vertices", "samples")
_MOST_FIELDS = 64

Missing = Literal["mesh", "fields", ""]


def missing(error: BaseException, given: ReadOptions) -> Missing:
    """Which option the library asks for, that was not given; "" where an error is of another kind."""
    if not isinstance(error, InputError):
        return ""
    if error.field == "mesh" and not given.mesh:
        return "mesh"
    return "fields" if error.field == "fields" and not given.fields else ""


def wrong_fields(fields: tuple[str, ...]) -> str:
    """Why these cannot be the names of the numbers of a row; "" if they can."""
    if not set("xyz") <= set(fields):
        return tr("x, y and z have to be among the names.")
    if len(set(fields)) < len(fields):
        return tr("A name is given twice.")
    return "" if len(fields) <= _MOST_FIELDS else tr("These are too many names.")


def in_words(options: ReadOptions) -> str:
    """What was chosen, for people; "" where nothing was."""
    if options.mesh == "samples":
        return tr("{n} points drawn from the surface of a mesh", n=text.count(options.samples))
    if options.mesh:
        return tr("the vertices of a mesh")
    return tr("rows of {names}", names=", ".join(options.fields)) if options.fields else ""


def stored(options: ReadOptions) -> dict[str, Any]:
    """For a session file: what was chosen."""
    chosen = {"mesh": options.mesh, "samples": options.samples, "fields": list(options.fields)}
    return {name: value for name, value in chosen.items() if value}


def restored(content: Mapping[str, Any]) -> ReadOptions:
    """From a session file. Raises TypeError, ValueError for what cannot be chosen."""
    mesh, samples = content.get("mesh", ""), content.get("samples", 0)
    fields = content.get("fields", [])
    if mesh not in MESHES or type(samples) is not int or not 0 <= samples <= MOST_SAMPLES:
        raise ValueError("points of a mesh are its vertices or so many samples")
    if not isinstance(fields, list) or not all(isinstance(name, str) for name in fields):
        raise TypeError("fields are names")
    if mesh == "samples" and not samples:
        raise ValueError("no number of samples")
    if fields and wrong_fields(tuple(fields)):
        raise ValueError("the fields lack x, y or z, or name one twice")
    return ReadOptions(mesh, samples, tuple(fields))
