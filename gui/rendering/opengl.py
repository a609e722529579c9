"""The name of the OpenGL renderer."""

from __future__ import annotations

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
