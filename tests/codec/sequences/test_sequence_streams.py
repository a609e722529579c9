"""Sequences in one stream: frames come back, alone and in their order; damage is an error with a place."""

from __future__ import annotations

import functools
import io
import json
import tracemalloc

import golden_contents
import golden_sequences
import inter_reference
import numpy as np
import ovx_columns
import ovx_reader
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from inter_fixtures import references, shipped_weights
from sample_clouds import ROOT

from octavox import codec
from octavox.codec import CodecOptions, CorruptStreamError, InputError, PointCloud
from octavox.codec.coding.bytes import varint
from octavox.codec.files.source import Source, open_source
from octavox.codec.stream import appending, chunks, frames, header, reader

OCTREE = CodecOptions(codec="octree")
FOLDER = ROOT / "tests" / "golden" / "sequences"
DIGESTS = json.loads((FOLDER / "digests.json").read_text())
GROWING = (FOLDER / "growing.ovx").read_bytes()


def sequence_of(clouds: list[PointCloud]) -> bytes:
    file = io.BytesIO()
    codec.encode_sequence(clouds, file, options=OCTREE)
    return file.getvalue()


def digests(data: bytes) -> list[str]:
    with codec.open(data) as found:
        return [golden_contents.digest(found.decode(k)) for k in range(len(found))]


def test_every_golden_sequence_has_digests():
    assert sorted(p.name for p in FOLDER.glob("*.ovx")) == sorted(DIGESTS) == sorted(golden_sequences.STREAMS)


@pytest.mark.parametrize("name", sorted(DIGESTS))
def test_golden_sequences_decode(name):
    assert digests((FOLDER / name).read_bytes()) == DIGESTS[name]


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(DIGESTS))
def test_the_reader_made_from_the_document_reads_golden_sequences(name):
    data = (FOLDER / name).read_bytes()
    found = [ovx_reader.alone(frame) for frame in ovx_reader.frames_of(data)]
    sizes = ovx_reader.sizes_of_frames(data)
    with codec.open(data) as ours:
        assert len(found) == len(ours)
        assert sizes == [ours.size(k) - (0 if k else chunks.START_BYTES) for k in range(len(ours))]
        if any(references(data)):
            for number, frame in enumerate(inter_reference.decode_sequence(data, shipped_weights())):
                decoded = ours.decode(number)
                columns = [*decoded.cloud.coords.T, *decoded.cloud.colors.T]
                assert all(np.array_equal(a, b) for a, b in zip(columns, frame.columns, strict=True))
            return
        for number, single in enumerate(found):
            decoded, voxels = ours.decode(number), codec.decode(single).voxels.coords.tolist()
            if decoded.file is not None:
                assert ovx_columns.file_of(single, voxels) == decoded.file
                continue
            columns = ovx_columns.records_of(single, voxels)
            for k in range(3):
                want = decoded.cloud.coords[:, k]
                assert np.array_equal(np.array(columns[k], want.dtype), want, True)


def test_a_sequence_of_one_frame_is_the_stream_of_a_cloud():
    cloud = golden_sequences.cloud(0)
    assert sequence_of([cloud]) == codec.encode(cloud, options=OCTREE).data


CLOUDS = st.lists(
    st.lists(st.tuples(*[st.integers(0, 40)] * 3), min_size=1, max_size=12), min_size=1, max_size=5
)


@settings(max_examples=40)
@given(CLOUDS)
def test_every_frame_comes_back(rows):
    data = sequence_of([PointCloud(np.array(points, np.int32)) for points in rows])
    with codec.open(data) as found:
        assert [sorted(map(tuple, cloud.coords.tolist())) for cloud in found] == [sorted(r) for r in rows]
    assert len(ovx_reader.frames_of(data)) == len(rows)
    if len(rows) > 1:
        singles = [codec.encode(PointCloud(np.array(p, np.int32)), options=OCTREE).data for p in rows]
        assert [ovx_reader.alone(frame) for frame in ovx_reader.frames_of(data)] == singles


def test_frames_are_counted_from_both_ends():
    with codec.open(GROWING) as found:
        assert golden_contents.digest(found.decode(-1)) == DIGESTS["growing.ovx"][-1]
        for number in (5, -6):
            with pytest.raises(InputError, match="there are 0 to 4"):
                found[number]
        with pytest.raises(InputError, match="a whole number is needed"):
            found["0"]
        with pytest.raises(IndexError):
            found[99]


def test_a_frame_has_to_be_chosen():
    works = (codec.decode, codec.info, codec.salvage, codec.stream_levels, codec.property_bits)
    for work in works:
        with pytest.raises(InputError, match="a sequence of 5 frames; one has to be chosen"):
            work(GROWING)
        with pytest.raises(InputError, match=r"there is no frame 5; there (are|were)"):
            work(GROWING, frame=5)
        work(GROWING, frame=4)
    single = codec.encode(golden_sequences.cloud(0), options=OCTREE).data
    assert len(codec.decode(single, frame=0).cloud) == 400
    with pytest.raises(InputError, match="there is no frame 1; the only one is 0"):
        codec.decode(single, frame=1)


def test_parts_of_a_frame():
    cloud = golden_sequences.cloud(4)
    with codec.open(GROWING) as found:
        inside = found.decode(4, region=(0, 0, 0, 9, 9, 9)).cloud
        low = (np.asarray(cloud.positions) <= 9).all(axis=1)
        assert len(inside) == low.sum() > 0
        assert found.decode(4, lod=2).report.lod == 2
        with pytest.raises(InputError, match="levels of detail are of the whole frame"):
            found.decode(4, lod=2, slices=[0])
        assert found.verify(4, cloud).identical and not found.verify(0, cloud).identical
    assert codec.verify(golden_contents.ply(), GROWING, frame=2).identical


def test_the_bytes_of_a_frame_add_up():
    with codec.open(GROWING) as found:
        sizes = [found.size(k) for k in range(len(found))]
        infos = [found.info(k) for k in range(len(found))]
    assert [one.file_size for one in infos] == sizes
    assert [sum(one.components.values()) for one in infos] == sizes
    assert len(GROWING) - sum(sizes) < 50  # the list of frames and the end
    for number, one in enumerate(infos):
        assert one.sound and one.frame == number and one.frames == 5


def test_a_sequence_takes_no_more_than_its_clouds_alone():
    clouds = [golden_sequences.cloud(k) for k in range(30)]
    alone = sum(len(codec.encode(cloud, options=OCTREE).data) for cloud in clouds)
    assert len(sequence_of(clouds)) < alone
    many = (FOLDER / "many.ovx").read_bytes()
    assert len(many) / 130 < 56  # a point takes two of them


def test_a_reader_that_knows_no_sequences_refuses_them():
    """It refuses kinds of chunks below 64 that it does not know."""
    kinds = [chunk.kind for chunk in ovx_reader.chunks_of(GROWING)]
    assert kinds.count(12) == 4 and kinds.count(13) == 1


class Counting(io.BytesIO):
    """A file that says which bytes were read."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self.read_bytes = 0

    def read(self, count: int | None = -1) -> bytes:
        data = super().read(count)
        self.read_bytes += len(data)
        return data


def test_a_frame_is_read_without_the_others():
    rng = np.random.default_rng(3)
    data = sequence_of([PointCloud(rng.integers(0, 256, (3000, 3))) for _ in range(30)])
    file = Counting(data)
    source = Source(file, "counting")
    assert len(frames.find_frames(source)) == 30
    listing = file.read_bytes
    assert listing < 300
    file.read_bytes = 0
    assert reader.StreamReader(source, frame=20).header.input_points == 3000
    assert file.read_bytes < 5000 < len(data) // 30
    # Without the list, it goes from frame to frame.
    end = data.rindex(bytes([chunks.Kind.FRAMES, 0, 0, 0]))
    walked = Counting(data[:end] + chunks.packed(chunks.Kind.END, b""))
    assert frames.find_frames(Source(walked, "counting")).starts.tolist() == (
        frames.find_frames(source).starts.tolist()
    )
    assert walked.read_bytes < 40 * 1100 < len(data) // 2


@pytest.mark.slow
def test_memory_holds_one_frame():
    rng = np.random.default_rng(4)
    clouds = (PointCloud(rng.integers(0, 256, (5000, 3))) for _ in range(8))
    file = io.BytesIO()
    codec.encode_sequence(clouds, file, options=OCTREE)
    data = file.getvalue()

    def peak(last: int) -> int:
        with codec.open(data) as found:
            found[0]
            tracemalloc.start()
            for number in range(last):
                assert len(found[number]) == 5000
            most = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
        return most

    assert peak(8) < 1.3 * peak(2)


# Damage


@pytest.mark.slow
def test_damage_in_a_frame_is_an_error_of_that_frame():
    rng = np.random.default_rng(5)
    with open_source(GROWING) as source:
        starts = frames.find_frames(source).starts.tolist()
    for at in [4, *rng.permutation(len(GROWING))[:70].tolist()]:
        broken = bytearray(GROWING)
        broken[at] ^= 1 << rng.integers(8)
        own = sum(start <= at for start in starts[1:])  # 5: behind the frames
        wrong = []
        for number in {0, max(own - 1, 0), min(own, 4), 4} if at >= starts[0] else range(5):
            try:
                found = golden_contents.digest(codec.decode(bytes(broken), frame=number))
                assert found == DIGESTS["growing.ovx"][number], (at, number)
            except CorruptStreamError as error:
                wrong.append(number)
                assert error.byte is not None or error.field, at
        if at < starts[0]:
            assert wrong == [0, 1, 2, 3, 4]
        elif own < 5:
            assert wrong == [own], at


@pytest.mark.parametrize("cut", [1, 5, 11, 19, 30, 60, 400, 1000, 2000, 2600])
def test_a_cut_sequence_is_an_error_and_gives_back_whole_frames(cut):
    data = GROWING[:-cut]
    with pytest.raises(CorruptStreamError):
        codec.open(data)
    with open_source(GROWING) as source:
        starts = frames.find_frames(source).starts.tolist()
    with codec.open(data, salvage=True) as found:
        whole = [k for k in range(5) if starts[k + 1] <= len(data)]
        assert found.ended == (cut <= 3) and found.lost in ((), (len(whole),))
        assert len(whole) <= len(found) <= len(whole) + 1
        for k in whole:
            decoded = found.decode(k)
            assert golden_contents.digest(decoded) == DIGESTS["growing.ovx"][k]
            loss = decoded.report.loss
            assert loss is not None and loss.every_record


@pytest.mark.slow
def test_what_is_whole_of_a_damaged_frame_comes_back():
    rng = np.random.default_rng(6)
    clouds = [PointCloud(rng.integers(0, 256, (9000, 3))) for _ in range(3)]
    file, options = io.BytesIO(), CodecOptions(codec="octree", slices=4)
    codec.encode_sequence(clouds, file, options=options)
    data = bytearray(file.getvalue())
    with open_source(bytes(data)) as source:
        chosen = [c for c in frames.find_frames(source).chunks(source, 1) if c.kind == chunks.Kind.SLICE]
    data[chosen[2].first_byte + 9] ^= 4
    with codec.open(bytes(data), salvage=True) as found:
        loss = found.decode(1).report.loss
        assert loss.slices == (2,) and len(loss.damaged) == 1 and 0 < loss.points < 9000
        assert found.decode(0).report.loss.nothing and found.decode(2).report.loss.nothing
        part = found.decode(1, slices=[0]).report
        assert part.loss.slices == () and 0 < part.points < 9000
    assert codec.salvage(bytes(data), frame=1).report.loss.slices == (2,)


def test_errors_name_file_frame_field_and_byte(tmp_path):
    path = tmp_path / "s.ovx"
    broken = bytearray(GROWING)
    with open_source(GROWING) as source:
        last = frames.find_frames(source).chunks(source, 4)[-1]
    broken[last.first_byte] ^= 1
    path.write_bytes(broken)
    with codec.open(path) as found, pytest.raises(CorruptStreamError) as caught:
        found[4]
    assert caught.value.frame == 4 and caught.value.byte == last.first_byte
    assert str(caught.value) == (
        f"{path}: {last.name} checksum mismatch (frame 4, field '{last.name}', byte {last.first_byte})"
    )


def rebuilt(parts: list[bytes]) -> bytes:
    return chunks.MAGIC + bytes([chunks.VERSION]) + b"".join(parts)


def test_forged_sequences_are_refused():
    single = codec.encode(PointCloud([[1, 2, 3]]), options=OCTREE).data
    own = [c for c in ovx_reader.chunks_of(single) if c.kind < 14]
    first = b"".join(chunks.packed(c.kind, c.payload, 0, c.component, c.part) for c in own)
    body = b"".join(chunks.packed(c.kind, c.payload, 1, c.component, c.part) for c in own)
    mark = chunks.packed(chunks.Kind.FRAME, b"", 1, len(body))
    end = chunks.packed(chunks.Kind.END, b"")
    assert len(codec.open(rebuilt([first, mark, body, end]))) == 2
    strange = chunks.packed(chunks.Kind.FRAME, b"", 2, len(body))
    for parts in (
        [first, strange, body, end],  # a frame is missing
        [first, mark, first, end],  # chunks of another frame
        [first, mark, body, body, end],  # chunks behind the frame
        [first, chunks.packed(chunks.Kind.FRAME, b"", 1, len(body) - 3), body, end],
        [first, chunks.packed(chunks.Kind.FRAME, b"", 1, len(body) + 3), body, end],
        [first, chunks.packed(chunks.Kind.FRAME, b"", 1, 0), end],
        [first, chunks.packed(chunks.Kind.FRAME, b"x", 1, len(body)), body, end],
        [first, chunks.packed(chunks.Kind.FRAME, b"", 1, 1 << 40), body, end],
        [mark, body, end],
        [first, mark, body, mark, body, end],
    ):
        with pytest.raises(CorruptStreamError), codec.open(rebuilt(parts)) as found:
            for _ in found:
                pass


def test_a_list_of_frames_that_lies_is_not_believed():
    single = codec.encode(PointCloud([[1, 2, 3]]), options=OCTREE).data
    mark, body = frames.frame_of_stream(single, 1)
    start = chunks.START_BYTES
    length = len(ovx_reader.alone(ovx_reader.frames_of(single)[0])) - start - 11
    data = single[: start + length] + mark + body
    right = [start, start + length, len(data)]
    for starts in ([start, len(data), len(data)], right):  # a frame without bytes: the list is damaged
        assert [len(cloud) for cloud in codec.open(data + frames.ending(starts))] == [1, 1]
    wrong = chunks.packed(chunks.Kind.FRAMES, b"\x01" + varint(len(data) - start))
    ends = [wrong + chunks.packed(chunks.Kind.END, len(data).to_bytes(8, "little"))]
    ends += [frames.ending([start, start + length + shift, len(data)]) for shift in (-1, 1)]
    for end in ends:
        with pytest.raises(CorruptStreamError), codec.open(data + end) as found:
            for _ in found:
                pass


@pytest.mark.slow
def test_many_frames_take_little_memory_and_time():
    single = codec.encode(PointCloud([[1, 2, 3]]), options=OCTREE).data
    body = frames.frame_of_stream(single, 1)[1]
    start = chunks.START_BYTES
    parts = [single[start : start + len(body)]]
    for k in range(1, 4000):  # empty but for a chunk that a reader passes over
        empty = chunks.packed(200, b"", k)
        parts.append(chunks.packed(chunks.Kind.FRAME, b"", k, len(empty)) + empty)
    data = rebuilt([*parts, chunks.packed(chunks.Kind.END, b"")])
    tracemalloc.start()
    with codec.open(data) as found:
        assert len(found) == 4000
        assert tracemalloc.get_traced_memory()[1] < 4 * len(data)
        tracemalloc.stop()
        with pytest.raises(CorruptStreamError, match="the header is missing"):
            found[3999]
    with codec.open(data, salvage=True) as found:
        assert len(found.lost) == 3999
        for number in (1, 2000, 3999):
            with pytest.raises(CorruptStreamError, match="the header is lost"):
                found[number]


def test_a_forged_number_of_a_frame_takes_no_memory():
    single = codec.encode(PointCloud([[1, 2, 3]]), options=OCTREE).data
    strange = chunks.packed(chunks.Kind.SLICE, b"x", (1 << 22) - 1)
    with codec.open(single + strange, salvage=True) as found:
        assert len(found) == 1 and len(found[0]) == 1


@pytest.mark.slow
@settings(max_examples=60)
@given(st.binary(max_size=40), st.integers(0, len(GROWING) - 1), st.booleans())
def test_spliced_sequences_are_never_a_wrong_cloud(piece, at, salvage):
    data = GROWING[:at] + piece + GROWING[at + len(piece) :]
    try:
        with codec.open(data, salvage=salvage) as found:
            for k in range(len(found)):
                try:
                    decoded = found.decode(k)
                except CorruptStreamError:
                    continue
                loss = decoded.report.loss
                if loss is None or loss.nothing:
                    assert golden_contents.digest(decoded) == DIGESTS["growing.ovx"][k]
    except CorruptStreamError:
        pass


# Frames that need others


def with_reference(single: bytes, back: int) -> bytes:
    """The stream, of which the header says that it needs the frame so many before."""
    own = [c for c in ovx_reader.chunks_of(single) if c.kind < 14]
    payload = own[0].payload + bytes([header.Field.REFERENCE, 2, back, 0])
    parts = [
        chunks.packed(c.kind, payload if c.kind == 1 else c.payload, 0, c.component, c.part) for c in own
    ]
    return rebuilt([*parts, chunks.packed(chunks.Kind.END, b"")])


@functools.cache
def of_a_point(number: int) -> bytes:
    return codec.encode(PointCloud([[number, 0, 0]]), options=OCTREE).data


def referring(backs: list[int]) -> bytes:
    """Frames of one point each. backs: which earlier frame each needs, 0: none."""
    file = io.BytesIO()
    appender = appending.FrameAppender(file)
    for k, back in enumerate(backs):
        single = of_a_point(k)
        appender.add(with_reference(single, back) if back else single)
    appender.finish()
    return file.getvalue()


@pytest.fixture
def decoded(monkeypatch) -> list[int]:
    """Which frames were decoded."""
    from octavox.codec import references

    done, usual = [], references.decode_stream

    def counting(stream, *rest):
        done.append(stream.frame)
        return usual(stream, *rest)

    monkeypatch.setattr(references, "decode_stream", counting)
    return done


def test_going_forward_each_frame_is_decoded_once(decoded):
    with codec.open(referring([0, 1, 1, 0, 1, 2])) as found:
        assert [int(cloud.coords[0, 0]) for cloud in found] == list(range(6))
        assert decoded == [0, 1, 2, 3, 4, 3, 5]
        decoded.clear()
        assert found[2].coords[0, 0] == 2
        assert decoded == [0, 1, 2]


@pytest.mark.slow
def test_references_that_lead_nowhere():
    for backs, words in (([1], "before the first"), ([0, 2], "before the first"), ([0, *[1] * 256], "255")):
        for work in (codec.decode, codec.salvage):
            with pytest.raises(CorruptStreamError, match=words):
                work(referring(backs), frame=len(backs) - 1)
    for work in (codec.decode, codec.salvage):
        assert work(referring([0, *[1] * 255]), frame=255).cloud.coords[0, 0] == 255


def test_a_frame_that_needs_another_is_not_put_elsewhere():
    with codec.SequenceWriter(io.BytesIO()) as writer:
        writer.append_stream(of_a_point(0))
        with pytest.raises(InputError, match="needs another one"):
            writer.append_stream(with_reference(of_a_point(1), 1))
        assert len(writer) == 1
    with pytest.raises(CorruptStreamError, match="before the first"):
        codec.decode(with_reference(of_a_point(1), 1))
