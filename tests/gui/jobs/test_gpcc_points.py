"""Points of G-PCC in the plot, by a stand-in for its binary."""

from __future__ import annotations

import sys
import threading

import numpy as np
import pytest
from windows import sphere

from octavox import codec
from octavox.codec import CancelledError, CancelToken
from octavox.gui.document.quality import Quality
from octavox.gui.document.rate_curves import plot_of
from octavox.gui.jobs import gpcc
from octavox.gui.jobs.quality import compute_curve

# Moves the points of the octree by one along x; those of trisoup come back as they were.
STAND_IN = """#!{python}
import sys, time
given = dict(option[2:].split("=", 1) for option in sys.argv[1:])
stream = given["compressedStreamPath"]
if given["mode"] == "0":
    {first}
    scale = given["positionQuantizationScale"]
    head, rows = open(given["uncompressedDataPath"], "rb").read().split(b"end_header\\n", 1)
    open(stream, "wb").write(head + b"end_header\\n" + rows)
    open(stream + ".scale", "w").write(scale)
else:
    import numpy as np
    head, rows = open(stream, "rb").read().split(b"end_header\\n", 1)
    points = np.frombuffer(rows, "<i4").reshape(-1, 3).copy()
    if open(stream + ".scale").read() != "1":
        points[:, 0] += 1
    open(given["reconstructedDataPath"], "wb").write(head + b"end_header\\n" + points.tobytes())
"""


@pytest.fixture
def tmc3(tmp_path, monkeypatch):
    def make(first: str = "pass") -> str:
        path = tmp_path / "tmc3"
        path.write_text(STAND_IN.format(python=sys.executable, first=first))
        path.chmod(0o755)
        monkeypatch.setenv(gpcc.VARIABLE, str(path))
        return str(path)

    return make


def test_its_points_come_after_ours(tmc3) -> None:
    tmc3()
    cloud, steps = sphere(), []
    options = codec.CodecOptions(codec="octree")
    found = compute_curve(cloud, options, (1.0,), steps.append, CancelToken())
    names = [point.codec for point in found]
    assert names == ["octree"] + ["G-PCC trisoup"] * len(gpcc.NODES) + ["G-PCC octree"] * len(gpcc.SCALES)
    assert [step.result for step in steps[1:]] == found and steps[0].total == len(found)
    soup, octree = found[1], found[-1]
    assert soup.psnr is None and soup.hausdorff == 0
    moved = codec.compare(
        codec.PointCloud(cloud.coords), codec.PointCloud(cloud.coords + np.array([1, 0, 0])), peak=63.0
    ).report.d1
    assert (octree.psnr, octree.hausdorff) == (moved.psnr, moved.hausdorff)
    assert octree.bits == 8 * octree.bytes / len(cloud)
    known = Quality().of(cloud)
    for point in found:
        known.add(point)
    plot = plot_of(known, "octree", cloud.depth, 1.0)
    assert [curve.title for curve in plot.curves] == ["Octree", "G-PCC octree", "G-PCC trisoup"]
    assert any("positionQuantizationScale 0.75" in mark.words for mark in plot.curves[1].marks)


def test_a_binary_that_fails_says_why(tmc3) -> None:
    path = tmc3("sys.exit('no such option')")
    with pytest.raises(RuntimeError, match="no such option"):
        list(gpcc.gpcc_points(path, sphere(), lambda step: None, CancelToken()))


def test_a_binary_is_stopped_by_a_cancel(tmc3) -> None:
    path, cancel = tmc3("time.sleep(600)"), CancelToken()
    threading.Timer(0.5, cancel.cancel).start()
    with pytest.raises(CancelledError):
        list(gpcc.gpcc_points(path, sphere(), lambda step: None, cancel))


def test_without_a_binary_there_are_none(monkeypatch) -> None:
    monkeypatch.delenv(gpcc.VARIABLE, raising=False)
    assert gpcc.binary() == ""
    monkeypatch.setenv(gpcc.VARIABLE, "/no/such/tmc3")
    assert gpcc.binary() == ""
