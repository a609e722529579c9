"""Actions as the command lines that do the same."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path

from octavox.codec import CloudOptions, CodecOptions, ReadOptions, option_arguments

from .session import Session

PROGRAM = "octavox"


def compress_command(
    source: str, target: str, options: CodecOptions, kept: CloudOptions | None = None
) -> str:
    words = option_arguments("encode", options, kept)
    return shlex.join([PROGRAM, "encode", source, "-o", target, *words])


def convert_command(source: str, target: str, read: ReadOptions) -> str:
    """The points of a file that does not say itself which it holds, as a file that does."""
    words = ["--mesh", read.mesh] if read.mesh else []
    words += ["--samples", str(read.samples)] if read.mesh == "samples" else []
    words += ["--fields", ",".join(read.fields)] if read.fields else []
    return shlex.join([PROGRAM, "convert", source, target, *words])


def decompress_command(source: str, target: str, options: CodecOptions) -> str:
    return shlex.join([PROGRAM, "decode", source, "-o", target, *option_arguments("decode", options)])


def _file(session: Session) -> str:
    return (session.original and session.original.path) or "cloud.ply"


def _cloud(session: Session) -> str:
    """The file that the commands read: the open one, or what `convert` makes of it."""
    original = session.original
    if original is None or original.path is None or original.read == ReadOptions():
        return _file(session)
    return str(Path(original.path).with_suffix(".ply"))


def _compress(session: Session) -> str:
    command = compress_command(_cloud(session), session.suggested_path(".ovx"), session.options, session.kept)
    if session.original is None or _cloud(session) == _file(session):
        return command
    return f"{convert_command(_file(session), _cloud(session), session.original.read)} && {command}"


def _stream(session: Session) -> str:
    return (session.stream and session.stream.path) or session.suggested_path(".ovx")


def _decoded(session: Session) -> str:
    source = _stream(session)
    return str(Path(source).with_name(Path(source).stem + "_decoded.ply"))


# By the key of the action whose work the command does.
COMMANDS: dict[str, Callable[[Session], str]] = {
    "open": lambda s: shlex.join([PROGRAM, _file(s) if s.original else _stream(s)]),
    "compress": _compress,
    "decompress": lambda s: decompress_command(_stream(s), _decoded(s), s.options),
    "verify": lambda s: shlex.join([PROGRAM, "verify", _cloud(s), _stream(s)]),
    "compare": lambda s: shlex.join([PROGRAM, "compare", _cloud(s), _stream(s)]),
    "export_json": lambda s: shlex.join([PROGRAM, "info", _stream(s), "--json", "--blocks"]),
}
