"""Targets: the fewest bits that reach a quality, or the best quality within a number of bits.

The levels that are left out are found by bisection: each trial is coded and grown as a decoder would grow it,
and what it takes or loses is measured. The stream that is kept is decoded and compared with the points of the
source.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from .cloud.cloud import PointCloud, Transform, VoxelCloud
from .codecs.distances import psnr_of
from .codecs.interface import LevelCodec
from .codecs.registry import get_codec
from .decoding import decode_stream
from .errors import InputError
from .files.source import open_source
from .job import JobContext
from .metrics import compare
from .options import CodecOptions
from .pipeline import Encoded, Shape, encode_rest, encode_shape
from .plans import BPP, MAX_ERROR, PSNR, Plan, Target, with_levels
from .provenance import Stopwatch
from .report import TargetReport
from .stream.header import MOST_GUESSED
from .stream.reader import StreamReader

_STEPS = 6  # bisections of a level: to 1/64


@dataclass(frozen=True)
class _Trial:
    """What came of leaving out so many levels. coded: where the target needed the whole stream."""

    dropped: float
    shape: Shape
    coded: Encoded | None
    reached: float | None

    def meets(self, target: Target) -> bool:
        """None is a PSNR without any error."""
        if target.kind == PSNR:
            return self.reached is None or self.reached >= target.value
        return self.reached is not None and self.reached <= target.value


class _Trials:
    """Codes a plan with so many levels left out, and measures what the target is about."""

    def __init__(
        self, plan: Plan, target: Target, options: CodecOptions, job: JobContext, clock: Stopwatch
    ) -> None:
        self._plan, self._source, self._target = plan, _source(plan), target
        self._options, self._job, self._clock = options, job, clock
        self.tried: list[_Trial] = []

    def __call__(self, dropped: float) -> bool:
        """Whether the target is met. Raises WeightsError, InputError, CancelledError."""
        self._job.check()
        plan = with_levels(self._plan, dropped, self._options.codec)
        shape = encode_shape(plan, self._options, self._job, self._clock)
        coded = None
        if self._target.kind == BPP:
            coded = encode_rest(shape, self._options, self._job, self._clock)
        trial = _Trial(dropped, shape, coded, self._reached(shape, coded))
        self.tried.append(trial)
        return trial.meets(self._target)

    def _reached(self, shape: Shape, coded: Encoded | None) -> float | None:
        if coded is not None:
            return 8 * len(coded.data) / max(len(self._source), 1)
        voxels, guess, steps = shape.plan.voxels, shape.guess, _placed(self._plan).steps
        report = self._plan.report
        if (report is None or report.exact) and len(set(steps)) == 1:
            if self._target.kind == MAX_ERROR:
                return 0.0 if guess is None else guess.hausdorff * steps[0]
            return None if guess is None else psnr_of(guess.mse, voxels.depth)
        there = replace(voxels, colors=None, transform=_placed(self._plan))
        with self._clock.stage("measure"):
            found = compare(self._source, there, peak=_peak_of(self._plan), cancel=self._job.cancel).report
        return found.d1.hausdorff if self._target.kind == MAX_ERROR else found.d1.psnr


def _source(plan: Plan) -> PointCloud | VoxelCloud:
    """What the plan was made of."""
    return plan.voxels if plan.points is None else plan.points.cloud


def _placed(plan: Plan) -> Transform:
    """From voxels to positions."""
    transform, source = plan.voxels.transform, _source(plan)
    return transform if isinstance(source, VoxelCloud) else transform.scaled(source.scale, source.offset)


def _peak_of(plan: Plan) -> float:
    """2**depth - 1 voxels in the units of the source."""
    return float(((1 << plan.voxels.depth) - 1) * max(_placed(plan).steps))


def _found(meets: Callable[[float], bool], most: int, fewest_bits: bool, fractions: bool) -> None:
    """Tries levels: whole ones from 0 on, then parts of the one between success and failure.

    fewest_bits: the target holds up to some number of levels, else from some number on.
    """
    last = next((k for k in range(most + 1) if meets(k) != fewest_bits), None)
    if last is None or last == 0 or not fractions:
        return
    low, high = last - 1.0, float(last)
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if meets(middle) == fewest_bits:
            low = middle
        else:
            high = middle


def encode_to_target(
    plan: Plan, options: CodecOptions, job: JobContext, clock: Stopwatch
) -> tuple[Encoded, TargetReport]:
    """Codes a plan of voxels with as many levels left out as its target asks for.

    Raises InputError where the target cannot be met; WeightsError, CancelledError.
    """
    target = plan.target
    assert target is not None
    if not len(plan.voxels):
        raise InputError(f"a cloud without points has no {target.words}", field=target.words)
    trials = _Trials(plan, target, options, job, clock)
    fractions = isinstance(get_codec(options.codec), LevelCodec)
    _found(trials, min(MOST_GUESSED, plan.voxels.depth - 1), target.kind != BPP, fractions)
    good = [trial for trial in trials.tried if trial.meets(target)]
    for trial in sorted(good, key=lambda trial: trial.dropped, reverse=target.kind != BPP):
        coded = trial.coded or encode_rest(trial.shape, options, job, clock)
        report = _report(trial.dropped, coded, plan, options, job, clock)
        if replace(trial, reached=report.reached).meets(target):
            return coded, report
    raise _refusal(target, trials.tried)


def _report(
    dropped: float,
    coded: Encoded,
    plan: Plan,
    options: CodecOptions,
    job: JobContext,
    clock: Stopwatch,
) -> TargetReport:
    """Decodes a stream and measures how far its points are from those of the source."""
    source, target = _source(plan), plan.target
    assert target is not None
    with open_source(coded.data) as stream:
        cloud = decode_stream(StreamReader(stream), options, None, None, job, clock).cloud
    with clock.stage("measure"):
        found = compare(source, cloud, peak=_peak_of(plan), cancel=job.cancel).report
    bpp = 8 * len(coded.data) / len(source)
    return TargetReport(
        target=target.kind,
        wanted=target.value,
        reached={BPP: bpp, PSNR: found.d1.psnr, MAX_ERROR: found.d1.hausdorff}[target.kind],
        drop_levels=dropped,
        bpp=bpp,
        d1_psnr=found.d1.psnr,
        d2_psnr=found.d2.psnr,
        hausdorff=found.d1.hausdorff,
        peak=found.peak,
    )


def _refusal(target: Target, tried: list[_Trial]) -> InputError:
    """The closest that was reached."""
    best = max(tried, key=lambda trial: trial.dropped) if target.kind == BPP else tried[0]
    reached = best.reached
    if target.kind == BPP:
        reason = (
            f"with {best.dropped:g} levels left out the stream takes {reached:.4g} bits a point, more than "
            f"{target.value:g}"
        )
    elif target.kind == PSNR:
        reason = f"the voxels themselves have a D1 PSNR of {reached:.4g} dB, less than {target.value:g}"
    else:
        reason = f"the voxels themselves are up to {reached:.4g} from the points, more than {target.value:g}"
    more = "" if target.kind == BPP else "; a larger --depth moves points less"
    return InputError(reason + more, field=target.words)
