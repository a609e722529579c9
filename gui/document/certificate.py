"""What a certificate and a report say of what came back, in the language of the window."""

from __future__ import annotations

from octavox import codec
from octavox.codec import Certificate, EncodeReport, LossyReport, Wording

from . import text
from .words import several, tr

WORDING = Wording(tr, text.count, text.number)


def verdict(certificate: Certificate) -> str:
    """The one sentence that the chip, its hint and the properties show."""
    return codec.verdict(certificate, WORDING)


def tone(certificate: Certificate) -> str:
    """How it is marked.

    "good": every point came back with every property. "fair": the bitstream holds what its level promises,
    and that is less. "bad": it does not.
    """
    if certificate.kept and certificate.identical:
        return "good"
    return "fair" if certificate.kept else "bad"


def lost(report: EncodeReport) -> str:
    """What a bitstream does not hold of its source; "" where it holds everything."""
    guessed = [] if report.lossy is None else [_guessed(report.lossy)]
    return ", ".join([*guessed, *codec.losses(report, WORDING)])


def _guessed(lossy: LossyReport) -> str:
    """What its decoder guesses, in a few words."""
    words = several(lossy.levels, "1 level guessed", "{n} levels guessed", n=lossy.levels)
    if lossy.partly:
        words = tr("levels guessed in part")
    return f"{words}, D1 {text.psnr(lossy.d1_psnr)}"
