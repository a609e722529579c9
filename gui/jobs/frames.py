"""Sequences in the worker: opening one, decoding its frames ahead, writing one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from functools import partial

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal, Slot

from octavox import codec
from octavox.codec import (
    CancelToken,
    CloudOptions,
    CodecOptions,
    OctavoxError,
    PointCloud,
    Progress,
    Sequence,
    StreamFrames,
)
from octavox.gui.document.blocks import CostedBlocks
from octavox.gui.document.certificate import lost
from octavox.gui.document.display import flat, shade
from octavox.gui.document.items import CloudItem, StreamItem
from octavox.gui.document.job_state import FRAMES, PER_FRAME
from octavox.gui.document.overlap import overlap_of
from octavox.gui.document.point_data import Property
from octavox.gui.document.timeline import Frame, Key, Track, frame_label

from .compiling import COMPILER
from .job import Failure, Job, Report
from .point_data import find_point_data
from .runner import JobRunner
from .work import is_stream


@dataclass(frozen=True)
class Opened:
    """A sequence, and its first frame that can be shown. faults: why those before cannot."""

    track: Track
    number: int
    frame: Frame
    faults: dict[int, OctavoxError]


@dataclass(frozen=True)
class Reading:
    """How frames are read. depth: bits per axis, None for the cloud's own. mode: the point mode, whose values
    are found where it is one of a property. shaded: with the shading, which else follows."""

    depth: int | None
    options: CodecOptions
    mode: str = ""
    shaded: bool = False


def is_sequence(path: str) -> bool:
    """Whether a path means several frames: a folder, a pattern, or a bitstream of several clouds."""
    if not os.path.lexists(path):
        return any(mark in path for mark in "%*?[")
    if os.path.isdir(path):
        return True
    if not is_stream(path):
        return False
    try:
        with codec.open(path) as sequence:
            return len(sequence) > 1
    except OctavoxError:  # opening it says what is wrong
        return False


def open_sequence(
    sources: tuple[str, ...], first: int, reading: Reading, report: Report, cancel: CancelToken
) -> Opened:
    """Opens a sequence and decodes a frame: the one with that number, or the first after it that is sound.

    Raises as `codec.open`, and as `load_frame` where no frame can be decoded.
    """
    report(Progress("read", 0, 0))
    given = sources[0] if len(sources) == 1 else list(sources)
    sequence = codec.open(given, options=reading.options, cancel=cancel)
    try:
        track = Track(sequence, sources, _sizes(sequence, cancel))
        faults: dict[int, OctavoxError] = {}
        for step in range(len(track)):
            number = (min(first, len(track) - 1) + step) % len(track)
            try:
                frame = load_frame(sequence, number, reading, None, report, cancel)
            except codec.CancelledError:
                raise
            except OctavoxError as error:
                faults[number] = error
            else:
                return Opened(track, number, frame, faults)
        raise next(iter(faults.values()))
    except BaseException:
        sequence.close()
        raise


def _sizes(sequence: Sequence, cancel: CancelToken) -> np.ndarray:
    sizes = np.zeros(len(sequence), np.int64)
    for number in range(len(sequence)):
        cancel.raise_if_cancelled()
        try:
            sizes[number] = sequence.size(number)
        except OctavoxError:  # showing the frame says what is wrong
            continue
    return sizes


def load_frame(
    sequence: Sequence,
    number: int,
    reading: Reading,
    beside: CloudItem | None,
    report: Report,
    cancel: CancelToken,
) -> Frame:
    """A frame, ready to show. beside: what view A shows of the frame with that number.

    Raises as `Sequence.decode` and `codec.propose`.
    """
    frame = (_decoded if sequence.is_coded(number) else _read)(sequence, number, reading, report, cancel)
    if reading.shaded:
        shade(frame.item.display, cancel.raise_if_cancelled)
    if Property.of(reading.mode) in frame.item.properties:
        frame.item.data = find_point_data(frame.item, reading.mode, report, cancel).data
    overlap = None if beside is None else overlap_of(beside.display.cloud, frame.item.display.cloud)
    return replace(frame, motion=sequence.motion(number), overlap=overlap, beside=beside)


def _read(sequence: Sequence, number: int, reading: Reading, report: Report, cancel: CancelToken) -> Frame:
    report(Progress("read", 0, 0))
    points = sequence.read(number, cancel=cancel)
    report(Progress("voxelize", 0, 0))
    kept = codec.propose(points, CloudOptions(depth=reading.depth), cancel=cancel)
    report(Progress("prepare", 0, 0))
    display = flat(kept.voxels, cancel.raise_if_cancelled)
    label, path = frame_label(sequence, number), sequence.name(number)
    return Frame(CloudItem(display, label, path, kept.report, points, kept.level, kept.strays))


def _decoded(sequence: Sequence, number: int, reading: Reading, report: Report, cancel: CancelToken) -> Frame:
    report(Progress("decode", 0, 0))
    data = sequence.stream(number)
    if data is not None:
        COMPILER.ensure_for(data, report, cancel)
        result = codec.decode(data, options=reading.options, cancel=cancel)
    else:  # coded with other frames, which are decoded first
        result = sequence.decode(number, cancel=cancel)
    report(Progress("prepare", 0, 0))
    display = replace(flat(result.voxels, cancel.raise_if_cancelled), guessed=result.guessed)
    label, name = frame_label(sequence, number), sequence.name(number)
    one_of_many = isinstance(sequence, StreamFrames) and len(sequence) > 1
    path = None if one_of_many else name
    item = CloudItem(display, label, path, source=result.cloud, level=result.report.level)
    stream = None
    if data is not None:
        whole = name.rpartition(", ")[0] if one_of_many else None
        stream = StreamItem(data, path, result.report.codec, whole, label)
    blocks = CostedBlocks.of(result.blocks, result.block_bits)
    return Frame(item, stream, blocks, result.report.to_dict())


class FrameLoader(QObject):
    """Decodes one frame after the other in a thread beside the jobs. Nothing waits for it.

    `loaded`: a key, the Frame and the seconds that it took. `failed`: a key and the Failure. `rested`: one is
    done, or was cancelled; the next may be started.
    """

    loaded = Signal(object, object, float)
    failed = Signal(object, object)
    rested = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._runner = JobRunner(self)
        self.key: Key | None = None  # of the frame that is being decoded
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(0)
        self._soon.timeout.connect(self.rested)

    @property
    def busy(self) -> bool:
        return self._runner.busy or self._soon.isActive()

    def start(self, key: Key, sequence: Sequence, reading: Reading, beside: CloudItem | None) -> None:
        """Decode a frame; RuntimeError while another one is being decoded."""
        self.key = key
        work = partial(load_frame, sequence, key[1], reading, beside)
        show, give_up = partial(self._show, key), partial(self._give_up, key)
        self._runner.start(Job("Frame", "", work, show, rollback=give_up))

    def cancel(self) -> None:
        """What is being decoded is wanted no more."""
        if self._runner.busy:
            self._runner.cancel()

    def _show(self, key: Key, frame: Frame, seconds: float) -> None:
        self.key = None
        self._soon.start()
        self.loaded.emit(key, frame, seconds)

    def _give_up(self, key: Key, failure: Failure) -> None:
        self.key = None
        self._soon.start()
        if not failure.cancelled:
            self.failed.emit(key, failure)

    @Slot()
    def shut(self) -> None:
        self._soon.stop()
        self._runner.shut()


@dataclass(frozen=True)
class SequenceWritten:
    """A sequence that was compressed. lost: what it does not hold of its frames, in words; else ""."""

    path: str
    frames: int
    bytes: int
    lost: str


def compress_sequence(
    sequence: Sequence,
    path: str,
    kept: CloudOptions,
    options: CodecOptions,
    report: Report,
    cancel: CancelToken,
) -> SequenceWritten:
    """Compresses all frames into one file, which appears complete or not at all. Raises as
    `codec.encode_sequence`."""
    COMPILER.ensure(options.codec, report, cancel)
    count, at = len(sequence), 0

    def frames() -> Iterator[str | PointCloud]:
        nonlocal at
        for number in range(count):
            at = number
            yield sequence.read(number, cancel=cancel) if sequence.is_coded(number) else sequence.name(number)

    def progress(step: Progress) -> None:
        """The share of all frames."""
        share = step.done / step.total if step.total else 0.0
        within = min(PER_FRAME - 1, round(PER_FRAME * share))
        report(Progress(FRAMES, PER_FRAME * at + within, PER_FRAME * count))

    written = codec.encode_sequence(
        frames(), path, options=options, progress=progress, cancel=cancel, **asdict(kept)
    )
    missing = list(dict.fromkeys(filter(None, map(lost, written.reports))))
    return SequenceWritten(path, written.frames, written.bytes, "; ".join(missing))
