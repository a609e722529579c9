"""The scale bar."""

from __future__ import annotations

from octavox.gui.document.camera import Camera
from octavox.gui.document.proportions import Proportions
from octavox.gui.document.scale_bar import scale_bar


def test_the_scale_bar_is_round_and_fits() -> None:
    for distance in (3.0, 50.0, 777.0, 1e5):
        bar = scale_bar(Camera(distance=distance), 600, Proportions(unit=0.02))
        assert 160 / 2.6 < bar.pixels <= 160
        length = float(bar.words.split()[0].replace(",", ""))
        assert f"{length:e}"[0] in "125"
    assert scale_bar(Camera(distance=50.0), 600, Proportions()).words == "5 voxels"


def test_where_voxels_are_no_cubes_the_scale_bar_counts_units() -> None:
    bar = scale_bar(Camera(distance=50.0), 600, Proportions((1.0, 1.0, 10.0), 0.01))
    assert bar.words == "0.05 units"
    cubes = scale_bar(Camera(distance=50.0), 600, Proportions(unit=0.01))
    assert cubes.words == "5 voxels = 0.05 units" and cubes.pixels == bar.pixels
