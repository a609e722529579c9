"""What each frame of a sequence takes, as the plot of the timeline shows it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from . import text
from .timeline import Frame, Timeline, Track
from .words import several, tr


@dataclass(frozen=True)
class FramePlot:
    """sizes: (F,) bytes of the frames of view A, 0 where not known; other: of view B, or None. decoded,
    damaged: (F,) which frames are in memory, and which cannot be shown. frame: which is wanted."""

    sizes: npt.NDArray[np.int64]
    other: npt.NDArray[np.int64] | None
    decoded: npt.NDArray[np.bool_]
    damaged: npt.NDArray[np.bool_]
    frame: int

    @property
    def most(self) -> int:
        """Bytes of the largest frame of view A."""
        return max(1, int(self.sizes.max(initial=0)))

    @property
    def most_other(self) -> int:
        """Bytes of the largest frame of view B."""
        return 1 if self.other is None else max(1, int(self.other.max(initial=0)))

    def columns(self, count: int) -> list[tuple[int, int]]:
        """Frames (first, end) that share a column where there are at most so many columns."""
        frames = len(self.sizes)
        cuts = np.linspace(0, frames, min(frames, max(1, count)) + 1).astype(int).tolist()
        return list(zip(cuts, cuts[1:]))


def plot_of(timeline: Timeline) -> FramePlot:
    damaged = np.zeros(len(timeline), bool)
    for _, number in timeline.faults:
        damaged[number : number + 1] = True
    other = None if timeline.b is None else timeline.b.sizes[: len(timeline)]
    return FramePlot(timeline.a.sizes, other, timeline.decoded, damaged, timeline.frame)


def frame_words(timeline: Timeline, number: int) -> str:
    """What is known of a frame, for each view a line."""
    lines = [tr("Frame {n}", n=text.count(number))]
    for key in timeline.keys(number):
        track = timeline.track(key[0])
        if track is not None:
            fault, frame = timeline.faults.get(key), timeline.cache.peek(key)
            view = "" if timeline.b is None else f"{key[0]}: "
            lines.append(view + (_size_words(track, number, frame) if fault is None else fault.title))
    return "\n".join(lines)


def _size_words(track: Track, number: int, frame: Frame | None) -> str:
    words, size = track.label(number), int(track.sizes[number])
    if size:
        words += " · " + several(size, "{n} byte", "{n} bytes", n=text.count(size))
    points = 0 if frame is None else len(frame.item.points)
    if points and size:
        words += " · " + tr("{rate} bits per point", rate=text.fixed(8 * size / points, 3))
    return words


def shown_words(timeline: Timeline) -> str:
    """The frame that is shown, and why it is not the one that is wanted."""
    shown, wanted = timeline.shown, timeline.frame
    words = "" if shown is None else timeline.a.label(shown)
    fault = timeline.fault(wanted)
    if fault is not None and shown is not None and shown != wanted:
        other = tr("frame {n} is shown", n=text.count(shown))
        return f"{fault.title} ({other})"
    if fault is not None:
        return fault.title
    if shown != wanted and not timeline.playing:
        return tr("decoding frame {n}", n=text.count(wanted))
    if timeline.dropped:
        out = timeline.dropped
        words += " · " + several(out, "{n} frame left out", "{n} frames left out", n=text.count(out))
    return words
