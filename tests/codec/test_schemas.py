"""Clouds of random schemas, large enough for every coder: each property back to the last bit."""

from __future__ import annotations

import numpy as np
import ovx_columns
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from octavox import codec
from octavox.codec import CodecOptions, PointCloud
from octavox.codec.cloud.columns import Column, ListColumn
from octavox.codec.codecs.registry import attribute_coder
from octavox.codec.errors import OctavoxError

INTEGERS = ("i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8")
FLOATS = ("f2", "f4", "f8")
KINDS = ("smooth", "smooth", "shares", "decimals", "noise", "edges", "floats", "wide", "one", "again", "bool")
NAMES = ("red", "green", "blue", "alpha", "intensity", "label", "t", "order", "x", "größe")


def odd_floats(rng: np.random.Generator, dtype: str, rows: int) -> np.ndarray:
    """Floats with NaN of several payloads, infinities, zeros of both signs and the smallest numbers."""
    kind = np.dtype(dtype)
    found = rng.normal(size=rows).astype(kind)
    bits = found.view(f"u{kind.itemsize}")
    quiet = np.array([np.nan], kind).view(bits.dtype)[0]
    odd = [quiet, quiet + 1, quiet | (1 << (8 * kind.itemsize - 1)), 1, 0, 1 << (8 * kind.itemsize - 1)]
    odd += [int(np.array([v], kind).view(bits.dtype)[0]) for v in (np.inf, -np.inf)]
    places = rng.random(rows) < 0.3
    bits[places] = rng.choice(np.array(odd, bits.dtype), int(places.sum()))
    return found


def column(draw: st.DrawFn, rng: np.random.Generator, smooth: np.ndarray, before: list[Column]) -> Column:
    """smooth: (N,) 0 to 1, by place."""
    kind = draw(
        st.sampled_from(
            (
                "smooth",
                "smooth",
                "shares",
                "decimals",
                "noise",
                "edges",
                "floats",
                "one",
                "again",
                "bool",
                "wide",
            )
        )
    )
    n = len(smooth)
    if kind == "again" and before:
        return before[draw(st.integers(0, len(before) - 1))]
    if kind in ("shares", "decimals"):
        steps = draw(st.sampled_from((255, 65535))) if kind == "shares" else 10 ** draw(st.integers(0, 3))
        numbers = np.rint((smooth + rng.normal(0, 0.01, n)).clip(0, 1) * 200)
        return (numbers / steps).astype(draw(st.sampled_from(FLOATS[1:])))
    if kind in ("floats", "wide"):
        found = [
            odd_floats(rng, draw(st.sampled_from(FLOATS)), n) for _ in range(1 if kind == "floats" else 3)
        ]
        return found[0] if kind == "floats" else np.stack([found[0]] * 2, axis=1)
    if kind == "bool":
        return smooth + rng.normal(0, 0.05, n) > 0.5
    dtype = np.dtype(draw(st.sampled_from(INTEGERS)))
    low, high = int(np.iinfo(dtype).min), int(np.iinfo(dtype).max)
    if kind == "one":
        return np.full(n, draw(st.integers(low, high)), dtype)
    if kind == "edges":
        return rng.choice(np.array([low, high, 0, 1], dtype), n)
    if kind == "noise":
        return rng.integers(low, high, n, dtype=dtype, endpoint=True)
    step = draw(st.sampled_from((1, 1, 257))) if dtype.itemsize > 1 else 1
    numbers = np.rint(smooth * 90 + rng.normal(0, draw(st.sampled_from((0.0, 2.0))), n)).astype(np.int64)
    least = draw(st.sampled_from([low, 0, high - 110 * step])) if high > 110 * step else 0
    return np.array([least + step * int(v) for v in numbers.clip(0, 110)], dtype)


@st.composite
def clouds(draw: st.DrawFn) -> PointCloud:
    rng = np.random.default_rng(draw(st.integers(0, 1 << 32)))
    side = draw(st.integers(3, 40))
    u, v = (a.ravel() for a in np.mgrid[:side, :side])
    z = np.rint(6 + 4 * np.sin(u / 6) + 3 * np.cos(v / 5)).astype(np.int64)
    coords = np.column_stack([u, v, z])
    rows = np.concatenate([np.arange(len(u)), rng.integers(0, len(u), draw(st.sampled_from((0, 0, 25))))])
    rows = rng.permutation(rows) if draw(st.booleans()) else rows
    coords = coords[rows]
    smooth = (0.5 + 0.3 * np.sin(coords[:, 0] / 7) + 0.2 * np.cos(coords[:, 1] / 5)).clip(0, 1)
    columns: dict[str, Column] = {}
    for name in draw(st.lists(st.sampled_from(NAMES), unique=True, min_size=1, max_size=6)):
        columns[name] = column(
            draw, rng, smooth, [c for c in columns.values() if not isinstance(c, ListColumn)]
        )
    if draw(st.integers(0, 3)) == 0:
        lengths = rng.integers(0, 3, len(coords)).astype(np.uint8)
        columns["echoes"] = ListColumn(lengths, odd_floats(rng, "f4", int(lengths.sum())))
    given = coords.astype(draw(st.sampled_from(("i4", "f4", "f8"))))
    if given.dtype.kind == "f" and draw(st.booleans()):
        given = given / given.dtype.type(8) + draw(st.sampled_from((0.0, 0.013)))
        given[0] = np.nan
    return PointCloud(np.ascontiguousarray(given), attributes=columns)


def bits_of_rows(cloud: PointCloud) -> list[bytes]:
    """Each point with all its numbers, sorted."""
    found = [row.tobytes() for row in np.ascontiguousarray(cloud.coords)]
    for own in cloud.attributes.values():
        if isinstance(own, ListColumn):
            ends = np.concatenate([[0], np.cumsum(own.lengths, dtype=np.int64)]).tolist()
            more = [own.values[a:b].tobytes() + bytes([b - a]) for a, b in zip(ends, ends[1:])]
        else:
            more = [np.ascontiguousarray(row).tobytes() for row in own]
        found = [a + b for a, b in zip(found, more)]
    return sorted(found)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(clouds(), st.integers(1, 3), st.sampled_from(["normal", "high"]))
def test_every_property_comes_back(cloud: PointCloud, slices: int, effort: str) -> None:
    coded = codec.encode(cloud, options=CodecOptions(codec="octree", slices=slices, effort=effort))
    decoded = codec.decode(coded.data)
    assert bits_of_rows(decoded.cloud) == bits_of_rows(cloud)
    for name, own in cloud.attributes.items():
        back = decoded.cloud.attributes[name]
        if isinstance(own, ListColumn):
            assert (back.lengths.dtype, back.values.dtype) == (own.lengths.dtype, own.values.dtype)
        else:
            assert (back.dtype, back.shape[1:]) == (own.dtype, own.shape[1:])
    assert codec.verify(cloud, coded.data).identical
    assert sum(coded.report.components.values()) == len(coded.data)
    assert coded.report.bits.owned == pytest.approx(
        8 * len(coded.data), abs=64 * (1 + slices * len(cloud.attributes))
    )
    found = codec.property_bits(coded.data)
    for name, bits in found.bits.items():
        spent = 8 * coded.report.components.get(name, coded.report.components.get(f"property {name}", 0))
        assert np.nansum(bits) == pytest.approx(spent, rel=0.02, abs=200)


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(clouds().filter(lambda cloud: len(cloud) < 400))
def test_a_reader_made_from_the_documents_finds_the_same(cloud: PointCloud) -> None:
    data = codec.encode(cloud, options=CodecOptions(codec="octree")).data
    decoded = codec.decode(data)
    found = ovx_columns.records_of(data, decoded.voxels.coords.tolist())
    ours = [np.ascontiguousarray(decoded.cloud.coords[:, k]) for k in range(3)]
    for own in decoded.cloud.attributes.values():
        if isinstance(own, ListColumn):
            ours += [own.lengths, own.values]
        else:
            ours += [own] if own.ndim == 1 else [np.ascontiguousarray(c) for c in own.T]
    assert len(found) == len(ours)
    for mine, theirs in zip(ours, found, strict=True):
        assert mine.dtype == theirs.dtype and mine.tobytes() == theirs.tobytes()


def coded_by(data: bytes, name: str) -> str:
    """The coder of a property's first column."""
    header = codec.decode(data).header
    number = 0
    for attribute in header.attributes:
        if attribute.name == name:
            break
        number += len(attribute.types)
    group = next(group for group in header.groups if number in group.columns)
    names = {attribute_coder(coder).id: coder for coder in ("packed", "spatial")}
    return names.get(group.coder, "copy")


@pytest.mark.parametrize("share", [255, 65535])
@pytest.mark.parametrize("dtype", FLOATS[1:])
def test_colours_as_shares_are_coded_as_integers(share: int, dtype: str) -> None:
    """Float colours take about what integers take, and come back to the last bit."""
    u, v = (a.ravel() for a in np.mgrid[:90, :90])
    rng = np.random.default_rng(2)
    xyz = np.column_stack([u, v, np.rint(9 + 5 * np.sin(u / 8))]).astype(np.int32)
    numbers = np.rint(120 + 60 * np.sin((u + v) / 20) + rng.normal(0, 2, len(u))).astype(np.uint16)
    whole = PointCloud(xyz, attributes={"red": numbers})
    shares = PointCloud(xyz, attributes={"red": (numbers / share).astype(dtype)})
    options = CodecOptions(codec="octree", slices=1)
    small, coded = (codec.encode(cloud, options=options) for cloud in (whole, shares))
    assert coded_by(coded.data, "red") == "spatial"
    assert coded.report.components["red"] <= 1.01 * small.report.components["red"]
    assert bits_of_rows(codec.decode(coded.data).cloud) == bits_of_rows(shares)


def test_a_label_that_is_rare_is_found() -> None:
    """A property that is constant nearly everywhere, also where a sample is taken."""
    u, v = (a.ravel() for a in np.mgrid[:300, :200])
    xyz = np.column_stack([u, v, np.zeros_like(u)]).astype(np.int32)
    label = np.where((u < 30) & (v < 40), 3 + (v // 8), 1).astype(np.uint8)
    coded = codec.encode(PointCloud(xyz, attributes={"label": label}), options=CodecOptions(codec="octree"))
    assert coded.report.components["label"] < 400
    assert codec.verify(PointCloud(xyz, attributes={"label": label}), coded.data).identical


@settings(deadline=None, max_examples=80, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 1 << 30), st.integers(0, 7))
def test_damage_is_an_error_and_never_a_crash(place: int, bit: int) -> None:
    broken = bytearray(DAMAGED)
    broken[place % len(broken)] ^= 1 << bit
    for work in (codec.decode, codec.info, codec.property_bits):
        try:
            work(bytes(broken))
        except OctavoxError:
            continue


def _sample() -> bytes:
    u, v = (a.ravel() for a in np.mgrid[:30, :30])
    rng = np.random.default_rng(2)
    columns: dict[str, Column] = {
        name: np.rint(90 + 40 * np.sin((u + k * v) / 9) + rng.normal(0, 2, 900)).astype(np.uint8)
        for k, name in enumerate(("red", "green", "blue"))
    }
    columns |= {"time": rng.normal(size=900), "copy": columns["red"], "n": np.full(900, 4)}
    lengths = rng.integers(0, 3, 900).astype(np.uint8)
    columns["list"] = ListColumn(lengths, np.arange(int(lengths.sum()), dtype=np.int16))
    cloud = PointCloud(np.column_stack([u, v, u // 3]).astype(np.float32), attributes=columns)
    return codec.encode(cloud, options=CodecOptions(codec="octree", slices=2), color_error=1).data


DAMAGED = _sample()
