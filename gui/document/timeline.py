"""A sequence that is open: which frame is shown, which are decoded, what each takes."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from octavox.codec import BlockTable, ListColumn, PointCloud, Sequence, StreamFrames

from .advice import Explanation
from .display import CloudDisplay
from .items import CloudItem, StreamItem, ViewName
from .overlap import Overlap
from .words import told, tr

Key = tuple[ViewName, int]  # a frame of the sequence that a view shows
Motion = tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]
MEGABYTE = 1_000_000
LIMIT = 1000 * MEGABYTE  # bytes of decoded frames
MOST_AHEAD = 64  # frames decoded before they are shown
RATES = (1, 60)  # frames a second


@dataclass(eq=False)
class Frame:
    """A frame, decoded. stream, blocks, report: of one that is a bitstream. motion: as `Sequence.motion`.
    overlap: with the frame of view A that `beside` is; None where they are of two clouds."""

    item: CloudItem
    stream: StreamItem | None = None
    blocks: BlockTable = field(default_factory=BlockTable.empty)
    report: dict[str, Any] | None = None
    motion: Motion | None = None
    overlap: Overlap | None = None
    beside: CloudItem | None = None

    def __post_init__(self) -> None:
        self.item.is_frame = True
        if self.stream is not None:
            self.stream.is_frame = True

    @property
    def bytes(self) -> int:
        """In memory: of arrays and of the bitstream."""
        shown, cloud = self.item.display, self.item.display.cloud
        points, source = shown.points, self.item.source
        arrays: list[npt.NDArray[Any] | None] = [cloud.coords, cloud.colors, shown.codes, shown.guessed]
        arrays += [points.positions, points.normals, points.shade, points.colors, points.place]
        arrays += [getattr(self.blocks, name) for name in ("origin", "size", "points", "bits", "flag_bits")]
        if self.overlap is not None:
            arrays += [self.overlap.only_a, self.overlap.only_b]
        if self.item.data is not None:
            arrays += [known.values for known in self.item.data.values.values()]
        if source is not None:
            arrays += _columns_of(source)
        return bytes_of(arrays) + (0 if self.stream is None else len(self.stream.data))


def bytes_of(arrays: Iterable[npt.NDArray[Any] | None]) -> int:
    """Memory of arrays; what several of them are views of counts once, as a whole."""
    held: dict[int, int] = {}
    for array in arrays:
        while array is not None and isinstance(array.base, np.ndarray):
            array = array.base
        if array is not None:
            held[id(array)] = array.nbytes
    return sum(held.values())


def _columns_of(cloud: PointCloud) -> Iterator[npt.NDArray[Any]]:
    yield cloud.coords
    for column in cloud.attributes.values():
        yield from (column.values, column.lengths) if isinstance(column, ListColumn) else (column,)


class FrameCache:
    """Decoded frames, those used last.

    limit: in bytes; frames beyond it go, the one used longest ago first, but for those that are shown.
    used: bytes of all.
    """

    def __init__(self, limit: int = LIMIT) -> None:
        self.limit, self.used = limit, 0
        self._frames: OrderedDict[Key, Frame] = OrderedDict()
        self._sizes: dict[Key, int] = {}

    def __contains__(self, key: object) -> bool:
        return key in self._frames

    def __len__(self) -> int:
        return len(self._frames)

    def get(self, key: Key) -> Frame | None:
        """A frame, which counts as used now."""
        found = self._frames.get(key)
        if found is not None:
            self._frames.move_to_end(key)
            self._measure(key, found.bytes)  # more may be known of its points by now
        return found

    def __iter__(self) -> Iterator[Key]:
        return iter(self._frames)

    def peek(self, key: Key) -> Frame | None:
        """A frame, which does not count as used."""
        return self._frames.get(key)

    def put(self, key: Key, frame: Frame, kept: Collection[Key] = ()) -> None:
        """Take a frame in, and let others go; not those of `kept`."""
        self._frames[key] = frame
        self._frames.move_to_end(key)
        self._measure(key, frame.bytes)
        self.trim(kept)

    def _measure(self, key: Key, size: int) -> None:
        self.used += size - self._sizes.get(key, 0)
        self._sizes[key] = size

    def trim(self, kept: Collection[Key] = ()) -> None:
        """Let frames go until the rest is within the limit."""
        for key in [key for key in self._frames if key not in kept]:
            if self.used <= self.limit:
                return
            self._drop(key)

    def keep_only(self, kept: Collection[Key]) -> None:
        """Let all other frames go."""
        for key in [key for key in self._frames if key not in kept]:
            self._drop(key)

    def forget(self, view: ViewName | None = None) -> None:
        """Let all frames go, or those of a view."""
        for key in [key for key in self._frames if view in (None, key[0])]:
            self._drop(key)

    def _drop(self, key: Key) -> None:
        del self._frames[key]
        self.used -= self._sizes.pop(key)


@dataclass(eq=False)
class Track:
    """One sequence. sources: the paths that it was opened from. sizes: (F,) bytes of each frame; 0 where its
    file is gone."""

    sequence: Sequence
    sources: tuple[str, ...]
    sizes: npt.NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.sizes)

    @property
    def name(self) -> str:
        """What the sequence is called."""
        first = Path(self.sources[0])
        if len(self.sources) == 1:
            return first.name or str(first)
        return tr("{first} … {last}", first=first.name, last=Path(self.sources[-1]).name)

    def label(self, number: int) -> str:
        """What a frame is called: its file; of a stream of several frames, the file and the number."""
        return frame_label(self.sequence, number)


def frame_label(sequence: Sequence, number: int) -> str:
    """See `Track.label`."""
    name = Path(sequence.name(number)).name
    if isinstance(sequence, StreamFrames) and len(sequence) > 1:
        return told("{name}, frame {n}", name=name.rpartition(", ")[0], n=number)
    return name


@dataclass(eq=False)
class Timeline:
    """The sequence that view A shows, and one in view B, if there are two.

    frame: which is wanted. shown: which the views show; None while that is none, or one that was read
    otherwise. item: what view A shows. playing, rate (frames a
    second), loop: of playing. faults: why frames cannot be shown. dropped: frames left out since playing
    began, for there was no time for them.
    """

    a: Track
    b: Track | None = None
    cache: FrameCache = field(default_factory=FrameCache)
    frame: int = 0
    shown: int | None = None
    item: CloudItem | None = None
    playing: bool = False
    rate: int = 10
    loop: bool = True
    dropped: int = 0
    faults: dict[Key, Explanation] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.a)

    def track(self, view: ViewName) -> Track | None:
        return self.a if view == "A" else self.b

    def keys(self, number: int) -> list[Key]:
        """What both views show of a frame; B may have fewer frames."""
        both = self.b is not None and number < len(self.b)
        return [("A", number), ("B", number)] if both else [("A", number)]

    def fault(self, number: int) -> Explanation | None:
        """Why a frame cannot be shown; None where nothing is known against it."""
        return next((self.faults[key] for key in self.keys(number) if key in self.faults), None)

    def missing(self, number: int) -> list[Key]:
        """What is not decoded yet of a frame, and may be."""
        return [key for key in self.keys(number) if key not in self.cache and key not in self.faults]

    def ready(self, number: int) -> bool:
        """Whether a frame can be shown at once."""
        return all(key in self.cache for key in self.keys(number))

    def ghost(self, view: ViewName) -> CloudDisplay | None:
        """The frame before the one that is shown, if it is decoded."""
        found = self.cache.get((view, self.shown - 1)) if self.shown else None
        return None if found is None else found.item.display

    def motion(self, view: ViewName) -> Motion | None:
        """Of the shown frame."""
        found = None if self.shown is None else self.cache.get((view, self.shown))
        return None if found is None else found.motion

    @property
    def decoded(self) -> npt.NDArray[np.bool_]:
        """(F,) which frames can be shown at once."""
        held = np.zeros((len(self), 2), bool)
        for view, number in self.cache:
            if number < len(held):
                held[number, "AB".index(view)] = True
        held[0 if self.b is None else len(self.b) :, 1] = True
        return np.asarray(held.all(axis=1))

    @property
    def kept(self) -> set[Key]:
        """What stays decoded since it is shown."""
        return set() if self.shown is None else set(self.keys(self.shown))

    @property
    def ahead(self) -> int:
        """How many frames after the shown one there is room for."""
        if not len(self.cache):
            return MOST_AHEAD
        each = self.cache.used / len(self.cache) * (1 if self.b is None else 2)
        return max(1, min(MOST_AHEAD, int(self.cache.limit / max(1, each)) - 2))


def steps_late(seconds: float, rate: float) -> int:
    """How many frames further playing is when what begins to be decoded now is there; at least 1."""
    return max(1, math.ceil(seconds * rate))


@dataclass
class Clock:
    """Which frame is due while a sequence plays. first: with which it began, at `start` seconds. count: of
    frames. Steps count on where the frames begin again."""

    first: int
    count: int
    rate: float
    loop: bool
    start: float

    def step(self, now: float) -> int:
        """How many frames after the first one is due; the last one where it does not begin again."""
        steps = max(0, int((now - self.start) * self.rate))
        return steps if self.loop else min(steps, self.count - 1 - self.first)

    def frame(self, step: int) -> int:
        return (self.first + step) % self.count

    def over(self, now: float) -> bool:
        return not self.loop and self.step(now) >= self.count - 1 - self.first


def next_ready(timeline: Timeline, clock: Clock, after: int, due: int) -> int | None:
    """The last step after `after`, up to the one that is due, whose frame can be shown; None: no such."""
    first = max(after, due - clock.count)
    return next((s for s in range(due, first, -1) if timeline.ready(clock.frame(s))), None)


def next_to_decode(timeline: Timeline, clock: Clock, due: int, late: int) -> list[Key]:
    """What to decode next: of the first frame that is not there, and that will be in time. late: by how many
    steps playing will be further then."""
    last = due + max(late, min(timeline.ahead, clock.count))
    if not clock.loop:
        last = min(last, clock.count - 1 - clock.first)
    for step in range(min(due + late, last), last + 1):
        missing = timeline.missing(clock.frame(step))
        if missing:
            return missing
    return []
