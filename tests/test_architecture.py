"""Who may import whom, and what an import may load. The contracts in pyproject.toml say the rest."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from octavox import codec

ROOT = Path(__file__).resolve().parent.parent
WINDOW = {"PySide6", "qtpy", "pyvista", "pyvistaqt", "vtk", "vtkmodules"}
HEAVY = WINDOW | {"torch", "numba", "open3d", "lazrs", "pye57"}
# What a bare GPU machine has, and the parts of the library that themselves need no more.
GEOMETRY = "octavox.codec.codecs.geometry"
GET_CODEC = "from octavox.codec.codecs.registry import get_codec\nget_codec"
NETWORK_MAY = {"numpy", "torch", "safetensors"}
NETWORK_MAY_OF_CODEC = tuple(
    f"octavox.codec.{part}"
    for part in (
        "arrays",
        "blocks",
        "cloud",
        "errors",
        "files.atomic",
        "job",
        "models",
        "optional",
        "options",
        "training",
    )
)
# Read only where the clouds come as PLY files, or are frames of sequences; inside a function.
NETWORK_EXCEPTIONS = {
    ("codec/training/clouds.py", "octavox.codec.formats"),
    ("codec/training/pairs.py", "octavox.codec.codecs.geometry.inter.motion"),
    ("codec/training/curve.py", "matplotlib"),  # does without where there is none
}


def imports(source: str, package: str) -> Iterator[tuple[int, str, str | None]]:
    """(line, module, name) of every import of a module's text, in functions too; name is None for `import m`.

    package: dotted name of the package that holds the module, against which relative imports are resolved.
    """
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name, None
        elif isinstance(node, ast.ImportFrom):
            base = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            module = ".".join([*base, node.module] if node.module else base)
            for alias in node.names:
                yield node.lineno, module, alias.name


def attributes_of_codec(source: str) -> Iterator[tuple[int, str]]:
    """(line, name) of every `codec.name` in a module's text."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "codec":
            yield node.lineno, node.attr


def beyond_the_interface(source: str, package: str) -> list[str]:
    """What a module takes from the library that `codec/__init__.py` does not export."""
    exported = set(codec.__all__)
    found = []
    names_codec = False
    for line, module, name in imports(source, package):
        if module.startswith("octavox.codec."):
            found.append(f"line {line}: {module}")
        elif (module, name) == ("octavox", "codec"):
            names_codec = True
        elif module == "octavox.codec" and name not in exported:
            found.append(f"line {line}: codec.{name}")
    if names_codec:
        found += [
            f"line {n}: codec.{name}" for n, name in attributes_of_codec(source) if name not in exported
        ]
    return found


def beyond_a_gpu_machine(source: str, package: str, path: str) -> list[str]:
    """What a module of the networks imports that a machine with numpy, torch and safetensors alone lacks."""
    found = []
    for line, module, name in imports(source, package):
        top = module.split(".")[0]
        if top in sys.stdlib_module_names or top in NETWORK_MAY:
            continue
        dotted = f"{module}.{name}"
        if top == "octavox" and any(f"{dotted}.".startswith(f"{part}.") for part in NETWORK_MAY_OF_CODEC):
            continue
        if (path, module) not in NETWORK_EXCEPTIONS:
            found.append(f"line {line}: {module}")
    return found


def sources(*folders: str) -> list[Path]:
    """The modules below folders of the repository."""
    return [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]


def package_of(path: Path) -> str:
    return ".".join(("octavox", *path.relative_to(ROOT).parent.parts))


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def loaded_by(statement: str) -> set[str]:
    """Top-level modules that a fresh interpreter holds after `statement`."""
    listing = "import json, sys\nprint(json.dumps(sorted({m.split('.')[0] for m in sys.modules})))"
    command = [sys.executable, "-c", f"{statement}\n{listing}"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout.splitlines()[-1]))


def parts(folder: Path) -> Path:
    """A folder that holds the parts of the package, as scripts/bootstrap.py makes one."""
    package = folder / "octavox"
    package.mkdir()
    for name in ("codec", "gui", "resources"):
        (package / name).symlink_to(ROOT / name, target_is_directory=True)
    return folder


def test_import_contracts_hold(tmp_path: Path) -> None:
    program = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [str(program), "--no-cache", "--config", str(ROOT / "pyproject.toml")],
        cwd=parts(tmp_path),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr


# Experiments behind docs/decisions, which look inside the codecs.
EXPERIMENTS = {
    f"bench/{name}.py" for name in ("floor", "planes", "rings", "teacher", "teacher_data", "teacher_net")
}


@pytest.mark.parametrize(
    "path", [path for path in sources("gui", "bench") if name_of(path) not in EXPERIMENTS], ids=name_of
)
def test_the_window_takes_only_what_the_library_exports(path: Path) -> None:
    assert beyond_the_interface(path.read_text("utf-8"), package_of(path)) == []


@pytest.mark.parametrize("path", sources("codec/models", "codec/training"), ids=name_of)
def test_networks_need_only_a_gpu_machine(path: Path) -> None:
    assert beyond_a_gpu_machine(path.read_text("utf-8"), package_of(path), name_of(path)) == []


def test_nothing_imports_the_entry_point() -> None:
    found = [
        f"{name_of(path)}:{line}"
        for path in sources("octavox", "codec", "gui", "resources")
        for line, module, _ in imports(path.read_text("utf-8"), package_of(path))
        if module.split(".")[0] in {"main", "tests"}
    ]
    assert found == []


@pytest.mark.parametrize("path", sources("codec"), ids=name_of)
def test_the_library_loads_heavy_packages_late_or_in_late_modules(path: Path) -> None:
    """torch belongs to networks on a device, numba to compiled kernels; the window's packages to none."""
    part = path.relative_to(ROOT).parts[1]
    allowed = {"torch"} if part in {"models", "training"} or path.name == "device.py" else set()
    allowed |= {"numba"} if "kernels" in path.parts else set()
    tree = ast.parse(path.read_text("utf-8"))
    at_once = [node for node in tree.body if isinstance(node, (ast.Import, ast.ImportFrom))]
    found = {
        module.split(".")[0]
        for node in at_once
        for _, module, _ in imports(ast.unparse(node), package_of(path))
    }
    assert found & HEAVY <= allowed


@pytest.mark.slow
@pytest.mark.parametrize(
    ("statement", "banned"),
    [
        ("import octavox", HEAVY | {"numpy"}),
        ("import octavox\nfor name in octavox.__all__: getattr(octavox, name)", HEAVY),
        ("import octavox.codec.cli.main", HEAVY),
        (
            "import octavox.codec.stream.chunks, octavox.codec.codecs.registry, octavox.codec.formats",
            HEAVY,
        ),
        ("import octavox.codec.report, octavox.codec.cloud.voxelize", HEAVY),
        ("import octavox.__main__", HEAVY | {"numpy"}),
        ("import octavox.resources", HEAVY | {"numpy"}),
        (f"{GET_CODEC}('octree')", WINDOW | {"torch", "open3d"}),
        (f"{GET_CODEC}('voxeldnn')", WINDOW | {"open3d"}),
        (f"import {GEOMETRY}.voxeldnn.codec, {GEOMETRY}.voxeldnn.compiled", HEAVY - {"numba"}),
        (
            "import octavox.codec.models.integer, octavox.codec.models.voxeldnn",
            WINDOW | {"numba", "open3d", "lazrs", "pye57"},
        ),
        (
            "import octavox.codec.training.loop, octavox.codec.training.quantize",
            WINDOW | {"numba", "open3d", "lazrs", "pye57"},
        ),
    ],
)
def test_imports_stay_light(statement: str, banned: set[str]) -> None:
    assert loaded_by(statement) & banned == set()


def test_every_exported_name_exists() -> None:
    assert [name for name in codec.__all__ if getattr(codec, name, None) is None] == []
    assert len(set(codec.__all__)) == len(codec.__all__)


# The checks above look for what is absent; these show that they would find it.


@pytest.mark.parametrize(
    "source",
    [
        "from octavox.codec.api import encode",
        "import octavox.codec.api",
        "from octavox.codec import api",
        "def f():\n    from octavox.codec.formats import read_cloud",
        "from octavox import codec\ncodec.api.encode",
        "from octavox import codec\nx = codec._HOME",
        "from ...codec.api import encode",
    ],
)
def test_a_reach_past_the_interface_is_found(source: str) -> None:
    assert beyond_the_interface(source, "octavox.gui.app") != []


def test_the_interface_itself_is_allowed() -> None:
    source = "from octavox import codec\nfrom octavox.codec import CodecOptions\ncodec.encode(1)"
    assert beyond_the_interface(source, "octavox.gui.app") == []


@pytest.mark.parametrize(
    ("source", "fine"),
    [
        ("import numba", False),
        ("def f():\n    import open3d", False),
        ("from ..coding import range_coder", False),
        ("from ..api import encode", False),
        ("from .. import api", False),
        ("from .. import errors", True),
        ("from ..errors import WeightsError", True),
        ("from .sites import Layout", True),
        ("import lzma\nimport numpy as np\nfrom torch import nn", True),
    ],
)
def test_what_networks_may_import(source: str, fine: bool) -> None:
    assert (beyond_a_gpu_machine(source, "octavox.codec.models", "codec/models/x.py") == []) is fine


def test_a_loaded_module_is_seen() -> None:
    assert "numpy" in loaded_by("import numpy")
