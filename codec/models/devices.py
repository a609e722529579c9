"""The device that a network runs on. torch loads only where a CUDA driver is present; CPUs do without it."""

from __future__ import annotations

import ctypes
import sys

from octavox.codec.errors import InputError
from octavox.codec.optional import optional_package

DEVICES = ("auto", "cpu", "cuda")


def check_device(name: str) -> None:
    """InputError for an unknown name."""
    if name not in DEVICES:
        raise InputError(f"unknown device '{name}'; known: {', '.join(DEVICES)}", field="device")


def pick_device(name: str) -> str:
    """The torch device for auto, cpu or cuda; InputError when this machine does not have it."""
    check_device(name)
    if name == "cpu":
        return name
    try:
        present = _driver_present() and bool(optional_package("torch", "a GPU").cuda.is_available())
    except InputError:
        if name == "cuda":
            raise
        return "cpu"
    if name == "cuda" and not present:
        raise InputError("no CUDA GPU can be used here; use --device cpu", field="device")
    return "cuda" if present else "cpu"


def _driver_present() -> bool:
    """Whether there is a CUDA driver. Loading torch to ask takes longer than coding many clouds."""
    try:
        ctypes.CDLL("nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1")
    except OSError:
        return False
    return True
