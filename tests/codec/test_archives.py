"""Archives: a file comes back byte for byte, whatever it holds."""

from __future__ import annotations

import gzip
import io
import lzma
import struct
import subprocess
import sys
from pathlib import Path

import laspy
import lazrs
import numpy as np
import ovx_columns
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sample_clouds import ROOT, SAMPLE

from octavox import codec
from octavox.codec import CodecOptions, CorruptStreamError, PointCloud
from octavox.codec.archive import ENDINGS
from octavox.codec.files.source import open_source
from octavox.codec.formats import cloud_suffixes
from octavox.codec.formats.framing import framed_source
from octavox.codec.formats.las import frame
from octavox.codec.formats.las_layout import LASZIP, read_header
from octavox.codec.formats.laz import Decompressor
from octavox.codec.job import JobContext

OCTREE = CodecOptions(codec="octree")
RNG = np.random.default_rng(5)
XYZ = RNG.uniform(-50, 50, (700, 3))
COLORS = RNG.integers(0, 256, (700, 3))


def archived(path: Path) -> tuple[bytes, bytes | None]:
    """The stream of a file, and the file that it gives back."""
    data = codec.encode(path, options=OCTREE, keep="file").data
    return data, codec.decode(data).file


def ply(form: str, body: bytes, more: str = "", rows: int = len(XYZ)) -> bytes:
    """A PLY file with floats x y z and bytes red green blue."""
    properties = "".join(f"property float {a}\n" for a in "xyz")
    properties += "".join(f"property uchar {c}\n" for c in ("red", "green", "blue"))
    head = f"ply\nformat {form} 1.0\ncomment  two  blanks \nelement vertex {rows}\n{properties}{more}"
    return head.encode() + b"end_header\n" + body


def binary_rows(order: str) -> bytes:
    rows = np.empty(len(XYZ), [("p", f"{order}f4", (3,)), ("c", "u1", (3,))])
    rows["p"], rows["c"] = XYZ, COLORS
    return rows.tobytes()


def text_lines(form: str, columns: list[np.ndarray]) -> str:
    return "".join(form % tuple(row) for row in zip(*columns))


P = [*XYZ.T]
PC = [*XYZ.T, *COLORS.T]
FACES = "element face 2\nproperty list uchar int vertex_indices\n"
FILES = {
    "little.ply": ply("binary_little_endian", binary_rows("<")),
    "big.ply": ply("binary_big_endian", binary_rows(">")),
    "faces.ply": ply("binary_little_endian", binary_rows("<") + 2 * struct.pack("<B3i", 3, 0, 1, 2), FACES),
    "ascii.ply": ply(
        "ascii", text_lines("%.4f %g %.6f %d %d %d\n", PC).encode() + b"3 0 1 2\n3 0 1 3\n", FACES
    ),
    "crlf.ply": ply("ascii", text_lines("%.3f %.3f %.3f %d %d %d\r\n", PC).encode())
    .replace(b"\n", b"\r\n")
    .replace(b"\r\r\n", b"\r\n"),
    "trailing.ply": ply("binary_little_endian", binary_rows("<") + b"after the end"),
    "a.xyz": text_lines("%.3f %.3f %.3f\n", P).encode(),
    "blank at the end of lines.xyz": text_lines("  %.3f   %.3f %.3f \n", P).encode(),
    "no line end.xyz": text_lines("%.3f %.3f %.3f\n", P).encode().rstrip(),
    "exponents.txt": text_lines("%.5e\t%.5e\t%.5e\n", P).encode(),
    "shortest.csv": b"x,y,z\n" + text_lines("%r,%r,%r\n", [c.tolist() for c in P]).encode(),
    "mark.csv": b"\xef\xbb\xbf"
    + "x;y;z;größe\r\n".encode()
    + text_lines("%.2f;%.2f;%.2f;%d\r\n", PC[:4]).encode(),
    "count.pts": b"700\n"
    + text_lines("%.4f %.4f %.4f %d %d %d %d\n", [*P, COLORS[:, 0], *COLORS.T]).encode(),
    "mixed.txt": "".join(
        f"{x:.3f} {y:.3f} {z:.2f}\n" if k % 60 else f"{x:.5f} {y} {z}\n" for k, (x, y, z) in enumerate(XYZ)
    ).encode(),
    "comments between.xyz": text_lines("%.3f %.3f %.3f\n# a\n", P).encode(),
    "a.npz": b"",
    "copy.ply.gz": gzip.compress(ply("binary_little_endian", binary_rows("<"))),
    "empty.ply": ply("binary_little_endian", b"", rows=0),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("files")
    for name, data in FILES.items():
        (path / name).write_bytes(data)
    np.savez(path / "a.npz", points=XYZ, intensity=COLORS[:, 0])
    cloud = PointCloud(XYZ.astype(np.float32), COLORS.astype(np.uint8))
    codec.write_cloud(path / "binary.pcd", cloud)
    codec.write_cloud(path / "ascii.pcd", cloud, options=codec.WriteOptions(ascii=True))
    codec.write_cloud(path / "packed.pcd", cloud, options=codec.WriteOptions(compressed=True))
    codec.write_cloud(path / "a.las", PointCloud(np.round(XYZ, 3), COLORS.astype(np.uint8)))
    np.save(path / "table.npy", np.column_stack([XYZ, COLORS]).astype(np.float32))
    np.save(path / "turned.npy", np.asfortranarray(XYZ))
    scan = PointCloud(np.round(XYZ, 2).astype(np.float32), attributes={"intensity": COLORS[:, 0] / 256})
    codec.write_cloud(path / "a.npy", scan)
    codec.write_cloud(path / "a.bin", scan)
    codec.write_cloud(path / "a.laz", PointCloud(np.round(XYZ, 3), COLORS.astype(np.uint8)))
    return path


MORE = (
    "binary.pcd",
    "ascii.pcd",
    "packed.pcd",
    "a.las",
    "a.laz",
    "table.npy",
    "a.npy",
    "turned.npy",
    "a.bin",
)
ROWS = {
    "ascii.ply",
    "crlf.ply",
    "a.xyz",
    "mark.csv",
    "count.pts",
    "mixed.txt",
    "ascii.pcd",
    "a.las",
    "a.npy",
    "a.bin",
}  # coded by points


@pytest.mark.filterwarnings("ignore:.*no points")
@pytest.mark.parametrize("name", [*FILES, *MORE])
def test_the_file_comes_back_to_the_byte(folder: Path, name: str) -> None:
    path = folder / name
    raw = path.read_bytes()
    data, back = archived(path)
    assert back == raw
    decoded = codec.decode(data)
    original = codec.read_cloud(path)
    assert np.array_equal(decoded.cloud.coords, original.coords)  # in the order of the file
    assert list(decoded.cloud.attributes) == list(original.attributes)
    assert decoded.report.archive is not None
    if name in ROWS:
        assert decoded.report.archive.stored in ("voxels", "rows")
    certificate = codec.verify(path, data)
    assert certificate.level == "file" and certificate.kept and certificate.identical


@pytest.mark.parametrize(
    "name",
    ["little.ply", "ascii.ply", "crlf.ply", "a.xyz", "mixed.txt", "mark.csv", "exponents.txt", "a.npz"],
)
def test_a_reader_made_from_the_document_finds_the_same_file(folder: Path, name: str) -> None:
    data, _ = archived(folder / name)
    voxels = codec.decode(data).voxels.coords.tolist()
    assert ovx_columns.file_of(data, voxels) == (folder / name).read_bytes()


def is_no_larger_than_xz(raw: bytes, data: bytes) -> bool:
    return len(data) <= len(lzma.compress(raw, preset=9 | lzma.PRESET_EXTREME))


@pytest.mark.parametrize("name", [*FILES, *MORE])
@pytest.mark.filterwarnings("ignore:.*no points")
def test_no_file_is_larger_than_as_xz(folder: Path, name: str) -> None:
    assert is_no_larger_than_xz((folder / name).read_bytes(), archived(folder / name)[0])


NOISE = RNG.integers(0, 256, 700 * 24).astype(np.uint8)
CLOUDS = {
    "one point": PointCloud(np.array([[1.5, -2.25, 1e-3]])),
    "equal points": PointCloud(np.full((700, 3), 0.1), np.full((700, 3), 9, np.uint8)),
    "random bits": PointCloud(
        np.nan_to_num(NOISE[: 700 * 12].view("<f4"), posinf=1, neginf=-1).reshape(-1, 3),
        attributes={"a": NOISE[: 700 * 8].view("<u8")},
    ),
    "random doubles": PointCloud(XYZ, attributes={"t": RNG.normal(size=700), "n": RNG.normal(size=(700, 3))}),
    "a line": PointCloud(np.arange(2100).reshape(-1, 3).astype(np.float32)),
    "a block that is repeated": PointCloud(np.tile(XYZ[:70], (10, 1)).astype(np.float32)),
}
FORMS: dict[str, dict[str, bool]] = {
    "a.ply": {},
    "text.ply": {"ascii": True},
    "a.pcd": {},
    "text.pcd": {"ascii": True},
    "packed.pcd": {"compressed": True},
}
FORMS |= {f"a.{suffix}": {} for suffix in ("las", "laz", "npy", "npz", "bin", "obj", "off", "e57")}
FORMS |= {f"a.{suffix}": {} for suffix in ("xyz", "xyzrgb", "pts", "csv", "txt", "asc", "csv.gz")}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("cloud", CLOUDS)
def test_no_odd_file_is_larger_than_as_xz(tmp_path: Path, cloud: str, form: str) -> None:
    path = tmp_path / form
    options = codec.WriteOptions(**FORMS[form])
    try:
        codec.write_cloud(path, CLOUDS[cloud], options=options)
    except codec.InputError:
        return  # what the format cannot hold
    data, back = archived(path)
    assert back == path.read_bytes()
    assert is_no_larger_than_xz(path.read_bytes(), data)


@pytest.mark.slow
@pytest.mark.parametrize("rows", ["equal", "a random block again and again", "random", "a line"])
def test_no_large_file_is_larger_than_as_xz(tmp_path: Path, rows: str) -> None:
    """Large enough that not every way is tried."""
    count = 200_000
    block = RNG.integers(0, 256, (count // 8, 15)).astype(np.uint8)
    block[:, 3] = block[:, 7] = block[:, 11] = 64  # floats of ordinary size
    line = np.zeros(count, [("p", "<f4", (3,)), ("c", "u1", (3,))])
    line["p"] = np.arange(count)[:, None] * np.float32([0.25, 1.5, 1e-3])
    body = {
        "equal": np.tile(block[:1], (count, 1)).tobytes(),
        "a random block again and again": np.tile(block, (8, 1)).tobytes(),
        "random": RNG.permuted(np.tile(block, (8, 1)), axis=0).tobytes(),
        "a line": line.tobytes(),
    }[rows]
    path = tmp_path / "a.ply"
    path.write_bytes(ply("binary_little_endian", body, rows=count))
    data, back = archived(path)
    assert back == path.read_bytes()
    assert is_no_larger_than_xz(path.read_bytes(), data)


@pytest.mark.parametrize("size", [0, 1, 3, 20, 127, 128, 5000, 70_000, 300_000])
@pytest.mark.parametrize("kind", ["random", "equal", "both"])
def test_a_file_as_it_is_is_no_larger_than_as_xz(size: int, kind: str) -> None:
    """Whatever the bytes: the settings of xz are among those that are tried."""
    raw = {
        "random": RNG.bytes(size),
        "equal": b"a" * size,
        "both": RNG.bytes(size // 2) + b"a" * (size - size // 2),
    }[kind]
    raw = b"1 2 3\n#" + raw.translate(bytes(k if k not in b"\0\r\n" else 255 for k in range(256))) + b"\n"
    data = codec.encode(raw, options=OCTREE, keep="file").data
    assert codec.decode(data).file == raw
    assert is_no_larger_than_xz(raw, data)


def test_rows_that_are_sorted_cost_a_byte(tmp_path: Path) -> None:
    cells = np.unique(RNG.integers(0, 200, (4000, 3)), axis=0)
    for axes in ((0, 1, 2), (2, 1, 0), (1, 2, 0)):
        order = np.lexsort([cells[:, k] for k in axes[::-1]])[:: -1 if axes[0] else 1]
        path = tmp_path / "a.ply"
        codec.write_cloud(path, PointCloud(cells[order].astype(np.float32)))
        data, back = archived(path)
        assert back == path.read_bytes()
        assert codec.decode(data).report.bits.side["order"] == 8


def laz_file(point_format: int, rows: int, variable: bool, extra: int = 0) -> bytes:
    """A LAZ file of another writer; of variable chunks, they have 1 to some hundred points each."""
    head = laspy.LasHeader(point_format=point_format, version="1.4")
    head.scales = [0.01] * 3
    for k in range(extra):
        head.add_extra_dim(laspy.ExtraBytesParams(f"extra_{k}", "u2"))
    las = laspy.LasData(head)
    step = RNG.integers(-40, 40, (rows, 3)).cumsum(axis=0)
    las.X, las.Y, las.Z = step.T
    las.intensity = RNG.integers(0, 300, rows)
    las.return_number = np.ones(rows, np.uint8)
    for k in range(extra):
        las[f"extra_{k}"] = np.arange(rows) // 7 % 300
    made = io.BytesIO()
    las.write(made, do_compress=True, laz_backend=laspy.LazBackend.Lazrs)
    raw = made.getvalue()
    return with_chunks(raw) if variable else raw


def with_chunks(raw: bytes) -> bytes:
    """The file with chunks of many sizes, as COPC has them."""
    source = open_source(raw)
    header = read_header(source)
    with Decompressor(header, source) as packed:
        (rows,) = packed.pieces(JobContext(), header.points, header.points)
    old = header.record(*LASZIP)
    assert old is not None
    record = lazrs.LazVlr.new_for_compression(
        header.point_format, header.record_length - {0: 20, 3: 34, 6: 30, 7: 36}[header.point_format], True
    )
    head = raw[: header.body].replace(old.body, bytes(record.record_data()))
    target = io.BytesIO(head)
    target.seek(header.body)
    packer = lazrs.LasZipCompressor(target, record)
    bounds = np.unique([0, 1, *RNG.integers(2, header.points, 5), header.points])
    for start, stop in zip(bounds[:-1], bounds[1:]):
        packer.compress_many(rows[start:stop].tobytes())
        packer.finish_current_chunk()
    packer.done()
    return target.getvalue()


@pytest.mark.parametrize("variable", [False, True])
@pytest.mark.parametrize("point_format", [0, 3, 6, 7])
def test_laz_of_another_writer_is_coded_by_its_points(
    tmp_path: Path, point_format: int, variable: bool
) -> None:
    path = tmp_path / "a.laz"
    path.write_bytes(laz_file(point_format, 3000, variable, extra=2 * (point_format in (3, 7))))
    result = codec.encode(path, options=OCTREE, keep="file")
    assert result.report.archive is not None and result.report.archive.stored in ("voxels", "rows")
    assert len(result.data) < len(path.read_bytes())
    decoded = codec.decode(result.data)
    assert decoded.file == path.read_bytes() and decoded.suffix == ".laz"
    assert np.array_equal(decoded.cloud.coords, codec.read_cloud(path).coords)


@pytest.mark.slow
def test_laz_of_several_chunks(tmp_path: Path) -> None:
    path = tmp_path / "a.laz"
    path.write_bytes(laz_file(6, 120_000, False))
    result = codec.encode(path, options=OCTREE, keep="file")
    assert result.report.archive is not None and result.report.archive.stored != "bytes"
    assert codec.decode(result.data).file == path.read_bytes()


def test_laz_that_cannot_be_written_again_is_kept_as_it_is(tmp_path: Path) -> None:
    """A byte of a chunk that no decoder needs: the last one that its coder wrote."""
    raw = bytearray(laz_file(0, 3000, False))
    header = read_header(open_source(bytes(raw)))
    table = int.from_bytes(raw[header.body : header.body + 8], "little")
    raw[table - 1] ^= 1
    path = tmp_path / "a.laz"
    path.write_bytes(raw)
    result = codec.encode(path, options=OCTREE, keep="file")
    assert result.report.archive is not None and result.report.archive.stored == "bytes"
    assert codec.decode(result.data).file == bytes(raw)


def test_hostile_notes_of_laz_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.laz"
    path.write_bytes(laz_file(6, 3000, True))
    source = open_source(path)
    head = source.read(0, read_header(source).body + 8)
    cloud = codec.read_cloud(path)
    source.close()
    for notes in (b"", b"\x00", b"\xb8\x17\x01", b"\xb9\x17", b"\xff" * 9 + b"\x01", b"\x80"):
        with pytest.raises(codec.OctavoxError):
            made = frame(framed_source(head, 10**6, "a.laz"), notes)
            assert made is not None and made.rows is not None
            b"".join(made.rows(cloud, JobContext()))


LINES = st.lists(
    st.lists(
        st.one_of(
            st.integers(-1000, 1000).map(str),
            st.decimals(-100, 100, places=3).map(str),
            st.floats(-1e3, 1e3, width=32).map(repr),
            st.sampled_from(["0", "-0", "1.50", "+3", "1e3", ".5", "007", "nan", "-inf"]),
        ),
        min_size=3,
        max_size=3,
    ),
    min_size=1,
    max_size=30,
)


@settings(max_examples=150)
@given(LINES, st.sampled_from([" ", "\t", "  ", ", "]), st.sampled_from(["\n", "\r\n", " \n", "\n\n"]))
def test_any_text_comes_back(rows: list[list[str]], between: str, end: str) -> None:
    raw = ("1 2 3\n" + "".join(between.join(row) + end for row in rows)).encode()
    try:
        codec.read_cloud(raw)
    except codec.InputError:
        return  # text that is no cloud
    data = codec.encode(raw, options=OCTREE, keep="file").data
    assert codec.decode(data).file == raw
    assert is_no_larger_than_xz(raw, data)


def test_damage_is_noticed(folder: Path) -> None:
    data, _ = archived(folder / "ascii.ply")
    rng = np.random.default_rng(0)
    for _ in range(200):
        bad = bytearray(data)
        bad[rng.integers(9, len(bad))] ^= 1 << rng.integers(8)
        with pytest.raises(codec.OctavoxError):
            codec.decode(bytes(bad))


def test_another_file_is_not_given_out(folder: Path) -> None:
    """A stream whose checksums are right, and whose points are others."""
    from forge import with_chunk

    data, _ = archived(SAMPLE)
    payload = next(c.payload for c in ovx_columns.chunks_of(data) if c.kind == 7)
    assert payload == bytes([2])
    forged = with_chunk(data, 7, bytes([3]))
    with pytest.raises(CorruptStreamError, match="not the one that went in"):
        codec.decode(forged)


def test_verify_compares_bytes(folder: Path, tmp_path: Path) -> None:
    data, _ = archived(folder / "a.xyz")
    other = tmp_path / "b.xyz"
    other.write_bytes((folder / "a.xyz").read_bytes() + b"\n")  # the same points
    assert codec.verify(folder / "a.xyz", data).kept
    certificate = codec.verify(other, data)
    assert not certificate.kept and not certificate.identical
    assert certificate.missing == certificate.extra == 0


def test_every_ending_has_a_number() -> None:
    assert set(cloud_suffixes()) - {".gz"} == set(ENDINGS) - {""}
    assert len(ENDINGS) == len(set(ENDINGS)) == 20  # numbers are permanent: new ones come last
    assert ENDINGS.index(".asc") == 19


def test_a_cloud_in_memory_has_no_file() -> None:
    with pytest.raises(codec.InputError, match="this cloud comes from none"):
        codec.encode(PointCloud(XYZ), options=OCTREE, keep="file")


def test_a_fresh_process_gives_the_sample_back(tmp_path: Path) -> None:
    stream = tmp_path / "a.ovx"
    stream.write_bytes(archived(SAMPLE)[0])
    script = "import sys, octavox as ov; open(sys.argv[2], 'wb').write(ov.decode(sys.argv[1]).file)"
    command = [sys.executable, "-c", script, str(stream), str(tmp_path / "b.ply")]
    subprocess.run(command, cwd=ROOT, check=True, timeout=250)
    assert (tmp_path / "b.ply").read_bytes() == SAMPLE.read_bytes()
