"""Small files that readers of point clouds get wrong, and their like. tests/data/cases holds them."""

from __future__ import annotations

import os
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest

from octavox.codec import InputError, PointCloud, read_cloud

CASES = Path(__file__).parents[2] / "data" / "cases"
POINTS = [[1, 2, 3], [4, 5, 6], [7, 8, 10]]
UTM = [[836419.84, 4818050.754, 4.886], [836419.843, 4818050.757, 4.889], [836419.846, 4818050.760, 4.893]]


def read(name: str) -> PointCloud:
    (path,) = CASES.glob(f"{name}*")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return read_cloud(path)


@pytest.mark.parametrize(
    ("case", "points", "code"),
    [
        ("01", UTM, "f8"),
        ("03", POINTS, "f2"),
        ("04", POINTS, "f8"),
        ("06", [[1.5, 2.25, 3], [4, 5.5, 6], [7, 8, 10.75]], "f4"),
        ("12", POINTS, "f4"),
        *((case, POINTS, "f4") for case in ("20", "21", "22", "23", "25", "27", "29", "30", "33", "35")),
        ("34", [[1, 2, 3], [np.nan] * 3, [7, 8, 10]], "f4"),
        *((case, POINTS, "i8") for case in ("40", "41", "44")),
        ("u_bin", POINTS[:2], "f4"),
    ],
)
def test_what_others_write_is_read(case: str, points: list[list[float]], code: str) -> None:
    cloud = read(case)
    assert cloud.coords.dtype == np.dtype(code)
    expected = np.array(points, np.float64)
    assert np.allclose(cloud.coords.astype(np.float64), expected, rtol=1e-15, atol=0, equal_nan=True)


@pytest.mark.parametrize(
    ("case", "comments"),
    [
        ("20", ("Gerät 点云".encode(),)),
        ("21", ("Gerät".encode("latin-1"),)),
        ("22", ("Gerät 点云".encode(),)),
        ("41", (" Gerät".encode(),)),
        ("45", (b" nothing",)),
    ],
)
@pytest.mark.filterwarnings("ignore:.*no points")
def test_comments_are_kept_byte_for_byte(case: str, comments: tuple[bytes, ...]) -> None:
    (path,) = CASES.glob(f"{case}*")
    assert read_cloud(path).info.comments == comments


@pytest.mark.parametrize(
    ("case", "reason"),
    [
        ("07", "line 12: '1,5' is not a number"),
        ("08", "line 12 has 2 values instead of 3"),
        ("10", "line 12: '1,2,3' is not a number"),
        ("32", "line 12, row 0: '256' is outside 0 to 255 .*vertex.red"),
        ("42", "line 1 declares 2 points, 3 follow"),
        ("d_count", "line 12 has 3 values instead of 103 .*FIELDS"),
        ("pcd-ascii-short", "line 21 has 1 values instead of 3"),
        ("p_5000", "line 1 is not the number of points"),
    ],
)
def test_what_is_wrong_is_refused_by_line_or_field(case: str, reason: str) -> None:
    with pytest.raises(InputError, match=reason) as caught:
        read(case)
    assert CASES.name in str(caught.value.path)


def test_digits_beyond_a_float_are_kept() -> None:
    cloud = read("36")
    assert cloud.coordinate_type == "double"
    assert cloud.coords[0].tolist() == [836419.83944702, 818050.75254822, 4.88366508]


def test_millimetres_are_the_doubles_nearest_to_their_texts() -> None:
    cloud = read("50")
    assert len(cloud) == 700
    assert cloud.coords[0].tolist() == [25.478, 20.930, 0.033]
    assert np.array_equal(np.rint(cloud.coords * 1000) / 1000, cloud.coords)


def test_a_range_grid_has_empty_lists() -> None:
    cloud = read("35")
    grid = cloud.info.elements[0].columns["vertex_indices"]
    assert (grid.lengths.tolist(), grid.values.tolist()) == ([0, 1, 1, 1], [0, 1, 2])
    assert cloud.info.extra.obj_info == (b"num_cols 2", b"num_rows 2")


def test_a_file_without_points_warns() -> None:
    with pytest.warns(UserWarning, match="45-xyz-no-points.xyz: the file holds no points") as caught:
        assert len(read_cloud(CASES / "45-xyz-no-points.xyz")) == 0
    assert caught[0].filename == __file__


def test_a_locale_changes_nothing() -> None:
    """Numbers are read in a program of its own, with a locale of decimal commas where the machine has one."""
    code = (
        "import locale, sys\n"
        "for name in ('de_DE.UTF-8', 'de_DE', 'fr_FR.UTF-8', ''):\n"
        "    try:\n        locale.setlocale(locale.LC_ALL, name)\n        break\n"
        "    except locale.Error:\n        pass\n"
        "from octavox.codec import read_cloud\n"
        "print([read_cloud(p).coords.tolist() for p in sys.argv[1:]])"
    )
    paths = [str(next(CASES.glob(f"{case}*"))) for case in ("06", "50")]
    root = Path(__file__).parents[3]
    env = {**os.environ, "PYTHONPATH": str(root), "LC_ALL": "de_DE.UTF-8"}
    done = subprocess.run(
        [sys.executable, "-c", code, *paths], capture_output=True, text=True, env=env, cwd=root, check=True
    )
    assert done.stderr == ""
    assert "[[1.5, 2.25, 3.0], [4.0, 5.5, 6.0], [7.0, 8.0, 10.75]]" in done.stdout
    assert "[25.478, 20.93, 0.033]" in done.stdout
