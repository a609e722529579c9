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
    timeline = session.timeline
    if timeline is not None:
        words = option_arguments("encode", session.options, session.kept)
        return shlex.join([PROGRAM, "encode", *timeline.a.sources, "--sequence", "-o", "out.ovx", *words])
    command = compress_command(_cloud(session), session.suggested_path(".ovx"), session.options, session.kept)
    if session.original is None or _cloud(session) == _file(session):
        return command
    return f"{convert_command(_file(session), _cloud(session), session.original.read)} && {command}"


def _stream(session: Session) -> str:
    known = session.stream and (session.stream.path or session.stream.frame_of)
    return known or session.suggested_path(".ovx")


def _frame(session: Session) -> list[str]:
    """Which frame of the file the bitstream is."""
    timeline, stream = session.timeline, session.stream
    if timeline is None or timeline.shown is None or stream is None or stream.frame_of is None:
        return []
    return ["--frame", str(timeline.shown)]


def _open(session: Session) -> str:
    if session.timeline is not None:
        return shlex.join([PROGRAM, "gui", *session.timeline.a.sources])
    return shlex.join([PROGRAM, _file(session) if session.original else _stream(session)])


def _decompress(session: Session) -> str:
    command = decompress_command(_stream(session), _decoded(session), session.options)
    return " ".join([command, *_frame(session)])


def _decoded(session: Session) -> str:
    source = _stream(session)
    return str(Path(source).with_name(Path(source).stem + "_decoded.ply"))


# By the key of the action whose work the command does.
COMMANDS: dict[str, Callable[[Session], str]] = {
    "open": _open,
    "compress": _compress,
    "decompress": _decompress,
    "verify": lambda s: shlex.join([PROGRAM, "verify", _cloud(s), _stream(s), *_frame(s)]),
    "compare": lambda s: shlex.join([PROGRAM, "compare", _cloud(s), _stream(s), *_frame(s)]),
    "export_json": lambda s: shlex.join([PROGRAM, "info", _stream(s), "--json", "--blocks", *_frame(s)]),
}
