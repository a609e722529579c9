"""What the actions do: changes the session, starts jobs, and puts their results into the session."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal, Slot

from octavox import codec, resources
from octavox.codec import BlockTable
from octavox.gui.base.i18n import several, tr
from octavox.gui.base.settings import Settings
from octavox.gui.document import text
from octavox.gui.document.advice import Explanation, explain
from octavox.gui.document.blocks import same_blocks
from octavox.gui.document.camera import Camera
from octavox.gui.document.colour_modes import BY_BLOCK
from octavox.gui.document.display import CloudDisplay
from octavox.gui.document.forecast import learned, rate_key
from octavox.gui.document.job_state import JobState, Update
from octavox.gui.document.looking import FirstLook, facing
from octavox.gui.document.session import Bitstream, CloudEntry, Session
from octavox.gui.document.surprise import Surprise
from octavox.gui.jobs import work
from octavox.gui.jobs.runner import Failure, JobRunner, Work
from octavox.gui.rendering.shader import Shader

from .view import ViewVerbs

SAMPLE = "samples/spot_vox8.ply"
SAMPLE_VIEW = (150.0, 18.0)  # azimuth and elevation that show its face


class Workbench(ViewVerbs):
    """The verbs of the window, free of widgets. Dialogs and views live in the main window."""

    said = Signal(str)  # one line for the job bar and the log
    failed = Signal(object)  # Explanation
    filling = Signal()  # voxels of a decoder are to come
    voxels = Signal(object)  # (n, 3) int32
    filled = Signal()  # the job ended early: what it showed goes
    looked = Signal(object)  # FirstLook at a file that is being opened
    stop_wanted = Signal()  # what runs on the GUI thread is cancelled: a video

    def __init__(self, session: Session, settings: Settings, parent: QObject | None = None) -> None:
        super().__init__(session, parent)
        self.settings = settings
        self.jobs = JobRunner(self)
        self.jobs.started.connect(self._job_started)
        self.jobs.updated.connect(self._job_updated)
        self.jobs.finished.connect(self._job_finished)
        self.jobs.failed.connect(self._job_failed)
        self.shader = Shader(session, self)
        # What is done with a job's result, by its type; the job's seconds come with it.
        self.results: dict[type, Callable[[Any, float], None]] = {
            work.OpenedCloud: self._show_cloud,
            work.Compressed: self._show_compressed,
            work.Decompressed: self._show_decompressed,
            Surprise: self._show_surprise,
        }
        self.asks: Callable[[], bool] = lambda: True  # whether an unsaved bitstream may go
        self._doing = ""
        self._asking = False  # the running job asks the codec
        self._writing = False  # it writes a file
        self._opening = ""  # name of the file
        self._depth_before: tuple[int | None, ...] = ()  # while the open file is voxelized anew
        self.look: FirstLook | None = None  # at the file that is being opened
        self._ask_soon = QTimer(self)  # after whatever changes the session now
        self._ask_soon.setSingleShot(True)
        self._ask_soon.setInterval(0)
        self._ask_soon.timeout.connect(self._ask)
        session.changed.connect(self._session_changed)
        self._restore_blocks = BlockTable.empty()
        self._mode_before = ""  # of the points, while a compression shows its blocks
        self._keep_blocks = False  # the running job decodes the stream whose blocks are shown already
        session.rates = settings.rates()
        self.known_codecs = codec.codec_names()
        session.set_options(**settings.options())

    # -- jobs ----------------------------------------------------------------------------------------

    @property
    def busy(self) -> bool:
        """Whether a job runs, or a video is made."""
        return self.jobs.busy or self.session.job is not None

    def start(
        self, title: str, doing: str, job: Work, niceness: int | None = None, writing: bool = False
    ) -> bool:
        """Run a job, as `JobRunner.start`; False, with a word to the user, while another one runs.

        writing: it writes a file, and where it fails that is what to give advice about.
        """
        if self.wait_for_job(tr(title)):
            return False
        self._doing, self._asking, self._writing = doing, False, writing
        self.look = None
        self.jobs.start(title, job, niceness)
        return True

    def wait_for_job(self, title: str) -> bool:
        """Whether another job runs, of which the user is told then."""
        if self.busy:
            self.said.emit(tr("{title} has to wait: another job is running", title=title))
        return self.busy

    def may_replace(self) -> bool:
        """Whether what is open may go; asks about a bitstream that was not saved."""
        stream = self.session.stream
        return stream is None or stream.saved or self.asks()

    @Slot(object)
    def _job_started(self, state: JobState) -> None:
        self.session.set_job(state)

    @Slot(object)
    def _job_updated(self, update: Update) -> None:
        if update.blocks and not self._keep_blocks:
            self.session.append_blocks(update.blocks)
        if update.coords:
            self.voxels.emit(np.concatenate(update.coords))
        if update.first_look is not None:
            self._show_first_look(update.first_look)
        self.session.changed.emit("progress")

    @Slot(object)
    def _job_finished(self, result: object) -> None:
        elapsed = self.session.job.elapsed if self.session.job else 0.0
        self.session.set_job(None)
        show = self.results.get(type(result))
        if show is not None:
            show(result, elapsed)

    @Slot(object)
    def _job_failed(self, failure: Failure) -> None:
        self.filled.emit()
        self.session.set_job(None)
        if self._depth_before:
            (self.session.depth,), self._depth_before = self._depth_before, ()
            self.session.changed.emit("options")
        if self.session.blocks_live:
            self.session.set_blocks(self._restore_blocks)
        self._mode_was_shown(kept=False)
        if self.look is not None:
            self.session.set_camera(self.look.before)
            self.look = None
        if self._asking and self.session.view.surprise:  # else it would be asked again at once
            self.session.set_view(surprise=False)
        if failure.cancelled:
            self.said.emit(tr("{doing} was cancelled; nothing was changed", doing=self._doing))
        else:
            self.fail(explain(failure.error, self._doing, failure.details, self._writing))

    def fail(self, explanation: Explanation) -> None:
        self.said.emit(explanation.title)
        self.failed.emit(explanation)

    def cancel(self) -> None:
        if self.jobs.busy:
            self.jobs.cancel()
            self.session.changed.emit("job")
        elif self.session.job is not None:
            self.stop_wanted.emit()

    # -- opening -------------------------------------------------------------------------------------

    def open_path(self, path: str) -> bool:
        """Open a cloud, or decode a bitstream (beside the original, if one is open); whether that began."""
        name = Path(path).name
        if self.wait_for_job(tr("Opening {name}", name=name)) or not self.may_replace():
            return False
        self._opening = name
        if Path(path).suffix.lower() == work.STREAM_SUFFIX:
            self._decode(path, tr("Opening {name}", name=name))
        else:
            job = partial(work.open_cloud, path, self.session.depth)
            doing = tr("Opening {name}", name=name)
            self.start(doing, doing, job, niceness=None if self.session.reference else 0)
        return True

    def open_sample(self) -> None:
        try:
            self.open_path(str(resources.find(SAMPLE)))
        except FileNotFoundError as error:
            self.fail(explain(error, tr("Opening the sample")))

    def _show_first_look(self, display: CloudDisplay) -> None:
        s, before = self.session, self.session.camera
        s.camera = facing(before, display)
        self.look = FirstLook(self._opening, display, before)
        self.looked.emit(self.look)
        self.fit_wanted.emit(None)
        self.look.fitted = s.camera

    def _show_cloud(self, opened: work.OpenedCloud, elapsed: float) -> None:
        s, self._depth_before = self.session, ()
        self.undo_stack.clear()
        name, voxels = Path(opened.path).name, opened.voxelization
        entry = CloudEntry(opened.display, name, opened.path, voxels, opened.source)
        with s.together():
            s.clear()
            moved = self.look.moved(s.camera, opened.display) if self.look else None
            self._face(opened.display, moved)
            self.look = None
            if opened.path == str(resources.find(SAMPLE)):
                s.camera = replace(s.camera, azimuth=SAMPLE_VIEW[0], elevation=SAMPLE_VIEW[1])
            s.set_original(entry)
        self._remember(opened.path)
        if moved is None:
            self.fit_wanted.emit(None)
        else:
            s.set_camera(moved)
        self.said.emit(
            several(
                len(entry.display),
                "Opened {name}: {n} point in {time}",
                "Opened {name}: {n} points in {time}",
                name=entry.label,
                n=text.count(len(entry.display)),
                time=text.duration(elapsed),
            )
        )

    def _face(self, display: CloudDisplay, camera: Camera | None = None) -> None:
        """Look at a newly opened cloud: from a corner, or through a camera."""
        self.session.camera = camera or facing(self.session.camera, display)
        if display.cloud.colors is None and self.session.view.cloud_mode == "rgb":
            self.session.set_view(cloud_mode="plain")

    def _remember(self, path: str) -> None:
        self.settings.add_recent(path)
        self.settings.folder = str(Path(path).resolve().parent)
        self.session.changed.emit("recent")

    def close_session(self) -> None:
        if self.may_replace():
            self.clear_session()

    def clear_session(self) -> None:
        """Close all without asking."""
        self.undo_stack.clear()
        with self.session.together():
            self.session.clear()
        self.said.emit(tr("Closed"))

    # -- compressing and decompressing ---------------------------------------------------------------

    def set_option(self, name: str, value: Any) -> None:
        if name == "depth":
            self._set_depth(value)
            return
        self.settings.set_option(name, value)
        self.session.set_options(**{name: value})

    def _set_depth(self, depth: int | None) -> None:
        """Take another voxel grid; the open file is voxelized anew."""
        s = self.session
        before, s.depth = s.depth, depth
        if s.original is not None and s.original.path is not None:
            if self.open_path(s.original.path):
                self._depth_before = (before,)  # should it fail
            else:
                s.depth = before
        s.changed.emit("options")

    def compress(self) -> None:
        s = self.session
        if s.original is None or self.busy:
            return
        name, source, depth = s.original.label, s.original.codable, s.original.display.cloud.depth
        doing = tr("Compressing {name}", name=name)
        with s.together():
            if s.view.cloud_mode != BY_BLOCK:  # the blocks are seen to fill in
                self._mode_before = s.view.cloud_mode
                s.set_view(cloud_mode=BY_BLOCK)
            self._begin_blocks()
            self.start("Compress", doing, partial(work.compress, source, depth, s.options))

    def _begin_blocks(self) -> None:
        """Empty the table for arriving rows; a job that fails gets the old rows back."""
        self._keep_blocks = False
        self._restore_blocks = self.session.blocks
        self.session.set_blocks(BlockTable.empty(), live=True)

    def _replace_blocks(self, blocks: BlockTable) -> None:
        """Take a job's blocks for those that were there before it."""
        if not same_blocks(self._restore_blocks, blocks):
            self.undo_stack.clear()  # its steps name rows of another table
        self.session.set_blocks(blocks)

    def _mode_was_shown(self, kept: bool) -> None:
        """A compression that showed its blocks is over; colours that the user chose meanwhile stay.

        kept: undo brings the old colours back; else they come by themselves.
        """
        s, mode, self._mode_before = self.session, self._mode_before, ""
        if mode and s.view.cloud_mode == BY_BLOCK:
            s.set_view(cloud_mode=mode)
            if kept:
                self.set_cloud_mode(BY_BLOCK)

    def _show_compressed(self, done: work.Compressed, elapsed: float) -> None:
        s, result = self.session, done.result
        self._learn(len(result.cloud), sum(result.report.seconds.values()))  # without compiling
        with s.together():
            s.encode_report, s.decode_report = result.report.to_dict(), None
            s.set_decoded(None)
            s.set_certificate(None)
            s.set_stream(Bitstream(result.data, codec=result.report.codec))
            self._replace_blocks(result.blocks)
            self._mode_was_shown(kept=True)
        size, rate = text.count(len(result.data)), 8 * len(result.data) / max(1, len(result.cloud))
        said = tr("Compressed to {size} bytes, {rate} bpov, in {time}")
        self.said.emit(said.format(size=size, rate=text.fixed(rate, 4), time=text.duration(elapsed)))

    def _learn(self, points: int, seconds: float) -> None:
        """Remember the pace, for the next forecast."""
        key = rate_key(self.session.options)
        rate = learned(self.settings.rate(key), points, seconds)
        self.settings.set_rate(key, rate)
        self.session.rates[key] = rate
        self.session.changed.emit("options")

    def decompress(self) -> None:
        s = self.session
        if s.stream is None:
            return
        source = s.stream.path if s.stream.path else s.stream.data
        name = s.original.label if s.original else tr("the bitstream")
        self._decode(source, tr("Decompressing {name}", name=name))

    def open_unsaved(self, data: bytes) -> None:
        """Decode a bitstream that is in no file of the user's."""
        self._decode(data, tr("Opening {name}", name=tr("the bitstream")))

    def _decode(self, source: bytes | str, doing: str) -> None:
        if self.wait_for_job(doing):
            return
        s = self.session
        original = s.original.display if s.original else None
        self._keep_blocks = s.stream is not None and source in (s.stream.data, s.stream.path)
        if not self._keep_blocks:
            self._begin_blocks()
        self.filling.emit()
        self.start("Decompress", doing, partial(work.decompress, source, original, s.options))

    def _show_decompressed(self, done: work.Decompressed, elapsed: float) -> None:
        s, result = self.session, done.result
        label = Path(done.path).name if done.path else tr("decoded")
        entry = CloudEntry(done.display, label, done.path)
        with s.together():
            s.decode_report = result.report.to_dict()
            if s.stream is None or s.stream.data != done.data:
                s.encode_report = None
                s.set_stream(Bitstream(done.data, done.path, result.report.codec))
            if s.original is None:
                self._face(entry.display)
            if not self._keep_blocks or not same_blocks(s.blocks, result.blocks):
                # Else those of the encoder stay: it also knows what it did not choose.
                self._replace_blocks(result.blocks)
            s.set_decoded(entry, done.overlap)
            s.set_certificate(done.certificate)
        if done.path:
            self._remember(done.path)
        if s.original is None:
            self.fit_wanted.emit(None)
        n, time = len(entry.display), text.duration(elapsed)
        said = several(
            n, "Decoded {n} point in {time}", "Decoded {n} points in {time}", n=text.count(n), time=time
        )
        self.said.emit(said)

    # -- surprise ------------------------------------------------------------------------------------

    def toggle_surprise(self) -> None:
        self.change_view("surprise", surprise=not self.session.view.surprise)

    def _session_changed(self, topic: str) -> None:
        if topic in ("view", "job") and self.session.surprise_due:
            self._ask_soon.start()

    @Slot()
    def _ask(self) -> None:
        """Ask the codec about the selected block; a running job's end brings the question up again."""
        s = self.session
        row, entry = s.view.selected, s.reference
        if self.busy or not s.surprise_due or row is None or entry is None or s.stream is None:
            return
        block = s.blocks.place(row)
        job = partial(work.ask, entry.display.cloud, block, s.stream.data, s.options)
        self._asking = self.start("Surprise", tr("Asking the codec about block #{n}", n=row), job)

    def _show_surprise(self, known: Surprise, elapsed: float) -> None:
        self.session.set_surprise(known)
        self.said.emit(
            tr(
                "Occupied voxels of the block at {place} cost {bits} bits each; asked in {time}",
                place=text.triple(known.origin),
                bits=text.fixed(known.mean_bits, 3),
                time=text.duration(elapsed),
            )
        )

    def shut(self) -> None:
        """Cancel and join the running job."""
        self._ask_soon.stop()
        self.shader.shut()
        self.jobs.shut()
        self.session.job = None
