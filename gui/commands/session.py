"""Saving and opening sessions, and the offer to restore what a crash left."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QFileDialog

from octavox.codec import OctavoxError
from octavox.gui.base.action_spec import ActionSpec, has_anything, not_busy
from octavox.gui.base.i18n import tr
from octavox.gui.document.advice import explain
from octavox.gui.document.export import write_text
from octavox.gui.document.queue import unused
from octavox.gui.document.scene import unsaved
from octavox.gui.document.session_file import SUFFIX, read_session, session_text
from octavox.gui.widgets.save_dialog import ask_where

from .autosave import Autosave
from .command_set import CommandSet
from .recovery import Recovery
from .restoration import Restoration
from .workbench import Workbench


class SessionCommands(CommandSet):
    """autosave: keeps the session on disk while the window is open."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench)
        self.autosave = Autosave(bench.settings.private_folder, bench.session)
        self.restoration = Restoration(bench, self.autosave)
        self.recovery = Recovery(bench, self.autosave, self.restoration)

    def save_session(self, path: str | None = None) -> bool:
        """Write a session file, and beside it the bitstreams that are in no file yet."""
        session = self._session
        if path is None:
            suggestion, title = session.suggested_path(SUFFIX), tr("Save session")
            path = ask_where(self._bench.window.widget, title, suggestion, tr("Session"), (SUFFIX,))
            if path is None:
                return False
        try:
            for stream in unsaved(session):
                if not self._bench.commands.export.stream(unused(path, ".ovx", {path}), stream):
                    return False
            write_text(path, session_text(session))
        except (OSError, OctavoxError, ValueError) as error:
            self._bench.fail(explain(error, tr("Saving {name}", name=Path(path).name), writing=True))
            return False
        self._bench.said.emit(tr("Saved {path}", path=path))
        return True

    def open_session_dialog(self) -> None:
        path, _ = QFileDialog.getOpenFileName(
            self._bench.window.widget,
            tr("Open session"),
            self._bench.settings.folder,
            f"{tr('Session')} (*{SUFFIX})",
        )
        if path:
            self.open_session(path)

    def open_session(self, path: str) -> None:
        """Open the files of a session and show them as they were shown."""
        opening = tr("Opening {name}", name=Path(path).name)
        if self._bench.wait_for_job(opening) or not self._bench.may_replace():
            return
        try:
            saved = read_session(path)
        except Exception as error:
            self._bench.fail(explain(error, opening))
            return
        self.restoration.begin(saved)

    def shut(self) -> None:
        self.restoration.shut()
        self.recovery.shut()

    @classmethod
    def actions(cls) -> list[ActionSpec]:
        return [
            ActionSpec(
                "open_session",
                "Open session…",
                "File",
                cls.open_session_dialog,
                "Open the files of a session and show them as they were shown",
                enabled=not_busy,
                separator=True,
                order=20,
            ),
            ActionSpec(
                "save_session",
                "Save session…",
                "File",
                cls.save_session,
                "Save which files are open, the view, the bookmarks and the options",
                "Ctrl+Shift+W",
                has_anything,
                order=20,
            ),
        ]
