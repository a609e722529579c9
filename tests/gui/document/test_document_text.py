"""Numbers as text."""

from __future__ import annotations

from octavox.gui.document import text


def test_numbers_read_well() -> None:
    assert text.count(145773) == "145,773"
    assert [text.size(v) for v in (999, 1000, 12345, 999_949, 999_960, 2.5e9)] == [
        "999 B", "1.0 kB", "12.3 kB", "999.9 kB", "1.0 MB", "2.5 GB",
    ]  # fmt: skip
    assert [text.duration(v) for v in (0.42, 9.96, 59.4, 61, 3725)] == [
        "0.4 s", "10.0 s", "59 s", "1 min 1 s", "1 h 2 min",
    ]  # fmt: skip
    assert [text.number(v) for v in (0, 1, 0.12345, 1234.5, float("nan"), 2e-7)] == [
        "0", "1", "0.1235", "1,234", "–", "2.000e-07",
    ]  # fmt: skip
