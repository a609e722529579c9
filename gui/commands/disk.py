"""Clouds that stay on disk: how many of their points are read and drawn."""

from __future__ import annotations

import os

from octavox.gui.base.action_spec import ActionSpec
from octavox.gui.base.i18n import tr
from octavox.gui.document import text
from octavox.gui.document.on_disk import BUDGETS, large_from

from .command_set import CommandSet
from .workbench import Workbench

USUAL_MEMORY = 16 << 30  # bytes, where the system does not say how much there is


def memory() -> int:
    """Bytes of this machine."""
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return USUAL_MEMORY


class DiskCommands(CommandSet):
    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench)
        self._session.budget = bench.settings.point_budget
        self._session.large = large_from(memory())

    def set_budget(self, points: str) -> None:
        """Read and draw at most so many points of a cloud that stays on disk."""
        self._bench.settings.point_budget = int(points)
        self._session.set_budget(int(points))
        n = text.count(int(points))
        self._bench.said.emit(tr("At most {n} points of a cloud that stays on disk are shown", n=n))

    @classmethod
    def actions(cls) -> list[ActionSpec]:
        return [
            ActionSpec(
                f"budget_{points}",
                f"{points:,} points",
                "View/Points from disk",
                cls.set_budget,
                "How many points of a cloud that stays on disk are read and drawn at most",
                argument=str(points),
                check=lambda s, n=points: s.budget == n,  # type: ignore[misc]
                group="budget",
                order=36,
            )
            for points in BUDGETS
        ]
