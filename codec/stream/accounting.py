"""The accounting of a stream: every bit of a file has an owner."""

from __future__ import annotations

from octavox.codec.blocks import BlockTable
from octavox.codec.report import BitBalance

from .reader import StreamReader


def bit_balance(
    stream: StreamReader, blocks: BlockTable, side_bits: dict[str, float], unread: int = 0
) -> BitBalance:
    """Owners of all bits of a file but `unread` bytes: the blocks, side information, and the container."""
    return BitBalance(
        occupancy=float(blocks.bits.sum()),
        flags=float(blocks.flag_bits.sum()),
        side={**side_bits, **{name: 8.0 * size for name, size in stream.overhead.items()}},
        total=8 * (stream.size - unread),
    )
