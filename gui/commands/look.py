"""Actions on what is shown: outlines, bookmarks, marks, the dearest blocks, the arrangement of the views."""

from __future__ import annotations

from PySide6.QtCore import QObject

from octavox.gui.base.i18n import tr

from .workbench import Workbench


class Looking(QObject):
    def __init__(self, workbench: Workbench) -> None:
        super().__init__(workbench)
        self._workbench, self._session = workbench, workbench.session

    def _toggle(self, field: str, words: str) -> None:
        self._workbench.change_view(words, **{field: not getattr(self._session.view, field)})

    def toggle_edl(self) -> None:
        self._toggle("edl", "eye-dome lighting")

    def toggle_bounds(self) -> None:
        self._toggle("bounds", "bounding box")

    def toggle_axes(self) -> None:
        self._toggle("axes", "axes")

    def toggle_scale_bar(self) -> None:
        self._toggle("scale_bar", "scale bar")

    def set_opacity(self, percent: str) -> None:
        self._workbench.change_view("opacity of the outlines", opacity=int(percent))

    def set_arrangement(self, key: str) -> None:
        self._workbench.change_view("arrangement of the views", arrangement=key)

    # -- bookmarks -----------------------------------------------------------------------------------

    def keep_bookmark(self, number: str) -> None:
        self._session.keep_bookmark(int(number))
        self._workbench.said.emit(tr("Camera kept as bookmark {n}; {n} takes it again", n=number))

    def go_to_bookmark(self, number: str) -> None:
        camera = self._session.bookmarks.get(int(number))
        if camera is not None:
            self._session.set_camera(camera)

    # -- dearest blocks ------------------------------------------------------------------------------

    def select_dearest(self) -> None:
        """Select the dearest visible block, and look at it."""
        rows = self._session.by_cost
        if len(rows):
            self._workbench.select(int(rows[0]))
            self._workbench.zoom_block()

    def select_next(self) -> None:
        self._step(1)

    def select_previous(self) -> None:
        self._step(-1)

    def _step(self, by: int) -> None:
        """From the selected block to a neighbour in the order of cost; from none to the dearest."""
        rows = self._session.by_cost.tolist()
        if not rows:
            return
        here = self._session.view.selected
        place = rows.index(here) + by if here in rows else 0
        self._workbench.select(rows[min(max(place, 0), len(rows) - 1)])
