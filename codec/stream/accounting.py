"""The accounting of a stream: every bit of a file has an owner."""

from __future__ import annotations

from octavox.codec.blocks import BlockTable
from octavox.codec.report import BitBalance

from .reader import StreamReader


def bit_balance(
    stream: StreamReader, blocks: BlockTable, side_bits: dict[str, float], payload_bytes: int | None = None
) -> BitBalance:
    """Owners of all bits of a file: the blocks, side information, and the container.

    payload_bytes: of the payloads that were read; None: all of them.
    """
    overhead = stream.overhead
    if payload_bytes is None:
        payload_bytes = sum(entry.length for entry in stream.entries)
    return BitBalance(
        occupancy=float(blocks.bits.sum()),
        flags=float(blocks.flag_bits.sum()),
        side={**side_bits, **{name: 8.0 * size for name, size in overhead.items()}},
        total=8 * (sum(overhead.values()) + payload_bytes),
    )
