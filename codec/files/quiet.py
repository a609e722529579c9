"""Silence for libraries that write to the process's standard error themselves."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Iterator

_lock = threading.Lock()
_state = {"users": 0, "saved": -1}


@contextlib.contextmanager
def quiet_stderr() -> Iterator[None]:
    """Whatever is written to file descriptor 2 during the block is lost. Several threads may be in it."""
    _enter()
    try:
        yield
    finally:
        _leave()


def _enter() -> None:
    with _lock:
        if _state["users"] == 0:
            with contextlib.suppress(OSError, ValueError, AttributeError):
                sys.stderr.flush()
            _state["saved"] = -1
            with contextlib.suppress(OSError):  # no descriptor 2: nothing to silence
                saved = os.dup(2)
                nowhere = os.open(os.devnull, os.O_WRONLY)
                os.dup2(nowhere, 2)
                os.close(nowhere)
                _state["saved"] = saved
        _state["users"] += 1


def _leave() -> None:
    with _lock:
        _state["users"] -= 1
        if _state["users"] == 0 and _state["saved"] >= 0:
            os.dup2(_state["saved"], 2)
            os.close(_state["saved"])
