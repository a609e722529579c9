"""Actions as the command lines that do the same."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path

from octavox.codec import CodecOptions

from .session import Session

PROGRAM = "octavox"


def compress_command(source: str, target: str, options: CodecOptions, depth: int | None = None) -> str:
    words = [PROGRAM, "encode", source, "-o", target, "--codec", options.codec]
    partition = options.codec == "voxeldnn"
    words += ["--max-level", str(options.max_level)] if partition else _block_size(options)
    if options.effort != CodecOptions.effort and not partition:
        words += ["--effort", options.effort]
    if options.slices is not None and not partition:
        words += ["--slices", str(options.slices)]
    words += ["--device", options.device]
    if depth is not None:
        words += ["--depth", str(depth)]
    return shlex.join([*words, *_threads(options)])


def decompress_command(source: str, target: str, options: CodecOptions) -> str:
    words = [PROGRAM, "decode", source, "-o", target, "--device", options.device]
    return shlex.join([*words, *_block_size(options), *_threads(options)])


def _block_size(options: CodecOptions) -> list[str]:
    return [] if options.block_size == CodecOptions.block_size else ["--block-size", str(options.block_size)]


def _threads(options: CodecOptions) -> list[str]:
    return [] if options.threads is None else ["--threads", str(options.threads)]


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
    "compress": lambda s: compress_command(_cloud(s), s.suggested_path(".ovx"), s.options, s.depth),
    "decompress": lambda s: decompress_command(_stream(s), _decoded(s), s.options),
    "verify": lambda s: shlex.join([PROGRAM, "verify", _cloud(s), _stream(s)]),
    "compare": lambda s: shlex.join([PROGRAM, "compare", _cloud(s), _stream(s)]),
    "export_json": lambda s: shlex.join([PROGRAM, "info", _stream(s), "--json", "--blocks"]),
}
