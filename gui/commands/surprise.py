"""What voxels and properties cost, computed when it is to be seen: of a block, of all, of points."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QTimer, Slot

from octavox.codec import BlockTable
from octavox.gui.base.action_spec import ActionSpec, can_show_surprise
from octavox.gui.base.i18n import tr
from octavox.gui.document import text
from octavox.gui.document.blocks import Values, is_surprise, with_surprises
from octavox.gui.document.colour_modes import BY_BLOCK, modes_by_block
from octavox.gui.document.events import BlocksChanged, Event, JobChanged, PointDataChanged, ViewChanged
from octavox.gui.document.items import StreamItem
from octavox.gui.document.property_layer import cost_due, value_title
from octavox.gui.document.surprise import Surprise
from octavox.gui.jobs import surprise
from octavox.gui.jobs.job import Failure, Job

from .command_set import CommandSet
from .workbench import Workbench


class SurpriseCommands(CommandSet):
    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench)
        self._then: Callable[[], None] | None = None  # once the surprises of all blocks are computed
        # After whatever changes the session now.
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self._compute_next)
        events = ViewChanged, JobChanged, PointDataChanged, BlocksChanged
        bench.session.events.subscribe(self._look_whether_due, *events)

    def toggle_surprise(self) -> None:
        self._bench.change_view("surprise", surprise=not self._session.view.surprise)

    @property
    def about_to_compute(self) -> bool:
        """Whether a surprise is computed in the next turn of the event loop."""
        return self._soon.isActive()

    def _look_whether_due(self, event: Event) -> None:
        session = self._session
        if session.surprise_due or session.surprises_due or cost_due(session):
            self._soon.start()

    @Slot()
    def _compute_next(self) -> None:
        """Compute what is due; while a job runs, wait for its end."""
        session = self._session
        if self._bench.busy:
            return
        if session.surprise_due:
            self._compute_surprise()
        elif session.surprises_due:
            self._compute_surprises()
        elif cost_due(session):
            self._compute_costs()

    def _compute_surprise(self) -> None:
        """Compute the surprise of the selected block."""
        session = self._session
        row, entry = session.view.selected, session.reference
        if row is None or entry is None or session.stream is None:
            return
        block, cloud = session.blocks.place(row), entry.display.cloud
        self._bench.start(
            Job(
                title="Surprise",
                doing=tr("Computing the surprise of block #{n}", n=row),
                work=partial(surprise.compute_surprise, cloud, block, session.stream.data, session.options),
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

    # -- surprise of all blocks ----------------------------------------------------------------------

    def select_when_known(self) -> None:
        """Select the block of most surprise, and look at it, once the surprises are computed."""
        self._then = self._bench.commands.analyse.select_most_expensive

    def _compute_surprises(self) -> None:
        session, stream, entry = self._session, self._session.stream, self._session.reference
        if stream is None or entry is None:
            return
        blocks, n = session.blocks, text.count(len(session.blocks))
        self._bench.start(
            Job(
                title="Surprise",
                doing=tr("Computing the surprise of all {n} blocks", n=n),
                work=partial(
                    surprise.compute_surprises, entry.display.cloud, blocks, stream.data, session.options
                ),
                show=partial(self._show_surprises, stream, blocks),
                rollback=self._colour_by_bits,
            )
        )

    def _show_surprises(
        self,
        stream: StreamItem,
        blocks: BlockTable,
        found: dict[str, Values],
        seconds: float,
    ) -> None:
        stream.blocks = known = with_surprises(blocks, found)
        if self._session.stream is stream:
            self._session.set_blocks(known, grown=True)
        n, time = text.count(len(blocks)), text.duration(seconds)
        self._bench.said.emit(tr("Computed the surprise of all {n} blocks in {time}", n=n, time=time))
        then, self._then = self._then, None
        if then is not None:
            then()

    def _colour_by_bits(self, failure: Failure) -> None:
        """Else it would be computed again at once."""
        self._then, view = None, self._session.view
        own = modes_by_block().get(view.cloud_mode)
        mode = BY_BLOCK if own is not None and is_surprise(own.key) else view.cloud_mode
        block_mode = "bits" if is_surprise(view.block_mode) else view.block_mode
        self._session.set_view(block_mode=block_mode, cloud_mode=mode)

    # -- what properties cost ------------------------------------------------------------------------

    def _compute_costs(self) -> None:
        """Compute what the properties of the points cost."""
        session = self._session
        if session.stream is None:
            return
        self._bench.start(
            Job(
                title="Surprise",
                doing=tr("Computing the surprise of the properties"),
                work=partial(surprise.compute_costs, session.stream.data, session.options),
                show=self._show_costs,
                rollback=lambda failure: session.set_view(cloud_mode="plain"),
            )
        )

    def _show_costs(self, done: surprise.Costs, seconds: float) -> None:
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
        self._soon.stop()

    @classmethod
    def actions(cls) -> list[ActionSpec]:
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
        ]
