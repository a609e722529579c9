"""Restoring a saved session: opens its cloud, then its bitstream, then shows both as they were shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Slot

from octavox.gui.base.i18n import tr
from octavox.gui.document.advice import explain
from octavox.gui.document.blocks import find_row
from octavox.gui.document.colour_modes import is_by_block
from octavox.gui.document.events import BookmarksChanged, JobChanged
from octavox.gui.document.session_file import SavedSession

from .autosave import Autosave
from .scene_restoration import SceneRestoration
from .workbench import Workbench


class Restoration(QObject):
    """Each file is a job of its own; the end of one begins the next step."""

    def __init__(self, bench: Workbench, autosave: Autosave) -> None:
        super().__init__(bench)
        self._bench, self._session, self._autosave = bench, bench.session, autosave
        self._saved: SavedSession | None = None
        self._stream_is_due = self._other_is_due = False
        self._missing = ""  # name of the original that could not be opened
        self._then: Callable[[], None] = lambda: None
        self._scene = SceneRestoration(bench, autosave)
        bench.session.events.subscribe(self._job_changed, JobChanged)

    @property
    def running(self) -> bool:
        return self._saved is not None or self._scene.running

    def begin(self, saved: SavedSession, then: Callable[[], None] = lambda: None) -> None:
        """Close what is open, and open a session's files. then: called if all of them could be opened."""
        session = self._session
        self._bench.commands.file.clear_session()
        session.set_kept(**saved.kept)
        for name, value in saved.options.items():
            if name != "codec" or value in self._bench.known_codecs:
                session.set_options(**{name: value})
        if saved.scene is not None:
            self._scene.begin(saved.scene, partial(self._show_scene, saved, then))
            return
        self._saved, self._missing, self._then = saved, "", then
        self._stream_is_due = saved.stream is not None  # it is opened once, whatever comes of it
        self._other_is_due = bool(saved.other_sequence)
        if saved.sequence:
            self._bench.commands.sequence.open(list(saved.sequence), saved.frame)
        elif saved.original is not None:
            self._bench.commands.file.open_path(saved.original, read=saved.read)
        elif saved.stream is not None:
            self._open_stream(saved.stream)
        else:
            self._next_step()

    def _show_scene(self, saved: SavedSession, then: Callable[[], None]) -> None:
        """All items are open: show them as they were shown."""
        self._show(saved)
        if not self._scene.missing:
            then()
        missing = ", ".join(self._scene.missing)
        words = tr("These files could not be opened: {names}", names=missing)
        self._bench.said.emit(words if missing else tr("The session is restored"))

    def shut(self) -> None:
        self._scene.shut()

    def _job_changed(self, event: JobChanged) -> None:
        if self._session.job is None and self._saved is not None:
            QTimer.singleShot(0, self, self._next_step)

    @Slot()
    def _next_step(self) -> None:
        """A job of the restoration has ended: open the bitstream, or show all as it was."""
        saved, session = self._saved, self._session
        if saved is None or self._bench.jobs.busy:
            return
        if saved.original is not None and session.original is None and session.stream is None:
            self._without_original(saved)  # the error bar says why it could not be opened
            return
        if self._other_is_due and session.timeline is not None:
            self._other_is_due = False
            self._bench.commands.sequence.open_other(list(saved.other_sequence))
            return
        waits = self._stream_is_due and session.stream is None
        if saved.stream is not None and waits and self._bench.window.error_bar.isHidden():
            self._open_stream(saved.stream)
            return
        self._saved = None
        self._show(saved)
        if saved.stream is None or session.stream is not None:
            self._then()
        if not self._bench.window.error_bar.isHidden():  # it says what is missing
            return
        if self._missing:
            words = tr("{name} is missing; the bitstream is restored and still unsaved", name=self._missing)
        else:
            words = tr("The session is restored")
        self._bench.said.emit(words)

    def _open_stream(self, path: str) -> None:
        """Open the session's bitstream; a bitstream from the autosave is still unsaved."""
        self._stream_is_due = False
        if not self._autosave.has_left(path):
            self._bench.commands.codec.decode(path, tr("Opening {name}", name=Path(path).name))
            return
        try:
            data = Path(path).read_bytes()
        except OSError as error:
            self._saved = None
            self._bench.fail(explain(error, tr("Restoring the session")))
            return
        self._bench.commands.codec.open_unsaved(data)

    def _show(self, saved: SavedSession) -> None:
        """View, selection, bookmarks and camera as they were."""
        session = self._session
        view = {name: getattr(saved.view, name) for name in saved.view.__dataclass_fields__}
        for name in ("selected", "isolate", "surprise", "scrub"):
            view.pop(name)
        if not len(session.blocks) and is_by_block(saved.view.cloud_mode):  # the bitstream is gone
            view.pop("cloud_mode")
        session.set_view(**view)
        if saved.selected is not None:
            session.set_view(selected=find_row(session.blocks, *saved.selected))
        session.bookmarks.update(saved.bookmarks)
        session.publish(BookmarksChanged())
        if saved.camera is not None:
            session.set_camera(saved.camera)

    def _without_original(self, saved: SavedSession) -> None:
        """Restore the bitstream alone, if it is in no other file."""
        self._saved = None
        if saved.stream is not None and self._autosave.has_left(saved.stream):
            self._missing = Path(saved.original or "").name
            self._saved = replace(saved, original=None)
            self._open_stream(saved.stream)
