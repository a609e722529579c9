"""Exporting files. Writing a cloud is a job."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QBuffer, QByteArray, QIODevice
from PySide6.QtGui import QImage, QImageWriter

from octavox import codec
from octavox.codec import InputError, write_atomically
from octavox.gui.base.action_spec import (
    ActionSpec,
    can_write_cloud,
    has_anything,
    has_blocks,
    has_cloud,
    has_sizes,
    has_stream,
)
from octavox.gui.base.i18n import tr
from octavox.gui.document.events import StreamChanged
from octavox.gui.document.export import blocks_csv, report_json, write_text
from octavox.gui.document.items import StreamItem
from octavox.gui.jobs import work
from octavox.gui.jobs.job import Job
from octavox.gui.widgets.paper import SUFFIXES as PLOT_SUFFIXES
from octavox.gui.widgets.picture_dialog import PictureDialog
from octavox.gui.widgets.save_dialog import ask_where
from octavox.gui.widgets.size_plot import save_size_plot

if TYPE_CHECKING:
    from octavox.gui.rendering.paper_picture import PaperPicture

from .command_set import CommandSet
from .saving import fail_saving, say_saved

LARGE = 3  # times the screen's resolution


class ExportCommands(CommandSet):
    """One method per file type. Without a path each opens a file dialog."""

    def stream(self, path: str | None = None, stream: StreamItem | None = None) -> bool:
        """stream: the current bitstream, where none is given."""
        stream = stream or self._session.stream

        def write(target: str) -> None:
            if stream is not None:
                codec.save_stream(target, stream.data)
                stream.path = target
                self._session.publish(StreamChanged())

        return stream is not None and self._write(path, ".ovx", tr("Octavox bitstream"), write)

    def cloud(self, path: str | None = None) -> bool:
        """In a job: ten million points take seconds. Whether it has begun.

        Writes the points of the bitstream or of the file, in the format that the name ends in.
        """
        entry = self._session.decoded or self._session.original
        path = path or (self._ask_for_cloud() if entry is not None else None)
        if entry is None or path is None:
            return False
        return self._bench.start(
            Job(
                title="Export",
                doing=tr("Saving {name}", name=Path(path).name),
                work=partial(work.write_cloud, path, entry),
                show=lambda done, seconds: say_saved(self._bench, done.path, done.lost),
                writes=True,
                costly=True,
            )
        )

    def csv(self, path: str | None = None) -> bool:
        blocks = self._session.blocks
        return self._write(path, ".csv", tr("Blocks table"), lambda p: write_text(p, blocks_csv(blocks)))

    def json(self, path: str | None = None) -> bool:
        return self._write(path, ".json", tr("Report"), lambda p: write_text(p, report_json(self._session)))

    def screenshot(self, path: str | None = None) -> bool:
        return self._picture(path, lambda: self._bench.window.viewport.image())

    def large_screenshot(self, path: str | None = None) -> bool:
        return self._picture(path, lambda: self._bench.window.viewport.image(LARGE))

    def picture(self, path: str | None = None, wanted: PaperPicture | None = None) -> bool:
        """A picture for a paper; without `wanted` the user is asked how it is to look."""
        wanted = wanted or self._ask_how()
        if wanted is None:
            return False
        return self._picture(path, lambda: self._bench.window.viewport.paper_picture(wanted))

    def _ask_how(self) -> PaperPicture | None:
        view = self._bench.window.viewport
        from octavox.gui.rendering.paper_picture import (  # loads VTK, as the view has by now
            SCALES,
            PaperPicture,
        )

        dialog = PictureDialog(SCALES, (view.width(), view.height()), self._bench.window.widget)
        try:
            accepted = dialog.exec() == PictureDialog.DialogCode.Accepted
            return PaperPicture(**dialog.chosen()) if accepted else None  # type: ignore[arg-type]
        finally:
            dialog.deleteLater()

    def size_plot(self, path: str | None = None) -> bool:
        """Blocks by size, in the manner of the paper's Figure 4."""
        session = self._session
        label = session.reference.label if session.reference else ""
        title = ", ".join(filter(None, (label, session.stream.codec if session.stream else "")))
        path = path or self._ask(PLOT_SUFFIXES, tr("Plot"))
        return path is not None and self._write(
            path, ".png", tr("Plot"), lambda p: save_size_plot(session.blocks, title, p)
        )

    def _write(self, path: str | None, suffix: str, kind: str, write: Callable[[str], None]) -> bool:
        path = path or self._ask((suffix,), kind)
        if path is None:
            return False
        try:
            write(path)
        except Exception as error:
            fail_saving(self._bench, path, error)
            return False
        say_saved(self._bench, path)
        return True

    def _picture(self, path: str | None, make: Callable[[], QImage]) -> bool:
        """A file in the picture's place is replaced only when the picture is complete."""

        def write(target: str) -> None:
            encoded = QBuffer()
            encoded.open(QIODevice.OpenModeFlag.WriteOnly)
            kind = QByteArray(Path(target).suffix[1:].lower().encode())
            image = make()
            if image.isNull():
                raise MemoryError("the picture is too large for the memory")
            writer = QImageWriter(encoded, kind)
            if not writer.write(image):
                raise InputError(writer.errorString(), path=target)
            write_atomically(target, bytes(encoded.data().data()))

        return self._write(path, ".png", tr("Picture"), write)

    def _ask(self, suffixes: tuple[str, ...], kind: str) -> str | None:
        """Where to write; None if the user cancelled."""
        suggestion = self._session.suggested_path(suffixes[0])
        title = tr("Save {kind}", kind=kind)
        return ask_where(self._bench.window.widget, title, suggestion, kind, suffixes)

    def _ask_for_cloud(self) -> str | None:
        suffixes = codec.cloud_suffixes(writing=True)
        suggestion, title = self._session.suggested_path(suffixes[0]), tr("Export cloud")
        return ask_where(self._bench.window.widget, title, suggestion, tr("Point clouds"), suffixes)

    @classmethod
    def actions(cls) -> list[ActionSpec]:
        return [*cls._data_actions(), *cls._picture_actions()]

    @classmethod
    def _data_actions(cls) -> list[ActionSpec]:
        return [
            ActionSpec(
                "save_stream",
                "Save bitstream…",
                "File",
                cls.stream,
                "Save the compressed cloud as .ovx",
                "Ctrl+S",
                has_stream,
                "save",
                separator=True,
                short="Save",
                order=10,
            ),
            ActionSpec(
                "export_ply",
                "Export cloud…",
                "File/Export",
                cls.cloud,
                "Write the points of the decoded cloud, or of the original if nothing is decoded",
                enabled=can_write_cloud,
                order=10,
            ),
            ActionSpec(
                "export_csv",
                "Export blocks as CSV…",
                "File/Export",
                cls.csv,
                "Write one line per block",
                enabled=has_blocks,
                order=10,
            ),
            ActionSpec(
                "export_json",
                "Export report as JSON…",
                "File/Export",
                cls.json,
                "Write all reports on the cloud and its bitstream",
                enabled=has_anything,
                order=10,
            ),
        ]

    @classmethod
    def _picture_actions(cls) -> list[ActionSpec]:
        return [
            ActionSpec(
                "screenshot",
                "Screenshot…",
                "File/Export",
                cls.screenshot,
                "Save the views with their legend as PNG",
                "Ctrl+Shift+S",
                has_cloud,
                "camera",
                order=10,
            ),
            ActionSpec(
                "large_screenshot",
                "Large screenshot…",
                "File/Export",
                cls.large_screenshot,
                "Save the views at three times the screen's resolution as PNG",
                enabled=has_cloud,
                order=10,
            ),
            ActionSpec(
                "picture",
                "Picture for a paper…",
                "File/Export",
                cls.picture,
                "Save the views alone, on white or transparent, with legend and marks as you choose",
                enabled=has_cloud,
                order=10,
            ),
            ActionSpec(
                "size_plot",
                "Plot of the block sizes…",
                "File/Export",
                cls.size_plot,
                "Save the shares of blocks, points and bits by block size (PNG, SVG, PDF), "
                "as the paper's Figure 4",
                enabled=has_sizes,
                order=10,
            ),
        ]
