"""Settings that limit a process to other instructions than those this machine's CPU has."""

from __future__ import annotations

import os
import platform

import llvmlite.binding as llvm

NONE = {"NUMBA_CPU_NAME": "generic", "NUMBA_CPU_FEATURES": ""}
_AVX2 = {
    "NUMBA_CPU_NAME": "haswell",
    "NUMBA_CPU_FEATURES": "",
}  # a name alone leaves all it has
_OLD = {"NUMBA_CPU_NAME": "x86-64-v2", "NUMBA_CPU_FEATURES": ""}


def others() -> dict[str, dict[str, str]]:
    """Environment variables by name, of those that this machine can run."""
    here = llvm.get_host_cpu_features()
    found = {"generic": NONE}
    if platform.machine() in ("x86_64", "AMD64"):
        found["x86-64-v2"] = _OLD
        if here.get("avx2"):
            found["avx2"] = _AVX2
        if here.get("avxvnni"):
            found["avxvnni"] = {**_AVX2, "NUMBA_CPU_FEATURES": "+avxvnni"}
    return found


def environment(changes: dict[str, str], cache: object) -> dict[str, str]:
    """That of a process which compiles anew, into `cache`."""
    return {**os.environ, **changes, "NUMBA_CACHE_DIR": str(cache)}
