"""What notebooks show of clouds, results, tables and certificates; rows of the source in the voxels."""

from __future__ import annotations

from html.parser import HTMLParser

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

import octavox as ov

OCTREE = ov.CodecOptions(codec="octree")


class Cells(HTMLParser):
    """The texts of a table's cells; fails on any tag that is not one of a table."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.open: list[str] = []
        self.feed(page)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in ("table", "caption", "tr", "th", "td") and not attrs
        self.open.append(tag)
        self.texts.append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts[-1] += data


def texts(shown: object) -> list[str]:
    page = shown._repr_html_()  # type: ignore[attr-defined]
    page.encode("utf-8")
    return Cells(page).texts


def test_every_kind_is_shown_as_a_small_table() -> None:
    positions = np.random.default_rng(2).integers(0, 90, (500, 3)).astype(np.int16)
    cloud = ov.PointCloud(positions, attributes={"intensity": np.arange(500), "n": np.zeros((500, 2))})
    result = ov.encode(cloud, options=OCTREE, drop="intensity,n")
    decoded, certificate = ov.decode(result.data), ov.verify(cloud, result.data)
    assert {"x", "int16", "intensity", "int64", "float64 2"} <= set(texts(cloud))
    assert "VoxelCloud: 500 voxels" in texts(result.voxels)
    assert {"octree", "records", "intensity, n"} <= set(texts(result))
    assert {"octree", "records", "500"} <= set(texts(decoded))
    assert texts(result.blocks)[1] == f"BlockTable: {len(result.blocks)} blocks"
    assert {"no", "yes (records)", "intensity, n"} <= set(texts(certificate))
    assert len(texts(ov.BlockTable.empty())) < 12
    many = ov.BlockTable.make(np.zeros((1000, 3)), 64, 1, 1.0)
    assert len(many._repr_html_()) < 4000 and "the first 10" in texts(many)[1]
    assert texts(ov.PointCloud(np.full((2, 3), np.nan)))
    assert texts(ov.PointCloud(np.empty((0, 3))))


def test_names_are_escaped() -> None:
    odd = '<script>alert("1")</script>&\udc80\x00\x1b[31m'
    cloud = ov.PointCloud(np.zeros((1, 3)), attributes={odd: [1], "long" * 200: [2]}, source=odd)
    page = cloud._repr_html_()
    assert "<script" not in page and "\x1b" not in page and len(page) < 2000
    assert any("<script>" in text for text in texts(cloud))


def test_blocks_as_a_data_frame() -> None:
    pandas = pytest.importorskip("pandas")
    result = ov.encode(ov.PointCloud(np.random.default_rng(1).integers(0, 200, (900, 3))), options=OCTREE)
    frame = result.blocks.to_pandas()
    assert isinstance(frame, pandas.DataFrame) and len(frame) == len(result.blocks)
    assert int(frame.points.sum()) == len(result.voxels)
    assert frame[["x", "y", "z"]].to_numpy().tolist() == result.blocks.origin.tolist()
    assert np.array_equal(frame.bpov, result.blocks.bpov)
    assert np.array_equal(frame.unsplit_bits, result.blocks.unsplit_bits, equal_nan=True)


# -- rows of the source and their voxels -------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(
    positions=npst.arrays(
        np.float64,
        st.tuples(st.integers(0, 30), st.just(3)),
        elements=st.sampled_from([0.0, 0.5, 1.25, 3.0, -2.0, 7.0, np.nan, np.inf]),
    ),
    kept=st.sampled_from([{}, {"depth": 3}, {"voxel_size": 0.7}, {"keep": "voxels"}]),
)
@pytest.mark.filterwarnings("ignore::octavox.codec.LossWarning")
def test_each_row_of_the_source_has_its_voxel(positions: np.ndarray, kept: dict[str, object]) -> None:
    result = ov.encode(ov.PointCloud(positions), options=OCTREE, **kept)
    inverse, finite = result.inverse, np.isfinite(positions).all(axis=1)
    assert inverse.shape == (len(positions),)
    assert np.array_equal(inverse >= 0, finite)
    assert set(inverse[finite].tolist()) == set(range(len(result.voxels)))
    size = result.report.voxelization.voxel_size  # type: ignore[union-attr]
    away = np.abs(result.voxels.positions[inverse[finite]] - positions[finite]).max(initial=0.0)
    assert away <= size / 2 * (1 + 1e-9)
    decoded = ov.decode(result.data).voxels
    assert np.array_equal(decoded.coords, result.voxels.coords)


def test_strays_have_no_voxel() -> None:
    wall = np.round(np.random.default_rng(3).random((400, 3)), 3)
    cloud = ov.PointCloud(np.concatenate([wall, [[1e7, 1 / 3, 0.0]]]))
    result = ov.encode(cloud, options=OCTREE)
    assert result.report.level == "records" and result.inverse[-1] == -1
    assert np.allclose(result.voxels.positions[result.inverse[:-1]], wall, rtol=0, atol=1e-12)


def test_voxels_that_are_given_have_their_own_rows() -> None:
    voxels = ov.VoxelCloud.from_coords([[3, 2, 1], [0, 0, 0], [3, 2, 1]])
    assert ov.encode(voxels, options=OCTREE).inverse.tolist() == [0, 1]
