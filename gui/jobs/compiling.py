"""Compiles the codecs' loops in another process.

Compiling blocks other threads for seconds at a time, so a window in the same process would not react.
"""

from __future__ import annotations

import atexit
import os
import subprocess
import sys
import threading
from collections.abc import Callable

from octavox import codec
from octavox.codec import CancelToken, OctavoxError, Progress

LOOK_S = 0.1  # between two looks at the process, and at the cancel token
_PROGRAM = "import sys, octavox; octavox.prepare(sys.argv[1:])"


class Compiler:
    """At most one process at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._tried: set[str] = set()
        atexit.register(self.stop)

    def ensure(
        self, name: str, report: Callable[[Progress], None] | None = None, cancel: CancelToken | None = None
    ) -> None:
        """Returns when the loops of codec `name` are compiled, or cannot be. Raises CancelledError."""
        while not codec.is_prepared(name) and self._running(name):
            if report is not None:
                report(Progress("compile", 0, 0))
            if cancel is not None:
                cancel.raise_if_cancelled()
            with self._lock:
                process = self._process
            if process is not None:
                try:
                    process.wait(LOOK_S)
                except subprocess.TimeoutExpired:
                    continue

    def ensure_for(
        self, stream: bytes | str, report: Callable[[Progress], None], cancel: CancelToken
    ) -> None:
        """`ensure` for the codec of a bitstream, which is looked at only where a codec may be missing."""
        if not all(map(codec.is_prepared, codec.codec_names())):
            self.ensure(codec_of(stream), report, cancel)

    def _running(self, name: str) -> bool:
        """Whether a process compiles; starts one for `name` unless that failed before."""
        with self._lock:
            if self._process is not None and self._process.poll() is None:
                return True
            if name in self._tried:
                return False
            self._tried.add(name)
            environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
            command = [sys.executable, "-c", _PROGRAM, name]
            try:
                self._process = subprocess.Popen(
                    command, env=environment, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL
                )
            except OSError:  # then the job itself compiles the loops
                return False
            return True

    def stop(self) -> None:
        """Ends the process; what it compiled so far is kept."""
        with self._lock:
            if self._process is not None and self._process.poll() is None:
                self._process.kill()
                self._process.wait()


COMPILER = Compiler()


def codec_of(stream: bytes | str) -> str:
    """The codec of a bitstream or of a file with one; "" if it cannot be read."""
    try:
        return codec.info(stream).codec
    except OctavoxError:
        return ""
