"""What the user is told about errors."""

from __future__ import annotations

import pytest

from octavox import codec
from octavox.gui.document.advice import explain


@pytest.mark.parametrize(
    ("error", "advice"),
    [
        (codec.CorruptStreamError("bad", field="slice 3", byte=7), "damaged"),
        (codec.UnsupportedStreamError("new"), "newer release"),
        (codec.WeightsError("no weights"), "octree"),
        (codec.InputError("odd"), "point cloud"),
        (MemoryError(), "fewer points"),
        (PermissionError("no"), "permissions"),
        (ZeroDivisionError("x"), "report"),
    ],
)
def test_every_error_says_what_to_do(error: Exception, advice: str) -> None:
    words = explain(error, "Opening a.ovx", "the traceback")
    assert words.title.startswith("Opening a.ovx failed: ")
    assert advice in words.advice
    assert words.details == "the traceback"


def test_corrupt_streams_name_the_place() -> None:
    assert (
        "(field 'slice 3', byte 7)"
        in explain(codec.CorruptStreamError("x", field="slice 3", byte=7), "A").title
    )
