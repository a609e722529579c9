"""Networks in memory: each weights file once for each device."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import Generic, TypeVar

from octavox.codec.errors import WeightsError
from octavox.codec.options import CodecOptions
from octavox.resources import FOLDER

N = TypeVar("N")


class Networks(Generic[N]):
    """file: name of the shipped weights. load(path, device): reads them and makes the network."""

    def __init__(self, codec: str, file: str, load: Callable[[Path, str], N]) -> None:
        self._codec, self._file, self._load = codec, file, load
        self._loaded: dict[tuple[str, str], N] = {}
        self._lock = Lock()

    def path(self, options: CodecOptions) -> Path:
        """The weights file that `options` ask for: theirs, or the shipped one."""
        return Path(options.weights) if options.weights else FOLDER / "weights" / self._file

    def on(self, device: str, options: CodecOptions) -> N:
        """The network of these options on "cpu" or "cuda". Raises WeightsError."""
        path = self.path(options)
        if not os.path.exists(path):
            raise WeightsError(
                f"{self._codec} weights are missing; give a file with --weights, or use --codec octree",
                path=path,
            )
        key = (f"{path.resolve()}:{path.stat().st_mtime_ns}", device)
        with self._lock:
            if key not in self._loaded:
                self._loaded[key] = self._load(path, device)
            return self._loaded[key]
