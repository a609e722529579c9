"""Actions that compare: two clouds, and two bitstreams of one cloud."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog, QWidget

from ..model import text, work
from ..model.session import CloudEntry, StreamBlocks
from ..workbench import Workbench

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
            self._workbench.start("Compare", "Comparing the clouds", job, niceness=APART)

    def _show_comparison(self, done: work.Compared, elapsed: float) -> None:
        self._session.set_comparison(done.comparison, done.differences)
        report = done.comparison.report
        psnr = report.d1.psnr
        words = "no point differs" if psnr is None else f"D1 {psnr:.2f} dB"
        self._workbench.said.emit(f"Compared: {words}; in {text.duration(elapsed)}")
        self._workbench.set_cloud_mode("d1")

    def compare_streams_dialog(self) -> None:
        path, _ = QFileDialog.getOpenFileName(
            self._window,
            "Compare with a bitstream",
            self._workbench.settings.folder,
            "Octavox bitstreams (*.ovx)",
        )
        if path:
            self.compare_streams(path)

    def compare_streams(self, path: str) -> None:
        """Decode a second bitstream for its blocks alone."""
        job = partial(work.read_blocks, path, self._session.options)
        self._workbench.start("Compare bitstreams", f"Reading {Path(path).name}", job)

    def _show_other(self, other: StreamBlocks, elapsed: float) -> None:
        self._session.set_other(other)
        self._workbench.said.emit(f"Read {text.count(len(other.blocks))} blocks of {other.label}")

    def decode_part(self) -> None:
        """Decode the slice that holds the selected block, and nothing else."""
        s = self._session
        if s.stream is not None and s.view.selected is not None:
            number = int(s.blocks.slice[s.view.selected])
            job = partial(work.decode_slice, s.stream.data, number, s.options)
            self._workbench.start("Decode a part", f"Decoding slice {number}", job)

    def _show_part(self, part: work.PartDecoded, elapsed: float) -> None:
        """The slice takes the place of the decoded cloud."""
        s = self._session
        s.set_certificate(None)
        s.set_decoded(CloudEntry(part.display, f"slice {part.slice}"))
        self._workbench.said.emit(
            f"Decoded slice {part.slice}: {text.count(len(part.display))} points from "
            f"{text.size(part.bytes)} in {text.duration(elapsed)}"
        )
