"""Whether there is a display. Qt ends the process with an abort where there is none."""

from __future__ import annotations

import ctypes
import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path

NEEDS_NONE = "octavox --help lists what needs none"


def missing_display() -> str:
    """Why the window cannot be shown, as a sentence; "" where Qt can try."""
    if sys.platform != "linux":
        return ""
    platforms = [name.split(":")[0] for name in os.environ.get("QT_QPA_PLATFORM", "").split(";") if name]
    if any(not name.startswith(("xcb", "wayland")) for name in platforms):
        return ""  # such as "offscreen": it needs no display
    tried = []
    for variable, platform, answers in _DISPLAYS:
        name = os.environ.get(variable)
        if not name or (platforms and not any(wanted.startswith(platform) for wanted in platforms)):
            continue
        if answers(name):
            return ""
        tried.append(f"{name} ({variable})")
    if tried:
        return f"the display {' and '.join(tried)} cannot be reached; {NEEDS_NONE}"
    return f"there is no display; {NEEDS_NONE}"


def _x_answers(name: str) -> bool:
    """Whether an X server lets us in, by the library that Qt uses; True where that is missing."""
    try:
        xcb = ctypes.CDLL("libxcb.so.1")
        xcb.xcb_connect.restype = ctypes.c_void_p
    except (OSError, AttributeError):
        return True  # Qt says what is missing
    connection = ctypes.c_void_p(xcb.xcb_connect(name.encode(), None))
    try:
        return not xcb.xcb_connection_has_error(connection)
    finally:
        xcb.xcb_disconnect(connection)


def _wayland_answers(name: str) -> bool:
    """Whether a Wayland compositor listens."""
    path = Path(os.environ.get("XDG_RUNTIME_DIR", "/"), name)
    try:
        with socket.socket(socket.AF_UNIX) as there:
            there.connect(str(path))
    except OSError:
        return False
    return True


_DISPLAYS: tuple[tuple[str, str, Callable[[str], bool]], ...] = (
    ("DISPLAY", "xcb", _x_answers),
    ("WAYLAND_DISPLAY", "wayland", _wayland_answers),
)
