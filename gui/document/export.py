"""What the window writes besides bitstreams and clouds: the blocks as CSV, the reports as JSON."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

from octavox.codec import BlockTable, write_atomically

from .blocks import COMPONENT, components_of, surprises_of
from .session import Session

CSV_COLUMNS = (
    "id", "x", "y", "z", "size", "points", "bits", "flag_bits", "bpov", "slice", "unsplit_bits", "split_bits",
)  # fmt: skip


def blocks_csv(blocks: BlockTable) -> str:
    """One line per block in coding order, numbers in full precision; empty where a cost was not tried.

    Where it is known what the bits are for, with a column "bits:NAME" for each component; where surprises
    were computed, with theirs.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    components, surprises = components_of(blocks), surprises_of(blocks)
    writer.writerow((*CSV_COLUMNS, *(COMPONENT + name for name in components), *surprises))
    columns = (
        range(len(blocks)),
        *(blocks.origin[:, k].tolist() for k in range(3)),
        blocks.size.tolist(),
        blocks.points.tolist(),
        blocks.bits.tolist(),
        blocks.flag_bits.tolist(),
        blocks.bpov.tolist(),
        blocks.slice.tolist(),
        blocks.unsplit_bits.tolist(),
        blocks.split_bits.tolist(),
        *(bits.tolist() for bits in (*components.values(), *surprises.values())),
    )
    for row in zip(*columns, strict=True):
        writer.writerow(["" if value != value else value for value in row])  # NaN is not equal to itself
    return out.getvalue()


def report_json(session: Session) -> str:
    """Everything known of the open cloud and its bitstream; absent parts are null."""
    voxelization = session.original.voxelization if session.original else None
    content: dict[str, Any] = {
        "source": session.original.path if session.original else None,
        "bitstream": session.stream.path if session.stream else None,
        "voxelization": vars(voxelization) if voxelization else None,
        "encode": session.encode_report,
        "decode": session.decode_report,
        "certificate": session.certificate.to_dict() if session.certificate else None,
        "blocks": len(session.blocks),
    }
    return json.dumps(content, indent=2, allow_nan=False)


def write_text(path: str, content: str) -> None:
    """Writes a file, which appears complete or not at all. Raises InputError."""
    write_atomically(path, content.encode("utf-8"))
