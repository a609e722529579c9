"""The benchmark of lossy geometry: it measures what decodes, and its words follow from its numbers."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from sample_clouds import make_sphere

from bench import rd, rd_gpcc, rd_table
from bench.output import Output
from octavox import codec

# Stands for the test model: a stream of a size that the options say, and positions rounded to even numbers.
FAKE_TMC3 = """#!{python}
import sys
given = dict(option[2:].split("=") for option in sys.argv[1:])
if given["mode"] == "0":
    assert open(given["uncompressedDataPath"], "rb").read(3) == b"ply"
    assert given["disableAttributeCoding"] == given["mergeDuplicatedPoints"] == "1"
    scale = float(given["positionQuantizationScale"])
    if "trisoupNodeSizeLog2" in given:
        node = int(given["trisoupNodeSizeLog2"])
        assert scale == 1 and given["trisoupQuantizationBits"] == "2"
        more = str(int(node > 2))
        assert given["trisoupFaceVertexEnabled"] == given["trisoupCentroidResidualEnabled"] == more
        size = 1000 - 100 * node
    else:
        size = int(400 * scale) + (50 if given["planarEnabled"] == "1" else 0)
    with open(given["compressedStreamPath"], "wb") as stream:
        stream.write(given["uncompressedDataPath"].encode().ljust(size))
else:
    sys.path.insert(0, {root!r})
    from octavox import codec
    cloud = codec.read_cloud(open(given["compressedStreamPath"]).read().strip())
    codec.write_ply(given["reconstructedDataPath"], codec.PointCloud(cloud.coords // 2 * 2))
"""


@pytest.fixture
def tmc3(tmp_path: Path) -> str:
    path = tmp_path / "tmc3"
    path.write_text(FAKE_TMC3.format(python=sys.executable, root=str(rd.ROOT)))
    path.chmod(0o755)
    return str(path)


def test_half_the_rate_is_a_bd_rate_of_minus_fifty() -> None:
    anchor = [[0.01, 50.0], [0.03, 58.0], [0.1, 65.0], [0.3, 70.0]]
    for share in (0.5, 0.25, 2.0):
        tested = [[share * rate, psnr] for rate, psnr in anchor]
        assert rd.bd_rate(anchor, tested) == pytest.approx(100 * (share - 1), abs=1e-6)
    assert rd.bd_rate(anchor, anchor[::-1]) == pytest.approx(0.0, abs=1e-9)
    assert rd.bd_rate(anchor, [[1.0, 80.0], [2.0, 90.0]]) is None


def test_the_peak_is_that_of_the_name() -> None:
    assert rd.bits_of(Path("body_vox10.ply"), 9) == 10
    assert rd.bits_of(Path("body.ply"), 9) == 9


def test_noted_curves_are_those_of_the_file() -> None:
    table = json.loads(rd_gpcc.NOTED.read_text())
    found = rd_gpcc.noted("statue_Nymph_vox9")
    assert found == {name: table[name]["statue_Nymph_vox9"] for name in ("trisoup", "octree")}
    assert [len(found[name]) for name in ("trisoup", "octree")] == [4, 3]
    assert rd_gpcc.noted("none") == {}


@pytest.mark.slow
def test_a_test_model_is_asked_for_each_point(tmp_path: Path, tmc3: str) -> None:
    cloud = tmp_path / "ball.ply"
    sphere = make_sphere(6, 20.0)
    codec.write_ply(cloud, sphere)
    found = rd_gpcc.measured(tmc3, cloud, len(sphere), 6)
    rates = {"trisoup": [500, 600, 700, 800], "octree": [100, 200, 300]}  # the better of planar on and off
    even = codec.PointCloud(sphere.positions.astype(int) // 2 * 2)
    psnr = codec.compare(sphere, even, peak=63.0).report.d1.psnr
    for name, sizes in rates.items():
        assert [rate for rate, _ in found[name]] == [8 * size / len(sphere) for size in sizes]
        assert [value for _, value in found[name]] == pytest.approx([psnr] * len(sizes))


def cloud_row(name: str, **changed: Any) -> dict[str, Any]:
    rows = [
        {
            "levels": levels,
            "bytes": size,
            "rate": 8 * size / 1e6,
            "points": 1_000_000,
            "decoded": 1_020_000,
            "bits": 10,
            "d1": d1,
            "d2": d1 + 3,
            "hausdorff": 2.5,
            "encode": 0.5,
            "decode": 0.4,
            "encode_cpu": 0.9,
            "decode_cpu": 0.7,
        }
        for levels, size, d1 in ((1.0, 10_000, 75.0), (2.0, 4_000, 70.0))
    ]
    found = {
        "cloud": name,
        "points": 1_000_000,
        "bits": 10,
        "halved_bytes": 9_900,
        "rows": rows,
        "gpcc": {},
        "gpcc_from": "noted",
        "bd": {"trisoup": -60.0, "octree": -90.0},
    }
    return found | changed


def reached(cloud: dict[str, Any]) -> dict[str, bool]:
    return {what: met for what, _, _, met in rd_table.goals(cloud)}


def test_goals_are_met_or_not_by_the_numbers() -> None:
    name = "basketball_player_1_vox10"
    assert set(reached(cloud_row(name)).values()) == {True}
    for change, what in (
        ({"halved_bytes": 9_700}, "halved"),
        ({"bd": {"trisoup": -59.9, "octree": -95.0}}, "BD-rate over G-PCC trisoup"),
        ({"bd": {"trisoup": -70.0, "octree": -89.9}}, "BD-rate over G-PCC octree"),
    ):
        found = reached(cloud_row(name, **change))
        assert [key for key, met in found.items() if not met] == [what]
    slow = cloud_row(name)
    slow["rows"][1] |= {"encode": 1.01, "d1": 69.99}
    assert [key for key, met in reached(slow).items() if not met] == ["D1, K = 2", "encode, slowest"]
    other = cloud_row("other", bd={"trisoup": -46.0, "octree": -95.0})
    assert reached(other)["BD-rate over G-PCC trisoup"] and "D1, K = 1" not in reached(other)


@pytest.mark.slow
def test_the_benchmark_end_to_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clouds = tmp_path / "clouds"
    clouds.mkdir()
    sphere = make_sphere(8, 90.0)
    codec.write_ply(clouds / "stanford_bunny_vox9.ply", sphere)  # a name with known rates of G-PCC
    monkeypatch.setattr(rd, "LEVELS", (1.0, 1.5, 2.0, 3.0))
    monkeypatch.setattr(sys, "argv", ["rd.py", "-o", str(tmp_path), str(clouds), "--rounds", "1"])
    assert rd.main() == 0
    (cloud,) = json.loads((tmp_path / "rd.json").read_text())["clouds"]
    assert cloud["points"] == len(sphere) and cloud["bits"] == 9
    voxels = codec.voxelize(codec.read_cloud(clouds / "stanford_bunny_vox9.ply"))[0]
    text = (tmp_path / "benchmarks.md").read_text()
    for row in cloud["rows"]:
        result = codec.encode(voxels, drop_levels=row["levels"])
        assert row["d1"] == pytest.approx(
            codec.compare(voxels, result.voxels, peak=511.0).report.d1.psnr, abs=1e-9
        )
        assert row["rate"] == 8 * row["bytes"] / len(sphere)
        assert f"| {row['levels']:g} | {row['bytes']:,} | {row['rate']:.4f} |" in text
    whole = [[row["rate"], row["d1"]] for row in cloud["rows"] if row["levels"] != 1.5]
    for name, curve in rd_gpcc.noted("stanford_bunny_vox9").items():
        assert cloud["bd"].get(name) == rd.bd_rate(curve, whole)
        assert name not in cloud["bd"] or f"BD-rate over G-PCC {name} | {cloud['bd'][name]:+.1f} %" in text
    for what, value, wanted, met in rd_table.goals(cloud):
        assert f"| {what} | {value} | {wanted} | {'met' if met else '**not met**'} |" in text
    picture = (tmp_path / "images" / "rate-distortion.svg").read_bytes()
    assert b"<svg" in picture
    Output("rd", argparse.Namespace(write=False, out=tmp_path)).finish()
    assert (tmp_path / "images" / "rate-distortion.svg").read_bytes() == picture
