"""Loads the codecs while the user looks at the first picture, so that the first job starts at once.

Loading numba and its compiled functions takes a second (on a new machine, compiling them, half a minute), and
pieces of it hold the interpreter for a tenth of a second: better before a job than during one.
"""

from __future__ import annotations

import contextlib
import gc
import os
import sys
import threading

import numpy as np

import codec

from .jobs import NICENESS, step_back


class Warmup(threading.Thread):
    """Codes a cloud of two voxels with every codec, both ways."""

    def __init__(self) -> None:
        super().__init__(name="octavox-warmup", daemon=True)

    def run(self) -> None:
        step_back(NICENESS)
        cloud = codec.VoxelCloud(np.array([[0, 0, 0], [1, 1, 1]], np.int32), 7)
        for name in codec.codec_names():
            with contextlib.suppress(codec.OctavoxError):  # a job will say what is wrong
                options = codec.CodecOptions(codec=name)
                codec.decode(codec.encode(cloud, options=options).data, options=options)
        gc.freeze()

    def leave(self, code: int) -> int:
        """The exit code; ends the process at once if code is still being compiled, which nothing can stop."""
        if self.is_alive():
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
        return code
