"""Eye-dome lighting."""

from __future__ import annotations

import numpy as np

from octavox.gui.document.eyedome import shadows


def test_eye_dome_darkens_what_lies_behind_an_edge() -> None:
    depth = np.full((40, 40), np.inf, np.float32)
    depth[5:35, 5:20] = 100.0
    depth[5:35, 20:35] = 110.0
    dark = shadows(depth, 200.0)
    assert dark[20, 21] > 60  # behind its neighbours on the left
    assert dark[20, 18] == dark[20, 28] == 0  # in front, and in the middle of a plane
    assert not dark[np.isinf(depth)].any()
