"""Saves the session every twenty seconds, and offers to restore one that was not closed properly."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Slot

from octavox.gui.base.i18n import tr
from octavox.gui.document.events import StreamChanged
from octavox.gui.document.session_file import SavedSession, read_session

from .autosave import STREAM, Autosave
from .restoration import Restoration
from .workbench import Workbench

AUTOSAVE_MS = 20_000


class Recovery(QObject):
    def __init__(self, bench: Workbench, autosave: Autosave, restoration: Restoration) -> None:
        super().__init__(bench)
        self._bench, self._session = bench, bench.session
        self._autosave, self._restoration = autosave, restoration
        self._left_over: SavedSession | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(AUTOSAVE_MS)
        self._timer.timeout.connect(autosave.save)
        bench.session.events.subscribe(self._stream_changed, StreamChanged)

    def begin(self) -> None:
        """Offer to restore what a crash left, and start to save."""
        offer = self._bench.window.offer
        offer.accepted.connect(self._restore_left_over)
        offer.declined.connect(self._discard_left_over)
        self._offer_left_over()
        self._timer.start()

    def _offer_left_over(self) -> None:
        found = self._autosave.left_over()
        if found is None:
            return
        try:
            self._left_over = read_session(str(found))
        except Exception:  # damaged, or of another version
            stream = found.with_name(STREAM)
            if not stream.is_file():
                self._autosave.discard()
                return
            self._left_over = SavedSession(stream=str(stream))
        name = Path(self._left_over.original or self._left_over.stream or "").name
        self._bench.window.offer.offer(
            lambda: tr(
                "Octavox did not close properly last time. Restore the session with {name}?", name=name
            )
        )

    @Slot()
    def _restore_left_over(self) -> None:
        bench = self._bench
        if bench.wait_for_job(tr("Restoring the session")) or not bench.may_replace():
            bench.window.offer.show()
            return
        if self._left_over is not None:
            self._restoration.begin(self._left_over, then=self._adopt)

    @Slot()
    def _discard_left_over(self) -> None:
        self._left_over = None
        self._autosave.discard()
        self._offer_left_over()  # of another process

    def _stream_changed(self, event: StreamChanged) -> None:
        if self._timer.isActive() and self._session.stream is not None:
            self._autosave.save()  # a bitstream may have taken long to compute

    def _adopt(self) -> None:
        """The left-over session is restored: once it is saved anew, delete the old copy."""
        if self._autosave.save():
            self._left_over = None
            self._autosave.discard()

    def shut(self) -> None:
        self._timer.stop()
        self._autosave.end()
