"""How long a compression will take."""

from __future__ import annotations

from dataclasses import replace

import pytest

from octavox.codec import CodecOptions
from octavox.gui.document.forecast import FIRST_SECONDS, learned, rate_key, seconds_for
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
    session = Session()
    assert session.forecast(1000)[1] is False
    session.rates[rate_key(session.options)] = 100.0
    assert session.forecast(1000) == (10.0, True)
