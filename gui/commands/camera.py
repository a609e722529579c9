"""Where the camera looks from: fitting, standard views, bookmarks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from PySide6.QtCore import Slot
from PySide6.QtGui import QGuiApplication

from octavox.codec import InputError
from octavox.gui.base.action_spec import ActionSpec, has_cloud, has_selection
from octavox.gui.base.i18n import tr
from octavox.gui.document.camera_text import camera_text, read_camera
from octavox.gui.document.session_file import BOOKMARKS

from .command_set import CommandSet

# Numpad keys as in other 3D programs; with Ctrl the opposite side.
VIEW_KEYS = (
    ("front", "Num+1"),
    ("back", "Ctrl+Num+1"),
    ("right", "Num+3"),
    ("left", "Ctrl+Num+3"),
    ("top", "Num+7"),
    ("bottom", "Ctrl+Num+7"),
    ("corner", "Num+0"),
)


class CameraCommands(CommandSet):
    def look_from(self, view: str) -> None:
        """Look at the same place from one of STANDARD_VIEWS."""
        self._session.set_camera(self._session.camera.looking_from(view))

    def toggle_parallel(self) -> None:
        """Switch between a parallel view and perspective."""
        camera = self._session.camera
        self._session.set_camera(replace(camera, parallel=not camera.parallel))

    def fit(self) -> None:
        """Show the whole cloud."""
        self._bench.fit_wanted.emit(None)

    @Slot()
    def zoom_block(self) -> None:
        """Look at the selected block."""
        row = self._session.view.selected
        if row is not None:
            low = self._session.blocks.origin[row]
            self._bench.fit_wanted.emit((low, low + self._session.blocks.size[row]))

    @Slot(int)
    def zoom_to_row(self, row: int) -> None:
        """Select a block and look at it."""
        self._bench.commands.view.select(row)
        self.zoom_block()

    def copy(self) -> None:
        """Put the camera onto the clipboard, as text."""
        QGuiApplication.clipboard().setText(camera_text(self._session.camera))
        self._bench.said.emit(tr("Camera copied as text"))

    def paste(self) -> None:
        """Take the camera that the clipboard holds."""
        try:
            self._session.set_camera(read_camera(QGuiApplication.clipboard().text()))
        except InputError:
            self._bench.said.emit(tr("The clipboard holds no camera"))

    def keep_bookmark(self, number: str) -> None:
        self._session.keep_bookmark(int(number))
        self._bench.said.emit(tr("Camera saved as bookmark {n}; press {n} to go back to it", n=number))

    def go_to_bookmark(self, number: str) -> None:
        camera = self._session.bookmarks.get(int(number))
        if camera is not None:
            self._session.set_camera(camera)

    @classmethod
    def actions(cls) -> list[ActionSpec]:
        return [
            *cls._standard_views(),
            *cls._bookmarks(),
            ActionSpec(
                "fit",
                "Fit to view",
                "View",
                cls.fit,
                "Show the whole cloud",
                "Home",
                has_cloud,
                "fit",
                separator=True,
                order=10,
            ),
            ActionSpec(
                "parallel",
                "Parallel projection",
                "View",
                cls.toggle_parallel,
                "Show equal lengths equally long at every distance (orthographic)",
                "Num+5",
                has_cloud,
                check=lambda s: s.camera.parallel,
                order=10,
            ),
            ActionSpec(
                "copy_camera",
                "Copy camera",
                "View",
                cls.copy,
                "Put the camera onto the clipboard as text, for another window or a note",
                "Ctrl+Shift+C",
                has_cloud,
                order=10,
            ),
            ActionSpec(
                "paste_camera",
                "Paste camera",
                "View",
                cls.paste,
                "Look as the camera does whose text the clipboard holds",
                "Ctrl+Shift+V",
                has_cloud,
                order=10,
            ),
            ActionSpec(
                "zoom_block",
                "Zoom to block",
                "View",
                cls.zoom_block,
                "Look at the selected block",
                "Z",
                has_selection,
                "zoom",
                short="Zoom",
                order=10,
            ),
        ]

    @classmethod
    def _standard_views(cls) -> Iterator[ActionSpec]:
        for view, key in VIEW_KEYS:
            yield ActionSpec(
                f"view_{view}",
                view.capitalize(),
                "View/Look from",
                cls.look_from,
                f"Look at the cloud from the {view}",
                key,
                has_cloud,
                argument=view,
                order=5,
            )

    @classmethod
    def _bookmarks(cls) -> Iterator[ActionSpec]:
        for number in BOOKMARKS:
            yield ActionSpec(
                f"bookmark_{number}",
                f"Go to bookmark {number}",
                "View/Camera bookmarks",
                cls.go_to_bookmark,
                f"Go back to the camera of bookmark {number}",
                str(number),
                lambda s, n=number: (  # type: ignore[misc]
                    has_cloud(s) or ("" if n in s.bookmarks else tr("set it first (Ctrl+{n})", n=n))
                ),
                argument=str(number),
                order=5,
            )
        for number in BOOKMARKS:
            yield ActionSpec(
                f"keep_{number}",
                f"Set bookmark {number}",
                "View/Camera bookmarks",
                cls.keep_bookmark,
                f"Save the camera as bookmark {number}",
                f"Ctrl+{number}",
                has_cloud,
                argument=str(number),
                separator=number == BOOKMARKS[0],
                order=5,
            )
