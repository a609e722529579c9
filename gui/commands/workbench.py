"""What all commands share: the session, the settings, the undo stack, the one running job, messages."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QUndoStack
from PySide6.QtWidgets import QDockWidget, QWidget

from octavox import codec
from octavox.gui.base.actions import ActionRegistry
from octavox.gui.base.i18n import tr
from octavox.gui.base.settings import Settings
from octavox.gui.base.undo import ChangeView
from octavox.gui.document.advice import Explanation, explain
from octavox.gui.document.events import JobChanged, JobProgressed, RecentFilesChanged
from octavox.gui.document.job_state import JobState
from octavox.gui.document.scene import unsaved
from octavox.gui.document.session import Session
from octavox.gui.jobs.disk_reader import DiskReader
from octavox.gui.jobs.job import Failure, Job
from octavox.gui.jobs.point_data import PointDataLoader
from octavox.gui.jobs.runner import JobRunner
from octavox.gui.jobs.sampling import Sampling
from octavox.gui.jobs.shading import Shading
from octavox.gui.widgets.error_bar import ErrorBar
from octavox.gui.widgets.offer_bar import OfferBar
from octavox.gui.widgets.palette import Entry

if TYPE_CHECKING:
    from octavox.gui.rendering.viewport import Viewport

    from .others import OtherCommands


class WindowParts(Protocol):
    """What commands ask of the main window."""

    @property
    def widget(self) -> QWidget: ...  # the parent of dialogs
    @property
    def viewport(self) -> Viewport: ...  # RuntimeError while its libraries load
    @property
    def viewport_or_none(self) -> Viewport | None: ...
    @property
    def action_registry(self) -> ActionRegistry: ...
    @property
    def docks(self) -> dict[str, QDockWidget]: ...
    @property
    def offer(self) -> OfferBar: ...
    @property
    def error_bar(self) -> ErrorBar: ...
    def other_actions(self) -> list[Entry]: ...  # that the registry does not hold
    def tool_button(self, key: str) -> QWidget | None: ...
    def centre(self) -> QWidget: ...
    def set_theme(self, key: str) -> None: ...
    def set_language(self, key: str) -> None: ...
    def set_layout(self, key: str) -> None: ...
    def reset_layout(self) -> None: ...
    def close(self) -> bool: ...


class Workbench(QObject):
    """Runs jobs, changes the view in steps that can be undone, sends messages to the user. No widgets.

    window: the main window's parts, None in tests of what needs none. commands: set by the main window.
    """

    said = Signal(str)  # one line for the job bar and the log
    failed = Signal(object)  # Explanation
    fit_wanted = Signal(object)  # None, or (low, high) in voxels
    commands: OtherCommands

    def __init__(
        self,
        session: Session,
        settings: Settings,
        parent: QObject | None = None,
        window: WindowParts | None = None,
    ) -> None:
        super().__init__(parent)
        self.session, self.settings, self._window = session, settings, window
        self.undo_stack = QUndoStack(self)
        self.jobs = JobRunner(self)
        self.jobs.started.connect(self._job_started)
        self.jobs.updated.connect(self._job_updated)
        self.jobs.ended.connect(self.release)
        self.jobs.failed.connect(self._job_failed)
        self.shading = Shading(session, self)
        self.point_data = PointDataLoader(session, self)
        self.sampling = Sampling(session, self)
        self.disk = DiskReader(session, self)
        # Asks the user whether unsaved bitstreams, and work that is under way, may be lost.
        self.may_discard: Callable[[], bool] = lambda: True
        self.salvageable = ""  # the damaged file of which the error bar offers what is whole
        self._stop: Callable[[], None] | None = None  # ends what runs on the GUI thread
        session.rates = settings.rates()
        self.known_codecs = codec.codec_names()
        session.set_options(**settings.options())

    @property
    def window(self) -> WindowParts:
        if self._window is None:
            raise RuntimeError("there is no window")
        return self._window

    # -- jobs ----------------------------------------------------------------------------------------

    @property
    def busy(self) -> bool:
        """Whether a job runs, or a video is made."""
        return self.jobs.busy or self.session.job is not None

    def start(self, job: Job) -> bool:
        """Run a job; False, with a word to the user, while another one runs."""
        if self.wait_for_job(tr(job.title)):
            return False
        self.jobs.start(job)
        return True

    def wait_for_job(self, title: str) -> bool:
        """Whether another job runs; then the user is told that `title` has to wait."""
        if self.busy:
            self.said.emit(tr("{title} has to wait: another job is running", title=title))
        return self.busy

    def occupy(self, state: JobState, stop: Callable[[], None]) -> None:
        """Begin work on the GUI thread that takes many turns of the event loop; `stop` cancels it."""
        self._stop = stop
        self.session.set_job(state)

    @Slot()
    def release(self) -> None:
        """The job, or the work on the GUI thread, has ended."""
        self._stop = None
        self.session.set_job(None)

    def cancel(self) -> None:
        """Ask the running job to stop."""
        if self.jobs.busy:
            self.jobs.cancel()
            self.session.publish(JobChanged())
        elif self._stop is not None:
            self._stop()

    @Slot(object)
    def _job_started(self, state: JobState) -> None:
        self.session.set_job(state)

    @Slot()
    def _job_updated(self) -> None:
        self.session.publish(JobProgressed())

    @Slot(object, object)
    def _job_failed(self, job: Job, failure: Failure) -> None:
        if failure.cancelled and job.keeps:
            self.said.emit(tr("{doing} was cancelled; what was computed stays", doing=job.doing))
        elif failure.cancelled:
            self.said.emit(tr("{doing} was cancelled; nothing was changed", doing=job.doing))
        elif not job.asks(failure):
            self.fail(explain(failure.error, job.doing, failure.details, job.writes))

    # -- messages, files, undo -----------------------------------------------------------------------

    def fail(self, explanation: Explanation) -> None:
        """Tell the user what went wrong."""
        self.said.emit(explanation.title)
        self.failed.emit(explanation)

    def may_replace(self) -> bool:
        """Whether all that is open may be closed; asks the user about bitstreams that were not saved."""
        return not unsaved(self.session) or self.may_discard()

    @property
    def at_work(self) -> bool:
        """Whether something is computed or written that the user waits for, or files wait for it."""
        return self.jobs.costly or self._stop is not None or self.session.queue.next is not None

    def may_close(self) -> bool:
        """Whether the window may be closed; asks about work that is under way and about a bitstream."""
        return self.may_discard() if self.at_work else self.may_replace()

    def remember(self, path: str) -> None:
        """Put a file that was opened into the list of recent files."""
        self.settings.add_recent(path)
        self.settings.folder = str(Path(path).resolve().parent)
        self.session.publish(RecentFilesChanged())

    def change_view(self, words: str, **changes: Any) -> None:
        """Set fields of the view state as one step that can be undone; words: what the step is called."""
        command = ChangeView(self.session, words, **changes)
        if command.changes_anything:
            self.undo_stack.push(command)

    def shut(self) -> None:
        """Cancel and join the running job."""
        self.shading.shut()
        self.point_data.shut()
        self.sampling.shut()
        self.disk.shut()
        self.jobs.shut()
        self.session.job = None
