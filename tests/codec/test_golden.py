"""Streams of earlier versions decode to the same voxels for ever (tests/golden/README.md)."""

from __future__ import annotations

import json

import golden_clouds
import pytest
from sample_clouds import ROOT

from octavox import codec
from octavox.codec.certificate import voxel_digest

FOLDER = ROOT / "tests" / "golden"
DIGESTS = json.loads((FOLDER / "digests.json").read_text())


def test_every_file_has_a_digest():
    assert sorted(p.name for p in FOLDER.glob("*.ovx")) == sorted(DIGESTS)


@pytest.mark.parametrize("name", sorted(DIGESTS))
def test_golden_files_decode(raw, name):
    decoded = codec.decode(FOLDER / name)
    assert voxel_digest(decoded.voxels.coords) == DIGESTS[name]


@pytest.mark.parametrize("name", ["container_1_0_plain.ovx", "container_1_0_full.ovx"])
def test_containers_are_written_byte_for_byte(raw, name):
    data, coords = golden_clouds.STREAMS[name]()
    assert data == (FOLDER / name).read_bytes()
    assert voxel_digest(coords) == DIGESTS[name]
