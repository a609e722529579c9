"""What a caller may choose about coding."""

from __future__ import annotations

from dataclasses import dataclass

from .blocks import BLOCK_SIZE

EFFORTS = ("normal", "high")


@dataclass(frozen=True)
class CodecOptions:
    """What a caller may choose. None means the codec's default."""

    codec: str = "multiscale"
    max_level: int = 4  # 1: blocks of 64 only ... 5: down to blocks of 4 (Algorithm 1)
    block_size: int = BLOCK_SIZE  # of the block table of octree and multiscale; never changes the bytes
    slices: int | None = None  # octree, multiscale: about so many, which code in parallel; None: by points
    effort: str = "normal"  # high: octree and multiscale try what suits the cloud before they code it
    device: str = "auto"  # auto, cpu or cuda
    threads: int | None = None
    batch_sites: int | None = None  # sites per network batch; never changes the bytes
    weights: str | None = None  # path of a weights file; None: the shipped ones
