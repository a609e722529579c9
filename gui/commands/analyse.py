"""Commands that analyse: expensive blocks, surprise, two clouds, two bitstreams of one cloud."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtWidgets import QFileDialog

from octavox.gui.base.action_spec import (
    ActionSpec,
    can_compare,
    can_compare_streams,
    has_blocks,
)
from octavox.gui.base.i18n import told, tr
from octavox.gui.document import text
from octavox.gui.document.items import StreamBlocks
from octavox.gui.jobs import work
from octavox.gui.jobs.job import Job

from .command_set import CommandSet

SUBPROCESS_NICENESS = 5  # of a job in a process of its own, which does not compete for this interpreter


class AnalyseCommands(CommandSet):
    # -- the most expensive blocks -------------------------------------------------------------------

    def select_most_expensive(self) -> None:
        """Select the most expensive visible block, and look at it; by surprise once that is computed."""
        if self._session.surprises_due:
            self._bench.commands.surprise.select_when_known()
            self._bench.said.emit(tr("The surprise of all blocks is being computed first"))
            return
        rows = self._session.by_cost
        if len(rows):
            self._bench.commands.view.select(int(rows[0]))
            self._bench.commands.camera.zoom_block()

    def select_next(self) -> None:
        self._step(1)

    def select_previous(self) -> None:
        self._step(-1)

    def _step(self, by: int) -> None:
        """From the selected block to a neighbour in the order of cost; from none to the most expensive."""
        rows = self._session.by_cost.tolist()
        if not rows:
            return
        here = self._session.view.selected
        place = rows.index(here) + by if here in rows else 0
        self._bench.commands.view.select(rows[min(max(place, 0), len(rows) - 1)])

    # -- two clouds, two bitstreams ------------------------------------------------------------------

    def compare(self) -> None:
        """Measure the decoded cloud against the original."""
        if self._session.pair is not None:
            a, b = self._session.pair
            self._bench.start(
                Job(
                    title="Compare",
                    doing=tr("Comparing the clouds"),
                    work=partial(work.compare_clouds, a, b),
                    show=self._show_comparison,
                    niceness=SUBPROCESS_NICENESS,
                )
            )

    def _show_comparison(self, done: work.Compared, seconds: float) -> None:
        with self._session.together():
            self._session.set_comparison(done.comparison, done.differences, done.errors)
            self._bench.commands.view.set_cloud_mode("d1")
        psnr = done.comparison.report.d1.psnr
        words = tr("no point differs") if psnr is None else f"D1 {text.fixed(psnr, 2)} dB"
        self._bench.said.emit(tr("Compared: {words}; in {time}", words=words, time=text.duration(seconds)))

    def compare_streams_dialog(self) -> None:
        path, _ = QFileDialog.getOpenFileName(
            self._bench.window.widget,
            tr("Compare with a bitstream"),
            self._bench.settings.folder,
            f"{tr('Octavox bitstreams')} (*.ovx)",
        )
        if path:
            self.compare_streams(path)

    def compare_streams(self, path: str) -> None:
        """Decode a second bitstream for its blocks alone."""
        self._bench.start(
            Job(
                title=told("Compare bitstreams"),
                doing=tr("Reading {name}", name=Path(path).name),
                work=partial(work.read_blocks, path, self._session.options),
                show=self._show_other,
            )
        )

    def _show_other(self, other: StreamBlocks, seconds: float) -> None:
        self._session.set_other(other)
        self._bench.said.emit(
            tr("Read {n} blocks of {name}", n=text.count(len(other.blocks)), name=other.label)
        )

    @classmethod
    def actions(cls) -> list[ActionSpec]:
        return [*cls._block_actions(), *cls._comparison_actions()]

    @classmethod
    def _block_actions(cls) -> list[ActionSpec]:
        return [
            ActionSpec(
                "most_expensive",
                "Most expensive block",
                "Analyse",
                cls.select_most_expensive,
                "Select the block that costs the most bits and look at it; the most bpov or surprise, if "
                "that colours the blocks; means are of blocks of 50 points or more",
                "D",
                has_blocks,
                "zoom",
                short="Most expensive",
            ),
            ActionSpec(
                "next_expensive",
                "Next most expensive block",
                "Analyse",
                cls.select_next,
                "Select the block that costs the next fewer bits",
                "N",
                has_blocks,
                short="Next",
            ),
            ActionSpec(
                "previous_expensive",
                "Previous most expensive block",
                "Analyse",
                cls.select_previous,
                "Go back to the block that costs the next more bits",
                "Shift+D",
                has_blocks,
            ),
        ]

    @classmethod
    def _comparison_actions(cls) -> list[ActionSpec]:
        return [
            ActionSpec(
                "compare",
                "Compare the clouds",
                "Analyse",
                cls.compare,
                "Measure D1 and D2, PSNR and Hausdorff distance, and colour the points by the difference",
                "Ctrl+M",
                can_compare,
                separator=True,
                short="Compare",
            ),
            ActionSpec(
                "compare_streams",
                "Compare with another bitstream…",
                "Analyse",
                cls.compare_streams_dialog,
                "Open a second bitstream of this cloud and list which blocks it spends more or fewer bits on",
                "Ctrl+Shift+M",
                can_compare_streams,
                short="Compare with…",
            ),
        ]
