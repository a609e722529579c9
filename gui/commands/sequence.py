"""Opening sequences, moving through their frames, compressing all of them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QFileDialog

from octavox.gui.base import file_filters
from octavox.gui.base.action_spec import (
    ActionSpec,
    can_go_back,
    can_go_on,
    can_move,
    can_play,
    has_cloud,
    has_sequence,
    not_busy,
)
from octavox.gui.base.i18n import several, tr
from octavox.gui.document import text
from octavox.gui.document.advice import explain
from octavox.gui.document.items import SequenceItem, ViewName
from octavox.gui.document.timeline import MEGABYTE, FrameCache, Timeline
from octavox.gui.jobs import frames
from octavox.gui.jobs.job import Job
from octavox.gui.widgets.save_dialog import ask_where

from .command_set import CommandSet
from .file import face
from .player import Player
from .workbench import Workbench

Shown = Callable[[frames.Opened, float], None]


class SequenceCommands(CommandSet):
    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench)
        self.player = Player(bench)

    # -- opening -------------------------------------------------------------------------------------

    def open_dialog(self) -> None:
        paths = self._ask(tr("Open sequence"))
        if paths:
            self.open(paths)

    def open_folder_dialog(self) -> None:
        title = tr("Open folder as sequence")
        path = QFileDialog.getExistingDirectory(self._bench.window.widget, title, self._bench.settings.folder)
        if path:
            self.open([path])

    def open_other_dialog(self) -> None:
        paths = self._ask(tr("Open second sequence (B)"))
        if paths:
            self.open_other(paths)

    def _ask(self, title: str) -> list[str]:
        paths, _ = QFileDialog.getOpenFileNames(
            self._bench.window.widget, title, self._bench.settings.folder, file_filters.frames()
        )
        return paths

    def open(self, paths: list[str], frame: int = 0) -> bool:
        """Open an .ovx of several frames, a folder, a pattern, or several files; whether that began."""
        doing = self._doing(paths)
        if self._bench.wait_for_job(doing):
            return False
        return self._begin(paths, frame, doing, self._show)

    def open_other(self, paths: list[str]) -> bool:
        """Open a second sequence, whose frames view B shows beside those of the first."""
        timeline = self._session.timeline
        if timeline is None:
            return False
        return self._begin(paths, timeline.frame, self._doing(paths), partial(self._show_other, timeline))

    def _begin(self, paths: list[str], frame: int, doing: str, show: Shown) -> bool:
        self.player.play(False)
        session = self._session
        reading = frames.Reading(session.kept.depth, session.options)
        work = partial(frames.open_sequence, tuple(paths), frame, reading)
        return self._bench.start(Job(doing, doing, work, show, niceness=None if session.reference else 0))

    @staticmethod
    def _doing(paths: list[str]) -> str:
        first = Path(paths[0])
        return tr("Opening {name}", name=first.name if len(paths) == 1 else f"{first.name} …")

    def _show(self, opened: frames.Opened, seconds: float) -> None:
        """The views show the sequence; all that was open stays open."""
        session, bench, track = self._session, self._bench, opened.track
        bench.undo_stack.clear()
        timeline = Timeline(track, cache=FrameCache(bench.settings.frame_memory), frame=opened.number)
        timeline.cache.put(("A", opened.number), opened.frame)
        self._note_faults(timeline, opened, "A")
        with session.together():
            session.leave()
            face(session, opened.frame.item.display)
            session.items.add(SequenceItem(timeline, track.name))
            self.player.take(timeline)
        bench.fit_wanted.emit(None)
        if len(track.sources) == 1:
            bench.remember(track.sources[0])
        dock = bench.window.docks["Timeline"]
        dock.show()
        dock.raise_()
        self._say_opened(opened, seconds)

    def _show_other(self, timeline: Timeline, opened: frames.Opened, seconds: float) -> None:
        if timeline is not self._session.timeline:
            opened.track.sequence.close()
            return
        old, timeline.b = timeline.b, opened.track
        if old is not None:
            old.sequence.close()
        self._note_faults(timeline, opened, "B")
        self.player.read_anew("B")
        self._say_opened(opened, seconds)

    def _note_faults(self, timeline: Timeline, opened: frames.Opened, view: ViewName) -> None:
        for number, error in opened.faults.items():
            showing = tr("Showing {name}", name=opened.track.label(number))
            timeline.faults[view, number] = explain(error, showing)

    def _say_opened(self, opened: frames.Opened, seconds: float) -> None:
        n = len(opened.track)
        words = several(
            n,
            "Opened {name}: {n} frame in {time}",
            "Opened {name}: {n} frames in {time}",
            name=opened.track.name,
            n=text.count(n),
            time=text.duration(seconds),
        )
        self._bench.said.emit(words)
        for number in opened.faults:
            timeline = self._session.timeline
            fault = None if timeline is None else timeline.fault(number)
            if fault is not None:
                self._bench.fail(fault)
                return

    def show(self, item: SequenceItem) -> None:
        """Show an open sequence, at the frame that it was left at."""
        if self._session.timeline is item.timeline:
            return
        self._bench.undo_stack.clear()
        with self._session.together():
            self._session.leave()
            self.player.take(item.timeline)

    # -- moving --------------------------------------------------------------------------------------

    @Slot(int)
    def seek(self, number: int) -> None:
        """Show a frame."""
        if self._session.job is None:
            self.player.seek(number)

    def _by(self, frames: int) -> None:
        timeline = self._session.timeline
        if timeline is not None:
            self.player.play(False)
            self.seek(timeline.frame + frames)

    def next(self) -> None:
        """One frame on."""
        self._by(1)

    def previous(self) -> None:
        """One frame back."""
        self._by(-1)

    def first(self) -> None:
        self.seek(0)

    def last(self) -> None:
        timeline = self._session.timeline
        if timeline is not None:
            self.seek(len(timeline) - 1)

    def toggle_playing(self) -> None:
        timeline = self._session.timeline
        if timeline is not None:
            self.player.play(not timeline.playing)

    def toggle_loop(self) -> None:
        timeline = self._session.timeline
        if timeline is not None:
            self.player.set_loop(not timeline.loop)

    def toggle_ghost(self) -> None:
        self._bench.change_view("ghost", ghost=not self._session.view.ghost)

    def toggle_motion(self) -> None:
        self._bench.change_view("motion vectors", motion=not self._session.view.motion)

    @Slot(int)
    def set_rate(self, rate: int) -> None:
        """Frames a second."""
        self.player.set_rate(rate)

    @Slot(int)
    def set_memory(self, megabytes: int) -> None:
        """Of decoded frames."""
        self._bench.settings.frame_memory = megabytes * MEGABYTE
        self.player.set_limit(megabytes * MEGABYTE)

    def read_anew(self) -> None:
        """The frames are wanted on another grid."""
        self.player.read_anew()

    # -- compressing ---------------------------------------------------------------------------------

    def compress(self, path: str | None = None) -> bool:
        """Compress all frames of the first sequence into one file; whether that began."""
        session, timeline = self._session, self._session.timeline
        if timeline is None or self._bench.wait_for_job(tr("Compress")):
            return False
        if path is None:
            title, kind = tr("Save compressed sequence"), tr("Octavox bitstream")
            path = ask_where(self._bench.window.widget, title, self._suggested(timeline), kind, (".ovx",))
        if path is None:
            return False
        work = partial(frames.compress_sequence, timeline.a.sequence, path, session.kept, session.options)
        doing = tr("Compressing {name}", name=timeline.a.name)
        return self._bench.start(Job("Compress", doing, work, self._say_written, writes=True, costly=True))

    @staticmethod
    def _suggested(timeline: Timeline) -> str:
        """Beside the frames, and no file that is one."""
        first = Path(timeline.a.sources[0])
        stem = first.name if first.is_dir() else first.stem.rstrip("0123456789%d*?_-.") or "sequence"
        path = first.resolve().with_name(f"{stem}.ovx")
        return str(path.with_stem(f"{stem}_compressed") if path.exists() else path)

    def _say_written(self, done: frames.SequenceWritten, seconds: float) -> None:
        words = several(
            done.frames,
            "Compressed {n} frame to {size} in {time}: {path}",
            "Compressed {n} frames to {size} in {time}: {path}",
            n=text.count(done.frames),
            size=text.size(done.bytes),
            time=text.duration(seconds),
            path=done.path,
        )
        if done.lost:
            words += "; " + tr("not stored: {names}", names=done.lost)
        self._bench.said.emit(words)

    def shut(self) -> None:
        self.player.shut()

    @classmethod
    def actions(cls) -> list[ActionSpec]:
        return [*cls._file_actions(), *cls._frame_actions()]

    @classmethod
    def _file_actions(cls) -> list[ActionSpec]:
        return [
            ActionSpec(
                "open_sequence",
                "Open sequence…",
                "File",
                cls.open_dialog,
                "Open an .ovx of several frames, or several clouds that are the frames of a sequence",
                "Ctrl+Shift+O",
                not_busy,
                separator=True,
                order=5,
            ),
            ActionSpec(
                "open_sequence_folder",
                "Open folder as sequence…",
                "File",
                cls.open_folder_dialog,
                "Open the clouds of a folder as the frames of a sequence, in the order of the numbers in "
                "their names",
                enabled=not_busy,
                order=5,
            ),
            ActionSpec(
                "open_other_sequence",
                "Open second sequence (B)…",
                "File",
                cls.open_other_dialog,
                "Show the frames of a second sequence beside those of the first",
                enabled=can_move,
                order=5,
            ),
        ]

    @classmethod
    def _frame_actions(cls) -> list[ActionSpec]:
        menu = "View/Frames"
        specs = [
            ActionSpec(key, name, menu, run, tip, shortcut, reason, order=36)
            for key, name, run, tip, shortcut, reason in (
                ("frame_first", "First frame", cls.first, "Show the first frame", "Ctrl+Home", can_go_back),
                (
                    "frame_previous",
                    "Previous frame",
                    cls.previous,
                    "Show the frame before",
                    ",",
                    can_go_back,
                ),
                ("frame_next", "Next frame", cls.next, "Show the next frame", ".", can_go_on),
                ("frame_last", "Last frame", cls.last, "Show the last frame", "Ctrl+End", can_go_on),
            )
        ]
        return [
            ActionSpec(
                "frame_play",
                "Play",
                menu,
                cls.toggle_playing,
                "Play the sequence; frames that are not decoded in time are left out",
                "Ctrl+Space",
                can_play,
                check=lambda s: s.timeline is not None and s.timeline.playing,
                order=36,
            ),
            *specs,
            ActionSpec(
                "frame_loop",
                "Loop",
                menu,
                cls.toggle_loop,
                "Begin again after the last frame",
                enabled=has_sequence,
                check=lambda s: s.timeline is not None and s.timeline.loop,
                order=36,
            ),
            ActionSpec(
                "frame_ghost",
                "Ghost",
                menu,
                cls.toggle_ghost,
                "Draw the frame before in grey under the shown one",
                "Shift+G",
                lambda s: has_sequence(s) or has_cloud(s),
                check=lambda s: s.view.ghost,
                separator=True,
                order=36,
            ),
            ActionSpec(
                "frame_motion",
                "Motion vectors",
                menu,
                cls.toggle_motion,
                "Draw arrows from where the blocks of a frame were in the frame before, where it is coded so",
                "Shift+M",
                lambda s: has_sequence(s) or has_cloud(s),
                check=lambda s: s.view.motion,
                short="Arrows",
                order=36,
            ),
        ]
