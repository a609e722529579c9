"""The public interface: from cloud to bytes and back, reports, certificates, errors that have a place."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import threading

import forge
import numpy as np
import pytest
import raw_codec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from sample_clouds import ROOT, SAMPLE_POINTS, make_sphere

from octavox import codec
from octavox.codec import CancelToken, CodecOptions, PointCloud, Transform, VoxelCloud
from octavox.codec.codecs.interface import SECTION_SLICE, Section
from octavox.codec.coding.bytes import varint
from octavox.codec.errors import (
    CancelledError,
    CorruptStreamError,
    InputError,
    UnsupportedStreamError,
    WeightsError,
)
from octavox.codec.stream.header import Header

RAW = CodecOptions(codec=raw_codec.NAME)
pytestmark = pytest.mark.filterwarnings("ignore::octavox.codec.DroppedWarning")  # the sample has colours


@pytest.fixture(autouse=True)
def _known_codec(raw):
    """The registry knows the raw codec in every test here."""


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"threads": 0}, "threads"),
        ({"threads": -1}, "threads"),
        ({"slices": 1.5}, "slices"),
        ({"slices": 0}, "slices"),
        ({"batch_sites": 0}, "batch sites"),
        ({"device": "tpu"}, "device"),
    ],
)
@pytest.mark.parametrize("name", ["octree", "multiscale", "voxeldnn"])
def test_options_that_no_codec_can_use(name: str, change: dict, field: str) -> None:
    options = codec.CodecOptions(codec=name, **change)
    with pytest.raises(InputError) as error:
        codec.encode(make_sphere(4, 5.0), options=options)
    assert error.value.field == field
    with pytest.raises(InputError):
        codec.decode(b"", options=options)


def test_importing_codec_is_light():
    heavy = ("torch", "numba", "open3d", "scipy", "pyvista", "vtk", "PySide6", "plyfile", "tqdm")
    program = (
        "import sys; from octavox import codec; from octavox.codec import api, cli; "
        "codec.encode; codec.Header; "
        f"print([m for m in {heavy!r} if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True, timeout=120
    )
    assert done.stdout.strip() == "[]"


def test_every_public_name_resolves():
    for name in codec.__all__:
        assert getattr(codec, name) is not None
        assert name in dir(codec)
    assert not hasattr(codec, "no_such_name")
    assert callable(codec.voxelize)  # and not a module of that name


def test_round_trip_from_a_file(tmp_path, sample_path):
    steps = []
    result = codec.encode(sample_path, options=RAW, progress=steps.append)
    codec.save_stream(tmp_path / "spot.ovx", result.data)
    decoded = codec.decode(tmp_path / "spot.ovx", progress=steps.append)
    assert len(decoded.cloud) == SAMPLE_POINTS
    assert np.array_equal(decoded.voxels.coords, result.voxels.coords)
    assert np.array_equal(decoded.cloud.colors, result.voxels.colors)
    assert decoded.header.input_points == SAMPLE_POINTS
    assert {s.stage for s in steps} >= {"read", "encode", "decode"}
    codec.write_cloud(tmp_path / "back.ply", decoded.cloud)
    back, original = codec.read_cloud(tmp_path / "back.ply"), codec.read_cloud(sample_path)
    assert back.coordinate_type == original.coordinate_type
    assert np.array_equal(np.unique(back.positions, axis=0), np.unique(original.positions, axis=0))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    npst.arrays(
        np.float64,
        st.tuples(st.integers(0, 40), st.just(3)),
        elements=st.floats(-1e6, 1e6, allow_subnormal=False),
    ),
    st.integers(1, 21),
    st.sampled_from(["float", "double", "int"]),
)
def test_any_cloud_round_trips(positions, depth, kind):
    types = {"float": np.float32, "double": np.float64, "int": np.int32}
    cloud = PointCloud(positions.astype(types[kind]))
    try:
        result = codec.encode(cloud, options=RAW, depth=depth)
    except InputError:  # a depth that float64 cannot resolve
        return
    decoded = codec.decode(result.data)
    assert np.array_equal(decoded.voxels.coords, result.voxels.coords)
    assert decoded.voxels.transform == result.voxels.transform
    assert decoded.voxels.depth == result.voxels.depth
    assert decoded.header.level == "voxels" or decoded.cloud.coords.dtype == cloud.coords.dtype
    certificate = codec.verify(cloud, result.data)
    assert certificate.kept
    if certificate.identical:
        assert result.report.voxelization.moved_max == certificate.merged == 0
    if result.report.level == "records":
        assert certificate.identical


@pytest.mark.parametrize("cloud", [VoxelCloud(np.empty((0, 3), np.int32), 1), make_sphere(4, 5.0)])
def test_voxel_clouds_are_coded_as_they_are(cloud):
    cloud.transform, cloud.coordinate_type = Transform((1.0, 2.0, 3.0), 0.5), "double"
    result = codec.encode(cloud, options=RAW)
    assert result.report.voxelization is None
    decoded = codec.decode(result.data).voxels
    assert np.array_equal(decoded.coords, cloud.coords)
    assert (decoded.transform, decoded.depth) == (cloud.transform, cloud.depth)
    assert codec.verify(cloud, result.data).identical


@pytest.mark.parametrize(
    ("cloud", "field"),
    [
        (VoxelCloud(np.array([[1, 0, 0], [0, 0, 0]], np.int32), 1), "coords"),
        (VoxelCloud(np.array([[1, 0, 0], [1, 0, 0]], np.int32), 1), "coords"),
        (VoxelCloud(np.array([[2, 0, 0]], np.int32), 1), "coords"),
        (VoxelCloud(np.array([[-1, 0, 0]], np.int32), 1), "coords"),
        (VoxelCloud(np.zeros((1, 3), np.int32), 22), "coords"),
        (VoxelCloud(np.zeros((1, 3), np.int32), 1, Transform(scale=0.0)), "transform"),
        (VoxelCloud(np.zeros((1, 3), np.int32), 1, Transform((np.nan, 0, 0))), "transform"),
        (VoxelCloud(np.zeros((1, 3), np.int32), 9, Transform((0, 0, 0), 1e307)), "transform"),
        (VoxelCloud(np.array([[0.2, 0.7, 1.9], [3, 3, 3.9]]), 2), "coords"),  # type: ignore[arg-type]
        (VoxelCloud(np.zeros((1, 3), np.int32), 0), "depth"),
        (VoxelCloud(np.zeros((1, 3), np.int32), 1, coordinate_type="int64"), "coordinate type"),
    ],
)
def test_unusable_clouds(cloud, field):
    with pytest.raises(InputError) as caught:
        codec.encode(cloud, options=RAW)
    assert caught.value.field == field


def test_a_depth_for_voxels_is_refused(small_cloud):
    with pytest.raises(InputError, match="voxelized already"):
        codec.encode(small_cloud, options=RAW, depth=3)


def test_unknown_codec(small_cloud):
    with pytest.raises(InputError, match="unknown codec 'zip'"):
        codec.encode(small_cloud, options=CodecOptions(codec="zip"))


def test_missing_weights(small_cloud, tmp_path):
    with pytest.raises(WeightsError, match="--codec octree"):
        codec.encode(small_cloud, options=CodecOptions(weights=str(tmp_path / "absent.safetensors")))


# Reports


def test_every_bit_has_an_owner(sample_path):
    result = codec.encode(sample_path, options=RAW, drop="*")
    for report in (result.report, codec.decode(result.data).report):
        assert report.bits.total == 8 * len(result.data)
        assert report.bits.owned == pytest.approx(report.bits.total, abs=1e-6)
        assert set(report.bits.side) == {"tree", "table of slices", "header", "chunks"}
        assert sum(row.bits for row in report.by_size) == report.bits.occupancy
        assert report.bpov == 8 * len(result.data) / SAMPLE_POINTS


def test_reports_are_json(sample_path):
    result = codec.encode(sample_path, options=RAW, drop="*")
    report = json.loads(result.report.to_json())
    assert report["codec"] == "raw"
    assert report["points"] == report["input_points"] == SAMPLE_POINTS
    assert report["voxelization"]["dropped"] == report["dropped"] == ["red", "green", "blue"]
    assert codec.encode(result.voxels, options=RAW).report.dropped == ()
    assert report["options"]["max_level"] == 4
    assert report["bits"]["owned"] == pytest.approx(report["bytes"] * 8)
    assert report["by_size"][0]["share_of_points"] == 1.0
    assert report["versions"]["octavox"] == codec.__version__
    assert {"read", "voxelize", "encode"} <= set(report["seconds"])
    assert json.loads(codec.decode(result.data).report.to_json())["depth"] == 8
    assert json.loads(codec.info(result.data, blocks=True).to_json())["bits"]["total"] == 8 * len(result.data)
    assert json.loads(codec.verify(sample_path, result.data).to_json())["kept"] is True


def test_input_points_survive():
    cloud = PointCloud(np.array([[0.0, 0, 0], [0, 0, 0], [3, 0, 0]]))
    result = codec.encode(cloud, options=RAW)
    assert (result.report.points, result.report.input_points) == (2, 3)
    assert codec.decode(result.data).header.input_points == 3


def test_info(tmp_path, sample_path):
    path = tmp_path / "spot.ovx"
    result = codec.encode(sample_path, options=RAW, drop="red, green, blue")
    codec.save_stream(path, result.data)
    stream = codec.info(path)
    assert (stream.codec, stream.depth, stream.points, stream.version) == ("raw", 8, SAMPLE_POINTS, "2")
    assert stream.by_size is None
    assert stream.sound
    assert [s.name for s in stream.sections] == ["table", "tree", *(f"slice {k}" for k in range(30))]
    assert sum(s.points for s in stream.sections) == SAMPLE_POINTS
    end = stream.header_bytes
    for section in stream.sections:
        assert section.first_byte > end
        end = section.first_byte + section.bytes
    assert end < stream.file_size == len(result.data)
    assert codec.info(path, blocks=True).by_size == result.report.by_size


def test_info_shows_a_damaged_section(small_cloud):
    data = bytearray(codec.encode(small_cloud, options=RAW).data)
    data[forge.parse(bytes(data)).entries[-1].first_byte] ^= 1
    stream = codec.info(bytes(data))
    assert not stream.sound
    assert [s.crc for s in stream.sections] == ["ok", "mismatch"]
    data[-1] ^= 1  # the end: the stream may be cut
    with pytest.raises(CorruptStreamError, match="end checksum"):
        codec.info(bytes(data))


# Certificates


def digest(coords: np.ndarray) -> str:
    return hashlib.sha256(coords.astype("<i4").tobytes()).hexdigest()


def test_certificate(tmp_path, sample_path):
    assert codec.verify(sample_path, codec.encode(sample_path, options=RAW).data).identical
    result = codec.encode(sample_path, options=RAW, drop="*")
    certificate = codec.verify(sample_path, result.data)
    assert certificate.kept
    assert not certificate.identical  # without its colours
    assert certificate.dropped == ("red", "green", "blue")
    assert (certificate.missing, certificate.extra, certificate.moved_max) == (0, 0, 0)
    assert certificate.points_original == certificate.points_decoded == SAMPLE_POINTS
    assert certificate.sha256_original == certificate.sha256_decoded == digest(result.voxels.coords)
    assert certificate.sha256_stream == hashlib.sha256(result.data).hexdigest()
    assert certificate.source == str(sample_path)


def test_certificate_of_a_difference():
    sphere = make_sphere(5, 9.0)
    data = codec.encode(sphere, options=RAW).data
    changed = np.concatenate([sphere.coords[3:], [[0, 0, 0]]])
    certificate = codec.verify(PointCloud(changed.astype(float)), data)
    assert not certificate.identical
    assert (certificate.missing, certificate.extra) == (1, 3)
    assert certificate.sha256_original != certificate.sha256_decoded


@pytest.mark.parametrize("stray", [[32.0, 0, 0], [-1.0, 0, 0], [1e300, 0, 0]])
def test_certificate_counts_points_outside_the_grid(stray):
    sphere = make_sphere(5, 9.0)
    data = codec.encode(sphere, options=RAW).data
    certificate = codec.verify(PointCloud(np.concatenate([sphere.coords, [stray, stray]])), data)
    assert not certificate.identical
    assert (certificate.missing, certificate.extra) == (1, 0)
    assert certificate.points_original == len(sphere) + 2
    assert certificate.notes
    assert certificate.sha256_original == ""


def test_certificate_of_floats_says_how_far_they_moved():
    cloud = PointCloud(np.random.default_rng(2).random((100, 3)))
    result = codec.encode(cloud, options=RAW, depth=6)
    certificate = codec.verify(cloud, result.data)
    assert certificate.kept
    assert not certificate.identical
    assert certificate.moved_max == result.report.voxelization.moved_max > 0
    assert certificate.voxel_size == result.report.voxelization.voxel_size


# Faults


def stream_of(cloud: VoxelCloud, sections: list[Section], points: int, params: bytes = b"raw") -> bytes:
    return forge.pack(Header(raw_codec.ID, cloud.depth, points, points, params=params), sections)


def test_offsets_of_codec_errors_count_from_the_start_of_the_file(small_cloud):
    coords = small_cloud.coords.astype("<i4").tobytes()
    good, bad = Section(SECTION_SLICE, coords[:120], 10), Section(SECTION_SLICE, coords[120:239], 10)
    data = stream_of(small_cloud, [good, bad], 20)
    with pytest.raises(CorruptStreamError) as caught:
        codec.decode(data)
    assert (caught.value.field, caught.value.byte) == (
        "slice 1",
        forge.parse(data).entries[-1].first_byte + 119,
    )
    data = stream_of(small_cloud, [good], 10, params=b"!raw")
    with pytest.raises(CorruptStreamError) as caught:
        codec.decode(data)
    assert (caught.value.field, data[caught.value.byte :][:3]) == ("params", b"raw")


@pytest.mark.parametrize(
    "change", [lambda c: c[::-1], lambda c: np.repeat(c[:1], len(c), 0), lambda c: c + 32]
)
def test_voxels_that_are_no_ordered_set_are_refused(small_cloud, change):
    coords = change(small_cloud.coords)
    section = Section(SECTION_SLICE, coords.astype("<i4").tobytes(), len(coords))
    with pytest.raises(CorruptStreamError, match="not a set in Morton order"):
        codec.decode(stream_of(small_cloud, [section], len(coords)))


def test_errors_name_the_file(tmp_path):
    path = tmp_path / "bad.ovx"
    path.write_bytes(b"\x89OVX\r\n\x1a\n\x03\x00\x00\x00\x00\x00\x00\x00\x00\x00")
    for call in (codec.decode, codec.info, lambda p: codec.verify(make_sphere(3, 2.0), p)):
        with pytest.raises(UnsupportedStreamError) as caught:
            call(path)
        assert str(caught.value).startswith(f"{path}: ")
    with pytest.raises(InputError, match="No such file"):
        codec.decode(tmp_path / "absent.ovx")


def test_every_flipped_bit_and_every_truncation_of_a_file():
    data = codec.encode(make_sphere(3, 2.0), options=RAW).data
    for byte in range(len(data)):
        for bit in range(8):
            damaged = bytearray(data)
            damaged[byte] ^= 1 << bit
            with pytest.raises(CorruptStreamError):
                codec.decode(bytes(damaged))
        with pytest.raises(CorruptStreamError):
            codec.decode(data[:byte])
    with pytest.raises(CorruptStreamError):
        codec.decode(data + b"\0")


def test_a_damaged_slice_is_named(small_cloud):
    data = bytearray(codec.encode(small_cloud, options=RAW).data)
    entry = forge.parse(bytes(data)).entries[-1]
    data[entry.first_byte + 5] ^= 1
    with pytest.raises(CorruptStreamError) as caught:
        codec.decode(bytes(data))
    assert (
        str(caught.value)
        == f"slice 0 checksum mismatch (field 'slice 0', byte {entry.first_byte - len(varint(entry.points))})"
    )


# Cancelling


@pytest.mark.parametrize("stage", ["read", "encode", "decode"])
def test_cancelling_at_any_stage(sample_path, stage):
    cancel = CancelToken()
    data = codec.encode(sample_path, options=RAW).data

    def progress(step):
        if step.stage == stage:
            cancel.cancel()

    call = codec.decode if stage == "decode" else codec.encode
    with pytest.raises(CancelledError):
        call(data if stage == "decode" else sample_path, options=RAW, progress=progress, cancel=cancel)


def test_the_interface_works_in_a_thread(small_cloud):
    results = []
    thread = threading.Thread(target=lambda: results.append(codec.encode(small_cloud, options=RAW)))
    thread.start()
    thread.join()
    assert len(codec.decode(results[0].data).cloud) == len(small_cloud)
