"""What starting the window loads, and what the model may use."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def loaded_by(statement: str) -> set[str]:
    code = f"import sys; {statement}; print(' '.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_the_window_starts_without_heavy_libraries() -> None:
    modules = loaded_by("import gui.app, gui.mainwindow")
    assert not modules & {"torch", "open3d", "numba", "pyvista", "pyvistaqt", "vtkmodules", "matplotlib"}


def test_the_model_knows_no_qt_and_no_vtk() -> None:
    names = [path.stem for path in (ROOT / "gui" / "model").glob("*.py") if path.stem != "__init__"]
    modules = loaded_by("; ".join(f"import gui.model.{name}" for name in names))
    assert "gui.model.session" in modules
    assert not {m.split(".")[0] for m in modules} & {
        "PySide6",
        "shiboken6",
        "pyvista",
        "pyvistaqt",
        "vtkmodules",
    }
