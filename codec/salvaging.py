"""From a damaged stream back to what of its cloud is whole."""

from __future__ import annotations

import contextlib
from collections.abc import Collection
from dataclasses import dataclass, field, replace

import numpy as np

from .arrays import FloatArray
from .codecs.interface import GeometryStream
from .coding.bytes import ByteReader
from .decoding import Decoded, Parts, decoded_parts, file_of
from .errors import CorruptStreamError, InputError, check_type
from .files.source import Source
from .inter.reading import find_before
from .job import JobContext
from .options import CodecOptions
from .points import parts_of_slice
from .provenance import Stopwatch
from .references import LastFrame, number_before, reference_of
from .regions import Region, box_of, corners, touches
from .report import Loss
from .stream.chunks import Kind
from .stream.header import FILE, MOST_GROUP, NO_WEIGHTS
from .stream.reader import StreamReader
from .stream.salvage import Salvaged, SoundChunks, salvaged, sound_chunks


@dataclass(frozen=True)
class Part:
    """What is wanted of a cloud: some slices, a box, or all. Each of these may be None."""

    slices: frozenset[int] | None = None
    box: FloatArray | None = None

    @property
    def is_all(self) -> bool:
        """Whether everything is."""
        return self.slices is None and self.box is None

    @staticmethod
    def of(slices: Collection[int] | None, region: Region | None) -> Part:
        """Raises InputError for what is no box, and for what are no numbers."""
        box = None if region is None else box_of(region)
        if slices is None:
            return Part(None, box)
        check_type(slices, Collection, "a collection of numbers", "slices")
        for number in slices:
            check_type(number, (int, np.integer), "a whole number", "slices")
        return Part(frozenset(int(number) for number in slices), box)


EVERYTHING = Part()


@dataclass(frozen=True)
class Sought:
    """sound: the chunks of the stream; None where they are not known yet. part: what is wanted of the cloud.
    last: of which a frame is taken, and in which this one is kept for the next."""

    sound: SoundChunks | None = None
    part: Part = EVERYTHING
    last: LastFrame = field(default_factory=LastFrame)


def salvage_stream(
    source: Source,
    options: CodecOptions,
    job: JobContext,
    clock: Stopwatch,
    frame: int | None = None,
    sought: Sought | None = None,
) -> Decoded:
    """Decodes every slice that is whole in a damaged stream, of those that are wanted, after the frames that
    it needs. Raises as `api.salvage`.
    """
    sought = sought or Sought()
    sound, last = sought.sound, sought.last
    with clock.stage("read"):
        if frame is not None and sound is None:
            sound = sound_chunks(source, job)
        chain, done = _chain(source, job, frame, sound, last)
    for found in chain:
        number = found.stream.header.reference and number_before(found.stream)
        if done is not None and (done.loss is None or not done.loss.every_record):
            reason = f"it needs frame {number}, which is not whole"
            raise CorruptStreamError(reason, field="reference", byte=found.stream.first_byte)
        wanted = sought.part if found is chain[-1] else EVERYTHING
        done = _decoded(_chosen(found, wanted), done, wanted, options, job, clock)
    assert done is not None  # the chain has the frame
    number = chain[-1].stream.frame
    needed = sound is not None and number + 1 in sound.references
    last.kept = (number, done) if needed and sought.part.is_all else None
    return done


def _chain(
    source: Source, job: JobContext, frame: int | None, sound: SoundChunks | None, last: LastFrame
) -> tuple[list[Salvaged], Decoded | None]:
    """The frames to decode, of which each needs the one before, and what the first needs, if it is kept."""
    chain = [_decodable(salvaged(source, job, frame, sound))]
    while chain[0].stream.header.reference:
        number = number_before(chain[0].stream)
        if len(chain) == MOST_GROUP:
            reason = f"it needs more than {MOST_GROUP - 1} frames"
            raise CorruptStreamError(reason, field="reference", byte=chain[0].stream.first_byte)
        if (kept := last.of(number)) is not None:
            return chain, kept
        try:
            chain.insert(0, _decodable(salvaged(source, job, number, sound)))
        except CorruptStreamError as error:
            reason = f"it needs frame {number}, which is lost: {error.reason}"
            raise CorruptStreamError(reason, field="reference", byte=chain[0].stream.first_byte) from error
    return chain, None


def _decoded(
    found: Salvaged,
    reference: Decoded | None,
    wanted: Part,
    options: CodecOptions,
    job: JobContext,
    clock: Stopwatch,
) -> Decoded:
    """One frame. reference: the frame that it is coded with."""
    header, numbers = found.stream.header, found.numbers
    coded = GeometryStream(
        header.coded_depth, header.coded_points, header.params, header.weights_id, found.sections, numbers
    )
    strays = header.strays > 0 and not found.strays_lost and wanted.slices is None
    entire = not found.lost and wanted.is_all
    parts = Parts(found.stream, coded, numbers, found.points, found.table, strays, wanted.box, entire=entire)
    if reference is not None:
        before = reference_of(reference, found.stream)
        slices = len(found.sections_of_slices)
        parts = replace(parts, before=find_before(found.stream, before, slices))
    decoded = decoded_parts(parts, options, job, clock)
    loss = _loss(found, decoded) if wanted.is_all else _loss_of_part(found, decoded, wanted)
    if header.level != FILE or decoded.file is not None or not wanted.is_all:
        return replace(decoded, loss=loss)
    if loss.every_record:
        with contextlib.suppress(CorruptStreamError), clock.stage("file"):
            cloud, file, places = file_of(found.stream, decoded.cloud, job)
            return replace(decoded, loss=loss, cloud=cloud, file=file, places=places)
    return replace(decoded, loss=replace(loss, file=True))


def _chosen(found: Salvaged, wanted: Part) -> Salvaged:
    """Of what is whole, what is wanted; of what is lost, what would have been.

    Raises InputError for slices that there are not, CorruptStreamError where each that is wanted is lost.
    """
    if wanted.is_all:
        return found
    numbers, known = {*found.numbers, *found.lost}, found.stream.header
    chosen = numbers
    if wanted.slices is not None:
        chosen = set(wanted.slices)
        if not chosen <= numbers:
            reason = f"there is no slice {min(chosen - numbers)}; {len(numbers):,} are known of"
            raise InputError(reason, field="slices")
    if wanted.box is not None and found.table is not None:
        box, table = wanted.box, found.table
        chosen = {k for k in chosen if touches(table, k, known, box)}
    kept = [(k, n) for k, n in zip(found.numbers, found.points) if k in chosen]
    if chosen and not kept:
        raise CorruptStreamError("no slice that is wanted is whole", field="slices", byte=0)
    lost = tuple(k for k in found.lost if k in chosen)
    return replace(found, numbers=tuple(k for k, _ in kept), points=[n for _, n in kept], lost=lost)


def _decodable(found: Salvaged) -> Salvaged:
    """Without the slices that lack a part: the rest of the coordinates of a rough grid, or the counts of
    levels that are guessed."""
    stream = found.stream
    guess = stream.header.guess
    guessed = guess is not None and guess.weights_id != NO_WEIGHTS
    if not any(stream.header.rough) and not guessed:
        return found
    held = {
        k: n
        for k, n in zip(found.numbers, found.points)
        if _has_remainders(stream, k, n) and (not guessed or stream.has(Kind.GUESS, 0, k))
    }
    if not held:
        raise CorruptStreamError("no slice is whole; nothing can be saved", field="slices", byte=0)
    lost = tuple(sorted({*found.lost, *found.numbers} - {*held}))
    return replace(found, numbers=tuple(held), points=[*held.values()], lost=lost)


def _has_remainders(stream: StreamReader, number: int, points: int) -> bool:
    """Whether the coordinates of a slice are there. points: its voxels."""
    if not any(stream.header.rough):
        return True
    if stream.header.counted:
        entry = stream.counts_of(number)
        if entry is None:
            return False
        points = ByteReader(stream.payload(entry)).varint("counts")
    return all(stream.has(Kind.REMAINDERS, 0, part) for part in parts_of_slice(number, points))


def _loss(found: Salvaged, decoded: Decoded) -> Loss:
    """What is lost."""
    header, table = found.stream.header, found.table
    boxes: list[tuple[float, ...]] = []
    if table is not None:
        boxes = [tuple(corners(table.around(k), header).ravel().tolist()) for k in found.lost]
    uncounted = [k for k in found.numbers if header.counted and found.stream.counts_of(k) is None]
    return Loss(
        slices=found.lost,
        boxes=tuple(boxes),
        voxels=header.coded_points - sum(found.points),
        points=header.records - len(decoded.cloud),
        uncounted=tuple(uncounted),
        strays=header.strays if found.strays_lost else 0,
        damaged=found.damaged,
        ended=found.ended,
        blanks=decoded.blanks,
        repaired=found.repaired,
    )


def _loss_of_part(found: Salvaged, decoded: Decoded, wanted: Part) -> Loss:
    """What is lost of a part of the cloud: of points at least so many, as nothing says how many of a slice
    lie in a region."""
    loss, stream = _loss(found, decoded), found.stream
    voxels = sum(found.sections_of_slices[k].points for k in found.lost)
    points = 0
    if wanted.box is None:
        points = sum(_points_of(stream, k, found.sections_of_slices[k].points) for k in found.lost)
    strays = 0 if wanted.slices is not None else loss.strays
    return replace(loss, voxels=voxels, points=points, strays=strays)


def _points_of(stream: StreamReader, number: int, voxels: int) -> int:
    """The points of a slice, or its voxels where nothing says how many points they have."""
    entry = stream.counts_of(number)
    if not stream.header.counted or entry is None:
        return voxels
    return ByteReader(stream.payload(entry)).varint("counts")
