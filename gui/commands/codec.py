"""Compressing and decompressing, with the codec's options."""

from __future__ import annotations

from functools import partial
from typing import Any

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QMessageBox

from octavox.codec import VoxelizationReport, cloud_option_specs
from octavox.gui.base.action_spec import (
    ActionSpec,
    can_cancel,
    can_compress,
    can_decode_part,
    can_decompress,
)
from octavox.gui.base.i18n import tr
from octavox.gui.document import scene, text
from octavox.gui.document.events import (
    CloudsChanged,
    Event,
)
from octavox.gui.document.items import CloudItem
from octavox.gui.document.left_out import with_stored
from octavox.gui.jobs import work
from octavox.gui.jobs.job import Job
from octavox.gui.widgets.codec_panel import CodecPanel
from octavox.gui.widgets.dialogs import ask_about_moves

from .coding import Compression, Decoding, Salvaging
from .command_set import CommandSet
from .workbench import Workbench

WITHOUT_GRID = ("records", "file")  # what is kept then leaves no choice of a depth


class CodecCommands(CommandSet):
    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench)
        self._question: QMessageBox | None = None  # whether points may move
        self._asked_about: CloudItem | None = None
        bench.session.events.subscribe(self._close_old_question, CloudsChanged)

    def _close_old_question(self, event: Event) -> None:
        """The question about a cloud that is closed."""
        if self._question is not None and self._asked_about is not self._session.original:
            self._question.close()

    def compress(self) -> None:
        """Compress the original cloud, or all frames of the sequence.

        Where only voxels of a cloud are kept and no depth was chosen, look first how far that moves points.
        """
        original, kept = self._session.original, self._session.kept
        if original is None or original.on_disk is not None or self._bench.busy:
            return
        if self._session.timeline is not None:
            self._bench.commands.sequence.compress()
            return
        if kept.keep != "voxels" or kept.depth is not None or original.agreed:
            self._compress(original)
            return
        self._bench.start(
            Job(
                title="Compress",
                doing=tr("Compressing {name}", name=original.label),
                work=partial(work.voxels_of, original),
                show=partial(self._show_moves, original),
            )
        )

    def _show_moves(self, original: CloudItem, report: VoxelizationReport | None, seconds: float) -> None:
        """Compress a cloud that keeps its points; ask about one that does not."""
        if original is not self._session.original:
            return
        if report is not None and report.moved_max > 0:
            self._ask_about_moves(original, report)
        else:
            self._compress(original)

    def _compress(self, original: CloudItem) -> None:
        with self._session.together():
            self._bench.start(Compression(self._bench, original).job())

    def _ask_about_moves(self, original: CloudItem, report: VoxelizationReport) -> None:
        if self._question is not None:
            self._question.close()

        def answered(answer: str) -> None:
            self._question = None
            if original is not self._session.original:
                return
            if answer == "depth":
                self._choose("depth")
            elif answer == "compress" and not self._bench.busy:
                original.agreed = True
                self._compress(original)

        self._asked_about = original
        self._bench.said.emit(tr("Compressing {name} moves points.", name=original.label))
        self._question = ask_about_moves(self._bench.window.widget, original.label, report, answered)

    def _choose(self, option: str) -> None:
        """Lead the user to the choices of an option in the codec panel."""
        dock = self._bench.window.docks["Codec"]
        dock.show()
        dock.raise_()
        panel = dock.findChild(CodecPanel)
        if panel is not None:
            panel.choose(option)

    def decompress(self) -> None:
        """Decode the current bitstream and compare the cloud with the original."""
        stream, original = self._session.stream, self._session.original
        if stream is not None:
            name = original.label if original else tr("the bitstream")
            self.decode(stream.path or stream.data, tr("Decompressing {name}", name=name))

    def decode(self, source: bytes | str, doing: str) -> bool:
        """Decode bytes, or a file; whether that began. doing: as `Job.doing`."""
        if self._bench.wait_for_job(doing):
            return False
        return self._bench.start(Decoding(self._bench, source, doing).job())

    @Slot()
    def salvage(self) -> None:
        """Open what is whole of the damaged file that the error bar told of."""
        bench, path = self._bench, self._bench.salvageable
        if path and not bench.wait_for_job(tr("Decompress")):
            bench.start(Salvaging(bench, path).job())

    def open_unsaved(self, data: bytes) -> None:
        """Decode a bitstream that is in no file of the user's."""
        self.decode(data, tr("Opening {name}", name=tr("the bitstream")))

    def decode_part(self) -> None:
        """Decode the slice that holds the selected block, and nothing else."""
        session = self._session
        if session.stream is not None and session.view.selected is not None:
            number = int(session.blocks.slice[session.view.selected])
            self._bench.start(
                Job(
                    title=tr("Decode a part"),
                    doing=tr("Decoding slice {n}", n=number),
                    work=partial(work.decode_slice, session.stream.data, number, session.options),
                    show=self._show_part,
                )
            )

    def _show_part(self, part: work.PartDecoded, seconds: float) -> None:
        """The slice takes the place of the decoded cloud."""
        session = self._session
        item = CloudItem(part.display, tr("slice {n}", n=part.slice), source=part.source)
        with session.together():
            scene.show_decoded(session, item)
        self._bench.said.emit(
            tr(
                "Decoded slice {n}: {points} points from {size} in {time}",
                n=part.slice,
                points=text.count(len(part.display)),
                size=text.size(part.bytes),
                time=text.duration(seconds),
            )
        )

    def cancel(self) -> None:
        """Ask the running job to stop."""
        self._bench.cancel()

    def set_option(self, name: str, value: Any) -> None:
        """Set a field of `CodecOptions` or of `CloudOptions`."""
        if name == "depth":
            self._set_depth(value)
            return
        if name in {spec.name for spec in cloud_option_specs()}:
            self._session.set_kept(**{name: value})
            if name == "drop_levels" and value and self._session.kept.keep in WITHOUT_GRID:
                self._session.set_kept(keep="auto")
            if name == "keep" and value in WITHOUT_GRID:  # nothing of it is guessed
                self._session.set_kept(drop_levels=0.0)
            if name == "keep" and value in WITHOUT_GRID and self._session.kept.depth is not None:
                self._set_depth(None)
            if name == "keep" and value == "file":  # it comes back whole
                self._session.set_kept(drop=None, color_error=0)
            return
        self._bench.settings.set_option(name, value)
        self._session.set_options(**{name: value})

    @Slot(str, bool)
    def set_stored(self, name: str, stored: bool) -> None:
        """Whether compressing stores a property of the open cloud."""
        original = self._session.original
        if original is not None and original.source is not None:
            changed = with_stored(self._session.kept, original.source, {name}, stored)
            self._session.set_kept(drop=changed.drop)

    def _set_depth(self, depth: int | None) -> None:
        """Take another voxel grid; the open file is voxelized anew."""
        session = self._session
        before = session.kept.depth
        session.set_kept(depth=depth)

        def keep_old() -> None:
            session.set_kept(depth=before)

        original = session.original
        if session.timeline is not None:
            self._bench.commands.sequence.read_anew()
            return
        if original is None or original.path is None:
            return
        opens = self._bench.commands.file.open_path
        if not opens(original.path, otherwise=keep_old, read=original.read, instead_of=original):
            keep_old()

    @classmethod
    def actions(cls) -> list[ActionSpec]:
        return [
            ActionSpec(
                "compress",
                "Compress",
                "Codec",
                cls.compress,
                "Compress the open cloud, or all frames of the open sequence",
                "Ctrl+E",
                can_compress,
                "compress",
            ),
            ActionSpec(
                "decompress",
                "Decompress",
                "Codec",
                cls.decompress,
                "Decode the bitstream and compare it with the original",
                "Ctrl+D",
                can_decompress,
                "decompress",
            ),
            ActionSpec(
                "decode_part",
                "Decode only the selected block's slice",
                "Codec",
                cls.decode_part,
                "Decode only the slice that holds the selected block, and show it beside the original",
                "Ctrl+Shift+D",
                can_decode_part,
            ),
            ActionSpec(
                "cancel",
                "Cancel",
                "Codec",
                cls.cancel,
                "Stop the running job",
                "Esc",
                can_cancel,
                "cancel",
                order=20,
            ),
        ]
