"""Undo and redo of changes of the view."""

from __future__ import annotations

from octavox.codec import BlockTable
from octavox.gui.base.undo import ChangeView
from octavox.gui.commands.view import ViewCommands
from octavox.gui.commands.workbench import Workbench
from octavox.gui.document.session import Session


def test_undo_brings_views_back(settings) -> None:
    session = Session()
    bench = Workbench(session, settings)
    session.set_blocks(BlockTable.make([[0, 0, 0], [64, 0, 0]], 64, 1, 1.0))
    view = ViewCommands(bench)
    view.set_block_mode("size")
    view.toggle_overlay()
    view.select(1)
    view.select(0)
    assert (session.view.block_mode, session.view.overlay, session.view.selected) == ("size", False, 0)
    bench.undo_stack.undo()  # a run of selections is one step
    assert session.view.selected is None
    bench.undo_stack.undo()
    assert session.view.overlay
    bench.undo_stack.undo()
    assert session.view.block_mode == "bits"
    assert not bench.undo_stack.canUndo()
    bench.undo_stack.redo()
    assert session.view.block_mode == "size"


def test_choosing_what_is_chosen_leaves_no_undo_step(settings) -> None:
    bench = Workbench(Session(), settings)
    ViewCommands(bench).set_block_mode("bits")
    assert bench.undo_stack.count() == 0


def test_undo_never_selects_a_row_that_is_gone(qapp) -> None:
    session = Session()
    session.set_blocks(BlockTable.make([[0, 0, 0], [64, 0, 0]], 64, 1, 1.0))
    command = ChangeView(session, "selection", selected=1)
    session.set_blocks(BlockTable.make([[0, 0, 0]], 64, 1, 1.0))
    command.redo()
    assert session.view.selected is None
