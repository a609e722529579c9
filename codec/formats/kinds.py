"""Of which kind an existing file is: what is about to be written must not replace something else."""

from __future__ import annotations

import os
import warnings

from octavox.codec.errors import InputError
from octavox.codec.files.source import open_source
from octavox.codec.stream.chunks import MAGIC

from .reading import read_cloud
from .registry import HEAD_BYTES, Format, ReadOptions, format_of, inner_name


def expected_kind(target: str, wanted: Format | None) -> str:
    """What a file should be to be replaced, with an article, where it is something else; else "".

    wanted: the format that is written there; None for a stream. Where there is no file, or an empty one,
    nothing is replaced.
    """
    head = _head_of(target)
    if not head:
        return ""
    if wanted is None:
        return "" if head.startswith(MAGIC) else "an Octavox bitstream"
    return "" if _is_cloud(target, head, wanted) else f"a {wanted.name} file"


def _head_of(target: str) -> bytes:
    """The first bytes of a file; none where there is no file."""
    if not os.path.isfile(target):
        return b""
    with open_source(target) as source:
        return source.read(0, HEAD_BYTES)


def _is_cloud(target: str, head: bytes, wanted: Format) -> bool:
    """Whether a file is a cloud of that format. Formats without first bytes of their own have to be read."""
    if wanted.always_magic and inner_name(target) == target:
        return wanted.has_magic(head)
    if format_of(target, head) is not wanted:
        return False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return len(read_cloud(target, options=ReadOptions(mesh="vertices"))) > 0
    except InputError:
        return False
