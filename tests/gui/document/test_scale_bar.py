"""The scale bar."""

from __future__ import annotations

from octavox.gui.document.camera import Camera
from octavox.gui.document.scale_bar import scale_bar


def test_the_scale_bar_is_round_and_fits() -> None:
    for distance in (3.0, 50.0, 777.0, 1e5):
        bar = scale_bar(Camera(distance=distance), 600, 0.02)
        assert 160 / 2.6 < bar.pixels <= 160
        length = float(bar.words.split()[0].replace(",", ""))
        assert f"{length:e}"[0] in "125"
    assert scale_bar(Camera(distance=50.0), 600, 1.0).words == "5 voxels"
