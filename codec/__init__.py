"""Octavox, the library: lossless compression of point clouds.

    import octavox as ov

    result = ov.encode("cloud.ply", options=ov.CodecOptions(codec="octree"))
    ov.save_stream("cloud.ovx", result.data)
    ov.write_cloud("back.ply", ov.decode("cloud.ovx").cloud)

The names below load on first use (PEP 562), so the import loads neither numpy, torch, numba nor open3d.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from .api import decode as decode
    from .api import encode as encode
    from .api import info as info
    from .api import salvage as salvage
    from .api import save_stream as save_stream
    from .api import verify as verify
    from .batch.api import bench_many as bench_many
    from .batch.api import decode_many as decode_many
    from .batch.api import encode_many as encode_many
    from .batch.api import verify_many as verify_many
    from .batch.rows import BatchRow as BatchRow
    from .batch.rows import read_batch as read_batch
    from .batch.running import BatchProgress as BatchProgress
    from .batch.running import BatchReport as BatchReport
    from .blocks import BLOCK_SIZE as BLOCK_SIZE
    from .blocks import BLOCK_SIZES as BLOCK_SIZES
    from .blocks import BlockPlace as BlockPlace
    from .blocks import BlockTable as BlockTable
    from .blocks import VoxelProbabilities as VoxelProbabilities
    from .certificate import absent_codes as absent_codes
    from .certificate import certify as certify
    from .certificate import voxel_digest as voxel_digest
    from .cloud.cloud import MAX_DEPTH as MAX_DEPTH
    from .cloud.cloud import PointCloud as PointCloud
    from .cloud.cloud import Transform as Transform
    from .cloud.cloud import VoxelCloud as VoxelCloud
    from .cloud.cloud import VoxelizationReport as VoxelizationReport
    from .cloud.columns import Element as Element
    from .cloud.columns import FileInfo as FileInfo
    from .cloud.columns import ListColumn as ListColumn
    from .cloud.merging import merged_values as merged_values
    from .cloud.morton import morton_decode as morton_decode
    from .cloud.morton import morton_encode as morton_encode
    from .cloud.quantize import Quantized as Quantized
    from .cloud.quantize import quantize as quantize
    from .cloud.voxel_rows import rows_in_voxels as rows_in_voxels
    from .cloud.voxelize import voxelize as voxelize
    from .codecs.registry import AttributeCoderInfo as AttributeCoderInfo
    from .codecs.registry import CodecInfo as CodecInfo
    from .codecs.registry import attribute_coder_infos as attribute_coder_infos
    from .codecs.registry import codec_info as codec_info
    from .codecs.registry import codec_infos as codec_infos
    from .codecs.registry import codec_names as codec_names
    from .codecs.variants import VARIANTS as VARIANTS
    from .codecs.variants import use_variant as use_variant
    from .densify import Restored as Restored
    from .densify import RestoreReport as RestoreReport
    from .densify import Upsampled as Upsampled
    from .densify import UpsampleReport as UpsampleReport
    from .densify import restore as restore
    from .densify import upsample as upsample
    from .disk.cells import CellIndex as CellIndex
    from .disk.cloud import DiskCloud as DiskCloud
    from .disk.cloud import open_on_disk as open_on_disk
    from .disk.parts import StreamParts as StreamParts
    from .disk.parts import coarser as coarser
    from .disk.parts import open_parts as open_parts
    from .disk.voxels import VoxelGrid as VoxelGrid
    from .errors import CancelledError as CancelledError
    from .errors import CorruptStreamError as CorruptStreamError
    from .errors import DroppedWarning as DroppedWarning
    from .errors import InputError as InputError
    from .errors import LossWarning as LossWarning
    from .errors import MovedPointsWarning as MovedPointsWarning
    from .errors import OctavoxError as OctavoxError
    from .errors import OutOfMemoryError as OutOfMemoryError
    from .errors import SequenceError as SequenceError
    from .errors import UnsupportedStreamError as UnsupportedStreamError
    from .errors import WeightsError as WeightsError
    from .files.atomic import write_atomically as write_atomically
    from .files.listing import natural_key as natural_key
    from .files.scratch import scratch_folder as scratch_folder
    from .formats import ReadOptions as ReadOptions
    from .formats import WriteOptions as WriteOptions
    from .formats import cloud_suffixes as cloud_suffixes
    from .formats import read_cloud as read_cloud
    from .formats import read_sample as read_sample
    from .formats import write_cloud as write_cloud
    from .formats import write_ply as write_ply
    from .interpolation import Interpolated as Interpolated
    from .interpolation import InterpolateReport as InterpolateReport
    from .interpolation import interpolate as interpolate
    from .job import CancelToken as CancelToken
    from .job import Progress as Progress
    from .job import ProgressCallback as ProgressCallback
    from .lod import StreamLevels as StreamLevels
    from .lod import stream_levels as stream_levels
    from .metrics import Comparison as Comparison
    from .metrics import ComparisonReport as ComparisonReport
    from .metrics import Distortion as Distortion
    from .metrics import compare as compare
    from .option_spec import Choice as Choice
    from .option_spec import OptionSpec as OptionSpec
    from .option_table import check_options as check_options
    from .option_table import cloud_option_specs as cloud_option_specs
    from .option_table import codec_option_specs as codec_option_specs
    from .option_table import make_cloud_options as make_cloud_options
    from .option_table import make_options as make_options
    from .option_table import option_applies as option_applies
    from .option_table import option_arguments as option_arguments
    from .option_table import option_specs as option_specs
    from .option_table import parse_option as parse_option
    from .options import EFFORTS as EFFORTS
    from .options import CloudOptions as CloudOptions
    from .options import CodecOptions as CodecOptions
    from .prepared import is_prepared as is_prepared
    from .prepared import prepare as prepare
    from .report import BitBalance as BitBalance
    from .report import BlockSizeRow as BlockSizeRow
    from .report import Certificate as Certificate
    from .report import ColorDistortion as ColorDistortion
    from .report import ColorLoss as ColorLoss
    from .report import DecodeReport as DecodeReport
    from .report import EncodeReport as EncodeReport
    from .report import Loss as Loss
    from .report import LossyReport as LossyReport
    from .report import TargetReport as TargetReport
    from .results import DecodeResult as DecodeResult
    from .results import EncodeResult as EncodeResult
    from .sequence_writer import SequenceReport as SequenceReport
    from .sequence_writer import SequenceWriter as SequenceWriter
    from .sequence_writer import encode_sequence as encode_sequence
    from .sequences import Sequence as Sequence
    from .sequences import StreamFrames as StreamFrames
    from .sequences import open as open
    from .sources import Proposal as Proposal
    from .sources import propose as propose
    from .stream.header import Header as Header
    from .stream.schema import owner_of as owner_of
    from .stream_info import SectionInfo as SectionInfo
    from .stream_info import StreamInfo as StreamInfo
    from .surprise import PropertyBits as PropertyBits
    from .surprise import property_bits as property_bits
    from .surprise import voxel_probabilities as voxel_probabilities
    from .wording import LEVELS as LEVELS
    from .wording import Wording as Wording
    from .wording import losses as losses
    from .wording import promise as promise
    from .wording import verdict as verdict

_HOMES = {
    "api": "decode encode info salvage save_stream verify",
    "batch.api": "bench_many decode_many encode_many verify_many",
    "batch.rows": "BatchRow read_batch",
    "batch.running": "BatchProgress BatchReport",
    "blocks": "BLOCK_SIZE BLOCK_SIZES BlockPlace BlockTable VoxelProbabilities",
    "cloud.columns": "Element FileInfo ListColumn",
    "cloud.cloud": "MAX_DEPTH PointCloud Transform VoxelCloud VoxelizationReport",
    "cloud.merging": "merged_values",
    "cloud.morton": "morton_decode morton_encode",
    "cloud.quantize": "Quantized quantize",
    "cloud.voxel_rows": "rows_in_voxels",
    "cloud.voxelize": "voxelize",
    "certificate": "absent_codes certify voxel_digest",
    "codecs.registry": "AttributeCoderInfo CodecInfo attribute_coder_infos codec_info codec_infos"
    " codec_names",
    "codecs.variants": "VARIANTS use_variant",
    "disk.cells": "CellIndex",
    "disk.cloud": "DiskCloud open_on_disk",
    "disk.parts": "StreamParts coarser open_parts",
    "disk.voxels": "VoxelGrid",
    "densify": "RestoreReport Restored UpsampleReport Upsampled restore upsample",
    "errors": "CancelledError CorruptStreamError DroppedWarning InputError LossWarning MovedPointsWarning"
    " OctavoxError OutOfMemoryError SequenceError UnsupportedStreamError WeightsError",
    "files.atomic": "write_atomically",
    "files.listing": "natural_key",
    "files.scratch": "scratch_folder",
    "formats": "ReadOptions WriteOptions cloud_suffixes read_cloud read_sample write_cloud write_ply",
    "interpolation": "InterpolateReport Interpolated interpolate",
    "job": "CancelToken Progress ProgressCallback",
    "lod": "StreamLevels stream_levels",
    "metrics": "Comparison ComparisonReport Distortion compare",
    "option_spec": "Choice OptionSpec",
    "option_table": "check_options cloud_option_specs codec_option_specs make_cloud_options make_options"
    " option_applies option_arguments option_specs parse_option",
    "options": "EFFORTS CloudOptions CodecOptions",
    "prepared": "is_prepared prepare",
    "report": "BitBalance BlockSizeRow Certificate ColorDistortion ColorLoss DecodeReport EncodeReport Loss"
    " LossyReport TargetReport",
    "results": "DecodeResult EncodeResult",
    "sequence_writer": "SequenceReport SequenceWriter encode_sequence",
    "sequences": "Sequence StreamFrames open",
    "sources": "Proposal propose",
    "stream_info": "SectionInfo StreamInfo",
    "stream.header": "Header",
    "stream.schema": "owner_of",
    "surprise": "PropertyBits property_bits voxel_probabilities",
    "wording": "LEVELS Wording losses promise verdict",
}
_HOME = {name: module for module, names in _HOMES.items() for name in names.split()}

# What a name was called before. The old name works, with a DeprecationWarning.
RENAMED = {
    "GridOptions": "CloudOptions",
    "grid_option_specs": "cloud_option_specs",
    "make_grid": "make_cloud_options",
}

if not TYPE_CHECKING:  # a type checker knows the imports above, and nothing else
    __all__ = sorted([*_HOME, "__version__"])

    def __getattr__(name: str) -> Any:
        if name in RENAMED:
            from .errors import warn_caller

            warn_caller(f"{name} is called {RENAMED[name]} now; the old name will go", DeprecationWarning)
            return __getattr__(RENAMED[name])
        if name not in _HOME:
            raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
        value = getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted([*_HOME, "__version__"])
