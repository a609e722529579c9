"""Command lines that do what an action does."""

from __future__ import annotations

import shlex
from dataclasses import replace
from pathlib import Path

from sessions import filled_session

from octavox.codec import CodecOptions
from octavox.codec.cli.main import main as cli_main
from octavox.gui.document.command_line import COMMANDS, compress_command, decompress_command


def test_command_lines_are_understood_by_the_command_line(tmp_path, capsys) -> None:
    missing = str(tmp_path / "no such file.ply")
    options = CodecOptions(codec="octree", device="cpu")
    counted, divided = replace(options, block_size=8), CodecOptions(codec="voxeldnn", max_level=3)
    tried = replace(options, effort="high")
    out = str(tmp_path / "out.ovx")
    assert "--effort high" in compress_command(missing, out, tried)
    assert "--effort" not in compress_command(missing, out, replace(divided, effort="high"))
    assert "--block-size 8" in compress_command(missing, out, counted)
    assert "--max-level 3" in compress_command(missing, out, divided)
    for line in (
        *(compress_command(missing, out, chosen) for chosen in (options, counted, divided, tried)),
        *(decompress_command(missing, out, chosen) for chosen in (options, counted, divided)),
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
