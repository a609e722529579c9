"""A bitstream whose slices are decoded one by one, each to as many octree levels as are wanted of it."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from octavox.codec.cloud.cloud import Transform
from octavox.codec.cloud.morton import morton_encode
from octavox.codec.codecs.interface import GeometryStream, LevelCodec
from octavox.codec.codecs.registry import codec_info, get_codec_by_id
from octavox.codec.errors import CorruptStreamError
from octavox.codec.files.source import FilePath, Source, open_source
from octavox.codec.job import CancelToken, JobContext
from octavox.codec.lod import level_sections
from octavox.codec.options import CodecOptions
from octavox.codec.parallel import SharedJob, map_parallel
from octavox.codec.sources import naming
from octavox.codec.stream.header import NO_WEIGHTS
from octavox.codec.stream.reader import StreamReader

CACHE_BYTES = 512 << 20  # of Morton codes that are kept: 64 million voxels
GROWTH = 4.0  # nodes of a level for each of the one above, on surfaces

Codes = npt.NDArray[np.int64]


@dataclass(frozen=True)
class _Kept:
    """Sorted Morton codes of the nodes of a slice, on a level."""

    level: int
    codes: Codes


class StreamParts:
    """The slices of an open bitstream, of which some levels are in memory at a time.

    name: of the file. depth: bits per axis. coded: of them, those whose nodes can be decoded here; the
    decoder guesses the others. points: (S,) voxels of each slice on level `coded`. transform,
    coordinate_type: of the voxels, in the units of the file. bytes_all: of the geometry. Several threads may
    read.
    """

    def __init__(self, source: Source, stream: StreamReader, codec: LevelCodec, cache: int) -> None:
        """cache: bytes of the codes that are kept."""
        header = stream.header
        self._source, self._stream, self._codec, self._limit = source, stream, codec, cache
        self._kept: OrderedDict[int, _Kept] = OrderedDict()
        self._counts: dict[tuple[int, int], int] = {}  # nodes of a slice on a level
        self._reading, self._keeping = threading.Lock(), threading.Lock()
        partly = header.guess is not None and header.guess.partly
        self.name, self.depth, self.coded = source.name, header.depth, header.coded_depth - partly
        self.points = np.array([entry.points for entry in stream.slices], np.int64)
        self.transform: Transform = header.transform.scaled(header.scale, header.offset)
        self.coordinate_type = header.coordinate_type
        self._read: dict[int, int] = {}  # bytes of each slice that were read
        self.bytes_all = sum(entry.length for entry in stream.slices)

    def __len__(self) -> int:
        return len(self.points)

    def nodes(
        self, slices: Sequence[int], level: int, options: CodecOptions, cancel: CancelToken | None = None
    ) -> list[Codes]:
        """The nodes of some slices on a level, from 1 to `coded`: sorted Morton codes, (n,) each.

        options: device, threads and weights. What is kept is not decoded again, nor is what deeper levels
        say. Raises as `decode`.
        """
        with self._reading:
            missing = [k for k in slices if not self.knows(k, level)]
            if missing:
                self._decode(missing, level, options, JobContext(cancel=cancel))
            found = [self._known(k, level) for k in slices]
            self._let_go(set(slices))
        return found

    def known_level(self, number: int) -> int:
        """The deepest level whose nodes are kept of a slice; 0 where none is."""
        kept = self._kept.get(number)
        return 0 if kept is None else kept.level

    def knows(self, number: int, level: int) -> bool:
        """Whether the nodes of a slice on a level are kept."""
        return self.known_level(number) >= level

    def counted(self, number: int, level: int) -> float:
        """How many nodes a slice has on a level; an estimate where it was not decoded so far."""
        known = self._counts.get((number, level))
        if known is not None:
            return float(known)
        below = [(at, n) for (k, at), n in self._counts.items() if k == number and at < level]
        at, nodes = max(below, default=(0, 1))
        return min(float(self.points[number]), nodes * GROWTH ** (level - at))

    @property
    def bytes_read(self) -> int:
        """Of the geometry, each byte once."""
        return sum(self._read.values())

    @property
    def room(self) -> int:
        """How many nodes can be kept."""
        return self._limit // np.dtype(np.int64).itemsize

    @property
    def kept_bytes(self) -> int:
        """Of the codes that are in memory."""
        return sum(kept.codes.nbytes for kept in self._kept.values())

    def _decode(self, numbers: list[int], level: int, options: CodecOptions, job: JobContext) -> None:
        def work(place: int) -> None:
            codes = self._decoded(numbers[place], level, one, JobContext(cancel=job.cancel))
            with self._keeping:  # at once: it stays where another part fails, or the job is cancelled
                self._kept.pop(numbers[place], None)
                self._kept[numbers[place]] = _Kept(level, codes)
                self._counts[numbers[place], level] = len(codes)

        one = replace(options, threads=1)  # of each slice; several are decoded at the same time
        shared = SharedJob(job, "levels", len(numbers))
        naming(self._source, lambda: map_parallel(shared, len(numbers), options.threads, work))

    def _decoded(self, number: int, level: int, options: CodecOptions, job: JobContext) -> Codes:
        header, sections = self._stream.header, level_sections(self._stream, level, number)
        self._read[number] = max(self._read.get(number, 0), len(sections[number].payload))
        coded = GeometryStream(
            header.coded_depth, header.coded_points, header.params, header.weights_id, sections, (number,)
        )
        try:
            coords = self._codec.decode_levels(coded, level, options, job)
        except CorruptStreamError as error:
            raise self._stream.locate(error) from error
        return np.asarray(morton_encode(coords, level), np.int64)

    def _known(self, number: int, level: int) -> Codes:
        kept = self._kept[number]
        self._kept.move_to_end(number)
        codes = coarser(kept.codes, kept.level - level)
        self._counts[number, level] = len(codes)
        return codes

    def _let_go(self, used: set[int]) -> None:
        """Of more codes than the limit allows, those whose last use is longest ago go."""
        size = self.kept_bytes
        for number in [k for k in self._kept if k not in used]:
            if size <= self._limit:
                return
            size -= self._kept.pop(number).codes.nbytes

    def close(self) -> None:
        """Lets go of the file and of what is kept of it."""
        self._source.close()
        self._kept.clear()


def coarser(codes: Codes, levels: int) -> Codes:
    """The nodes so many levels above sorted nodes (n,)."""
    if levels == 0:
        return codes
    above = codes >> 3 * levels
    return above[np.diff(above, prepend=-1) > 0]


def open_parts(path: FilePath) -> StreamParts | None:
    """A bitstream whose slices can be decoded one by one, to any number of levels.

    None of others: those of codecs that do not code by level, sequences, and what is coded with another
    frame. Close what is returned. Raises as `decode`.
    """
    source = open_source(path)
    try:
        stream = naming(source, lambda: StreamReader(source))
        header = stream.header
        if stream.slices and header.inter_weights == NO_WEIGHTS and codec_info(header.codec_name).by_level:
            codec = get_codec_by_id(header.codec_id)
            if isinstance(codec, LevelCodec) and not any(map(stream.is_tree, stream.entries)):
                return StreamParts(source, stream, codec, CACHE_BYTES)
    except BaseException:
        source.close()
        raise
    source.close()
    return None
