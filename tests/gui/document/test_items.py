"""The list of open items, and which of them the views show."""

from __future__ import annotations

import pytest
from windows import sphere

from octavox.gui.document.display import prepare
from octavox.gui.document.events import CloudsChanged, Event
from octavox.gui.document.items import CloudItem, Items, StreamItem
from octavox.gui.document.session import Session


@pytest.fixture(scope="module")
def display():
    return prepare(sphere())


def test_any_number_of_items_are_open(display) -> None:
    items, clouds = Items(), [CloudItem(display, name) for name in "abcd"]
    streams = [StreamItem(b"1"), StreamItem(b"1")]  # equal, and yet two
    for item in (*clouds, *streams, clouds[0]):
        items.add(item)
    assert len(items) == 6
    assert items.clouds == clouds and items.streams == streams
    assert items.shown == [] and items.current_stream is None
    items.remove(clouds[1])
    assert items.clouds == [clouds[0], clouds[2], clouds[3]]
    with pytest.raises(ValueError):
        items.remove(clouds[1])


def test_each_view_shows_one_cloud(display) -> None:
    items, a, b = Items(), CloudItem(display, "a"), CloudItem(display, "b")
    items.show("B", b)
    assert items.shown == [b] and items.view_of(b) == "B" and items.view_of(a) is None
    items.show("A", a)
    assert items.shown == [a, b]
    items.show("B", a)  # the same in both; the other one stays open
    assert items.shown == [a, a] and items.view_of(a) == "A" and items.view_of(b) is None
    assert items.clouds == [b, a]
    items.remove(a)
    assert items.shown == [] and items.shown_in("A") is None


def test_a_stream_that_is_closed_is_not_current() -> None:
    items, stream = Items(), StreamItem(b"1")
    items.make_current(stream)
    assert list(items) == [stream] and items.current_stream is stream
    items.remove(stream)
    assert items.current_stream is None


def test_the_session_keeps_one_original_one_decoded_cloud_and_one_stream(display) -> None:
    session, told = Session(), []
    session.events.subscribe(lambda event: told.append(type(event)), Event)
    first, second = CloudItem(display, "first"), CloudItem(display, "second")
    decoded, stream = CloudItem(display, "decoded"), StreamItem(b"1")
    session.set_original(first)
    assert session.reference is session.original is first and session.pair is None
    session.set_decoded(decoded)
    session.set_stream(StreamItem(b"0"))
    session.set_stream(stream)
    session.set_original(second)
    assert session.pair == (second, decoded)
    assert list(session.items) == [decoded, stream, second]
    assert told.count(CloudsChanged) == 3
    session.set_original(None)
    assert session.reference is session.decoded is decoded
    session.clear()
    assert len(session.items) == 0
