"""Streams that a forger made, with right checksums: an error that names a field, or a cloud as declared.

Memory stays within what the file's size and one slice explain.
"""

from __future__ import annotations

import contextlib
import gc
import shutil
import subprocess
import sys
import threading
import weakref
from dataclasses import replace
from pathlib import Path

import forge
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sample_clouds import ROOT

from octavox import codec
from octavox.codec import CodecOptions, CorruptStreamError, PointCloud
from octavox.codec.cloud.grid import Grid
from octavox.codec.cloud.lattice import BINARY, DECIMAL, INTEGER, REGULAR, Lattice
from octavox.codec.coding.bytes import varint
from octavox.codec.coding.counts import encode_counts
from octavox.codec.job import JobContext
from octavox.codec.parallel import SharedJob, map_parallel
from octavox.codec.stream.chunks import Kind
from octavox.codec.stream.frames import find_chunks
from octavox.codec.stream.header import MORE_POINTS

CASES = ROOT / "tests" / "data" / "cases"
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="limits of memory are POSIX's")


def cloud_of() -> PointCloud:
    cells = np.random.default_rng(1).integers(0, [400, 300, 60], (900, 3))
    coords = np.round(np.concatenate([cells, cells[::5]]) * 0.01, 2)
    coords[3] = np.nan
    return PointCloud(coords)


@pytest.fixture(scope="module")
def stream() -> bytes:
    return codec.encode(cloud_of(), options=CodecOptions(codec="octree", slices=3)).data


def accepted(data: bytes, **wanted: object) -> codec.DecodeResult | None:
    """What a stream holds; None where it is refused. An error names a field."""
    try:
        result = codec.decode(data, **wanted)
    except CorruptStreamError as error:
        assert error.field is not None
        return None
    if not wanted:
        assert len(result.cloud) == result.header.records
        assert len(result.voxels) == result.header.points
    return result


def forged(data: bytes, kind: int, part: int, payload: bytes) -> bytes:
    """The stream with another payload of one chunk."""
    stream = forge.parse(data)
    more = [(k, p, payload if (k, p) == (kind, part) else own) for k, p, own in forge.others(data)]
    return forge.pack(stream.header, stream.sections(), more)


def payload_of(data: bytes, kind: int, part: int = 0) -> bytes:
    return next(own for k, p, own in forge.others(data) if (k, p) == (kind, part))


@pytest.mark.slow
@settings(max_examples=150)
@given(st.data())
def test_parts_of_any_bytes(stream, data):
    kind, part = data.draw(
        st.sampled_from([(Kind.COUNTS, 0), (Kind.COUNTS, 2), (Kind.STRAYS, 0), (Kind.TABLE, 0)])
    )
    own = bytearray(payload_of(stream, kind, part))
    for _ in range(data.draw(st.integers(1, 5))):
        at = data.draw(st.integers(0, len(own)))
        own[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    changed = forged(stream, kind, part, bytes(own))
    accepted(changed)
    accepted(changed, slices=[2])
    accepted(changed, region=(0, 0, 0, 2, 3, 0.5))
    try:
        result = codec.salvage(changed)
    except CorruptStreamError:
        return
    assert len(result.cloud) + result.report.loss.points == result.header.records


def test_counts_of_another_slice_or_none(stream):
    parsed = forge.parse(stream)
    first, others = payload_of(stream, Kind.COUNTS, 0), forge.others(stream)
    assert accepted(forged(stream, Kind.COUNTS, 1, first)) is None
    assert accepted(forged(stream, Kind.COUNTS, 1, b"")) is None
    for more in (
        [row for row in others if row[:2] != (Kind.COUNTS, 1)],
        [*others, (Kind.COUNTS, 3, first)],
        [*others, (Kind.COUNTS, 0, first)],
        [*others, (Kind.STRAYS, 0, payload_of(stream, Kind.STRAYS))],
        [*others, (Kind.TABLE, 0, payload_of(stream, Kind.TABLE))],
        [row for row in others if row[0] != Kind.STRAYS],
    ):
        assert accepted(forge.pack(parsed.header, parsed.sections(), more)) is None
    plain = replace(parsed.header, counted=False)
    assert accepted(forge.pack(plain, parsed.sections(), others)) is None


def test_a_table_of_other_slices(stream):
    from octavox.codec.stream.slice_table import SliceTable, pack_table

    depth = forge.parse(stream).header.depth
    table = forge.parse(stream).table()
    moved = SliceTable(table.points, tuple(boxes + 128 for boxes in table.boxes))
    fewer = SliceTable(table.points[:2], table.boxes[:2])
    swapped = SliceTable(table.points[[1, 0, 2]], table.boxes)
    for other in (moved, fewer, swapped):
        data = forged(stream, Kind.TABLE, 0, pack_table(other, depth))
        assert accepted(data) is None
        assert accepted(data, slices=[0]) is None
    for payload in (
        b"\x15\x00",
        b"\x00" + varint(1 << 40),
        b"\x00\x01" + varint(1 << 62) + bytes(7),
        b"\x00\x01\x01\x00",
    ):
        assert accepted(forged(stream, Kind.TABLE, 0, payload)) is None


def test_points_by_the_million_from_a_few_bytes(stream):
    """One voxel may stand for many points, but not for more than memory has."""
    cloud = PointCloud(np.zeros((2_000_000, 3), np.int16))
    coded = codec.encode(cloud, options=CodecOptions(codec="octree"))
    assert coded.report.level == "records" and len(coded.data) < 120
    assert len(codec.decode(coded.data).cloud) == len(cloud)
    parsed = forge.parse(coded.data)
    huge = 1 << 39
    header = replace(parsed.header, input_points=huge)
    payload = varint(huge) + encode_counts(np.array([huge], np.int64))
    data = forge.pack(header, parsed.sections(), [(Kind.COUNTS, 0, payload)])
    with pytest.raises(CorruptStreamError, match="points in 1 voxels"):
        codec.decode(data)
    assert huge > MORE_POINTS


LATTICES = st.one_of(
    st.builds(
        Lattice,
        st.sampled_from([INTEGER, DECIMAL, BINARY]),
        st.integers(-(1 << 63), 1 << 63),
        st.integers(1, 1 << 62),
        st.integers(0, 1074),
    ),
    st.builds(
        lambda origin, scale: Lattice(REGULAR, origin=origin, scale=scale),
        st.floats(allow_nan=True),
        st.floats(allow_nan=True),
    ),
)
TYPES = st.sampled_from(
    [np.dtype(t) for t in ("f4", "f8", "i1", "u1", "i2", "u2", "i4", "u4", "f2", "i8", "u8")]
)


@settings(max_examples=200)
@given(st.tuples(LATTICES, LATTICES, LATTICES), st.tuples(TYPES, TYPES, TYPES), st.integers(1, 21))
def test_any_lattices_and_types(stream, axes, types, depth):
    parsed = forge.parse(stream)
    header = replace(parsed.header, grid=Grid(axes, depth, types), depth=depth)
    try:
        data = forge.pack(header, parsed.sections(), forge.others(stream))
    except (OverflowError, ValueError):
        return  # no such number can be written
    with np.errstate(all="ignore"):
        accepted(data)
        accepted(data, region=(0, 0, 0, 1, 1, 1))


@settings(max_examples=60)
@given(st.binary(min_size=1, max_size=80), st.integers(0, 200))
def test_headers_of_any_bytes(stream, piece, at):
    """A right checksum around a wrong header."""
    from octavox.codec.files.source import open_source
    from octavox.codec.stream import chunks

    first = find_chunks(open_source(stream))[0]
    payload = bytearray(chunks.read_payload(open_source(stream), first))
    payload[at % len(payload) : at % len(payload) + len(piece)] = piece
    data = stream[: first.start] + chunks.packed(Kind.HEADER, bytes(payload)) + stream[first.end :]
    with contextlib.suppress(codec.WeightsError, MemoryError):
        accepted(data)


def limited(script: str, megabytes: int, *args: str) -> subprocess.CompletedProcess[str]:
    """Runs a script in a process that may not have more memory than that."""
    start = f"import resource; resource.setrlimit(resource.RLIMIT_AS, ({megabytes << 20},) * 2)\n"
    command = [sys.executable, "-c", start + script, *args]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=250, check=False)


MAIN = "import sys; from octavox.__main__ import main; sys.exit(main(sys.argv[1:]))"


@POSIX
@pytest.mark.slow
@pytest.mark.parametrize("words", [["info"], ["decode", "-o", "out.ply"]])
def test_thousands_of_slices_that_fail(tmp_path: Path, words: list[str]) -> None:
    """The first failure ends the job, and no failed slice keeps its memory (it took 6.7 GB once)."""
    path, out = tmp_path / "mem8000.ovx", str(tmp_path / "out.ply")
    shutil.copyfile(CASES / "mem8000.ovx", path)
    words = [out if word == "out.ply" else word for word in words]
    done = limited(MAIN, 3000, words[0], str(path), *words[1:])
    assert done.returncode == (0 if words[0] == "info" else 3), done.stderr
    assert "Traceback" not in done.stderr
    if words[0] == "decode":
        assert str(path) in done.stderr and "slice" in done.stderr and not Path(out).exists()


@pytest.mark.slow
def test_a_cancel_is_heard_among_thousands_of_slices() -> None:
    cancel = codec.CancelToken()
    data = (CASES / "mem8000.ovx").read_bytes()
    cancel.cancel()
    done: list[BaseException] = []

    def work() -> None:
        try:
            codec.decode(data, cancel=cancel)
        except codec.OctavoxError as error:
            done.append(error)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(20)
    assert done and isinstance(done[0], codec.CancelledError)


def test_a_tree_that_promises_many_blocks() -> None:
    """131,072 slices of a block each: the nodes are found at once, and a cancel is heard among them."""
    from octavox.codec.codecs.geometry.voxeldnn.blocktree import decode_tree, encode_tree

    nodes = np.stack(np.meshgrid(*[np.arange(64)] * 3, indexing="ij"), -1).reshape(-1, 3)
    payload = encode_tree(morton_sorted(nodes), 6)
    assert len(decode_tree(payload, 6, 1 << 18, JobContext())) == 1 << 18
    with pytest.raises(CorruptStreamError, match="more than the 131072 blocks"):
        decode_tree(payload, 6, 1 << 17, JobContext())
    looks: list[int] = []

    class Token(codec.CancelToken):
        def raise_if_cancelled(self) -> None:
            looks.append(1)
            if len(looks) > 3:
                self.cancel()
            super().raise_if_cancelled()

    with pytest.raises(codec.CancelledError):
        decode_tree(payload, 6, 1 << 18, JobContext(cancel=Token()))


def morton_sorted(nodes: np.ndarray) -> np.ndarray:
    from octavox.codec.cloud.morton import sort_unique

    return sort_unique(nodes.astype(np.int32), 6)


@pytest.mark.parametrize("threads", [1, 2])
def test_of_failed_parts_one_is_kept(threads: int) -> None:
    """The first failure ends the job; the memory of the parts goes with them."""
    alive: list[weakref.ref[np.ndarray]] = []

    def work(number: int) -> int:
        room = np.zeros(1 << 16)
        alive.append(weakref.ref(room))
        raise CorruptStreamError(f"part {number}", field=f"slice {number}")

    with pytest.raises(CorruptStreamError, match=r"part [01]") as caught:
        map_parallel(SharedJob(JobContext(), "decode", 0), 100_000, threads, work)
    assert len(alive) <= threads
    del caught
    gc.collect()
    assert not any(one() is not None for one in alive)
