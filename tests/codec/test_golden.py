"""Streams of earlier versions decode to the same voxels for ever (tests/golden/README.md)."""

from __future__ import annotations

import hashlib
import json

import forge
import golden_clouds
import golden_contents
import numpy as np
import ovx_columns
import ovx_reader
import pytest
import upsampler_reference
from ovx_reader import chunks_of
from sample_clouds import ROOT

from octavox import codec
from octavox.codec.certificate import voxel_digest
from octavox.codec.stream.chunks import Kind

FOLDER = ROOT / "tests" / "golden"
DIGESTS = json.loads((FOLDER / "digests.json").read_text())


def test_every_file_has_a_digest():
    assert sorted(p.name for p in FOLDER.glob("*.ovx")) == sorted(DIGESTS)


@pytest.mark.parametrize("name", sorted(DIGESTS))
def test_golden_files_decode(raw, name):
    decoded = codec.decode(FOLDER / name)
    assert voxel_digest(decoded.voxels.coords) == DIGESTS[name]


CONTENTS = FOLDER / "contents"
CONTENT_DIGESTS = json.loads((CONTENTS / "digests.json").read_text())
KINDS = {
    Kind.COUNTS,
    Kind.STRAYS,
    Kind.ATTRIBUTE,
    Kind.ORDER,
    Kind.FILE,
    Kind.REMAINDERS,
    Kind.ROWS,
    Kind.TABLE,
    Kind.GUESS,
    Kind.LEVELS,
}


def test_every_kind_of_chunk_and_every_coder_is_there():
    assert sorted(p.name for p in CONTENTS.glob("*.ovx")) == sorted(CONTENT_DIGESTS)
    assert set(golden_contents.STREAMS) == set(CONTENT_DIGESTS)
    kinds, coders, stored = set(), set(), set()
    for name in CONTENT_DIGESTS:
        found = codec.info(CONTENTS / name)
        kinds |= {section.kind for section in found.sections}
        stored |= {found.archive.stored} if found.archive else set()
        coders |= {group.coder for group in forge.parse((CONTENTS / name).read_bytes()).header.groups}
    assert kinds >= KINDS and stored == {"voxels", "rows", "bytes"}
    assert coders == {0, 1, 2}  # a copy, packed, spatial


@pytest.mark.parametrize("name", sorted(CONTENT_DIGESTS))
def test_golden_contents_decode(name):
    decoded = codec.decode(CONTENTS / name)
    assert golden_contents.digest(decoded) == CONTENT_DIGESTS[name]
    if name.startswith("archive"):
        assert decoded.file == golden_contents.files()[name[len("archive_") : -len(".ovx")]]


# PCD and LAZ have ways to pack rows that the second reader has not.
READ_TWICE = sorted(n for n in CONTENT_DIGESTS if not n.endswith((".pcd.ovx", ".laz.ovx")))
SLOWLY_READ = {"records.ovx"} | {
    f"lossy_{n}.ovx" for n in ("fraction", "multiscale", "partly", "slices", "whole")
}


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=[pytest.mark.slow] * (n in SLOWLY_READ)) for n in READ_TWICE]
)
def test_the_reader_made_from_the_document_reads_golden_contents(name):
    data = (CONTENTS / name).read_bytes()
    decoded = codec.decode(data)
    voxels = decoded.voxels.coords.tolist()
    if name.startswith("archive"):
        assert ovx_columns.file_of(data, voxels) == decoded.file
        return
    columns = ovx_columns.records_of(data, voxels)
    for k in range(3):
        assert np.array_equal(
            np.array(columns[k], decoded.cloud.coords.dtype), decoded.cloud.coords[:, k], True
        )


WEIGHTS = ROOT / "resources" / "weights" / "upsampler.safetensors"
LOSSY = sorted(n for n in CONTENT_DIGESTS if n.startswith("lossy"))


def split(cells: list[tuple[int, int, int]], counts: list[int]) -> list[list[tuple[int, int, int]]]:
    """Cells in Morton order, slice by slice."""
    ends = np.cumsum([0, *counts]).tolist()
    assert ends[-1] == len(cells)
    return [cells[a:b] for a, b in zip(ends, ends[1:])]


def cells_of(coords: np.ndarray) -> list[tuple[int, int, int]]:
    return [(x, y, z) for x, y, z in coords.tolist()]


@pytest.mark.parametrize("name", LOSSY)
def test_the_decoder_made_from_the_document_guesses_golden_voxels(name):
    data = (CONTENTS / name).read_bytes()
    decoded, guess = codec.decode(data), ovx_reader.guess_of(data)
    depth = ovx_reader.header_of(data).geometry[1]
    base = cells_of(codec.decode(data, lod=depth - guess.levels).voxels.coords)
    assert len(base) == guess.nodes
    slices = split(base, [count for count, _ in ovx_reader.slices_of(data)])
    numbers = ovx_reader.numbers_of_guesses(data) or [[]] * len(slices)
    found = []
    for cells, own in zip(slices, numbers, strict=True):
        if guess.partly:
            parents = sorted({(x >> 1, y >> 1, z >> 1) for x, y, z in cells}, key=upsampler_reference.morton)
            chosen = upsampler_reference.partly(WEIGHTS, parents, guess.levels, *own[:2])
            assert len(chosen) == own[0] > 0
            for node, children in chosen.items():
                assert children == {c for c in cells if tuple(v >> 1 for v in c) == node}
            own = own[2:]
        if guess.weights:
            assert guess.weights == hashlib.sha256(WEIGHTS.read_bytes()).digest()[:8]
            found += upsampler_reference.guessed(WEIGHTS, cells, own) if own else cells
        else:
            shift, half = guess.levels, 1 << (guess.levels - 1)
            found += [tuple((v << shift) + half for v in cell) for cell in cells]
    assert found == cells_of(decoded.voxels.coords)
    assert hashlib.sha256(np.array(found, "<i4").tobytes()).digest()[:8] == guess.digest


def test_golden_guesses_are_of_every_kind():
    found = [ovx_reader.guess_of((CONTENTS / name).read_bytes()) for name in LOSSY]
    assert {guess.levels for guess in found} >= {0, 1, 2, 3}
    assert {(guess.partly, bool(guess.weights)) for guess in found} == {
        (True, True),
        (False, True),
        (False, False),
    }
    slices = {name: len(ovx_reader.slices_of((CONTENTS / name).read_bytes())) for name in LOSSY}
    assert [name for name, count in slices.items() if count > 1] == [
        "lossy_levels.ovx",
        "lossy_partly.ovx",
        "lossy_slices.ovx",
    ]


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(CONTENT_DIGESTS))
def test_damage_of_golden_contents_is_noticed(name):
    data = (CONTENTS / name).read_bytes()
    rng = np.random.default_rng(0)
    for _ in range(60):
        bad = bytearray(data)
        bad[rng.integers(9, len(bad))] ^= 1 << rng.integers(8)
        with pytest.raises(codec.OctavoxError):
            codec.decode(bytes(bad))
            if name == "lossy_levels.ovx":  # a chunk that only readers of a coarse cloud read
                codec.decode(bytes(bad), lod=ovx_reader.header_of(data).geometry[1] - 2)
        with pytest.raises(codec.OctavoxError):
            codec.decode(data[: rng.integers(len(data))])


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(CONTENT_DIGESTS))
def test_forged_chunks_of_golden_contents_are_no_crash(name):
    """Right checksums around wrong bytes: an error that names a field, or a cloud as large as declared."""
    data = (CONTENTS / name).read_bytes()
    chunks = [c for c in chunks_of(data) if c.kind not in (Kind.INDEX, Kind.END) and c.payload]
    rng = np.random.default_rng(1)
    for _ in range(60):
        chunk = chunks[rng.integers(len(chunks))]
        own = bytearray(chunk.payload)
        for _ in range(rng.integers(1, 4)):
            at = rng.integers(len(own) + 1)
            own[at : at + rng.integers(3)] = rng.bytes(rng.integers(3))
        try:
            decoded = codec.decode(forge.with_chunk(data, chunk.kind, bytes(own)))
        except codec.OctavoxError as error:
            assert error.field is not None
        else:
            assert len(decoded.cloud) == decoded.header.records


@pytest.mark.parametrize("name", ["container_1_0_plain.ovx", "container_1_0_full.ovx"])
def test_containers_are_written_byte_for_byte(raw, name):
    data, coords = golden_clouds.STREAMS[name]()
    assert data == (FOLDER / name).read_bytes()
    assert voxel_digest(coords) == DIGESTS[name]
