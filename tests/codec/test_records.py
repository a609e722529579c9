"""Records: every point with every property comes back to the last bit, whatever its types and values."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import ovx_columns
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from sample_clouds import ROOT

from octavox import codec
from octavox.codec import CodecOptions, PointCloud
from octavox.codec.cloud.columns import ListColumn

OCTREE = CodecOptions(codec="octree")
TYPES = ("f4", "f8", "i1", "u1", "i2", "u2", "i4", "u4", "f2", "i8", "u8", "?")
NAMES = ("red", "intensity", "label", "größe", "a b", "normal", "t")


def bits(draw: st.DrawFn, dtype: str, rows: int, components: int = 0) -> np.ndarray:
    """Any bits of a type: NaN with any payload, -0, infinities. Often few values, as columns have."""
    shape = (rows, components) if components else (rows,)
    if dtype == "?":
        return draw(npst.arrays(bool, shape))
    width = np.dtype(dtype).itemsize
    top = draw(st.sampled_from([3, 255, (1 << (8 * width)) - 1]))
    values = draw(npst.arrays(f"u{width}", shape, elements=st.integers(0, min(top, (1 << 8 * width) - 1))))
    return values.view(dtype)


@st.composite
def clouds(draw: st.DrawFn) -> PointCloud:
    rows = draw(st.integers(0, 25))
    dtype = draw(st.sampled_from(TYPES[:-1]))
    if dtype[0] == "f" and draw(st.booleans()):
        numbers = st.floats(-1e3, 1e3, width=8 * int(dtype[1]))
        coords = draw(npst.arrays(dtype, (rows, 3), elements=numbers))
    else:
        coords = bits(draw, dtype, rows, 3)
    columns: dict[str, object] = {}
    for name in draw(st.lists(st.sampled_from(NAMES), unique=True, max_size=4)):
        kind = draw(st.sampled_from(TYPES))
        if draw(st.integers(0, 5)) == 0:
            lengths = draw(npst.arrays("u1", (rows,), elements=st.integers(0, 5)))
            columns[name] = ListColumn(lengths, bits(draw, kind, int(lengths.sum())))
        else:
            columns[name] = bits(draw, kind, rows, draw(st.sampled_from([0, 0, 1, 3])))
    return PointCloud(coords, attributes=columns)


def rows_of(cloud: PointCloud) -> list[bytes]:
    """Each point with all of its numbers, as bytes."""
    found = [row.tobytes() for row in np.ascontiguousarray(cloud.coords)]
    for column in cloud.attributes.values():
        if isinstance(column, ListColumn):
            ends = np.concatenate([[0], np.cumsum(column.lengths, dtype=np.int64)]).tolist()
            own = [column.values[a:b].tobytes() for a, b in zip(ends, ends[1:])]
            found = [a + bytes([n]) + b for a, n, b in zip(found, column.lengths.tolist(), own)]
        else:
            found = [a + np.ascontiguousarray(b).tobytes() for a, b in zip(found, column)]
    return sorted(found)


def same_schema(a: PointCloud, b: PointCloud) -> bool:
    def schema(cloud: PointCloud) -> list[object]:
        return [
            (name, c.lengths.dtype, c.values.dtype)
            if isinstance(c, ListColumn)
            else (name, c.dtype, c.shape[1:])
            for name, c in cloud.attributes.items()
        ]

    return a.coords.dtype == b.coords.dtype and schema(a) == schema(b)


@settings(max_examples=200)
@given(clouds())
def test_every_bit_of_every_point_comes_back(cloud: PointCloud) -> None:
    coded = codec.encode(cloud, options=OCTREE)
    decoded = codec.decode(coded.data).cloud
    assert coded.report.level == "records"
    assert same_schema(cloud, decoded)
    assert rows_of(decoded) == rows_of(cloud)
    certificate = codec.verify(cloud, coded.data)
    assert certificate.kept and certificate.identical


@settings(max_examples=100)
@given(clouds())
def test_a_reader_made_from_the_document_finds_the_same(cloud: PointCloud) -> None:
    data = codec.encode(cloud, options=OCTREE).data
    decoded = codec.decode(data)
    columns = ovx_columns.records_of(data, decoded.voxels.coords.tolist())
    assert [a.name for a in ovx_columns.attributes_of(data)] == list(cloud.attributes)
    ours = [np.ascontiguousarray(decoded.cloud.coords[:, k]) for k in range(3)]
    for column in decoded.cloud.attributes.values():
        if isinstance(column, ListColumn):
            ours += [column.lengths, column.values]
        else:
            ours += [column] if column.ndim == 1 else [np.ascontiguousarray(c) for c in column.T]
    assert len(columns) == len(ours)
    for mine, theirs in zip(ours, columns, strict=True):
        assert mine.dtype == theirs.dtype and mine.tobytes() == theirs.tobytes()


def scan(rows: int = 3000, seed: int = 0) -> PointCloud:
    """A noisy sphere of floats off any lattice, with properties, some points twice."""
    rng = np.random.default_rng(seed)
    way = rng.standard_normal((rows, 3))
    coords = (way / np.linalg.norm(way, axis=1)[:, None] * 20 + [500, -3, 7]).astype(np.float32)
    coords[:50] = coords[50:100]
    return PointCloud(
        coords,
        attributes={
            "red": rng.integers(0, 256, rows).astype(np.uint8),
            "copy": np.full(rows, 7, np.int64),
            "time": np.cumsum(rng.random(rows)),
            "normal": way.astype(np.float32),
        },
    )


@pytest.mark.parametrize("name", ["octree", "multiscale", "voxeldnn"])
def test_slices_and_regions_have_their_own_properties(name: str) -> None:
    cloud = scan(2000)
    options = CodecOptions(codec=name) if name == "voxeldnn" else CodecOptions(codec=name, slices=4)
    data = codec.encode(cloud, options=options).data
    whole = codec.decode(data)
    count = len(codec.info(data).sections)
    assert count > 4
    slices = [e for e in codec.info(data).sections if e.name.startswith("slice")]
    parts = [codec.decode(data, slices=[k]).cloud for k in range(len(slices))]
    assert sorted(row for part in parts for row in rows_of(part)) == rows_of(whole.cloud) == rows_of(cloud)
    box = [495.0, -10.0, 0.0, 505.0, 10.0, 30.0]
    inside = ((cloud.coords >= box[:3]) & (cloud.coords <= box[3:])).all(axis=1)
    found = codec.decode(data, region=box).cloud
    assert 0 < len(found) < len(cloud)
    own = PointCloud(cloud.coords[inside], attributes={n: c[inside] for n, c in cloud.attributes.items()})
    assert rows_of(found) == rows_of(own)


def test_what_is_dropped_is_named() -> None:
    cloud = scan(500)
    coded = codec.encode(cloud, options=OCTREE, drop="time, red")
    decoded = codec.decode(coded.data)
    assert list(decoded.cloud.attributes) == ["copy", "normal"]
    assert coded.report.dropped == ("red", "time") == codec.info(coded.data).dropped
    certificate = codec.verify(cloud, coded.data)
    assert certificate.kept and not certificate.identical and certificate.dropped == ("red", "time")
    alone = codec.encode(cloud, options=OCTREE, drop="*")
    assert not codec.decode(alone.data).cloud.attributes
    assert len(alone.data) < len(coded.data)


def test_voxels_have_means_and_the_commonest_class() -> None:
    coords = np.repeat(np.arange(4)[:, None], 3, 1).repeat(3, 0).astype(np.float64)
    cloud = PointCloud(
        coords,
        attributes={
            "red": np.array([0, 1, 2, 10, 10, 11, 5, 5, 5, 255, 255, 254], np.uint8),
            "class": np.array([2, 6, 6, 3, 1, 3, 9, 9, 9, 1, 2, 3], np.uint8),
            "height": np.arange(12.0),
        },
    )
    coded = codec.encode(cloud, options=OCTREE, keep="voxels")
    columns = codec.decode(coded.data).cloud.attributes
    assert columns["red"].tolist() == [1, 10, 5, 255]
    assert columns["class"].tolist() == [6, 3, 9, 1]
    assert columns["height"].tolist() == [1.0, 4.0, 7.0, 10.0]


def test_constant_and_repeated_columns_cost_nothing() -> None:
    rng = np.random.default_rng(1)
    coords = rng.integers(0, 60, (5000, 3)).astype(np.int32)
    noise = rng.integers(0, 1 << 16, 5000).astype(np.uint16)
    one = codec.encode(PointCloud(coords, attributes={"a": noise}), options=OCTREE)
    more = {"a": noise, **{f"b{k}": noise for k in range(5)}, "c": np.full(5000, 3.5)}
    many = codec.encode(PointCloud(coords, attributes=more), options=OCTREE)
    assert len(many.data) < len(one.data) + 200


def test_every_bit_has_an_owner() -> None:
    coded = codec.encode(scan(), options=OCTREE)
    assert {"red", "time", "normal", "remainders", "duplicates"} <= set(coded.report.bits.side)
    for report in (coded.report, codec.decode(coded.data).report):
        assert report.bits.owned == pytest.approx(report.bits.total, rel=1e-3)


def test_a_fresh_process_that_never_saw_the_original(tmp_path: Path) -> None:
    cloud = scan()
    path = tmp_path / "a.ovx"
    path.write_bytes(codec.encode(cloud, options=OCTREE).data)
    script = (
        "import sys, numpy as np, octavox as ov\n"
        "cloud = ov.decode(sys.argv[1]).cloud\n"
        "np.savez(sys.argv[2], xyz=cloud.coords, **cloud.attributes)"
    )
    command = [sys.executable, "-c", script, str(path), str(tmp_path / "b.npz")]
    subprocess.run(command, cwd=ROOT, check=True, timeout=250)
    with np.load(tmp_path / "b.npz") as found:
        columns = {name: found[name] for name in cloud.attributes}
        assert rows_of(PointCloud(found["xyz"], attributes=columns)) == rows_of(cloud)


@pytest.mark.parametrize("exponent", [52, 58, 60, 61, 62, 63, 64, 66, 76, 78, 200, 1000])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_floats_of_any_size(dtype: type, exponent: int) -> None:
    """From cells that fill 64 bits to those that have no place on a grid."""
    if exponent > 127 and dtype is np.float32:
        exponent = 127
    rng = np.random.default_rng(exponent)
    for points in (1, 2, 30):
        spread = rng.random((points, 3)) * 2 - 1
        cloud = PointCloud(np.ldexp(spread, [exponent, 3, exponent - 2]).astype(dtype))
        stream = codec.encode(cloud, options=CodecOptions(codec="octree", threads=1)).data
        assert codec.verify(cloud, stream).identical
