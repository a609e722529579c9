"""How long a compression will take."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from windows import sphere

from octavox.codec import CodecOptions, morton_encode
from octavox.gui.document.display import prepare
from octavox.gui.document.forecast import FIRST_SECONDS, coding_work, learned, rate_key, seconds_for
from octavox.gui.document.session import Session


def test_forecasts_learn_from_what_was_measured() -> None:
    options = CodecOptions(codec="octree")
    guess = seconds_for(options, 1_000_000, None)
    rate = learned(None, 1_000_000, 10.0)
    assert seconds_for(options, 2_000_000, rate) == pytest.approx(20.0)
    assert seconds_for(options, 1_000_000, learned(rate, 1_000_000, 5.0)) < 10.0 != guess
    slow = replace(options, codec="voxeldnn", max_level=1)
    assert len({rate_key(options), rate_key(slow), rate_key(replace(slow, max_level=4))}) == 3
    tried = replace(options, effort="high")
    assert rate_key(tried) != rate_key(options)
    once, tries = (seconds_for(chosen, 100_000, None) - FIRST_SECONDS for chosen in (options, tried))
    assert tries > 10 * once
    session, display = Session(), prepare(sphere())
    assert session.forecast(display)[1] is False
    work = coding_work(display.codes, 6)
    session.rates[rate_key(session.options)] = work / 10.0
    assert session.forecast(display) == (pytest.approx(10.0), True)


def plane(edge: int) -> np.ndarray:
    """Morton codes of a square of voxels."""
    coords = np.stack(np.meshgrid(np.arange(edge), np.arange(edge), [3], indexing="ij"), -1).reshape(-1, 3)
    return np.sort(morton_encode(coords))


def test_the_forecast_follows_points_and_depth() -> None:
    small, large = coding_work(plane(64), 8), coding_work(plane(256), 8)
    assert small == pytest.approx(64**2, rel=0.01) and large == pytest.approx(256**2, rel=0.01)
    rng = np.random.default_rng(1)
    scattered = {
        depth: coding_work(np.unique(morton_encode(rng.integers(0, 1 << depth, (4000, 3)))), depth)
        for depth in (8, 12, 16)
    }
    assert 4000 < scattered[8] < scattered[12] < scattered[16]  # each voxel is alone on more levels
    assert coding_work(plane(1024), 10) == pytest.approx(1024**2, rel=0.02)  # of which parts are looked at
    assert [coding_work(plane(edge), 8) for edge in (0, 1)] == [0, 1]
