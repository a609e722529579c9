"""Command lines that do what an action does."""

from __future__ import annotations

import shlex
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sessions import filled_session

from octavox.codec import CodecOptions, ReadOptions, VoxelCloud
from octavox.codec.cli.convert import read_options
from octavox.codec.cli.main import main as cli_main
from octavox.gui.document.command_line import COMMANDS, compress_command, decompress_command
from octavox.gui.document.display import flat
from octavox.gui.document.items import CloudItem
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


def test_command_lines_are_those_that_the_terminal_takes(tmp_path: Path) -> None:
    import shlex

    from octavox.codec.cli.main import build_parser

    session = filled_session()
    for key, command in COMMANDS.items():
        words = shlex.split(command(session))
        assert words[0] == "octavox"
        if key != "open":
            build_parser(words[1:]).parse_args(words[1:])  # ends the test if it does not
    assert "--threads 1" in COMMANDS["compress"](session)


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("a mesh.obj", ReadOptions("vertices")),
        ("a mesh.stl", ReadOptions("samples", 5000)),
        ("sweep.bin", ReadOptions(fields=("x", "y", "z", "intensity"))),
    ],
)
def test_a_file_that_does_not_say_what_it_holds_is_converted_first(name: str, read: ReadOptions) -> None:
    from octavox.codec.cli.main import build_parser

    session = Session()
    display = flat(VoxelCloud.from_coords(np.zeros((1, 3), np.int32)))
    session.set_original(CloudItem(display, name, f"/somewhere/{name}", read=read))
    first, second = COMMANDS["compress"](session).split(" && ")
    made = str(Path("/somewhere", name).with_suffix(".ply"))
    words = shlex.split(first)
    given = build_parser(words[1:]).parse_args(words[1:])
    assert given.input == f"/somewhere/{name}" and given.output == made
    assert read_options(given) == read
    assert shlex.split(second)[:3] == ["octavox", "encode", made]
    assert shlex.split(COMMANDS["open"](session)) == ["octavox", f"/somewhere/{name}"]
    assert made in shlex.split(COMMANDS["verify"](session))
