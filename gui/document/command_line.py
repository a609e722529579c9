"""Actions as the command lines that do the same."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path

from octavox.codec import CloudOptions, CodecOptions, option_arguments

from .session import Session

PROGRAM = "octavox"


def compress_command(
    source: str, target: str, options: CodecOptions, kept: CloudOptions | None = None
) -> str:
    words = option_arguments("encode", options, kept)
    return shlex.join([PROGRAM, "encode", source, "-o", target, *words])


def decompress_command(source: str, target: str, options: CodecOptions) -> str:
    return shlex.join([PROGRAM, "decode", source, "-o", target, *option_arguments("decode", options)])


def _cloud(session: Session) -> str:
    return (session.original and session.original.path) or "cloud.ply"


def _stream(session: Session) -> str:
    return (session.stream and session.stream.path) or session.suggested_path(".ovx")


def _decoded(session: Session) -> str:
    source = _stream(session)
    return str(Path(source).with_name(Path(source).stem + "_decoded.ply"))


# By the key of the action whose work the command does.
COMMANDS: dict[str, Callable[[Session], str]] = {
    "open": lambda s: shlex.join([PROGRAM, _cloud(s) if s.original else _stream(s)]),
    "compress": lambda s: compress_command(_cloud(s), s.suggested_path(".ovx"), s.options, s.kept),
    "decompress": lambda s: decompress_command(_stream(s), _decoded(s), s.options),
    "verify": lambda s: shlex.join([PROGRAM, "verify", _cloud(s), _stream(s)]),
    "compare": lambda s: shlex.join([PROGRAM, "compare", _cloud(s), _stream(s)]),
    "export_json": lambda s: shlex.join([PROGRAM, "info", _stream(s), "--json", "--blocks"]),
}
