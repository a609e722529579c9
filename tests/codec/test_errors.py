"""Whatever a caller hands over, an error is an OctavoxError that says what is wrong and where."""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import octavox as ov

OCTREE = ov.CodecOptions(codec="octree")
CLOUD = ov.PointCloud([[1, 2, 3], [4, 5, 6]])
VOXELS = ov.VoxelCloud.from_coords([[1, 2, 3], [4, 5, 6]])
DATA = ov.encode(CLOUD, options=OCTREE).data
BLOCK = ov.BlockPlace((0, 0, 0), 64)


class _Gives:
    """A file object that gives something, or raises it."""

    def __init__(self, given: Any) -> None:
        self.given = given

    def read(self, count: int = -1) -> Any:
        if isinstance(self.given, BaseException):
            raise self.given
        return self.given


class _NoArray:
    def __array__(self, *_: Any, **__: Any) -> Any:
        raise RuntimeError("this is no array")


def closed(folder: Path) -> Any:
    (folder / "a.bin").write_bytes(b"abc")
    with (folder / "a.bin").open("rb") as file:
        return file


def closed_in_memory(_: Path) -> Any:
    file = io.BytesIO(b"abc")
    file.close()
    return file


SOURCES: dict[str, Callable[[Path], Any]] = {
    "name too long": lambda folder: folder / ("n" * 5000 + ".ply"),
    "null byte": lambda folder: f"{folder}/a\0.ply",
    "no file": lambda folder: folder / "none.ply",
    "a file as folder": lambda folder: (closed(folder), folder / "a.bin" / "b.ply")[1],
    "folder": lambda folder: folder,
    "empty name": lambda _: "",
    "lone surrogate": lambda folder: f"{folder}/\udc80.ply",
    "None": lambda _: None,
    "number": lambda _: 3,
    "list": lambda _: [1, 2, 3],
    "closed file": closed,
    "closed memory": closed_in_memory,
    "text mode": lambda _: io.StringIO("ply"),
    "gives text": lambda _: _Gives("ply"),
    "gives None": lambda _: _Gives(None),
    "gives numbers": lambda _: _Gives([1, 2]),
    "read fails": lambda _: _Gives(OSError(5, "Input/output error")),
    "read fails oddly": lambda _: _Gives(RuntimeError("odd")),
    "for writing": lambda folder: (folder / "w.bin").open("wb"),
    "no bytes": lambda _: b"",
}
READERS: dict[str, Callable[[Any], Any]] = {
    "read_cloud": ov.read_cloud,
    "encode": lambda given: ov.encode(given, options=OCTREE),
    "decode": ov.decode,
    "info": ov.info,
    "verify, original": lambda given: ov.verify(given, DATA),
    "verify, stream": lambda given: ov.verify(CLOUD, given),
    "voxel_probabilities": lambda given: ov.voxel_probabilities(VOXELS, BLOCK, given),
}


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("reader", READERS)
def test_sources_that_cannot_be_read(source: str, reader: str, tmp_path: Path) -> None:
    with pytest.raises(ov.OctavoxError) as error:
        READERS[reader](SOURCES[source](tmp_path))
    assert error.value.reason and "\0" not in str(error.value)


@pytest.mark.parametrize("source", [name for name in SOURCES if name != "no bytes"])
def test_a_sample_of_what_cannot_be_read(source: str, tmp_path: Path) -> None:
    given = SOURCES[source](tmp_path)
    if source == "gives None":
        assert ov.read_sample(given, 10) is None
        return
    with pytest.raises(ov.InputError):
        ov.read_sample(given, 10)


TARGETS: dict[str, Callable[[Path], Any]] = {
    name: SOURCES[name]
    for name in ("name too long", "null byte", "a file as folder", "folder", "None", "number", "list")
} | {
    "no folder": lambda folder: folder / "none" / "a.ply",
    "closed file object": closed,
    "text file object": lambda _: io.StringIO(),
}


@pytest.mark.parametrize("target", TARGETS)
def test_targets_that_cannot_be_written(target: str, tmp_path: Path) -> None:
    path = TARGETS[target](tmp_path)
    for write in (
        lambda: ov.write_cloud(path, CLOUD),
        lambda: ov.write_cloud(path, CLOUD, options=ov.WriteOptions(suffix=".ply")),
        lambda: ov.write_ply(path, VOXELS),
        lambda: ov.save_stream(path, DATA),
    ):
        with pytest.raises(ov.InputError) as error:
            write()
        assert error.value.reason and "\0" not in str(error.value)


# -- arguments that are no arrays, clouds, numbers or options ----------------------------------------

WRONG: dict[str, Any] = {
    "text": "abc",
    "rows of several lengths": [[1, 2], [1]],
    "object": object(),
    "words": [["a", "b", "c"]],
    "complex": np.zeros((2, 3), complex),
    "one row": [1, 2, 3],
    "two columns": np.zeros((2, 2)),
    "no array": _NoArray(),
    "huge integers": [[10**30, 1, 1]],
    "mapping": {},
    "number": 3.5,
    "dates": np.zeros((2, 3), "M8[s]"),
}
ARRAYS: dict[str, Callable[[Any], Any]] = {
    "positions": ov.PointCloud,
    "colours": lambda v: ov.PointCloud([[1, 2, 3]], v),
    "coords": ov.VoxelCloud.from_coords,
    "coords as given": lambda v: ov.encode(ov.VoxelCloud(v, 4), options=OCTREE),
    "normals": lambda v: ov.compare(CLOUD, CLOUD, normals=v),
    "array": ov.PointCloud.from_numpy,
}
ARGUMENTS: dict[str, Callable[[Any], Any]] = {
    "cloud, voxelized": ov.voxelize,
    "cloud, compared": lambda v: ov.compare(v, CLOUD),
    "cloud, measured": lambda v: ov.compare(CLOUD, v),
    "cloud, written": lambda v: ov.write_cloud("never.ply", v),
    "cloud, as PLY": lambda v: ov.write_ply("never.ply", v),
    "depth": lambda v: ov.voxelize(CLOUD, depth=v),
    "depth, encoded": lambda v: ov.encode(CLOUD, options=OCTREE, depth=v),
    "depth of voxels": lambda v: ov.VoxelCloud.from_coords([[1, 2, 3]], depth=v),
    "keep": lambda v: ov.encode(CLOUD, options=OCTREE, keep=v),
    "slices": lambda v: ov.decode(DATA, slices=v),
    "options": lambda v: ov.decode(DATA, options=v),
    "options, encoded": lambda v: ov.encode(CLOUD, options=v),
    "codec": lambda v: ov.encode(CLOUD, options=ov.CodecOptions(codec=v)),
    "threads": lambda v: ov.encode(CLOUD, options=ov.CodecOptions(codec="octree", threads=v)),
    "read options": lambda v: ov.read_cloud(b"1 2 3\n", options=v),
    "write options": lambda v: ov.write_cloud("never.ply", CLOUD, options=v),
    "stream, saved": lambda v: ov.save_stream("never.ovx", v),
    "transform": lambda v: ov.VoxelCloud.from_coords([[1, 2, 3]], v),
    "transform, encoded": lambda v: ov.encode(ov.VoxelCloud(VOXELS.coords, 3, v), options=OCTREE),
    "info": lambda v: ov.PointCloud([[1, 2, 3]], info=v),
    "axis types": lambda v: ov.PointCloud([[1, 2, 3]], axis_types=v),
    "block": lambda v: ov.voxel_probabilities(VOXELS, v, DATA),
    "points of a sample": lambda v: ov.read_sample(b"1 2 3\n", v),
}


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize("argument", [*ARRAYS, *ARGUMENTS])
def test_wrong_arguments(wrong: str, argument: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    if (argument, wrong) == ("slices", "mapping"):  # an empty collection: no slices
        assert len(ov.decode(DATA, slices={}).cloud) == 0
        return
    with pytest.raises(ov.InputError) as error:
        (ARRAYS | ARGUMENTS)[argument](WRONG[wrong])
    assert error.value.reason
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("wrong", [name for name in WRONG if name != "mapping"])
def test_wrong_attributes(wrong: str) -> None:
    with pytest.raises(ov.InputError):
        ov.PointCloud([[1, 2, 3]], attributes=WRONG[wrong])
    if wrong not in ("one row", "two columns"):
        with pytest.raises(ov.InputError):
            ov.PointCloud([[1, 2, 3]], attributes={"a": WRONG[wrong]})


@pytest.mark.parametrize("wrong", [name for name in WRONG if name != "one row"])
def test_wrong_scales(wrong: str) -> None:
    for name in ("scale", "offset"):
        with pytest.raises(ov.InputError) as error:
            ov.PointCloud([[1, 2, 3]], **{name: WRONG[wrong]})
        assert error.value.field == name
    for scale in ((0.0, 1.0, 1.0), (np.nan, 1.0, 1.0), (1.0, np.inf, 1.0)):
        with pytest.raises(ov.InputError):
            ov.PointCloud([[1, 2, 3]], scale=scale)


@pytest.mark.parametrize(
    ("coords", "words"),
    [
        ([[-1, 0, 0]], "coordinate"),
        ([[1 << 40, 0, 0]], "depth|coordinate"),
        ([[1.5, 0, 0]], "integer"),
        (np.array([[1 << 63, 0, 0]], np.uint64), "depth|coordinate"),
    ],
)
def test_coordinates_of_voxels(coords: Any, words: str) -> None:
    with pytest.raises(ov.InputError, match=words):
        ov.VoxelCloud.from_coords(coords)


def test_an_option_that_is_none_is_named() -> None:
    with pytest.raises(ov.InputError, match="known: keep, depth") as error:
        ov.encode(CLOUD, options=OCTREE, quality=3)
    assert error.value.field == "quality"


# -- what is dropped, also of clouds in memory -------------------------------------------------------


def test_what_a_stream_does_not_hold_is_named_in_a_warning_and_in_the_report() -> None:
    face = ov.Element("face", 1, {"vertex_indices": ov.ListColumn(np.array([3], np.uint8), np.arange(3))})
    info = ov.FileInfo("PLY", (b"by hand",), (face,))
    colors = np.zeros((3, 3), np.uint8)
    cloud = ov.PointCloud([[1, 2, 3]] * 3, colors, attributes={"id": [1, 2, 3]}, info=info)
    with pytest.warns(ov.LossWarning) as caught:
        result = ov.encode(cloud, options=OCTREE)
    assert [(w.category, w.filename) for w in caught] == [(ov.DroppedWarning, __file__)]
    assert str(caught[0].message) == "not stored: element face"
    assert result.report.dropped == ()
    assert result.report.beside == ("element face", "comments")
    with pytest.warns(ov.DroppedWarning, match="^not stored: element face$"):  # no word of what was asked for
        left = ov.encode(cloud, options=OCTREE, drop="id")
    assert left.report.dropped == ("id",)


def test_points_without_a_place_come_back_by_default_and_are_counted_otherwise() -> None:
    cloud = ov.PointCloud([[1.0, 2, 3], [np.nan, 0, 0]], attributes={"id": [1, 2]})
    assert ov.verify(cloud, ov.encode(cloud, options=OCTREE).data).identical
    done = ov.encode(cloud, options=OCTREE, keep="voxels").report.voxelization
    assert done is not None and done.left_out == 1


def test_writing_returns_what_is_dropped(tmp_path: Path) -> None:
    cloud = ov.PointCloud([[1, 2, 3]], attributes={"id": [7]}, info=ov.FileInfo(comments=(b"hello",)))
    assert set(ov.write_cloud(tmp_path / "a.off", cloud)) >= {"id"}
    with pytest.warns(ov.DroppedWarning, match="PLY cannot hold: id"):
        ov.write_ply(tmp_path / "a.ply", ov.PointCloud([[1, 2, 3]], attributes={"id": [(1 << 60) + 1]}))


def test_voxels_are_written_in_every_format(tmp_path: Path) -> None:
    voxels = ov.VoxelCloud(VOXELS.coords, 3, ov.Transform((10.0, 0.0, 0.0), 0.5))
    for suffix in (".ply", ".pcd", ".las", ".npz", ".xyz", ".csv"):
        ov.write_cloud(tmp_path / f"a{suffix}", voxels)
        assert np.array_equal(ov.read_cloud(tmp_path / f"a{suffix}").positions, voxels.positions)


# -- file objects and standard output as targets -----------------------------------------------------


@pytest.mark.parametrize(
    "suffix", [".ply", ".pcd", ".las", ".laz", ".npy", ".npz", ".csv", ".off", ".ply.gz"]
)
def test_clouds_go_to_file_objects(suffix: str) -> None:
    file = io.BytesIO(b"before")
    file.seek(0, io.SEEK_END)
    ov.write_cloud(file, CLOUD, options=ov.WriteOptions(suffix=suffix))
    data = file.getvalue()
    assert data.startswith(b"before")
    back = ov.read_cloud(_named(data[6:], f"a{suffix}"))
    assert np.array_equal(back.positions, CLOUD.positions)


def _named(data: bytes, name: str) -> io.BytesIO:
    file = io.BytesIO(data)
    file.name = name
    return file


def test_streams_and_ply_go_to_file_objects() -> None:
    file = io.BytesIO()
    ov.save_stream(file, DATA)
    assert file.getvalue() == DATA
    file = io.BytesIO()
    ov.write_ply(file, VOXELS)
    assert len(ov.read_cloud(file.getvalue())) == 2
    with pytest.raises(ov.InputError, match="ends in"):
        ov.write_cloud(io.BytesIO(), CLOUD)


def test_streams_and_clouds_go_to_standard_output(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    ov.save_stream("-", DATA)
    assert capfdbinary.readouterr().out == DATA
    ov.write_cloud("-", CLOUD, options=ov.WriteOptions(suffix=".xyz"))
    assert capfdbinary.readouterr().out == b"1 2 3\n4 5 6\n"
    with pytest.raises(ov.InputError, match="<stdout>"):
        ov.write_cloud("-", CLOUD)
    assert not Path("-").exists()


def test_a_writer_that_fails_gives_a_file_object_nothing() -> None:
    file = io.BytesIO()
    far = ov.PointCloud([[0.1, 0.2, 1e300]])
    with pytest.raises(ov.InputError):
        ov.write_cloud(file, far, options=ov.WriteOptions(suffix=".bin"))
    assert file.getvalue() == b""


def test_moves_that_nobody_chose_are_warned_of() -> None:
    rough = ov.PointCloud(np.random.default_rng(1).random((100, 3)))
    octree = ov.CodecOptions(codec="octree")
    with pytest.warns(ov.MovedPointsWarning, match="^points move by up to 0.115 to voxels of 3 bits"):
        ov.encode(rough, options=octree, keep="voxels")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ov.encode(rough, options=octree)
        ov.encode(rough, options=octree, depth=6)
        ov.encode(ov.PointCloud([[1, 2, 3], [1, 2, 4]]), options=octree, keep="voxels")
