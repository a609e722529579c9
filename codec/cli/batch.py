"""`octavox batch`: many files on many processes and machines."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from typing import Any

from octavox.codec.batch import api
from octavox.codec.batch.running import RETRIES, BatchProgress, BatchReport, How
from octavox.codec.batch.tasks import BENCH, DECODE, ENCODE, VERIFY, Choice, choices_of
from octavox.codec.errors import CancelledError, InputError
from octavox.codec.formats import cloud_suffixes
from octavox.codec.option_table import cloud_option_specs, codec_option_specs, parse_option

from .arguments import (
    add_options,
    add_output_options,
    add_read_options,
    cloud_options_given,
    options_of,
    read_options,
)
from .commands import EXIT_DIFFERENT
from .job import on_terminal, running_job
from .several import first_fault
from .targets import add_force, add_format
from .words import complain, say, say_json, warn

Run = Callable[[argparse.Namespace, How], BatchReport]


def _encode(args: argparse.Namespace, how: How) -> BatchReport:
    choice = Choice(options_of(args), cloud_options_given(args), read_options(args))
    return api.encode_batch(args.inputs, args.folder, choice, how, args.force)


def _decode(args: argparse.Namespace, how: How) -> BatchReport:
    return api.decode_batch(args.inputs, args.folder, Choice(options_of(args)), how, args.force, args.to)


def _verify(args: argparse.Namespace, how: How) -> BatchReport:
    choice = Choice(options_of(args), read=read_options(args))
    return api.verify_batch(args.inputs, args.folder, choice, how)


def _bench(args: argparse.Namespace, how: How) -> BatchReport:
    choices = choices_of(options_of(args), cloud_options_given(args), _varied(args.vary), read_options(args))
    return api.bench_batch(args.inputs, args.folder, choices, how)


_ACTIONS: dict[str, tuple[str, Run]] = {
    ENCODE: ("compress point clouds to streams below DIR", _encode),
    DECODE: ("decompress streams to point clouds below DIR", _decode),
    VERIFY: ("compare point clouds with the streams below DIR that `batch encode` made of them", _verify),
    BENCH: ("code, decode and compare with several options; keep the figures in DIR alone", _bench),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the actions and their arguments."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    for name, (words, _) in _ACTIONS.items():
        sub = actions.add_parser(name, help=words, description=words)
        _add_common(sub, ".ovx" if name == DECODE else ", ".join(cloud_suffixes()))
        if name in (ENCODE, DECODE):
            add_force(sub)
        if name == DECODE:
            add_format(sub)
        else:
            add_read_options(sub)
        if name == BENCH:
            sub.add_argument(
                "--vary",
                action="append",
                default=[],
                metavar="OPTION=VALUE,...",
                help="try each of these values, such as codec=octree,multiscale or drop-levels=0,1,2; given "
                "several times, every combination",
            )
        add_options(sub, ENCODE if name == BENCH else name)
        add_output_options(sub, argparse.SUPPRESS)


def _add_common(parser: argparse.ArgumentParser, suffixes: str) -> None:
    parser.add_argument(
        "inputs",
        nargs="+",
        metavar="IN",
        help=f"files, folders with all that is in them, or patterns in quotes ('scans/**/*.laz'): {suffixes}",
    )
    parser.add_argument(
        "-o", "--out-dir", dest="folder", metavar="DIR", required=True, help="folder of the batch"
    )
    who = parser.add_mutually_exclusive_group()
    who.add_argument(
        "--workers", type=int, metavar="N", help="processes of this machine (default: one for each core)"
    )
    who.add_argument(
        "--scheduler",
        metavar="ADDRESS",
        help="a Dask scheduler, such as tcp://host:8786, whose workers do it",
    )
    parser.add_argument(
        "--retries",
        type=int,
        default=RETRIES,
        metavar="N",
        help="how often a file is given to another worker when one is lost (default: %(default)s)",
    )


def _varied(words: list[str]) -> dict[str, list[Any]]:
    """The values of --vary by the names of options. Raises InputError for what is none."""
    specs = {spec.name: spec for spec in (*codec_option_specs(), *cloud_option_specs())}
    found: dict[str, list[Any]] = {}
    for word in words:
        name, equals, values = word.partition("=")
        name = name.strip().removeprefix("--").replace("-", "_")
        if not equals or name not in specs:
            raise InputError(f"'{word}' is no OPTION=VALUE,...; options: {', '.join(specs)}", field="vary")
        found.setdefault(name, []).extend(parse_option(specs[name], v.strip()) for v in values.split(","))
    return found


def run(args: argparse.Namespace) -> int:
    """Does what is left of a batch; the exit code of the first failure."""
    bar = _Bar() if on_terminal() and not args.quiet else None

    def tell(words: str) -> None:
        if not args.quiet:
            print(f"octavox: {words}", file=sys.stderr, flush=True)

    with running_job(quiet=True) as (cancel, _):
        try:
            how = How(args.scheduler or args.workers, args.retries, bar.show if bar else None, cancel, tell)
            report = _ACTIONS[args.action][1](args, how)
        except CancelledError:
            tell("the same command goes on from here")
            raise
        finally:
            if bar:
                bar.close()
    return _tell(args, report)


def _tell(args: argparse.Namespace, report: BatchReport) -> int:
    """Says what was done and what failed, on standard error last; the exit code."""
    done = [row for row in report.rows if row not in report.failed]
    for row in done:
        if row.notes and args.action in (ENCODE, DECODE):
            warn(args, row.input, [row.notes])
        elif args.verbose:
            say(args, f"{row.cloud}: {row.codec} {row.options} {row.notes}")
    say(args, _summary(report))
    say_json(args, report.to_dict())
    for row in report.different:
        complain(f"{row.input}: {row.notes}")
    for row in report.failed:
        complain(row.error if row.input in row.error else f"{row.input}: {row.error}")
    codes = [row.exit_code or (EXIT_DIFFERENT if row.kept is False else 0) for row in report.rows]
    return first_fault(codes)


def _summary(report: BatchReport) -> str:
    """One line about all files, and where the tables are."""
    done = len(report.rows) - len(report.failed)
    new = [row for row in report.rows if row.state == "done"]
    points, size = sum(row.points or 0 for row in new), sum(row.bytes or 0 for row in new)
    rate = f", {8 * size / points:.4f} bits per point" if points else ""
    parts = [f"{report.action}: {done:,} of {len(report.rows):,} files done"]
    if report.skipped:
        parts.append(f"{report.skipped:,} of them before, and unchanged")
    if report.failed:
        parts.append(f"{len(report.failed):,} failed")
    if report.different:
        parts.append(f"{len(report.different):,} different")
    head = ", ".join(parts) + f"; {points:,} points in {size:,} bytes{rate}"
    if report.workers:
        head += f"; {report.wall_seconds:.1f} s on {report.workers} worker{'s' if report.workers > 1 else ''}"
    return f"{head}\n{report.csv}\n{report.parquet}"


class _Bar:
    """A progress bar over files: how many, how quick, how long to go."""

    def __init__(self) -> None:
        self._bar: Any = None

    def show(self, step: BatchProgress) -> None:
        """Draws it anew."""
        from tqdm import tqdm

        if self._bar is None:
            shape = "{desc}: {percentage:3.0f}%|{bar}| {n_fmt}/{total_fmt} [{elapsed}{postfix}]"
            self._bar = tqdm(
                total=step.total, desc=step.action, leave=False, file=sys.stderr, bar_format=shape
            )
        fresh = step.done - step.skipped
        seconds = max(step.seconds, 1e-3)
        words = [f"{fresh / seconds:.2f} files/s", f"{step.points / seconds / 1e6:.3f} Mpoints/s"]
        if step.remaining is not None:
            words.append(f"{tqdm.format_interval(step.remaining)} left")
        if step.failed:
            words.append(f"{step.failed} failed")
        self._bar.set_postfix_str(", ".join(words), refresh=False)
        self._bar.update(step.done - self._bar.n)
        self._bar.refresh()

    def close(self) -> None:
        """Removes it."""
        if self._bar is not None:
            self._bar.close()
