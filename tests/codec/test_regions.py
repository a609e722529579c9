"""Regions and slices: the very points that the whole cloud has there, from no more bytes than that takes."""

from __future__ import annotations

import io

import forge
import numpy as np
import ovx_reader
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from octavox import codec
from octavox.codec import CodecOptions, PointCloud
from octavox.codec.cloud.records import axis_columns, keys_of
from octavox.codec.codecs.geometry.octree.codec import CODEC as OCTREE
from octavox.codec.codecs.geometry.octree.params import AXIS_ORDERS
from octavox.codec.stream.chunks import Kind

SLICES = CodecOptions(codec="octree", slices=6)


def cloud_of(kind: str) -> PointCloud:
    """A wide, thin cloud with duplicates and, but for LAS, some points off every lattice."""
    rng = np.random.default_rng(3)
    cells = rng.integers(0, [1200, 700, 40], (6000, 3))
    cells = np.concatenate([cells, cells[::4], cells[::9]])
    if kind == "integers":
        return PointCloud(cells.astype(np.int32))
    if kind == "las":
        return PointCloud(cells.astype(np.int32), scale=(0.01, 0.02, -0.01), offset=(5e5, 5.4e6, 100.0))
    coords = np.round(cells * 0.01 + [500000, 5400000, -3], 2)
    coords[17], coords[18, 1], coords[19] = np.nan, np.inf, [500003.0001, 5400002.5, -2.9]
    return PointCloud(coords)


KINDS = ["integers", "decimals", "las"]


@pytest.fixture(scope="module")
def streams() -> dict[str, tuple[PointCloud, bytes]]:
    return {kind: (c := cloud_of(kind), codec.encode(c, options=SLICES).data) for kind in KINDS}


def keys(cloud: PointCloud) -> bytes:
    return np.sort(keys_of(axis_columns(cloud))).tobytes()


def inside(cloud: PointCloud, region: tuple[float, ...]) -> PointCloud:
    """The points of a cloud in a box, without the library."""
    low, high = np.array(region[:3]), np.array(region[3:])
    with np.errstate(invalid="ignore"):
        rows = ((cloud.positions >= low) & (cloud.positions <= high)).all(axis=1)
    return PointCloud(cloud.coords[rows], scale=cloud.scale, offset=cloud.offset)


def boxes(cloud: PointCloud) -> list[tuple[float, ...]]:
    """Boxes of several kinds: a corner, a plate, all, none, one point, half of space."""
    finite = cloud.positions[np.isfinite(cloud.positions).all(axis=1)].astype(float)
    low, high = finite.min(axis=0), finite.max(axis=0)
    size = high - low
    point = finite[5]
    return [
        (*low, *(low + size / 5)),
        (*(low + size * [0, 0.5, 0]), *(high - size * [0, 0.45, 0])),
        (*low, *high),
        (*(high + 1), *(high + 2)),
        (*point, *point),
        (-np.inf, -np.inf, -np.inf, float(low[0] + size[0] / 2), np.inf, np.inf),
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_a_region_has_the_points_of_the_whole_cloud(streams, kind):
    cloud, data = streams[kind]
    assert codec.info(data).level == "records"
    for region in boxes(cloud):
        part = codec.decode(data, region=region)
        wanted = inside(cloud, region)
        assert keys(part.cloud) == keys(wanted)
        assert part.report.returned == len(part.cloud) and not part.report.whole
        assert len(part.voxels) <= part.report.points
    assert len(inside(cloud, boxes(cloud)[0])) > 20


@settings(max_examples=40)
@given(st.lists(st.integers(-20, 1250), min_size=6, max_size=6), st.sets(st.integers(0, 5)))
def test_any_region_and_any_slices(streams, corners, chosen):
    cloud, data = streams["integers"]
    low, high = np.sort(np.array(corners).reshape(2, 3), axis=0)
    region = (*low.tolist(), *high.tolist())
    assert keys(codec.decode(data, region=region).cloud) == keys(inside(cloud, region))
    of_slices = codec.decode(data, slices=chosen).cloud
    assert keys(codec.decode(data, region=region, slices=chosen).cloud) == keys(inside(of_slices, region))


def reaches(box: list[tuple[int, int]], high: tuple[int, ...]) -> bool:
    """Whether a box of cells reaches into the box from 0 to `high`."""
    return all(first <= end for (first, _), end in zip(box, high))


class Counting(io.BytesIO):
    """A file that knows which bytes were read."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self.seen = np.zeros(len(data), bool)

    def read(self, count: int | None = -1) -> bytes:
        at = self.tell()
        data = super().read(count)
        self.seen[at : at + len(data)] = True
        return data


def counted_decode(data: bytes, tmp_path, monkeypatch, **wanted) -> tuple[codec.DecodeResult, np.ndarray]:
    """Decodes a file; which of its bytes were read."""
    from octavox.codec.files import source as module

    path, opened = tmp_path / "a.ovx", Counting(data)
    path.write_bytes(data)
    monkeypatch.setattr(module, "_of_path", lambda text, job, begins: module.Source(opened, text, path))
    return codec.decode(path, **wanted), opened.seen


@pytest.mark.parametrize("name", ["octree", "multiscale", pytest.param("voxeldnn", marks=pytest.mark.slow)])
@pytest.mark.parametrize("wanted", [{"slices": [2]}, {"region": (0, 0, 0, 100, 100, 30)}])
def test_only_what_is_needed_is_read(name, wanted, tmp_path, monkeypatch):
    for limit in ("ONE_SLICE", "SLICE_BLOCKS"):
        monkeypatch.setattr(f"octavox.codec.codecs.geometry.voxeldnn.codec.{limit}", 8)
    rng = np.random.default_rng(4)
    cells = (rng.integers(0, 14, (60, 1, 3)) * 64 + rng.integers(0, 40, (60, 300, 3))).reshape(-1, 3)
    cells = np.concatenate([cells, cells[::3]])
    options = CodecOptions(codec=name, slices=None if name == "voxeldnn" else 6, max_level=1)
    data = codec.encode(PointCloud(cells.astype(np.int32)), options=options).data
    part, seen = counted_decode(data, tmp_path, monkeypatch, **wanted)
    chunks = {(c.kind, c.part): c for c in ovx_reader.chunks_of(data)}
    slices = [k for kind, k in chunks if kind == Kind.SLICE]
    read = [
        k for k in slices if seen[chunks[Kind.SLICE, k].start :][: len(chunks[Kind.SLICE, k].payload)].all()
    ]
    assert len(slices) > 4 and len(read) <= 2
    needed = sum(len(chunks[kind, k].payload) for k in read for kind in (Kind.SLICE, Kind.COUNTS))
    assert seen.sum() < needed + 1100 * len(slices)  # and where the chunks are
    table = ovx_reader.table_of(data)
    assert part.report.points == sum(table[k][0] for k in read)
    if "region" in wanted:
        assert keys(part.cloud) == keys(inside(PointCloud(cells.astype(np.int32)), wanted["region"]))
        high = (100, 100, 30)
        touching = [k for k, (_, boxes) in enumerate(table) if any(reaches(box, high) for box in boxes)]
        assert read == touching
    else:
        assert read == wanted["slices"]


@pytest.mark.slow
def test_many_slices_are_found_by_the_index(tmp_path, monkeypatch):
    monkeypatch.setattr(OCTREE, "slice_points", 15)
    cells = np.random.default_rng(5).integers(0, 2000, (20000, 3)).astype(np.int32)
    data = codec.encode(PointCloud(cells), options=CodecOptions(codec="octree")).data
    slices = len(ovx_reader.slices_of(data))
    assert slices > 500
    part, seen = counted_decode(data, tmp_path, monkeypatch, region=(0, 0, 0, 150, 150, 150))
    assert keys(part.cloud) == keys(inside(PointCloud(cells), (0, 0, 0, 150, 150, 150)))
    index, table = (c for c in ovx_reader.chunks_of(data) if c.kind in (Kind.INDEX, Kind.TABLE))
    assert seen.sum() < len(index.payload) + len(table.payload) + 20 * slices + len(data) // 10


@pytest.mark.parametrize(
    "region",
    [(0, 0, 0, 1, 1), (0, 0, 0, 1, 1, np.nan), (0, 0, 5, 1, 1, 4), ("a",) * 6, (), "012345x", 3],
)
def test_what_is_no_box_is_refused(streams, region):
    with pytest.raises(codec.InputError) as caught:
        codec.decode(streams["integers"][1], region=region)
    assert caught.value.field == "region"


@pytest.mark.parametrize("axes", range(1, len(AXIS_ORDERS)))
def test_slices_along_other_axes(monkeypatch, axes):
    """Their voxels are no runs in Morton order: counts and boxes follow the slices all the same."""
    from octavox.codec.codecs.geometry.octree import codec as module

    make = module.Params
    monkeypatch.setattr(module, "Params", lambda *a, **k: make(*a, **{**k, "axes": axes}))
    cloud = cloud_of("integers")
    data = codec.encode(cloud, options=SLICES).data
    monkeypatch.undo()
    assert codec.verify(cloud, data).identical
    parts = [codec.decode(data, slices=[k]).cloud for k in range(len(ovx_reader.slices_of(data)))]
    together = PointCloud(np.concatenate([part.coords for part in parts]))
    assert len(parts) > 3 and keys(together) == keys(cloud)
    for region in boxes(cloud):
        assert keys(codec.decode(data, region=region).cloud) == keys(inside(cloud, region))


def test_the_table_is_the_documented_one(streams):
    for _, data in streams.values():
        voxels = codec.decode(data).voxels.coords
        table, at = ovx_reader.table_of(data), 0
        assert [points for points, _ in table] == [points for points, _ in ovx_reader.slices_of(data)]
        for points, boxes in table:
            own = voxels[at : at + points]
            held = [((own >= np.array(b)[:, 0]) & (own <= np.array(b)[:, 1])).all(axis=1) for b in boxes]
            assert np.any(held, axis=0).all() and len(boxes) <= 2
            at += points
    one = codec.encode(cloud_of("integers"), options=CodecOptions(codec="octree")).data
    assert ovx_reader.table_of(one) is None


def test_without_the_table_a_region_comes_from_all_slices(streams):
    cloud, data = streams["decimals"]
    stream = forge.parse(data)
    more = [row for row in forge.others(data) if row[0] != Kind.TABLE]
    bare = forge.pack(stream.header, stream.sections(), more)
    region = boxes(cloud)[0]
    assert keys(codec.decode(bare, region=region).cloud) == keys(inside(cloud, region))


def test_format_1_has_regions_too():
    from sample_clouds import ROOT

    path = ROOT / "tests" / "golden" / "octree_1_0_slices.ovx"
    whole = codec.decode(path).cloud
    middle = np.median(whole.positions, axis=0)
    region = (*whole.positions.min(axis=0), *middle)
    assert keys(codec.decode(path, region=region).cloud) == keys(inside(whole, region)) != keys(whole)


def test_only_slices_whose_blocks_are_near_are_decoded():
    """A run in Morton order bends: one box around it has corners where it never is."""
    cells = np.array([[x, y, (x * y) % 7] for x in range(200) for y in range(200)], np.int32)
    data = codec.encode(PointCloud(cells), options=CodecOptions(codec="octree", slices=4)).data
    bends = [boxes for _, boxes in ovx_reader.table_of(data) if len(boxes) == 2]
    assert bends
    near = codec.decode(data, region=(0, 0, 0, 20, 30, 3)).report.points
    first = ovx_reader.slices_of(data)[0][0]
    assert near == first  # the first slice alone
