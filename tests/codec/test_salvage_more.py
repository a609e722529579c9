"""Salvage where little is damaged: a byte cut off, one too many, one wrong; and parts of a cloud."""

from __future__ import annotations

import io
import json
import tracemalloc
from pathlib import Path

import numpy as np
import ovx_reader
import pytest
from sample_clouds import ROOT

from octavox import codec
from octavox.codec import CodecOptions, CorruptStreamError, InputError, PointCloud
from octavox.codec.stream.chunks import ChunkWriter, Kind

CONTENTS = sorted((ROOT / "tests" / "golden" / "contents").glob("*.ovx"))
QUICK = [p for p in CONTENTS if not p.stem.startswith(("lossy_multi", "lossy_frac"))]
OCTREE = CodecOptions(codec="octree", threads=1)


def numbers_of(result: codec.DecodeResult) -> bytes:
    """Every number that came back, and the file."""
    cloud = result.cloud
    found = [cloud.coords.tobytes(), result.file or b""]
    for name, column in cloud.attributes.items():
        parts = (column.lengths, column.values) if hasattr(column, "lengths") else (column,)
        found += [name.encode(), *(np.ascontiguousarray(part).tobytes() for part in parts)]
    return b"|".join(found)


@pytest.mark.slow
@pytest.mark.parametrize("path", QUICK, ids=lambda path: path.stem)
def test_a_byte_less_or_one_more_loses_nothing(path: Path) -> None:
    data = path.read_bytes()
    whole = numbers_of(codec.decode(data, options=OCTREE))
    for broken in (data[:-1], data + b"\0", b"\0" + data, data[1:]):
        with pytest.raises(CorruptStreamError):
            codec.decode(broken)
        result = codec.salvage(broken, options=OCTREE)
        assert numbers_of(result) == whole
        assert result.report.loss is not None and result.report.loss.nothing


def test_it_says_what_was_put_right() -> None:
    data = codec.encode(PointCloud(np.arange(30).reshape(-1, 3)), options=OCTREE).data
    assert codec.salvage(data).report.loss.repaired == ()
    loss = codec.salvage(data[:-1]).report.loss
    assert loss.repaired == ((len(data) - 1, len(data)),) and loss.ended and not loss.damaged
    assert not codec.salvage(data[:-4]).report.loss.ended


@pytest.fixture(scope="module")
def stream() -> bytes:
    return (ROOT / "tests" / "golden" / "contents" / "records.ovx").read_bytes()


def span(data: bytes, kind: int, part: int = 0) -> tuple[int, int]:
    """The first byte of a chunk, and of the next."""
    found = ovx_reader.chunks_of(data)
    k = next(k for k, c in enumerate(found) if (c.kind, c.part) == (kind, part))
    return found[k].start, found[k + 1].start


def test_any_wrong_byte_of_the_header_is_put_right(stream: bytes) -> None:
    whole = numbers_of(codec.decode(stream, options=OCTREE))
    start, stop = span(stream, Kind.HEADER)
    for at in [*range(start, start + 12), *range(start + 12, stop - 6, 29), *range(stop - 6, stop)]:
        for change in (1, 128, 255):
            broken = stream[:at] + bytes([stream[at] ^ change]) + stream[at + 1 :]
            with pytest.raises(CorruptStreamError):
                codec.decode(broken, slices=[0])
            if change != 1 + at % 2:  # decoding all of them takes long
                found = codec.salvage(broken, slices=[0], options=OCTREE)
                assert found.report.loss.repaired == ((at, at + 1),)
                continue
            result = codec.salvage(broken, options=OCTREE)
            assert numbers_of(result) == whole and result.report.loss.repaired == ((at, at + 1),)


def test_the_header_of_a_frame_and_the_magic() -> None:
    data = (ROOT / "tests" / "golden" / "sequences" / "many.ovx").read_bytes()
    with codec.open(data) as frames:
        whole = [numbers_of(frames.decode(k)) for k in range(len(frames))]
    headers = [c.start for c in ovx_reader.chunks_of(data) if c.kind == Kind.HEADER]
    broken = bytearray(data)
    broken[3] ^= 64
    for start in headers[::2]:
        broken[start + 20] ^= 7
    with codec.open(bytes(broken), salvage=True) as frames:
        assert frames.lost == () and len(frames) == len(whole)
        assert [numbers_of(frames.decode(k)) for k in range(len(frames))] == whole


@pytest.mark.parametrize("name", ["lossy_slices", "lossy_partly"])
@pytest.mark.parametrize("kind", [Kind.SLICE, Kind.GUESS])
@pytest.mark.parametrize("lost", [0, 1])
def test_a_lost_slice_of_a_lossy_stream(name: str, kind: int, lost: int) -> None:
    data = (ROOT / "tests" / "golden" / "contents" / f"{name}.ovx").read_bytes()
    first, stop = span(data, kind, lost)
    result = codec.salvage(data[:first] + data[stop:], options=OCTREE)
    other = codec.decode(data, slices=[1 - lost], options=OCTREE)
    assert numbers_of(result) == numbers_of(other)
    assert result.report.loss.slices == (lost,)
    assert result.report.loss.points == codec.decode(data, options=OCTREE).header.points - len(other.cloud)


@pytest.fixture(scope="module")
def sliced() -> bytes:
    cells = np.random.default_rng(1).integers(0, [900, 500, 60], (3000, 3))
    return codec.encode(PointCloud(cells * 0.5), options=CodecOptions(codec="octree", slices=5)).data


def test_chosen_slices(sliced: bytes) -> None:
    first, _ = span(sliced, Kind.SLICE, 3)
    broken = sliced[: first + 30] + b"??" + sliced[first + 32 :]
    for chosen in ([0], [1, 4], [2, 3]):
        result = codec.salvage(broken, slices=chosen)
        whole = [k for k in chosen if k != 3]
        assert np.array_equal(result.cloud.coords, codec.decode(sliced, slices=whole).cloud.coords)
        loss = result.report.loss
        assert loss.slices == tuple(k for k in chosen if k == 3)
        there = codec.decode(sliced, slices=chosen)
        assert loss.points == len(there.cloud) - len(result.cloud)
        assert loss.voxels == len(there.voxels) - len(result.voxels)
        assert len(loss.boxes) == len(loss.slices)
    with pytest.raises(CorruptStreamError, match="no slice that is wanted is whole"):
        codec.salvage(broken, slices=[3])
    with pytest.raises(InputError, match="no slice 7"):
        codec.salvage(broken, slices=[7])
    for wrong in ([0.5], 3, ["0"]):
        with pytest.raises(InputError):
            codec.salvage(broken, slices=wrong)  # type: ignore[arg-type]


def test_a_region(sliced: bytes) -> None:
    first, _ = span(sliced, Kind.SLICE, 3)
    broken = sliced[: first + 30] + b"??" + sliced[first + 32 :]
    box = (0, 0, 0, 450, 60, 30)
    whole, found = codec.decode(sliced, region=box), codec.salvage(broken, region=box)
    rest = {tuple(p) for p in whole.cloud.coords.tolist()} - {tuple(p) for p in found.cloud.coords.tolist()}
    lost = {tuple(p) for p in codec.decode(sliced, slices=[3]).cloud.coords.tolist()}
    assert rest <= lost
    assert found.report.loss.slices == ((3,) if found.report.loss.voxels else ())
    away = tuple(np.array(codec.decode(sliced, slices=[0]).cloud.coords[:2]).min(0).tolist())
    point = codec.salvage(broken, region=(*away, *away))
    assert len(point.cloud) == len(codec.decode(sliced, region=(*away, *away)).cloud)


@pytest.mark.slow
def test_at_the_command_line(sliced: bytes, tmp_path: Path, command_line) -> None:
    first, _ = span(sliced, Kind.SLICE, 3)
    path = tmp_path / "a.ovx"
    path.write_bytes(sliced[: first + 30] + b"??" + sliced[first + 32 : -1])
    out = tmp_path / "a.ply"
    strict = command_line("decode", path, "-o", out, "--slice", 1)
    assert strict.returncode == 3 and not out.exists()
    done = command_line("decode", path, "-o", out, "--slice", 1, "--salvage", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["loss"]["repaired"] == [[len(sliced) - 1, len(sliced)]]
    assert f"byte {len(sliced) - 1:,} is put right by a checksum" in done.stderr
    assert len(codec.read_cloud(out)) == len(codec.decode(sliced, slices=[1]).cloud)
    done = command_line("decode", path, "-o", out, "--slice", 1, "--slice", 3, "--salvage", "--force")
    assert done.returncode == 5 and "slices 3 are lost" in done.stderr
    sequence = (ROOT / "tests" / "golden" / "sequences" / "many.ovx").read_bytes()
    path.write_bytes(sequence[:-40])
    done = command_line("decode", path, "-o", out, "--salvage", "--frame", 0, "--force")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("number", [3, (1 << 20) - 1, 1 << 20, 1 << 39])
def test_a_forged_number_of_a_slice_takes_no_memory(number: int) -> None:
    data = codec.encode(PointCloud([[0, 0, 0], [3, 1, 2]]), options=CodecOptions(codec="octree")).data
    written = io.BytesIO()
    writer = ChunkWriter(written.write)
    for chunk in ovx_reader.chunks_of(data):
        if chunk.kind not in (Kind.INDEX, Kind.END):
            part = number if chunk.kind == Kind.SLICE else chunk.part
            writer.add(Kind(chunk.kind), chunk.payload, 0, chunk.component, part)
    writer.finish()
    tracemalloc.start()
    with pytest.raises(codec.CorruptStreamError):
        codec.salvage(written.getvalue())
    assert tracemalloc.get_traced_memory()[1] < 1 << 20
    tracemalloc.stop()
