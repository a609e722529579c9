"""The jobs of compressing and decompressing: what each shows while it runs, and of its result."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from octavox.codec import EncodeResult
from octavox.gui.base.i18n import several, told, tr
from octavox.gui.document import scene, text
from octavox.gui.document.advice import explain
from octavox.gui.document.blocks import CostedBlocks, same_blocks
from octavox.gui.document.colour_modes import BY_BLOCK
from octavox.gui.document.display import CloudDisplay
from octavox.gui.document.events import (
    DecodingBegan,
    OptionsChanged,
    PreviewChanged,
    PreviewDropped,
    QualityChanged,
    VoxelsDecoded,
)
from octavox.gui.document.forecast import coding_work, learned, rate_key
from octavox.gui.document.items import CloudItem, StreamItem
from octavox.gui.document.job_state import Update
from octavox.gui.document.preview import Preview, first_camera
from octavox.gui.document.quality import rate_point
from octavox.gui.document.salvaged import came_back, can_be_salvaged
from octavox.gui.jobs import work
from octavox.gui.jobs.job import Failure, Job

from .arriving_blocks import ArrivingBlocks
from .file import face
from .workbench import Workbench


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
            costly=True,
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
        """The bitstream becomes the current one; those of earlier compressions stay open."""
        session, result, original = self._session, done.result, self._original
        shown = done.display or original.display
        points = coding_work(shown.codes, shown.cloud.depth)
        self._learn(points, sum(result.report.seconds.values()))  # without compiling
        with session.together():
            if session.decoded is not None and session.decoded.made_from is not None:
                session.show("B", None)  # it is of another bitstream
            session.set_certificate(None)
            if done.display is not None:  # blocks have the coordinates of the voxels that were coded
                original.display, original.data = done.display, None
                session.clouds_changed()
            stream = StreamItem(result.data, codec=result.report.codec, seconds=seconds)
            stream.chosen = session.options, session.kept
            stream.encode_report = result.report.to_dict()
            scene.add_stream(session, stream, original)
            self._blocks.finish(CostedBlocks.of(result.blocks, result.block_bits))
            self._measure(result)
            if self._bring_colours_back():
                self._bench.change_view("point colours", cloud_mode=BY_BLOCK)  # undo brings the old ones back
        self._bench.said.emit(self._words(result, seconds))

    def _measure(self, result: EncodeResult) -> None:
        """Rate and distortion of this compression."""
        session = self._session
        if not len(result.blocks) or session.original is None:
            return  # a file as it is has no voxels
        voxels = len(session.original.display)
        point = rate_point(result.report.to_dict(), session.kept.drop_levels, voxels)
        session.quality.of(session.original.codable).add(point)
        session.publish(QualityChanged())

    @staticmethod
    def _words(result: EncodeResult, seconds: float) -> str:
        lossy = result.report.lossy
        numbers = {
            "size": text.count(len(result.data)),
            "rate": text.fixed(8 * len(result.data) / max(1, len(result.voxels)), 4),
            "time": text.duration(seconds),
        }
        if lossy is None:
            return tr("Compressed to {size} bytes, {rate} bpov for the whole file, in {time}", **numbers)
        psnr = text.psnr(lossy.d1_psnr)
        return tr(
            "Compressed with loss to {size} bytes, {rate} bpov for the whole file, D1 {psnr}, in {time}",
            psnr=psnr,
            **numbers,
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
            work=partial(work.decompress, self._source, scene.codable(session), session.options),
            show=self._show,
            begin=self._begin,
            update=self._update,
            rollback=self._rollback,
            asks=self._offers,
        )

    def _offers(self, failure: Failure) -> bool:
        """Offers what is whole of a damaged file."""
        if not isinstance(self._source, str) or not can_be_salvaged(failure.error):
            return False
        said = explain(failure.error, self._doing, failure.details)
        self._bench.salvageable = self._source
        self._bench.fail(replace(said, remedy=tr("Open what is whole")))
        return True

    def _begin(self) -> None:
        if not self._has_blocks:
            self._blocks.begin()
        self._session.publish(DecodingBegan())

    def _update(self, update: Update) -> None:
        if update.preview is not None:
            self._show_preview(update.preview)
        if self._session.preview is not None:  # voxels that arrive are parts of what is seen
            return
        if not self._has_blocks:
            self._blocks.append(update.blocks)
        if update.coords:
            self._session.publish(VoxelsDecoded(np.concatenate(update.coords)))

    def _show_preview(self, display: CloudDisplay) -> None:
        """A coarse cloud of a large bitstream, or a finer one."""
        session, before = self._session, self._session.preview
        if before is not None:
            session.preview = replace(before, display=display)
            session.publish(PreviewChanged())
            return
        label = Path(self._source).name if isinstance(self._source, str) else tr("the bitstream")
        preview = session.preview = Preview(label, display, session.camera)
        session.camera = first_camera(session.camera, display)
        session.publish(PreviewChanged())
        self._bench.fit_wanted.emit(None)
        preview.fitted = session.camera

    def _show(self, done: work.Decompressed, seconds: float) -> None:
        session, result = self._session, done.result
        preview, session.preview = session.preview, None
        name = Path(done.path).name if done.path else told("decoded")
        entry = CloudItem(done.display, name, done.path, source=result.cloud, level=result.report.level)
        entry.certificate, entry.overlap = done.certificate, done.overlap
        other = session.original if done.overlap is None else None
        with session.together():
            if done.of is not None and done.of is not session.original:
                self._bench.undo_stack.clear()
                scene.choose(session, "A", done.of)
                self._bench.fit_wanted.emit(None)
            if done.overlap is None and (other is not None or not self._is_current(done.data)):
                self._bench.undo_stack.clear()  # two clouds, and not two versions of one
                session.leave()
            if not self._is_current(done.data):
                stream = StreamItem(done.data, done.path, result.report.codec)
                scene.add_stream(session, stream, session.original)
            session.decode_report = result.report.to_dict()
            moved = preview.moved(session.camera, entry.display) if preview is not None else None
            if session.original is None:
                face(session, entry.display, moved)
            if not self._has_blocks or not same_blocks(session.blocks, result.blocks):
                # Else the encoder's blocks stay: they also have the costs of the sizes that were not chosen.
                self._blocks.finish(CostedBlocks.of(result.blocks, result.block_bits))
            scene.show_decoded(session, entry)
        if done.path:
            self._bench.remember(done.path)
        if session.original is None and moved is None:
            self._bench.fit_wanted.emit(None)
        self._bench.said.emit(self._words(len(result.cloud), seconds, other))

    def _is_current(self, data: bytes) -> bool:
        """Whether these are the bytes of the current bitstream."""
        return self._session.stream is not None and self._session.stream.data == data

    def _words(self, n: int, seconds: float, other: CloudItem | None) -> str:
        """other: the cloud that was shown, where the bitstream is not one of it."""
        time = text.duration(seconds)
        words = several(
            n, "Decoded {n} point in {time}", "Decoded {n} points in {time}", n=text.count(n), time=time
        )
        if other is None:
            return words
        closed = tr("the bitstream is of another cloud than {name}, and opens as its own", name=other.label)
        return f"{words}; {closed}"

    def _rollback(self, failure: Failure) -> None:
        session = self._session
        preview, session.preview = session.preview, None
        session.publish(PreviewDropped())
        if preview is not None:
            session.set_camera(preview.before)
        self._blocks.restore()


class Salvaging:
    """What is whole of a damaged file opens as a cloud of its own; what is missing is told."""

    def __init__(self, bench: Workbench, path: str) -> None:
        self._bench, self._path, self._name = bench, path, Path(path).name

    def job(self) -> Job:
        doing = tr("Opening what is whole of {name}", name=self._name)
        run = partial(work.salvage, self._path, self._bench.session.options)
        return Job(title="Decompress", doing=doing, work=run, show=self._show)

    def _show(self, done: work.Decompressed, seconds: float) -> None:
        """The points are no bitstream that could be saved: the file stays the damaged one that it is."""
        session, bench, result = self._bench.session, self._bench, done.result
        bench.undo_stack.clear()
        entry = CloudItem(done.display, self._name, source=result.cloud, level=result.report.level)
        with session.together():
            session.leave()
            face(session, done.display)
            session.show("B", entry)
        bench.fit_wanted.emit(None)
        said = came_back(self._name, result.report)
        if said is None:
            bench.said.emit(tr("{name} is damaged, and every point came back", name=self._name))
        else:
            bench.fail(said)
