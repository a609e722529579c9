"""The tour: ten steps from an empty window to a decoded cloud, each with what ends it. No Qt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .session import Session


@dataclass(frozen=True)
class Moment:
    """What a step remembers of the session when it began."""

    azimuth: float
    block_mode: str
    filtered: bool

    @staticmethod
    def of(session: Session) -> Moment:
        return Moment(session.camera.azimuth, session.view.block_mode, session.view.filter.active)


@dataclass(frozen=True)
class Step:
    """title, words: what is asked. target: "action:KEY", "panel:NAME" or "view"; do: the action that does it.

    done: whether the session shows that it was done, given how it stood when the step began.
    """

    title: str
    words: str
    target: str
    do: str
    done: Callable[[Session, Moment], bool]


STEPS: tuple[Step, ...] = (
    Step(
        "Open a cloud",
        "Octavox reads PLY, PCD and XYZ files. A sample comes with it: open that one.",
        "panel:Scene",
        "open_sample",
        lambda s, was: s.original is not None,
    ),
    Step(
        "Look around",
        "Drag to orbit, Shift-drag to pan, the wheel zooms. A double-click sets the centre of rotation.",
        "view",
        "view_right",
        lambda s, was: s.camera.azimuth != was.azimuth,
    ),
    Step(
        "Compress it",
        "The codec cuts the cloud into blocks and codes them. Blocks take their colours as they are done.",
        "panel:Codec",
        "compress",
        lambda s, was: s.stream is not None,
    ),
    Step(
        "Colour the blocks",
        "F2 to F6 choose what colours them: size, bits, bits per point, points, slice.",
        "action:overlay",
        "blocks_bpov",
        lambda s, was: s.view.block_mode != was.block_mode,
    ),
    Step(
        "Find the most expensive block",
        "D selects the block that costs the most bits, N the next one. "
        "A click in the view or the table selects a block, too.",
        "panel:Inspector",
        "most_expensive",
        lambda s, was: s.view.selected is not None,
    ),
    Step(
        "Ask why",
        "The inspector has the block's bits, its slice and bytes; with VoxelDNN also what another size cost.",
        "panel:Inspector",
        "isolate",
        lambda s, was: s.view.isolate,
    ),
    Step(
        "Keep a range",
        "Drag over the histogram: table and view keep the blocks in that range. Clear shows all again.",
        "panel:Histogram",
        "",
        lambda s, was: s.view.filter.active != was.filtered,
    ),
    Step(
        "Decompress",
        "The bitstream is decoded beside the original, and both are compared voxel by voxel.",
        "panel:Codec",
        "decompress",
        lambda s, was: s.certificate is not None,
    ),
    Step(
        "Measure the difference",
        "D1 and D2 as the MPEG metric defines them. A lossless codec leaves nothing: both are infinite.",
        "panel:Compare",
        "compare",
        lambda s, was: s.comparison is not None,
    ),
    Step(
        "Take it with you",
        "Save the bitstream, export the blocks or a picture, or copy the command line that does the same.",
        "action:save_stream",
        "",
        lambda s, was: s.stream is not None and s.stream.saved,
    ),
)


class Tour:
    """Where the tour is. Steps go on by themselves when they are done."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.place = 0
        self._was = Moment.of(session)

    @property
    def step(self) -> Step:
        return STEPS[self.place]

    @property
    def last(self) -> bool:
        return self.place == len(STEPS) - 1

    def go(self, by: int) -> None:
        """To the next step (1) or back (-1)."""
        self.place = min(max(self.place + by, 0), len(STEPS) - 1)
        self._was = Moment.of(self._session)

    @property
    def done(self) -> bool:
        """Whether the session shows that the step was done."""
        return self.step.done(self._session, self._was)
