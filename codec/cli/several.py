"""Commands over several files: a failure is told, and the others go on."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from typing import Any

from octavox.codec.errors import CancelledError, OctavoxError

from .words import say, say_all


def each(
    args: argparse.Namespace,
    pairs: list[tuple[str, str]],
    work: Callable[[str, str], dict[str, Any]],
    line: Callable[[dict[str, Any]], str],
) -> int:
    """Runs `work` on every pair of files; the exit code, that of the first failure.

    work: says itself what it did where there is one file alone. line: what is said of one of several.
    """
    if len(pairs) == 1:
        work(*pairs[0])
        return 0
    done: list[dict[str, Any]] = []
    code = 0
    for source, target in pairs:
        try:
            found = work(source, target)
        except CancelledError:
            raise
        except OctavoxError as error:
            error.in_file(source)
            print(f"octavox: error: {error}", file=sys.stderr)
            done.append({"input": source, "output": target, "error": str(error)})
            code = code or error.exit_code
            continue
        done.append(found)
        say(args, line(found))
    say_all(args, done)
    return code
