"""The block table while a job fills it row by row."""

from __future__ import annotations

from PySide6.QtGui import QUndoStack

from octavox.codec import BlockTable
from octavox.gui.document.blocks import same_blocks
from octavox.gui.document.session import Session


class ArrivingBlocks:
    """Takes the rows that a job reports, and has the old table for the case that the job fails."""

    def __init__(self, session: Session, undo_stack: QUndoStack) -> None:
        self._session, self._undo_stack = session, undo_stack
        self._before = session.blocks

    def begin(self) -> None:
        """Empty the table."""
        self._before = self._session.blocks
        self._session.set_blocks(BlockTable.empty(), live=True)

    def append(self, tables: list[BlockTable]) -> None:
        """Add the rows that the job reported."""
        if tables:
            self._session.append_blocks(tables)

    def finish(self, blocks: BlockTable) -> None:
        """Take the job's complete table; with other blocks, drop the undo steps, which name old rows."""
        if not same_blocks(self._before, blocks):
            self._undo_stack.clear()
        self._session.set_blocks(blocks)

    def restore(self) -> None:
        """Bring the old table back."""
        if self._session.blocks_live:
            self._session.set_blocks(self._before)
