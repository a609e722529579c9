"""Settings that limit a process to other instructions than those this machine's CPU has."""

from __future__ import annotations

import os
import platform
from pathlib import Path

import llvmlite.binding as llvm

CACHE = Path(__file__).resolve().parents[1] / "build" / "exact"  # compiled loops of each instruction set
FEWEST = "generic"  # instructions: what every CPU of the kind has, the furthest from this machine's


def _limited(cpu: str, features: str = "") -> dict[str, str]:
    """Without the second, numba would go on with all the features of the host."""
    return {"NUMBA_CPU_NAME": cpu, "NUMBA_CPU_FEATURES": features}


def others() -> dict[str, dict[str, str]]:
    """Environment variables by name, of those that this machine can run."""
    here = llvm.get_host_cpu_features()
    found = {"generic": _limited("generic")}
    if platform.machine() in ("x86_64", "AMD64"):
        found["x86-64-v2"] = _limited("x86-64-v2")
        if here.get("avx2"):
            found["avx2"] = _limited("haswell")
        if here.get("avxvnni"):
            found["avxvnni"] = _limited("haswell", "+avxvnni")
    return found


def environment(name: str) -> dict[str, str]:
    """That of a process which is limited to a set of `others`. It keeps what it compiles in a folder
    of its own."""
    return {**os.environ, **others()[name], "NUMBA_CACHE_DIR": str(CACHE / name)}
