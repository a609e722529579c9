"""Videos: of one turn around the cloud, and of the frames of a sequence. Made on the GUI thread."""

from __future__ import annotations

from PySide6.QtCore import Slot

from octavox.codec import CancelledError, InputError
from octavox.gui.base.action_spec import ActionSpec, can_film, can_play
from octavox.gui.base.i18n import tr
from octavox.gui.document.events import JobProgressed
from octavox.gui.document.job_state import JobState, Update
from octavox.gui.jobs.video_file import SUFFIXES
from octavox.gui.rendering.film import Film, Shots, orbit
from octavox.gui.widgets.save_dialog import ask_where

from .command_set import CommandSet
from .saving import fail_saving, say_saved
from .workbench import Workbench


class VideoCommands(CommandSet):
    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench)
        self._film: Film | None = None
        self._path = ""

    def turntable(self, path: str | None = None) -> None:
        """Make a video of one turn around the cloud."""
        view = self._bench.window.viewport
        self._make(path, orbit(self._session, view.complete, view.image, view.settle))

    def sequence(self, path: str | None = None) -> None:
        """Make a video of all frames of the open sequence, at the pace at which it is played."""
        timeline = self._session.timeline
        if timeline is not None:
            self._make(path, self._frames())

    def _frames(self) -> Shots:
        session, view = self._session, self._bench.window.viewport
        player, timeline = self._bench.commands.sequence.player, session.timeline
        assert timeline is not None
        first = timeline.frame

        def ready() -> bool:
            fault = timeline.fault(timeline.frame)
            if fault is not None:
                raise InputError(f"frame {timeline.frame} cannot be shown: {fault.title}")
            return timeline.shown == timeline.frame and not player.busy and view.complete()

        return Shots(len(timeline), player.seek, ready, view.image, lambda: player.seek(first), timeline.rate)

    def _make(self, path: str | None, shots: Shots) -> None:
        if path is None:
            suggestion = self._session.suggested_path(SUFFIXES[0])
            parent, title, kind = self._bench.window.widget, tr("Save video"), tr("Video")
            path = ask_where(parent, title, suggestion, kind, SUFFIXES)
            if path is None:
                return
        try:
            film = Film(path, shots)
        except Exception as error:
            fail_saving(self._bench, path, error)
            return
        film.stepped.connect(self._stepped)
        film.ended.connect(self._ended)
        self._film, self._path = film, path
        self._bench.occupy(JobState("Video", background=False), film.stop)
        film.start()

    @Slot(int, int)
    def _stepped(self, done: int, total: int) -> None:
        if self._session.job is not None:
            self._session.job.apply(Update("video", done, total))
            self._session.publish(JobProgressed())

    @Slot(object)
    def _ended(self, error: BaseException | None) -> None:
        self._bench.release()
        if isinstance(error, CancelledError):
            self._bench.said.emit(tr("The video was cancelled; no file was written"))
        elif error is not None:
            fail_saving(self._bench, self._path, error)
        else:
            say_saved(self._bench, self._path)

    def shut(self) -> None:
        if self._film is not None:
            self._film.stop()

    @classmethod
    def actions(cls) -> list[ActionSpec]:
        return [
            ActionSpec(
                "turntable",
                "Turntable video…",
                "File/Export",
                cls.turntable,
                "Save a video of one turn around the cloud: OGV, WebP, GIF, or MP4, which needs PyAV "
                "(pip install 'octavox[video]')",
                enabled=can_film,
                order=10,
            ),
            ActionSpec(
                "sequence_video",
                "Video of the sequence…",
                "File/Export",
                cls.sequence,
                "Save a video of all frames at the pace at which they are played: OGV, WebP, GIF, or MP4, "
                "which needs PyAV (pip install 'octavox[video]')",
                enabled=can_play,
                order=10,
            ),
        ]
