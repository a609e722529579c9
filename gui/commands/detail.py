"""How many levels of the bitstream are shown."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QTimer, Slot

from octavox.gui.base.action_spec import ActionSpec, can_decompress, not_busy
from octavox.gui.base.i18n import several, tr
from octavox.gui.document import scene, text
from octavox.gui.document.detail_levels import coarse_levels
from octavox.gui.document.events import Event, JobChanged, StreamChanged
from octavox.gui.document.items import CloudItem, StreamItem
from octavox.gui.document.job_state import JobState
from octavox.gui.document.session import Session
from octavox.gui.jobs import detail
from octavox.gui.jobs.job import Job

from .coding import Decoding
from .command_set import CommandSet
from .file import face
from .workbench import Workbench

REST_MS = 120  # of the slider, after which its level is decoded


def _can_show_less(session: Session) -> str:
    return not_busy(session) or ("" if shown_levels(session) > 1 else "there is no coarser level to show")


def _can_show_more(session: Session) -> str:
    reason = "" if shown_levels(session) <= choices(session) and choices(session) else "all levels are shown"
    return not_busy(session) or reason


def choices(session: Session) -> int:
    """Numbers of levels that can be shown alone; 0 without a bitstream that has some."""
    return 0 if session.stream is None else coarse_levels(session.stream.levels)


def shown_levels(session: Session) -> int:
    """Of the bitstream; `choices` + 1: all of it. 0 where none can be chosen."""
    item = session.decoded
    if item is not None and item.detail is not None:
        return item.detail.level
    return choices(session) + 1 if choices(session) else 0


class DetailCommands(CommandSet):
    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench)
        self._wanted: int | None = None
        self._ours: JobState | None = None  # the job that shows levels
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(REST_MS)
        self._soon.timeout.connect(self._start)
        bench.session.events.subscribe(self._changed, JobChanged, StreamChanged)

    def open(self, path: str, doing: str) -> bool:
        """Open a bitstream that may have very many voxels: of one that has, some levels. Whether it began."""
        session = self._session
        work = partial(detail.open_levels, path, session.large, session.budget, session.options)
        show = partial(self._show_opened, path, doing)
        return self._bench.start(Job("Decompress", doing, work, show, niceness=0))

    def _show_opened(self, path: str, doing: str, opened: detail.OpenedLevels | None, seconds: float) -> None:
        """Some levels of a bitstream; one that is not so large is decoded whole."""
        session, bench = self._session, self._bench
        if opened is None:
            bench.commands.codec.decode(path, doing)
            return
        bench.undo_stack.clear()
        with session.together():
            session.leave()
            scene.add_stream(session, StreamItem(opened.data, path, opened.codec), None)
            face(session, opened.item.display)
            scene.show_decoded(session, opened.item)
        bench.remember(path)
        bench.fit_wanted.emit(None)
        words = tr(
            "Opened {name}: {cells} cells of {n} voxels in {time}; look closer for finer ones",
            name=Path(path).name,
            cells=text.count(len(opened.item.display)),
            n=text.count(opened.points),
            time=text.duration(seconds),
        )
        bench.said.emit(words)

    @Slot(int)
    def set_level(self, level: int) -> None:
        """Show so many levels of the bitstream; more than there are alone: all of it."""
        self._wanted = level
        if self._ours is not None and self._session.job is self._ours:
            self._bench.cancel()
        self._soon.start()

    def less(self) -> None:
        """One level less."""
        self.set_level(shown_levels(self._session) - 1)

    def more(self) -> None:
        """One level more."""
        self.set_level(shown_levels(self._session) + 1)

    def _changed(self, event: Event) -> None:
        if isinstance(event, StreamChanged):
            self._wanted = None
        elif self._wanted is not None and self._session.job is None:
            self._soon.start()

    @Slot()
    def _start(self) -> None:
        session, level = self._session, self._wanted
        stream = session.stream
        if level is None or stream is None or stream.levels is None or self._bench.busy:
            return
        self._wanted = None
        if level == shown_levels(session) and (session.decoded is not None or level > choices(session)):
            return
        source = stream.path or stream.data
        if level > choices(session) and can_decompress(session):
            self._bench.said.emit(tr(can_decompress(session)))
            return
        if level > choices(session):
            job = Decoding(self._bench, source, tr("Decoding all levels")).job()
        else:
            work = partial(detail.decode_level, source, level, stream.levels, session.options)
            doing = tr("Decoding {n} levels", n=level)
            job = Job("Show levels", doing, work, self._show)
        self._bench.start(job)
        self._ours = self._session.job

    def _show(self, item: CloudItem, seconds: float) -> None:
        """The coarse cloud takes the place of the decoded one."""
        session, shown = self._session, item.detail
        if shown is None:
            return
        with session.together():
            if session.reference is None:
                face(session, item.display)
            scene.show_decoded(session, item)
        n, time = text.count(shown.cells), text.duration(seconds)
        many = several(shown.cells, "{n} point in {time}", "{n} points in {time}", n=n, time=time)
        self._bench.said.emit(f"{item.label}: {many}")

    def shut(self) -> None:
        self._soon.stop()

    @classmethod
    def actions(cls) -> list[ActionSpec]:
        return [
            ActionSpec(
                "fewer_levels",
                "One level less",
                "View/Levels",
                cls.less,
                "Show the cloud of one octree level less of the bitstream; only what that takes is read",
                "Ctrl+[",
                _can_show_less,
                order=35,
            ),
            ActionSpec(
                "more_levels",
                "One level more",
                "View/Levels",
                cls.more,
                "Show the cloud of one octree level more of the bitstream",
                "Ctrl+]",
                _can_show_more,
                order=35,
            ),
        ]
