"""Many command lines, each in a process of its own that starts with the library loaded already.

A process that starts from nothing spends most of a second on imports. Here one such process, with the
variables of the environment that a test asks for, forks for every command line; so each command has its own
standard streams, exit code and memory, and what it wrote is what `main.py` would have written.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[2]


class Done(NamedTuple):
    """How a command line ended."""

    returncode: int
    stdout: bytes
    stderr: bytes


def forked(commands: Sequence[Sequence[str]], **variables: str) -> list[Done]:
    """Runs command lines, one after another, in the current folder. variables: of their environment."""
    given = json.dumps([[_text(os.fsencode(word)) for word in words] for words in commands])
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **variables}
    done = subprocess.run(
        [sys.executable, __file__],
        input=given.encode(),
        env=environment,
        capture_output=True,
        timeout=280,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    return [Done(code, base64.b64decode(out), base64.b64decode(err)) for code, out, err in found]


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _serve() -> None:
    from sample_clouds import make_sphere

    from octavox import codec
    from octavox.__main__ import main

    options = codec.CodecOptions(codec="octree", threads=1)  # no thread, as a fork would lose it
    codec.decode(codec.encode(make_sphere(4, 5.0), options=options).data, options=options)

    commands = [[base64.b64decode(word) for word in words] for words in json.load(sys.stdin)]
    told: list[Any] = []
    for words in commands:
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            child = os.fork()
            if not child:
                _become(main, [os.fsdecode(word) for word in words], out.fileno(), err.fileno())
            code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            texts = []
            for file in (out, err):
                file.seek(0)
                texts.append(_text(file.read()))
            told.append([code, *texts])
    print(json.dumps(told))


def _become(main: Any, words: list[str], out: int, err: int) -> None:
    """Runs the command line in this process and ends it, as the interpreter does."""
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(out, 1)
    os.dup2(err, 2)
    sys.argv = ["main.py", *words]
    try:
        code = main()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    except BaseException:
        import traceback

        traceback.print_exc()
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    _serve()
