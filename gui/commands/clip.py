"""Clipping: only what lies in a box is drawn."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QWidget

from octavox.gui.base.action_spec import ActionSpec, has_cloud, has_selection
from octavox.gui.document.clip import Clip
from octavox.gui.widgets.clip_panel import ClipPanel

from .command_set import CommandSet


class ClipCommands(CommandSet):
    @Slot(object)
    def set_clip(self, clip: Clip | None) -> None:
        """Draw only what lies in a box; None: all."""
        self._bench.change_view("clipping", clip=clip)

    def toggle_clip(self) -> None:
        """Clip to the bounds of the cloud, and show the panel that moves them; or clip no more."""
        item = self._session.reference
        if self._session.view.clip is not None or item is None:
            self.set_clip(None)
            return
        self.set_clip(Clip.of(item.display.low, item.display.high))
        self._show_clip_panel()

    def clip_to_block(self) -> None:
        """Draw only the selected block."""
        row, blocks = self._session.view.selected, self._session.blocks
        if row is not None:
            self.set_clip(Clip.of(blocks.origin[row], blocks.origin[row] + blocks.size[row]))

    def slice(self, axis: str) -> None:
        """One layer of voxels across an axis."""
        panel = self._show_clip_panel()
        if isinstance(panel, ClipPanel):
            panel.slice("xyz".index(axis))

    def _show_clip_panel(self) -> QWidget:
        dock = self._bench.window.docks["Clip"]
        dock.show()
        dock.raise_()
        return dock.widget()

    @classmethod
    def _actions(cls) -> Iterator[ActionSpec]:
        yield ActionSpec(
            "clip",
            "Clipping box",
            "View/Clip",
            cls.toggle_clip,
            "Draw only what lies in a box; the panel Clip moves its sides",
            "X",
            has_cloud,
            check=lambda s: s.view.clip is not None,
        )
        yield ActionSpec(
            "clip_block",
            "Clip to block",
            "View/Clip",
            cls.clip_to_block,
            "Draw only what lies in the selected block",
            "Shift+X",
            has_selection,
        )
        for axis in "xyz":
            yield ActionSpec(
                f"slice_{axis}",
                f"Slice across {axis}",
                "View/Clip",
                cls.slice,
                f"Show one layer of voxels across {axis}; the panel Clip moves it",
                "",
                has_cloud,
                argument=axis,
                separator=axis == "x",
            )
