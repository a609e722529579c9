"""What is said after a file was written, or could not be."""

from __future__ import annotations

from pathlib import Path

from octavox.gui.base.i18n import tr
from octavox.gui.document import text
from octavox.gui.document.advice import explain

from .workbench import Workbench


def say_saved(bench: Workbench, path: str, lost: tuple[str, ...] = ()) -> None:
    """lost: what the format cannot hold."""
    words = tr("Saved {path} ({size})", path=path, size=text.size(Path(path).stat().st_size))
    if lost:
        words += "; " + tr("this format cannot hold: {names}", names=", ".join(lost))
    bench.said.emit(words)


def fail_saving(bench: Workbench, path: str, error: BaseException) -> None:
    bench.fail(explain(error, tr("Saving {name}", name=Path(path).name), writing=True))
