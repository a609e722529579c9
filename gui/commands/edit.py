"""Copying what an action does as a command line."""

from __future__ import annotations

from PySide6.QtGui import QGuiApplication

from octavox.gui.base.action_spec import ActionSpec, Reason, has_anything, has_stream
from octavox.gui.base.i18n import tr
from octavox.gui.document.command_line import COMMANDS
from octavox.gui.document.session import Session

from .command_set import CommandSet


def _has_original(session: Session) -> str:
    return "" if session.original else "no point cloud is open"


# By key of COMMANDS: the name, and why there is nothing to copy.
NAMES: dict[str, tuple[str, Reason]] = {
    "open": ("Open", has_anything),
    "compress": ("Compress", _has_original),
    "decompress": ("Decompress", has_stream),
    "verify": ("Verify", has_stream),
    "compare": ("Compare", has_stream),
    "export_json": ("Report", has_stream),
}


class EditCommands(CommandSet):
    def copy_command(self, key: str) -> None:
        """Put the command line that does what an action does on the clipboard."""
        line = COMMANDS[key](self._session)
        QGuiApplication.clipboard().setText(line)
        self._bench.said.emit(tr("Copied: {line}", line=line))

    @classmethod
    def actions(cls) -> list[ActionSpec]:
        return [
            ActionSpec(
                f"copy_{key}",
                name,
                "Edit/Copy as command line",
                cls.copy_command,
                "Put the command that does the same on the clipboard",
                enabled=missing,
                argument=key,
                separator=key == "open",
            )
            for key, (name, missing) in NAMES.items()
        ]
