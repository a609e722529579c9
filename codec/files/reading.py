"""Bytes of files, with errors that name the file."""

from __future__ import annotations

from pathlib import Path

from octavox.codec.errors import InputError


def read_bytes(path: Path, limit: int = -1) -> bytes:
    """The file, or its first `limit` bytes. InputError for one that is missing, a folder or not permitted."""
    try:
        with path.open("rb") as file:
            return file.read(limit)
    except IsADirectoryError:
        raise InputError("this is a folder, not a file", path=path) from None
    except OSError as error:
        raise InputError(f"cannot read: {error.strerror or error}", path=path) from error
