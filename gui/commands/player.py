"""Shows the frames of the open sequence: the one that is wanted, or one after the other while it plays.

Frames are decoded in a worker thread, ahead of what is shown. What is not decoded in time is left out.
"""

from __future__ import annotations

import time

from PySide6.QtCore import QObject, Qt, QTimer, Slot

from octavox.codec import BlockTable
from octavox.gui.base.i18n import tr
from octavox.gui.document.advice import explain
from octavox.gui.document.blocks import same_blocks
from octavox.gui.document.events import CloudsChanged, Event, JobChanged, TimelineChanged, ViewChanged
from octavox.gui.document.frames import show_frame
from octavox.gui.document.items import ViewName
from octavox.gui.document.timeline import (
    Clock,
    Frame,
    Key,
    Timeline,
    next_ready,
    next_to_decode,
    steps_late,
)
from octavox.gui.jobs.frames import FrameLoader, Reading
from octavox.gui.jobs.job import Failure

from .workbench import Workbench

SHORTEST_MS, LONGEST_MS = 8, 50  # between two looks at which frame is due
EARLIER = 0.7  # weight of the times of earlier frames, at each new one


class Player(QObject):
    """Owns the sequences of the session's timeline: it closes them when their frames are shown no more."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench)
        self._bench, self._session = bench, bench.session
        self._loader = FrameLoader(self)
        self._loader.loaded.connect(self._loaded)
        self._loader.failed.connect(self._failed)
        self._loader.rested.connect(self._go_on)
        self._open: list[Timeline] = []  # the one that is shown, and those that wait to be shown again
        self._since = 0  # counts what makes frames that are being decoded out of date
        self._begun = 0  # `_since` when the loader began
        self._clock: Clock | None = None
        self._step = 0  # of the clock, that is shown
        self._seconds = 0.0  # that decoding a frame takes
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(0)
        self._soon.timeout.connect(self._go_on)
        bench.session.events.subscribe(self._changed, CloudsChanged, JobChanged, ViewChanged)

    @property
    def busy(self) -> bool:
        """Whether a frame is being decoded."""
        return self._loader.busy or self._soon.isActive()

    @property
    def _waits(self) -> bool:
        """Whether a job has the processors."""
        return self._session.job is not None and self._session.job.background

    # -- what is open --------------------------------------------------------------------------------

    def take(self, timeline: Timeline) -> None:
        """Show another sequence, whose frame is decoded already."""
        if self._session.timeline not in (None, timeline):
            self._lay_aside(self._session.timeline)
        if timeline not in self._open:
            self._open.append(timeline)
        self._session.timeline = timeline
        self._since += 1
        self._show(timeline.frame)

    def _changed(self, event: Event) -> None:
        timeline = self._session.timeline
        if isinstance(event, CloudsChanged) and timeline is not None and not self._is_shown(timeline):
            self._lay_aside(timeline)
        if isinstance(event, CloudsChanged):
            self._close_those_gone()
        timeline = self._session.timeline
        if timeline is not None:
            if isinstance(event, JobChanged) and self._session.job is not None:
                self.play(False)
            self._soon.start()

    def _is_shown(self, timeline: Timeline) -> bool:
        """Whether view A shows a frame of it, and nothing that was opened since."""
        return timeline.item is not None and timeline.item is self._session.original

    def _lay_aside(self, timeline: Timeline) -> None:
        """The sequences are shown no more."""
        self._session.timeline = None
        self._stop()
        self._since += 1
        self._loader.cancel()
        timeline.cache.keep_only(timeline.kept)
        timeline.frame = timeline.frame if timeline.shown is None else timeline.shown
        timeline.playing, timeline.shown, timeline.item = False, None, None
        self._session.publish(TimelineChanged())

    def _close_those_gone(self) -> None:
        """Sequences that are among the items no more."""
        listed = [item.timeline for item in self._session.items.sequences]
        for timeline in [one for one in self._open if one not in listed]:
            self._open.remove(timeline)
            _close(timeline)

    def read_anew(self, view: ViewName | None = None) -> None:
        """All frames, or those of a view, have to be read again; what is shown stays until then."""
        timeline = self._session.timeline
        if timeline is not None:
            self._since += 1
            self._loader.cancel()
            timeline.cache.forget(view)
            timeline.faults.clear()
            timeline.shown = None
            self.seek(timeline.frame)

    # -- moving --------------------------------------------------------------------------------------

    def seek(self, number: int) -> None:
        """Show a frame as soon as it is decoded."""
        timeline = self._session.timeline
        if timeline is None:
            return
        timeline.frame = max(0, min(number, len(timeline) - 1))
        if timeline.playing:
            self._start_clock()
        elif timeline.frame != timeline.shown:
            self._show_wanted()
            key = self._loader.key
            if key is not None and key not in timeline.keys(timeline.frame):
                self._loader.cancel()
        self._session.publish(TimelineChanged())
        self._soon.start()

    def _show_wanted(self) -> None:
        """Show the frame that is wanted, if that is possible; say why not, if it never will be."""
        timeline = self._session.timeline
        if timeline is None or self._waits:
            return
        fault = timeline.fault(timeline.frame)
        if fault is not None:
            self._bench.fail(fault)
        elif timeline.ready(timeline.frame):
            self._show(timeline.frame)

    def _show(self, number: int) -> None:
        timeline, session = self._session.timeline, self._session
        a = None if timeline is None else timeline.cache.get(("A", number))
        if timeline is None or a is None:
            return
        b = timeline.cache.get(("B", number)) if timeline.b is not None else None
        coded = next((frame for frame in (a, b) if frame is not None and frame.report is not None), None)
        if not same_blocks(session.blocks, BlockTable.empty() if coded is None else coded.blocks):
            self._bench.undo_stack.clear()  # its steps name rows of other blocks
        with session.together():
            timeline.frame, timeline.shown, timeline.item = number, number, a.item
            show_frame(session, a, b)
            session.publish(TimelineChanged())

    # -- playing -------------------------------------------------------------------------------------

    def play(self, on: bool) -> None:
        timeline = self._session.timeline
        if timeline is None or timeline.playing == on or (on and len(timeline) < 2):
            return
        timeline.playing = on
        if on:
            timeline.dropped = 0
            if timeline.frame == len(timeline) - 1:
                timeline.frame = 0
            self._start_clock()
        else:
            self._stop()
        self._session.publish(TimelineChanged())
        self._soon.start()

    def _start_clock(self) -> None:
        timeline = self._session.timeline
        if timeline is None:
            return
        now = time.monotonic()
        self._clock = Clock(timeline.frame, len(timeline), timeline.rate, timeline.loop, now)
        self._step = 0 if timeline.frame == timeline.shown else -1
        self._timer.start(max(SHORTEST_MS, min(LONGEST_MS, round(500 / timeline.rate))))

    def _stop(self) -> None:
        self._clock = None
        self._timer.stop()

    @Slot()
    def _tick(self) -> None:
        """Show the last frame that is due and decoded."""
        timeline, clock = self._session.timeline, self._clock
        if timeline is None or clock is None:
            return
        now = time.monotonic()
        step = next_ready(timeline, clock, self._step, clock.step(now))
        if step is not None:
            timeline.dropped += step - self._step - 1
            self._step = step
            self._show(clock.frame(step))
        if clock.over(now):
            last = len(timeline) - 1
            self.play(False)
            if timeline.shown != last and timeline.fault(last) is None:
                self.seek(last)

    def set_rate(self, rate: int) -> None:
        """Frames a second."""
        self._set(rate=rate)

    def set_loop(self, loop: bool) -> None:
        self._set(loop=loop)

    def _set(self, **changes: float) -> None:
        timeline = self._session.timeline
        if timeline is None:
            return
        for name, value in changes.items():
            setattr(timeline, name, value)
        if timeline.playing:
            self._start_clock()
        self._session.publish(TimelineChanged())

    def set_limit(self, limit: int) -> None:
        """Bytes of decoded frames."""
        timeline = self._session.timeline
        if timeline is not None:
            timeline.cache.limit = limit
            timeline.cache.trim(timeline.kept)
            self._session.publish(TimelineChanged())
            self._soon.start()

    # -- decoding ------------------------------------------------------------------------------------

    @Slot()
    def _go_on(self) -> None:
        """Show what is wanted, and decode what comes next."""
        timeline, session = self._session.timeline, self._session
        if timeline is None or self._waits:
            return
        if not timeline.playing and timeline.frame != timeline.shown and timeline.ready(timeline.frame):
            self._show_wanted()
        keys = self._wanted(timeline)
        if not keys or self._loader.busy:
            return
        view, number = keys[0]
        track = timeline.track(view)
        if track is None:
            return
        beside = timeline.cache.get(("A", number)) if view == "B" else None
        self._begun = self._since
        at_once = not timeline.playing and number == timeline.frame  # its shading follows
        reading = Reading(session.kept.depth, session.options, session.view.cloud_mode, not at_once)
        self._loader.start(keys[0], track.sequence, reading, None if beside is None else beside.item)

    def _wanted(self, timeline: Timeline) -> list[Key]:
        """What to decode, the most urgent first."""
        if self._clock is not None:
            late = steps_late(self._seconds * (1 if timeline.b is None else 2), self._clock.rate)
            return next_to_decode(timeline, self._clock, self._clock.step(time.monotonic()), late)
        number = timeline.frame
        keys = timeline.missing(number)
        if self._session.view.ghost and timeline.shown:
            keys += timeline.missing(timeline.shown - 1)
        if timeline.ahead > 2 and number + 1 < len(timeline):  # there is room for a neighbour
            keys += timeline.missing(number + 1)
        return keys

    @Slot(object, object, float)
    def _loaded(self, key: Key, frame: Frame, seconds: float) -> None:
        timeline = self._session.timeline
        if timeline is None or self._begun != self._since:
            return
        self._seconds += (1 - EARLIER if self._seconds else 1) * (seconds - self._seconds)
        timeline.cache.put(key, frame, timeline.kept | set(timeline.keys(key[1])))
        self._session.publish(TimelineChanged())

    @Slot(object, object)
    def _failed(self, key: Key, failure: Failure) -> None:
        timeline = self._session.timeline
        track = None if timeline is None else timeline.track(key[0])
        if timeline is None or track is None or self._begun != self._since:
            return
        showing = tr("Showing {name}", name=track.label(key[1]))
        timeline.faults[key] = explain(failure.error, showing, failure.details)
        if key in timeline.keys(timeline.frame) and not timeline.playing:
            self._bench.fail(timeline.faults[key])
        self._session.publish(TimelineChanged())

    def shut(self) -> None:
        self._timer.stop()
        self._soon.stop()
        self._loader.shut()
        for timeline in self._open:
            _close(timeline)


def _close(timeline: Timeline) -> None:
    for track in (timeline.a, timeline.b):
        if track is not None:
            track.sequence.close()
