"""Where files come from, what they seem to be, and names that decide what is written."""

from __future__ import annotations

import gzip
import io
import os
import subprocess
import sys
import threading
import zlib
from pathlib import Path

import numpy as np
import pytest

from octavox.codec import (
    CancelledError,
    CancelToken,
    InputError,
    PointCloud,
    ReadOptions,
    read_cloud,
    write_cloud,
)
from octavox.codec.cloud.columns import ListColumn
from octavox.codec.files.quiet import quiet_stderr
from octavox.codec.formats import gzipped
from octavox.codec.formats.registry import cloud_suffixes, formats

PLY = b"ply\nformat ascii 1.0\nelement vertex 1\nproperty int x\nproperty int y\nproperty int z\n"
PLY += b"end_header\n1 2 3\n"
POINT = [[1, 2, 3]]


@pytest.mark.parametrize("given", [bytes, bytearray, memoryview, io.BytesIO])
def test_bytes_and_file_objects(given):
    cloud = read_cloud(given(PLY))
    assert cloud.coords.tolist() == POINT
    assert cloud.source == ("<file>" if given is io.BytesIO else "<memory>")


def test_an_open_file_is_read_from_where_it_stands(tmp_path):
    path = tmp_path / "a.bin"
    path.write_bytes(b"before" + PLY)
    with path.open("rb") as file:
        file.seek(6)
        assert read_cloud(file).coords.tolist() == POINT
        assert not file.closed
    with path.open("r", encoding="latin-1") as text, pytest.raises(InputError, match="binary mode"):
        read_cloud(text)


def test_standard_input():
    code = "from octavox.codec import read_cloud\ncloud = read_cloud('-')\n"
    code += "print(cloud.source, cloud.coords.tolist())"
    root = Path(__file__).parents[3]
    for data in (PLY, b"1 2 3\n", gzip.compress(PLY)):
        done = subprocess.run(
            [sys.executable, "-c", code], input=data, capture_output=True, cwd=root, check=True
        )
        assert done.stdout.decode().strip() == f"<stdin> {POINT}"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names here")
def test_a_pipe_with_a_name(tmp_path):
    pipe = tmp_path / "a.ply"
    os.mkfifo(pipe)
    threading.Thread(target=lambda: pipe.write_bytes(PLY)).start()
    cloud = read_cloud(pipe)
    assert (cloud.coords.tolist(), cloud.source) == (POINT, str(pipe))


@pytest.mark.parametrize("given", ["a\0b", "x" * 5000, 3, None, [1, 2, 3]])
def test_what_is_no_file(given):
    with pytest.raises(InputError):
        read_cloud(given)


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("a.ovx", b"\x89OVX\r\n\x1a\n", "decode it first"),
        ("a.ply", b"\x89OVX\r\n\x1a\n", "decode it first"),
        ("a.zip", b"PK\x03\x04" + bytes(40), "zip archive"),
        ("a.pdf", b"%PDF-1.3\n", "seems to be a PDF document"),
        ("a.png", b"\x89PNG\r\n\x1a\n", "seems to be a PNG image"),
        ("a.h5", b"\x89HDF\r\n\x1a\n", "seems to be an HDF5 file"),
        ("a.drc", b"DRACO\2\2", "seems to be a Draco file"),
        ("a", b"hello world\n", "seems to be text. Files that are read: .ply, .pcd, .las"),
        ("a.md", b"[1, 2]", "seems to be JSON text"),
        ("a.xyz", b"\x89PNG\r\n\x1a\n\0\0", "not a text file: .* a PNG image"),
        ("a.las", b"\x89HDF\r\n\x1a\n", "not a LAS file; it seems to be an HDF5 file"),
        ("a.ply", b"solid a\n", "not a PLY file; it seems to be an STL mesh"),
        ("a.e57", b"PK\x03\x04", "zip archive"),
        ("a.unknown", bytes(100), "no point cloud that is read"),
        ("a.ply", b"", "the file is empty"),
        ("a.npz", b"PK\x05\x06" + bytes(18), "zip archive without arrays"),
    ],
)
def test_what_a_file_seems_to_be(tmp_path, name, data, message):
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(InputError, match=message) as caught:
        read_cloud(path)
    assert caught.value.path == str(path)


@pytest.mark.parametrize("name", ["a.las", "a.bin", "a", "a.PLY", "a.ply.gz"])
def test_first_bytes_count_more_than_the_name(tmp_path, name):
    (tmp_path / name).write_bytes(PLY)
    assert read_cloud(tmp_path / name).coords.tolist() == POINT


def test_text_is_known_without_a_name():
    assert read_cloud(b"# hi\n1 2 3\n").coords.tolist() == POINT
    assert read_cloud(b"1;2;3\n").coords.tolist() == POINT


# -- gzipped files -----------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", [s for f in formats() for s in f.writes if s not in (".bin", ".e57")])
def test_any_format_gzipped(tmp_path, suffix):
    cloud = PointCloud(np.arange(30, dtype=np.float64).reshape(10, 3))
    plain, packed = tmp_path / f"a{suffix}", tmp_path / f"a{suffix}.gz"
    cloud.attributes = {c: np.arange(10, dtype=np.uint8) for c in ("red", "green", "blue")}
    assert write_cloud(plain, cloud) == write_cloud(packed, cloud)
    assert gzip.decompress(packed.read_bytes()) == plain.read_bytes()
    found = read_cloud(packed)
    assert np.array_equal(found.positions, cloud.positions)
    assert found.source == str(packed)


def test_a_bomb_is_stopped(tmp_path, monkeypatch):
    """Zeros that go on for ever: where the header says how much there is, no more is unpacked."""
    monkeypatch.setattr(gzipped, "LEAST_LIMIT", 1 << 20)
    head = b"ply\nformat binary_little_endian 1.0\nelement vertex 2\nproperty float x\nproperty float y\n"
    binary = tmp_path / "a.ply.gz"
    binary.write_bytes(gzip.compress(head + b"property float z\nend_header\n" + bytes(50 << 20)))
    assert read_cloud(binary).coords.tolist() == [[0, 0, 0]] * 2
    text = tmp_path / "a.xyz.gz"
    text.write_bytes(gzip.compress(b"0 0 0\n" * (8 << 20)))
    with pytest.raises(InputError, match=r"unpacks to more than .* bytes"):
        read_cloud(text)


def test_a_bomb_of_another_kind_is_not_unpacked_at_all(tmp_path, monkeypatch):
    path = tmp_path / "a.gz"
    path.write_bytes(gzip.compress(b"%PDF-1.3" + bytes(10 << 20)))
    asked: list[int] = []
    real = zlib.decompressobj
    monkeypatch.setattr(gzipped, "_PIECE", 1 << 30)
    with pytest.raises(InputError, match="the gzipped file is no point cloud; it seems to be a PDF document"):
        read_cloud(path)
    assert (asked, zlib.decompressobj) == ([], real)


@pytest.mark.parametrize("data", [b"\x1f\x8b", b"\x1f\x8b\x08" + bytes(20), gzip.compress(PLY)[:-6]])
def test_damaged_gzip(tmp_path, data):
    path = tmp_path / "a.ply.gz"
    path.write_bytes(data)
    with pytest.raises(InputError, match="gzip"):
        read_cloud(path)


# -- writing -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["a", "a.ovx", "a.gz", "a.docx", "a.stl", "a.glb"])
def test_endings_that_no_format_writes(tmp_path, name):
    with pytest.raises(InputError, match="no format that is written ends in"):
        write_cloud(tmp_path / name, PointCloud(np.zeros((1, 3))))
    assert list(tmp_path.iterdir()) == []


def test_what_each_format_cannot_hold_is_named(tmp_path):
    lists = ListColumn(np.array([1], np.uint8), np.array([5], np.int32))
    cloud = PointCloud(
        np.ones((1, 3)), attributes={"ids": lists, "big": np.array([(1 << 63) + 1], np.uint64)}
    )
    found = {
        suffix: write_cloud(tmp_path / f"a{suffix}", cloud)
        for suffix in cloud_suffixes(writing=True)[:-1]
        if suffix != ".e57"
    }
    assert found[".ply"] == ("big",)
    assert all("ids" in lost for suffix, lost in found.items() if suffix != ".ply")
    assert found[".pcd"] == found[".npy"] == found[".npz"] == found[".las"] == found[".csv"] == ("ids",)


def test_a_failing_writer_leaves_no_file(tmp_path):
    target = tmp_path / "a.bin"
    with pytest.raises(InputError, match="not floats of 32 bits"):
        write_cloud(target, PointCloud(np.full((1, 3), 0.1)))
    with pytest.raises(InputError, match="not finite"):
        write_cloud(tmp_path / "a.las", PointCloud(np.full((1, 3), np.nan)))
    assert list(tmp_path.iterdir()) == []


def test_a_cancelled_writing_leaves_no_file(tmp_path):
    cancel = CancelToken()
    cancel.cancel()
    for suffix in cloud_suffixes(writing=True)[:-1]:
        if suffix not in (".npy", ".npz", ".e57"):
            with pytest.raises(CancelledError):
                write_cloud(tmp_path / f"a{suffix}", PointCloud(np.zeros((9, 3), np.float32)), cancel=cancel)
    assert list(tmp_path.iterdir()) == []


def test_a_cancelled_reading_stops(tmp_path):
    cancel = CancelToken()
    for suffix in (".ply", ".pcd", ".npy", ".npz", ".las", ".laz", ".bin", ".xyz", ".ply.gz"):
        write_cloud(tmp_path / f"a{suffix}", PointCloud(np.zeros((9, 3), np.float32)))
    cancel.cancel()
    for path in tmp_path.iterdir():
        with pytest.raises(CancelledError):
            read_cloud(
                path,
                options=ReadOptions(fields=("x", "y", "z", "i") if path.suffix == ".bin" else ()),
                cancel=cancel,
            )


def test_standard_error_is_quiet_and_comes_back(capfd):
    with quiet_stderr(), quiet_stderr():
        os.write(2, b"lost")
    os.write(2, b"kept")
    assert capfd.readouterr().err == "kept"
