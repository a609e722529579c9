"""Fixtures that several test files share."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import raw_codec
from hypothesis import settings
from sample_clouds import ROOT, SAMPLE, make_sphere

from octavox.codec.cloud.cloud import VoxelCloud
from octavox.codec.models.weights import VoxelDNNWeights, load_weights
from octavox.codec.options import CodecOptions

# torch loads triton with the first optimizer, if it is installed; triton crashes if another LLVM was loaded
# before its own, as the software rasterizer's is by the tests of the window.
with contextlib.suppress(ImportError):
    import triton  # noqa: F401

settings.register_profile("octavox", deadline=None)  # no time limits: machines differ
settings.load_profile("octavox")

CommandLine = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="session")
def sample_path() -> Path:
    """The bundled sample, a dense surface of SAMPLE_POINTS voxels in a 256-cube, with colours."""
    return SAMPLE


@pytest.fixture(scope="session")
def shipped_weights() -> VoxelDNNWeights:
    return load_weights(ROOT / "resources" / "weights" / "voxeldnn.safetensors")


@pytest.fixture
def raw() -> Iterator[CodecOptions]:
    """Options that choose a codec which stores coordinates as they are."""
    raw_codec.install()
    yield CodecOptions(codec=raw_codec.NAME)
    raw_codec.uninstall()


@pytest.fixture
def small_cloud() -> VoxelCloud:
    """A sphere's surface in a 32-cube."""
    return make_sphere(5, 12.0)


@pytest.fixture(scope="session")
def command_line() -> CommandLine:
    """Runs `main.py ...` in a process of its own; raw=True makes the raw test codec known to it."""

    def run(*args: object, raw: bool = False, cwd: Path | None = None, **variables: str):
        script = ROOT / ("tests/support/raw_codec.py" if raw else "main.py")
        environment = {**os.environ, "PYTHONPATH": str(ROOT), **variables}
        command = [sys.executable, str(script), *map(str, args)]
        return subprocess.run(
            command,
            cwd=cwd or ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=250,
        )

    return run
