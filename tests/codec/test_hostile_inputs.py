"""Names, arguments and files of points that ask for too much: an error of our own, and work in proportion."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import octavox as ov
from octavox.codec.cloud.columns import ListColumn
from octavox.codec.files.source import Source
from octavox.codec.formats import ply_text
from octavox.codec.formats.text_blocks import Block

OCTREE = ov.CodecOptions(codec="octree")
CLOUD = ov.PointCloud([[1, 2, 3], [4, 5, 6]])
HEAD = "ply\nformat {} 1.0\nelement vertex 1\nproperty float x\nproperty float y\nproperty float z\n"

CALLS: dict[str, Callable[[str], Any]] = {
    "read_cloud": ov.read_cloud,
    "decode": ov.decode,
    "info": ov.info,
    "salvage": ov.salvage,
    "open": ov.open,
    "open a pattern": lambda name: ov.open(name + "_%04d.ply"),
    "open a glob": lambda name: ov.open("*" + name),
    "read a frame of a list": lambda name: ov.open([name, name]).read(0),
    "encode": lambda name: ov.encode(name, options=OCTREE),
    "verify": lambda name: ov.verify(name, name),
    "write_cloud": lambda name: ov.write_cloud(name + ".ply", CLOUD),
    "save_stream": lambda name: ov.save_stream(name, b"x"),
    "encode_sequence": lambda name: ov.encode_sequence([CLOUD], name, options=OCTREE),
    "weights": lambda name: ov.encode(CLOUD, options=ov.CodecOptions(codec="multiscale", weights=name)),
}


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(
    "name", ["a\0b", "n" * 300, "a/" * 3000 + "b"], ids=["a null byte", "too long", "too many folders"]
)
def test_names_that_no_file_has(call: str, name: str) -> None:
    with pytest.raises(ov.OctavoxError):
        CALLS[call](name)


@pytest.mark.parametrize(
    ("attributes", "reason"),
    [
        ({f"p{k}": np.zeros(2, np.uint8) for k in range(4097)}, "4,097 properties are more than the 4,096"),
        ({"wide": np.zeros((2, 4097), np.uint8)}, "4,097 components"),
        ({"none": np.zeros((2, 0), np.uint8)}, "0 components"),
        ({"n" * 1025: np.zeros(2, np.uint8)}, "longer than 1,024 bytes"),
        ({"\udcfc": np.zeros(2, np.uint8)}, "not UTF-8"),
    ],
)
def test_properties_that_no_stream_holds(attributes: dict[str, np.ndarray], reason: str) -> None:
    cloud = ov.PointCloud(np.zeros((2, 3), np.int32), attributes=attributes)
    for keep in ("records", "voxels"):
        with pytest.raises(ov.InputError, match=reason) as caught:
            ov.encode(cloud, options=OCTREE, keep=keep)
        assert caught.value.field == "attributes"


@pytest.mark.parametrize("name", [b"\xfc", b"n" * 2000])
def test_an_archive_holds_them_as_they_are(name: bytes) -> None:
    data = HEAD.format("ascii").encode() + b"property float " + name + b"\nend_header\n1 2 3 4\n"
    assert ov.decode(ov.encode(data, options=OCTREE, keep="file").data).file == data


def many_elements(form: str, count: int, kind: str) -> bytes:
    """A PLY file with so many elements of one row after its vertices."""
    elements = "".join(f"element e{k} 1\nproperty {kind} p\n" for k in range(count))
    if form == "ascii":
        rows = "1 2 3\n" + ("1 7\n" if kind.startswith("list") else "7\n") * count
        return (HEAD.format(form) + elements + "end_header\n" + rows).encode()
    body = np.arange(1, 4, dtype="<f4").tobytes() + (b"\1\7" if kind.startswith("list") else b"\7") * count
    return (HEAD.format(form) + elements + "end_header\n").encode() + body


@pytest.mark.parametrize("kind", ["uchar", "list uchar uchar"])
@pytest.mark.parametrize("form", ["ascii", "binary_little_endian"])
def test_thousands_of_elements_read_a_file_once(
    form: str, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of them looked at the rest of the file once: a minute for 45,000."""
    data, count = many_elements(form, 2000, kind), 2000
    seen, looks = [], []
    read, line_of, starts = Source.read, Block.line_of, np.flatnonzero
    readinto = Source.readinto

    def counted_read(self: Source, at: int = 0, size: int | None = None) -> bytes:
        found = read(self, at, size)
        seen.append(len(found))
        return found

    def counted_readinto(self: Source, at: int, target: Any) -> int:
        seen.append(readinto(self, at, target))
        return seen[-1]

    def counted_line_of(self: Block, at: int) -> int:
        looks.append(at)
        return line_of(self, at)

    def counted_flatnonzero(values: Any) -> Any:
        looks.append(len(values))
        return starts(values)

    monkeypatch.setattr(Source, "read", counted_read)
    monkeypatch.setattr(Source, "readinto", counted_readinto)
    monkeypatch.setattr(Block, "line_of", counted_line_of)
    monkeypatch.setattr(ply_text.np, "flatnonzero", counted_flatnonzero)
    cloud = ov.read_cloud(data)
    monkeypatch.undo()
    assert sum(seen) < 5 * len(data)
    assert sum(looks) < 5 * len(data)
    assert len(cloud.info.elements) == count
    values = [e.columns["p"] for e in cloud.info.elements]
    plain = [v.values if isinstance(v, ListColumn) else v for v in values]
    assert all(v.tolist() == [7] for v in plain)


def test_a_pipe_that_holds_no_stream_is_not_read_to_its_end() -> None:
    class Endless:
        read_bytes = 0

        def read(self, count: int = -1) -> bytes:
            self.read_bytes += count
            assert self.read_bytes < 1 << 24
            return bytes(count)

    for call in (ov.info, ov.decode, ov.open, lambda file: ov.verify(CLOUD, file)):
        with pytest.raises(ov.CorruptStreamError, match="not an Octavox bitstream"):
            call(Endless())


@pytest.mark.parametrize("metadata", ["[" * 100_000, "[1]", '"text"', "{"])
def test_weights_with_odd_metadata(metadata: str, tmp_path: Path) -> None:
    header = json.dumps({"__metadata__": {"octavox": metadata}}).encode()
    path = tmp_path / "w.safetensors"
    path.write_bytes(len(header).to_bytes(8, "little") + header)
    for codec in ("voxeldnn", "multiscale"):
        with pytest.raises(ov.WeightsError) as caught:
            ov.encode(CLOUD, options=ov.CodecOptions(codec=codec, weights=str(path)))
        assert caught.value.path == str(path)


def test_counts_of_thousands_of_digits() -> None:
    for name, text in (("a.pts", "9" * 5000 + "\n1 2 3\n"), ("a.off", "OFF\n" + "9" * 5000 + " 0 0\n")):
        file = io.BytesIO(text.encode())
        file.name = name
        with pytest.raises(ov.InputError):
            ov.read_cloud(file)


def test_weights_without_metadata(tmp_path: Path) -> None:
    header = json.dumps({"__metadata__": None}).encode()
    path = tmp_path / "w.safetensors"
    path.write_bytes(len(header).to_bytes(8, "little") + header)
    for codec in ("multiscale", "voxeldnn"):
        with pytest.raises(ov.WeightsError):
            ov.encode(CLOUD, options=ov.CodecOptions(codec=codec, weights=str(path)))
