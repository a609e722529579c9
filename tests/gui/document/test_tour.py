"""The steps of the tour."""

from __future__ import annotations

from octavox.gui.document.items import StreamItem
from octavox.gui.document.session import Session
from octavox.gui.document.tour import STEPS, Tour


def test_the_tour_goes_on_when_a_step_is_done() -> None:
    session = Session()
    tour = Tour(session)
    assert len(STEPS) == 12
    assert not tour.done
    tour.go(1)
    session.set_camera(session.camera.orbit(30, 0))
    assert tour.done
    tour.go(1)
    assert not tour.done
    session.set_stream(StreamItem(b""))
    assert tour.done
    for _ in range(20):
        tour.go(1)
    assert tour.last
