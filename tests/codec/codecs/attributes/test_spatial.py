"""The coder of integer attributes: round trips over every kind of column, and a second decoder."""

from __future__ import annotations

import numpy as np
import pytest
import spatial_reference
from hypothesis import given, settings
from hypothesis import strategies as st

from octavox.codec import CancelledError, CancelToken, InputError, Progress
from octavox.codec.cloud.morton import morton_encode
from octavox.codec.codecs.attributes.spatial import coder
from octavox.codec.codecs.attributes.spatial.coder import (
    SpatialStream,
    decode_spatial,
    encode_spatial,
    suitable,
)
from octavox.codec.codecs.attributes.spatial.params import read_params
from octavox.codec.job import JobContext

TYPES = ("?", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8")


def in_morton_order(cells: np.ndarray) -> np.ndarray:
    cells = np.asarray(cells, np.int32).reshape(-1, 3)
    return cells[np.argsort(morton_encode(cells, 21), kind="stable")]


def surface(points: int, seed: int = 0) -> np.ndarray:
    """Cells of a wavy surface, some of them twice."""
    random = np.random.default_rng(seed)
    side = int(points**0.5) + 1
    u, v = (a.ravel()[:points] for a in np.meshgrid(np.arange(side), np.arange(side)))
    cells = np.stack([u, v, np.rint(9 + 4 * np.sin(u / 5) + 3 * np.cos(v / 7))], 1)
    return in_morton_order(cells[random.integers(0, points, points) if seed else slice(None)])


def texture(cells: np.ndarray, noise: float = 3.0, seed: int = 1) -> list[np.ndarray]:
    """Red, green and blue that are smooth but for noise."""
    random = np.random.default_rng(seed)
    base = 120 + 60 * np.sin(cells[:, 0] / 9.0) + 40 * np.cos(cells[:, 1] / 11.0)
    found = []
    for gain in (1.0, 0.8, 0.6):
        found.append(np.clip(gain * base + noise * random.normal(size=len(cells)), 0, 255).astype(np.uint8))
    return found


def assert_back(
    cells: np.ndarray, columns: list[np.ndarray], slices: list[int] | None = None, reference: bool = False
) -> SpatialStream:
    """Fails unless the columns come back with their types; returns the stream."""
    bounds = [0, len(cells)] if slices is None else slices
    stream = encode_spatial(cells, columns, bounds, JobContext())
    assert stream.bits.shape == (len(cells), len(columns))
    back = decode_spatial(cells, stream.params, stream.payloads, bounds, JobContext()).columns
    others = [back]
    if reference:
        others.append(spatial_reference.decode(cells, stream.params, stream.payloads, bounds))
    for found in others:
        assert len(found) == len(columns)
        for a, b in zip(columns, found):
            assert a.dtype == b.dtype
            assert np.array_equal(a, b)
    return stream


@st.composite
def columns(draw: st.DrawFn, rows: int) -> np.ndarray:
    """A column of any type: narrow, constant, few values, in steps, wide, at the ends of its type."""
    dtype = np.dtype(draw(st.sampled_from(TYPES)))
    kind = draw(st.sampled_from(("narrow", "constant", "few", "steps", "wide", "edges")))
    seeds = np.random.default_rng(draw(st.integers(0, 1 << 30)))
    if dtype.kind == "b":
        return seeds.integers(0, 1 if kind == "constant" else 2, rows).astype(bool)
    low, high = int(np.iinfo(dtype).min), int(np.iinfo(dtype).max)
    span = {"narrow": 5, "constant": 0, "few": 3, "steps": 20, "wide": (1 << 24) - 1, "edges": 3}[kind]
    span = min(span, high - low)
    step = draw(st.sampled_from((1, 2, 256, 257, 1000))) if kind == "steps" else 1
    step = step if span * step <= high - low else 1
    least = draw(st.integers(low, high - span * step))
    if kind == "edges":
        least = draw(st.sampled_from((low, high - span)))
    numbers = seeds.integers(0, span + 1, rows)
    if kind == "few" and high - low > 1 << 20:
        few = [0, 7, 100, 1 << 19]
        return np.array(
            [(least if least + few[3] <= high else high - few[3]) + few[n] for n in numbers], dtype
        )
    return np.array([least + int(n) * step for n in numbers], dtype)


@st.composite
def groups(draw: st.DrawFn) -> tuple[np.ndarray, list[np.ndarray], list[int]]:
    """Cells, dense or sparse, with and without duplicates; columns; slices."""
    rows = draw(st.integers(1, 70))
    reach = draw(st.sampled_from((1, 4, 40, 2_000, (1 << 21) - 1)))
    random = np.random.default_rng(draw(st.integers(0, 1 << 30)))
    cells = in_morton_order(random.integers(0, reach + 1, (rows, 3)))
    found = [draw(columns(rows)) for _ in range(draw(st.integers(1, 4)))]
    if draw(st.booleans()):
        found.append(found[0].copy())
    cuts = draw(st.sets(st.integers(1, rows - 1), max_size=2)) if rows > 1 else set()
    return cells, found, [0, *sorted(cuts), rows]


@settings(max_examples=40, deadline=None)
@given(groups())
def test_every_kind_of_column_comes_back(case: tuple[np.ndarray, list[np.ndarray], list[int]]) -> None:
    cells, found, slices = case
    assert_back(cells, found, slices, reference=True)


def test_a_textured_surface_by_the_second_decoder() -> None:
    cells = surface(700, seed=3)
    assert_back(cells, texture(cells), [0, 200, len(cells)], reference=True)


def test_colours_from_luma_and_chroma_by_the_second_decoder() -> None:
    """Lattices are found from 4096 points on; a short slice after it is decoded twice."""
    cells = surface(6000)
    columns = from_luma(cells)
    slices = [0, 5700, 6000]
    stream = assert_back(cells, columns, slices)
    assert len(read_params(stream.params).lattices) == 3
    part, payload = cells[5700:], [stream.payloads[1]]
    for a, b in zip(columns, spatial_reference.decode(part, stream.params, payload, [0, 300])):
        assert np.array_equal(a[5700:], b)


def from_luma(cells: np.ndarray) -> list[np.ndarray]:
    """Red, green and blue of whole luma and chroma, as of a JPEG file."""
    random = np.random.default_rng(5)
    luma = np.rint(130 + 50 * np.sin(cells[:, 0] / 9) + 4 * random.normal(size=len(cells)))
    blue = np.rint(15 * np.sin(cells[:, 1] / 13) + 3 * random.normal(size=len(cells)))
    red = np.rint(20 * np.cos(cells[:, 1] / 9) + 3 * random.normal(size=len(cells)))
    rgb = (luma + 1.402 * red, luma - 0.344136 * blue - 0.714136 * red, luma + 1.772 * blue)
    return [np.clip(np.rint(c), 0, 255).astype(np.uint8) for c in rgb]


def test_a_lattice_pays(monkeypatch: pytest.MonkeyPatch) -> None:
    cells = surface(20_000)
    columns = from_luma(cells)
    with_lattices = assert_back(cells, columns).bits.mean()
    monkeypatch.setattr(coder, "find_lattices", lambda values: np.zeros((0, 3), np.int64))
    without = assert_back(cells, columns).bits.mean()
    assert with_lattices < 0.95 * without, (with_lattices, without)


def test_code_lengths_are_those_of_the_payload() -> None:
    cells = surface(5000)
    stream = assert_back(cells, texture(cells), [0, 2500, 5000])
    assert abs(stream.bits.sum() - 8 * sum(map(len, stream.payloads))) < 80


def test_the_number_of_threads_changes_no_byte() -> None:
    cells = surface(9000)
    columns, slices = texture(cells), [0, 3000, 5000, 9000]
    streams = [encode_spatial(cells, columns, slices, JobContext(), threads=k) for k in (1, 2, 3)]
    assert len({(s.params, tuple(s.payloads)) for s in streams}) == 1
    back = decode_spatial(
        cells, streams[0].params, streams[0].payloads, slices, JobContext(), threads=2
    ).columns
    assert all(np.array_equal(a, b) for a, b in zip(columns, back))


def test_slices_are_independent() -> None:
    cells = surface(3000)
    columns = texture(cells)
    stream = assert_back(cells, columns, [0, 1000, 3000])
    back = decode_spatial(cells[1000:], stream.params, stream.payloads[1:], [0, 2000], JobContext()).columns
    assert all(np.array_equal(a[1000:], b) for a, b in zip(columns, back))


def test_columns_that_say_little_cost_little() -> None:
    cells = surface(4000)
    red = texture(cells)[0]
    one = assert_back(cells, [red])
    size = len(one.payloads[0])
    grey = assert_back(cells, [red, red, red])
    assert grey.payloads == one.payloads
    for wide in (red.astype(np.uint16) << 8, red.astype(np.uint16) * 257, red.astype(np.int64) - (1 << 60)):
        assert assert_back(cells, [wide]).payloads == one.payloads
    constant = assert_back(cells, [np.full(4000, -5, np.int32)])
    assert constant.payloads == [b""]
    shuffled = np.random.default_rng(0).permutation(1 << 16)[red.astype(np.int64)].astype(np.uint16)
    assert (
        len(assert_back(cells, [np.sort(np.unique(shuffled))[red % len(np.unique(shuffled))]]).payloads[0])
        < 1.2 * size
    )


def test_a_smooth_texture_costs_little_more_than_its_noise() -> None:
    cells = surface(20_000)
    bits = assert_back(cells, texture(cells, noise=3.0)).bits.mean(axis=0)
    assert (bits < 4.1).all()  # noise of deviation 3 has 3.63 bits


def test_no_points_and_one_point() -> None:
    none = np.zeros((0, 3), np.int32)
    stream = encode_spatial(none, [np.zeros(0, np.uint8)], [0], JobContext())
    assert decode_spatial(none, stream.params, stream.payloads, [0], JobContext()).columns == []
    for value in (0, 255):
        assert_back(np.array([[5, 6, 7]]), [np.array([value], np.uint8)], reference=True)


def test_what_is_suitable() -> None:
    wide = np.array([0, 1 << 40, 7], np.int64)
    assert not suitable(wide)
    assert suitable(wide[:2] + 5)  # two values in steps of 2**40
    assert not suitable(np.zeros(3, np.float32))
    assert not suitable(np.zeros((3, 2), np.uint8))
    assert suitable(np.zeros(3, bool))
    assert suitable(np.array([-(1 << 63), -(1 << 63) + 9]))
    with pytest.raises(InputError, match="too wide"):
        encode_spatial(np.zeros((3, 3), np.int32), [wide], [0, 3], JobContext())


@pytest.mark.parametrize(
    ("cells", "columns", "slices", "message"),
    [
        ([[1, 0, 0], [0, 0, 0]], [[1, 2]], [0, 2], "Morton order"),
        ([[-1, 0, 0]], [[1]], [0, 1], "outside"),
        ([[0, 0, 0]], [[1, 2]], [0, 1], "columns of 1"),
        ([[0, 0, 0]], [[1]], [0, 0, 1], "slices do not divide"),
        ([[0, 0, 0]], [[1]], [0], "slices do not divide"),
        ([[0, 0, 0]], [], [0, 1], "columns of 1"),
    ],
)
def test_wrong_arguments_are_named(
    cells: list[list[int]], columns: list[list[int]], slices: list[int], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        encode_spatial(np.array(cells), [np.array(c, np.uint8) for c in columns], slices, JobContext())


def test_five_different_columns_are_too_many() -> None:
    random = np.random.default_rng(0)
    many = [random.integers(0, 9, 50).astype(np.uint8) for _ in range(5)]
    with pytest.raises(InputError, match="at most 4"):
        encode_spatial(surface(50), many, [0, 50], JobContext())


def test_progress_grows_and_a_cancel_is_heard() -> None:
    cells = surface(9000)
    steps: list[Progress] = []
    encode_spatial(cells, texture(cells), [0, 9000], JobContext(steps.append), threads=1)
    assert [s.done for s in steps] == [4096, 8192, 9000]
    assert {(s.stage, s.total) for s in steps} == {("encode", 9000)}
    token = CancelToken()
    job = JobContext(lambda step: token.cancel(), token)
    with pytest.raises(CancelledError):
        encode_spatial(cells, texture(cells), [0, 9000], job, threads=1)
