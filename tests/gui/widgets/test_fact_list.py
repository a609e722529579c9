"""The list of facts."""

from __future__ import annotations

import numpy as np
from pictures import pixels
from windows import WAIT_MS

from octavox.gui.document.facts import Fact


def test_a_value_that_was_highlighted_stands_like_the_others_again(window, qtbot) -> None:
    facts = window.inspector.facts

    def shown(*tones: str) -> list[np.ndarray]:
        facts.show_facts([Fact(f"{k}", "kept", "Section", tone) for k, tone in enumerate(tones)])
        qtbot.waitUntil(lambda: not window.scheduler.busy, timeout=WAIT_MS)
        qtbot.wait(50)
        return [pixels(value.grab().toImage()) for _, value in facts._rows[: len(tones)]]

    shown("", "", "good")
    plain, one, other = shown("", "good", "good")
    assert np.array_equal(one, other)
    assert not np.array_equal(plain, one)
    assert all(np.array_equal(value, plain) for value in shown("", "", ""))
