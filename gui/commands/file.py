"""Opening and closing: clouds, bitstreams, sessions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QFileDialog

from octavox import resources
from octavox.gui.base import file_filters
from octavox.gui.base.action_spec import ActionSpec, has_anything, not_busy
from octavox.gui.base.i18n import several, tr
from octavox.gui.document import text
from octavox.gui.document.advice import explain
from octavox.gui.document.camera import Camera
from octavox.gui.document.display import CloudDisplay
from octavox.gui.document.events import PreviewChanged, PreviewDropped
from octavox.gui.document.items import CloudItem
from octavox.gui.document.job_state import Update
from octavox.gui.document.preview import Preview, first_camera
from octavox.gui.document.session import Session
from octavox.gui.document.session_file import SUFFIX
from octavox.gui.jobs import work
from octavox.gui.jobs.job import Failure, Job

from .command_set import CommandSet
from .workbench import Workbench

SAMPLE = "samples/spot_vox8.ply"
SAMPLE_VIEW = (150.0, 18.0)  # azimuth and elevation that show its face


def face(session: Session, display: CloudDisplay, camera: Camera | None = None) -> None:
    """Look at a newly opened cloud: from a corner, or through a camera. Publishes no event."""
    session.camera = camera or first_camera(session.camera, display)
    if display.cloud.colors is None and session.view.cloud_mode == "rgb":
        session.set_view(cloud_mode="plain")


class Opening:
    """One cloud file that is being opened. otherwise: called if there is no cloud in the end."""

    def __init__(self, bench: Workbench, path: str, otherwise: Callable[[], None]) -> None:
        self._bench, self._session = bench, bench.session
        self._path, self._name, self._otherwise = path, Path(path).name, otherwise

    def job(self) -> Job:
        doing = tr("Opening {name}", name=self._name)
        return Job(
            title=doing,
            doing=doing,
            work=partial(work.open_cloud, self._path, self._session.kept.depth),
            show=self._show,
            update=self._update,
            rollback=self._rollback,
            niceness=None if self._session.reference else 0,
        )

    def _update(self, update: Update) -> None:
        """Show some points of a large file before the rest is read."""
        if update.preview is None:
            return
        session, before = self._session, self._session.camera
        session.camera = first_camera(before, update.preview)
        preview = session.preview = Preview(self._name, update.preview, before)
        session.publish(PreviewChanged())
        self._bench.fit_wanted.emit(None)
        preview.fitted = session.camera

    def _show(self, opened: work.OpenedCloud, seconds: float) -> None:
        """The cloud takes the place of all that was open."""
        session, bench = self._session, self._bench
        bench.undo_stack.clear()
        entry = CloudItem(
            opened.display,
            self._name,
            opened.path,
            opened.voxelization,
            opened.source,
            opened.level,
            opened.strays,
        )
        with session.together():
            session.clear()
            preview, session.preview = session.preview, None
            moved = preview.moved(session.camera, opened.display) if preview else None
            face(session, opened.display, moved)
            if opened.path == str(resources.find(SAMPLE)):
                azimuth, elevation = SAMPLE_VIEW
                session.camera = replace(session.camera, azimuth=azimuth, elevation=elevation)
            session.set_original(entry)
        bench.remember(opened.path)
        if moved is None:
            bench.fit_wanted.emit(None)
        else:
            session.set_camera(moved)
        bench.said.emit(
            several(
                len(opened.source),
                "Opened {name}: {n} point in {time}",
                "Opened {name}: {n} points in {time}",
                name=entry.label,
                n=text.count(len(opened.source)),
                time=text.duration(seconds),
            )
        )

    def _rollback(self, failure: Failure) -> None:
        session = self._session
        preview, session.preview = session.preview, None
        session.publish(PreviewDropped())
        if preview is not None:
            session.set_camera(preview.before)
        self._otherwise()


class FileCommands(CommandSet):
    def open_dialog(self) -> None:
        path, _ = QFileDialog.getOpenFileName(
            self._bench.window.widget, tr("Open"), self._bench.settings.folder, file_filters.everything()
        )
        if path:
            self.open_any(path)

    @Slot(str)
    def open_any(self, path: str) -> None:
        """A cloud, a bitstream or a session."""
        if path.endswith(SUFFIX):
            self._bench.commands.session.open_session(path)
        else:
            self.open_path(path)

    def open_path(self, path: str, otherwise: Callable[[], None] = lambda: None) -> bool:
        """Open a cloud, or decode a bitstream (beside the original, if one is open).

        Returns whether that began. otherwise: called if it began and there is no cloud in the end.
        """
        bench, opening = self._bench, tr("Opening {name}", name=Path(path).name)
        if bench.wait_for_job(opening) or not bench.may_replace():
            return False
        if Path(path).suffix.lower() == work.STREAM_SUFFIX:
            return bench.commands.codec.decode(path, opening)
        return bench.start(Opening(bench, path, otherwise).job())

    def open_sample(self) -> None:
        try:
            self.open_path(str(resources.find(SAMPLE)))
        except FileNotFoundError as error:
            self._bench.fail(explain(error, tr("Opening the sample")))

    def close_session(self) -> None:
        """Close all that is open, if the user agrees."""
        if self._bench.may_replace():
            self.clear_session()

    def clear_session(self) -> None:
        """Close all that is open without asking."""
        self._bench.undo_stack.clear()
        with self._session.together():
            self._session.clear()
        self._bench.said.emit(tr("Closed"))

    @classmethod
    def actions(cls) -> list[ActionSpec]:
        return [
            ActionSpec(
                "open",
                "Open…",
                "File",
                cls.open_dialog,
                "Open a point cloud or a bitstream",
                "Ctrl+O",
                not_busy,
                "open",
                short="Open",
            ),
            ActionSpec(
                "open_sample",
                "Open sample",
                "File",
                cls.open_sample,
                "Open the bundled sample cloud",
                enabled=not_busy,
            ),
            ActionSpec(
                "close",
                "Close",
                "File",
                cls.close_session,
                "Close the cloud and the bitstream",
                "Ctrl+W",
                lambda s: not_busy(s) or has_anything(s),
                separator=True,
                order=30,
            ),
        ]
