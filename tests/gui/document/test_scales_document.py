"""Scales that views share, and those of single views."""

from __future__ import annotations

import numpy as np
import pytest
from windows import sphere

from octavox.gui.document.colormap import HEAT_TABLE, Scale
from octavox.gui.document.difference import Difference
from octavox.gui.document.display import prepare
from octavox.gui.document.items import CloudItem
from octavox.gui.document.point_data import PropertyValues
from octavox.gui.document.property_colours import PropertyScale
from octavox.gui.document.scales import coloured_by, owner_in, owners, with_own, with_scale
from octavox.gui.document.session import Session


@pytest.fixture
def session() -> Session:
    """A small sphere in A and a larger one in B."""
    found = Session()
    found.show("A", CloudItem(prepare(sphere(10)), "small"))
    found.show("B", CloudItem(prepare(sphere(20)), "large"))
    return found


def test_heights_of_all_views_are_on_one_scale(session: Session) -> None:
    a, b = session.items.shown
    assert session.look.heights == (b.display.low[1], b.display.high[1])
    session.set_view(**with_own(session.view, "A", True))
    assert session.look_on("A").heights == (a.display.low[1], a.display.high[1])
    assert session.look_on(None).heights == (b.display.low[1], b.display.high[1])


def test_a_scale_of_its_own_begins_as_the_shared_one(session: Session) -> None:
    shared, own = PropertyScale("grey", 1.0), PropertyScale("viridis", None, 7.0, True)
    session.set_view(**with_scale(session.view, "height", shared))
    session.set_view(**with_own(session.view, "B", True))
    assert session.scale_of("height", "B") == shared
    session.set_view(**with_scale(session.view, "height", own, "B"))
    assert (session.scale_of("height"), session.scale_of("height", "B")) == (shared, own)
    assert session.look_on("B").height == own and session.look_on(None).height == shared
    assert [item.label for item in coloured_by(session, "B")] == ["large"]
    assert [item.label for item in coloured_by(session, None)] == ["small"]
    session.set_view(**with_own(session.view, "B", False))
    assert session.view.own_scales == {} and session.scale_of("height", "B") == PropertyScale()


def test_only_views_with_a_scale_of_their_own_are_owners(session: Session) -> None:
    session.set_view(own_scales={"D": {}, "B": {}})
    assert owners(session.view) == [None, "B", "D"]
    assert [owner_in(session.view, letter) for letter in ("A", "B", "D", "E", None)] == [
        *(None, "B", "D", None, None)
    ]


def test_a_difference_of_one_view_has_the_ends_of_its_values() -> None:
    near, far = np.array([0.0, 1.0, 2.0], np.float32), np.array([0.0, 40.0], np.float32)
    scale = Scale.of(np.concatenate([near, far]), HEAT_TABLE)[0]
    found = Difference(near, far, scale, scale.legend("Difference D1", "voxels", False), "Difference D1")
    assert found.alone(near).scale.high == pytest.approx(2.0)
    assert found.alone(far).scale.high == pytest.approx(40.0)
    signed = Difference(near, far, Scale(-40, 40), scale.legend("B − A", "bits", False), "B − A")
    alone = signed.alone(np.array([-3.0, 1.0], np.float32)).scale
    assert (alone.low, alone.high) == (-3.0, 3.0)  # nought stays in the middle


def test_a_property_of_several_clouds_has_the_ends_of_all() -> None:
    first = PropertyValues.of("label", np.array([1, 2], np.uint8), np.array([1.0, 2.0, np.nan]))
    second = PropertyValues.of("label", np.array([0, 9], np.uint8), np.array([0.0, 9.0]))
    found = PropertyValues.together([first, second])
    assert (found.range, found.least_positive, found.kinds) == ((0.0, 9.0), 1.0, (0, 1, 2, 9))
    measured = PropertyValues.of("time", np.array([0.5]), np.array([-0.5]))
    found = PropertyValues.together([first, measured])
    assert found.range == (-0.5, 2.0) and found.kinds is None
    empty = PropertyValues.of("label", np.empty(0, np.uint8), np.array([np.nan]))
    assert PropertyValues.together([first, empty]).range == first.range
    assert PropertyValues.together([empty]) is empty
