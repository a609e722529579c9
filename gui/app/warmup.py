"""Loads the codecs soon after the start, so that the first job does not wait for them.

Loading numba and its compiled functions takes a second, and pieces of it hold the interpreter for a tenth of
a second: better before a job than during one. On a new machine they are compiled first, in another process.
"""

from __future__ import annotations

import gc
import os
import sys
import threading

from octavox import codec
from octavox.gui.jobs.compiling import COMPILER
from octavox.gui.jobs.runner import NICENESS, step_back


class Warmup(threading.Thread):
    """Codes a cloud of two voxels with every codec, both ways."""

    def __init__(self) -> None:
        super().__init__(name="octavox-warmup", daemon=True)

    def run(self) -> None:
        step_back(NICENESS)
        first = codec.CodecOptions().codec
        for name in sorted(codec.codec_names(), key=lambda name: name != first):
            COMPILER.ensure(name)
            codec.prepare([name])
        gc.freeze()

    def leave(self, code: int) -> int:
        """The exit code; ends the process at once if code is still being compiled, which nothing can stop."""
        COMPILER.stop()
        if self.is_alive():
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
        return code
