"""Actions that keep things: sessions, the autosave, videos, plots, large pictures, command lines."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog

from octavox.codec import CancelledError
from octavox.gui.base.i18n import LANGUAGES, tr
from octavox.gui.commands.autosave import STREAM, Autosave
from octavox.gui.document import text
from octavox.gui.document.advice import explain
from octavox.gui.document.blocks import find_row
from octavox.gui.document.colour_modes import is_by_block
from octavox.gui.document.command_line import COMMANDS
from octavox.gui.document.export import write_text
from octavox.gui.document.job_state import JobState, Update
from octavox.gui.document.queue import unused
from octavox.gui.document.session_file import SUFFIX, SavedSession, read_session, session_text
from octavox.gui.jobs.video_file import SUFFIXES
from octavox.gui.rendering.turntable import Turntable
from octavox.gui.widgets.save_dialog import ask_where
from octavox.gui.widgets.size_plot import save_size_plot

if TYPE_CHECKING:
    from octavox.gui.app.main_window import MainWindow

AUTOSAVE_MS = 20_000
LARGE = 3  # times the screen's resolution


class Keeping(QObject):
    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window, self._workbench, self._session = window, window.workbench, window.session
        self._restoring: SavedSession | None = None
        self._missed = ""  # the original of a session being restored that could not be opened
        self._turntable: Turntable | None = None
        self.autosave = Autosave(window.settings.private_folder, self._session)
        self._timer = QTimer(self)
        self._timer.setInterval(AUTOSAVE_MS)
        self._timer.timeout.connect(self.autosave.save)
        window.offer.accepted.connect(self._restore_left_over)
        window.offer.declined.connect(self._forget_left_over)
        self._session.changed.connect(self._session_changed)
        self._workbench.stop_wanted.connect(self._stop_video)
        self._left_over: SavedSession | None = None

    # -- autosave ------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Offer what a crash left, and start to save."""
        self._offer_left_over()
        self._timer.start()

    def _offer_left_over(self) -> None:
        found = self.autosave.left_over()
        if found is None:
            return
        try:
            self._left_over = read_session(str(found))
        except Exception:  # damaged, or of another version
            stream = found.with_name(STREAM)
            if not stream.is_file():
                self.autosave.discard()
                return
            self._left_over = SavedSession(stream=str(stream))
        name = Path(self._left_over.original or self._left_over.stream or "").name
        words = tr("Octavox did not close properly last time. Restore the session with {name}?")
        self._window.offer.offer(words.format(name=name))

    @Slot()
    def _restore_left_over(self) -> None:
        workbench = self._workbench
        if workbench.wait_for_job(tr("Restoring the session")) or not workbench.may_replace():
            self._window.offer.show()
            return
        if self._left_over is not None:
            self.restore(self._left_over)

    @Slot()
    def _forget_left_over(self) -> None:
        self._left_over = None
        self.autosave.discard()
        self._offer_left_over()  # of another process

    def _session_changed(self, topic: str) -> None:
        if topic == "stream" and self._timer.isActive() and self._session.stream is not None:
            self.autosave.save()  # what took long is safe at once
        if topic == "job" and self._session.job is None and self._restoring is not None:
            QTimer.singleShot(0, self, self._go_on)

    def shut(self) -> None:
        self._timer.stop()
        if self._turntable is not None:
            self._turntable.stop()
        self.autosave.end()

    # -- session files -------------------------------------------------------------------------------

    def save_session(self, path: str | None = None) -> bool:
        session = self._session
        if path is None:
            suggestion = session.suggested_path(SUFFIX)
            path = ask_where(self._window, tr("Save session"), suggestion, tr("Session"), (SUFFIX,))
            if path is None:
                return False
        try:
            unsaved = session.stream is not None and not session.stream.saved
            if unsaved and not self._window.exporter.stream(unused(path, ".ovx", {path})):
                return False
            write_text(path, session_text(session))
        except (OSError, ValueError) as error:
            self._workbench.fail(explain(error, tr("Saving {name}", name=Path(path).name), writing=True))
            return False
        self._workbench.said.emit(tr("Saved {path}", path=path))
        return True

    def open_session_dialog(self) -> None:
        path, _ = QFileDialog.getOpenFileName(
            self._window, tr("Open session"), self._window.settings.folder, f"{tr('Session')} (*{SUFFIX})"
        )
        if path:
            self.open_session(path)

    def open_session(self, path: str) -> None:
        opening = tr("Opening {name}", name=Path(path).name)
        if self._workbench.wait_for_job(opening) or not self._workbench.may_replace():
            return
        try:
            saved = read_session(path)
        except Exception as error:
            self._workbench.fail(explain(error, opening))
            return
        self.restore(saved)

    def restore(self, saved: SavedSession) -> None:
        """Open a session's files, then show them as they were shown."""
        self._workbench.clear_session()
        self._session.depth = saved.depth
        for name, value in saved.options.items():
            if name != "codec" or value in self._workbench.known_codecs:
                self._session.set_options(**{name: value})
        self._restoring, self._missed = saved, ""
        if saved.original is not None:
            self._workbench.open_path(saved.original)
        elif saved.stream is not None:
            self._open_stream(saved.stream)
        else:
            self._go_on()

    def _open_stream(self, path: str) -> None:
        """A restored session's bitstream; what the autosave holds is as unsaved as it was."""
        if not self.autosave.has_left(path):
            self._workbench.open_path(path)
            return
        try:
            data = Path(path).read_bytes()
        except OSError as error:
            self._restoring = None
            self._workbench.fail(explain(error, tr("Restoring the session")))
            return
        self._workbench.open_unsaved(data)

    @Slot()
    def _go_on(self) -> None:
        """A job of the restoration has ended: open the bitstream, or show all as it was."""
        saved, session = self._restoring, self._session
        if saved is None or self._workbench.jobs.busy:
            return
        if saved.original is not None and session.original is None:
            self._without_original(saved)  # it could not be opened: the bar says why
            return
        due = saved.stream is not None and saved.original is not None and session.stream is None
        if due and saved.stream is not None and self._window.error_bar.isHidden():
            self._open_stream(saved.stream)
            return
        self._restoring = None
        view = {name: getattr(saved.view, name) for name in saved.view.__dataclass_fields__}
        for name in ("selected", "isolate", "surprise", "scrub"):
            view.pop(name)
        if not len(session.blocks) and is_by_block(saved.view.cloud_mode):  # the bitstream is gone
            view.pop("cloud_mode")
        session.set_view(**view)
        if saved.selected is not None:
            session.set_view(selected=find_row(session.blocks, *saved.selected))
        session.bookmarks.update(saved.bookmarks)
        session.changed.emit("bookmarks")
        if saved.camera is not None:
            session.set_camera(saved.camera)
        if saved is self._left_over and (saved.stream is None or session.stream is not None):
            self._adopt()
        if not self._window.error_bar.isHidden():  # it says what is missing
            return
        if self._missed:
            words = tr("{name} is missing; the bitstream is back and still unsaved", name=self._missed)
        else:
            words = tr("The session is as it was")
        self._workbench.said.emit(words)

    def _without_original(self, saved: SavedSession) -> None:
        """A bitstream that is in no other file comes back all the same."""
        self._restoring = None
        if saved.stream is not None and self.autosave.has_left(saved.stream):
            self._missed = Path(saved.original or "").name
            self._restoring = self._left_over = replace(saved, original=None)
            self._open_stream(saved.stream)

    def _adopt(self) -> None:
        """What a crash left is this window's to keep, once it is written anew."""
        if self.autosave.save():
            self._left_over = None
            self.autosave.discard()

    # -- pictures ------------------------------------------------------------------------------------

    def large_screenshot(self, path: str | None = None) -> bool:
        view = self._window.viewport
        return self._window.exporter.picture(path, lambda: view.image(LARGE))

    def size_plot(self, path: str | None = None) -> bool:
        """Blocks by size, in the manner of the paper's Figure 4."""
        session = self._session
        label = session.reference.label if session.reference else ""
        title = ", ".join(filter(None, (label, session.stream.codec if session.stream else "")))
        return self._window.exporter.plot(path, lambda p: save_size_plot(session.blocks, title, p))

    def turntable(self, path: str | None = None) -> None:
        if path is None:
            suggestion = self._session.suggested_path(SUFFIXES[0])
            path = ask_where(self._window, tr("Save video"), suggestion, tr("Video"), SUFFIXES)
            if path is None:
                return
        view = self._window.viewport
        self._path = path
        try:
            video = Turntable(self._session, path, view.complete, view.image, view.settle)
        except Exception as error:
            self._workbench.fail(explain(error, tr("Saving {name}", name=Path(path).name), writing=True))
            return
        video.stepped.connect(self._video_stepped)
        video.ended.connect(self._video_ended)
        video.start()
        self._turntable = video
        self._session.set_job(JobState(tr("Video"), background=False))

    @property
    def video(self) -> bool:
        """Whether a video is being made."""
        return self._turntable is not None and self._turntable.running

    @Slot()
    def _stop_video(self) -> None:
        if self._turntable is not None:
            self._turntable.stop()

    @Slot(int, int)
    def _video_stepped(self, done: int, total: int) -> None:
        if self._session.job is not None:
            self._session.job.apply(Update("video", done, total))
            self._session.changed.emit("progress")

    @Slot(object)
    def _video_ended(self, error: BaseException | None) -> None:
        self._session.set_job(None)
        if isinstance(error, CancelledError):
            self._workbench.said.emit(tr("The video was cancelled; no file was written"))
        elif error is not None:
            doing = tr("Saving {name}", name=Path(self._path).name)
            self._workbench.fail(explain(error, doing, writing=True))
        else:
            size = text.size(Path(self._path).stat().st_size)
            self._workbench.said.emit(tr("Saved {path} ({size})", path=self._path, size=size))

    # -- command lines, language ---------------------------------------------------------------------

    def copy_command(self, key: str) -> None:
        """Put the command line that does what an action does on the clipboard."""
        line = COMMANDS[key](self._session)
        QGuiApplication.clipboard().setText(line)
        self._workbench.said.emit(tr("Copied: {line}", line=line))

    def set_language(self, key: str) -> None:
        self._window.settings.language = key
        self._workbench.said.emit(f"{LANGUAGES[key]}: {tr('the window speaks it when it is opened next')}")
