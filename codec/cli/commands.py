"""The subcommands of the command line. A new one is one entry here, and a module that does it."""

from __future__ import annotations

import argparse
import importlib
from dataclasses import dataclass

EXIT_DIFFERENT, EXIT_INPUT, EXIT_STREAM, EXIT_CANCELLED = 1, 2, 3, 130


@dataclass(frozen=True)
class Command:
    """One subcommand.

    help: what it does, one line. module: has `add_arguments(parser)`, which declares its arguments, and
    `run(args)`, which does it, returns the exit code and may raise any OctavoxError. It loads when the
    subcommand is called.
    """

    name: str
    help: str
    module: str

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declares its arguments."""
        importlib.import_module(self.module).add_arguments(parser)

    def run(self, args: argparse.Namespace) -> int:
        """Does it; the exit code."""
        return int(importlib.import_module(self.module).run(args))


_HERE, _CODEC = "octavox.codec.cli", "octavox.codec"
COMMANDS = (
    Command("encode", "compress a point cloud to .ovx", f"{_HERE}.encode"),
    Command("decode", "decompress .ovx to PLY", f"{_HERE}.decode"),
    Command("info", "show what a stream holds", f"{_HERE}.info"),
    Command("verify", "check that a stream decodes to the very voxels of a cloud", f"{_HERE}.verify"),
    Command("compare", "measure how far one cloud is from another", f"{_HERE}.compare"),
    Command("dataset", "make training blocks from meshes and clouds", f"{_CODEC}.datasets.cli"),
    Command("train", "train weights", f"{_CODEC}.training.cli"),
)
