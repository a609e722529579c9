"""The session: selection, visible blocks, closing."""

from __future__ import annotations

import numpy as np
from windows import sphere

from octavox.codec import BlockTable
from octavox.gui.document.blocks import BlockFilter, CostedBlocks
from octavox.gui.document.display import prepare
from octavox.gui.document.events import (
    BlocksChanged,
    CertificateChanged,
    CloudsChanged,
    Event,
    StreamChanged,
    ViewChanged,
)
from octavox.gui.document.items import CloudItem, StreamItem
from octavox.gui.document.session import Session


def table(n: int = 4) -> BlockTable:
    origin = np.column_stack([np.arange(n) * 16, np.zeros(n), np.zeros(n)])
    return BlockTable.make(origin, 16, np.arange(1, n + 1), np.arange(n) * 10.0, 1.0, 0, np.nan, 5.0)


def test_selection_stays_with_its_block_through_a_new_coding_order() -> None:
    session = Session()
    session.set_blocks(table())
    session.set_view(selected=2)
    session.set_blocks(BlockTable.empty(), live=True)
    assert session.view.selected is None
    flipped = table()
    for name in ("origin", "size", "points", "bits"):
        setattr(flipped, name, getattr(flipped, name)[::-1].copy())
    session.append_blocks([flipped])
    assert session.view.selected == 1
    assert session.blocks.origin[1].tolist() == [32, 0, 0]


def test_owners_of_points_follow_the_arriving_blocks() -> None:
    session, shown = Session(), prepare(sphere())
    entry = CloudItem(shown, "a")
    session.set_original(entry)
    origin = [[32 * (k >> 2), 32 * (k >> 1 & 1), 32 * (k & 1)] for k in (5, 0, 3, 6)]
    rows = BlockTable.make(origin, 32, 1, 1.0)
    expected = np.full(len(shown), -1)
    assert np.array_equal(session.block_layer.owners(entry), expected)
    for k in range(4):
        session.append_blocks([BlockTable(*(getattr(rows, n)[k : k + 1] for n in rows.__dataclass_fields__))])
        inside = np.all(
            (shown.cloud.coords >= origin[k]) & (shown.cloud.coords < np.add(origin[k], 32)), axis=1
        )
        expected[inside] = k
        assert np.array_equal(session.block_layer.owners(entry), expected)
    session.set_blocks(rows)
    assert np.array_equal(session.block_layer.owners(entry), expected)


def test_isolation_and_filter_decide_what_is_visible() -> None:
    session = Session()
    session.set_blocks(table())
    session.set_view(filter=BlockFilter("points", 3, None))
    assert session.visible_blocks.tolist() == [False, False, True, True]
    session.set_view(selected=0, isolate=True)
    assert session.visible_blocks.tolist() == [True, False, False, False]


def test_closing_forgets_the_files_and_keeps_the_look() -> None:
    session = Session()
    told: list[Event] = []
    session.events.subscribe(told.append, Event)
    session.set_original(CloudItem(prepare(sphere()), "a.ply", "/x/a.ply"))
    session.set_stream(StreamItem(b"123"))
    session.set_blocks(table())
    session.set_view(block_mode="size", selected=1)
    assert session.suggested_path(".ovx") == "/x/a.ovx"
    session.clear()
    assert session.reference is None
    assert session.stream is None
    assert len(session.blocks) == 0
    assert session.view.selected is None
    assert session.view.block_mode == "size"
    assert {CloudsChanged, StreamChanged, BlocksChanged, ViewChanged, CertificateChanged} <= set(
        map(type, told)
    )


def test_blocks_are_not_coloured_by_a_component_that_they_do_not_have() -> None:
    session, bits = Session(), table().bits
    own = {"geometry": bits, "intensity": bits}
    session.set_blocks(CostedBlocks.of(table(), own))
    session.set_view(block_mode="bits:intensity")
    session.set_blocks(BlockTable.empty(), live=True)
    session.append_blocks([table()])
    assert session.view.block_mode == "bits:intensity"  # it may be known at the end
    session.set_blocks(CostedBlocks.of(table(), own))
    assert session.view.block_mode == "bits:intensity"
    session.set_blocks(CostedBlocks.of(table(), {"geometry": bits, "red": bits}))
    assert session.view.block_mode == "bits"
