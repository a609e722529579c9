"""QActions that follow the session."""

from __future__ import annotations

from octavox.codec import BlockTable
from octavox.gui.base.actions import ActionRegistry
from octavox.gui.commands.registry import all_specs
from octavox.gui.document.session import Session


def test_a_disabled_action_says_why(qapp, themer) -> None:
    session = Session()
    actions = ActionRegistry(qapp, session, themer, all_specs())
    assert not actions["compress"].isEnabled()
    assert "no point cloud is open" in actions["compress"].toolTip()
    assert "no blocks yet" in actions["blocks_size"].toolTip()
    assert actions["open"].isEnabled()
    session.set_blocks(BlockTable.make([[0, 0, 0]], 64, 1, 1.0))
    actions.refresh()
    assert actions["blocks_size"].isEnabled()
    assert "F2" in actions["blocks_size"].toolTip()
    assert actions["blocks_bits"].isChecked()
