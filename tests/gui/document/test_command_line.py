"""Command lines that do what an action does."""

from __future__ import annotations

import shlex
from dataclasses import replace
from pathlib import Path

import numpy as np

from octavox.codec import BlockTable, CodecOptions
from octavox.codec.cli.main import main as cli_main
from octavox.gui.document.blocks import BlockFilter
from octavox.gui.document.camera import Camera
from octavox.gui.document.command_line import COMMANDS, compress_command, decompress_command
from octavox.gui.document.items import StreamItem
from octavox.gui.document.session import Session


def test_command_lines_are_understood_by_the_command_line(tmp_path, capsys) -> None:
    missing = str(tmp_path / "no such file.ply")
    options = CodecOptions(codec="octree", device="cpu")
    counted, divided = replace(options, block_size=8), CodecOptions(codec="voxeldnn", max_level=3)
    tried = replace(options, effort="high")
    out, ply = str(tmp_path / "out.ovx"), str(tmp_path / "out.ply")
    assert "--effort high" in compress_command(missing, out, tried)
    assert "--effort" not in compress_command(missing, out, replace(divided, effort="high"))
    assert "--block-size 8" in compress_command(missing, out, counted)
    assert "--max-level 3" in compress_command(missing, out, divided)
    for line in (
        *(compress_command(missing, out, chosen) for chosen in (options, counted, divided, tried)),
        *(decompress_command(missing, ply, chosen) for chosen in (options, counted, divided)),
    ):
        words = shlex.split(line)
        assert words[0] == "octavox"
        assert cli_main(words[1:]) == 2  # understood, and then there is no such file
        assert "no such file.ply" in capsys.readouterr().err


def table(bits: list[float], size: int = 64) -> BlockTable:
    count = len(bits)
    origin = np.column_stack([np.arange(count) * size, np.zeros(count), np.zeros(count)])
    return BlockTable.make(origin, size, np.arange(1, count + 1), bits, 1.0, np.arange(count) % 3)


def filled(tmp_path: Path) -> Session:
    session = Session()
    session.set_blocks(table([3.0, 9.0, 5.0]))
    session.set_stream(StreamItem(b"bytes", None, "octree"))
    session.set_camera(Camera((1.0, 2.0, 3.0), 50.0, 12.0, -7.0, "z"))
    session.keep_bookmark(3)
    session.set_view(
        selected=1, block_mode="bpov", hidden_sizes=frozenset({8, 32}), opacity=30,
        filter=BlockFilter("bits", 2.0, None), edl=True, scrub=2,
    )  # fmt: skip
    session.set_options(codec="octree", threads=1)
    return session


def test_command_lines_are_those_that_the_terminal_takes(tmp_path: Path) -> None:
    import shlex

    from octavox.codec.cli.main import build_parser

    session = filled(tmp_path)
    for key, command in COMMANDS.items():
        words = shlex.split(command(session))
        assert words[0] == "octavox"
        if key != "open":
            build_parser(words[1:]).parse_args(words[1:])  # ends the test if it does not
    assert "--threads 1" in COMMANDS["compress"](session)
