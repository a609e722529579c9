"""What the inspector and the properties list."""

from __future__ import annotations

import numpy as np
from windows import certificate, sphere

from octavox.codec import BlockTable
from octavox.gui.document.blocks import COLUMNS
from octavox.gui.document.display import prepare
from octavox.gui.document.facts import block_facts, properties
from octavox.gui.document.items import CloudItem, StreamItem
from octavox.gui.document.session import Session


def table(n: int = 4) -> BlockTable:
    origin = np.column_stack([np.arange(n) * 16, np.zeros(n), np.zeros(n)])
    return BlockTable.make(origin, 16, np.arange(1, n + 1), np.arange(n) * 10.0, 1.0, 0, np.nan, 5.0)


def test_facts_name_what_is_known() -> None:
    session = Session()
    assert properties(session) == []
    cloud = sphere()
    session.set_original(CloudItem(prepare(cloud), "a.ply", "/x/a.ply"))
    session.set_stream(StreamItem(b"x" * 1000, codec="octree"))
    session.set_blocks(table())
    session.set_certificate(certificate(cloud, cloud))
    facts = {(f.section, f.label): f.value for f in properties(session)}
    assert facts["Original", "Points"] == f"{len(cloud):,}"
    assert facts["Bitstream", "Bytes"] == "1,000"
    assert facts["Bitstream", "File"] == "not saved yet"
    words = f"identical: {len(cloud):,} points, every property, to the last bit (voxels)"
    assert facts["Lossless certificate", "Result"] == words
    block = {f.label: f.value for f in block_facts(session, 3)}
    assert block["Origin"] == "48, 0, 0"
    bits = float(session.blocks.bits[3] + session.blocks.flag_bits[3])
    assert block["Bits"] == f"{bits:.1f}" and block["Bytes"] == f"{bits / 8:.1f}"
    assert block["Rate"] == f"{bits / session.blocks.points[3]:.4f} bpov"
    assert block["Flags"] == f"{session.blocks.flag_bits[3]:.2f} of these"
    row = {column.key: column.values(session.blocks)[3] for column in COLUMNS}
    assert row["bits"] == bits and row["bpov"] == bits / session.blocks.points[3]
    assert block["As one"] == "not tried"
    assert block["As eight"] == "5.0 bits"
