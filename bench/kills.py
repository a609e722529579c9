"""Kills jobs at random moments: afterwards each target is the old file or the new one, and what else a killed
process left, the next run of the same job clears away.

    python -m bench.kills --kills 60 --write

Half of the moments are spread evenly over the time that a job takes, half over its calls that make, rename,
link or remove files; the latter come from Python's audit events. The seed decides all of them.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path

from bench.kill_jobs import JOBS, Job
from bench.measure import ROOT, machine, write_results

RESULTS = ROOT / "bench" / "results" / "kills.json"
EVENTS = {"open", "os.rename", "os.link", "os.remove", "os.mkdir", "os.rmdir", "os.chmod", "os.truncate"}
END_S = 60.0  # for processes of a killed job to end


@dataclass
class Outcome:
    """What became of one kind of job. old, new: targets that stood there after a kill. left: kills after
    which there was more than inputs and targets. ended: kills that came too late."""

    kills: int = 0
    old: int = 0
    new: int = 0
    left: int = 0
    ended: int = 0
    seconds: float = 0.0
    faults: list[str] = field(default_factory=list)


class Ground:
    """A folder for one run of a job: its inputs, its targets, and temporary files in a folder beside it."""

    def __init__(self, job: Job, inputs: Path, root: Path) -> None:
        self.job, self.folder, self.temporary = job, root / "work", root / "tmp"
        shutil.copytree(inputs, self.folder)
        self.temporary.mkdir()
        self._first = self._names()

    def _names(self) -> set[str]:
        return {str(p.relative_to(self.folder)) for p in self.folder.rglob("*")}

    def targets(self) -> dict[str, bytes | None]:
        """The contents of the job's targets; None for those that are not there."""
        paths = {name: self.folder / name for name in self.job.targets}
        return {name: path.read_bytes() if path.exists() else None for name, path in paths.items()}

    def left(self) -> list[str]:
        """What is there and is neither an input, a target, nor what the job keeps for itself."""
        more = {f"tmp/{p.relative_to(self.temporary)}" for p in self.temporary.rglob("*")}
        return sorted((self._names() | more) - self._first - {*self.job.targets, *self.job.keeps})

    def start(self, at_event: int = 0) -> int:
        """Runs the job in a process of its own, which kills itself at an event; its id."""
        process = os.fork()
        if process:
            return process
        code = 1
        try:
            os.setsid()
            os.chdir(self.folder)
            tempfile.tempdir = str(self.temporary)
            os.environ["TMPDIR"] = tempfile.tempdir
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, 1)
            counter = _counting(self.folder.parent, at_event)
            code = self.job.run(self.folder)
            (self.folder.parent / "events").write_text(str(counter[0]))
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)

    def whole_run(self) -> tuple[float, int]:
        """Seconds and events of a run that nobody kills. Raises RuntimeError where it fails."""
        started = time.perf_counter()
        status = os.waitstatus_to_exitcode(os.waitpid(self.start(), 0)[1])
        if status:
            raise RuntimeError(f"'{self.job.name}' ended with {status}")
        return time.perf_counter() - started, int((self.folder.parent / "events").read_text())


def _counting(root: Path, last: int) -> list[int]:
    """Counts this process's changes of files below `root`; kills it at the one with the number `last`."""
    count = [0]

    def hook(event: str, args: tuple[object, ...]) -> None:
        if event in EVENTS and any(str(root) in str(a) or "/proc/self/fd" in str(a) for a in args[:2]):
            count[0] += 1
            if count[0] == last:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)
    return count


def killed(ground: Ground, seconds: float, event: int) -> bool:
    """Runs the job and kills it, after some seconds or at an event; whether it was still running."""
    process = ground.start(event)
    if not event:
        time.sleep(seconds)
        try:
            os.killpg(process, signal.SIGKILL)
        except ProcessLookupError:  # it has no group of its own yet
            os.kill(process, signal.SIGKILL)
    status = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
    end = time.monotonic() + END_S
    while time.monotonic() < end:  # processes that the job started
        try:
            os.killpg(process, signal.SIGKILL)
        except ProcessLookupError:
            break
        time.sleep(0.02)
    return status == -signal.SIGKILL


def one_kill(
    job: Job, inputs: Path, moment: tuple[float, int], new: dict[str, bytes | None], out: Outcome
) -> None:
    """One kill, and the next run after it."""
    with tempfile.TemporaryDirectory() as name:
        ground = Ground(job, inputs, Path(name))
        old = ground.targets()
        ended = not killed(ground, *moment)
        out.kills += 1
        out.ended += ended
        for target, content in ground.targets().items():
            if content == new[target]:
                out.new += 1
            elif content == old[target]:
                out.old += 1
            elif not job.sound(ground.folder / target):
                out.faults.append(f"{moment}: {target} is neither the old file nor the new one")
        out.left += bool(ground.left())
        try:
            ground.whole_run()
        except RuntimeError as error:
            out.faults.append(f"{moment}: the next run fails: {error}")
        found = ground.targets()
        for target in found:
            if found[target] != new[target] and not job.sound(ground.folder / target):
                out.faults.append(f"{moment}: the next run makes another {target}")
        if ground.left():
            out.faults.append(f"{moment}: the next run leaves {', '.join(ground.left()[:5])}")


def test_job(job: Job, kills: int, seed: int) -> Outcome:
    """Kills one kind of job at so many moments."""
    out, rng, started = Outcome(), random.Random(f"{seed} {job.name}"), time.perf_counter()
    with tempfile.TemporaryDirectory() as name:
        inputs = Path(name, "inputs")
        inputs.mkdir()
        job.prepare(inputs)
        with tempfile.TemporaryDirectory() as first:
            ground = Ground(job, inputs, Path(first))
            ground.whole_run()  # compiles what is not compiled
        with tempfile.TemporaryDirectory() as second:
            ground = Ground(job, inputs, Path(second))
            seconds, events = ground.whole_run()
            new = ground.targets()
            if ground.left():
                out.faults.append(f"a run that nobody kills leaves {', '.join(ground.left()[:5])}")
        for number in range(kills):
            by_event = number % 2 == 1 and events > 0
            moment = (0.0, rng.randint(1, events)) if by_event else (rng.uniform(0, 1.05 * seconds), 0)
            one_kill(job, inputs, moment, new, out)
    out.seconds = time.perf_counter() - started
    return out


Keep = Callable[[str, Outcome], None]


def _nowhere(name: str, out: Outcome) -> None:
    """Keeps no figures."""


def run(jobs: Iterable[Job], kills: int, seed: int, keep: Keep = _nowhere) -> dict[str, Outcome]:
    """Kills each kind of job at so many moments. keep: takes what became of each, as soon as it is known."""
    done = {}
    for job in jobs:
        out = done[job.name] = test_job(job, kills, seed)
        keep(job.name, out)
        faults = f"{len(out.faults)} faults" if out.faults else "no fault"
        print(
            f"{job.name}: {out.kills} kills, targets old {out.old}, new {out.new}; more was left "
            f"{out.left} times, {faults} after the next run; {out.seconds:.0f} s",
            flush=True,
        )
        for fault in out.faults[:10]:
            print(f"  {fault}", flush=True)
    return done


def _write(name: str, out: Outcome, seed: int) -> None:
    """Writes the figures of a job, beside those of jobs that were killed before."""
    known = json.loads(RESULTS.read_text())["jobs"] if RESULTS.exists() else {}
    known[name] = {"commit": machine()["commit"], "seed": seed, **asdict(out)}
    write_results(
        RESULTS, {"machine": machine(), "jobs": {j.name: known[j.name] for j in JOBS if j.name in known}}
    )


def main(argv: list[str] | None = None) -> int:
    """Runs the jobs; exit code 1 if a kill did harm."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kills", type=int, default=60, help="of each kind of job")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", nargs="*", choices=[job.name for job in JOBS], help="these alone")
    parser.add_argument(
        "--write", action="store_true", help=f"keep the figures in {RESULTS.relative_to(ROOT)}"
    )
    args = parser.parse_args(argv)
    wanted = [job for job in JOBS if not args.jobs or job.name in args.jobs]
    keep: Keep = partial(_write, seed=args.seed) if args.write else _nowhere
    done = run(wanted, args.kills, args.seed, keep).values()
    faults = sum(len(out.faults) for out in done)
    print(f"{sum(out.kills for out in done)} kills, {faults} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
