"""Restoring many items: opens the files of a saved scene one after the other, then shows what was shown."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Slot

from octavox.gui.base.i18n import tr
from octavox.gui.document import scene
from octavox.gui.document.events import Event, JobChanged
from octavox.gui.document.items import VIEWS, CloudItem, StreamItem
from octavox.gui.document.saved_scene import SavedItem, SavedScene

from .autosave import Autosave
from .workbench import Workbench


class SceneRestoration(QObject):
    """Each file is a job; the end of one begins the next. A file that cannot be opened is left out."""

    def __init__(self, bench: Workbench, autosave: Autosave) -> None:
        super().__init__(bench)
        self._bench, self._session, self._autosave = bench, bench.session, autosave
        self._steps: list[Callable[[], object]] = []
        self._clouds: dict[int, CloudItem] = {}  # by place in the scene
        self._streams: dict[tuple[int, int], StreamItem] = {}
        self._then: Callable[[], None] = lambda: None
        self.running = False
        self.missing: list[str] = []  # names of files that could not be opened
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(0)
        self._soon.timeout.connect(self._go_on)
        bench.session.events.subscribe(self._job_changed, JobChanged)

    def begin(self, saved: SavedScene, then: Callable[[], None]) -> None:
        """Open all; then: called when they are shown as they were."""
        self._clouds, self._streams, self.missing, self._then = {}, {}, [], then
        self._steps, self.running = [], True
        for place, item in enumerate(saved.items):
            if item.sequence:
                self._steps += [partial(self._open_sequence, item), partial(self._open_other, item)]
                self._steps.append(partial(self._took_sequence, item))
                continue
            self._steps.append(self._session.leave)
            if item.cloud:
                self._steps += [partial(self._open_cloud, item), partial(self._took_cloud, item, place)]
            for k, (path, label) in enumerate(item.streams):
                self._steps.append(partial(self._open_stream, place, path))
                self._steps.append(partial(self._took_stream, (place, k), path, label))
        self._steps.append(partial(self._show, saved))
        self._soon.start()

    def _job_changed(self, event: Event) -> None:
        if self.running and self._session.job is None:
            self._soon.start()

    @Slot()
    def _go_on(self) -> None:
        """Take steps until one begins a job, or the user is asked about a file."""
        while self.running and not self._bench.busy and not self._bench.commands.file.asking:
            if not self._steps:
                self.running = False
                self._then()
                return
            self._steps.pop(0)()

    def _open_cloud(self, item: SavedItem) -> None:
        self._bench.commands.file.open_path(item.cloud, otherwise=self._soon.start, read=item.read)

    def _took_cloud(self, item: SavedItem, place: int) -> None:
        cloud = self._session.original
        if cloud is None:
            self.missing.append(Path(item.cloud).name)
            return
        self._clouds[place] = cloud
        cloud.label, cloud.ink = item.label or cloud.label, item.ink

    def _open_stream(self, place: int, path: str) -> None:
        cloud = self._clouds.get(place)
        if cloud is not None and self._session.original is not cloud:
            scene.choose(self._session, "A", cloud)
        opening = tr("Opening {name}", name=Path(path).name)
        if self._autosave.has_left(path):
            if Path(path).is_file():
                self._bench.commands.codec.open_unsaved(Path(path).read_bytes())
        else:
            self._bench.commands.codec.decode(path, opening)

    def _took_stream(self, place: tuple[int, int], path: str, label: str) -> None:
        stream = self._session.stream
        if stream is None or stream in self._streams.values():
            self.missing.append(Path(path).name)
            return
        self._streams[place] = stream
        stream.label = label

    def _open_sequence(self, item: SavedItem) -> None:
        self._bench.commands.sequence.open(list(item.sequence), item.frame)

    def _open_other(self, item: SavedItem) -> None:
        if item.other_sequence and self._session.timeline is not None:
            self._bench.commands.sequence.open_other(list(item.other_sequence))

    def _took_sequence(self, item: SavedItem) -> None:
        found = [one for one in self._session.items.sequences if one.timeline is self._session.timeline]
        for one in found:
            one.label = item.label or one.label

    def _show(self, saved: SavedScene) -> None:
        """The views and the current bitstream as they were. A sequence that was shown opened last."""
        session = self._session
        if session.timeline is not None and "A" not in saved.views:
            return
        with session.together():
            for view in VIEWS[::-1]:
                session.show(view, None)
            current = None if saved.current is None else self._streams.get(saved.current)
            for view in VIEWS:
                cloud = self._cloud_at(saved.views.get(view))
                if cloud is not None:
                    scene.choose(session, view, cloud)
            if current is not None and current is not session.stream:
                scene.take_up(session, current)

    def _cloud_at(self, place: tuple[int, int] | None) -> CloudItem | None:
        if place is None:
            return None
        stream = self._streams.get((place[0], place[1]))
        return (
            self._clouds.get(place[0])
            if place[1] < 0 or stream is None
            else scene.decoded_of(self._session, stream)
        )

    def shut(self) -> None:
        self._soon.stop()
        self.running = False
