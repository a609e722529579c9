"""Sessions as files: which files are open, how they are shown, cameras and options. JSON, version 1."""

from __future__ import annotations

import json
import math
import re
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from octavox.codec import InputError, OptionSpec, cloud_option_specs, codec_option_specs, make_cloud_options

from .blocks import COLUMNS, BlockFilter
from .camera import Camera
from .colour_modes import BLOCK_MODES, DIFFERENCES, is_point_mode
from .session import Session
from .view_state import ViewState

FORMAT, VERSION = "octavox session", 1
SUFFIX = ".octavox"
# What of the view belongs to the files that are open now and not to their next opening.
_FLEETING = ("selected", "isolate", "surprise", "scrub")


@dataclass(frozen=True)
class SavedSession:
    """What a session file holds. kept: fields of `CloudOptions`. selected: corner and size of the selected
    block, or None.
    """

    original: str | None = None
    stream: str | None = None
    view: ViewState = field(default_factory=ViewState)
    camera: Camera | None = None
    bookmarks: dict[int, Camera] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)
    kept: dict[str, Any] = field(default_factory=dict)
    selected: tuple[list[int], int] | None = None


def session_text(session: Session, stream_path: str | None = None) -> str:
    """The session as JSON. stream_path: where an unsaved bitstream was put."""
    view = {k: v for k, v in asdict(session.view).items() if k not in _FLEETING}
    view["hidden_sizes"] = sorted(session.view.hidden_sizes)
    row = session.view.selected
    content = {
        "format": FORMAT,
        "version": VERSION,
        "original": _absolute(session.original.path if session.original else None),
        "stream": _absolute((session.stream.path if session.stream else None) or stream_path),
        "view": view,
        "camera": asdict(session.camera),
        "bookmarks": {str(number): asdict(camera) for number, camera in session.bookmarks.items()},
        "options": {spec.name: getattr(session.options, spec.name) for spec in _stored()},
        **{spec.name: getattr(session.kept, spec.name) for spec in cloud_option_specs() if spec.window},
        "selected": None
        if row is None
        else {"origin": session.blocks.origin[row].tolist(), "size": int(session.blocks.size[row])},
    }
    return json.dumps(content, indent=2, allow_nan=False) + "\n"


def _absolute(path: str | None) -> str | None:
    return None if path is None else str(Path(path).resolve())


def read_session(path: str) -> SavedSession:
    """Reads a session file. Raises InputError, with the field, for what is none; FileNotFoundError."""
    try:
        content = json.loads(Path(path).read_text(encoding="utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise InputError(f"this is no session file: {error}", path=path) from error
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise InputError("this is no session file", path=path, field="format")
    if content.get("version") != VERSION:
        raise InputError(f"version {content.get('version')} is not known", path=path, field="version")
    name = ""
    try:
        name = "view"
        view = _view(content.get("view", {}))
        name = "camera"
        camera = _camera(content["camera"]) if content.get("camera") else None
        name = "bookmarks"
        bookmarks = {int(k): _camera(v) for k, v in content.get("bookmarks", {}).items()}
        name = "options"
        options = _options(content.get("options", {}))
        name = "selected"
        chosen = content.get("selected")
        selected = None if chosen is None else ([int(v) for v in chosen["origin"]], int(chosen["size"]))
        name = "depth"
        kept = {spec.name: content[spec.name] for spec in cloud_option_specs() if spec.name in content}
        make_cloud_options(kept)
        name = "original"
        files = [content.get(key) for key in ("original", "stream")]
        if not all(file is None or isinstance(file, str) for file in files):
            raise TypeError("a path is text")
    except (AttributeError, InputError, KeyError, TypeError, ValueError) as error:
        raise InputError(f"a session cannot hold this: {error}", path=path, field=name) from error
    original, stream = (_beside(file, path) for file in files)
    return SavedSession(original, stream, view, camera, bookmarks, options, kept, selected)


def _beside(file: str | None, session: str) -> str | None:
    """Where a file is that is not where it was but beside the session: both were moved."""
    if file is None or Path(file).exists():
        return file
    name = re.split(r"[/\\]", file)[-1]
    moved = Path(session).resolve().with_name(name) if name.strip(".") else None
    return str(moved) if moved is not None and moved.is_file() else file


def _stored() -> tuple[OptionSpec, ...]:
    """The options that a session holds: those of the codec panel."""
    return tuple(spec for spec in codec_option_specs() if spec.window)


def _options(content: dict[str, Any]) -> dict[str, Any]:
    """The stored options that this release knows. A codec that it does not know is left to the caller."""
    if not isinstance(content, dict):
        raise TypeError("options are named")
    options = {spec.name: content[spec.name] for spec in _stored() if spec.name in content}
    for spec in _stored():
        if spec.name in options:
            replace(spec, closed=spec.closed and spec.name != "codec").check(options[spec.name])
    return options


def _view(content: dict[str, Any]) -> ViewState:
    """The stored fields over the defaults, without fields that this release does not have or never stores."""
    default = ViewState()
    known = {f.name for f in fields(ViewState)} - set(_FLEETING)
    changes = {k: v for k, v in content.items() if k in known}
    if "filter" in changes:
        changes["filter"] = BlockFilter(**changes["filter"])
        if changes["filter"].column not in {column.key for column in COLUMNS}:
            raise ValueError("the filter names no column")
    if "hidden_sizes" in changes:
        changes["hidden_sizes"] = frozenset(int(v) for v in changes["hidden_sizes"])
    for name, value in changes.items():
        wanted = type(getattr(default, name))
        if not isinstance(value, wanted):
            raise TypeError(f"{name} is no {wanted.__name__}")
    view = replace(default, **changes)
    if view.block_mode not in {mode.key for mode in BLOCK_MODES}:
        raise ValueError(f"no block mode '{view.block_mode}'")
    if view.cloud_mode in DIFFERENCES:  # the comparison is not stored
        view = replace(view, cloud_mode="plain")
    if not is_point_mode(view.cloud_mode):
        raise ValueError(f"no point mode '{view.cloud_mode}'")
    return view


def _camera(content: dict[str, Any]) -> Camera:
    x, y, z = (float(v) for v in content["center"])
    numbers = [float(content[name]) for name in ("distance", "azimuth", "elevation")]
    if not all(math.isfinite(v) for v in (x, y, z, *numbers)) or numbers[0] <= 0:
        raise ValueError("a camera needs finite numbers and a distance")
    if content["up"] not in ("y", "z"):
        raise ValueError("up is y or z")
    return Camera((x, y, z), numbers[0], numbers[1], numbers[2], content["up"])
