"""Commands over several files: a failure is told, and the others go on."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from octavox.codec.errors import CancelledError, OctavoxError, out_of_memory

from .targets import STDOUT, write_report
from .words import complain, say, say_json


@dataclass(frozen=True)
class Outcome:
    """What was done with one file.

    report: as JSON has it. words: what is said of it where it is alone. line: where it is one of several.
    code: the exit code.
    """

    report: dict[str, Any]
    words: str
    line: str
    code: int = 0


def each(
    args: argparse.Namespace,
    pairs: list[tuple[str, str]],
    work: Callable[[str, str], Outcome],
    frames: Mapping[str, int] | None = None,
) -> int:
    """Runs `work` on every pair of input and output; the exit code, the first that is not 0.

    One file gives one JSON object, several give a list. Output "" means that there is none. frames: of a
    sequence, the number of the frame of each output.
    """
    done: list[dict[str, Any]] = []
    codes, alone = [0], len(pairs) == 1
    bytes_out = STDOUT in [target for _, target in pairs] or getattr(args, "report", None) == STDOUT
    for source, target in pairs:
        names: dict[str, Any] = {"input": source, **({"output": target} if target else {})}
        if frames is not None:
            names["frame"] = frames[target]
        try:
            found = _worked(work, source, target)
        except CancelledError:
            raise
        except OctavoxError as error:
            error.in_file(source if source != STDOUT else "<stdin>")
            if alone:
                raise
            complain(str(error))
            done.append({**names, "error": str(error)})
            codes.append(error.exit_code)
            continue
        done.append({**names, **found.report})
        say(args, found.words if alone else found.line, bytes_out)
        codes.append(found.code)
    whole = done[0] if alone else done
    write_report(args, whole)
    say_json(args, whole, bytes_out)
    return first_fault(codes)


def _worked(work: Callable[[str, str], Outcome], source: str, target: str) -> Outcome:
    """Runs `work` on a pair. Raises OctavoxError also where memory is lacking."""
    try:
        return work(source, target)
    except OctavoxError:
        raise
    except MemoryError as error:
        raise out_of_memory(error) from None


def first_fault(codes: Iterable[int]) -> int:
    """The exit code of a command over several files: the first one that is not 0."""
    return next((code for code in codes if code), 0)
