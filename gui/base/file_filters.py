"""Filters of file dialogs: what the library reads."""

from __future__ import annotations

from octavox.codec import cloud_suffixes
from octavox.gui.document.session_file import SUFFIX

from .i18n import tr

STREAM_SUFFIX = ".ovx"


def _patterns(*suffixes: str) -> str:
    return " ".join(f"*{suffix}" for suffix in suffixes)


def clouds() -> str:
    """Point clouds alone."""
    return f"{tr('Point clouds')} ({_patterns(*cloud_suffixes())})"


def everything() -> str:
    """All that the window opens."""
    patterns = _patterns(*cloud_suffixes(), STREAM_SUFFIX, SUFFIX)
    return f"{tr('Clouds, bitstreams, sessions')} ({patterns});;{tr('All files')} (*)"


def frames() -> str:
    """Files that are frames of a sequence, and those of several frames."""
    patterns = _patterns(*cloud_suffixes(), STREAM_SUFFIX)
    return f"{tr('Clouds, bitstreams')} ({patterns});;{tr('All files')} (*)"
