"""What is done with the open items: families, choosing, closing, ordering; names of frames."""

from __future__ import annotations

import numpy as np
import pytest
from windows import sphere

from octavox.codec import BlockTable
from octavox.gui.document import scene
from octavox.gui.document.display import prepare
from octavox.gui.document.items import CloudItem, StreamItem
from octavox.gui.document.session import Session


@pytest.fixture
def session():
    """Clouds "a" with two bitstreams and "b"; what the second bitstream decodes to is shown beside "a"."""
    session, display = Session(), prepare(sphere())
    a, b = CloudItem(display, "a"), CloudItem(display, "b")
    scene.add_cloud(session, b)
    scene.add_cloud(session, a)
    for k in (1, 2):
        scene.add_stream(session, StreamItem(bytes([k]), codec=f"codec {k}"), a)
        origin = np.arange(3 * k).reshape(k, 3) * 16
        session.set_blocks(BlockTable.make(origin, 16, np.full(k, 5), np.full(k, 9.0), 0.0))
    scene.show_decoded(session, CloudItem(display, "decoded"))
    return session


def named(session: Session, name: str):
    return next(item for item in session.items if scene.title_of(item) == name)


def test_what_came_of_an_item_stands_below_it(session) -> None:
    assert [(scene.title_of(row.item), row.depth) for row in scene.rows(session)] == [
        ("b", 0),
        ("a", 0),
        ("codec 1", 1),
        ("codec 2", 1),
        ("decoded", 2),
    ]


def test_a_cloud_comes_with_its_last_bitstream_and_goes_with_it(session) -> None:
    assert session.stream is named(session, "codec 2") and len(session.blocks) == 2
    scene.choose(session, "A", named(session, "b"))
    assert session.stream is None and len(session.blocks) == 0
    assert session.decoded.label == "decoded"
    scene.choose(session, "A", named(session, "a"))
    assert session.stream is named(session, "codec 2") and len(session.blocks) == 2
    scene.focus(session, named(session, "codec 1"))
    assert len(session.blocks) == 1 and session.decoded is None and session.original.label == "a"
    scene.focus(session, named(session, "codec 2"))
    assert session.decoded.label == "decoded"


def test_two_views_change_places(session) -> None:
    scene.choose(session, "B", named(session, "a"))
    assert (session.original.label, session.decoded.label) == ("decoded", "a")
    assert session.stream is named(session, "codec 2")  # of which A is


def test_closing_an_item_closes_what_came_of_it(session) -> None:
    scene.close_item(session, named(session, "codec 1"))
    assert session.stream is named(session, "codec 2") and session.pair is not None
    scene.close_item(session, named(session, "codec 2"))
    assert session.stream is None and session.decoded is None and len(session.blocks) == 0
    scene.close_item(session, named(session, "a"))
    assert [item.label for item in session.items.clouds] == ["b"] and session.original.label == "b"
    scene.close_item(session, named(session, "b"))
    assert session.reference is None and len(session.items) == 0


def test_items_are_ordered_among_those_of_one_parent(session) -> None:
    scene.move(session, named(session, "a"), -1)
    scene.move(session, named(session, "codec 1"), 1)
    scene.move(session, named(session, "codec 1"), 1)  # the last one stays the last
    names = [scene.title_of(row.item) for row in scene.rows(session)]
    assert names == ["a", "codec 2", "decoded", "codec 1", "b"]
    scene.rename(session, named(session, "b"), "  ")
    scene.rename(session, named(session, "b"), " new ")
    assert scene.title_of(list(scene.rows(session))[-1].item) == "new"


@pytest.mark.parametrize(
    ("names", "frames"),
    [
        (("f_1.ply", "f_2.ply", "f_3.ply"), True),
        (("f_0000.ply", "f_0010.ply", "f_0020.ply"), True),
        (("f2x1.ply", "f2x2.ply"), True),
        (("f_1.ply",), False),
        (("f_1.ply", "f_2.ply", "f_4.ply"), False),
        (("f_1.ply", "g_2.ply"), False),
        (("f_1.ply", "f_2.ovx"), False),
        (("one/f_1.ply", "two/f_2.ply"), False),
        (("spot_vox8.ply", "spot_vox9.ply"), False),
        (("a.ply", "b.ply"), False),
        (("f_1.ply", "f_1.ply"), False),
    ],
)
def test_names_say_whether_files_are_frames(names, frames) -> None:
    assert scene.are_frames(list(names)) is frames
