"""Octavox, the library: lossless compression of voxelized point clouds.

    import codec

    result = codec.encode("cloud.ply", options=codec.CodecOptions(codec="octree"))
    codec.save_stream("cloud.ovx", result.data)
    codec.write_ply("back.ply", codec.decode("cloud.ovx").cloud)

The names below load on first use (PEP 562), so importing `codec` imports neither torch, numba nor open3d.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from .api import DecodeResult as DecodeResult
    from .api import EncodeResult as EncodeResult
    from .api import decode as decode
    from .api import encode as encode
    from .api import info as info
    from .api import read_cloud as read_cloud
    from .api import read_sample as read_sample
    from .api import save_stream as save_stream
    from .api import verify as verify
    from .api import voxel_probabilities as voxel_probabilities
    from .api import voxelize as voxelize
    from .api import write_ply as write_ply
    from .codecs import codec_names as codec_names
    from .container import Header as Header
    from .errors import CancelledError as CancelledError
    from .errors import CorruptStreamError as CorruptStreamError
    from .errors import InputError as InputError
    from .errors import OctavoxError as OctavoxError
    from .errors import UnsupportedStreamError as UnsupportedStreamError
    from .errors import WeightsError as WeightsError
    from .metrics import Comparison as Comparison
    from .metrics import ComparisonReport as ComparisonReport
    from .metrics import Distortion as Distortion
    from .metrics import compare as compare
    from .prepared import is_prepared as is_prepared
    from .prepared import prepare as prepare
    from .report import BitBalance as BitBalance
    from .report import BlockSizeRow as BlockSizeRow
    from .report import Certificate as Certificate
    from .report import DecodeReport as DecodeReport
    from .report import EncodeReport as EncodeReport
    from .report import SectionInfo as SectionInfo
    from .report import StreamInfo as StreamInfo
    from .types import BLOCK_SIZE as BLOCK_SIZE
    from .types import BLOCK_SIZES as BLOCK_SIZES
    from .types import EFFORTS as EFFORTS
    from .types import MAX_DEPTH as MAX_DEPTH
    from .types import BlockPlace as BlockPlace
    from .types import BlockTable as BlockTable
    from .types import CancelToken as CancelToken
    from .types import CodecOptions as CodecOptions
    from .types import PointCloud as PointCloud
    from .types import Progress as Progress
    from .types import ProgressCallback as ProgressCallback
    from .types import Transform as Transform
    from .types import VoxelCloud as VoxelCloud
    from .types import VoxelizationReport as VoxelizationReport
    from .types import VoxelProbabilities as VoxelProbabilities

_HOMES = {
    "api": "DecodeResult EncodeResult decode encode info read_cloud read_sample save_stream verify"
    " voxel_probabilities voxelize write_ply",
    "codecs": "codec_names",
    "container": "Header",
    "errors": "CancelledError CorruptStreamError InputError OctavoxError UnsupportedStreamError WeightsError",
    "metrics": "Comparison ComparisonReport Distortion compare",
    "prepared": "is_prepared prepare",
    "report": "BitBalance BlockSizeRow Certificate DecodeReport EncodeReport SectionInfo StreamInfo",
    "types": "BLOCK_SIZE BLOCK_SIZES EFFORTS MAX_DEPTH BlockPlace BlockTable CancelToken CodecOptions"
    " PointCloud Progress ProgressCallback Transform VoxelCloud VoxelProbabilities VoxelizationReport",
}
_HOME = {name: module for module, names in _HOMES.items() for name in names.split()}

__all__ = ["__version__", *_HOME]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
    value = getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOME])
