"""The main window: makes the parts, connects them, and passes the session's events on to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Slot
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QResizeEvent
from PySide6.QtWidgets import (
    QDockWidget,
    QMainWindow,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from octavox.codec import natural_key
from octavox.gui.base.frame_scheduler import FrameScheduler
from octavox.gui.base.garbage import Collector
from octavox.gui.base.i18n import LANGUAGES, install, language, tr
from octavox.gui.base.settings import Settings
from octavox.gui.base.theme import Themer
from octavox.gui.base.undo import tell_again
from octavox.gui.commands.registry import Commands
from octavox.gui.commands.workbench import Workbench
from octavox.gui.document.advice import Explanation
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
    JobProgressed,
    OptionsChanged,
    OtherStreamChanged,
    PointsRead,
    RecentFilesChanged,
    StreamChanged,
    ViewChanged,
    VoxelsDecoded,
)
from octavox.gui.document.on_disk import budget_words
from octavox.gui.document.refining import refined_words
from octavox.gui.document.scene import unsaved
from octavox.gui.document.session import Session
from octavox.gui.widgets.dialogs import ask_to_stop
from octavox.gui.widgets.error_bar import ErrorBar
from octavox.gui.widgets.offer_bar import OfferBar
from octavox.gui.widgets.palette import Entry

from .docks import Docks
from .loading import Loader
from .shell import Shell

if TYPE_CHECKING:
    from octavox.gui.rendering.viewport import Viewport

# Results after which the message of an older failure is out of date.
SUPERSEDING = (CloudsChanged, StreamChanged, ComparisonChanged, OtherStreamChanged)
# Events that concern many panels while a job begins or ends.
SPREAD = (JobChanged, BlocksChanged, StreamChanged, CertificateChanged, DiskChanged, PointsRead)


class MainWindow(QMainWindow):
    """Assembly only: commands are in gui/commands, widgets in gui/widgets, views in gui/rendering.

    The 3D view joins when its libraries are loaded (`attach_viewport`); all else works without it.
    """

    def __init__(self, settings: Settings, themer: Themer) -> None:
        super().__init__()
        self.setWindowTitle("Octavox")
        self.setAcceptDrops(True)
        self.resize(1280, 800)
        self._collector = Collector(self)
        self.settings, self.themer = settings, themer
        self.session, self.scheduler = Session(), FrameScheduler(self)
        self.workbench = Workbench(self.session, settings, self, window=self)
        self.commands = Commands(self.workbench)
        self._viewport: Viewport | None = None
        self.loader = Loader(self)
        self.loader.loaded.connect(self.attach_viewport)
        self._make_middle()
        self.workbench.may_discard = self._ask_about_loss
        self._make_shell()
        self._connect()
        self.layouts.restore(settings)
        self._show_everything()
        self._show_layout()

    # -- assembly ------------------------------------------------------------------------------------

    def _make_middle(self) -> None:
        """The views and the bars above them, which stay when the language changes."""
        self.stack = QStackedWidget()
        self.error_bar, self.offer = ErrorBar(), OfferBar()
        centre = QWidget()
        column = QVBoxLayout(centre)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.offer)
        column.addWidget(self.error_bar)
        column.addWidget(self.stack, 1)
        self.setCentralWidget(centre)
        status = self.statusBar()
        status.setSizeGripEnabled(False)
        status.setContentsMargins(0, 0, 0, 0)

    def _make_shell(self) -> None:
        """What surrounds the views, in the language in force."""
        self._shell = shell = Shell(self, self.commands, self.workbench, self.scheduler, self.themer)
        self.action_registry, self.menus, self.tools = shell.action_registry, shell.menus, shell.tools
        self.panels, self.refresher, self.job_bar = shell.panels, shell.refresher, shell.job_bar
        self.welcome = shell.welcome
        self.layouts: Docks = shell.layouts
        self.docks: dict[str, QDockWidget] = self.layouts.by_name
        self.table, self.inspector = self.panels["Blocks"], self.panels["Inspector"]
        self.properties, self.codec_panel = self.panels["Properties"], self.panels["Codec"]
        self.scene, self.log = self.panels["Scene"], self.panels["Log"]
        self.stack.insertWidget(0, self.welcome)
        self.workbench.undo_stack.indexChanged.connect(self.action_registry.refresh)
        for dock in self.docks.values():
            dock.visibilityChanged.connect(self._dock_moved)

    @property
    def viewport(self) -> Viewport:
        """The 3D view; RuntimeError while it is not there yet."""
        if self._viewport is None:
            raise RuntimeError("the 3D view is not ready")
        return self._viewport

    @property
    def viewport_or_none(self) -> Viewport | None:
        return self._viewport

    def load_viewport(self) -> None:
        """Load the 3D libraries in the background, then attach the view."""
        self.loader.start()

    @Slot()
    def attach_viewport(self) -> None:
        """Make the 3D view (its libraries load now, if they have not yet) and show the session in it."""
        if self._viewport is not None or self._closed:
            return
        from octavox.gui.rendering.viewport import Viewport

        self._viewport = view = Viewport(self.session, self.themer.theme, self.scheduler)
        self.stack.addWidget(view)
        view.warm_up(self.stack.size())
        view.picked.connect(self.commands.view.select)
        view.measuring.told.connect(self.workbench.said)
        view.legends.scaled.connect(self.commands.scales.set_scale)
        view.legends.owned.connect(self.commands.scales.toggle_own)
        view.chosen.connect(self.commands.scene.choose)
        self.workbench.disk.size_of = view.size_of
        view.show_clouds()
        if self.session.preview is not None:
            view.show_preview(self.session.preview)
        self._show_stack()
        view.fit()

    _closed = False  # closing has begun
    _shut = False  # the views are closed

    def _connect(self) -> None:
        w = self.workbench
        self.session.events.subscribe(self._session_changed, Event)
        w.said.connect(self._say)
        w.failed.connect(self._show_error)
        self.error_bar.remedied.connect(self.commands.codec.salvage)
        w.fit_wanted.connect(self._fit)

    # -- session to views ----------------------------------------------------------------------------

    def _session_changed(self, event: Event) -> None:
        if self._shut:  # the views are closed
            return
        if isinstance(event, JobProgressed):
            self._show_job()
            return
        if self._viewport is not None:
            self._viewport.session_changed(event)
        if isinstance(event, (CameraChanged, VoxelsDecoded, DecodingBegan)):
            return
        if isinstance(event, BatchEnded):
            self._show_stack()
            self.scheduler.schedule(self._show_actions)
            return
        if isinstance(event, RecentFilesChanged):
            self._show_recent()
        self._show_panels(event)
        if not self.session.events.in_batch:
            self._show_stack()
            self._show_actions()

    def _show_actions(self) -> None:
        self.action_registry.refresh()
        self.tools.refresh(self.session)

    def _show_panels(self, event: Event) -> None:
        session = self.session
        self.refresher.refresh(event, spread=session.events.in_batch or isinstance(event, SPREAD))
        if isinstance(event, JobChanged):
            self.scheduler.schedule(self._show_job)
        if isinstance(event, CertificateChanged):
            self.job_bar.show_certificate(session.certificate)
        if isinstance(event, (CloudsChanged, StreamChanged)):
            self._show_title()
        if isinstance(event, (CloudsChanged, DiskChanged, PointsRead)):
            shown = session.items.shown
            disks = [item.on_disk for item in shown if item.on_disk is not None]
            streams = [item.refining for item in shown if item.refining is not None]
            words = budget_words(disks, session.budget), refined_words(streams, session.budget)
            self.job_bar.show_on_disk(" · ".join(filter(None, words)))
        if isinstance(event, SUPERSEDING):
            self.error_bar.hide()

    def _show_job(self) -> None:
        self.job_bar.show_job(self.session.job)

    def _show_everything(self) -> None:
        for kind in (CloudsChanged, StreamChanged, BlocksChanged, ViewChanged, JobChanged, OptionsChanged):
            self._show_panels(kind())
        self._show_panels(CertificateChanged())
        self._show_panels(OtherStreamChanged())
        self._show_recent()
        self._show_stack()
        self._show_actions()

    def _show_stack(self) -> None:
        view = self._viewport
        if view is not None:
            self.stack.setCurrentWidget(self.welcome if view.empty else view)

    def _show_title(self) -> None:
        s = self.session
        entry = s.reference
        mark = " •" if s.stream is not None and not s.stream.saved else ""
        self.setWindowTitle(f"{entry.label}{mark} – Octavox" if entry else "Octavox")

    def _show_recent(self) -> None:
        self.welcome.show_recent(self.settings.recent)
        self.menus.show_recent(self.settings.recent)

    @Slot(str)
    def _say(self, words: str) -> None:
        self.error_bar.hide()  # whatever is said now is newer; a failure shows its bar after its words
        self.job_bar.say(words)
        self.log.add(words)

    @Slot(object)
    def _show_error(self, explanation: Explanation) -> None:
        self.error_bar.show_error(explanation)

    @Slot(object)
    def _fit(self, box: object) -> None:
        if self._viewport is not None:
            self._show_stack()
            self._viewport.grid.settle()  # views that were hidden may still have their old sizes
            self._viewport.fit(*(box if isinstance(box, tuple) else ()))

    # -- what commands ask of the window -------------------------------------------------------------

    @property
    def widget(self) -> QWidget:
        """The parent of dialogs."""
        return self

    def centre(self) -> QWidget:
        """What stands in the middle: the views, or the welcome card."""
        return self.stack

    def tool_button(self, key: str) -> QWidget | None:
        """The tool bar's button of an action."""
        return self.tools.widgetForAction(self.action_registry[key])

    def other_actions(self) -> list[Entry]:
        """Actions that are not in the registry: undo, redo and those that show the panels."""
        edit, shown = (tr("Edit"),), (tr("Window"),)
        panels = [Entry(f"panel_{name}", dock.toggleViewAction(), shown) for name, dock in self.docks.items()]
        own = [Entry("undo", self.menus.undo, edit), Entry("redo", self.menus.redo, edit)]
        return [*own, *self.menus.modes.entries(), *panels]

    def _ask_about_loss(self) -> bool:
        """Whether work that is under way, and all unsaved bitstreams, may be lost; asks the user."""
        if self.workbench.at_work and not ask_to_stop(self):
            return False
        return all(self.commands.scene.may_lose(stream) for stream in unsaved(self.session))

    def set_theme(self, key: str) -> None:
        self.themer.apply(key)
        self.action_registry.refresh_icons()
        if self._viewport is not None:
            self._viewport.set_theme(self.themer.theme)

    def set_language(self, key: str) -> None:
        """Speak another language, from the next turn of the event loop on."""
        QTimer.singleShot(0, self, lambda: self._speak(key))  # the action that asked will be gone

    def _speak(self, key: str) -> None:
        """All that surrounds the views is made anew; what is open, views and jobs stay."""
        if self._closed or key == language():
            return
        lines = self.log.toPlainText()
        self.setUpdatesEnabled(False)
        before = self.layouts
        self._shell.remove()
        install(key)
        self.session.tell_again()
        tell_again(self.workbench.undo_stack)
        self._make_shell()
        self.layouts.take_over(before)
        self.commands.tell_again()
        self.log.setPlainText(lines)
        if self._viewport is not None:
            self._viewport.tell_again()
        self._show_everything()
        self._show_layout()
        self.setUpdatesEnabled(True)
        self._say(LANGUAGES[key])

    # -- window --------------------------------------------------------------------------------------

    def set_layout(self, key: str) -> None:
        self.layouts.switch(key)
        self._show_layout()

    def reset_layout(self) -> None:
        self.layouts.reset()

    def _show_layout(self) -> None:
        self.action_registry[f"layout_{self.layouts.current}"].setChecked(True)
        self.tools.refresh(self.session)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.layouts.fit(self.width())

    @Slot()
    def _dock_moved(self) -> None:
        self._show_stack()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if self._dropped(event) and not self.workbench.busy:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        paths = self._dropped(event)
        if paths:
            event.acceptProposedAction()
            QTimer.singleShot(0, self, lambda: self.commands.file.open_several(paths))

    @staticmethod
    def _dropped(event: QDropEvent) -> list[str]:
        """The files, in the order of the numbers in their names; none if one is not on this machine."""
        urls = event.mimeData().urls()
        paths = sorted((url.toLocalFile() for url in urls), key=natural_key)
        return paths if all(url.isLocalFile() for url in urls) else []

    def closeEvent(self, event: QCloseEvent) -> None:
        """Cancel and join the job, stop timers, close the views, then the window."""
        if not self.workbench.may_close():
            event.ignore()
            return
        self.layouts.save(self.settings)
        self.settings.sync()
        self._closed = True
        self.commands.shut()  # before the others: the end of a video changes the session
        self.refresher.shut()
        self.workbench.shut()
        self.loader.shut()
        if self._viewport is not None:
            self._viewport.shut()
        self._shut = True
        super().closeEvent(event)
