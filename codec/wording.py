"""What a certificate says, in one sentence, for the command line and the window."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from .report import Certificate, EncodeReport, LossyReport
from .stream.header import FILE, LOSSY, VOXELS

STORED = {
    "voxels": "by the voxels of its points, and their order",
    "rows": "by the rows of its points",
    "bytes": "as it is, squeezed: its rows do not follow from its points, or take more that way",
}
LEVELS = {
    "voxels": "the occupied voxels",
    "records": "every point, to the last bit; their order may change",
    "file": "the file, byte for byte",
    "lossy": "points near the original ones",
}


def promise(level: str, color_error: int = 0) -> str:
    """What a stream of a level gives back. color_error: by which its colours may be off."""
    if not color_error:
        return LEVELS[level]
    if level == VOXELS:
        return f"the occupied voxels, colours within {color_error}"
    if level == LOSSY:
        return f"points near the original ones, their colours within {color_error}"
    return f"every point, colours within {color_error}, all else to the last bit; their order may change"


class Translate(Protocol):
    """Gives words in the reader's language, with `values` in the place of their names in braces."""

    def __call__(self, words: str, /, **values: object) -> str: ...


class Write(Protocol):
    """Writes a number as the reader's language does."""

    def __call__(self, value: float, /) -> str: ...


def _english(words: str, /, **values: object) -> str:
    return words.format(**values)


def _count(value: float, /) -> str:
    return f"{value:,.0f}"


def _number(value: float, /) -> str:
    return f"{value:.4g}"


@dataclass(frozen=True)
class Wording:
    """The language of a verdict. tr: translates; count, number: write whole numbers and lengths."""

    tr: Translate = _english
    count: Write = _count
    number: Write = _number


def verdict(c: Certificate, wording: Wording | None = None) -> str:
    """What came back, in one line. "identical" alone means: every point with every property.

    wording: the language; English by default.
    """
    say = wording or Wording()
    tr, count = say.tr, say.count
    if c.level == FILE and (c.identical or not (c.missing or c.extra)):
        if c.identical:
            return tr("identical: the file, byte for byte ({level})", level=tr(c.level))
        return tr("DIFFERENT: the points are the same, the file is not ({level})", level=tr(c.level))
    if c.identical:
        n = count(c.points_original)
        return tr("identical: {n} points, every property, to the last bit ({level})", n=n, level=tr(c.level))
    if c.lossy is not None:
        return _of_guesses(c, c.lossy, say)
    voxels = c.level == VOXELS
    if not c.kept:
        numbers = {"missing": count(c.missing), "extra": count(c.extra), "level": tr(c.level)}
        if voxels:
            return tr("DIFFERENT: {missing} voxels missing, {extra} added ({level})", **numbers)
        return tr("DIFFERENT: {missing} points missing, {extra} added ({level})", **numbers)
    subject = tr("voxels identical") if voxels else tr("points identical")
    if c.color is not None and voxels:
        subject = tr("voxels identical but for their colours")
    elif c.color is not None:
        subject = tr("points identical but for their colours")
    return f"{subject} ({tr(c.level)}); " + ", ".join(losses(c, say) or [tr("their order may differ")])


def _of_guesses(c: Certificate, lossy: LossyReport, say: Wording) -> str:
    tr = say.tr
    far = {"most": say.number(lossy.hausdorff), "level": tr(c.level)}
    if not c.kept:
        return tr("DIFFERENT: voxels are farther away than the stream says, up to {most} ({level})", **far)
    psnr = "∞" if lossy.d1_psnr is None else say.number(lossy.d1_psnr)
    if lossy.guessed:
        words = tr(
            "points guessed ({level}): D1 {psnr} dB, voxels up to {most} voxels away", psnr=psnr, **far
        )
    else:
        words = tr(
            "middles of cells ({level}): D1 {psnr} dB, voxels up to {most} voxels away", psnr=psnr, **far
        )
    return "; ".join([words, *losses(c, say)])


def losses(done: Certificate | EncodeReport, wording: Wording | None = None) -> list[str]:
    """What of the original a stream does not hold although it keeps its level, one phrase each."""
    say = wording or Wording()
    tr, lost = say.tr, []
    found = done if isinstance(done, Certificate) else done.voxelization
    if found is not None and done.level in (VOXELS, LOSSY):
        if found.moved_max:
            most, mean = say.number(found.moved_max), say.number(found.moved_mean)
            lost.append(tr("points moved by up to {most}, {mean} on average", most=most, mean=mean))
        if found.merged:
            lost.append(tr("{n} merged", n=say.count(found.merged)))
        if found.left_out:
            lost.append(tr("{n} without a place left out", n=say.count(found.left_out)))
    if done.color is not None:
        most, bound = say.count(done.color.largest), say.count(done.color.bound)
        psnr = "-" if done.color.psnr_y is None else say.number(done.color.psnr_y)
        lost.append(
            tr(
                "colours off by up to {most}, with {bound} allowed, PSNR of Y {psnr} dB",
                most=most,
                bound=bound,
                psnr=psnr,
            )
        )
    if done.dropped:
        lost.append(tr("not stored: {names}", names=", ".join(done.dropped)))
    return lost
