"""What a codec expected of a cloud: probabilities of voxels."""

from __future__ import annotations

from .blocks import BlockPlace, VoxelProbabilities
from .cloud.cloud import VoxelCloud
from .codecs.interface import ProbabilityCodec
from .codecs.registry import get_codec_by_id
from .decoding import geometry_stream
from .errors import CorruptStreamError, InputError, check_type
from .files.source import Readable, Source, open_source
from .job import CancelToken, JobContext, ProgressCallback
from .option_table import check_options
from .options import CodecOptions
from .sources import naming
from .stream.reader import StreamReader


def voxel_probabilities(
    cloud: VoxelCloud,
    block: BlockPlace,
    stream: Readable,
    *,
    options: CodecOptions | None = None,
    progress: ProgressCallback | None = None,
    cancel: CancelToken | None = None,
) -> VoxelProbabilities:
    """What a codec expected of each voxel of a block when it coded this cloud.

    block: as `BlockTable.place` gives it; its slice is needed where the cloud is a part of what was coded.
    stream: what the codec made of the cloud. options: only device, threads, batch_sites and weights matter.
    Codec "voxeldnn" asks its network about the block alone; the others decode the slice, once for questions
    about the same one. Raises InputError where there is no such block or nothing in it, or the stream is
    another cloud's; CorruptStreamError, UnsupportedStreamError, WeightsError, CancelledError.
    """
    check_type(cloud, VoxelCloud, "a VoxelCloud, such as the voxels of a result,", "cloud")
    check_type(block, BlockPlace, "a BlockPlace", "block")
    job = JobContext(progress, cancel)
    chosen = check_options(CodecOptions() if options is None else options)
    with open_source(stream, job) as given:
        return naming(given, lambda: _ask_codec(given, cloud, block, chosen, job))


def _ask_codec(
    source: Source, cloud: VoxelCloud, block: BlockPlace, options: CodecOptions, job: JobContext
) -> VoxelProbabilities:
    """What the codec of a stream expected of a block. Raises as `voxel_probabilities`."""
    stream = StreamReader(source)
    codec = get_codec_by_id(stream.header.codec_id)
    if not isinstance(codec, ProbabilityCodec):
        raise InputError(f"codec '{codec.name}' does not say what it expected", field="codec")
    coded = geometry_stream(stream, None)
    try:
        return codec.voxel_probabilities(coded, cloud, block, options, job)
    except CorruptStreamError as error:
        raise stream.locate(error) from error
