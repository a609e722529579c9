"""Damaged files of every format: a sound cloud or an InputError, in little memory, without a sound."""

from __future__ import annotations

import io
import random
import sys
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from octavox.codec import (
    InputError,
    PointCloud,
    ReadOptions,
    WriteOptions,
    read_cloud,
    read_sample,
    write_cloud,
)
from octavox.codec.cloud.columns import Element, FileInfo, ListColumn

resource = pytest.importorskip("resource")  # POSIX
ROUNDS = 150
MEMORY = 512 << 20
OFF = b"COFF\n# c\n3 1 0\n0 0 0 1 2 3 4\n1 0 0 1 2 3 4\n0 1 0 1 2 3 4\n3 0 1 2 0.5 0.5 0.5\n"
OBJ = b"# c\nv 0 0 0\nv 1 0 0\nv 0 1 0\nvn 1 2 3\nf 1 2/3 -1\n"
STL = b"solid a\nfacet normal 0 0 1\nouter loop\nvertex 0 0 0\nvertex 1 0 0\nvertex 0 1 0\n"
STL += b"endloop\nendfacet\nendsolid\n"
WRITTEN = {
    "ply": (".ply", WriteOptions()),
    "ply as text": (".ply", WriteOptions(ascii=True)),
    "pcd": (".pcd", WriteOptions()),
    "pcd as text": (".pcd", WriteOptions(ascii=True)),
    "pcd compressed": (".pcd", WriteOptions(compressed=True)),
    **{suffix[1:]: (suffix, WriteOptions()) for suffix in (
        ".las", ".laz", ".npy", ".npz", ".bin", ".xyz", ".csv", ".pts", ".ply.gz", ".e57",
    )},
}  # fmt: skip
MESHES = {"off": OFF, "obj": OBJ, "stl": STL}
SPANS = [
    b"\xff" * 4,
    b"\0" * 4,
    b"\xff\xff\xff\x7f",
    b"9999",
    b"-1 \n",
    b"1e999",
    b"\xff" * 8,
    b"\0" * 8,
    b"nan",
]


def small_cloud(rows: int = 40) -> PointCloud:
    rng = np.random.default_rng(1)
    lists = ListColumn(np.array([3, 4, 3], np.uint8), np.arange(10, dtype=np.int32))
    return PointCloud(
        (rng.random((rows, 3)) * 50).astype(np.float32),
        rng.integers(0, 256, (rows, 3)).astype(np.uint8),
        attributes={"intensity": rng.integers(0, 2555, rows).astype(np.uint16), "t": rng.random(rows)},
        info=FileInfo("PLY", (b"hi",), (Element("face", 3, {"v": lists}),)),
    )


def damaged(data: bytes, seed: int) -> bytes:
    """The file with a few bytes changed, lost, doubled or cut; most of them near its start."""
    chance, out = random.Random(seed), bytearray(data)
    for _ in range(chance.choice([1, 1, 2, 5])):
        at = chance.randrange(len(out)) if chance.random() < 0.4 else chance.randrange(min(len(out), 700))
        kind = chance.random()
        if kind < 0.5:
            out[at] = chance.randrange(256)
        elif kind < 0.6:
            del out[at]
        elif kind < 0.7:
            out.insert(at, chance.randrange(256))
        elif kind < 0.8:
            del out[at:]
        else:
            span = chance.choice(SPANS)
            out[at : at + len(span)] = span
        out = out or bytearray(b"x")
    return bytes(out)


def checksums(data: bytes) -> bytes:
    """A damaged E57 file whose pages have sound checksums (CRC-32C), so that what lies deeper is reached."""
    table = []
    for k in range(256):
        for _ in range(8):
            k = (k >> 1) ^ (0x82F63B78 if k & 1 else 0)
        table.append(k)
    out = bytearray(data + bytes(-len(data) % 1024))
    for page in range(0, len(out), 1024):
        crc = 0xFFFFFFFF
        for byte in out[page : page + 1020]:
            crc = table[(crc ^ byte) & 255] ^ (crc >> 8)
        out[page + 1020 : page + 1024] = (crc ^ 0xFFFFFFFF).to_bytes(4, "big")
    return bytes(out)


def check(data: bytes, name: str, options: ReadOptions) -> bool:
    """Reads a file; whether it was one. Any error but InputError, any warning, any large cloud fails."""
    stream = io.BytesIO(data)
    stream.name = name
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.filterwarnings("ignore", message=".*no points")
        try:
            cloud = read_cloud(stream, options=options)
        except InputError as error:
            assert "it cannot be read" not in str(error), error  # an error that no reader foresaw
            assert error.path == name
            return False
        finally:
            stream.seek(0)
            read_sample(stream, 3)
    assert len(cloud) < 100_000
    with np.errstate(all="ignore"):
        assert len(cloud.positions) == len(cloud) == len(cloud.coords)
    assert cloud.colors is None or cloud.colors.shape == (len(cloud), 3)
    return True


def peak() -> int:
    """Bytes of memory that this process has had at most."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def run(data: bytes, name: str, options: ReadOptions, mend: Callable[[bytes], bytes] = bytes) -> None:
    assert check(data, name, options)
    before = peak()
    read = sum(check(mend(damaged(data, seed)), name, options) for seed in range(ROUNDS))
    assert read < ROUNDS
    assert peak() - before < MEMORY


@pytest.mark.parametrize("form", WRITTEN)
def test_damaged_clouds(tmp_path: Path, form: str, capfd: pytest.CaptureFixture[str]) -> None:
    suffix, options = WRITTEN[form]
    if suffix == ".e57":
        pytest.importorskip("pye57")
    path = tmp_path / f"cloud{suffix}"
    write_cloud(path, small_cloud(), options=options)
    fields = ("x", "y", "z", "intensity") if suffix == ".bin" else ()
    mend = checksums if suffix == ".e57" else bytes
    run(path.read_bytes(), path.name, ReadOptions(fields=fields), mend)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("form", MESHES)
def test_damaged_meshes(form: str) -> None:
    run(MESHES[form], f"mesh.{form}", ReadOptions(mesh="samples", samples=20))


def test_damaged_scenes(tmp_path: Path) -> None:
    trimesh = pytest.importorskip("trimesh")
    trimesh.creation.icosphere(1).export(tmp_path / "a.glb")
    run((tmp_path / "a.glb").read_bytes(), "a.glb", ReadOptions(mesh="samples", samples=20))


@pytest.mark.parametrize("point_format", [0, 3, 5])
def test_damaged_laz_of_the_old_formats(
    tmp_path: Path, point_format: int, capfd: pytest.CaptureFixture[str]
) -> None:
    laspy = pytest.importorskip("laspy")
    las = laspy.create(point_format=point_format, file_version="1.3")
    las.x, las.y, las.z = np.random.default_rng(1).random((3, 200)) * 10
    las.write(tmp_path / "a.laz")
    run((tmp_path / "a.laz").read_bytes(), "a.laz", ReadOptions())
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("form", [form for form in WRITTEN if form not in ("bin", "e57", "xyz", "csv")])
def test_a_cut_file_is_no_smaller_cloud(tmp_path: Path, form: str) -> None:
    """What is cut is refused, at whatever byte; of a text the last number can go unnoticed."""
    suffix, options = WRITTEN[form]
    path = tmp_path / f"cloud{suffix}"
    write_cloud(path, small_cloud(6), options=options)
    data = path.read_bytes()
    text = "text" in form or suffix == ".pts"
    whole = len(data.rstrip()) - 24 if text else len(data)
    for length in range(1, whole, 1 if suffix != ".laz" else 7):
        assert not check(data[:length], path.name, ReadOptions()), length
