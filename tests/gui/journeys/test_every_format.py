"""Every format in the real window: opened in each way that there is, exported, refused with the reason."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from cloud_files import same_bits
from pictures import drawn, foreground, run_job
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit
from windows import WAIT_MS, complete, drop, idle

from octavox import codec
from octavox.codec import PointCloud, WriteOptions
from octavox.gui.app.main_window import MainWindow

pytestmark = [pytest.mark.gl, pytest.mark.slow]
ROOT = Path(__file__).resolve().parents[3]
WRITTEN = tuple(s for s in codec.cloud_suffixes(writing=True) if s != ".gz")
SUPPORT = ROOT / "tests" / "support"


def scan(colours: bool = True) -> PointCloud:
    """2,000 points of a dome on a lattice of 2^-4, a hundred of them twice: floats of 32 bits hold all."""
    rng = np.random.default_rng(5)
    rows = rng.normal(size=(1900, 3))
    rows *= 3 / np.linalg.norm(rows, axis=1)[:, None]
    places = (np.rint(rows * 16) / 16).astype(np.float32)
    places = np.concatenate([places, places[:100]])
    if not colours:
        return PointCloud(places)
    intensity = rng.integers(0, 200, len(places)).astype(np.float32)
    return PointCloud(places, rng.integers(0, 256, places.shape).astype(np.uint8), attributes={
        "intensity": intensity
    })  # fmt: skip


def written(folder: Path, kind: str) -> Path:
    """The scan as a file. kind: the ending of its name, or what else it is."""
    path = folder / f"scan{kind}"
    cloud = scan()
    if kind == ".las" or kind == ".laz":  # holds integers of a scale
        cells = np.rint(cloud.positions * 16).astype(np.int32)
        attributes = {"intensity": np.asarray(cloud.attributes["intensity"]).astype(np.uint16)}
        cloud = PointCloud(cells, scale=(0.0625,) * 3, offset=(0.0, 0.0, 0.0), attributes=attributes)
    elif kind == ".bin":  # no whole number of rows of nuScenes, so that the file says what it is
        cloud = PointCloud(cloud.positions[:1998], attributes={
            "intensity": np.asarray(cloud.attributes["intensity"])[:1998]
        })  # fmt: skip
    if kind == ".pcd":
        codec.write_cloud(path, cloud, options=WriteOptions(compressed=True))
        assert b"binary_compressed" in path.read_bytes()
    else:
        codec.write_cloud(path, cloud)
    return path


KINDS = (".las", ".laz", ".pcd", ".e57", ".csv", ".npz", ".bin", ".ply.gz")


def by_dialog(window: MainWindow, qtbot, path: Path) -> None:
    """Through the dialog of the action Open."""
    answered = []

    def answer() -> None:
        dialog = QApplication.activeModalWidget()
        if not isinstance(dialog, QFileDialog):
            return
        timer.stop()
        suffix = path.suffix if path.suffix != ".gz" else ".gz"
        assert f"*{suffix}" in dialog.nameFilters()[0] + " ".join(dialog.nameFilters())
        dialog.findChild(QLineEdit, "fileNameEdit").setText(str(path))
        answered.append(dialog.nameFilters())
        dialog.accept()

    timer = QTimer(window)
    timer.timeout.connect(answer)
    timer.start(30)
    window.action_registry["open"].trigger()
    assert answered


def by_drop(window: MainWindow, qtbot, path: Path) -> None:
    drop(window, path)
    qtbot.waitUntil(lambda: window.workbench.busy, timeout=WAIT_MS)


def same_points(a: PointCloud, b: PointCloud) -> bool:
    """Whether positions agree as multisets."""
    rows = [np.asarray(cloud.positions, np.float64) for cloud in (a, b)]
    return rows[0].shape == rows[1].shape and np.array_equal(*(r[np.lexsort(r.T)] for r in rows))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("way", [by_dialog, by_drop])
def test_a_file_is_opened(window, qtbot, tmp_path, kind: str, way: Callable[..., None]) -> None:
    path = written(tmp_path, kind)
    way(window, qtbot, path)
    idle(qtbot, window)
    complete(qtbot, window)
    assert window.error_bar.isHidden(), window.error_bar.title.text()
    item = window.session.original
    assert item.label == path.name and item.path == str(path)
    expected = codec.read_cloud(path)
    assert same_bits(item.source.coords, expected.coords)
    assert list(item.source.attributes) == list(expected.attributes)
    assert all(same_bits(item.source.attributes[n], c) for n, c in expected.attributes.items())
    assert window.properties.text_of("Points") == f"{len(expected):,}"
    assert foreground(window, drawn(window)).sum() > 500
    assert str(path) in window.settings.recent


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_is_opened_by_the_command_line(tmp_path, kind: str) -> None:
    path = written(tmp_path, kind)
    found = by_command_line(tmp_path, path)
    expected = codec.read_cloud(path)
    assert found["error"] == "" and found["points"] == len(expected)
    assert found["first"] == expected.positions[:20].tolist()
    assert found["attributes"] == list(expected.attributes)
    assert found["shown"] and found["label"] == path.name


def test_a_mesh_is_asked_about_by_the_command_line(tmp_path) -> None:
    path = tmp_path / "mesh.obj"
    path.write_text("v 0 0 0\nv 9 0 0\nv 0 9 0\nf 1 2 3\n")
    found = by_command_line(tmp_path, path)
    assert found["error"] == "" and "mesh.obj holds a mesh" in found["question"]


def by_command_line(folder: Path, path: Path, **variables: str) -> dict:
    """What the window of `octavox FILE` shows."""
    paths = os.pathsep.join((str(SUPPORT), str(ROOT)))
    env = {**os.environ, "PYTHONPATH": paths, "XDG_CONFIG_HOME": str(folder / "config"), **variables}
    done = subprocess.run(
        [sys.executable, str(SUPPORT / "command_line_window.py"), str(path)],
        capture_output=True, text=True, env=env, timeout=WAIT_MS / 1000, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[:4000]  # a crash begins with its place
    return json.loads(done.stdout.splitlines()[-1])


HALVES = np.array([[1.5, 2.25, 3.0], [4.0, 5.5, 6.0], [7.0, 8.0, 10.75]])


def german_locale(folder: Path) -> dict[str, str]:
    """Variables of a locale with decimal commas, which is made where the machine can."""
    variables = {"LC_ALL": "de_DE.UTF-8", "LANG": "de_DE.UTF-8", "LANGUAGE": "de"}
    maker = shutil.which("localedef")
    if maker is not None:
        made = folder / "locales" / "de_DE.UTF-8"
        made.parent.mkdir()
        subprocess.run([maker, "-i", "de_DE", "-f", "UTF-8", str(made)], capture_output=True, check=False)
        if _has_comma(variables | {"LOCPATH": str(made.parent)}):
            variables["LOCPATH"] = str(made.parent)
    return variables


def _has_comma(variables: dict[str, str]) -> bool:
    """Whether a locale writes decimal commas: a machine may lack what one is made of."""
    script = "import locale; locale.setlocale(locale.LC_ALL, ''); print(locale.localeconv()['decimal_point'])"
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        env=os.environ | variables,
        check=False,
    )
    return done.stdout.strip() == ","


def test_a_locale_with_decimal_commas_changes_no_number_in_the_window(tmp_path) -> None:
    path = tmp_path / "a.csv"
    codec.write_cloud(path, PointCloud(HALVES))
    variables = german_locale(tmp_path)
    found = by_command_line(tmp_path, path, **variables)
    assert found["first"] == HALVES.tolist()
    if "LOCPATH" in variables:
        assert found["decimal_point"] == ","


READ_ALL = """
import json, locale, sys
from octavox.gui.app.app import prepare_application
app = prepare_application(["octavox"])
from octavox import codec
rows = [codec.read_cloud(path).positions.tolist() for path in sys.argv[1:]]
print(json.dumps([locale.localeconv()["decimal_point"], rows]))
"""


def test_a_locale_with_decimal_commas_changes_no_number_of_any_text(tmp_path) -> None:
    """In a process that Qt has told the locale, as that of the window is."""
    kinds = ("ascii.pcd", "ascii.ply", ".xyz", ".csv", ".pts", ".obj")
    paths = [tmp_path / f"a{kind}" for kind in kinds]
    for path in paths:
        codec.write_cloud(path, PointCloud(HALVES), options=WriteOptions(ascii=True))
    variables = german_locale(tmp_path)
    env = {**os.environ, "PYTHONPATH": str(ROOT), **variables}
    done = subprocess.run(
        [sys.executable, "-c", READ_ALL, *map(str, paths)],
        capture_output=True, text=True, env=env, timeout=WAIT_MS / 1000, check=True,
    )  # fmt: skip
    point, rows = json.loads(done.stdout.splitlines()[-1])
    assert rows == [HALVES.tolist()] * len(paths)
    if "LOCPATH" in variables:
        assert point == ","


@pytest.mark.parametrize("suffix", [*WRITTEN, ".ply.gz", ".xyz.gz"])
def test_a_decoded_cloud_is_exported_and_read_back(window, qtbot, tmp_path, suffix: str) -> None:
    cloud = scan(colours=False)
    codec.write_cloud(tmp_path / "scan.ply", cloud)
    window.commands.codec.set_option("codec", "octree")
    window.commands.file.open_any(str(tmp_path / "scan.ply"))
    idle(qtbot, window)
    run_job(window, qtbot, "compress")
    run_job(window, qtbot, "decompress")
    assert window.session.certificate.identical
    target = tmp_path / f"back{suffix}"
    assert window.commands.export.cloud(str(target))
    idle(qtbot, window)
    assert window.error_bar.isHidden(), window.error_bar.title.text()
    assert str(target) in window.job_bar.message.text()
    assert same_points(codec.read_cloud(target), cloud)
    # The exported file is opened like any other, and shows the same points.
    window.commands.file.open_any(str(target))
    idle(qtbot, window)
    assert window.error_bar.isHidden() and same_points(window.session.original.source, cloud)


@pytest.mark.parametrize("suffix", WRITTEN)
def test_an_original_is_exported_with_all_that_the_format_holds(window, qtbot, tmp_path, suffix: str) -> None:
    codec.write_cloud(tmp_path / "scan.ply", scan())
    window.commands.file.open_any(str(tmp_path / "scan.ply"))
    idle(qtbot, window)
    target = tmp_path / f"copy{suffix}"
    assert window.commands.export.cloud(str(target))
    idle(qtbot, window)
    assert window.error_bar.isHidden(), window.error_bar.title.text()
    back, said = codec.read_cloud(target), window.job_bar.message.text()
    assert np.array_equal(np.asarray(back.positions, np.float64), np.asarray(scan().positions, np.float64))
    for name in scan().attributes:
        there = name in back.attributes
        assert there or ("this format cannot hold" in said and name in said), (name, said)


HEAD = b"ply\nformat ascii 1.0\nelement vertex 2\nproperty float x\nproperty float y\nproperty float z\n"
BAD = {
    "row.ply": (HEAD + b"end_header\n1 2 3\n4 5\n", "row 2|line 9|vertex"),
    "colour.ply": (
        HEAD + b"property uchar red\nend_header\n1 2 3 4\n4 5 6 256\n",
        "256",
    ),
    "cut.ply": (HEAD.replace(b"ascii", b"binary_little_endian") + b"end_header\n\0\0", "truncated|cut|bytes"),
    "short.pcd": (
        b"# .PCD v0.7\nVERSION 0.7\nFIELDS x y z\nSIZE 4 4 4\nTYPE F F F\nCOUNT 1 1 1\nWIDTH 2\nHEIGHT 1\n"
        b"VIEWPOINT 0 0 0 1 0 0 0\nPOINTS 2\nDATA ascii\n1 2 3\n4 5\n",
        "line 13",
    ),
    "commas.pcd": (
        b"# .PCD v0.7\nVERSION 0.7\nFIELDS x y z\nSIZE 4 4 4\nTYPE F F F\nCOUNT 1 1 1\nWIDTH 1\nHEIGHT 1\n"
        b"VIEWPOINT 0 0 0 1 0 0 0\nPOINTS 1\nDATA ascii\n1,5 2,5 3,5\n",
        "line 12",
    ),
    "head.las": (b"LASF" + b"\0" * 100, "header|bytes|truncated"),
    "head.laz": (b"LASF" + b"\xff" * 400, "header|bytes|truncated|version"),
    "head.e57": (b"ASTM-E57" + b"\0" * 60, "E57|XML|page|header|bytes"),
    "words.xyz": (b"1 2 3\n4 five 6\n", "line 2"),
    "rows.pts": (b"1\n1 2 3\n4 5 6\n", "rows|points|line"),
    "row.csv": (b"x,y,z\n1,2,3\n4,5\n", "line 3"),
    "array.npy": (b"\x93NUMPY\x01\x00\x10\x00{'descr': '<f4'}", "header|array"),
    "array.npz": (b"PK\x03\x04nothing", "zip|archive"),
    "odd.bin": (b"\0" * 17, "no whole number of rows"),
    "corner.obj": (b"v 1 2\n", "line 1|coordinate"),
    "cut.stl": (b"\0" * 80 + b"\xff\0\0\0" + b"\0" * 10, "triangles|bytes"),
    "word.off": (b"OFF\n1 0 0\na b c\n", "line 3|number"),
    "cut.glb": (b"glTF\x02\0\0\0\xff\0\0\0", "no sound JSON"),
    "cut.ply.gz": (gzip.compress(HEAD * 50)[:-20], "gzip"),
    "nothing.ply": (b"", "empty"),
    "picture.ply": (b"\x89PNG\r\n\x1a\n" + b"\0" * 40, "PNG"),
    "bits.ovx": (b"\x89OVX" + b"\0" * 30, "not an Octavox bitstream"),
    "other.dat": (b"\x7fELF" + b"\0" * 30, "a program"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_refused_with_the_reason(opened, qtbot, tmp_path, name: str) -> None:
    content, reason = BAD[name]
    path = tmp_path / name
    path.write_bytes(content)
    before = opened.session.original
    opened.commands.file.open_any(str(path))
    idle(qtbot, opened)
    bar = opened.error_bar
    assert bar.isVisible() and name in bar.title.text()
    said = bar.title.text()
    assert str(tmp_path) not in said  # the name says it
    assert any(words in said for words in reason.split("|")), said
    assert bar.advice.text() and bar.details.toPlainText()
    assert opened.session.original is before
    try:
        codec.read_cloud(path) if path.suffix != ".ovx" else codec.decode(path)
    except codec.OctavoxError as error:
        assert error.reason in said
    else:
        pytest.fail("the library reads it")
