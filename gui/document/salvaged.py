"""What a damaged bitstream gave back and what it lacks, in words."""

from __future__ import annotations

from collections.abc import Sequence

from octavox.codec import CorruptStreamError, DecodeReport, Loss, UnsupportedStreamError

from . import text
from .advice import Explanation
from .words import several, tr

MOST = 50  # slices and places that are listed


def can_be_salvaged(error: BaseException) -> bool:
    """Whether an error says that a bitstream is damaged, of which something may be whole."""
    return isinstance(error, CorruptStreamError) and not isinstance(error, UnsupportedStreamError)


def came_back(name: str, report: DecodeReport) -> Explanation | None:
    """What is shown of a damaged bitstream, and what is missing; None where all came back."""
    loss = report.loss
    if loss is None or loss.nothing:
        return None
    title = several(
        report.returned,
        "{name} is damaged: {n} point came back",
        "{name} is damaged: {n} points came back",
        name=name,
        n=text.count(report.returned),
    )
    lines = lost_lines(loss)
    advice = tr("They are shown. To keep them: File, Export, Export cloud…")
    return Explanation(f"{title}. {lines[0]}", advice, "\n".join(lines))


def lost_lines(loss: Loss) -> list[str]:
    """What is lost, one sentence each, the most important one first."""
    found = []
    if loss.points:
        n = text.count(loss.points)
        found.append(several(loss.points, "{n} point is lost.", "{n} points are lost.", n=n))
    else:
        found.append(tr("No point is lost."))
    if loss.slices:
        found.append(tr("Lost slices: {numbers}.", numbers=_numbers(loss.slices)))
    for number, box in list(zip(loss.slices, loss.boxes))[:MOST]:
        low, high = text.triple(box[:3]), text.triple(box[3:])
        found.append(tr("Slice {n} lay between {low} and {high}.", n=number, low=low, high=high))
    if loss.uncounted:
        numbers = _numbers(loss.uncounted)
        found.append(
            tr("Of slices {numbers} each position comes back once; duplicates are lost.", numbers=numbers)
        )
    for blank in loss.blanks:
        values = {"name": blank.name, "n": text.count(blank.points), "numbers": _numbers(blank.slices)}
        found.append(tr("“{name}” of {n} points is lost (slices {numbers}).", **values))
    if loss.strays:
        found.append(tr("Points off the grid that are lost: {n}.", n=text.count(loss.strays)))
    if loss.file:
        found.append(tr("The archived file does not come back, only points of it."))
    for first, end in loss.damaged[:MOST]:
        ends = {"first": text.count(first), "last": text.count(end - 1)}
        found.append(tr("Bytes {first} to {last} are damaged.", **ends))
    if not loss.ended:
        found.append(tr("The end of the bitstream is missing."))
    return found


def _numbers(slices: Sequence[int]) -> str:
    return ", ".join(map(str, slices[:MOST])) + (", …" if len(slices) > MOST else "")
