"""Octavox: see, compress and keep 3D point clouds.

    import octavox as ov

    ov.save_stream("cloud.ovx", ov.encode("cloud.ply").data)
    ov.write_cloud("back.ply", ov.decode("cloud.ovx").cloud)

The names are those of `octavox.codec`. They load on first use, so the import takes milliseconds.
`dir(octavox)` has the stable ones, which docs/library.md lists. Others serve the window and the benchmarks,
and may change.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

# In a checkout codec/, gui/ and resources/ lie beside this folder; in an installation, inside it.
if not Path(__path__[0], "codec").is_dir():
    __path__.append(str(Path(__path__[0]).resolve().parent))

from octavox import codec as _codec

__version__ = _codec.__version__

_OF_THE_WINDOW = frozenset(
    {
        "AttributeCoderInfo",
        "BLOCK_SIZE",
        "BLOCK_SIZES",
        "CellIndex",
        "Choice",
        "CodecInfo",
        "DiskCloud",
        "EFFORTS",
        "Header",
        "LEVELS",
        "OptionSpec",
        "Proposal",
        "Quantized",
        "StreamParts",
        "VARIANTS",
        "VoxelGrid",
        "Wording",
        "absent_codes",
        "attribute_coder_infos",
        "certify",
        "check_options",
        "cloud_option_specs",
        "coarser",
        "codec_info",
        "codec_infos",
        "codec_option_specs",
        "is_prepared",
        "losses",
        "make_cloud_options",
        "make_options",
        "merged_values",
        "morton_decode",
        "natural_key",
        "open_on_disk",
        "open_parts",
        "option_applies",
        "option_arguments",
        "option_specs",
        "owner_of",
        "parse_option",
        "promise",
        "propose",
        "quantize",
        "rows_in_voxels",
        "scratch_folder",
        "use_variant",
        "voxel_digest",
        "write_atomically",
    }
)

_STABLE = sorted({*dir(_codec)} - {*_OF_THE_WINDOW, "__version__"})

if TYPE_CHECKING:
    from octavox.codec import *  # noqa: F403
else:
    # `from octavox import *` leaves the function `open` of Python alone.
    __all__ = [name for name in _STABLE if name != "open"]

    def __getattr__(name: str) -> Any:
        if name not in _codec.__all__ and name not in _codec.RENAMED:
            raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
        value = getattr(_codec, name)
        if name not in _codec.RENAMED:
            globals()[name] = value
        return value


def __dir__() -> list[str]:
    return ["__version__", *_STABLE]
