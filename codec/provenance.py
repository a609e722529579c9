"""Where a result comes from: times, device and versions, for the reports. Imports nothing heavy."""

from __future__ import annotations

import contextlib
import importlib.metadata
import platform
import sys
import time
from collections.abc import Iterator
from functools import lru_cache


class Stopwatch:
    """Wall time by stage."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextlib.contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Adds the time of the block to `name`."""
        start = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - start


def device_name(kind: str) -> str:
    """What a report calls the device, cpu or cuda, that a job ran on: a GPU by its model."""
    return f"cuda ({sys.modules['torch'].cuda.get_device_name()})" if kind == "cuda" else kind


def library_versions(packages: tuple[str, ...] = ("numpy", "numba", "torch")) -> dict[str, str]:
    """Versions of what can touch a result; a package that is not installed is left out."""
    from octavox.codec import __version__

    versions = {"octavox": __version__, "python": platform.python_version()}
    return versions | {package: v for package in packages if (v := _installed(package)) is not None}


@lru_cache
def _installed(package: str) -> str | None:
    """Its version. Reading it takes half a millisecond."""
    with contextlib.suppress(importlib.metadata.PackageNotFoundError):
        return importlib.metadata.version(package)
    return None
