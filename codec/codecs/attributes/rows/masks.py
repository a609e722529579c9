"""Rows of a field that its mask decides: an exception, which keeps the value before, or a frequent step."""

from __future__ import annotations

from octavox.codec.arrays import Int64Array
from octavox.codec.coding.kernels.jit import Int, inlined

from .layout import MASK, SIZE, STEPS, Part


@inlined
def is_masked(part: Part, f: Int, i: Int) -> bool:
    """Whether row i of field f is not coded."""
    mask = part.fields[f, MASK]
    return bool(mask >= 0 and part.values[mask, i] != 0)


@inlined
def fill_masked(part: Part, f: Int, i: Int) -> None:
    """Gives a masked row its value."""
    value = part.values[f, i - 1] if i else 0
    first = part.fields[f, STEPS]
    if first >= 0:
        value += part.steps[first + part.values[part.fields[f, MASK], i]]
    part.values[f, i] = min(max(value, 0), part.fields[f, SIZE] - 1)


@inlined
def before(values: Int64Array, f: Int, i: Int, offset: Int) -> Int:
    """The value of field f so many rows before row i; that of row 0 where there are too few, 0 in row 0."""
    if i == 0:
        return 0
    found: Int = values[f, max(i - offset, 0)]
    return found
