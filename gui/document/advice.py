"""Errors in words: what happened and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from octavox.codec import (
    CorruptStreamError,
    InputError,
    OctavoxError,
    SequenceError,
    UnsupportedStreamError,
    WeightsError,
)

from .words import tr


@dataclass(frozen=True)
class Explanation:
    """title: what happened. advice: what to do. details: for a report to the developers, hidden at first.
    remedy: what a button offers to do about it; "" for no button."""

    title: str
    advice: str
    details: str
    remedy: str = ""


# The first class that fits decides; subclasses come before their base classes.
_ADVICE: tuple[tuple[type[BaseException] | tuple[type[BaseException], ...], str], ...] = (
    (UnsupportedStreamError, "The file was written by a newer release. Update Octavox, then open it again."),
    (
        CorruptStreamError,
        "The file is damaged, cut off, or no Octavox bitstream. Copy it again from its source; "
        "if you have the original cloud, compress it anew.",
    ),
    (
        WeightsError,
        "Choose the codec “octree”, which needs no network weights, or install the weights that are named.",
    ),
    (
        SequenceError,
        "The file has several clouds, the frames of a sequence. Open it alone: File, Open sequence…",
    ),
    (
        InputError,
        "Check that the file is there, a point cloud in a supported format, and that it holds points.",
    ),
    (MemoryError, "Close other programs, or open a cloud with fewer points."),
    (FileNotFoundError, "The file was moved or deleted. Open it from its new place."),
    (PermissionError, "Choose a folder in which you may write, or change the file's permissions."),
    (OSError, "Check the disk and the path, then try again."),
    (ImportError, "A library is missing. Run “make setup”, then start Octavox again."),
)


# The same where a file was to be written.
_WRITING: tuple[tuple[type[BaseException] | tuple[type[BaseException], ...], str], ...] = (
    (MemoryError, "Close other programs, then try again."),
    ((InputError, OSError), "Choose a folder that exists, in which you may write, on a disk with room."),
)


def _reason(error: BaseException, doing: str) -> str:
    """What the error says, without the path of a file that is named already."""
    path = error.path if isinstance(error, OctavoxError) else None
    named = path is not None and Path(path).name in doing
    return str(error).removeprefix(f"{path}: ") if named else str(error)


def explain(error: BaseException, doing: str, details: str = "", writing: bool = False) -> Explanation:
    """doing: what was under way, as 'Compressing spot.ply'. writing: a file was to be written."""
    advice = next((text for kind, text in (_WRITING if writing else _ADVICE) if isinstance(error, kind)), "")
    advice = advice or "This is a fault of Octavox itself. Copy the details and report them."
    if isinstance(error, OSError) and writing and error.strerror:
        reason = error.strerror  # its file name may be that of a temporary file
    else:
        reason = _reason(error, doing) or type(error).__name__
    title = tr("{doing} failed: {reason}", doing=doing, reason=reason)
    return Explanation(title, tr(advice), details or f"{type(error).__name__}: {error}")
