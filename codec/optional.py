"""Packages that the library works with where they are installed, and does without where they are not."""

from __future__ import annotations

import importlib
from typing import Any

from .errors import InputError

EXTRAS = {  # of pyproject.toml, by what they bring; other packages belong to no extra
    "dask": "batch",
    "distributed": "batch",
    "open3d": "open3d",
    "pyarrow": "batch",
    "pye57": "e57",
    "pyvista": "gui",
    "scikit-image": "rendered",
    "torch": "torch",
}


def optional_package(name: str, purpose: str, package: str | None = None) -> Any:
    """The module of this name. Raises InputError that says what needs it, where it is not installed.

    package: that has the module, where the names differ.
    """
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise InputError(why_missing(error, purpose, package or name.partition(".")[0])) from error


def why_missing(error: ImportError, purpose: str, package: str) -> str:
    """What is missing where `package` cannot be imported, and how to install it; in words."""
    if not isinstance(error, ModuleNotFoundError):  # there, but the system lacks a library that it loads
        return f"{purpose} needs the package {package}, which cannot be loaded here: {error}"
    if package in EXTRAS:
        extra = EXTRAS[package]
        return f"{purpose} needs the extra {extra}: pip install 'octavox[{extra}]'"
    return f"{purpose} needs the package {package}, which is not installed: pip install {package}"
