"""Finds out which points the drawn voxels hold and what their properties are, in a thread beside the jobs."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QObject, QTimer, Slot

from octavox.codec import CancelToken
from octavox.gui.document.events import (
    CloudsChanged,
    Event,
    PointDataChanged,
    PointsRead,
    ShadingDone,
    TimelineChanged,
    ViewChanged,
)
from octavox.gui.document.items import CloudItem
from octavox.gui.document.point_data import PointData, Property, Range
from octavox.gui.document.session import Session

from .job import Failure, Job
from .runner import JobRunner
from .work import Report


@dataclass(frozen=True)
class Found:
    """item: that is now known by `data`, with the values of `mode`, if one was wanted."""

    item: CloudItem
    data: PointData
    mode: str


class PointDataLoader(QObject):
    """Nothing waits for it; `PointDataChanged` is published after each step."""

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._runner = JobRunner(self)
        self._refused: set[tuple[int, str]] = set()  # items, by id, and modes that cannot be had of them
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(0)
        self._soon.timeout.connect(self._next)
        kinds = (CloudsChanged, ViewChanged, ShadingDone, TimelineChanged, PointsRead)
        session.events.subscribe(self._changed, *kinds)

    @property
    def busy(self) -> bool:
        """Whether something of a shown cloud is still to be found out."""
        return self._runner.busy or self._due() is not None

    def _due(self) -> tuple[CloudItem, str] | None:
        """A shown cloud and the point mode whose values are wanted of it; "" where all is to be found out."""
        mode, timeline = self._session.view.cloud_mode, self._session.timeline
        if timeline is not None and timeline.playing and Property.of(mode) is None:
            return None  # the frame is gone soon
        for item in self._session.items.shown:
            if item.source is None or not item.display.shaded.is_set():  # what is seen comes first
                continue
            if item.data is None and (id(item), "") not in self._refused:
                return item, ""
            missing = item.data is not None and Property.of(mode) in item.properties
            if missing and item.values_of(mode) is None and (id(item), mode) not in self._refused:
                return item, mode
        return None

    def _changed(self, event: Event) -> None:
        if isinstance(event, CloudsChanged):
            self._refused.clear()
        self._soon.start()

    @Slot()
    def _next(self) -> None:
        due = self._due()
        if due is not None and not self._runner.busy:
            item, mode = due
            give_up, show = partial(self._give_up, item, mode), partial(self._show, item)
            work = partial(
                find_point_data, copy(item), mode
            )  # the item itself may get other points meanwhile
            self._runner.start(Job("Points", "", work, show, rollback=give_up))

    def _show(self, item: CloudItem, found: Found, seconds: float) -> None:
        still = item.display is found.item.display and item.source is found.item.source
        if still and any(item is shown for shown in self._session.items.shown):
            item.data = found.data
            self._session.publish(PointDataChanged())
        self._soon.start()

    def _give_up(self, item: CloudItem, mode: str, failure: Failure) -> None:
        """Out of memory: the points keep their colours."""
        self._refused.add((id(item), mode))
        self._soon.start()

    def shut(self) -> None:
        self._soon.stop()
        self._runner.shut()


def find_point_data(item: CloudItem, mode: str, report: Report, cancel: CancelToken) -> Found:
    """Which points the drawn voxels hold, and the values of a point mode; "": of none."""
    cloud, data = item.points, item.data
    if data is None:
        data = PointData.of(cloud, item.display.cloud, cancel.raise_if_cancelled)
        for wanted in item.properties:
            cancel.raise_if_cancelled()
            column = wanted.column(cloud)
            if column is not None:
                data.ranges[wanted.mode] = Range.of(column)
    wanted_now = Property.of(mode)
    if wanted_now is not None:
        data.add_values(wanted_now, cloud)
    return Found(item, data, mode)
