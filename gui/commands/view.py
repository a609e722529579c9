"""What the actions do to the view: colours, outlines, selection, filter and camera. All but the camera can be
undone."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QUndoStack

from octavox.gui.base.undo import ChangeView
from octavox.gui.document.blocks import BlockFilter
from octavox.gui.document.session import Session


class ViewVerbs(QObject):
    """The part of the workbench that needs the session's view alone."""

    fit_wanted = Signal(object)  # None, or (low, high) in voxels

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.undo_stack = QUndoStack(self)

    def change_view(self, words: str, **changes: Any) -> None:
        command = ChangeView(self.session, words, **changes)
        if command.changes_anything:
            self.undo_stack.push(command)

    def set_block_mode(self, key: str) -> None:
        self.change_view("block colours", block_mode=key)

    def set_cloud_mode(self, key: str) -> None:
        self.change_view("point colours", cloud_mode=key)

    def set_point_size(self, pixels: str) -> None:
        self.change_view("point size", point_size=int(pixels))

    def toggle_overlay(self) -> None:
        self.change_view("block outlines", overlay=not self.session.view.overlay)

    def toggle_shaded(self) -> None:
        self.change_view("shading", shaded=not self.session.view.shaded)

    def toggle_isolate(self) -> None:
        self.change_view("isolation", isolate=not self.session.view.isolate)

    def toggle_pane_a(self) -> None:
        self.change_view("left view", show_a=not self.session.view.show_a)

    def toggle_pane_b(self) -> None:
        self.change_view("right view", show_b=not self.session.view.show_b)

    @Slot(str, bool)
    def set_shown(self, field: str, shown: bool) -> None:
        self.change_view("what is shown", **{field: shown})

    @Slot(object)
    def select(self, row: int | None) -> None:
        if row is None and self.session.alone:
            self.change_view("selection", selected=None, isolate=False, surprise=False)
        else:
            self.change_view("selection", selected=row)

    @Slot(int)
    def zoom_to_row(self, row: int) -> None:
        self.select(row)
        self.zoom_block()

    def toggle_size(self, size: int | str) -> None:
        """Show or hide the outlines of blocks of a size."""
        self.change_view("outlines by size", hidden_sizes=self.session.view.hidden_sizes ^ {int(size)})

    def deselect(self) -> None:
        self.select(None)

    @Slot(object)
    def set_filter(self, keep: BlockFilter) -> None:
        self.change_view("filter", filter=keep)

    # -- camera --------------------------------------------------------------------------------------

    def look_from(self, view: str) -> None:
        self.session.set_camera(self.session.camera.looking(view))

    def fit(self) -> None:
        self.fit_wanted.emit(None)

    @Slot()
    def zoom_block(self) -> None:
        row = self.session.view.selected
        if row is not None:
            low = self.session.blocks.origin[row]
            self.fit_wanted.emit((low, low + self.session.blocks.size[row]))
