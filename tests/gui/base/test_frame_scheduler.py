"""Pieces of work in turns of the event loop of their own."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QEvent, QObject
from windows import WAIT_MS

from octavox.gui.base.frame_scheduler import FrameScheduler


class Listener(QObject):
    def __init__(self, log: list[str]) -> None:
        super().__init__()
        self._log = log

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.User:
            self._log.append("event")
            return True
        return super().event(event)


def test_events_come_between_pieces_of_work(qtbot, qapp) -> None:
    log: list[str] = []
    listener, scheduler = Listener(log), FrameScheduler(qapp)

    def piece(name: str) -> object:
        def work() -> None:
            log.append(name)
            QCoreApplication.postEvent(listener, QEvent(QEvent.Type.User))

        return work

    a, b, c = piece("a"), piece("b"), piece("c")
    for work in (a, b, a, c):  # what waits is not asked for twice
        scheduler.schedule(work)
    scheduler.forget(c)
    assert log == []
    qtbot.waitUntil(lambda: len(log) == 4)
    assert log == ["a", "event", "b", "event"]


def test_a_piece_that_fails_keeps_no_other_from_its_turn(qtbot, qapp) -> None:
    log: list[str] = []
    scheduler = FrameScheduler(qapp)

    def stumble() -> None:
        raise ValueError("of the first")

    scheduler.schedule(stumble)
    scheduler.schedule(lambda: log.append("second"))
    with qtbot.captureExceptions() as caught:
        qtbot.waitUntil(lambda: log == ["second"])
    assert [str(error) for _, error, _ in caught] == ["of the first"]


def test_what_is_urgent_takes_the_next_turn(qapp, qtbot) -> None:
    scheduler, order = FrameScheduler(qapp), []
    pieces = {name: (lambda name=name: order.append(name)) for name in ("first", "second", "urgent")}
    scheduler.schedule(pieces["first"])
    scheduler.schedule(pieces["second"])
    scheduler.schedule(pieces["urgent"], first=True)
    assert scheduler.busy
    qtbot.waitUntil(lambda: not scheduler.busy, timeout=WAIT_MS)
    assert order == ["urgent", "first", "second"]
    scheduler.deleteLater()
