"""The options: what a caller may choose about coding, and about the voxel grid.

A new option is one field here. The command line, the codec panel, sessions, the copied command line and
docs/options.md follow (`octavox.codec.option_table`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .blocks import BLOCK_SIZE, BLOCK_SIZES
from .option_spec import CODING, EVERY, OptionSpec, Shortcut, named, option, plain_numbers

EFFORTS = ("normal", "high")
MOST_COLOR_ERROR = (1 << 16) - 1


@dataclass(frozen=True)
class CodecOptions:
    """What a caller may choose about coding. None means the codec's default.

    For decoding, device, threads, batch_sites, weights and block_size matter: a stream names its codec.
    """

    codec: str = option(
        "multiscale",
        OptionSpec(label="Codec", help="How the cloud is coded", closed=True, every_codec=True),
    )
    max_level: int = option(
        4,
        OptionSpec(
            label="Blocks",
            help="Block sizes among which VoxelDNN chooses: more sizes, smaller files, more time",
            kind=int,
            choices=named({1: "64 only", 2: "64 to 32", 3: "64 to 16", 4: "64 to 8", 5: "64 to 4"}),
            closed=True,
        ),
    )
    block_size: int = option(
        BLOCK_SIZE,
        OptionSpec(
            label="Blocks",
            help="Size of the blocks that bits are counted by; the bytes are the same",
            kind=int,
            choices=named({size: str(size) for size in BLOCK_SIZES}),
            closed=True,
            commands=CODING,
        ),
    )
    effort: str = option(
        "normal",
        OptionSpec(
            label="Effort",
            help="High tries what suits the cloud before it codes: slower, smaller by up to some per cent; "
            "decoding takes no longer",
            choices=named(dict(zip(EFFORTS, ("Standard", "High"), strict=True))),
            closed=True,
        ),
    )
    slices: int | None = option(
        None,
        OptionSpec(
            label="Slices",
            help="Slices that the cloud is cut into; as many processors code them at once, "
            "for some bytes more. Automatic: by its points",
            kind=int,
            choices=named({None: "Automatic", **{n: str(n) for n in (1, 2, 4, 8, 16, 32)}}),
            least=1,
            nullable=True,
            remembered=False,
            metavar="N",
        ),
    )
    device: str = option(
        "auto",
        OptionSpec(
            label="Device",
            help="Where the network computes; the bytes are the same everywhere",
            choices=named({"auto": "Automatic", "cpu": "CPU", "cuda": "CUDA GPU"}),
            closed=True,
            commands=EVERY,
            every_codec=True,
        ),
    )
    threads: int | None = option(
        None,
        OptionSpec(
            label="Processors",
            help="How many processors coding may use; the bytes are the same",
            kind=int,
            choices=named({None: "All processors", 2: "2 threads", 1: "1 thread"}),
            least=1,
            nullable=True,
            commands=EVERY,
            every_codec=True,
            remembered=False,
            metavar="N",
        ),
    )
    batch_sites: int | None = option(
        None,
        OptionSpec(
            label="Batch",
            help="Voxels of a network batch; the bytes are the same",
            kind=int,
            least=1,
            nullable=True,
            commands=(),
            window=False,
            remembered=False,
        ),
    )
    weights: str | None = option(
        None,
        OptionSpec(
            label="Weights",
            help="Weights file of the network. Automatic: the one that ships",
            path=True,
            nullable=True,
            commands=EVERY,
            every_codec=True,
            window=False,
            remembered=False,
            metavar="FILE",
        ),
    )

    def __post_init__(self) -> None:
        plain_numbers(self)


def _target(label: str, words: str, metavar: str) -> Any:
    """An option of what a lossy stream has to reach; without it nothing has to be."""
    spec = OptionSpec(
        label=label,
        help=words,
        kind=float,
        nullable=True,
        every_codec=True,
        window=False,
        remembered=False,
        metavar=metavar,
    )
    return option(None, spec)


@dataclass(frozen=True)
class CloudOptions:
    """What a caller may choose about what comes back of a cloud."""

    keep: str = option(
        "auto",
        OptionSpec(
            label="Keep",
            help="What comes back: file, the file to the byte; records, every point with every property, to "
            "the last bit; voxels, the occupied voxels of a grid. Automatic: records, unless a depth or a "
            "voxel size is given",
            shortcuts=(Shortcut("--archive", "file"),),
            choices=named({"auto": "Automatic", "file": "File", "records": "Records", "voxels": "Voxels"}),
            closed=True,
            every_codec=True,
            remembered=False,
        ),
    )
    depth: int | None = option(
        None,
        OptionSpec(
            label="Depth",
            help="Bits per axis of the voxel grid. Automatic: from the points; an open file is read anew",
            kind=int,
            choices=named({None: "Automatic", **dict.fromkeys(range(6, 17), "{n} bits")}),
            least=1,
            nullable=True,
            every_codec=True,
            remembered=False,
            metavar="N",
        ),
    )
    voxel_size: float | None = option(
        None,
        OptionSpec(
            label="Voxel size",
            help="Edge of a voxel, in the units of the file",
            kind=float,
            nullable=True,
            every_codec=True,
            window=False,
            remembered=False,
            metavar="S",
        ),
    )
    nan: str = option(
        "keep",
        OptionSpec(
            label="NaN",
            help="Points whose coordinates are not finite: keep leaves them out where voxels are kept, "
            "and says so; error refuses them",
            choices=named({"keep": "Keep", "error": "Refuse"}),
            closed=True,
            every_codec=True,
            window=False,
            remembered=False,
        ),
    )
    color_error: int = option(
        0,
        OptionSpec(
            label="Colours",
            help="How far red, green and blue may each be off, where they are integers; more makes files "
            "smaller. 0: they come back exactly",
            kind=int,
            choices=named({0: "Exact", **dict.fromkeys((1, 2, 4, 8), "within {n}")}),
            least=0,
            most=MOST_COLOR_ERROR,
            every_codec=True,
            remembered=False,
            metavar="E",
        ),
    )
    drop: str | None = option(
        None,
        OptionSpec(
            label="Leave out",
            help="Names of properties that are not stored, separated by commas; * for all of them",
            shortcuts=(Shortcut("--geometry-only", "*"),),
            nullable=True,
            every_codec=True,
            remembered=False,
            metavar="NAMES",
        ),
    )
    drop_levels: float = option(
        0.0,
        OptionSpec(
            label="Guess levels",
            help="Finest octree levels that are not stored, 0 to 4: the decoder guesses them. Of 1.5, half "
            "of the second one is. Smaller files; points near the original ones come back",
            kind=float,
            choices=named({0.0: "None", 0.5: "1/2", 1.0: "1", 1.5: "1 1/2", 2.0: "2", 3.0: "3", 4.0: "4"}),
            every_codec=True,
            remembered=False,
            metavar="K",
        ),
    )
    bpp: float | None = _target(
        "Bits a point",
        "The most bits that the stream takes for each point of the source; as many levels as that needs are "
        "left out and guessed",
        "X",
    )
    psnr: float | None = _target(
        "PSNR",
        "The D1 PSNR in dB that what comes back has at least, at a peak of 2^depth - 1 voxels; as many "
        "levels as that allows are left out and guessed",
        "X",
    )
    max_error: float | None = _target(
        "Largest error",
        "How far a point may be from the nearest one that comes back, and the other way round (Hausdorff), "
        "in the units of the file; as many levels as that allows are left out and guessed",
        "E",
    )

    def __post_init__(self) -> None:
        plain_numbers(self)
