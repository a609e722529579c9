"""Priorities of threads."""

from __future__ import annotations

import contextlib
import os
import sys
import threading

NICENESS = 15  # of a worker and the threads that it starts, so that the window gets a processor first


def step_back(niceness: int) -> None:
    """Lower this thread's priority where threads have one of their own that QThread cannot set (Linux)."""
    if sys.platform == "linux":
        thread = threading.get_native_id()
        with contextlib.suppress(OSError):
            now = os.getpriority(os.PRIO_PROCESS, thread)
            os.setpriority(os.PRIO_PROCESS, thread, min(19, now + niceness))
