"""The events that the session publishes, and the bus that calls their listeners; free of Qt.

An event says what changed; a listener reads the new state from the session. A new kind of event is one class.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class Event:
    """Something changed. Events of one kind without fields are equal: a batch holds them once."""


class CloudsChanged(Event):
    """A view shows another cloud, or none."""


class StreamChanged(Event):
    """Another bitstream is the current one, or none is, or it was saved."""


class BlocksChanged(Event):
    """The block table was replaced, or rows were appended to it."""


class ViewChanged(Event):
    """A field of `ViewState` changed."""


class CameraChanged(Event):
    """The camera moved."""


class BookmarksChanged(Event):
    """A camera was kept as a bookmark."""


class OptionsChanged(Event):
    """A codec option, the depth of the grid or a forecast changed."""


class JobChanged(Event):
    """A job began, ended or is being cancelled."""


class JobProgressed(Event):
    """The running job reported how far it is."""


class CertificateChanged(Event):
    """The decoded cloud was compared with the original voxel by voxel, or that result went."""


class ComparisonChanged(Event):
    """Distances between the two clouds were measured, or there are none any more."""


class SurpriseChanged(Event):
    """The surprise of a block was computed."""


class OtherStreamChanged(Event):
    """A second bitstream was opened for its blocks, or closed."""


class QueueChanged(Event):
    """An entry of the queue of files was added, removed, started or finished."""


class QualityChanged(Event):
    """Something was found out about rate and distortion of the open cloud."""


class ShadingDone(Event):
    """A cloud that was shown flat has its normals and brightness now."""


class PointDataChanged(Event):
    """More is known of the properties of the points of a shown cloud."""


class DiskChanged(Event):
    """More is known of a cloud that stays on disk, or it cannot be read any more."""


@dataclass(frozen=True)
class PointsRead(Event):
    """Other points of a cloud that stays on disk are in its item now."""

    item: object


class TimelineChanged(Event):
    """Another sequence is open, or none; another frame is wanted or shown; more frames are decoded."""


class RecentFilesChanged(Event):
    """A file was opened that the list of recent files names now."""


class DecodingBegan(Event):
    """A decoder is about to report voxels."""


@dataclass(frozen=True, eq=False)
class VoxelsDecoded(Event):
    """A decoder reported voxels; each such event counts. coords: (n, 3) int32."""

    coords: npt.NDArray[np.int32]
    __eq__ = object.__eq__
    __hash__ = object.__hash__


class PreviewChanged(Event):
    """Some points of a file that is being opened can be shown (`Session.preview`)."""


class PreviewDropped(Event):
    """The job that showed voxels or points early ended without a result."""


class BatchEnded(Event):
    """All events of changes that were made together have been published."""


E = TypeVar("E", bound=Event)


class EventBus:
    """Calls listeners on the publisher's thread, in the order of their subscription."""

    def __init__(self) -> None:
        self._listeners: list[tuple[tuple[type[Event], ...], Callable[[Any], None]]] = []
        self._held: dict[Event, None] | None = None
        self.in_batch = False  # the events of a batch are being published

    def subscribe(self, listener: Callable[[E], None], *kinds: type[E]) -> None:
        """Have `listener` called with every event of these kinds."""
        self._listeners.append((kinds, listener))

    def unsubscribe(self, listener: Callable[[E], None]) -> None:
        """Call it no more."""
        self._listeners = [known for known in self._listeners if known[1] != listener]

    def publish(self, event: Event) -> None:
        """Tell the listeners; inside `together`, at its end."""
        if self._held is not None:
            self._held[event] = None
            return
        for kinds, listener in tuple(self._listeners):
            if isinstance(event, kinds):
                listener(event)

    @contextlib.contextmanager
    def together(self) -> Iterator[None]:
        """Holds the events of the changes made inside.

        At the end each is published once, with `in_batch` set, and then `BatchEnded`.
        """
        if self._held is not None:
            yield
            return
        self._held = {}
        try:
            yield
        finally:
            events, self._held = self._held, None
            self.in_batch = True
            try:
                for event in events:
                    self.publish(event)
            finally:
                self.in_batch = False
            self.publish(BatchEnded())
