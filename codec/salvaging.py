"""From a damaged stream back to what of its cloud is whole."""

from __future__ import annotations

import contextlib
from dataclasses import replace

from .codecs.interface import GeometryStream
from .coding.bytes import ByteReader
from .decoding import Decoded, Parts, decoded_parts, file_of
from .errors import CorruptStreamError
from .files.source import Source
from .inter.reading import find_before
from .job import JobContext
from .options import CodecOptions
from .points import parts_of_slice
from .provenance import Stopwatch
from .references import LastFrame, number_before, reference_of
from .regions import corners
from .report import Loss
from .stream.chunks import Kind
from .stream.header import FILE, MOST_GROUP
from .stream.reader import StreamReader
from .stream.salvage import Salvaged, SoundChunks, salvaged, sound_chunks


def salvage_stream(
    source: Source,
    options: CodecOptions,
    job: JobContext,
    clock: Stopwatch,
    frame: int | None = None,
    sound: SoundChunks | None = None,
    last: LastFrame | None = None,
) -> Decoded:
    """Decodes every slice that is whole in a damaged stream, after the frames that it needs.

    sound: its chunks, where they are known already. last: as in `decode_frame`. Raises as `api.salvage`.
    """
    last = last or LastFrame()
    with clock.stage("read"):
        chain, done = _chain(source, job, frame, sound, last)
    for found in chain:
        number = found.stream.header.reference and number_before(found.stream)
        if done is not None and (done.loss is None or not done.loss.every_record):
            reason = f"it needs frame {number}, which is not whole"
            raise CorruptStreamError(reason, field="reference", byte=found.stream.first_byte)
        done = _decoded(found, done, options, job, clock)
    assert done is not None  # the chain has the frame
    number = chain[-1].stream.frame
    last.kept = (number, done) if sound is not None and number + 1 in sound.references else None
    return done


def _chain(
    source: Source, job: JobContext, frame: int | None, sound: SoundChunks | None, last: LastFrame
) -> tuple[list[Salvaged], Decoded | None]:
    """The frames to decode, of which each needs the one before, and what the first needs, if it is kept."""
    if frame is not None and sound is None:
        sound = sound_chunks(source, job)
    chain = [_with_remainders(salvaged(source, job, frame, sound))]
    while chain[0].stream.header.reference:
        number = number_before(chain[0].stream)
        if len(chain) == MOST_GROUP:
            reason = f"it needs more than {MOST_GROUP - 1} frames"
            raise CorruptStreamError(reason, field="reference", byte=chain[0].stream.first_byte)
        if (kept := last.of(number)) is not None:
            return chain, kept
        try:
            chain.insert(0, _with_remainders(salvaged(source, job, number, sound)))
        except CorruptStreamError as error:
            reason = f"it needs frame {number}, which is lost: {error.reason}"
            raise CorruptStreamError(reason, field="reference", byte=chain[0].stream.first_byte) from error
    return chain, None


def _decoded(
    found: Salvaged, reference: Decoded | None, options: CodecOptions, job: JobContext, clock: Stopwatch
) -> Decoded:
    """One frame. reference: the frame that it is coded with."""
    header, wanted = found.stream.header, found.numbers
    coded = GeometryStream(
        header.coded_depth, header.coded_points, header.params, header.weights_id, found.sections, wanted
    )
    strays = header.strays > 0 and not found.strays_lost
    entire = not found.lost
    parts = Parts(found.stream, coded, wanted, found.points, found.table, strays, entire=entire)
    if reference is not None:
        before = reference_of(reference, found.stream)
        slices = len(found.numbers) + len(found.lost)
        parts = replace(parts, before=find_before(found.stream, before, slices))
    decoded = decoded_parts(parts, options, job, clock)
    loss = _loss(found, decoded)
    if header.level != FILE or decoded.file is not None:
        return replace(decoded, loss=loss)
    if loss.every_record:
        with contextlib.suppress(CorruptStreamError), clock.stage("file"):
            cloud, file, places = file_of(found.stream, decoded.cloud, job)
            return replace(decoded, loss=loss, cloud=cloud, file=file, places=places)
    return replace(decoded, loss=replace(loss, file=True))


def _with_remainders(found: Salvaged) -> Salvaged:
    """Without the slices whose coordinates are lost: those of a rough grid are in parts of their own."""
    stream = found.stream
    if not any(stream.header.rough):
        return found
    held = {k: n for k, n in zip(found.numbers, found.points) if _has_remainders(stream, k, n)}
    if not held:
        raise CorruptStreamError("no slice is whole; nothing can be saved", field="slices", byte=0)
    lost = tuple(sorted({*found.lost, *found.numbers} - {*held}))
    return replace(found, numbers=tuple(held), points=[*held.values()], lost=lost)


def _has_remainders(stream: StreamReader, number: int, points: int) -> bool:
    """Whether the coordinates of a slice are there. points: its voxels."""
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
    numbers = set(found.numbers)
    uncounted = [k for k in found.numbers if header.counted and found.stream.counts_of(k) is None]
    return Loss(
        slices=found.lost,
        boxes=tuple(boxes),
        voxels=header.coded_points - sum(found.points),
        points=header.records - len(decoded.cloud),
        uncounted=tuple(k for k in uncounted if k in numbers),
        strays=header.strays if found.strays_lost else 0,
        damaged=found.damaged,
        ended=found.ended,
        blanks=decoded.blanks,
    )
