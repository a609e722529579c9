"""A frame of a sequence as the stream of a single cloud: what coding it alone gives, byte for byte."""

from __future__ import annotations

import io

import numpy as np
import pytest

from octavox import codec

OPTIONS = codec.CodecOptions(codec="octree")


@pytest.fixture
def clouds() -> list[codec.PointCloud]:
    rng = np.random.default_rng(3)
    return [codec.PointCloud(rng.integers(0, 64, (300 + k, 3)).astype(np.int32)) for k in range(3)]


@pytest.fixture
def sequence(clouds) -> bytes:
    file = io.BytesIO()
    codec.encode_sequence(clouds, file, options=OPTIONS)
    return file.getvalue()


def test_it_is_what_coding_the_frame_alone_gives(clouds, sequence) -> None:
    with codec.open(sequence) as frames:
        for number, cloud in enumerate(clouds):
            assert frames.stream(number) == codec.encode(cloud, options=OPTIONS).data
            assert frames.motion(number) is None


def test_files_give_their_streams(clouds, tmp_path) -> None:
    alone = codec.encode(clouds[0], options=OPTIONS).data
    codec.save_stream(tmp_path / "0.ovx", alone)
    codec.write_cloud(tmp_path / "1.ply", clouds[1])
    with codec.open(tmp_path) as frames:
        assert frames.stream(0) == alone and frames.stream(1) is None


def test_a_damaged_frame_names_itself(sequence) -> None:
    with codec.open(sequence) as frames:
        first = frames.size(0)
    damaged = bytearray(sequence)
    damaged[first + 200] ^= 4
    with codec.open(bytes(damaged)) as frames:
        assert frames.stream(0) is not None and frames.stream(2) is not None
        with pytest.raises(codec.CorruptStreamError, match="frame 1"):
            frames.stream(1)
