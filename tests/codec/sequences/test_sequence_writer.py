"""Appending to sequences: the file is whole after each frame, and what a killed writer left is cut off."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from sample_clouds import ROOT

from octavox import codec
from octavox.codec import CodecOptions, CorruptStreamError, InputError, LossWarning, PointCloud
from octavox.codec.files.source import open_source
from octavox.codec.stream import frames

OCTREE = CodecOptions(codec="octree")


def cloud(number: int, rows: int = 200) -> PointCloud:
    rng = np.random.default_rng(number)
    return PointCloud(rng.integers(0, 64, (rows, 3)), attributes={"n": np.full(rows, number, np.int32)})


def numbers(path: Path | bytes, salvage: bool = False) -> list[int]:
    with codec.open(path, salvage=salvage) as found:
        return [int(one.attributes["n"][0]) for one in found]


def written(path: Path, count: int, append: bool = False) -> bytes:
    with codec.SequenceWriter(path, append=append, options=OCTREE) as writer:
        for k in range(len(writer), len(writer) + count):
            writer.append(cloud(k))
    return path.read_bytes()


def test_the_file_is_whole_after_each_frame(tmp_path):
    path = tmp_path / "s.ovx"
    with codec.SequenceWriter(path, options=OCTREE) as writer:
        assert len(writer) == 0 and not path.exists()
        for k in range(4):
            result = writer.append(cloud(k))
            assert result.report.input_points == 200 and len(writer) == k + 1
            assert numbers(path) == list(range(k + 1))
    assert numbers(path) == [0, 1, 2, 3]


def test_appending_gives_the_same_bytes_as_writing_at_once(tmp_path):
    whole = written(tmp_path / "whole.ovx", 5)
    written(tmp_path / "parts.ovx", 1)
    for count in (1, 2, 1):
        written(tmp_path / "parts.ovx", count, append=True)
    assert (tmp_path / "parts.ovx").read_bytes() == whole
    file = io.BytesIO()
    codec.encode_sequence((cloud(k) for k in range(5)), file, options=OCTREE)
    assert file.getvalue() == whole


def test_a_single_cloud_is_appended_to(tmp_path):
    path = tmp_path / "one.ovx"
    options = CodecOptions(codec="octree", slices=24)
    single = codec.encode(cloud(0, 3000), options=options).data  # with an index
    codec.save_stream(path, single)
    with codec.SequenceWriter(path, append=True, options=OCTREE) as writer:
        assert len(writer) == 1 and writer.cut == 0
    assert path.read_bytes() == single
    written(path, 2, append=True)
    assert numbers(path) == [0, 1, 2]
    with open_source(path) as source:
        kept = frames.find_frames(source)
        assert source.read(0, int(kept.starts[1])) == single[: int(kept.starts[1])]


def test_a_file_as_it_is_is_appended_to(tmp_path):
    path = tmp_path / "file.ovx"
    codec.save_stream(path, codec.encode(b"1 2 3\n# x\n04 5 +6\n", keep="file", options=OCTREE).data)
    with codec.SequenceWriter(path, append=True, options=OCTREE) as writer:
        writer.append(cloud(1))
    with codec.open(path) as found:
        assert found.decode(0).file == b"1 2 3\n# x\n04 5 +6\n" and len(found[1]) == 200


def test_a_new_file_replaces_an_old_one_when_its_first_frame_is_whole(tmp_path):
    path = tmp_path / "s.ovx"
    before = written(path, 2)
    with codec.SequenceWriter(path, options=OCTREE) as writer:
        with pytest.raises(InputError):
            writer.append(tmp_path / "nothing.ply")
        assert path.read_bytes() == before
        writer.append(cloud(7))
        assert numbers(path) == [7]
    with pytest.raises(InputError):
        codec.encode_sequence([cloud(1), tmp_path / "nothing.ply"], path, options=OCTREE)
    assert numbers(path) == [7]
    assert [p.name for p in tmp_path.iterdir()] == ["s.ovx"]


def test_a_frame_that_fails_leaves_the_others(tmp_path):
    path = tmp_path / "s.ovx"
    before = written(path, 2)
    with pytest.raises(InputError):
        codec.encode_sequence([tmp_path / "nothing.ply"], path, append=True, options=OCTREE)
    assert path.read_bytes() == before


def test_what_cannot_be_appended_to(tmp_path):
    ply = tmp_path / "a.ovx"
    codec.write_ply(ply, cloud(0))
    with pytest.raises(CorruptStreamError, match=r"a\.ovx: not an Octavox bitstream"):
        codec.SequenceWriter(ply, append=True)
    old = ROOT / "tests" / "golden" / "octree_1_0_deep.ovx"
    copy = tmp_path / "old.ovx"
    copy.write_bytes(old.read_bytes())
    with pytest.raises(InputError, match="format 1 holds one cloud"):
        codec.SequenceWriter(copy, append=True)
    with codec.open(copy) as found:
        assert len(found) == 1 and len(found[0]) == found.info(0).points
    with pytest.raises(InputError, match="a path or a binary file is needed"):
        codec.SequenceWriter(3)
    with pytest.raises(InputError, match="appended to a file with a path"):
        codec.encode_sequence([cloud(0)], io.BytesIO(), append=True)


def test_a_closed_writer_and_what_are_no_clouds(tmp_path):
    writer = codec.SequenceWriter(tmp_path / "s.ovx", options=OCTREE)
    writer.append(cloud(0))
    writer.append(cloud(1))
    writer.close()
    writer.close()
    before = (tmp_path / "s.ovx").read_bytes()
    with pytest.raises(InputError, match=r"s\.ovx: the writer is closed"):
        writer.append(cloud(2))
    for sources in (cloud(0), b"ply", 3):
        with pytest.raises(InputError, match="several clouds are needed"):
            codec.encode_sequence(sources, tmp_path / "s.ovx")
    assert (tmp_path / "s.ovx").read_bytes() == before


def test_several_threads_read_frames(tmp_path):
    path = tmp_path / "s.ovx"
    written(path, 6)
    with codec.open(path) as found, ThreadPoolExecutor(4) as pool:
        read = list(pool.map(lambda k: int(found[k].attributes["n"][0]), [*range(6)] * 4))
    assert read == [*range(6)] * 4


def every_cut(start: int, stop: int) -> list[int]:
    """Places between two bytes: all near them, some in the middle."""
    near = {*range(start, start + 20), *range(stop - 36, stop, 3)}
    return sorted(near | {*range(start + 20, stop - 36, 97)})


@pytest.mark.slow
def test_wherever_writing_stops_the_next_writer_goes_on(tmp_path):
    path = tmp_path / "s.ovx"
    whole = written(path, 4)
    with open_source(whole) as source:
        starts = frames.find_frames(source).starts.tolist()
    for stop in every_cut(starts[2], len(whole)):
        path.write_bytes(whole[:stop])
        kept = sum(start <= stop for start in starts[1:])
        assert numbers(path, salvage=True)[:kept] == list(range(kept)) if stop in starts else True
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            with codec.SequenceWriter(path, append=True, options=OCTREE) as writer:
                assert len(writer) == kept, stop
                assert writer.cut == stop - starts[kept], stop
                writer.append(cloud(9))
        words = [str(w.message) for w in said if w.category is LossWarning]
        assert words == [
            f"{path}: the last {stop - starts[kept]:,} bytes were no whole frame and are cut off"
        ]
        assert numbers(path) == [*range(kept), 9]


def test_damage_before_the_end_is_not_cut_off(tmp_path):
    path = tmp_path / "s.ovx"
    whole = written(path, 4)
    with open_source(whole) as source:
        starts = frames.find_frames(source).starts.tolist()
    broken = bytearray(whole[:-60])
    broken[starts[1] + 3] ^= 1  # the chunk FRAME of frame 1, in a file without an end
    path.write_bytes(broken)
    with pytest.raises(CorruptStreamError, match="frame 1 is damaged"):
        codec.SequenceWriter(path, append=True)
    assert path.read_bytes() == broken
    broken = bytearray(whole)
    broken[starts[1] + 60] ^= 1  # the list of frames still leads to the others
    path.write_bytes(broken)
    with codec.SequenceWriter(path, append=True, options=OCTREE) as writer:
        writer.append(cloud(4))
    with codec.open(path) as found:
        assert [int(found[k].attributes["n"][0]) for k in (0, 2, 3, 4)] == [0, 2, 3, 4]
        with pytest.raises(CorruptStreamError, match="frame 1"):
            found[1]


KILLED = """
import os, signal, sys
import numpy as np
from octavox import codec
from octavox.codec.stream import appending

usual, limit = appending.FrameAppender._write, int(sys.argv[2])

class Slow:
    def __init__(self, file): self.file = file
    def __getattr__(self, name): return getattr(self.file, name)
    def write(self, data):
        self.file.write(data[:limit]); self.file.flush()
        if len(data) > limit: os.kill(os.getpid(), signal.SIGKILL)

rng = np.random.default_rng(1)
with codec.SequenceWriter(sys.argv[1], append=True, options=codec.CodecOptions(codec="octree")) as writer:
    writer._appender._file = Slow(writer._appender._file)
    writer.append(codec.PointCloud(rng.integers(0, 64, (200, 3))))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.slow
@pytest.mark.parametrize("limit", [5, 300])
def test_a_writer_that_is_killed_leaves_the_frames_before(tmp_path, limit):
    path = tmp_path / "s.ovx"
    written(path, 3)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", KILLED, str(path), str(limit)]
    done = subprocess.run(command, env=environment, capture_output=True, timeout=200, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    with pytest.raises(CorruptStreamError):
        codec.open(path)
    assert numbers(path, salvage=True)[:3] == [0, 1, 2] if limit == 5 else True
    with codec.open(path, salvage=True) as found:
        assert [int(found[k].attributes["n"][0]) for k in range(3)] == [0, 1, 2]
    with pytest.warns(LossWarning, match="were no whole frame and are cut off"):
        written(path, 2, append=True)
    assert numbers(path) == [0, 1, 2, 3, 4]
