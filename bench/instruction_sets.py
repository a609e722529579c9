"""Settings that limit a process to other instructions than those this machine's CPU has."""

from __future__ import annotations

import os
import platform

import llvmlite.binding as llvm


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


def environment(changes: dict[str, str], cache: object) -> dict[str, str]:
    """That of a process which compiles anew, into `cache`."""
    return {**os.environ, **changes, "NUMBA_CACHE_DIR": str(cache)}
