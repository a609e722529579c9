"""Sequences that are files: folders, patterns and lists, in the order of the numbers in the names."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from octavox import codec
from octavox.codec import CodecOptions, InputError, PointCloud
from octavox.codec.files.listing import files_of, natural_key, numbered

OCTREE = CodecOptions(codec="octree")


def cloud(number: int) -> PointCloud:
    return PointCloud(np.array([[number, 0, 0], [number, 1, 2]], np.int32))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, number in (("f_2.ply", 2), ("f_10.ply", 10), ("f_1.ply", 1), ("g_0007.ply", 7)):
        codec.write_cloud(tmp_path / name, cloud(number))
    codec.save_stream(tmp_path / "g_0012.ovx", codec.encode(cloud(12), options=OCTREE).data)
    codec.write_cloud(tmp_path / "g_12345.ply", cloud(12345))
    (tmp_path / "notes.md").write_text("no cloud")
    (tmp_path / "more.ply").mkdir()
    return tmp_path


def numbers(source: object) -> list[int]:
    with codec.open(source) as found:
        assert len(found) == len([found.name(k) for k in range(len(found))])
        return [int(one.coords[0, 0]) for one in found]


def test_folders_patterns_and_lists(folder):
    assert numbers(folder) == [1, 2, 10, 7, 12, 12345]
    assert numbers(folder / "f_*.ply") == numbers(folder / "f_%d.ply") == [1, 2, 10]
    assert numbers(folder / "g_%04d.ply") == [7, 12345]
    assert numbers(folder / "g_%04d.ovx") == [12]
    assert numbers(folder / "g_%d.ply") == [12345]  # printf writes no zeros there
    assert numbers([folder / "g_0012.ovx", folder / "f_2.ply"]) == [12, 2]
    assert numbers([folder / "f_%d.ply", str(folder / "g_0007.ply")]) == [1, 2, 10, 7]
    assert numbers(folder / "f_2.ply") == [2]


def test_what_is_no_sequence(folder, tmp_path_factory):
    empty = tmp_path_factory.mktemp("empty")
    for source, words in (
        (empty, "no point clouds and streams are in this folder"),
        (folder / "h_%d.ply", "no file has such a name"),
        (folder / "h_*.ply", "no file has such a name"),
        (folder / "nothing.ply", "No such file"),
        ([], "there are no frames"),
        (3, "is needed, not int"),
        (folder / "%d_%d.ply", "has not one place for a number"),
    ):
        with pytest.raises(InputError, match=words):
            codec.open(source)


def test_a_name_that_looks_like_a_pattern_is_a_name_where_there_is_such_a_file(folder):
    codec.write_cloud(folder / "a[1].ply", cloud(3))
    codec.write_cloud(folder / "b%d.ply", cloud(4))
    assert numbers(folder / "a[1].ply") == [3]
    assert numbers(folder / "b%d.ply") == [4]


def test_frames_that_are_streams_are_decoded_and_others_are_not(folder):
    with codec.open(folder) as found:
        assert [found.is_coded(k) for k in range(6)] == [False, False, False, False, True, False]
        assert found.decode(4).report.level == "records"
        assert found.info(4).points == 2
        assert found.size(0) == (folder / "f_1.ply").stat().st_size
        with pytest.raises(InputError, match="a file of points, not a stream"):
            found.decode(0)
        with pytest.raises(InputError, match="a file of points, not a stream"):
            found.info(0)


def test_a_sequence_among_files_is_told(folder):
    codec.encode_sequence([cloud(1), cloud(2)], folder / "f_3.ovx", options=OCTREE)
    with codec.open(folder) as found, pytest.raises(InputError, match="a sequence of 2 frames; in a list"):
        found[2]


def test_encode_takes_what_open_takes(folder):
    for source in (folder, folder / "f_%d.ply", [folder / "f_1.ply", cloud(9)], (cloud(k) for k in range(3))):
        report = codec.encode_sequence(source, folder / "out.ovx", options=OCTREE)
        with codec.open(folder / "out.ovx") as found:
            assert len(found) == report.frames == len(report.reports)
            assert report.bytes == (folder / "out.ovx").stat().st_size
        (folder / "out.ovx").unlink()
    with pytest.raises(InputError, match="a sequence needs a frame"):
        codec.encode_sequence([], folder / "out.ovx", options=OCTREE)
    assert not (folder / "out.ovx").exists()


@given(st.lists(st.integers(0, 10**6), unique=True, min_size=2, max_size=6), st.integers(1, 6))
def test_numbers_go_into_names_and_sort(values, digits):
    names = [numbered(f"a%%_%0{digits}d.ply", value) for value in values]
    assert names == [f"a%_{value:0{digits}d}.ply" for value in values]
    assert sorted(names, key=natural_key) == [numbered(f"a%%_%0{digits}d.ply", v) for v in sorted(values)]


def test_gaps_and_files_that_are_gone(folder):
    assert len(files_of(folder / "f_%d.ply", (".ply",))) == 3
    with codec.open(folder / "f_%d.ply") as found:
        (folder / "f_2.ply").unlink()
        assert found[0].coords[0, 0] == 1 and found[2].coords[0, 0] == 10
        with pytest.raises(InputError, match="No such file"):
            found[1]
