"""Damaged streams give back every slice that is whole, say what is lost, and never invent a point."""

from __future__ import annotations

import random

import forge
import numpy as np
import ovx_reader
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sample_clouds import ROOT

from octavox import codec
from octavox.codec import CodecOptions, CorruptStreamError, PointCloud
from octavox.codec.cloud.columns import ListColumn
from octavox.codec.cloud.records import axis_columns, keys_of
from octavox.codec.codecs.geometry.octree.codec import CODEC as OCTREE
from octavox.codec.stream.chunks import Kind


def cloud_of(seed: int = 1) -> PointCloud:
    """Decimals, some several times, two points off the lattice."""
    cells = np.random.default_rng(seed).integers(0, [900, 500, 60], (3000, 3))
    coords = np.round(np.concatenate([cells, cells[::5]]) * 0.01, 2)
    coords[3], coords[4, 0] = np.nan, np.inf
    return PointCloud(coords)


@pytest.fixture(scope="module")
def stream() -> bytes:
    return codec.encode(cloud_of(), options=CodecOptions(codec="octree", slices=5)).data


@pytest.fixture(scope="module")
def parts(stream) -> list[np.ndarray]:
    """Sorted points of each slice."""
    count = len(ovx_reader.slices_of(stream))
    return [np.sort(keys(codec.decode(stream, slices=[k]).cloud)) for k in range(count)]


def keys(cloud: PointCloud) -> np.ndarray:
    return keys_of(axis_columns(cloud))


def without_surplus(found: np.ndarray, all_of: np.ndarray) -> bool:
    """Whether no key is found more often than it is there."""
    ours, n = np.unique(found, return_counts=True)
    theirs, m = np.unique(all_of, return_counts=True)
    place = np.searchsorted(theirs, ours)
    return bool(np.isin(ours, theirs).all() and (n <= m[np.minimum(place, len(m) - 1)]).all())


def chunk(data: bytes, kind: int, part: int = 0, component: int = 0) -> slice:
    """The bytes of a chunk."""
    found = ovx_reader.chunks_of(data)
    wanted = (kind, component, part)
    k = next(k for k, c in enumerate(found) if (c.kind, c.component, c.part) == wanted)
    return slice(found[k].start, found[k + 1].start if k + 1 < len(found) else len(data))


def damaged(data: bytes, where: slice, change: str) -> bytes:
    if change == "removed":
        return data[: where.start] + data[where.stop :]
    middle = (where.start + where.stop) // 2
    return data[:middle] + bytes([data[middle] ^ 16]) + data[middle + 1 :]


def test_a_whole_stream_has_lost_nothing(stream):
    result = codec.salvage(stream)
    assert np.array_equal(keys(result.cloud), keys(codec.decode(stream).cloud))
    assert result.report.loss.nothing and result.report.loss.ended and not result.report.loss.damaged
    assert result.report.whole


@pytest.mark.parametrize("change", ["flipped", "removed"])
@pytest.mark.parametrize("lost", range(5))
def test_a_slice_that_is_damaged(stream, parts, lost, change):
    result = codec.salvage(damaged(stream, chunk(stream, Kind.SLICE, lost), change))
    loss = result.report.loss
    wanted = np.concatenate([*(p for k, p in enumerate(parts) if k != lost), keys(cloud_of())[3:5]])
    assert np.array_equal(np.sort(keys(result.cloud)), np.sort(wanted))
    assert loss.slices == (lost,) and loss.points == len(parts[lost]) and not loss.strays
    low, high = np.array(loss.boxes[0]).reshape(2, 3)
    own = codec.decode(stream, slices=[lost]).cloud.positions
    assert (own >= low).all() and (own <= high).all()
    assert bool(loss.damaged) == (change == "flipped")
    assert result.report.returned == len(result.cloud) == len(cloud_of()) - loss.points


@pytest.mark.parametrize("change", ["flipped", "removed"])
@pytest.mark.parametrize("kind", [Kind.TABLE, Kind.END])
def test_what_no_point_depends_on(stream, kind, change):
    broken = damaged(stream, chunk(stream, kind), change)
    result = codec.salvage(broken)
    assert np.array_equal(np.sort(keys(result.cloud)), np.sort(keys(cloud_of())))
    assert result.report.loss.nothing
    assert result.report.loss.ended == (kind != Kind.END)


@pytest.mark.parametrize("change", ["flipped", "removed"])
def test_counts_and_strays(stream, parts, change):
    result = codec.salvage(damaged(stream, chunk(stream, Kind.COUNTS, 2), change))
    assert result.report.loss.uncounted == (2,)
    assert result.report.loss.points == len(parts[2]) - len(np.unique(parts[2])) > 0
    assert without_surplus(keys(result.cloud), keys(cloud_of()))
    result = codec.salvage(damaged(stream, chunk(stream, Kind.STRAYS), change))
    assert (result.report.loss.strays, result.report.loss.points) == (2, 2)
    assert not result.report.whole


def with_properties() -> PointCloud:
    """Properties of each coder, some points several times."""
    rng = np.random.default_rng(8)
    cells = np.unique(rng.integers(0, [300, 200, 9], (2500, 3)), axis=0)
    cells = np.concatenate([cells, cells[::7]])
    lengths = rng.integers(0, 3, len(cells)).astype(np.uint8)
    return PointCloud(
        cells.astype(np.int32),
        (cells * [[0.8, 1.2, 20]]).astype(np.uint8),
        attributes={
            "time": rng.normal(size=len(cells)),
            "again": (cells[:, 0] * 0.8).astype(np.uint8),  # a copy of red
            "normal": rng.normal(size=(len(cells), 3)).astype(np.float32),
            "list": ListColumn(lengths, rng.integers(1, 99, int(lengths.sum()))),
        },
    )


@pytest.fixture(scope="module")
def coloured() -> bytes:
    return codec.encode(with_properties(), options=CodecOptions(codec="octree", slices=4)).data


def values_of(column: object, rows: np.ndarray) -> list[object]:
    if isinstance(column, ListColumn):
        ends = np.concatenate([[0], np.cumsum(column.lengths, dtype=np.int64)])
        return [column.values[ends[k] : ends[k + 1]].tolist() for k in rows]
    return np.asarray(column)[rows].tolist()


@pytest.mark.parametrize("change", ["flipped", "removed"])
def test_a_lost_part_of_properties_blanks_these_properties_in_its_slice(coloured, change):
    """All else comes back, and the report says which are blank, and where."""
    whole = codec.decode(coloured).cloud
    sizes = [len(codec.decode(coloured, slices=[k]).cloud) for k in range(4)]
    ends = np.concatenate([[0], np.cumsum(sizes)])
    chunks = [c for c in ovx_reader.chunks_of(coloured) if c.kind == Kind.ATTRIBUTE]
    assert len(chunks) > 8
    named = set()
    for c in chunks:
        where = chunk(coloured, Kind.ATTRIBUTE, c.part, c.component)
        result = codec.salvage(damaged(coloured, where, change))
        loss = result.report.loss
        assert not loss.nothing and not loss.slices and not loss.points
        assert np.array_equal(result.cloud.coords, whole.coords)
        names = {blank.name for blank in loss.blanks}
        named |= names
        lost, kept = np.arange(ends[c.part], ends[c.part + 1]), np.ones(len(whole), bool)
        kept[lost] = False
        assert names and all(b.slices == (c.part,) and b.points == len(lost) for b in loss.blanks)
        for name, column in whole.attributes.items():
            found = result.cloud.attributes[name]
            rows = np.flatnonzero(kept) if name in names else np.arange(len(whole))
            assert values_of(found, rows) == values_of(column, rows)
            if name == "list" and name in names:
                assert not any(value for values in values_of(found, lost) for value in values)
            elif name in names and name in ("time", "normal"):
                assert np.isnan(found[lost]).all()
            elif name in names:
                assert not found[lost].any()
    assert named == set(whole.attributes)


def test_lost_counts_blank_the_properties_of_a_slice(coloured):
    """Without them it is not known which point has which value."""
    result = codec.salvage(damaged(coloured, chunk(coloured, Kind.COUNTS, 1), "removed"))
    loss = result.report.loss
    assert loss.uncounted == (1,) and {b.name for b in loss.blanks} == set(with_properties().attributes)
    assert len(result.cloud) + loss.points == len(with_properties())


def test_lost_coordinates_of_a_rough_grid_lose_their_slice(capsys, tmp_path):
    cloud = PointCloud(np.random.default_rng(2).normal(size=(3000, 3)))
    data = codec.encode(cloud, options=CodecOptions(codec="octree", slices=3)).data
    whole = [codec.decode(data, slices=[k]).cloud.coords for k in range(3)]
    bad = damaged(data, chunk(data, Kind.REMAINDERS, 1), "flipped")
    result = codec.salvage(bad)
    assert result.report.loss.slices == (1,) and result.report.loss.points == len(whole[1])
    assert np.array_equal(result.cloud.coords, np.concatenate([whole[0], whole[2]]))


def test_an_archive_gives_its_points_where_its_file_is_lost(tmp_path):
    path = tmp_path / "a.ply"
    cells = np.unique(np.random.default_rng(2).integers(0, 40, (9000, 3)), axis=0)
    codec.write_cloud(path, PointCloud(cells.astype(np.float32)))
    data = codec.encode(path, options=CodecOptions(codec="octree"), keep="file").data
    whole = codec.salvage(data)
    assert whole.file == path.read_bytes() and whole.report.loss.nothing
    for kind in (Kind.FILE, Kind.ORDER):
        result = codec.salvage(damaged(data, chunk(data, kind, 1 if kind == Kind.FILE else 0), "flipped"))
        loss = result.report.loss
        assert result.file is None and loss.file and loss.every_record and not loss.nothing
        assert np.array_equal(np.sort(keys(result.cloud)), np.sort(keys(codec.read_cloud(path))))


def test_a_file_as_it_is_has_one_part(tmp_path):
    raw = b"1 2 3\n# 04\n05 6 +7\n"
    data = codec.encode(raw, options=CodecOptions(codec="octree"), keep="file").data
    assert codec.salvage(data + b"more").file == raw
    assert codec.salvage(data[:-1]).file == raw
    with pytest.raises(CorruptStreamError):
        codec.salvage(data[:-5])


def test_the_header_is_needed(stream):
    header = chunk(stream, Kind.HEADER)
    twice = bytearray(stream)
    twice[header.start + 12] ^= 1
    twice[header.stop - 9] ^= 1
    for broken in (damaged(stream, header, "removed"), bytes(twice)):
        with pytest.raises(CorruptStreamError, match="header is lost") as caught:
            codec.salvage(broken)
        assert caught.value.field == "header"
    for data in (b"", b"ply\n", stream[:9], stream[:40]):
        with pytest.raises(CorruptStreamError):
            codec.salvage(data)


def test_a_stream_of_one_slice_has_nothing_to_save():
    data = codec.encode(cloud_of(), options=CodecOptions(codec="octree")).data
    with pytest.raises(CorruptStreamError, match="no slice is whole"):
        codec.salvage(damaged(data, chunk(data, Kind.SLICE), "flipped"))


@pytest.mark.slow
def test_a_cut_at_every_place(stream, parts):
    ends = [chunk(stream, Kind.SLICE, k).stop for k in range(len(parts))]
    everything = keys(cloud_of())
    for cut in range(chunk(stream, Kind.TABLE).stop, chunk(stream, Kind.STRAYS).stop, 53):
        whole = [k for k, end in enumerate(ends) if end <= cut]
        if not whole:
            with pytest.raises(CorruptStreamError):
                codec.salvage(stream[:cut])
            continue
        result = codec.salvage(stream[:cut])
        assert result.report.loss.slices == tuple(range(len(whole), len(parts)))
        found = keys(result.cloud)
        assert without_surplus(found, everything)
        assert np.array_equal(np.unique(found), np.unique(np.concatenate([parts[k] for k in whole])))
        assert not result.report.loss.ended
        with pytest.raises(CorruptStreamError):
            codec.decode(stream[:cut])


@pytest.mark.slow
@settings(max_examples=120)
@given(st.data())
def test_no_damage_invents_points(stream, data):
    """Bytes changed, cut out, put in or moved: an error, or points of the cloud and a report of the rest."""
    broken = bytearray(stream)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(broken) - 1))
        size = data.draw(st.integers(1, 300))
        kind = data.draw(st.sampled_from(["noise", "zeros", "cut out", "put in", "twice"]))
        piece = {
            "noise": random.Random(at).randbytes(size),
            "zeros": bytes(size),
            "cut out": b"",
            "put in": random.Random(at).randbytes(size) + bytes(broken[at : at + size]),
            "twice": bytes(broken[at : at + size]) * 2,
        }[kind]
        broken[at : at + size] = piece
    try:
        result = codec.salvage(bytes(broken))
    except CorruptStreamError as error:
        assert error.field is not None
        return
    assert without_surplus(keys(result.cloud), keys(cloud_of()))
    assert result.report.loss.points == len(cloud_of()) - len(result.cloud)


def test_a_slice_of_another_stream_is_noticed(stream):
    """A sound slice, of the same number of voxels, from a cloud of another place."""
    cloud = cloud_of()
    other = PointCloud(np.round(cloud.coords[:, [0, 1, 2]] * [1, 1, 0.5], 2))
    theirs = codec.encode(other, options=CodecOptions(codec="octree", slices=5)).data
    ours, put = chunk(stream, Kind.SLICE, 1), chunk(theirs, Kind.SLICE, 3)
    spliced = stream[: ours.start] + theirs[put] + stream[ours.stop :]
    for decode in (codec.decode, codec.salvage):
        try:
            result = decode(spliced)
        except CorruptStreamError:
            continue
        assert result.report.loss is not None and 1 in result.report.loss.slices
        assert without_surplus(keys(result.cloud), keys(cloud))


def test_two_slices_of_one_number_are_both_refused(stream, parts):
    other = codec.encode(cloud_of(2), options=CodecOptions(codec="octree", slices=5)).data
    put = other[chunk(other, Kind.SLICE, 2)]
    result = codec.salvage(stream + put)
    assert result.report.loss.slices == (2,)
    assert without_surplus(keys(result.cloud), keys(cloud_of()))


def test_without_table_and_last_slices(stream, parts):
    rest = damaged(stream, chunk(stream, Kind.TABLE), "removed")
    cut = rest[: chunk(rest, Kind.SLICE, 3).start + 5]
    loss = codec.salvage(cut).report.loss
    assert loss.points == len(cloud_of()) - sum(len(p) for p in parts[:3])
    assert loss.slices == (3,) and loss.boxes == ()  # how many more there were is lost, too


@pytest.mark.parametrize("name", ["multiscale", pytest.param("voxeldnn", marks=pytest.mark.slow)])
def test_other_codecs(name, monkeypatch):
    for limit in ("ONE_SLICE", "SLICE_BLOCKS"):
        monkeypatch.setattr(f"octavox.codec.codecs.geometry.voxeldnn.codec.{limit}", 8)
    rng = np.random.default_rng(4)
    cells = (rng.integers(0, 12, (30, 1, 3)) * 64 + rng.integers(0, 30, (30, 200, 3))).reshape(-1, 3)
    cloud = PointCloud(cells.astype(np.int32))
    options = CodecOptions(codec=name, slices=None if name == "voxeldnn" else 4, max_level=1)
    data = codec.encode(cloud, options=options).data
    count = len(ovx_reader.slices_of(data))
    assert count > 2
    for broken in (
        damaged(data, chunk(data, Kind.SLICE, 1), "flipped"),
        data[: chunk(data, Kind.SLICE, count - 1).stop - 5],
    ):
        result = codec.salvage(broken)
        assert len(result.report.loss.slices) == 1
        assert without_surplus(keys(result.cloud), keys(cloud))
        assert len(result.cloud) == len(cloud) - result.report.loss.points > 0
    if name == "voxeldnn":
        with pytest.raises(CorruptStreamError):
            codec.salvage(damaged(data, chunk(data, Kind.TREE), "removed"))
        again = codec.salvage(damaged(data, chunk(data, Kind.TREE), "flipped"))
        assert again.report.loss.nothing and again.report.loss.repaired


def test_the_index_and_a_middle_chunk(monkeypatch):
    monkeypatch.setattr(OCTREE, "slice_points", 100)
    cloud = cloud_of()
    data = codec.encode(cloud, options=CodecOptions(codec="octree")).data
    count = len(ovx_reader.slices_of(data))
    assert count > 24
    broken = damaged(data, chunk(data, Kind.INDEX), "flipped")
    assert np.array_equal(
        keys(codec.decode(broken).cloud), keys(codec.decode(data).cloud)
    )  # it can be walked
    broken = damaged(broken, chunk(data, Kind.SLICE, count // 2), "flipped")
    result = codec.salvage(broken)
    assert result.report.loss.slices == (count // 2,)
    assert len(result.report.loss.damaged) == 2
    assert without_surplus(keys(result.cloud), keys(cloud))


def test_slices_along_other_axes(monkeypatch):
    from octavox.codec.codecs.geometry.octree import codec as module

    make = module.Params
    monkeypatch.setattr(module, "Params", lambda *a, **k: make(*a, **{**k, "axes": 3}))
    cloud = cloud_of()
    data = codec.encode(cloud, options=CodecOptions(codec="octree", slices=4)).data
    monkeypatch.undo()
    result = codec.salvage(damaged(data, chunk(data, Kind.SLICE, 1), "flipped"))
    assert result.report.loss.slices == (1,)
    assert without_surplus(keys(result.cloud), keys(cloud))


def test_format_1():
    data = (ROOT / "tests" / "golden" / "octree_1_0_slices.ovx").read_bytes()
    whole = codec.decode(data)
    entries = codec.info(data).sections
    result = codec.salvage(data)
    assert result.report.loss.nothing and len(result.cloud) == len(whole.cloud)
    whole_again = codec.salvage(data[:-1])
    assert np.array_equal(keys(whole_again.cloud), keys(whole.cloud))
    assert whole_again.report.loss.repaired == ((len(data) - 1, len(data)),)
    for broken in (data[:-2], data[:-9] + b"x" + data[-8:]):
        result = codec.salvage(broken)
        assert result.report.loss.slices == (len(entries) - 1,)
        assert result.report.loss.points == entries[-1].points
        assert without_surplus(keys(result.cloud), keys(whole.cloud))
    with pytest.raises(CorruptStreamError):
        codec.salvage(data[:30])


def test_a_cancel_is_heard(stream):
    cancel = codec.CancelToken()
    cancel.cancel()
    with pytest.raises(codec.CancelledError):
        codec.salvage(stream, cancel=cancel)
    assert forge.parse(stream).table() is not None
