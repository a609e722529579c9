"""Packages that the library works with where they are installed, and does without where they are not."""

from __future__ import annotations

import importlib
from typing import Any

from .errors import InputError


def optional_package(name: str, purpose: str, package: str | None = None) -> Any:
    """The module of this name. Raises InputError that says what needs it, where it is not installed.

    package: that has the module, where the names differ.
    """
    try:
        return importlib.import_module(name)
    except ImportError as error:
        package = package or name.partition(".")[0]
        raise InputError(f"{purpose} needs the package {package}, which is not installed") from error
