"""The open clouds, bitstreams and sequences, which clouds the views show, and which stream is current."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from octavox.codec import (
    BlockTable,
    Certificate,
    CloudOptions,
    CodecOptions,
    OctavoxError,
    PointCloud,
    ReadOptions,
    StreamLevels,
    VoxelCloud,
    VoxelizationReport,
    stream_levels,
)

from .detail_levels import Shown
from .display import CloudDisplay
from .on_disk import OnDisk
from .overlap import Overlap
from .point_data import PointData, Property, PropertyValues, properties_of
from .queue import settings_in_words
from .refining import Refining

if TYPE_CHECKING:
    from .timeline import Timeline

ViewName = Literal["A", "B", "C", "D"]
VIEWS: tuple[ViewName, ...] = ("A", "B", "C", "D")  # A and B in the upper row, C and D in the lower
Ink = tuple[int, int, int]


@dataclass(eq=False)
class CloudItem:
    """One open cloud. label: what its view and the lists call it. path: the file that it came from.

    source: the points of the file or of the bitstream; None for a cloud that is known by its voxels alone.
    level: what a bitstream keeps of it without further options, or did keep: "voxels", "records" or "file".
    strays: points that lie on no grid and are stored beside the voxels. agreed: the user knows that points
    move and wants that. read: what the user said about the file. detail: of a cloud that has some levels of
    a bitstream alone. made_from: the bitstream that it was decoded from. certificate, overlap: of that
    decoding, with the cloud that the bitstream is of. ink: what it is drawn in where points are plain.
    is_frame: of a sequence; it closes when another frame is shown. on_disk: of a cloud most of whose points
    stay on disk: display, source and data are of those that are read, and change with the camera. refining:
    of a bitstream that is decoded where one looks: display and detail change with the camera.
    data: which points the drawn voxels hold, and their properties; computed in the background.
    """

    display: CloudDisplay
    label: str
    path: str | None = None
    voxelization: VoxelizationReport | None = None
    source: PointCloud | None = None
    level: str = ""
    strays: int = 0
    agreed: bool = False
    read: ReadOptions = field(default_factory=ReadOptions)
    detail: Shown | None = None
    made_from: StreamItem | None = None
    certificate: Certificate | None = None
    overlap: Overlap | None = None
    ink: Ink | None = None
    is_frame: bool = False
    on_disk: OnDisk | None = None
    refining: Refining | None = None
    data: PointData | None = field(default=None, init=False)

    @property
    def held(self) -> OnDisk | Refining | None:
        """What is known of a cloud of which the window shows a part that follows the camera."""
        return self.refining if self.on_disk is None else self.on_disk

    @property
    def properties(self) -> list[Property]:
        """What can colour its points."""
        return [] if self.source is None else list(properties_of(self.source))

    def values_of(self, mode: str) -> PropertyValues | None:
        """The property of a point mode; None where it has none, or while it is not computed."""
        return None if self.data is None else self.data.values.get(mode)

    @property
    def codable(self) -> VoxelCloud | PointCloud:
        """What the encoder takes: it counts merged points itself."""
        return self.source if self.source is not None else self.display.cloud

    @property
    def points(self) -> PointCloud:
        """The points of the file or of the bitstream; those of the voxels where no others are known."""
        if self.source is not None:
            return self.source
        cloud = self.display.cloud
        return PointCloud(cloud.positions, cloud.colors)

    @property
    def positions(self) -> npt.NDArray[np.float64]:
        """(N, 3) positions of its points that have one, in the units of the file."""
        positions = np.asarray(self.points.positions, np.float64)
        finite = np.isfinite(positions).all(axis=1)
        return positions if finite.all() else positions[finite]

    @property
    def root(self) -> CloudItem:
        """The cloud that a decoded one was coded from, or itself."""
        stream = self.made_from
        return self if stream is None or stream.of is None else stream.of.root

    @property
    def has_colors(self) -> bool:
        return self.display.cloud.colors is not None


@dataclass(eq=False)
class StreamItem:
    """One open bitstream: its bytes, its file once it was opened from one or saved to one, and its results.

    frame_of: the file of several frames of which it is one; `label` names it then. of: the open cloud that it
    was made from, or belongs to. display: the voxels that its blocks are of. chosen: for it; None where it
    was opened. seconds: that compressing took, None where it was opened. blocks, encode_report,
    decode_report: what was found out about it; `Session` keeps them up to date while it is the current one.
    is_frame: of a sequence; it closes when another frame is shown.
    """

    data: bytes
    path: str | None = None
    codec: str = ""
    frame_of: str | None = None
    label: str = ""
    of: CloudItem | None = None
    display: CloudDisplay | None = None
    chosen: tuple[CodecOptions, CloudOptions] | None = None
    seconds: float | None = None
    blocks: BlockTable | None = None
    encode_report: dict[str, Any] | None = None
    decode_report: dict[str, Any] | None = None
    is_frame: bool = False

    @property
    def settings(self) -> str:
        """What was chosen for it, in words."""
        return "" if self.chosen is None else settings_in_words(*self.chosen)

    @property
    def title(self) -> str:
        """What lists call it: the name that the user gave it, else its file, else codec and options."""
        return self.label or (Path(self.path).name if self.path else self.settings or self.codec)

    @cached_property
    def levels(self) -> StreamLevels | None:
        """What coarse clouds of it take; None where they are not to be had alone."""
        try:
            return stream_levels(self.data)
        except OctavoxError:
            return None

    @property
    def saved(self) -> bool:
        return self.path is not None or self.frame_of is not None


@dataclass(frozen=True)
class StreamBlocks:
    """The blocks of a second bitstream of the same cloud, and its size in bytes. label: what it is called.

    depth: bits per axis; blocks of a cloud of another depth lie elsewhere. stream: the open item, of one that
    the cloud in view B was decoded from.
    """

    label: str
    depth: int
    blocks: BlockTable
    bytes: int
    stream: StreamItem | None = None


@dataclass(eq=False)
class SequenceItem:
    """One open sequence. While it is shown, its frame is among the items, too."""

    timeline: Timeline
    label: str


Item = CloudItem | StreamItem | SequenceItem


class Items:
    """Any number of open items, in the order of the user. Each view shows one cloud or none."""

    def __init__(self) -> None:
        self._items: list[Item] = []
        self._shown: dict[ViewName, CloudItem] = {}
        self._stream: StreamItem | None = None

    def __iter__(self) -> Iterator[Item]:
        return iter(tuple(self._items))

    def __len__(self) -> int:
        return len(self._items)

    @property
    def clouds(self) -> list[CloudItem]:
        return [item for item in self._items if isinstance(item, CloudItem)]

    @property
    def streams(self) -> list[StreamItem]:
        return [item for item in self._items if isinstance(item, StreamItem)]

    @property
    def sequences(self) -> list[SequenceItem]:
        return [item for item in self._items if isinstance(item, SequenceItem)]

    def put_beside(self, item: Item, other: Item, after: bool) -> None:
        """Give an item the place before or after another one."""
        self._items.remove(item)
        self._items.insert(self._items.index(other) + after, item)

    def add(self, item: Item) -> None:
        """Open an item; no view shows it yet. One that is open already stays where it is."""
        if item not in self._items:
            self._items.append(item)

    def remove(self, item: Item) -> None:
        """Close an item. Raises ValueError if it is not open."""
        self._items.remove(item)
        self._shown = {view: shown for view, shown in self._shown.items() if shown is not item}
        if self._stream is item:
            self._stream = None

    # -- what the views show -------------------------------------------------------------------------

    def shown_in(self, view: ViewName) -> CloudItem | None:
        return self._shown.get(view)

    def view_of(self, item: CloudItem) -> ViewName | None:
        """The first view that shows a cloud."""
        return next((view for view in VIEWS if self._shown.get(view) is item), None)

    @property
    def shown(self) -> list[CloudItem]:
        """The clouds that the views show, that of A first."""
        return [self._shown[view] for view in VIEWS if view in self._shown]

    def show(self, view: ViewName, item: CloudItem | None) -> None:
        """Have a view show a cloud, which is opened if need be, or none."""
        if item is None:
            self._shown.pop(view, None)
        else:
            self.add(item)
            self._shown[view] = item

    # -- the bitstream that blocks, bytes and facts refer to -----------------------------------------

    @property
    def current_stream(self) -> StreamItem | None:
        return self._stream

    def make_current(self, stream: StreamItem | None) -> None:
        """Have blocks, bytes and facts refer to a bitstream, which is opened if need be, or to none."""
        if stream is not None:
            self.add(stream)
        self._stream = stream
