"""Actions that compare: two clouds, and two bitstreams of one cloud."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog, QWidget

from octavox.gui.base.i18n import tr
from octavox.gui.document import text
from octavox.gui.document.session import CloudEntry, StreamBlocks
from octavox.gui.jobs import work

from .workbench import Workbench

APART = 5  # niceness of work in a process of its own: it takes no turns of this one's interpreter


class Analysis(QObject):
    def __init__(self, workbench: Workbench, window: QWidget) -> None:
        super().__init__(workbench)
        self._workbench, self._session, self._window = workbench, workbench.session, window
        workbench.results[work.Compared] = self._show_comparison
        workbench.results[StreamBlocks] = self._show_other
        workbench.results[work.PartDecoded] = self._show_part

    def compare(self) -> None:
        """Measure the decoded cloud against the original."""
        s = self._session
        if s.original is not None and s.decoded is not None:
            job = partial(work.compare_clouds, s.original.display.cloud, s.decoded.display.cloud)
            self._workbench.start("Compare", tr("Comparing the clouds"), job, niceness=APART)

    def _show_comparison(self, done: work.Compared, elapsed: float) -> None:
        with self._session.together():
            self._session.set_comparison(done.comparison, done.differences)
            self._workbench.set_cloud_mode("d1")
        report = done.comparison.report
        psnr = report.d1.psnr
        words = tr("no point differs") if psnr is None else f"D1 {text.fixed(psnr, 2)} dB"
        said = tr("Compared: {words}; in {time}", words=words, time=text.duration(elapsed))
        self._workbench.said.emit(said)

    def compare_streams_dialog(self) -> None:
        path, _ = QFileDialog.getOpenFileName(
            self._window,
            tr("Compare with a bitstream"),
            self._workbench.settings.folder,
            f"{tr('Octavox bitstreams')} (*.ovx)",
        )
        if path:
            self.compare_streams(path)

    def compare_streams(self, path: str) -> None:
        """Decode a second bitstream for its blocks alone."""
        job = partial(work.read_blocks, path, self._session.options)
        self._workbench.start(tr("Compare bitstreams"), tr("Reading {name}", name=Path(path).name), job)

    def _show_other(self, other: StreamBlocks, elapsed: float) -> None:
        self._session.set_other(other)
        said = tr("Read {n} blocks of {name}", n=text.count(len(other.blocks)), name=other.label)
        self._workbench.said.emit(said)

    def decode_part(self) -> None:
        """Decode the slice that holds the selected block, and nothing else."""
        s = self._session
        if s.stream is not None and s.view.selected is not None:
            number = int(s.blocks.slice[s.view.selected])
            job = partial(work.decode_slice, s.stream.data, number, s.options)
            self._workbench.start(tr("Decode a part"), tr("Decoding slice {n}", n=number), job)

    def _show_part(self, part: work.PartDecoded, elapsed: float) -> None:
        """The slice takes the place of the decoded cloud."""
        s = self._session
        with s.together():
            s.set_certificate(None)
            s.set_decoded(CloudEntry(part.display, tr("slice {n}", n=part.slice)))
        self._workbench.said.emit(
            tr(
                "Decoded slice {n}: {points} points from {size} in {time}",
                n=part.slice,
                points=text.count(len(part.display)),
                size=text.size(part.bytes),
                time=text.duration(elapsed),
            )
        )
