"""Jobs as the command lines that do the same."""

from __future__ import annotations

import shlex

from codec import CodecOptions

PROGRAM = "octavox"


def compress_command(source: str, target: str, options: CodecOptions) -> str:
    words = [PROGRAM, "encode", source, "-o", target, "--codec", options.codec]
    words += ["--max-level", str(options.max_level), "--device", options.device]
    return shlex.join(words)


def decompress_command(source: str, target: str, options: CodecOptions) -> str:
    return shlex.join([PROGRAM, "decode", source, "-o", target, "--device", options.device])
