"""Errors and warnings of the library. An error has a reason, and where it applies file, field and byte."""

from __future__ import annotations

import contextlib
import operator
import sys
import warnings
from pathlib import Path
from typing import Any


class OctavoxError(Exception):
    """Base of every error that the library raises on purpose.

    Attributes: `reason` (str), `path` (file, or None), `frame` (its number in a sequence, or None), `field`
    (name in the format, or None), `byte` (offset of the fault in the file, or None). `exit_code` is what the
    CLI returns.
    """

    exit_code = 1
    frame: int | None = None

    def __init__(
        self,
        reason: str,
        *,
        path: str | Path | None = None,
        field: str | None = None,
        byte: int | None = None,
    ) -> None:
        self.reason = reason
        self.path = None if path is None else str(path)
        self.field = field
        self.byte = byte
        super().__init__(reason)

    def __str__(self) -> str:
        where = [] if self.frame is None else [f"frame {self.frame}"]
        if self.field is not None:
            where.append(f"field '{self.field}'")
        if self.byte is not None:
            where.append(f"byte {self.byte}")
        text = self.reason + (f" ({', '.join(where)})" if where else "")
        return text if self.path is None else f"{self.path}: {text}"

    def in_file(self, path: str | Path) -> OctavoxError:
        """The same error, naming `path` if it names no file yet."""
        if self.path is None:
            self.path = str(path)
        return self

    def in_frame(self, number: int | None) -> OctavoxError:
        """The same error, naming the frame if it names none yet."""
        if self.frame is None:
            self.frame = number
        return self


class InputError(OctavoxError):
    """A point cloud or an argument that cannot be used (exit code 2)."""

    exit_code = 2


class SequenceError(InputError):
    """A sequence of which one frame has to be chosen. frames: how many it has."""

    def __init__(self, frames: int) -> None:
        super().__init__(f"a sequence of {frames:,} frames; one has to be chosen", field="frame")
        self.frames = frames


class CorruptStreamError(OctavoxError):
    """A damaged, truncated or foreign bitstream (exit code 3)."""

    exit_code = 3


class UnsupportedStreamError(CorruptStreamError):
    """A sound bitstream of a version or codec that this release does not know (exit code 3)."""


class WeightsError(OctavoxError):
    """Network weights that are missing, damaged or not those that the bitstream names (exit code 4)."""

    exit_code = 4


class CancelledError(OctavoxError):
    """The caller cancelled the job (exit code 130, as for an interrupt)."""

    exit_code = 130


class OutOfMemoryError(OctavoxError, MemoryError):
    """The machine, or a limit on the process, has less memory than the job needs (exit code 2)."""

    exit_code = 2


def out_of_memory(error: MemoryError, path: str | Path | None = None) -> OctavoxError:
    """What is raised in the place of a MemoryError. path: the file that was worked on."""
    if isinstance(error, OctavoxError):
        return error if path is None else error.in_file(path)
    words = str(error)
    if words.startswith("Unable to allocate ") and " for an array" in words:  # numpy's, of one array
        size = words.removeprefix("Unable to allocate ").split(" for an array")[0].replace(". ", " ")
        words = f"another {size} are needed"
    return OutOfMemoryError("not enough memory" + (f": {words[:200]}" if words else ""), path=path)


def check_type(value: object, kinds: type | tuple[type, ...], what: str, field: str) -> None:
    """Raises InputError where `value` is none of `kinds`. what: says what is needed. A bool is no number."""
    if not isinstance(value, kinds) or (isinstance(value, bool) and kinds is not bool):
        raise InputError(f"{what} is needed, not {type(value).__name__}", field=field)


def whole_number(value: Any, field: str) -> int:
    """`value` as an int, of whatever type of integers it is. Raises InputError; a bool is no number."""
    if not isinstance(value, bool):
        with contextlib.suppress(TypeError):
            return operator.index(value)
    raise InputError(f"a whole number is needed, not {type(value).__name__}", field=field)


class LossWarning(UserWarning):
    """Something of a cloud does not come back, although nobody asked for that."""


class MovedPointsWarning(LossWarning):
    """Points do not come back where they were, on a grid that nobody chose."""


class DroppedWarning(LossWarning):
    """Properties, comments or tables have no place in a stream or in an object of another package."""


def warn_caller(message: str, kind: type[Warning] = UserWarning) -> None:
    """A warning that points at the first caller outside the library."""
    frame, level = sys._getframe(1), 2
    while frame.f_back is not None and str(frame.f_globals.get("__name__", "")).startswith(
        ("octavox", "contextlib")
    ):
        frame, level = frame.f_back, level + 1
    warnings.warn(message, kind, stacklevel=level)
