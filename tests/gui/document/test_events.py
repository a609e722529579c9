"""Events, one by one and in batches."""

from __future__ import annotations

import pytest

from octavox.gui.document.events import BatchEnded, Event, StreamChanged, ViewChanged
from octavox.gui.document.items import StreamItem
from octavox.gui.document.session import Session


def test_changes_made_together_are_told_once() -> None:
    session = Session()
    told: list[tuple[type[Event], bool]] = []
    session.events.subscribe(lambda event: told.append((type(event), session.events.in_batch)), Event)
    with session.together():
        session.set_view(edl=True)
        with session.together():
            session.set_stream(StreamItem(b""))
        session.set_view(edl=False)
        assert told == []
    assert told == [(ViewChanged, True), (StreamChanged, True), (BatchEnded, False)]
    session.set_view(edl=True)
    assert told[3:] == [(ViewChanged, False)]


def test_changes_are_told_even_if_one_fails() -> None:
    session = Session()
    told: list[Event] = []
    session.events.subscribe(told.append, Event)
    with pytest.raises(RuntimeError):
        with session.together():
            session.set_stream(StreamItem(b""))
            raise RuntimeError("half way")
    assert told == [StreamChanged(), BatchEnded()]
