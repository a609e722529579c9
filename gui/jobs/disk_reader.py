"""Keeps what is read of clouds on disk and of large bitstreams in step with the views, beside the jobs."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, QTimer, Slot

from octavox.gui.document.detail_levels import Shown
from octavox.gui.document.events import (
    CameraChanged,
    CloudsChanged,
    DiskChanged,
    Event,
    PointsRead,
    ViewChanged,
)
from octavox.gui.document.items import CloudItem
from octavox.gui.document.linked import camera_of, carried
from octavox.gui.document.on_disk import OnDisk, Read
from octavox.gui.document.refining import Refined, Refining
from octavox.gui.document.session import Session

from .disk import LOOKING, Looked, Wanted, look_through, read_wanted
from .job import Failure, Job
from .refine import refine
from .runner import JobRunner

REST_MS = 250  # of the camera, before points of what it looks at are read
TOLD = 0.02  # of a file, between two words on how far the look through it is
USUAL_SIZE = (900, 650)  # of a view, before there is one


class DiskReader(QObject):
    """Nothing waits for it; `PointsRead` is published when other points are in an item. A moving camera
    draws those that are there. size_of: width and height of a view, by its letter."""

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._runner = JobRunner(self)
        self._runner.updated.connect(self._tell)
        self._item: CloudItem | None = None  # that is being read
        self._done: dict[int, Wanted] = {}  # what was read last, by id of the item
        self._open: list[OnDisk | Refining] = []
        self.size_of: Callable[[str], tuple[int, int]] = lambda letter: USUAL_SIZE
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(REST_MS)
        self._soon.timeout.connect(self._next)
        session.events.subscribe(self._changed, CloudsChanged, CameraChanged, ViewChanged, DiskChanged)

    @property
    def busy(self) -> bool:
        """Whether points are still to be read for what is shown."""
        return self._runner.busy or self._due() is not None

    def _changed(self, event: Event) -> None:
        if isinstance(event, CloudsChanged):
            self._close_what_is_gone()
        running = self._item
        if running is not None and running.held is not None and running.held.share == 1:
            wanted = self._wanted(running)
            if wanted is None or wanted != self._done.get(id(running)):
                self._runner.cancel()  # the view needs others now
        if self._open:
            self._soon.start()

    def _close_what_is_gone(self) -> None:
        items = [item for item in self._session.items.clouds if item.held is not None]
        still = [item.held for item in items if item.held is not None]
        if self._item is not None and self._item not in items:
            self._runner.cancel()
        for held in self._open:
            if held not in still:
                held.close()
        self._open = still
        self._done = {id(item): self._done[id(item)] for item in items if id(item) in self._done}

    def _wanted(self, item: CloudItem) -> Wanted | None:
        """What the view that shows an item needs; None where no view does."""
        view = self._session.items.view_of(item)
        if view is None:
            return None
        camera = camera_of(self._session, view, item)
        return Wanted(camera, self.size_of(view), self._session.budget)

    def _due(self) -> CloudItem | None:
        """The next item of which points are to be read."""
        for item in self._session.items.shown:
            held = item.held
            if held is None or held.fault:
                continue
            if held.share < 1 or self._wanted(item) != self._done.get(id(item)):
                return item
        return None

    @Slot()
    def _next(self) -> None:
        item = self._due()
        if item is None or self._runner.busy:
            return
        mode, wanted = self._session.view.cloud_mode, self._wanted(item)
        give_up = partial(self._give_up, item)
        if item.refining is not None and wanted is not None:
            self._done[id(item)] = wanted
            finer = partial(refine, item.refining, item.display.proportions, wanted)
            job = Job("Read", "", finer, partial(self._refine, item), rollback=give_up, niceness=0)
        elif item.on_disk is None:
            return
        elif item.on_disk.share < 1:
            look = partial(look_through, item.on_disk, mode)
            job = Job("Look", "", look, partial(self._looked, item), rollback=give_up, niceness=0)
        elif wanted is not None:
            self._done[id(item)] = wanted
            read = partial(read_wanted, item.on_disk, item.display.proportions, wanted, mode)
            job = Job("Read", "", read, partial(self._take, item), rollback=give_up, niceness=0)
        else:
            return
        self._item = item
        self._runner.start(job)

    @Slot()
    def _tell(self) -> None:
        """How far the look through a file is, now and then."""
        item, state = self._item, self._runner.state
        if item is None or item.on_disk is None or state is None or state.stage != LOOKING:
            return
        share = min(0.99, state.fraction or 0.0)
        if item.on_disk.share + TOLD < share:
            item.on_disk.share = share
            self._session.publish(DiskChanged())

    def _looked(self, item: CloudItem, found: Looked, seconds: float) -> None:
        disk, old = item.on_disk, item.display
        self._item = None
        if disk is None or item not in self._session.items.clouds:
            return
        disk.share, disk.grid, disk.everywhere = 1.0, found.grid, found.everywhere.rows
        moves = self._session.reference is item and found.grid.transform != old.cloud.transform
        self._take(item, found.everywhere, seconds)
        if moves:
            self._session.set_camera(carried(self._session.camera, old, item.display))
        self._session.publish(DiskChanged())

    def _take(self, item: CloudItem, read: Read | None, seconds: float) -> None:
        self._item = None
        disk = item.on_disk
        if read is not None and disk is not None and item in self._session.items.clouds:
            disk.rows, disk.shown = read.rows, read.shown
            item.display, item.source, item.data = read.display, read.source, read.data
            self._session.publish(PointsRead(item))
        self._soon.start()

    def _refine(self, item: CloudItem, found: Refined, seconds: float) -> None:
        """Other cells of a bitstream; the next ones follow, where they are not all that is wanted."""
        self._item = None
        known, shown = item.refining, item.detail
        if known is not None and shown is not None and item in self._session.items.clouds:
            item.display, item.source, item.data = found.display, None, None
            known.cells, known.finest = len(found.display), found.finest
            read, all_bytes = known.parts.bytes_read, known.parts.bytes_all
            item.detail = Shown(
                shown.level, known.cells, read, all_bytes, shown.seconds + seconds, known.finest
            )
            if not found.whole:
                self._done.pop(id(item), None)
                QTimer.singleShot(0, self, self._next)
            self._session.publish(PointsRead(item))
        self._soon.start()

    def _give_up(self, item: CloudItem, failure: Failure) -> None:
        """The camera moved on, the item was closed, or the file is no longer what it was."""
        self._item = None
        self._done.pop(id(item), None)
        if not failure.cancelled and item.held is not None:
            item.held.fault = str(failure.error)
            self._session.publish(DiskChanged())
        self._soon.start()

    def shut(self) -> None:
        self._soon.stop()
        self._runner.shut()
        for held in self._open:
            held.close()
