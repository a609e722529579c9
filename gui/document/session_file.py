"""Sessions as files: which files are open, how they are shown, cameras and options. JSON, version 1."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from octavox.codec import (
    MAX_DEPTH,
    InputError,
    OptionSpec,
    ReadOptions,
    cloud_option_specs,
    codec_option_specs,
    make_cloud_options,
)

from .blocks import COLUMNS, SURPRISES, BlockFilter, component_of
from .camera import Camera
from .camera_text import camera_of
from .clip import Clip
from .colour_modes import is_block_mode, is_difference, is_point_mode
from .items import VIEWS
from .json_values import number_of
from .point_data import cost_of
from .property_colours import MAP_NAMES, PropertyScale
from .reading import restored, stored
from .saved_scene import SavedScene, read_scene
from .saved_scene import content as scene_content
from .saved_scene import is_needed as scene_is_needed
from .session import Session
from .timeline import Timeline
from .view_state import ARRANGEMENTS, MOST_PIXELS, PANES, ViewState

FORMAT, VERSION = "octavox session", 1
SUFFIX = ".octavox"
MOST_TEXT = 16 << 20  # of a session file, in characters
BOOKMARKS = range(1, 9)
# What of the view belongs to the files that are open now and not to their next opening.
_FLEETING = ("selected", "isolate", "surprise", "scrub", "measure")


@dataclass(frozen=True)
class SavedSession:
    """What a session file holds. read: what was said about the original. kept: fields of `CloudOptions`.
    selected: corner and size of the selected block, or None. scene: the list of all items, where more is open
    than the other fields name. sequence, other_sequence: paths of the sequences
    in both views; frame: which is shown of them.
    """

    original: str | None = None
    read: ReadOptions = field(default_factory=ReadOptions)
    stream: str | None = None
    view: ViewState = field(default_factory=ViewState)
    camera: Camera | None = None
    bookmarks: dict[int, Camera] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)
    kept: dict[str, Any] = field(default_factory=dict)
    selected: tuple[list[int], int] | None = None
    sequence: tuple[str, ...] = ()
    other_sequence: tuple[str, ...] = ()
    frame: int = 0
    scene: SavedScene | None = None


# What values of other types or sizes raise where they are looked at.
_WRONG = (ArithmeticError, AttributeError, InputError, LookupError, OSError, TypeError, ValueError)


def session_text(
    session: Session, stream_path: str | None = None, written: Mapping[int, str] | None = None
) -> str:
    """The session as JSON. stream_path: where the current bitstream was put if it is unsaved. written: the
    same of all, by id."""
    view = {k: v for k, v in asdict(session.view).items() if k not in _FLEETING}
    view["hidden_sizes"] = sorted(session.view.hidden_sizes)
    row, timeline = session.view.selected, session.timeline
    original = session.original.path if session.original and timeline is None else None
    stream = session.stream.path if session.stream and timeline is None else None
    content = {
        "format": FORMAT,
        "version": VERSION,
        "original": _absolute(original),
        "read": stored(session.original.read) if session.original else {},
        "stream": _absolute(stream or stream_path),
        **({} if timeline is None else _sequences(timeline)),
        **({"scene": scene_content(session, written or {})} if scene_is_needed(session) else {}),
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


def _sequences(timeline: Timeline) -> dict[str, Any]:
    tracks = {"sequence": timeline.a, "other_sequence": timeline.b}
    paths = {name: [] if t is None else [_absolute(path) for path in t.sources] for name, t in tracks.items()}
    return {**paths, "frame": timeline.frame}


def _absolute(path: str | None) -> str | None:
    return None if path is None else str(Path(path).resolve())


def read_session(path: str) -> SavedSession:
    """Reads a session file. Raises InputError, with the field, for what is none; FileNotFoundError."""
    try:
        with open(path, encoding="utf-8") as file:
            text = file.read(MOST_TEXT + 1)
        if len(text) > MOST_TEXT:
            raise ValueError(f"it has more than {MOST_TEXT:,} characters")
        content = json.loads(text, parse_constant=_no_number)
        # Half characters, which no name of a file has and no text can show.
        json.dumps(content, ensure_ascii=False).encode("utf-8", "surrogateescape")
    except (RecursionError, ValueError) as error:  # also of text that is not UTF-8
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
        camera = camera_of(content["camera"]) if content.get("camera") else None
        name = "bookmarks"
        bookmarks = {int(k): camera_of(v) for k, v in content.get("bookmarks", {}).items()}
        if not set(bookmarks) <= set(BOOKMARKS):
            raise ValueError(f"bookmarks have the numbers {BOOKMARKS[0]} to {BOOKMARKS[-1]}")
        name = "options"
        options = _options(content.get("options", {}))
        name = "selected"
        chosen = content.get("selected")
        selected = None if chosen is None else _block(chosen)
        name = "depth"
        kept = {spec.name: content[spec.name] for spec in cloud_option_specs() if spec.name in content}
        make_cloud_options(kept)
        name = "read"
        read = restored(content.get("read", {}))
        name = "original"
        files = [content.get(key) for key in ("original", "stream")]
        if not all(file is None or (isinstance(file, str) and "\0" not in file) for file in files):
            raise TypeError("a path is text")
        original, stream = (_beside(file, path) for file in files)
        name = "sequence"
        sequence, other = (_paths(content.get(key, []), path) for key in ("sequence", "other_sequence"))
        name = "frame"
        frame = int(number_of(content.get("frame", 0)))
        if frame < 0:
            raise ValueError("frames are counted from 0")
        name = "scene"
        scene = read_scene(content["scene"]) if content.get("scene") else None
        scene = None if scene is None else _moved_beside(scene, path)
    except _WRONG as error:
        raise InputError(f"a session cannot hold this: {error}", path=path, field=name) from error
    found = SavedSession(original, read, stream, view, camera, bookmarks, options, kept, selected)
    return replace(found, sequence=sequence, other_sequence=other, frame=frame, scene=scene)


def _moved_beside(scene: SavedScene, session: str) -> SavedScene:
    """With files that are not where they were but beside the session."""

    def here(path: str) -> str:
        return _beside(path, session) or path

    items = [
        replace(
            item,
            cloud=here(item.cloud) if item.cloud else "",
            streams=tuple((here(path), label) for path, label in item.streams),
            sequence=tuple(map(here, item.sequence)),
            other_sequence=tuple(map(here, item.other_sequence)),
        )
        for item in scene.items
    ]
    return replace(scene, items=tuple(items))


def _paths(content: object, session: str) -> tuple[str, ...]:
    """The paths of a sequence."""
    if not isinstance(content, list) or not all(isinstance(p, str) and "\0" not in p for p in content):
        raise TypeError("a sequence is a list of paths")
    return tuple(str(_beside(path, session)) for path in content)


def _beside(file: str | None, session: str) -> str | None:
    """Where a file is that is not where it was but beside the session: both were moved."""
    if file is None or Path(file).exists():
        return file
    name = re.split(r"[/\\]", file)[-1]
    moved = Path(session).resolve().with_name(name) if name.strip(".") else None
    return str(moved) if moved is not None and moved.exists() else file


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
        changes["filter"] = _filter(changes["filter"])
    if "hidden_sizes" in changes:
        changes["hidden_sizes"] = frozenset(int(v) for v in changes["hidden_sizes"])
    if "scales" in changes:
        changes["scales"] = _scales(changes["scales"])
    if "own_scales" in changes:
        changes["own_scales"] = _own_scales(changes["own_scales"])
    if changes.get("clip") is not None:
        changes["clip"] = _clip(changes["clip"])
    for name, value in changes.items():
        wanted = type(getattr(default, name))
        if type(value) is not wanted and name != "clip":
            raise TypeError(f"{name} is no {wanted.__name__}")
    view = replace(default, **changes)
    if view.arrangement not in ARRANGEMENTS:
        raise ValueError(f"no arrangement '{view.arrangement}'")
    if view.panes not in PANES:
        raise ValueError(f"{view.panes} views cannot be chosen")
    if not 0 <= view.point_size <= MOST_PIXELS or not 0 <= view.opacity <= 100:
        raise ValueError("a point size or an opacity that cannot be chosen")
    if not is_block_mode(view.block_mode):
        raise ValueError(f"no block mode '{view.block_mode}'")
    # The comparison is not stored, and neither is what properties cost.
    if is_difference(view.cloud_mode) or cost_of(view.cloud_mode) is not None:
        view = replace(view, cloud_mode="plain")
    if not is_point_mode(view.cloud_mode):
        raise ValueError(f"no point mode '{view.cloud_mode}'")
    return view


def _clip(content: dict[str, Any]) -> Clip:
    low, high = ([int(number_of(v)) for v in content[end]] for end in ("low", "high"))
    if len(low) != 3 or len(high) != 3 or not all(0 <= v <= 1 << MAX_DEPTH for v in low + high):
        raise ValueError("no cloud has such a box")
    clip = Clip.of(low, high)
    if not clip.valid:
        raise ValueError("a clipping box holds a voxel at least")
    return clip


def _scales(content: dict[str, Any]) -> dict[str, PropertyScale]:
    return {str(mode): _scale(chosen) for mode, chosen in content.items()}


def _own_scales(content: dict[str, Any]) -> dict[str, dict[str, PropertyScale]]:
    """Those of views that do not share theirs, by the letters of the views."""
    if not set(content) <= set(VIEWS):
        raise ValueError(f"views are called {', '.join(VIEWS)}")
    return {letter: _scales(scales) for letter, scales in content.items()}


def _scale(content: dict[str, Any]) -> PropertyScale:
    low, high = (None if content[end] is None else number_of(content[end]) for end in ("low", "high"))
    if content["colours"] not in MAP_NAMES or not isinstance(content["log"], bool):
        raise ValueError("a scale that cannot be chosen")
    return PropertyScale(content["colours"], low, high, content["log"])


def _no_number(name: str) -> float:
    """Python's JSON takes NaN and Infinity, and none of a session's values may be one."""
    raise ValueError(f"{name} is no number")


def _filter(content: dict[str, Any]) -> BlockFilter:
    column, *bounds = (content.get(name, default) for name, default in asdict(BlockFilter()).items())
    names = isinstance(column, str) and component_of(column) is not None
    if not names and column not in {known.key for known in (*COLUMNS, *SURPRISES)}:
        raise ValueError("the filter names no column")
    low, high = (None if bound is None else number_of(bound) for bound in bounds)
    return BlockFilter(column, low, high)


def _block(content: dict[str, Any]) -> tuple[list[int], int]:
    """Corner and size of a block."""
    x, y, z, size = (int(number_of(v)) for v in (*content["origin"], content["size"]))
    if not all(0 <= v <= 1 << MAX_DEPTH for v in (x, y, z, size)):
        raise ValueError("no cloud has such a block")
    return [x, y, z], size
