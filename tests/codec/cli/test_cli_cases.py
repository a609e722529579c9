"""The small files of tests/data/cases at the command line: what comes back of each, or why it is refused.

One test for each row of the list of cases, by the number that their names begin with. 06 is a matter of the
window, 60a and 60b of the metrics; tests of these are there.
"""

from __future__ import annotations

import shutil
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from sample_clouds import ROOT

from octavox import __main__ as program
from octavox import codec

CASES = ROOT / "tests" / "data" / "cases"
UTM = [[836419.84, 4818050.754, 4.886], [836419.843, 4818050.757, 4.889], [836419.846, 4818050.76, 4.893]]
POINTS = [[1, 2, 3], [4, 5, 6], [7, 8, 10]]
PCD = (
    "# .PCD v0.7\nVERSION 0.7\nFIELDS x y z\nSIZE {}\nTYPE {}\nCOUNT 1 1 1\n"
    "WIDTH {n}\nHEIGHT 1\nPOINTS {n}\nDATA {}\n"
)


class Run:
    """The command line in a folder of its own. out, err: what it said last."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self._capsys = folder, capsys
        self.out = self.err = ""

    def __call__(self, *words: object) -> int:
        code = program.main([str(word) for word in words])
        self.out, self.err = self._capsys.readouterr()
        return code

    def encode(self, path: Path, *more: str) -> int:
        return self("encode", path, "-o", self.stream, "--codec", "octree", *more)

    @property
    def stream(self) -> Path:
        return self.folder / "t.ovx"

    def back(self, name: str = "back.npz") -> codec.PointCloud:
        """What the stream gives back, read from a file that `decode` wrote."""
        target = self.folder / name
        assert self("decode", self.stream, "-o", target, "--force") == 0, self.err
        return codec.read_cloud(target)


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    return Run(tmp_path, capsys)


def case(number: str) -> Path:
    (path,) = CASES.glob(f"{number}*")
    return path


def comes_back(run: Run, path: Path, points: list[list[float]], strict: bool = True) -> None:
    """The points to the last bit, which `verify` confirms."""
    assert run.encode(path) == 0, run.err
    assert run.err == "" or not strict
    found = run.back()
    wanted = np.array(points, np.float64).astype(found.coords.dtype)
    assert sorted(map(tuple, found.coords.tolist())) == sorted(map(tuple, wanted.tolist()))
    if strict:
        assert run("verify", path, run.stream, "--strict") == 0
        assert run.out.startswith(f"identical: {len(points)} points, every property, to the last bit")


def refused(run: Run, path: Path, *reasons: str) -> None:
    """Exit code 2 and one line that names the file and the reason; no stream."""
    assert run.encode(path) == 2
    assert run.out == "" and run.err.count("\n") == 1
    assert run.err.startswith(f"octavox: error: {path}: ")
    for reason in reasons:
        assert reason in run.err
    assert not run.stream.exists()


@pytest.mark.parametrize(("number", "points"), [("01", UTM), ("04", POINTS)])
def test_01_04_doubles_in_a_pcd(run, number, points):
    assert np.allclose(codec.read_cloud(case(number)).positions, points, rtol=1e-15, atol=0)
    comes_back(run, case(number), codec.read_cloud(case(number)).positions.tolist())


@pytest.mark.parametrize("data", ["binary", "binary_compressed"])
def test_01_siblings_utm_metres_in_millimetres(run, data):
    points = np.round(np.random.default_rng(1).random((400, 3)) * 50 + [836400, 4818050, 4], 3)
    path = run.folder / "utm.pcd"
    compressed = ["--compressed"] if data == "binary_compressed" else []
    np.save(run.folder / "utm.npy", points)
    assert run("convert", run.folder / "utm.npy", path, *compressed) == 0
    assert f"DATA {data}\n".encode() in path.read_bytes()
    comes_back(run, path, points.tolist())


INTEGERS = [[836419840, -4818050754, 4886], [836419843, -4818050757, 4889], [836419846, -4818050760, 4893]]


@pytest.mark.parametrize("kinds", ["I I I", "U U U", "I F U", "F I I"])
def test_01_siblings_integers_of_8_bytes_and_mixed_types(run, kinds):
    rows = np.abs(INTEGERS) if "U" in kinds else np.array(INTEGERS)
    codes = [{"I": "q", "U": "Q", "F": "d"}[kind] for kind in kinds.split()]
    body = b"".join(
        struct.pack("<" + "".join(codes), *(float(v) if c == "d" else int(v) for v, c in zip(row, codes)))
        for row in rows
    )
    path = run.folder / "wide.pcd"
    path.write_bytes(PCD.format("8 8 8", kinds, "binary", n=3).encode() + body)
    assert run.encode(path) == 0, run.err
    back = run.back()
    assert sorted(map(tuple, back.positions.tolist())) == sorted(map(tuple, rows.tolist()))


def test_03_half_floats(run):
    comes_back(run, case("03"), POINTS)


def test_07_decimal_commas(run):
    refused(run, case("07"), "line 12", "'1,5' is not a number")


def test_10_commas_between_the_values_of_a_pcd(run):
    refused(run, case("10"), "line 12", "'1,2,3' is not a number")


def test_08_a_short_row(run):
    refused(run, case("08"), "line 12 has 2 values instead of 3")
    path = run.folder / "word.pcd"
    path.write_text(case("08").read_text().replace("1 2\n", "1 2 three\n"))
    refused(run, path, "line 12", "'three' is not a number")


def test_12_long_lines(run):
    comes_back(run, case("12"), POINTS, strict=False)  # its 400 fields are named as not stored
    path, blanks = run.folder / "rows.pcd", " \t" * 4000
    text = PCD.format("8 8 8", "F F F", "ascii", n=2) + f"{blanks}1.5 2 3\n4 {blanks}5 6{blanks}\n"
    path.write_text(text)
    comes_back(run, path, [[1.5, 2, 3], [4, 5, 6]])


@pytest.mark.parametrize("number", ["20", "21", "22"])
def test_20_to_22_comments_of_any_bytes(run, number):
    comes_back(run, case(number), POINTS)
    again = run.folder / "again.ply"
    assert run("convert", case(number), again) == 0
    line = next(line for line in case(number).read_bytes().splitlines() if line.startswith(b"comment"))
    assert line in again.read_bytes().splitlines()


@pytest.mark.parametrize("number", ["23", "25", "27", "29"])
def test_23_to_29_white_space_in_a_header(run, number):
    comes_back(run, case(number), POINTS)


def test_23_siblings_obj_info_after_an_element(run):
    path = run.folder / "info.ply"
    text = case("23").read_text().replace("property", "obj_info made by hand\nproperty", 1)
    path.write_text(text)
    comes_back(run, path, POINTS)


def test_30_blank_lines_in_a_body(run):
    comes_back(run, case("30"), POINTS)


def test_30_siblings_any_white_space_separates(run):
    path = run.folder / "space.ply"
    header, body = case("30").read_text().split("end_header\n")
    path.write_text(header + "end_header\n" + "\t\n  ".join(body.split()) + "\n")
    comes_back(run, path, POINTS)


@pytest.mark.slow
def test_35_a_range_grid_with_empty_lists_is_read_silently(tmp_path):
    """In a process of its own: a library wrote to its standard error itself."""
    command = [
        sys.executable,
        str(ROOT / "main.py"),
        "encode",
        str(case("35")),
        "-o",
        str(tmp_path / "t.ovx"),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=250, check=False)
    told = f"octavox: warning: {case('35')}: not stored: element range_grid\n"  # by us, and nobody else
    assert done.returncode == 0 and done.stderr in (told, "")
    assert len(codec.decode(tmp_path / "t.ovx").cloud) == 3


def test_32_a_colour_of_256(run):
    refused(run, case("32"), "row 0", "'256' is outside 0 to 255", "red")


def test_33_a_colour_as_a_float(run):
    again = run.folder / "again.npz"
    assert run("convert", case("33"), again) == 0, run.err
    found = codec.read_cloud(again).attributes["red"]
    assert found.dtype == np.uint8 and found[0] == 255
    comes_back(run, case("33"), POINTS, strict=False)
    assert run("verify", case("33"), run.stream) == 0
    assert "not stored: red, green, blue" in run.out or run.out.startswith("identical")


@pytest.mark.parametrize("suffix", ["ply", "pcd", "xyz", "npy"])
def test_34_points_without_a_place_in_every_format(run, suffix):
    """Kept to the last bit, left out with --keep voxels and reported, refused with --nan error."""
    path = run.folder / f"nan.{suffix}"
    if suffix == "ply":
        shutil.copyfile(case("34"), path)
    else:
        assert run("convert", case("34"), path) == 0
    assert run.encode(path) == 0 and run.err == ""
    assert "records: every point, to the last bit" in run.out
    assert np.isnan(run.back().positions).any(axis=1).sum() == 1
    assert run("verify", path, run.stream, "--strict") == 0
    assert run.encode(path, "--keep", "voxels") == 0
    assert "1 points have coordinates that are not finite and are left out" in run.err
    assert len(run.back()) == 2
    assert run("verify", path, run.stream) == 0 and "1 without a place left out" in run.out
    assert run("verify", path, run.stream, "--strict") == 1
    run.stream.unlink()
    assert run.encode(path, "--nan", "error") == 2
    assert f"{path}: point 1 has a coordinate that is not a finite number" in run.err


def test_36_digits_beyond_a_float(run):
    rows = case("36").read_text().split("end_header\n")[1].splitlines()
    comes_back(run, case("36"), [[float(v) for v in row.split()[:3]] for row in rows])


@pytest.mark.parametrize("number", ["40", "41"])
def test_40_41_a_byte_order_mark_and_an_umlaut(run, number):
    comes_back(run, case(number), POINTS)


def test_42_too_many_rows(run):
    refused(run, case("42"), "line 1 declares 2 points, 3 follow")


@pytest.mark.parametrize("separator", [",", ";", "\t", ", ", " ; "])
@pytest.mark.parametrize("head", ["", "x{0}y{0}z\n", "//X{0}Y{0}Z\n"])
def test_44_separators_and_a_header_line(run, separator, head):
    assert case("44").read_text().startswith("1,2,3")
    path = run.folder / "rows.xyz"
    path.write_text(head.format(separator) + case("44").read_text().replace(",", separator))
    comes_back(run, path, POINTS)


def test_45_text_without_a_point(run):
    assert run.encode(case("45")) == 0
    assert run.err == f"octavox: warning: {case('45')}: the file holds no points\n"


def test_50_a_lattice_of_millimetres(run):
    rows = [[float(v) for v in line.split()] for line in case("50").read_text().splitlines()]
    assert len(rows) == 700
    comes_back(run, case("50"), rows)


@pytest.mark.parametrize("step", ["1", "0.5", "0.1", "0.25", "0.01", "0.001", "0.0009765625", "0.0001"])
def test_50_siblings_other_steps(run, step):
    digits = len(step.partition(".")[2])
    cells = np.random.default_rng(1).integers(0, 30000, (200, 3))
    text = "".join(" ".join(f"{v * float(step):.{digits}f}" for v in row) + "\n" for row in cells.tolist())
    path = run.folder / "steps.xyz"
    path.write_text(text)
    comes_back(run, path, [[float(v) for v in line.split()] for line in text.splitlines()])


def test_52_one_point_at_the_origin(run):
    rows = [[float(v) for v in line.split()] for line in case("52").read_text().splitlines()]
    assert len(rows) == 301 and [0.0, 0.0, 0.0] in rows
    comes_back(run, case("52"), rows)
    run.stream.unlink()
    assert run.encode(case("52"), "--keep", "voxels") == 2
    assert "(0, 0, 0)" in run.err and str(case("52")) in run.err and "--depth" in run.err
    assert run.encode(case("52"), "--depth", "10") == 0
    assert "merged" in run.err  # it was asked for, and is told all the same


# What else was seen


def test_errors_are_no_tracebacks(run):
    for given in ("n\0ll.ply", "x" * 300 + ".ply", str(run.folder)):
        assert run("encode", given, "-o", run.stream) == 2
        assert run.err.startswith("octavox: error: ") and run.err.count("\n") == 1


@pytest.mark.parametrize("suffix", ["xyz", "pcd", "las"])
def test_decode_writes_what_the_name_says(run, suffix):
    assert run.encode(case("40")) == 0
    found = run.back(f"back.{suffix}")
    assert not (run.folder / f"back.{suffix}").read_bytes().startswith(b"ply")
    assert np.array_equal(np.sort(found.positions, axis=0), np.sort(POINTS, axis=0))


# Hostile files; mem8000.ovx is in tests/codec/test_hostile_streams.py


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("d_count_ascii.pcd", "line 12 has 3 values instead of 103"),
        ("pcd-ascii-short-row.pcd", "line 21 has 1 values instead of 3"),
        ("p_5000digits.pts", "line 1 is not the number of points"),
    ],
)
def test_hostile_files_are_refused(run, name, reason):
    refused(run, CASES / name, reason)


@pytest.mark.parametrize(
    ("change", "reasons"),
    [
        (("SIZE 4 4 4", "SIZE 3 4 4"), ["SIZE", "line 4"]),
        (("TYPE F F F", "TYPE Q F F"), ["TYPE", "line 5"]),
        (("POINTS 3", "POINTS 600000000"), ["POINTS"]),
        (("POINTS 3", "POINTSX 600000000"), ["POINTSX"]),
        (("WIDTH 3", "WIDTH 600000000"), ["POINTS"]),
        (("COUNT 1 1 1", "COUNT 1 1 100"), ["line 3", "'z'"]),
    ],
)
def test_hostile_headers_are_refused(run, change, reasons):
    path = run.folder / "hostile.pcd"
    text = case("08").read_text().replace("1 2\n", "1 2 3\n")
    assert change[0] in text
    path.write_text(text.replace(*change))
    refused(run, path, *reasons)


def test_a_binary_ply_with_utf_8(run):
    comes_back(run, CASES / "u_bin_utf8.ply", POINTS[:2])
