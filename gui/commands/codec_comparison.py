"""The same cloud under two or three codecs, compressed and decoded in turn and shown side by side."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QTimer, Slot
from PySide6.QtWidgets import QDialog

from octavox.gui.base.action_spec import ActionSpec, can_compare_codecs
from octavox.gui.base.i18n import tr
from octavox.gui.document import scene, text
from octavox.gui.document.colour_modes import BY_BLOCK
from octavox.gui.document.events import Event, JobChanged
from octavox.gui.document.forecast import rate_key, seconds_for
from octavox.gui.document.items import VIEWS, CloudItem, StreamItem
from octavox.gui.jobs.job import Failure, Job
from octavox.gui.widgets.codec_choice import CodecChoice

from .coding import Compression, Decoding
from .command_set import CommandSet
from .workbench import Workbench


class CodecComparison(CommandSet):
    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench)
        self._cloud: CloudItem | None = None  # that is being compared; None: nothing is
        self._left: list[str] = []  # codecs that have not begun
        self._chosen = ""  # the codec of the panel
        self._done: list[StreamItem] = []
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self._go_on)
        bench.session.events.subscribe(self._job_changed, JobChanged)
        bench.jobs.failed.connect(self._job_failed)

    @property
    def running(self) -> bool:
        return self._cloud is not None

    def compare_codecs_dialog(self) -> None:
        session = self._session
        if session.original is None:
            return
        times = {}
        for name in self._bench.known_codecs:
            options = replace(session.options, codec=name)
            rate = session.rates.get(rate_key(options))
            seconds = seconds_for(options, len(session.original.display), rate, True)
            times[name] = tr("about {time}", time=text.duration(seconds))
        dialog = CodecChoice(self._bench.window.widget, times, len(VIEWS) - 1)
        if dialog.exec() == QDialog.DialogCode.Accepted:
            self.compare_codecs(dialog.chosen)

    def compare_codecs(self, names: list[str]) -> None:
        """Compress and decode the cloud of view A with each codec, with the other options as they are."""
        cloud = self._session.original
        if cloud is None or self._bench.wait_for_job(tr("Compare codecs")):
            return
        self._cloud, self._left, self._done = cloud.root, list(names), []
        self._chosen = self._session.options.codec
        self._soon.start()

    def _job_changed(self, event: Event) -> None:
        if self._cloud is not None and self._session.job is None:
            self._soon.start()

    @Slot(object, object)
    def _job_failed(self, job: Job, failure: Failure) -> None:
        """What is done stays open; the error bar says what went wrong."""
        self._end()

    @Slot()
    def _go_on(self) -> None:
        """The job before has ended: decode its bitstream, or begin with the next codec."""
        session, cloud, stream = self._session, self._cloud, self._session.stream
        if cloud is None or self._bench.busy:
            return
        if cloud not in session.items:
            self._end()
        elif stream is not None and stream.of is cloud and self._done and stream is self._done[-1]:
            self._show()
            self._begin_next(cloud)
        elif self._begun and stream is not None and stream.of is cloud and stream not in self._done:
            self._done.append(stream)
            self._bench.start(
                Decoding(self._bench, stream.data, tr("Decoding {name}", name=stream.codec)).job()
            )
        else:
            self._begin_next(cloud)

    _begun = False  # a codec has begun

    def _begin_next(self, cloud: CloudItem) -> None:
        if not self._left:
            self._end()
            return
        session, self._begun = self._session, True
        session.set_options(codec=self._left.pop(0))
        if session.original is not cloud:
            scene.choose(session, "A", cloud)
        with session.together():
            self._bench.start(Compression(self._bench, cloud).job())

    def _show(self) -> None:
        """The clouds that were decoded so far, each in a view, coloured by what its blocks cost."""
        session = self._session
        found = [(stream, scene.decoded_of(session, stream)) for stream in self._done]
        clouds = [(stream, cloud) for stream, cloud in found if cloud is not None]
        self._bench.undo_stack.clear()
        with session.together():
            for stream, cloud in clouds:
                cloud.label = f"{self._cloud.label if self._cloud else ''} · {stream.codec}"
            if len(clouds) > 1:
                for view in VIEWS[1:]:
                    session.show(view, None)
                for view, (_, cloud) in zip(VIEWS, clouds, strict=False):
                    scene.choose(session, view, cloud)
            panes = max(session.view.panes, 4 if len(clouds) > 2 else 2)
            session.set_view(cloud_mode=BY_BLOCK, panes=panes, own_scales={})  # all on one scale
        self._bench.fit_wanted.emit(None)

    def _end(self) -> None:
        if self._cloud is not None:
            self._cloud, self._left, self._begun = None, [], False
            self._session.set_options(codec=self._chosen)
            sizes = [f"{stream.codec} {text.size(len(stream.data))}" for stream in self._done]
            if sizes:
                self._bench.said.emit(tr("Compared codecs: {sizes}", sizes=", ".join(sizes)))

    @classmethod
    def actions(cls) -> list[ActionSpec]:
        return [
            ActionSpec(
                "compare_codecs",
                "Compare codecs…",
                "Analyse",
                cls.compare_codecs_dialog,
                "Compress and decode this cloud with two or three codecs, and show them side by side",
                "Ctrl+Shift+K",
                can_compare_codecs,
            )
        ]

    def shut(self) -> None:
        self._soon.stop()
        self._cloud = None
