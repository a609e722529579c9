"""The inspector."""

from __future__ import annotations

import numpy as np

from octavox.codec import BlockTable
from octavox.gui.base.actions import ActionRegistry
from octavox.gui.base.frame_scheduler import FrameScheduler
from octavox.gui.commands.registry import all_specs
from octavox.gui.document.session import Session
from octavox.gui.widgets.inspector import Inspector


def table(n: int = 50) -> BlockTable:
    rng = np.random.default_rng(3)
    origin = rng.integers(0, 16, (n, 3)) * 16
    return BlockTable.make(origin, 16, rng.integers(1, 200, n), rng.random(n) * 900, 1.0)


def test_inspector_follows_the_selection(qtbot, qapp, themer) -> None:
    session = Session()
    inspector = Inspector(session, ActionRegistry(qapp, session, themer, all_specs()), FrameScheduler(qapp))
    qtbot.addWidget(inspector)
    assert inspector.heading.text() == "No block"
    session.set_blocks(table())
    session.set_view(selected=7)
    inspector.refresh()
    assert inspector.heading.text() == "Block #7"
    assert inspector.facts.text_of("Points") == str(session.blocks.points[7])
    session.set_view(selected=8)
    inspector.refresh()
    assert inspector.facts.text_of("Points") == str(session.blocks.points[8])
