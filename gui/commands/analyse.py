"""Commands that analyse: expensive blocks, surprise, two clouds, two bitstreams of one cloud."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QTimer, Slot
from PySide6.QtWidgets import QFileDialog

from octavox.gui.base.action_spec import (
    ActionSpec,
    can_compare,
    can_compare_streams,
    can_show_surprise,
    has_blocks,
)
from octavox.gui.base.i18n import tr
from octavox.gui.document import text
from octavox.gui.document.events import Event, JobChanged, PointDataChanged, ViewChanged
from octavox.gui.document.items import StreamBlocks
from octavox.gui.document.property_layer import cost_due, value_title
from octavox.gui.document.surprise import Surprise
from octavox.gui.jobs import work
from octavox.gui.jobs.job import Failure, Job

from .command_set import CommandSet
from .workbench import Workbench

SUBPROCESS_NICENESS = 5  # of a job in a process of its own, which does not compete for this interpreter


class AnalyseCommands(CommandSet):
    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench)
        self._surprise_soon = QTimer(self)  # after whatever changes the session now
        self._surprise_soon.setSingleShot(True)
        self._surprise_soon.setInterval(0)
        self._surprise_soon.timeout.connect(self._compute_surprise)
        self._costs_soon = QTimer(self)
        self._costs_soon.setSingleShot(True)
        self._costs_soon.setInterval(0)
        self._costs_soon.timeout.connect(self._compute_costs)
        bench.session.events.subscribe(self._look_whether_due, ViewChanged, JobChanged, PointDataChanged)

    # -- the most expensive blocks -------------------------------------------------------------------

    def select_most_expensive(self) -> None:
        """Select the most expensive visible block, and look at it."""
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
                title=tr("Compare bitstreams"),
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

    # -- surprise ------------------------------------------------------------------------------------

    def toggle_surprise(self) -> None:
        self._bench.change_view("surprise", surprise=not self._session.view.surprise)

    @property
    def about_to_compute(self) -> bool:
        """Whether a surprise is computed in the next turn of the event loop."""
        return self._surprise_soon.isActive() or self._costs_soon.isActive()

    def _look_whether_due(self, event: Event) -> None:
        if self._session.surprise_due:
            self._surprise_soon.start()
        if cost_due(self._session):
            self._costs_soon.start()

    @Slot()
    def _compute_surprise(self) -> None:
        """Compute the surprise of the selected block; while a job runs, wait for its end."""
        session = self._session
        row, entry = session.view.selected, session.reference
        if self._bench.busy or not session.surprise_due or row is None or entry is None:
            return
        if session.stream is None:
            return
        block, cloud = session.blocks.place(row), entry.display.cloud
        self._bench.start(
            Job(
                title="Surprise",
                doing=tr("Computing the surprise of block #{n}", n=row),
                work=partial(work.compute_surprise, cloud, block, session.stream.data, session.options),
                show=self._show_surprise,
                rollback=self._switch_surprise_off,
            )
        )

    def _show_surprise(self, known: Surprise, seconds: float) -> None:
        self._session.set_surprise(known)
        self._bench.said.emit(
            tr(
                "Occupied voxels of the block at {place} cost {bits} bits each; computed in {time}",
                place=text.triple(known.origin),
                bits=text.fixed(known.mean_bits, 3),
                time=text.duration(seconds),
            )
        )

    def _switch_surprise_off(self, failure: Failure) -> None:
        """Else it would be computed again at once."""
        if self._session.view.surprise:
            self._session.set_view(surprise=False)

    # -- what properties cost ------------------------------------------------------------------------

    @Slot()
    def _compute_costs(self) -> None:
        """Compute what the properties of the points cost; while a job runs, wait for its end."""
        session = self._session
        if self._bench.busy or not cost_due(session) or session.stream is None:
            return
        self._bench.start(
            Job(
                title="Surprise",
                doing=tr("Computing the surprise of the properties"),
                work=partial(work.compute_costs, session.stream.data, session.options),
                show=self._show_costs,
                rollback=lambda failure: session.set_view(cloud_mode="plain"),
            )
        )

    def _show_costs(self, done: work.Costs, seconds: float) -> None:
        session = self._session
        for item in session.items.shown:
            if item.data is not None:
                item.data.add_costs(done.bits)
        if cost_due(session):
            name = value_title(session.view.cloud_mode)
            session.set_view(cloud_mode="plain")
            words = tr("{name}: points have none where a column is coded whole", name=name)
        else:
            words = tr("Computed in {time}", time=text.duration(seconds))
        session.publish(PointDataChanged())
        self._bench.said.emit(words)

    def shut(self) -> None:
        self._surprise_soon.stop()
        self._costs_soon.stop()

    @classmethod
    def actions(cls) -> list[ActionSpec]:
        return [*cls._block_actions(), *cls._comparison_actions()]

    @classmethod
    def _block_actions(cls) -> list[ActionSpec]:
        return [
            ActionSpec(
                "surprise",
                "Surprise",
                "View",
                cls.toggle_surprise,
                "Show what each voxel of the selected block cost: -log2 of the probability the codec gave it",
                "Shift+S",
                can_show_surprise,
                check=lambda s: s.view.surprise,
                order=30,
            ),
            ActionSpec(
                "most_expensive",
                "Most expensive block",
                "Analyse",
                cls.select_most_expensive,
                "Select the block that costs the most bits and look at it; the most bpov, if that colours "
                "the blocks, among those of 50 points or more",
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
