"""What a stream says of single points: probabilities of voxels, bits of properties."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from .arrays import Float32Array, Int64Array
from .blocks import BlockPlace, VoxelProbabilities
from .cloud.cloud import VoxelCloud
from .codecs.interface import ProbabilityCodec
from .decoding import Decoded, geometry_stream
from .errors import CorruptStreamError, InputError, check_type
from .files.source import Readable, open_source
from .job import CancelToken, JobContext, ProgressCallback
from .option_table import check_options
from .options import CodecOptions
from .provenance import Stopwatch
from .references import FramePlace, decode_frame, open_geometry


def voxel_probabilities(
    cloud: VoxelCloud,
    block: BlockPlace,
    stream: Readable,
    *,
    frame: int | None = None,
    options: CodecOptions | None = None,
    progress: ProgressCallback | None = None,
    cancel: CancelToken | None = None,
) -> VoxelProbabilities:
    """What a codec expected of each voxel of a block when it coded this cloud.

    block: as `BlockTable.place` gives it; its slice is needed where the cloud is a part of what was coded.
    stream: what the codec made of the cloud; frame: of a sequence, which one. options: only device, threads,
    batch_sites and weights matter.
    Codec "voxeldnn" asks its network about the block alone; the others decode the slice, once for questions
    about the same one. Raises InputError where there is no such block or nothing in it, or the stream is
    another cloud's; CorruptStreamError, UnsupportedStreamError, WeightsError, CancelledError.
    """
    check_type(cloud, VoxelCloud, "a VoxelCloud, such as the voxels of a result,", "cloud")
    check_type(block, BlockPlace, "a BlockPlace", "block")
    job = JobContext(progress, cancel)
    chosen = check_options(options)
    with open_source(stream, job) as given:
        place = FramePlace(given, frame)
        return place.naming(lambda: _ask_codec(place, cloud, block, chosen, job))


def _ask_codec(
    place: FramePlace, cloud: VoxelCloud, block: BlockPlace, options: CodecOptions, job: JobContext
) -> VoxelProbabilities:
    """What the codec of a stream expected of a block. Raises as `voxel_probabilities`."""
    stream, codec = open_geometry(place, options, job)
    if not isinstance(codec, ProbabilityCodec):
        raise InputError(f"codec '{codec.name}' does not say what it expected", field="codec")
    coded = geometry_stream(stream, None)
    try:
        return codec.voxel_probabilities(coded, cloud, block, options, job)
    except CorruptStreamError as error:
        raise stream.locate(error) from error


@dataclass(frozen=True)
class PropertyBits:
    """What the properties of each point of a stream took.

    bits: by the name of the property (N,) float32, for the points of `DecodeResult.cloud`, in its order; of
    the properties whose coder knows it: those that are coded from the points around. NaN for points off the
    grid. voxel: (N,) the row in `DecodeResult.voxels` of each point, -1 for points off the grid.
    """

    bits: dict[str, Float32Array]
    voxel: Int64Array


def property_bits(
    stream: Readable,
    *,
    slices: Collection[int] | None = None,
    frame: int | None = None,
    options: CodecOptions | None = None,
    progress: ProgressCallback | None = None,
    cancel: CancelToken | None = None,
) -> PropertyBits:
    """Decodes a stream for the bits that each value of its properties took: colour, intensity, labels.

    Their sum over a block is that of `block_bits`. Arguments and errors are those of `decode`.

        >>> import numpy as np, octavox as ov
        >>> cloud = ov.PointCloud([[x, y, 0] for x in range(40) for y in range(40)])
        >>> cloud.attributes["label"] = np.where(cloud.coords[:, 0] < 20, 3, 5).astype(np.uint8)
        >>> found = ov.property_bits(ov.encode(cloud, options=ov.CodecOptions(codec="octree")).data)
        >>> at_the_edge = found.bits["label"] > 2
        >>> bool(at_the_edge.any()), bool(at_the_edge.mean() < 0.1)
        (True, True)
    """
    chosen, job = check_options(options), JobContext(progress, cancel)
    with open_source(stream, job) as given:
        place = FramePlace(given, frame)
        done = place.naming(lambda: decode_frame(place, chosen, slices, None, job, Stopwatch()))
    return _bits_of(done)


def _bits_of(done: Decoded) -> PropertyBits:
    count = len(done.cloud)
    if done.placed is None or done.owners is None:  # of points coded as rows, and of files kept as they are
        return PropertyBits({}, np.full(count, -1, np.int64))
    off = count - len(done.owners)
    voxel = np.concatenate([done.owners, np.full(off, -1)])
    found = {
        name: np.concatenate([bits, np.full(off, np.nan, np.float32)])
        for name, bits in done.placed.of_points().items()
    }
    if done.places is not None:
        voxel, found = voxel[done.places], {name: bits[done.places] for name, bits in found.items()}
    return PropertyBits(found, voxel)
