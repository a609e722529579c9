"""The command line as a function of this process."""

from __future__ import annotations

from octavox import __main__ as program


def run(*args: object) -> int:
    """The exit code of `octavox` with these arguments."""
    try:
        return program.main([str(arg) for arg in args])
    except SystemExit as error:
        return int(error.code or 0)
