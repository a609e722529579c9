"""Sequences whose frames use the one before: they come back, alone and in parts; damage has an end."""

from __future__ import annotations

import functools
import io
import subprocess
import sys
import tracemalloc
from pathlib import Path

import golden_contents
import numpy as np
import ovx_reader
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from inter_fixtures import references, rewritten, sequence_of, sheet
from sample_clouds import ROOT
from spinning_scans import street

from bench.instruction_sets import FEWEST, environment
from octavox import codec
from octavox.codec import CodecOptions, CorruptStreamError, InputError, LossWarning, PointCloud, WeightsError
from octavox.codec.cloud.columns import ListColumn
from octavox.codec.codecs.attributes.packing import pack_column
from octavox.codec.coding.bytes import varint
from octavox.codec.files.source import open_source
from octavox.codec.stream import frames
from octavox.codec.stream.chunks import Kind

GROUP = 3
CLOUDS = [sheet(k, 20) for k in range(5)]
WIDE_CLOUDS = [sheet(k, 24, at=52) for k in range(3)]


@functools.cache
def moving() -> bytes:
    return sequence_of(CLOUDS, GROUP)


@functools.cache
def wide() -> bytes:
    """Frames of two slices."""
    return sequence_of(WIDE_CLOUDS, options=CodecOptions(slices=2))


def digests(data: bytes) -> list[str]:
    with codec.open(data) as found:
        return [golden_contents.digest(found.decode(k)) for k in range(len(found))]


def digests_alone(clouds: list[PointCloud], **kept: object) -> list[str]:
    return [golden_contents.digest(codec.decode(codec.encode(one, **kept).data)) for one in clouds]


def painted(cloud: PointCloud) -> dict[tuple[int, ...], tuple[int, ...]]:
    """The colour of each point."""
    return {tuple(p): tuple(c) for p, c in zip(cloud.coords.tolist(), cloud.colors.tolist())}


@functools.cache
def digests_moving() -> list[str]:
    return digests_alone(CLOUDS)


def test_frames_come_back_in_any_order():
    assert references(moving()) == [0, 1, 1, 0, 1]
    assert digests(moving()) == digests_moving()
    with codec.open(moving()) as found:
        for number in (4, 1, 2, 0, 3, 2):
            assert golden_contents.digest(found.decode(number)) == digests_moving()[number]
    for number, cloud in enumerate(CLOUDS):
        assert codec.verify(cloud, moving(), frame=number).identical


def test_the_frame_before_saves_bytes():
    with codec.open(moving()) as found:
        sizes = [found.size(k) for k in range(5)]
        motion = [found.info(k).components.get("motion", 0) for k in range(5)]
        assert [found.stream(k) is None for k in range(5)] == [False, True, True, False, True]
        for number in range(5):
            assert sum(found.info(number).components.values()) == sizes[number]
    assert sizes[1] < 0.9 * sizes[0] and sizes[4] < 0.9 * sizes[3]
    assert [one > 0 for one in motion] == [False, True, True, False, True]


def test_scans_of_a_spinning_sensor_take_no_more_than_each_alone() -> None:
    """A frame has its sensor or the frame before, whichever saves more."""
    scans = [PointCloud(street(16, 500, seed)) for seed in (1, 2)]
    data, alone = sequence_of(scans), sequence_of(scans, 1)
    with codec.open(data) as found, codec.open(alone) as single:
        assert found.size(1) <= single.size(1)
    assert digests(data) == digests(alone)


def test_a_group_of_one_is_each_frame_alone():
    alone = [codec.encode(cloud).data for cloud in CLOUDS[:2]]
    data = sequence_of(CLOUDS[:2], 1)
    assert [ovx_reader.alone(frame) for frame in ovx_reader.frames_of(data)] == alone
    for group in (0, 257, True, 2.0):
        with pytest.raises(InputError, match="group"):
            codec.SequenceWriter(io.BytesIO(), group=group)


def test_parts_of_a_frame():
    """Slices, regions and levels of frames that need others; what a block and a point took."""
    assert references(wide()) == [0, 1, 1]
    with codec.open(wide()) as found:
        whole = found.decode(2)
        points = {
            tuple(p): tuple(c) for p, c in zip(whole.cloud.coords.tolist(), whole.cloud.colors.tolist())
        }
        seen = 0
        for number in (0, 1):
            part = found.decode(2, slices=[number]).cloud
            seen += len(part)
            assert painted(part).items() <= points.items()
        assert seen == len(points)
        inside = found.decode(2, region=(0, 0, 0, 62, 20, 30)).cloud
        assert len(inside) == sum(x <= 62 and y <= 20 for x, y, _ in points) > 0
        for level in (1, 4, 6):
            cells = found.decode(2, lod=level).voxels.coords
            wanted = {tuple(v) for v in (whole.voxels.coords >> (whole.report.depth - level)).tolist()}
            assert set(map(tuple, cells.tolist())) == wanted
    bits = codec.property_bits(wide(), frame=2).bits
    assert sum(float(bits[name].sum()) for name in bits) > 0
    blocks = codec.info(wide(), blocks=True, frame=2)
    assert blocks.bits is not None
    block = whole.blocks.place(0)
    asked = codec.voxel_probabilities(whole.voxels, block, wide(), frame=2)
    assert int(asked.occupied.sum()) == int(whole.blocks.points[0])


def test_the_number_of_threads_changes_no_byte():
    made = [sequence_of(WIDE_CLOUDS, options=CodecOptions(slices=2, threads=k)) for k in (1, 2, 3)]
    assert made == [wide()] * 3
    wanted = digests(wide())
    for threads in (1, 2):
        with codec.open(wide(), options=CodecOptions(threads=threads)) as found:
            assert [golden_contents.digest(found.decode(k)) for k in range(3)] == wanted


@pytest.mark.slow
def test_other_instructions_give_the_same_stream(tmp_path: Path) -> None:
    """A process limited to few instructions of the CPU writes the same sequence, and reads it."""
    path, paths = tmp_path / "wanted.ovx", [str(ROOT / "tests" / "support"), str(ROOT)]
    path.write_bytes(moving())
    script = (
        f"import sys; sys.path[:0] = {paths}; import inter_fixtures as t; from octavox import codec\n"
        f"data = t.sequence_of([t.sheet(k, 20) for k in range(3)], {GROUP})\n"
        f"own = [c.coords.tolist() for c in codec.open(data)]\n"
        f"with codec.open({str(path)!r}) as found:\n"
        f"    assert [found[k].coords.tolist() for k in range(3)] == own\n"
        f"    sizes = [found.size(k) for k in range(3)]\n"
        f"assert data[: sum(sizes)] == open({str(path)!r}, 'rb').read()[: sum(sizes)]\n"
    )
    env = environment(FEWEST)
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, env=env, check=True, timeout=290)


# Any clouds


@st.composite
def clouds(draw: st.DrawFn) -> PointCloud:
    """Whole numbers, floats on a lattice and off it, with remainders, duplicates and none at all."""
    rng = np.random.default_rng(draw(st.integers(0, 1 << 30)))
    rows = draw(st.sampled_from((0, 1, 2, 40, 150)))
    reach = draw(st.sampled_from((1, 6, 30, 300)))
    points = rng.integers(0, reach + 1, (rows, 3))
    kind = draw(st.sampled_from(("whole", "whole", "moved", "quarters", "rough", "steps")))
    if kind == "moved":
        points = points + draw(st.integers(-40, 40))
    elif kind == "quarters":
        points = points / 4
    elif kind == "rough":
        points = points + rng.normal(size=points.shape)
    elif kind == "steps":
        points = 3 * points
    attributes: dict[str, object] = {}
    smooth = np.abs(points).sum(1) if rows else np.zeros(0)
    for name in draw(st.sets(st.sampled_from(("n", "wide", "float", "flag", "list", "pair")))):
        attributes[name] = {
            "n": lambda: (smooth + rng.integers(0, 3, rows)).astype(np.uint16),
            "wide": lambda: (smooth * 1e6).astype(np.int64) << draw(st.sampled_from((0, 20, 40))),
            "float": lambda: smooth / 8,
            "flag": lambda: smooth > reach,
            "list": lambda: ListColumn(np.full(rows, 2, np.uint8), np.arange(2 * rows, dtype=np.int16)),
            "pair": lambda: rng.integers(-5, 5, (rows, 2)).astype(np.int8),
        }[name]()
    paint = np.clip(smooth[:, None] + [0, 20, 40], 0, 255).astype(np.uint8) if draw(st.booleans()) else None
    return PointCloud(points.astype(np.float64) if kind == "rough" else points, paint, attributes=attributes)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::octavox.codec.errors.LossWarning")
@settings(max_examples=40, deadline=None)
@given(st.lists(clouds(), min_size=1, max_size=4), st.sampled_from(("octree", "multiscale")), st.booleans())
def test_any_frames_come_back(given_clouds: list[PointCloud], name: str, voxels: bool) -> None:
    options = CodecOptions(codec=name)
    kept = {"keep": "voxels", "depth": 6} if voxels else {}
    data = sequence_of(given_clouds, 16, options, **kept)
    assert digests(data) == digests_alone(given_clouds, options=options, **kept)


@pytest.mark.slow
def test_frames_that_are_alike_and_those_that_are_not() -> None:
    """Each is the reference of the next, where it can be: other grids, properties, levels, depths."""
    base = sheet(0, 20)
    wide = PointCloud(np.concatenate([base.coords, [[4000, 4000, 4000]]]), None)
    far = PointCloud(base.coords + 100, base.colors)
    away = PointCloud(base.coords + (1 << 30), base.colors)
    tenths = PointCloud(base.coords / 10, base.colors)
    some = PointCloud(base.coords[:5], None, attributes={"red": np.arange(5, dtype=np.uint16)})
    shared = PointCloud(np.repeat(base.coords, 2, axis=0), np.repeat(base.colors, 2, axis=0))
    every = [base, base, wide, base, far, away, base, tenths, tenths, some, base, shared, base, shared]
    data = sequence_of(every)
    assert digests(data) == digests_alone(every)
    found = references(data)
    assert found[1] == 1 and found[8] == 1 and found[13] == 1
    assert found[5] == found[7] == 0  # nothing of the frame before lies on their grids


@pytest.mark.slow
@pytest.mark.parametrize("name", ["octree", "multiscale"])
def test_the_frame_before_lies_elsewhere_on_the_same_grid(name: str) -> None:
    base, options = sheet(0, 20), CodecOptions(codec=name)
    middle = PointCloud(base.coords + 250, base.colors)
    twice = np.concatenate([base.coords, base.coords + 500]).astype(np.int32)
    ends = PointCloud(twice, np.concatenate([base.colors, base.colors]))
    assert digests(sequence_of([middle, ends], options=options)) == digests_alone(
        [middle, ends], options=options
    )


def test_archives_and_lossy_frames() -> None:
    file = io.BytesIO()
    with codec.SequenceWriter(file, keep="file") as writer:
        writer.append(golden_contents.ply())
        writer.append(golden_contents.ply())
    with codec.open(file.getvalue()) as found:
        assert [found.decode(k).file for k in range(2)] == [golden_contents.ply()] * 2
    lossy = sequence_of(CLOUDS[:2], drop_levels=1)
    assert references(lossy) == [0, 0]
    assert len(codec.decode(lossy, frame=1).cloud) > 0


# Damage


def broken_by(data: bytes) -> list[int]:
    """Frames that cannot be decoded; the others have to be right."""
    found = []
    for number, wanted in enumerate(digests_moving()):
        try:
            assert golden_contents.digest(codec.decode(data, frame=number)) == wanted
        except CorruptStreamError as error:
            found.append(number)
            assert error.byte is not None or error.field
    return found


def starts_of(data: bytes) -> list[int]:
    with open_source(data) as source:
        return frames.find_frames(source).starts.tolist()


@pytest.mark.slow
def test_damage_breaks_a_frame_and_those_that_need_it() -> None:
    starts, rng = starts_of(moving()), np.random.default_rng(8)
    for at in rng.permutation(np.arange(starts[0], starts[-1]))[:25].tolist():
        data = bytearray(moving())
        data[at] ^= 1 << rng.integers(8)
        own = sum(start <= at for start in starts[1:])
        wanted = [k for k in range(own, 5) if k // GROUP == own // GROUP]
        assert broken_by(bytes(data)) == wanted, at


@pytest.mark.parametrize("number", range(5))
def test_salvage_says_which_frames_lack_another_one(number: int) -> None:
    starts, data = starts_of(moving()), bytearray(moving())
    slices = [c for c in ovx_reader.frames_of(moving())[number] if c.kind == Kind.SLICE]
    data[slices[0].start + 40] ^= 8
    lacking = [k for k in range(number + 1, 5) if k // GROUP == number // GROUP]
    with codec.open(bytes(data), salvage=True) as found:
        assert len(found) == 5 and list(found.lost) == lacking and len(starts) == 6
        for k in range(5):
            if k == number:
                with pytest.raises(CorruptStreamError, match="no slice is whole"):
                    found.decode(k)
            elif k in lacking:
                with pytest.raises(CorruptStreamError, match=f"needs frame ({number}|{k - 1}), which"):
                    found.decode(k)
            else:
                decoded = found.decode(k)
                assert decoded.report.loss.nothing
                assert golden_contents.digest(decoded) == digests_moving()[k]
    if lacking:
        with pytest.raises(CorruptStreamError, match="which is lost"):
            codec.salvage(bytes(data), frame=lacking[0])


def test_salvage_where_a_header_or_a_mark_is_lost() -> None:
    for kind, lost, number in ((Kind.HEADER, (1, 2), 1), (Kind.FRAME, (), 1), (Kind.FRAME, (), 3)):
        data = bytearray(moving())
        (chunk,) = [c for c in ovx_reader.chunks_of(moving()) if (c.kind, c.frame) == (kind, number)]
        data[chunk.start + 1] ^= 64
        data[chunk.start + 4] ^= 64  # one wrong byte of a header would be put right
        with codec.open(bytes(data), salvage=True) as found:
            assert found.lost == lost
            for k in {0, 3, 4} if lost else range(5):
                assert golden_contents.digest(found.decode(k)) == digests_moving()[k]


def test_what_is_whole_of_a_frame_that_needs_another() -> None:
    """A slice is lost, the frame before is whole; or the motion is, without which nothing comes back."""
    with open_source(wide()) as source:
        own = frames.find_frames(source).chunks(source, 1)
    data = bytearray(wide())
    data[[c for c in own if c.kind == Kind.SLICE][1].first_byte + 9] ^= 4
    with codec.open(bytes(data), salvage=True) as found:
        assert found.lost == (2,)
        part = found.decode(1)
        assert part.report.loss.slices == (1,) and 0 < len(part.cloud) < len(WIDE_CLOUDS[1])
        whole = {
            tuple(p): tuple(c) for p, c in zip(WIDE_CLOUDS[1].coords.tolist(), WIDE_CLOUDS[1].colors.tolist())
        }
        for point, paint in zip(part.cloud.coords.tolist(), part.cloud.colors.tolist()):
            assert whole[tuple(point)] == tuple(paint)
    data = bytearray(wide())
    data[next(c for c in own if c.kind == Kind.MOTION).first_byte] ^= 4
    with codec.open(bytes(data), salvage=True) as found, pytest.raises(CorruptStreamError):
        found.decode(1)


@pytest.mark.parametrize("cut", [1, 7, 30, 200, 600])
def test_a_cut_sequence_gives_back_whole_frames(cut: int) -> None:
    data, starts = moving()[:-cut], starts_of(moving())
    whole = [k for k in range(5) if starts[k + 1] <= len(data)]
    with codec.open(data, salvage=True) as found:
        assert [golden_contents.digest(found.decode(k)) for k in whole] == digests_moving()[: len(whole)]


# Forgeries: checksums are right


def motion_of(data: bytes, number: int = 1) -> bytes:
    return next(c.payload for c in ovx_reader.frames_of(data)[number] if c.kind == Kind.MOTION)


def packed_motion(
    slices: bytes = b"\x01",
    blocks: int = 1,
    changes: int = 1,
    which: bytes = b"\x01",
    steps: tuple[int, ...] = (1, 0, 0),
    more: bytes = b"",
) -> bytes:
    columns = [np.frombuffer(which, np.uint8), *(np.array([step] * changes, np.int16) for step in steps)]
    packed = [pack_column(column) for column in columns]
    return slices + varint(blocks) + varint(changes) + b"".join(varint(len(p)) + p for p in packed) + more


def test_motion_as_no_encoder_writes_it() -> None:
    def decoded(payload: bytes | None) -> None:
        codec.decode(rewritten(moving(), 1, {Kind.MOTION: payload}), frame=1)

    for payload in (
        packed_motion(slices=b"\x00"),
        packed_motion(slices=b"\x03"),
        packed_motion(blocks=2),
        packed_motion(blocks=0, changes=0, which=b""),
        packed_motion(blocks=1 << 60),
        packed_motion(changes=0),
        packed_motion(changes=2),
        packed_motion(which=b"\x02"),
        packed_motion(which=b"\x03"),
        packed_motion(which=b"\x01\x00"),
        packed_motion(steps=(128, 0, 0)),
        packed_motion(steps=(0, 0, -128)),
        packed_motion(steps=(-32768, 0, 0)),
        packed_motion(more=b"\x00"),
        packed_motion()[:-1],
        b"",
        b"\x01",
        None,
    ):
        with pytest.raises(CorruptStreamError) as caught:
            decoded(payload)
        assert caught.value.frame == 1 and caught.value.field and caught.value.byte is not None


def test_a_vector_that_moves_everything_away_is_a_reference_at_rest() -> None:
    """It is one that an encoder could write; the slice is not the one that it was coded for."""
    with pytest.raises(CorruptStreamError):
        codec.decode(rewritten(moving(), 1, {Kind.MOTION: packed_motion(steps=(-100, 0, 0))}), frame=1)


def header_with(data: bytes, number: int, fields: dict[int, bytes | None]) -> bytes:
    """The payload of the header of a frame with other fields; None: without."""
    take, out = ovx_reader.Take(ovx_reader.frames_of(data)[number][0].payload), b""
    while take.left:
        key = take.byte()
        value: bytes | None = take.raw(take.varint())
        value = fields.get(key, value)
        if value is not None:
            out += bytes([key]) + varint(len(value)) + value
    return out


@pytest.mark.parametrize(
    ("field", "match"),
    [
        (b"\x01\x00", "MOTION|motion|payload|slice|ends"),
        (b"\x02\x00", "before the first"),
        (b"\x00\x00", "reference"),
        (b"\x80\x02\x00", "reference"),
        (b"\x01", "reference"),
        (b"\x01\x07" + bytes(7), "weights id"),
        (b"\x01\x00\x00", "reference"),
    ],
)
def test_references_as_no_encoder_writes_them(field: bytes, match: str) -> None:
    data = rewritten(moving(), 1, {Kind.HEADER: header_with(moving(), 1, {15: field})})
    with pytest.raises(CorruptStreamError, match=match):
        codec.decode(data, frame=1)


def test_other_weights_and_codecs() -> None:
    payload = header_with(moving(), 1, {15: b"\x01\x08" + b"12345678"})
    with pytest.raises(WeightsError, match="3132333435363738"):
        codec.decode(rewritten(moving(), 1, {Kind.HEADER: payload}), frame=1)
    geometry = ovx_reader.header_of(ovx_reader.alone(ovx_reader.frames_of(moving())[1])).fields[3]
    octree = bytes([1, geometry[1], 0]) + geometry[11:]
    turned = geometry[:11] + bytes([2, geometry[12], 3, 10, 50, 1, 25, 255])
    for other in (octree, turned):
        payload = header_with(moving(), 1, {3: other})
        with pytest.raises(CorruptStreamError):
            codec.decode(rewritten(moving(), 1, {Kind.HEADER: payload}), frame=1)


def test_a_frame_behind_another_one_than_its_own() -> None:
    """The frame before has another grid, no such property, no voxels, or is none that could be one."""
    own = ovx_reader.frames_of(moving())[1]
    base = CLOUDS[0]
    wrong = [
        codec.encode(PointCloud(base.coords * 2, base.colors)).data,
        codec.encode(PointCloud(base.coords / 10, base.colors)).data,
        codec.encode(PointCloud(base.coords + 1000, base.colors)).data,
        codec.encode(PointCloud(base.coords, base.colors.astype(np.uint16))).data,
        codec.encode(PointCloud(base.coords)).data,
        codec.encode(PointCloud(np.zeros((0, 3), np.int32))).data,
        codec.encode(base, drop_levels=1).data,
        codec.encode(base, color_error=2).data,
        codec.encode(b"1 2 3\n# no rows\n", keep="file").data,
        codec.encode(CLOUDS[4]).data,
    ]
    for first in wrong:
        data = rewritten(first, 1, {}, own)
        assert len(codec.open(data)) == 2
        with pytest.raises(CorruptStreamError):
            codec.decode(data, frame=1)


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(st.sampled_from((Kind.MOTION, Kind.SLICE, Kind.ATTRIBUTE)), st.integers(0, 1 << 30), st.booleans())
def test_forged_payloads_are_refused_or_have_as_many_voxels(kind: Kind, seed: int, cut: bool) -> None:
    rng = np.random.default_rng(seed)
    payload = bytearray(next(c.payload for c in ovx_reader.frames_of(moving())[2] if c.kind == kind))
    at = int(rng.integers(len(payload)))
    payload[at] ^= 1 << rng.integers(8)
    data = rewritten(moving(), 2, {kind: bytes(payload[: at + 1] if cut else payload)})
    try:
        found = codec.decode(data, frame=2)
    except CorruptStreamError:
        return
    assert len(found.voxels.coords) == len(CLOUDS[2])


def test_forged_numbers_take_no_memory() -> None:
    """Columns that say they unpack to much more than their blocks need."""
    import zstandard

    inflating = zstandard.ZstdCompressor(level=1).compressobj()
    bomb = b"\x03" + b"".join(inflating.compress(bytes(1 << 24)) for _ in range(128)) + inflating.flush()
    payload = b"\x01" + varint(1) + varint(1) + b"".join(varint(len(bomb)) + bomb for _ in range(4))
    vectors = b"".join(varint(len(bomb)) + bomb for _ in range(3))
    for forged in ({Kind.MOTION: payload}, {Kind.ATTRIBUTE: vectors}):
        data = rewritten(moving(), 1, forged)
        codec.decode(moving(), frame=1)
        tracemalloc.start()
        with pytest.raises(CorruptStreamError):
            codec.decode(data, frame=1)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert most < 1 << 29


# Appending


def test_appending_begins_a_group_and_changes_no_frame(tmp_path: Path) -> None:
    path = tmp_path / "s.ovx"
    path.write_bytes(moving())
    with codec.SequenceWriter(path, append=True, group=GROUP) as writer:
        for number in (5, 6):
            writer.append(sheet(number, 20))
        writer.append_stream(codec.encode(sheet(7, 20)).data)
        writer.append(sheet(8, 20))
        writer.append(sheet(9, 20))
    data = path.read_bytes()
    assert references(data) == [0, 1, 1, 0, 1, 0, 1, 0, 0, 1]
    assert data[: starts_of(moving())[-1]] == moving()[: starts_of(moving())[-1]]
    assert digests(data) == digests_alone([sheet(k, 20) for k in range(10)])


@pytest.mark.slow
def test_a_writer_that_was_killed_in_a_frame(tmp_path: Path) -> None:
    """Cut anywhere in the last frame, the sequence goes on after the frame before."""
    starts, path = starts_of(moving()), tmp_path / "s.ovx"
    for cut in [*range(starts[4] + 1, starts[5], 97), starts[5], starts[5] + 3]:
        path.write_bytes(moving()[:cut])
        kept = 5 if cut >= starts[5] else 4
        with pytest.warns(LossWarning):
            writer = codec.SequenceWriter(path, append=True, group=GROUP)
        with writer:
            assert len(writer) == kept
            writer.append(CLOUDS[4])
            writer.append(CLOUDS[4])
        data = path.read_bytes()
        assert digests(data) == [*digests_moving()[:kept], digests_moving()[4], digests_moving()[4]]
        assert references(data)[kept:] == [0, 1]


def test_motion_of_blocks() -> None:
    """In the units of the file; of frames whose geometry uses the frame before."""
    clouds_ = [PointCloud(sheet(k, 40, step=6, at=10).coords * 0.5, sheet(k, 40).colors) for k in range(3)]
    data = sequence_of(clouds_, 2)
    with codec.open(data) as found:
        assert found.motion(0) is None and found.motion(2) is None
        corners, moves = found.motion(1)
        assert found.motion(-2)[1].tolist() == moves.tolist()
        found.decode(2)
        assert found.motion(1)[0].tolist() == corners.tolist()
    assert corners.shape == moves.shape and corners.dtype == moves.dtype == np.float64
    assert ((corners - corners[0]) % 16 == 0).all()  # blocks of 32 voxels of 0.5
    assert (moves == [3.0, 0.0, 0.0]).all(1).mean() > 0.7
    with codec.open(data, salvage=True) as found:
        assert found.motion(1) is None
