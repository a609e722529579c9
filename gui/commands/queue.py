"""Adding files to the queue, and removing them."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QFileDialog

from octavox.codec import ReadOptions
from octavox.gui.base import file_filters
from octavox.gui.base.action_spec import ActionSpec, has_file
from octavox.gui.base.i18n import tr
from octavox.gui.document.events import QueueChanged
from octavox.gui.document.queue import RUNNING, QueueEntry
from octavox.gui.jobs.queue_runner import QueueRunner

from .command_set import CommandSet
from .workbench import Workbench


class QueueCommands(CommandSet):
    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench)
        self._runner = QueueRunner(bench.session, bench.start, bench.said.emit, self)

    def queue_files_dialog(self) -> None:
        paths, _ = QFileDialog.getOpenFileNames(
            self._bench.window.widget,
            tr("Compress files"),
            self._bench.settings.folder,
            file_filters.clouds(),
        )
        self.queue_files(paths)

    def queue_files(self, paths: list[str], read: ReadOptions | None = None) -> None:
        """Add files to the queue, with the current options. read: what the files do not say themselves."""
        for path in paths:
            self._session.queue.add(path, self._session.options, self._session.kept, read)
        self._session.publish(QueueChanged())

    def queue_open(self) -> None:
        """Add the open cloud's file to the queue, with the current options."""
        original = self._session.original
        if original is not None and original.path:
            self.queue_files([original.path], original.read)

    @Slot(object)
    def remove(self, entry: QueueEntry) -> None:
        """Remove an entry; a running one is cancelled."""
        if entry.state == RUNNING:
            self._bench.cancel()
        elif self._session.queue.remove(entry):
            self._session.publish(QueueChanged())

    def shut(self) -> None:
        self._runner.shut()

    @classmethod
    def actions(cls) -> list[ActionSpec]:
        return [
            ActionSpec(
                "queue_files",
                "Queue files…",
                "Codec",
                cls.queue_files_dialog,
                "Compress several files, one after the other, into bitstreams beside them",
                "Ctrl+Shift+E",
                separator=True,
                short="Files…",
                order=10,
            ),
            ActionSpec(
                "queue_open",
                "Queue this cloud",
                "Codec",
                cls.queue_open,
                "Compress the open file with these settings, after the files that wait, "
                "into a file beside it",
                enabled=has_file,
                short="This cloud",
                order=10,
            ),
        ]
