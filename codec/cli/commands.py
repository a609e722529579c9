"""The subcommands of the command line. A new one is one entry here, and a module that does it."""

from __future__ import annotations

import argparse
import importlib
from dataclasses import dataclass

EXIT_DIFFERENT, EXIT_INPUT, EXIT_STREAM, EXIT_SALVAGED, EXIT_CANCELLED = 1, 2, 3, 5, 130  # 4: WeightsError


@dataclass(frozen=True)
class Command:
    """One subcommand.

    help: what it does, one line. module: has `add_arguments(parser)`, which declares its arguments, and
    `run(args)`, which does it, returns the exit code and may raise any OctavoxError. It loads when the
    subcommand is called. speaks: it takes --quiet, --verbose and --json.
    """

    name: str
    help: str
    module: str
    speaks: bool = True

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declares its arguments."""
        importlib.import_module(self.module).add_arguments(parser)

    def run(self, args: argparse.Namespace) -> int:
        """Does it; the exit code."""
        return int(importlib.import_module(self.module).run(args))


_HERE, _CODEC = "octavox.codec.cli", "octavox.codec"
COMMANDS = (
    Command("encode", "compress point clouds to .ovx", f"{_HERE}.encode"),
    Command("decode", "decompress .ovx to a point cloud", f"{_HERE}.decode"),
    Command("info", "show what streams hold", f"{_HERE}.info"),
    Command("verify", "check that a stream holds what it promises of a cloud", f"{_HERE}.verify"),
    Command("compare", "measure how far one cloud is from another", f"{_HERE}.compare"),
    Command("convert", "rewrite a point cloud in another file format", f"{_HERE}.convert"),
    Command("upsample", "add points to a cloud, on its own grid", f"{_HERE}.upsample"),
    Command("restore", "give back points that a lossy codec moved or left out", f"{_HERE}.restore"),
    Command("interpolate", "make the frame between two frames", f"{_HERE}.interpolate"),
    Command("batch", "do many files on many processes and machines", f"{_HERE}.batch"),
    Command(
        "completion", "print a script that completes commands in a shell", f"{_HERE}.completion", speaks=False
    ),
    Command("dataset", "make training blocks from meshes and clouds", f"{_CODEC}.datasets.cli"),
    Command("train", "train weights", f"{_CODEC}.training.cli"),
)
