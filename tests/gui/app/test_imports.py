"""What starting the window loads, and what the model may use."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]

# torch on the CPU stands for the GPU
ON_A_DEVICE = """
import numpy as np
from octavox import codec
from octavox.codec.codecs.geometry.multiscale import codec as multiscale
from octavox.codec.codecs.geometry.voxeldnn import engine
for module in (multiscale, engine):
    module.pick_device = lambda name: "cpu:0"
cloud = codec.VoxelCloud(np.argwhere(np.ones((2, 2, 2))).astype(np.int32), 4)
for name in ("multiscale", "voxeldnn"):
    options = codec.CodecOptions(codec=name, device="cuda")
    coded = codec.encode(cloud, options=options)
    codec.decode(coded.data, options=options)
"""


def loaded_by(statement: str) -> set[str]:
    code = f"import sys\n{statement}\nprint(' '.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_the_window_starts_without_heavy_libraries() -> None:
    modules = loaded_by("import octavox.gui.app.app, octavox.gui.app.main_window")
    assert not modules & {"torch", "open3d", "numba", "pyvista", "pyvistaqt", "vtkmodules", "matplotlib"}


@pytest.mark.slow
def test_coding_on_a_torch_device_loads_no_second_llvm() -> None:
    """Triton's crashes in a process that draws with Mesa's; torch loads it for optimizers and compilation."""
    modules = loaded_by(ON_A_DEVICE)
    assert modules >= {
        "torch",
        "octavox.codec.codecs.geometry.multiscale.device",
        "octavox.codec.codecs.geometry.voxeldnn.device",
    }
    assert not modules & {"triton", "torch._dynamo", "torch._inductor"}


def test_the_model_knows_no_qt_and_no_vtk() -> None:
    names = [path.stem for path in (ROOT / "gui" / "document").glob("*.py") if path.stem != "__init__"]
    modules = loaded_by("; ".join(f"import octavox.gui.document.{name}" for name in names))
    assert "octavox.gui.document.session" in modules
    assert not {m.split(".")[0] for m in modules} & {
        "PySide6",
        "shiboken6",
        "pyvista",
        "pyvistaqt",
        "vtkmodules",
    }
