"""The tour: twelve steps from an empty window on, each with a condition that ends it. No Qt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .colour_modes import is_property
from .session import Session


@dataclass(frozen=True)
class Moment:
    """The state of the session when a step began."""

    azimuth: float
    block_mode: str
    filtered: bool
    measured: int

    @staticmethod
    def of(session: Session) -> Moment:
        view, measured = session.view, len(session.quality.measured)
        return Moment(session.camera.azimuth, view.block_mode, view.filter.active, measured)


@dataclass(frozen=True)
class Step:
    """title, words: what the user is asked to do. target: "action:KEY", "panel:NAME" or "view".

    do: key of the action that does it.
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
        "Octavox reads PLY, PCD, LAS, E57, text and other files. A sample comes with it: open that one.",
        "panel:Scene",
        "open_sample",
        lambda s, was: s.original is not None,
    ),
    Step(
        "Look around",
        "Drag to orbit, Shift-drag to pan, use the wheel to zoom. Double-click sets the centre of rotation.",
        "view",
        "view_right",
        lambda s, was: s.camera.azimuth != was.azimuth,
    ),
    Step(
        "Compress it",
        "The codec cuts the cloud into blocks and codes them. Each block is coloured as soon as it is coded.",
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
        "Inspect the block",
        "The inspector shows the block's bits, slice and bytes; for VoxelDNN also other sizes' costs.",
        "panel:Inspector",
        "isolate",
        lambda s, was: s.view.isolate,
    ),
    Step(
        "Filter the blocks",
        "Drag over the histogram: table and view show only the blocks in that range. Clear shows all again.",
        "panel:Histogram",
        "",
        lambda s, was: s.view.filter.active != was.filtered,
    ),
    Step(
        "Decompress",
        "The bitstream is decoded beside the original, and both are compared: every point, every property.",
        "panel:Codec",
        "decompress",
        lambda s, was: s.certificate is not None,
    ),
    Step(
        "Measure the difference",
        "D1 and D2 are the distances of the MPEG metric. Without loss both PSNRs are infinite.",
        "panel:Compare",
        "compare",
        lambda s, was: s.comparison is not None,
    ),
    Step(
        "Look at the properties",
        "The properties of the points, and what each took. A click on a row colours the points by it.",
        "panel:Points",
        "",
        lambda s, was: is_property(s.view.cloud_mode),
    ),
    Step(
        "Choose the quality",
        "The slider has the decoder guess the finest levels, and says what to expect. "
        "The curve shows size and quality of several choices.",
        "panel:Quality",
        "rd_curve",
        lambda s, was: len(s.quality.measured) > was.measured,
    ),
    Step(
        "Save the results",
        "Save the bitstream, export the blocks or a picture, or copy the command line that does the same.",
        "action:save_stream",
        "",
        lambda s, was: s.stream is not None and s.stream.saved,
    ),
)


class Tour:
    """The current step of the tour."""

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
        """Whether the session shows that the user did the step."""
        return self.step.done(self._session, self._was)
