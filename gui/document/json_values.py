"""Values from JSON, checked."""

from __future__ import annotations

import math


def number_of(value: object) -> float:
    """A number from JSON. Raises TypeError for what is none, ValueError, OverflowError."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError(f"{value!r} is no number"[:100])
    if not math.isfinite(value):  # 1e999 is read as one
        raise ValueError("a number is beyond all that are finite")
    return float(value)
