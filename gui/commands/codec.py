"""Compressing and decompressing, with the codec's options."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
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
from octavox.gui.base.i18n import several, tr
from octavox.gui.document import text
from octavox.gui.document.blocks import CostedBlocks, same_blocks
from octavox.gui.document.colour_modes import BY_BLOCK
from octavox.gui.document.events import (
    CloudsChanged,
    DecodingBegan,
    Event,
    OptionsChanged,
    PreviewDropped,
    VoxelsDecoded,
)
from octavox.gui.document.forecast import learned, rate_key
from octavox.gui.document.items import CloudItem, StreamItem
from octavox.gui.document.job_state import Update
from octavox.gui.document.left_out import with_stored
from octavox.gui.jobs import work
from octavox.gui.jobs.job import Failure, Job
from octavox.gui.widgets.codec_panel import CodecPanel
from octavox.gui.widgets.dialogs import ask_about_moves

from .arriving_blocks import ArrivingBlocks
from .command_set import CommandSet
from .file import face
from .workbench import Workbench

WITHOUT_GRID = ("records", "file")  # what is kept then leaves no choice of a depth


class Compression:
    """One compression of the original cloud: each block is coloured as soon as it is coded."""

    def __init__(self, bench: Workbench, original: CloudItem) -> None:
        self._bench, self._session, self._original = bench, bench.session, original
        self._blocks = ArrivingBlocks(bench.session, bench.undo_stack)
        self._colours = ""  # how points were coloured before the blocks were shown; "" if by block

    def job(self) -> Job:
        original = self._original
        return Job(
            title="Compress",
            doing=tr("Compressing {name}", name=original.label),
            work=partial(work.compress, original, self._session.kept, self._session.options),
            show=self._show,
            begin=self._begin,
            update=self._update,
            rollback=self._rollback,
        )

    def _begin(self) -> None:
        if self._session.view.cloud_mode != BY_BLOCK:
            self._colours = self._session.view.cloud_mode
            self._session.set_view(cloud_mode=BY_BLOCK)
        self._blocks.begin()

    def _update(self, update: Update) -> None:
        self._blocks.append(update.blocks)

    def _show(self, done: work.Compressed, seconds: float) -> None:
        """The bitstream becomes the current one; a cloud that was decoded from another one is closed."""
        session, result = self._session, done.result
        self._learn(len(result.voxels), sum(result.report.seconds.values()))  # without compiling
        with session.together():
            session.encode_report, session.decode_report = result.report.to_dict(), None
            session.set_decoded(None)
            session.set_certificate(None)
            if done.display is not None:  # blocks have the coordinates of the voxels that were coded
                session.set_original(replace(self._original, display=done.display))
            session.set_stream(StreamItem(result.data, codec=result.report.codec))
            self._blocks.finish(CostedBlocks.of(result.blocks, result.block_bits))
            if self._bring_colours_back():
                self._bench.change_view("point colours", cloud_mode=BY_BLOCK)  # undo brings the old ones back
        rate = 8 * len(result.data) / max(1, len(result.voxels))
        self._bench.said.emit(
            tr(
                "Compressed to {size} bytes, {rate} bpov, in {time}",
                size=text.count(len(result.data)),
                rate=text.fixed(rate, 4),
                time=text.duration(seconds),
            )
        )

    def _rollback(self, failure: Failure) -> None:
        self._blocks.restore()
        self._bring_colours_back()

    def _bring_colours_back(self) -> bool:
        """Colour the points as before; colours that the user chose meanwhile stay. Whether they changed."""
        if not self._colours or self._session.view.cloud_mode != BY_BLOCK:
            return False
        self._session.set_view(cloud_mode=self._colours)
        return True

    def _learn(self, points: int, seconds: float) -> None:
        """Remember the pace for the next forecast."""
        session, settings = self._session, self._bench.settings
        key = rate_key(session.options)
        rate = learned(settings.rate(key), points, seconds)
        settings.set_rate(key, rate)
        session.rates[key] = rate
        session.publish(OptionsChanged())


class Decoding:
    """One bitstream that is being decoded: the right view shows its voxels as they arrive."""

    def __init__(self, bench: Workbench, source: bytes | str, doing: str) -> None:
        self._bench, self._session = bench, bench.session
        self._source, self._doing = source, doing
        self._blocks = ArrivingBlocks(bench.session, bench.undo_stack)
        stream = bench.session.stream
        # The blocks of the stream that is open are shown already.
        self._has_blocks = stream is not None and source in (stream.data, stream.path)

    def job(self) -> Job:
        session = self._session
        return Job(
            title="Decompress",
            doing=self._doing,
            work=partial(work.decompress, self._source, session.original, session.options),
            show=self._show,
            begin=self._begin,
            update=self._update,
            rollback=self._rollback,
        )

    def _begin(self) -> None:
        if not self._has_blocks:
            self._blocks.begin()
        self._session.publish(DecodingBegan())

    def _update(self, update: Update) -> None:
        if not self._has_blocks:
            self._blocks.append(update.blocks)
        if update.coords:
            self._session.publish(VoxelsDecoded(np.concatenate(update.coords)))

    def _show(self, done: work.Decompressed, seconds: float) -> None:
        session, result = self._session, done.result
        name = Path(done.path).name if done.path else tr("decoded")
        entry = CloudItem(done.display, name, done.path, source=result.cloud, level=result.report.level)
        other = session.original if done.overlap is None else None
        with session.together():
            if other is not None:  # two clouds, and not two versions of one
                self._bench.undo_stack.clear()
                session.set_original(None)
            session.decode_report = result.report.to_dict()
            if session.stream is None or session.stream.data != done.data:
                session.encode_report = None
                session.set_stream(StreamItem(done.data, done.path, result.report.codec))
            if session.original is None:
                face(session, entry.display)
            if not self._has_blocks or not same_blocks(session.blocks, result.blocks):
                # Else the encoder's blocks stay: they also have the costs of the sizes that were not chosen.
                self._blocks.finish(CostedBlocks.of(result.blocks, result.block_bits))
            session.set_decoded(entry, done.overlap)
            session.set_certificate(done.certificate)
        if done.path:
            self._bench.remember(done.path)
        if session.original is None:
            self._bench.fit_wanted.emit(None)
        self._bench.said.emit(self._words(len(result.cloud), seconds, other))

    def _words(self, n: int, seconds: float, other: CloudItem | None) -> str:
        """other: the cloud that was closed, since the bitstream is not one of it."""
        time = text.duration(seconds)
        words = several(
            n, "Decoded {n} point in {time}", "Decoded {n} points in {time}", n=text.count(n), time=time
        )
        if other is None:
            return words
        closed = tr("the bitstream is of another cloud than {name}, which was closed", name=other.label)
        return f"{words}; {closed}"

    def _rollback(self, failure: Failure) -> None:
        self._session.publish(PreviewDropped())
        self._blocks.restore()


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
        """Compress the original cloud; where only voxels are kept and no depth was chosen, look first how far
        that moves points."""
        original, kept = self._session.original, self._session.kept
        if original is None or self._bench.busy:
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
        with session.together():
            session.set_certificate(None)
            session.set_decoded(CloudItem(part.display, tr("slice {n}", n=part.slice)))
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
            if name == "keep" and value in WITHOUT_GRID and self._session.kept.depth is not None:
                self._set_depth(None)
            if name == "keep" and value == "file" and self._session.kept.drop is not None:
                self._session.set_kept(drop=None)
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
        if original is None or original.path is None:
            return
        if not self._bench.commands.file.open_path(original.path, otherwise=keep_old, read=original.read):
            keep_old()

    @classmethod
    def actions(cls) -> list[ActionSpec]:
        return [
            ActionSpec(
                "compress",
                "Compress",
                "Codec",
                cls.compress,
                "Compress the open cloud",
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
