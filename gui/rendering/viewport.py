"""The linked views, their headers and the legend; keeps what they draw in step with the session."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPoint, QSize, Signal, Slot
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QVBoxLayout, QWidget

from octavox.gui.base.frame_scheduler import FrameScheduler
from octavox.gui.base.theme import Theme
from octavox.gui.document.colour_modes import is_property
from octavox.gui.document.detail import FrameBudget
from octavox.gui.document.events import (
    BatchEnded,
    BlocksChanged,
    CameraChanged,
    CertificateChanged,
    CloudsChanged,
    ComparisonChanged,
    DecodingBegan,
    DiskChanged,
    Event,
    JobChanged,
    PointDataChanged,
    PointsRead,
    PreviewChanged,
    PreviewDropped,
    ShadingDone,
    SurpriseChanged,
    TimelineChanged,
    ViewChanged,
    VoxelsDecoded,
)
from octavox.gui.document.items import VIEWS, ViewName
from octavox.gui.document.linked import camera_of
from octavox.gui.document.preview import Preview
from octavox.gui.document.proportions import Proportions
from octavox.gui.document.session import Session
from octavox.gui.widgets.scrub_bar import ScrubBar

from .camera_control import CameraControl
from .drawing import Drawing
from .legends import Legends
from .live import Live
from .marks import picture_of, show_marks
from .measuring import Measuring
from .painting import Painting
from .pane_grid import PaneGrid
from .paper_picture import PaperPicture
from .picking import block_at
from .preview import PreviewDrawing
from .probe import Probe
from .side import Side, cloud_menu

DRAWN = (BlocksChanged, ViewChanged, CloudsChanged, ComparisonChanged, SurpriseChanged)


class Viewport(QWidget):
    """Draws the session. Reports picks; changes only the camera and the position in coding order."""

    picked = Signal(object)  # block row, or None
    chosen = Signal(str, object)  # a view, and the cloud that it is to show

    def __init__(self, session: Session, theme: Theme, scheduler: FrameScheduler) -> None:
        super().__init__()
        self._session = session
        self._theme = theme
        self._budget, self._scheduler = FrameBudget(), scheduler
        self._stale = False  # the changes of a batch are not drawn yet
        self._view = session.view  # as it is drawn
        self.painting = Painting(session, theme)
        self.preview = PreviewDrawing(self.painting)
        self._drawing = Drawing(session, self.painting)
        self._camera = CameraControl(session, self.fit, self)
        self.probe = Probe(session, self)
        self.scrub = ScrubBar(session)
        self.scrub.moved.connect(self._scrub)
        self.grid = PaneGrid(self._budget, scheduler)
        self.legends = Legends(session, self.painting, self.grid, self)
        self.legend = self.legends.bar
        self.grid.made.connect(self._take_side)
        self.grid.asked.connect(self._ask_for_cloud)
        self.a, self.b = self.grid.side("A"), self.grid.side("B")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.grid, 1)
        column.addWidget(self.legend)
        column.addWidget(self.scrub)
        self.measuring = Measuring(session, self.grid, self)
        self.live = Live(
            session, self._drawing, self.painting, self.grid, lambda: self._stale, self.legends.show
        )
        self._arrange()
        self.set_theme(theme)

    @Slot(object)
    def _take_side(self, side: Side) -> None:
        """A view was made: it is drawn, followed and probed like the others."""
        self._camera.follow(side)
        self.probe.follow(side)
        self.legends.follow(side)
        side.pane.picked.connect(self._pick)
        side.pane.set_ground(self._theme.rgb("view_bottom"), self._theme.rgb("view_top"))

    @property
    def sides(self) -> list[Side]:
        """The views that there are, from A to D."""
        return self.grid.sides

    @Slot(str, QPoint)
    def _ask_for_cloud(self, view: ViewName, place: QPoint) -> None:
        """A menu at the header of a view: the open clouds, and its scales of colours."""
        menu = cloud_menu(self, self._session.items, view, self.chosen.emit)
        self.legends.add_to(menu, self.grid.side(view))
        menu.popup(place)

    @property
    def empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not self._session.items.clouds and not self.b.filling and self.preview.shown is None

    def session_changed(self, event: Event) -> None:
        """Follow the session."""
        session = self._session
        if session.events.in_batch and isinstance(event, (*DRAWN, CertificateChanged)):
            self._stale = True  # everything at once, at the end of the batch
            return
        if isinstance(event, BatchEnded):
            if self._stale:
                self._take_clouds()
                self._scheduler.schedule(self._catch_up, first=True)
            return
        if isinstance(event, (BlocksChanged, ViewChanged, CloudsChanged)):
            self.scrub.refresh()
        if isinstance(event, CameraChanged):
            self.show_camera()
        elif isinstance(event, CloudsChanged):
            self.show_clouds()
        elif isinstance(event, ViewChanged):
            self._show_view()
        elif isinstance(event, ShadingDone):  # samples of a part hold copies
            self.refresh(geometry=session.alone or session.view.scrub is not None)
        elif isinstance(event, PointDataChanged):
            if is_property(session.view.cloud_mode):
                self.refresh(geometry=False)
        elif isinstance(event, (SurpriseChanged, ComparisonChanged)) or (
            isinstance(event, CertificateChanged) and session.shown_surprise
        ):
            self.refresh()
        elif isinstance(event, PointsRead):
            self._show_read(event.item)
        elif isinstance(event, DiskChanged):
            for side in self.sides:
                self._drawing.header(side)
        elif isinstance(event, JobChanged):
            self._budget.busy = session.job is not None and session.job.background
        elif isinstance(event, BlocksChanged):
            if session.blocks_live and len(session.blocks):
                self.live.arrived()
            else:
                self.refresh(geometry=False)
        elif isinstance(event, TimelineChanged):
            self._show_ghost()
        else:
            self._job_showed(event)

    def _show_read(self, item: object) -> None:
        """Other points of a cloud that stays on disk are there: those that are new come onto the picture.
        Finer cells of a bitstream take the place of coarse ones."""
        if self._stale or self.preview.shown is not None:
            return
        for side in self.sides:
            if (entry := side.entry) is not None and entry is item:
                self._drawing.points(side, geometry=True)
                self._drawing.header(side)
                if side.pane.cubes.wanted or entry.refining is not None:
                    side.pane.redraw()
                else:
                    side.pane.add_detail()
        self.legends.show()

    def size_of(self, letter: str) -> tuple[int, int]:
        """Width and height of a view."""
        side = next((side for side in self.sides if side.letter == letter), self.a)
        return side.pane.width(), side.pane.height()

    def _show_ghost(self) -> None:
        """The frame before the shown one is decoded now, or is no more."""
        if not self._stale and self._session.view.ghost and self.preview.shown is None:
            for side in self.sides:
                before = side.ghost
                self._drawing.frames(side)
                if side.ghost is not before:
                    self._drawing.size_points(side)
                    side.pane.redraw()

    def _job_showed(self, event: Event) -> None:
        """What a running job shows before its result is there."""
        if isinstance(event, DecodingBegan):
            self.live.start_filling()
        elif isinstance(event, VoxelsDecoded):
            self._fill(event.coords)
        elif isinstance(event, PreviewDropped):
            self._stop_filling()
        elif isinstance(event, PreviewChanged) and self._session.preview is not None:
            self.show_preview(self._session.preview)

    @Slot(object)
    def _scrub(self, count: int | None) -> None:
        self._session.set_view(scrub=count)

    def warm_up(self, size: QSize) -> None:
        """Prepare a first picture of that size: making its buffers takes a twentieth of a second."""
        self.resize(size)
        below = self.legend.sizeHint().height() + self.scrub.sizeHint().height()
        self.grid.warm_up(self.width(), self.height() - below)

    # -- what is drawn -------------------------------------------------------------------------------

    def set_theme(self, theme: Theme) -> None:
        self._theme = self.painting.theme = theme
        for side in self.sides:
            side.pane.set_ground(theme.rgb("view_bottom"), theme.rgb("view_top"))
        self.refresh()

    def tell_again(self) -> None:
        """The language changed."""
        for side in self.sides:
            side.header.name()
            side.pane.name()
        self.scrub.name()
        self.measuring.show()
        self.refresh(geometry=False)

    def _catch_up(self) -> None:
        """Draw the changes of a batch."""
        if self._stale:
            self._stale = False
            self.scrub.refresh()
            timeline = self._session.timeline
            self.refresh(moving=timeline is not None and timeline.playing)

    @Slot()
    def show_clouds(self) -> None:
        """The open clouds changed: draw them anew."""
        self._take_clouds()
        self.refresh()

    def _take_clouds(self) -> None:
        self.preview.shown = None
        for letter in VIEWS:
            if self._session.items.shown_in(letter) is not None:
                self.grid.side(letter)
        for side in self.sides:
            entry = self._session.items.shown_in(side.letter)
            if side.entry is not entry or side.filling:
                side.entry, side.filling = entry, 0
        self._arrange()

    def _arrange(self) -> None:
        """Show the views that have something and are switched on; if none is, those that have something."""
        view = self._session.view
        has = [side.letter for side in self.sides if side.entry is not None or side.filling > 0]
        if self.preview.shown is not None:
            has = ["A"]
        shown = [letter for letter in has if getattr(view, f"show_{letter.lower()}")] or has
        if self._session.overlaid:
            shown = ["A"]
        if self.grid.show_only(shown[: view.panes]):
            self._camera.fit_again_soon()

    def _show_view(self) -> None:
        """The view state changed: redraw only what depends on it."""
        old, new = self._view, self._session.view
        changed = {name for name in new.__dataclass_fields__ if getattr(old, name) != getattr(new, name)}
        self._arrange()
        alone = self._session.alone
        if changed <= {"selected"} and not alone and self.preview.shown is None:
            for side in self.sides:
                self._drawing.highlight(side)
                side.pane.redraw()
            self._view = new
        elif changed == {"clip"} and self.preview.shown is None:
            for side in self.sides:
                self._drawing.clip(side)
                side.pane.redraw(moving=True)
            self._view = new
        else:
            geometry = alone or bool(changed & {"isolate", "surprise", "arrangement", "scrub"})
            self.refresh(geometry, moving=changed == {"scrub"})

    def refresh(self, geometry: bool = True, moving: bool = False) -> None:
        """Draw everything anew. geometry: the points themselves changed, not only their colours. moving: more
        changes are to follow soon, so that only as much is drawn at first as a frame has time for."""
        self._view = self._session.view
        self.painting.refresh()
        if self.preview.shown is not None:
            self.preview.draw(self.a)
            self._drawing.size_points(self.a)
            return
        for side in self.sides:
            shown = side.entry or self._session.reference
            side.pane.set_steps(Proportions().steps if shown is None else shown.display.proportions.steps)
            self._drawing.points(side, geometry)
            self._drawing.clip(side)
            self._drawing.boxes(side)
            self._drawing.highlight(side)
            show_marks(side, self._session, self._theme)
            self._drawing.header(side)
            side.pane.redraw(moving)
        self.legends.show()

    # -- while a job runs ----------------------------------------------------------------------------

    def _fill(self, coords: npt.NDArray[np.int32]) -> None:
        """Voxels decoded since the last call, (n, 3)."""
        first = self.b.filling == 0
        self.live.fill(coords)
        if first:
            self._arrange()
            self._drawing.header(self.b)

    def _stop_filling(self) -> None:
        """Remove what a job showed that ended without a result."""
        self.live.stop()
        if self.b.filling or self.preview.shown is not None:
            self.b.filling = 0
            self.show_clouds()

    def show_preview(self, preview: Preview) -> None:
        """Some points of a file that is being opened."""
        self.preview.shown = preview
        self._arrange()
        self.refresh()
        self.legend.show_legends()

    # -- camera --------------------------------------------------------------------------------------

    @Slot()
    def show_camera(self) -> None:
        for side in self.sides:
            self._drawing.size_points(side)
            if side.box.isVisible():
                side.pane.set_camera(camera_of(self._session, side.letter, side.entry))
            else:
                side.pane.hold_camera(camera_of(self._session, side.letter, side.entry))

    def fit(self, low: npt.ArrayLike | None = None, high: npt.ArrayLike | None = None) -> None:
        """Look at a box in voxels, or at the whole cloud."""
        shown = self.preview.shown or self._session.reference
        pane = next((side.pane for side in self.grid.shown), self.a.pane)
        if shown is not None:
            self._camera.fit(shown.display, pane, low, high)

    # -- picking -------------------------------------------------------------------------------------

    @Slot(float, float)
    def _pick(self, x: float, y: float) -> None:
        if self.preview.shown is None:  # else what is seen has no blocks
            side = next(side for side in self.sides if side.pane is self.sender())
            if self._session.view.measure:
                self.measuring.pick(side, x, y)
                return
            self.picked.emit(block_at(self._session, side, x, y))

    def settle(self) -> None:
        """The camera rests: complete its picture now."""
        for side in self.sides:
            side.pane.settle()

    # -- pictures ------------------------------------------------------------------------------------

    def complete(self) -> bool:
        """Whether everything is on the pictures that are shown."""
        return not self._stale and all(side.pane.complete for side in self.grid.shown)

    def image(self, scale: int = 1) -> QImage:
        """The views side by side with their legend, complete, at `scale` times the screen's resolution."""
        self._catch_up()
        panes = [side.pane for side in self.grid.shown]
        return picture_of(self, panes, QColor(self._theme["panel"]), scale, self.scrub.y())

    def paper_picture(self, wanted: PaperPicture) -> QImage:
        """The views that are shown, as a picture for a paper."""
        self._catch_up()
        views = [(side.pane, side.legend.legends) for side in self.grid.shown]
        return wanted.draw(views, self.legend.legends, QColor(self._theme["view_text"]), self.font())

    def shut(self) -> None:
        """Stop timers, close both views."""
        self.live.stop()
        self._camera.shut()
        self.probe.shut()
        self._scheduler.forget(self._catch_up)
        self.scrub.shut()
        for side in self.sides:
            side.pane.shut()
