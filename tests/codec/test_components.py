"""Components: which bytes of a file belong to what, and which bits of them to each block."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import ovx_columns
import pytest
from coloured_clouds import coloured, mixed
from hypothesis import given, settings
from hypothesis import strategies as st
from sample_clouds import ROOT, SAMPLE

from octavox import codec
from octavox.codec import CodecOptions, PointCloud
from octavox.codec.files.source import open_source
from octavox.codec.stream.accounting import apportioned
from octavox.codec.stream.chunks import ChunkWriter, Kind, read_payload
from octavox.codec.stream.frames import find_chunks
from octavox.codec.stream.header import pack_header
from octavox.codec.stream.header_parser import parse_header

OCTREE = CodecOptions(codec="octree", slices=3)
GOLDEN = sorted(p for p in (ROOT / "tests" / "golden").glob("*.ovx") if not p.stem.startswith("container"))


def off_the_grid() -> PointCloud:
    """Floats without a lattice, and points that are nowhere."""
    cloud = coloured()
    coords = cloud.coords + np.random.default_rng(2).normal(0, 0.2, (len(cloud), 3))
    coords[5] = np.nan
    return PointCloud(coords, attributes=dict(cloud.attributes))


def scan() -> PointCloud:
    rng = np.random.default_rng(3)
    n = 4000
    xyz = np.column_stack([np.arange(n) % 50, np.arange(n) // 50, rng.integers(0, 40, n)]) * 0.01
    return PointCloud(
        np.round(xyz + 1000.0, 2),
        attributes={
            "intensity": (200 + 50 * np.sin(np.arange(n) / 30) + rng.normal(0, 4, n)).astype(np.uint16),
            "gps_time": 1e5 + np.arange(n) * 2e-5,
        },
    )


def stream_of(kind: str, folder: Path) -> bytes:
    if kind in ("records", "voxels", "rough", "nothing", "drop"):
        cloud = {"records": mixed, "voxels": mixed, "rough": off_the_grid}.get(kind, coloured)()
        if kind == "nothing":
            cloud = PointCloud(np.empty((0, 3), np.float32), attributes={"a": np.empty(0, np.uint8)})
        kept = {"voxels": {"keep": "voxels", "depth": 6}, "drop": {"drop": "*"}}.get(kind, {})
        return codec.encode(cloud, options=OCTREE, **kept).data
    if kind in ("multiscale", "voxeldnn"):
        return codec.encode(coloured(), options=CodecOptions(codec=kind, slices=2)).data
    path = folder / {"ply": "a.ply", "las": "a.las", "whole": "a.npz"}[kind]
    if kind == "whole":
        np.savez(path, points=np.random.default_rng(1).normal(size=(100, 3)))
    else:
        cloud = coloured()
        shuffled = np.random.default_rng(6).permutation(len(cloud))
        columns = {name: column[shuffled] for name, column in cloud.attributes.items()}
        cloud = PointCloud(cloud.coords[shuffled], attributes=columns)
        codec.write_cloud(path, cloud if kind == "ply" else scan())
    return codec.encode(path, options=OCTREE, keep="file").data


KINDS = ("records", "voxels", "rough", "nothing", "drop", "ply", "las", "whole", "multiscale", "voxeldnn")


@pytest.mark.parametrize("kind", KINDS)
def test_components_add_up_to_the_file(kind: str, tmp_path: Path) -> None:
    data = stream_of(kind, tmp_path)
    stream, decoded = codec.info(data), codec.decode(data)
    assert sum(stream.components.values()) == len(data)
    assert min(stream.components.values()) >= 0
    assert decoded.report.components == stream.components
    assert json.loads(stream.to_json())["components"] == stream.components


def test_reports_of_encoder_and_decoder_agree() -> None:
    for cloud in (mixed(), off_the_grid()):
        coded = codec.encode(cloud, options=OCTREE)
        decoded = codec.decode(coded.data)
        assert coded.report.components == decoded.report.components
        assert list(coded.block_bits) == list(decoded.block_bits)
        for name, bits in coded.block_bits.items():
            assert np.allclose(bits, decoded.block_bits[name], rtol=1e-5, atol=1e-3)
        side = decoded.report.bits.side
        assert side.keys() == coded.report.bits.side.keys()
        for name, bits in coded.report.bits.side.items():
            assert side[name] == pytest.approx(bits, rel=1e-6, abs=1e-6), name


def test_each_property_has_its_own_name() -> None:
    coded = codec.encode(mixed(), options=OCTREE)
    found = coded.report.components
    names = {"red", "green", "blue", "property order", "property header", "property property order"}
    assert names | {"property x", "red again", "echoes", "geometry", "duplicates", "header"} <= set(found)
    assert "order" not in found  # of the points, which is not stored
    assert found["red again"] == 0 and found["property x"] < 40
    assert found["property property order"] > 3 * 3 * len(mixed())  # three floats without a pattern
    assert coded.report.bits.owned == pytest.approx(coded.report.bits.total, rel=1e-3)


@pytest.mark.parametrize("kind", ["ply", "las"])
def test_files_have_their_parts(kind: str, tmp_path: Path) -> None:
    data = stream_of(kind, tmp_path)
    header = codec.decode(data).header
    found = codec.info(data).components
    assert found["file"] > 0 and found["geometry"] > 0
    assert (header.rows > 0) == (kind == "las")
    assert ("order" in found) == (kind == "ply")
    if kind == "las":
        assert found["intensity"] > found["gps_time"] > 0


def test_a_reader_made_from_the_document_finds_the_same() -> None:
    data = codec.encode(off_the_grid(), options=OCTREE).data
    found = codec.info(data).components
    assert ovx_columns.shares_of(data) == {name: found[name] for name in ("red", "green", "blue")}


def test_info_needs_no_decoding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = stream_of("records", tmp_path)
    monkeypatch.setattr("octavox.codec.api.decode_frame", None)
    assert codec.info(data).components["green"] > 0


def test_bits_of_blocks_add_up_to_components() -> None:
    coded = codec.encode(coloured(), options=OCTREE)
    blocks, found = coded.blocks, coded.block_bits
    assert set(found) == {"geometry", "red", "green", "blue"}
    assert np.array_equal(found["geometry"], blocks.bits + blocks.flag_bits)
    for name in ("red", "green", "blue"):
        assert len(found[name]) == len(blocks)
        assert (found[name] > 0).all()
    spent = sum(float(found[name].sum()) for name in ("red", "green", "blue"))
    stored = 8 * sum(coded.report.components[name] for name in ("red", "green", "blue"))
    assert spent == pytest.approx(stored, abs=3 * 16)  # each slice ends with a few bits
    for name in ("red", "green", "blue"):
        assert found[name].sum() == pytest.approx(8 * coded.report.components[name], rel=2e-3)


@pytest.mark.parametrize("name", ["octree", "multiscale", "voxeldnn"])
@pytest.mark.parametrize("size", [64, 16])
def test_blocks_have_the_bits_of_their_own_points(name: str, size: int) -> None:
    """All noise lies in one corner: there are the bits."""
    cloud = coloured()
    x, y, _ = cloud.coords.T
    noisy = (x < 16) & (y < 16)
    rng = np.random.default_rng(1)
    label = np.where(noisy, rng.integers(0, 256, len(x)), x + y).astype(np.uint8)
    given = PointCloud(cloud.coords, attributes={"label": label})
    options = CodecOptions(codec=name, slices=2, block_size=size)
    for found in (coded := codec.encode(given, options=options), codec.decode(coded.data, options=options)):
        bits, corner = found.block_bits["label"], found.blocks.origin
        own = (corner[:, 0] < 16) & (corner[:, 1] < 16)
        assert bits[own].sum() > 8 * noisy.sum()
        if size == 16 and name != "voxeldnn":
            assert bits[~own].sum() / (~noisy).sum() < 0.2 * bits[own].sum() / noisy.sum()


def test_slices_have_the_bits_of_their_blocks() -> None:
    coded = codec.encode(mixed(), options=OCTREE)
    whole = codec.decode(coded.data)
    for number in range(3):
        part = codec.decode(coded.data, slices=[number])
        rows = whole.blocks.slice == number
        assert list(part.block_bits) == list(whole.block_bits)
        for name, bits in whole.block_bits.items():
            assert np.allclose(part.block_bits[name], bits[rows], rtol=1e-5, atol=1e-2), name
        assert part.report.components == whole.report.components


def test_values_without_places_are_spread_over_their_points() -> None:
    """A column without a pattern in space costs each point the same."""
    n = len(coloured())
    times = np.random.default_rng(3).normal(size=n)
    coded = codec.encode(coloured(time=times), options=OCTREE)
    each = coded.block_bits["time"] / coded.blocks.points
    for number in range(3):
        own = each[coded.blocks.slice == number]
        assert own == pytest.approx(own[0], rel=1e-6)
    assert coded.block_bits["time"].sum() == pytest.approx(8 * coded.report.components["time"], abs=8)


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_earlier_streams_have_components(path: Path) -> None:
    found = codec.info(path).components
    assert sum(found.values()) == path.stat().st_size
    assert found["geometry"] > 0


def test_without_shares_properties_stand_together() -> None:
    coded = codec.encode(coloured(time=np.random.default_rng(3).normal(size=90 * 90)), options=OCTREE)
    with open_source(coded.data) as source:
        chunks = find_chunks(source)
        payloads = [read_payload(source, chunk) for chunk in chunks]
    for shares in ((), (1 << 40, 5), (7,)):  # none, more than there are, fewer than properties
        pieces: list[bytes] = []
        writer = ChunkWriter(pieces.append)
        for chunk, payload in zip(chunks, payloads):
            if chunk.kind == Kind.HEADER:
                header = parse_header(payload, 0)
                payload = pack_header(replace(header, shares=shares))
            writer.add(chunk.kind, payload, component=chunk.component, part=chunk.part)
        writer.finish()
        found = codec.info(b"".join(pieces)).components
        assert sum(found.values()) == sum(map(len, pieces))
        assert found["red, green, blue"] == sum(
            coded.report.components[name] for name in ("red", "green", "blue")
        )
        assert found["time"] == coded.report.components["time"] and "red" not in found


@settings(deadline=None)
@given(
    st.integers(0, 1 << 40),
    st.lists(st.floats(0, 1e12, allow_subnormal=False), min_size=1, max_size=9),
)
def test_apportioned_numbers_add_up(total: int, weights: list[float]) -> None:
    found = apportioned(total, weights)
    assert sum(found) == total and min(found) >= 0
    if sum(weights) > 0:
        for part, weight in zip(found, weights):
            assert part == pytest.approx(total * weight / sum(weights), abs=1.001, rel=1e-9)


def test_the_command_line_says_it(tmp_path: Path) -> None:
    path = tmp_path / "a.ovx"
    main = [sys.executable, str(ROOT / "main.py")]
    encode = ["encode", str(SAMPLE), "-o", str(path), "--codec", "octree", "--json"]
    said = [
        subprocess.run([*main, *words], capture_output=True, text=True, check=True, timeout=250).stdout
        for words in (encode, ["info", str(path), "--json"])
    ]
    found, told = (json.loads(text)["components"] for text in said)
    assert found == told and sum(found.values()) == path.stat().st_size
