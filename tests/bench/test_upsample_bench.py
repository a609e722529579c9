"""The benchmark of upsampling and restoring: its rows are what the library gives, its table what they say."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest
from sample_clouds import ROOT, make_sphere

from bench import measure, upsample, upsample_table
from octavox import codec

FAKE_TMC3 = """#!{python}
import sys
sys.path.insert(0, {root!r})
import numpy as np
from octavox import codec
given = dict(option[2:].split("=") for option in sys.argv[1:] if "=" in option)
assert given["mode"] == "0"
cloud = codec.read_cloud(given["uncompressedDataPath"])
assert cloud.coords.dtype == np.float32
if "trisoupNodeSizeLog2" in given:
    points = cloud.coords[:: int(given["trisoupNodeSizeLog2"])]
else:
    scale = float(given["positionQuantizationScale"])
    points = np.unique(np.floor(cloud.coords * scale + 0.5), axis=0) / scale
codec.write_cloud(given["reconstructedDataPath"], codec.PointCloud(points))
open(given["compressedStreamPath"], "wb").write(b"stream")
"""


@pytest.mark.slow
def test_benchmark_end_to_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tmc3 = tmp_path / "tmc3"
    tmc3.write_text(FAKE_TMC3.format(python=sys.executable, root=str(ROOT)))
    tmc3.chmod(0o755)
    ball = make_sphere(6, 25.0)
    codec.write_ply(tmp_path / "ball.ply", ball)
    monkeypatch.setattr(sys, "argv", ["upsample.py", "-o", str(tmp_path), str(tmp_path), "--tmc3", str(tmc3)])
    assert upsample.main() == 0
    (row,) = json.loads((tmp_path / "upsample.json").read_text())["clouds"]
    assert (row["cloud"], row["points"], row["depth"]) == ("ball", len(ball), 6)
    assert [r["what"] for r in row["upsample"]] == ["4x", "8x"]
    assert [r["what"] for r in row["restore"]][:3] == [
        "middles, 1 dropped",
        "middles, 2 dropped",
        "G-PCC octree 1/2",
    ]
    assert [r["levels"] for r in row["restore"]] == [1, 2, 1, 2, 0, 0, 0, 0]
    four = row["upsample"][0]
    assert four["given"] == round(len(ball) / 4) and four["points"] == 4 * four["given"]
    rows = np.random.default_rng(upsample.SEED).permutation(len(ball))[: four["given"]]
    few = codec.PointCloud(ball.coords[rows])
    truth = codec.PointCloud(ball.coords)
    before = codec.compare(truth, few, peak=63.0).report.d1
    after = codec.compare(truth, codec.upsample(few, 4, depth=6).cloud, peak=63.0).report.d1
    assert four["before"]["psnr"] == pytest.approx(before.psnr)
    assert four["before"]["cd"] == pytest.approx(before.mse_a_to_b + before.mse_b_to_a)
    assert four["after"]["psnr"] == pytest.approx(after.psnr)
    text = (tmp_path / "benchmarks.md").read_text()
    gain = after.psnr - before.psnr
    assert f"| ball | {len(ball):,} | 4x | {before.psnr:.2f} | {after.psnr:.2f} | {gain:.2f} |" in text
    assert "**The clouds differ**" in text and "TMC13" in text


def test_published_rows_are_those_of_the_paper() -> None:
    rows = measure.references()["pu_dense"]["rows"]
    results = {"machine": measure.machine(), "clouds": []}
    text = upsample_table.upsample_part(results)
    assert [f"{r['after'] - r['before']:.2f}" for r in rows] == ["10.67", "11.08"]
    assert "| *8iVFB, PU-Dense* | | 4x | 64.38 | 75.05 | 10.67 | | | 0.194 | |" in text
    assert "TMC13" not in text  # nothing was measured with it
