"""Opening clouds, bitstreams, sessions; closing all of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QFileDialog

from octavox import resources
from octavox.codec import ReadOptions
from octavox.gui.base import file_filters
from octavox.gui.base.action_spec import ActionSpec, has_anything, not_busy
from octavox.gui.base.i18n import several, tr
from octavox.gui.document import scene, text
from octavox.gui.document.advice import explain
from octavox.gui.document.camera import Camera
from octavox.gui.document.display import CloudDisplay
from octavox.gui.document.events import PreviewChanged, PreviewDropped
from octavox.gui.document.items import CloudItem
from octavox.gui.document.job_state import Update
from octavox.gui.document.preview import Preview, first_camera
from octavox.gui.document.reading import Missing, missing
from octavox.gui.document.session import Session
from octavox.gui.document.session_file import SUFFIX
from octavox.gui.jobs import detail, frames, work
from octavox.gui.jobs.job import Failure, Job
from octavox.gui.widgets.read_questions import FieldsQuestion, MeshQuestion, ReadQuestion

from .command_set import CommandSet
from .workbench import Workbench

SAMPLE = "samples/spot_vox8.ply"
SAMPLE_VIEW = (150.0, 18.0)  # azimuth and elevation that show its face


def face(session: Session, display: CloudDisplay, camera: Camera | None = None) -> None:
    """Look at a newly opened cloud: from a corner, or through a camera. Publishes no event."""
    session.camera = camera or first_camera(session.camera, display)
    if display.cloud.colors is None and session.view.cloud_mode == "rgb":
        session.set_view(cloud_mode="plain")


@dataclass(frozen=True)
class Wanted:
    """A cloud file to be opened. read: what the user said about it. instead_of: the open cloud that it is
    read anew for. otherwise: called if there is no cloud in the end."""

    path: str
    read: ReadOptions = field(default_factory=ReadOptions)
    instead_of: CloudItem | None = None
    otherwise: Callable[[], None] = lambda: None

    @property
    def name(self) -> str:
        return Path(self.path).name


class Opening:
    """One cloud file that is being opened. ask: asks the user what it does not say, and opens it again."""

    def __init__(self, bench: Workbench, wanted: Wanted, ask: Callable[[Wanted, Missing], None]) -> None:
        self._bench, self._session = bench, bench.session
        self._wanted, self._ask, self._name = wanted, ask, wanted.name

    def job(self) -> Job:
        doing = tr("Opening {name}", name=self._name)
        return Job(
            title=doing,
            doing=doing,
            work=partial(
                work.open_cloud,
                self._wanted.path,
                self._session.kept.depth,
                self._wanted.read,
                large=self._session.large,
            ),
            show=self._show,
            update=self._update,
            rollback=self._rollback,
            asks=self._asks,
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
        """View A shows the cloud; all that was open stays open."""
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
            read=self._wanted.read,
            on_disk=opened.on_disk,
        )
        entry.data = opened.data
        with session.together():
            scene.add_cloud(session, entry)
            self._close_replaced()
            preview, session.preview = session.preview, None
            moved = preview.moved(session.camera, opened.display) if preview else None
            face(session, opened.display, moved)
            if opened.path == str(resources.find(SAMPLE)):
                azimuth, elevation = SAMPLE_VIEW
                session.camera = replace(session.camera, azimuth=azimuth, elevation=elevation)
        bench.remember(opened.path)
        if moved is None:
            bench.fit_wanted.emit(None)
        else:
            session.set_camera(moved)
        bench.said.emit(self._words(opened, entry.label, text.duration(seconds)))

    def _words(self, opened: work.OpenedCloud, name: str, time: str) -> str:
        """What the user reads of a cloud that was opened."""
        if opened.on_disk is not None:
            return tr(
                "Opened {name}: {n} of {all} points in {time}; look closer for more",
                name=name,
                n=text.count(opened.on_disk.shown),
                all=text.count(opened.on_disk.points),
                time=time,
            )
        points = len(opened.source)
        words = several(
            points,
            "Opened {name}: {n} point in {time}",
            "Opened {name}: {n} points in {time}",
            name=name,
            n=text.count(points),
            time=time,
        )
        if points > self._session.large:
            return tr("{words}; all of them are in memory, as this file has to be read whole", words=words)
        return words

    def _close_replaced(self) -> None:
        """The same file on another grid takes the place of one that no bitstream was made of."""
        old, session = self._wanted.instead_of, self._session
        if old is not None and old in session.items and not scene.children_of(session, old):
            scene.close_item(session, old)

    def _rollback(self, failure: Failure) -> None:
        session = self._session
        preview, session.preview = session.preview, None
        session.publish(PreviewDropped())
        if preview is not None:
            session.set_camera(preview.before)
        if not missing(failure.error, self._wanted.read):
            self._wanted.otherwise()

    def _asks(self, failure: Failure) -> bool:
        question = missing(failure.error, self._wanted.read)
        if question:
            self._ask(self._wanted, question)
        return bool(question)


class FileCommands(CommandSet):
    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench)
        self._question: ReadQuestion | None = None  # about a file that does not say which points it holds

    @property
    def asking(self) -> bool:
        """Whether the user is asked what a file does not say."""
        return self._question is not None

    def open_dialog(self) -> None:
        paths, _ = QFileDialog.getOpenFileNames(
            self._bench.window.widget, tr("Open"), self._bench.settings.folder, file_filters.everything()
        )
        self._bench.commands.scene.open_each(paths)

    @Slot(str)
    def open_any(self, path: str) -> None:
        """A cloud, a bitstream, a sequence or a session."""
        if path.endswith(SUFFIX):
            self._bench.commands.session.open_session(path)
        else:
            self.open_path(path)

    def open_several(self, paths: list[str]) -> None:
        """Files that are the frames of a sequence, by their names, or any others, one by one."""
        if scene.are_frames(paths):
            self._bench.commands.sequence.open(paths)
        else:
            self._bench.commands.scene.open_each(paths)

    def open_path(
        self,
        path: str,
        otherwise: Callable[[], None] = lambda: None,
        read: ReadOptions | None = None,
        instead_of: CloudItem | None = None,
    ) -> bool:
        """Open a cloud, or decode a bitstream (beside the original, if it is one of it).

        Returns whether that began. The others as in `Wanted`; the user is asked for what the file does not
        say itself.
        """
        self._close_question()
        bench, opening = self._bench, tr("Opening {name}", name=Path(path).name)
        if frames.is_sequence(path):
            return bench.commands.sequence.open([path])
        if bench.wait_for_job(opening):
            return False
        if work.is_stream(path) and detail.may_be_large(path):
            return bench.commands.detail.open(path, opening)
        if work.is_stream(path):
            return bench.commands.codec.decode(path, opening)
        wanted = Wanted(path, read or ReadOptions(), instead_of, otherwise)
        return bench.start(Opening(bench, wanted, self._ask).job())

    def _ask(self, wanted: Wanted, missing: Missing) -> None:
        """Ask what a file does not say, then open it."""
        kind = MeshQuestion if missing == "mesh" else FieldsQuestion
        question = kind(self._bench.window.widget, wanted.name)

        def answered(options: ReadOptions | None) -> None:
            self._question = None
            if options is None:
                self._bench.said.emit(tr("{name} was not opened", name=wanted.name))
                wanted.otherwise()
            else:
                self.open_path(wanted.path, wanted.otherwise, options, wanted.instead_of)

        question.answered = answered
        self._bench.said.emit(question.words.text())
        self._question = question
        question.show()

    def _close_question(self) -> None:
        if self._question is not None:
            self._question.close()

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
                "Open point clouds, bitstreams or a session beside what is open",
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
                "Close all",
                "File",
                cls.close_session,
                "Close all clouds, bitstreams and sequences; the panel Scene closes single ones",
                "Ctrl+W",
                lambda s: not_busy(s) or has_anything(s),
                separator=True,
                order=30,
            ),
        ]
