"""The list of open items in a session file: files of clouds, of their bitstreams and of sequences."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from octavox.codec import ReadOptions

from .items import VIEWS, CloudItem, SequenceItem, StreamItem
from .reading import restored, stored
from .scene import parent_of
from .session import Session

MOST_ITEMS = 10_000


@dataclass(frozen=True)
class SavedItem:
    """One item, or a cloud with its bitstreams.

    cloud: its file, "" for a bitstream that is of no open cloud. streams: files, and the names that the user
    gave them. sequence, other_sequence: paths, of a sequence; frame: which one was shown.
    """

    cloud: str = ""
    read: ReadOptions = field(default_factory=ReadOptions)
    label: str = ""
    ink: tuple[int, int, int] | None = None
    streams: tuple[tuple[str, str], ...] = ()
    sequence: tuple[str, ...] = ()
    other_sequence: tuple[str, ...] = ()
    frame: int = 0


@dataclass(frozen=True)
class SavedScene:
    """views: by letter the place of an item, and that of the bitstream whose decoded cloud is shown; -1 for
    the cloud itself. current: those places of the current bitstream."""

    items: tuple[SavedItem, ...] = ()
    views: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    current: tuple[int, int] | None = None


def is_needed(session: Session) -> bool:
    """Whether more is open than one cloud, one bitstream and what it decodes to, or one sequence."""
    items = session.items
    opened = [cloud for cloud in items.clouds if cloud.made_from is None and not cloud.is_frame]
    streams = [stream for stream in items.streams if not stream.is_frame]
    named = [cloud for cloud in opened if cloud.ink is not None or _label(cloud)]
    return len(opened) > 1 or len(streams) > 1 or len(opened) + len(items.sequences) > 1 or bool(named)


def content(session: Session, written: Mapping[int, str]) -> dict[str, Any]:
    """For a session file. written: where bitstreams were put that are in no file of the user, by id."""
    roots = [item for item in session.items if parent_of(session, item) is None]
    saved: list[dict[str, Any]] = []
    places: dict[int, tuple[int, int]] = {}  # of clouds, by id
    streams_at: dict[int, tuple[int, int]] = {}
    for item in roots:
        if isinstance(item, SequenceItem):
            saved.append(_sequence(item))
        elif not item.is_frame and (isinstance(item, StreamItem) or item.path):
            cloud = item if isinstance(item, CloudItem) else None
            streams = [item] if isinstance(item, StreamItem) else _of(session, item)
            kept = [(s, s.path or written.get(id(s))) for s in streams]
            found = [(s, str(Path(path).resolve())) for s, path in kept if path]
            if cloud is None and not found:
                continue
            for k, (stream, _) in enumerate(found):
                streams_at[id(stream)] = (len(saved), k)
            if cloud is not None:
                places[id(cloud)] = (len(saved), -1)
            saved.append(_cloud(cloud, found))
    for cloud in session.items.clouds:
        if cloud.made_from is not None and id(cloud.made_from) in streams_at:
            places[id(cloud)] = streams_at[id(cloud.made_from)]
    shown = {view: session.items.shown_in(view) for view in VIEWS}
    views = {v: places[id(item)] for v, item in shown.items() if item is not None and id(item) in places}
    return {"items": saved, "views": views, "current": streams_at.get(id(session.stream))}


def _of(session: Session, cloud: CloudItem) -> list[StreamItem]:
    return [s for s in session.items.streams if s.of is not None and s.of.root is cloud and not s.is_frame]


def _label(cloud: CloudItem | None) -> str:
    """The name that the user gave a cloud."""
    return "" if cloud is None or (cloud.path and Path(cloud.path).name == cloud.label) else cloud.label


def _cloud(cloud: CloudItem | None, streams: list[tuple[StreamItem, str]]) -> dict[str, Any]:
    return {
        "cloud": "" if cloud is None or cloud.path is None else str(Path(cloud.path).resolve()),
        "read": {} if cloud is None else stored(cloud.read),
        "label": _label(cloud),
        "ink": None if cloud is None or cloud.ink is None else list(cloud.ink),
        "streams": [{"file": path, "label": stream.label} for stream, path in streams],
    }


def _sequence(item: SequenceItem) -> dict[str, Any]:
    tracks = (item.timeline.a, item.timeline.b)
    a, b = ([] if track is None else [str(Path(p).resolve()) for p in track.sources] for track in tracks)
    return {"sequence": a, "other_sequence": b, "frame": item.timeline.frame, "label": item.label}


def read_scene(found: Any) -> SavedScene:
    """From a session file. Raises TypeError, ValueError, LookupError for what cannot be."""
    if not isinstance(found, dict) or not isinstance(found.get("items", []), list):
        raise TypeError("a scene is a list of items")
    items = tuple(_item(item) for item in found.get("items", [])[:MOST_ITEMS])
    views = {str(view): _place(place, items) for view, place in found.get("views", {}).items()}
    if not set(views) <= set(VIEWS):
        raise ValueError("no such view")
    current = found.get("current")
    return SavedScene(items, views, None if current is None else _place(current, items))


def _item(found: dict[str, Any]) -> SavedItem:
    streams = tuple((_text(s["file"]), _text(s.get("label", ""))) for s in found.get("streams", []))
    ink = found.get("ink")
    if ink is not None and not (len(ink) == 3 and all(type(v) is int and 0 <= v <= 255 for v in ink)):
        raise ValueError("a colour is three numbers from 0 to 255")
    frame = found.get("frame", 0)
    if type(frame) is not int or frame < 0:
        raise ValueError("frames are counted from 0")
    sequences = [tuple(map(_text, found.get(key, []))) for key in ("sequence", "other_sequence")]
    cloud, label = _text(found.get("cloud", "")), _text(found.get("label", ""))
    ink = None if ink is None else (ink[0], ink[1], ink[2])
    a, b = sequences
    return SavedItem(cloud, restored(found.get("read", {})), label, ink, streams, a, b, frame)


def _text(value: Any) -> str:
    if not isinstance(value, str) or "\0" in value:
        raise TypeError("a name is text")
    return value


def _place(found: Any, items: tuple[SavedItem, ...]) -> tuple[int, int]:
    item, stream = found
    if type(item) is not int or type(stream) is not int or not 0 <= item < len(items):
        raise ValueError("no such item")
    if not -1 <= stream < len(items[item].streams):
        raise ValueError("no such bitstream")
    return item, stream
