"""Calls of OpenGL that PySide6 and VTK have no names for, and the name of the renderer."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import partial

from PySide6.QtGui import QOpenGLContext
from vtkmodules.vtkRenderingCore import vtkRenderWindow


def renderer_name(window: vtkRenderWindow) -> str:
    """OpenGL's own name of the renderer, and its version."""
    lines = str(window.ReportCapabilities()).splitlines()
    found = [
        line.split(":", 1)[1].strip()
        for line in lines
        if "renderer string" in line or "version string" in line
    ]
    return ", ".join(dict.fromkeys(found))


PROGRAM_POINT_SIZE = 0x8642


def point_size_switch(context: QOpenGLContext) -> Callable[[], None]:
    """What has shaders say how large points are (core since 3.2); call it while the context is current."""
    enable = ctypes.PYFUNCTYPE(None, ctypes.c_uint)(address(context, b"glEnable"))
    return partial(enable, PROGRAM_POINT_SIZE)


def address(context: QOpenGLContext, name: bytes) -> int:
    """Where a function of OpenGL lies. Raises RuntimeError where it is missing."""
    found = context.getProcAddress(name)  # type: ignore[arg-type]
    if not found:
        raise RuntimeError(f"OpenGL has no {name.decode()}")
    return int(found)  # type: ignore[call-overload]
