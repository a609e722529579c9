"""The accounting of a stream: every bit of a file has an owner."""

from __future__ import annotations

from octavox.codec.blocks import BlockTable
from octavox.codec.report import BitBalance

from .container import CRC_BYTES, Layout


def bit_balance(size: int, layout: Layout, blocks: BlockTable, side_bits: dict[str, float]) -> BitBalance:
    """Owners of all bits of a file, or of what was read of it, `size` bytes.

    They are the blocks, the codec's side information, and the container.
    """
    table = sum(entry.table_bytes for entry in layout.entries)
    crcs = CRC_BYTES * (len(layout.entries) + 1)
    return BitBalance(
        occupancy=float(blocks.bits.sum()),
        flags=float(blocks.flag_bits.sum()),
        side={
            **side_bits,
            "header": 8.0 * (layout.header_bytes - table - CRC_BYTES),
            "section table": 8.0 * (table - CRC_BYTES * len(layout.entries)),
            "checksums": 8.0 * crcs,
        },
        total=8 * size,
    )
