"""Writing files from the window: asks where, writes, says so. What may take long is a job."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget

from octavox import codec
from octavox.gui.base.i18n import tr
from octavox.gui.document import text
from octavox.gui.document.advice import explain
from octavox.gui.document.export import blocks_csv, report_json, write_text
from octavox.gui.document.session import Bitstream
from octavox.gui.jobs import work
from octavox.gui.widgets.save_dialog import ask_where

from .workbench import Workbench


class Exporter:
    """One method per file type; each takes the path, or asks for it when there is none."""

    def __init__(self, window: QWidget, workbench: Workbench, picture: Callable[[], QImage]) -> None:
        self._window, self._workbench, self._picture = window, workbench, picture
        workbench.results[work.Written] = lambda done, elapsed: self._say(done.path)

    def _write(self, path: str | None, suffix: str, kind: str, write: Callable[[str], None]) -> bool:
        path = path or self._ask(suffix, kind)
        if path is None:
            return False
        try:
            write(path)
        except Exception as error:
            self._workbench.fail(explain(error, tr("Saving {name}", name=Path(path).name), writing=True))
            return False
        self._say(path)
        return True

    def _ask(self, suffix: str, kind: str) -> str | None:
        """Where to; None if the user thought better of it."""
        suggestion = self._workbench.session.suggested_path(suffix)
        return ask_where(self._window, tr("Save {kind}", kind=kind), suggestion, kind, (suffix,))

    def _say(self, path: str) -> None:
        size = text.size(Path(path).stat().st_size)
        self._workbench.said.emit(tr("Saved {path} ({size})", path=path, size=size))

    def stream(self, path: str | None = None) -> bool:
        session = self._workbench.session
        stream = session.stream

        def write(target: str) -> None:
            if stream is not None:
                codec.save_stream(target, stream.data)
                session.set_stream(Bitstream(stream.data, target, stream.codec))

        return stream is not None and self._write(path, ".ovx", tr("Octavox bitstream"), write)

    def ply(self, path: str | None = None) -> bool:
        """In a job: ten million points take seconds. Whether it has begun."""
        session = self._workbench.session
        entry = session.decoded or session.original
        if entry is None:
            return False
        path = path or self._ask(".ply", tr("PLY cloud"))
        if path is None:
            return False
        job = partial(work.write_cloud, path, entry.display.cloud)
        doing = tr("Saving {name}", name=Path(path).name)
        return self._workbench.start("Export", doing, job, writing=True)

    def csv(self, path: str | None = None) -> bool:
        blocks = self._workbench.session.blocks
        return self._write(path, ".csv", tr("Blocks table"), lambda p: write_text(p, blocks_csv(blocks)))

    def json(self, path: str | None = None) -> bool:
        session = self._workbench.session
        return self._write(path, ".json", tr("Report"), lambda p: write_text(p, report_json(session)))

    def screenshot(self, path: str | None = None) -> bool:
        return self.picture(path, self._picture)

    def picture(self, path: str | None, make: Callable[[], QImage]) -> bool:
        """Any picture; a file in its place is replaced only when it is complete."""

        def write(target: str) -> None:
            part = str(Path(target).with_name(f".{Path(target).stem}.part{Path(target).suffix}"))
            if not make().save(part):
                raise OSError(errno.EIO, os.strerror(errno.EIO), target)
            os.replace(part, target)

        return self._write(path, ".png", tr("Picture"), write)

    def plot(self, path: str | None, write: Callable[[str], None]) -> bool:
        return self._write(path, ".png", tr("Plot"), write)
