"""Packed files whose points stay on disk: some places are unpacked at once, all into a temporary file."""

from __future__ import annotations

import shutil
import tempfile
from collections import namedtuple

import numpy as np
import pytest

from octavox import codec
from octavox.codec.disk import unpacked

POINTS = 120_000  # more than two chunks


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    dice = np.random.default_rng(0)
    number = np.arange(POINTS)
    cloud = codec.PointCloud(
        dice.integers(0, 60_000, (POINTS, 3)).astype(np.int32),
        attributes={"gps_time": number.astype(np.float64)},
        scale=(0.01, 0.01, 0.01),
        offset=(412_000.0, 5_651_000.0, 0.0),
    )
    path = tmp_path_factory.mktemp("packed") / "scene.laz"
    codec.write_cloud(path, cloud)
    return path


def numbers(cloud: codec.PointCloud) -> list[int]:
    return np.asarray(cloud.attributes["gps_time"]).astype(int).tolist()


def test_a_first_look_takes_few_places_and_has_the_points_of_the_file(path) -> None:
    whole, disk = codec.read_cloud(path), codec.open_on_disk(path)
    assert disk is not None
    rows = disk.first_rows(32_000)
    assert (np.diff(rows) != 1).sum() < 32
    found = disk.read(rows)
    assert numbers(found) == rows.tolist()
    assert (found.coords == whole.coords[rows]).all()
    far = np.array([3, 60_000, 119_999])
    assert numbers(disk.read(far)) == far.tolist()
    disk.close()


def test_all_rows_are_read_from_a_temporary_file_that_has_no_name(path, monkeypatch, tmp_path) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    disk = codec.open_on_disk(path)
    assert disk is not None
    cells = disk.index(disk.even_rows(1000))
    assert sorted(cells.rows.tolist()) == list(range(POINTS))
    monkeypatch.setattr(unpacked.UnpackedRows, "_all", lambda *args: pytest.fail("unpacked again"))
    rows = np.sort(np.random.default_rng(2).permutation(POINTS)[:5000])
    found, whole = disk.read(rows), codec.read_cloud(path)
    assert numbers(found) == rows.tolist()
    assert (found.coords == whole.coords[rows]).all()
    assert list(tmp_path.iterdir()) == []  # nothing is left, however the process ends
    disk.close()


def test_without_room_for_the_temporary_file_the_file_is_read_whole(path, monkeypatch) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda place: usage(1, 1, unpacked.SPARE + 1000))
    assert codec.open_on_disk(path) is None
    assert len(codec.read_cloud(path)) == POINTS


def test_a_disk_that_gets_full_is_an_error_that_names_the_file(path, monkeypatch) -> None:
    class Full:
        def write(self, data):
            raise OSError(28, "No space left on device")

        def close(self):
            pass

    disk = codec.open_on_disk(path)
    assert disk is not None
    monkeypatch.setattr(tempfile, "TemporaryFile", lambda **kwargs: Full())
    with pytest.raises(codec.InputError, match="no room") as caught:
        disk.index(disk.even_rows(10))
    assert "scene.laz" in str(caught.value)
    monkeypatch.undo()
    disk.index(disk.even_rows(10))  # once there is room again
    disk.close()


def test_damage_is_an_error_that_names_the_file(path, tmp_path) -> None:
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 4000] = bytes(4000)
    (tmp_path / "bad.laz").write_bytes(data)
    disk = codec.open_on_disk(tmp_path / "bad.laz")
    assert disk is not None
    try:
        cells = disk.index(disk.even_rows(10))
    except codec.InputError as error:
        assert "bad.laz" in str(error)
    else:  # LAZ has no checksums: damage that it does not notice gives other points, as reading whole does
        rows = np.arange(0, POINTS, 100)
        assert (disk.read(rows).coords == codec.read_cloud(tmp_path / "bad.laz").coords[rows]).all()
        assert len(cells.rows) == POINTS
    disk.close()


def test_a_cut_file_is_left_to_the_reader(path, tmp_path) -> None:
    (tmp_path / "cut.laz").write_bytes(path.read_bytes()[:-5000])
    assert codec.open_on_disk(tmp_path / "cut.laz") is None
    with pytest.raises(codec.InputError):
        codec.read_cloud(tmp_path / "cut.laz")


def test_unpacking_can_be_cancelled_and_begun_again(path) -> None:
    disk = codec.open_on_disk(path)
    assert disk is not None
    cancel = codec.CancelToken()

    def tell(share: float) -> None:
        cancel.cancel()

    with pytest.raises(codec.CancelledError):
        disk.index(disk.even_rows(10), tell, cancel)
    assert disk.cells is None
    assert len(disk.index(disk.even_rows(10)).rows) == POINTS
    disk.close()
