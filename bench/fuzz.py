"""Damages files and reads them: `make fuzz MINUTES=10`.

Every file has to end in what it holds or in an error of the documented kind, within a time and memory that
follow from its size. Files are read in a process of its own, whose crash or hang is an outcome, too. The
cases are the same on every machine: a target, a kind of damage, a seed and a number. A run goes on where
the last one with the same results ended.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import select
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench import reliability
from bench.fuzz_child import KINDS, Case
from bench.fuzz_targets import targets
from bench.measure import ROOT, machine

SILENCE_S = 120.0  # of processor time, after which a case hangs
COMPILING_S = 900.0  # before its first case a process may compile
ASLEEP = 10  # times as long may pass on the clock: other programs run, too
SLICE_S = 6.0  # of one target and kind, before the next has its turn
FAULTS = ("undocumented", "memory", "slow", "wrong", "crash", "hang")
BOUNDED = "with bounds checks"


class Child:
    """A process that reads damaged files. bounds: its compiled code checks the bounds of arrays."""

    def __init__(self, bounds: bool) -> None:
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        if bounds:  # numba takes code that checks nothing for the same
            folder = ROOT / "build" / "fuzz-with-bounds-checks"
            environment |= {"NUMBA_BOUNDSCHECK": "1", "NUMBA_CACHE_DIR": str(folder)}
        command = [sys.executable, "-X", "faulthandler", "-m", "bench.fuzz_child"]
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as the process
        self._process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0,
            stderr=self._log,
        )  # fmt: skip
        self._known, self._said = set[str](), b""

    def run(self, job: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """What it says of a job; at last {"done": ...}, or {"lost": ...} where the process has ended."""
        assert self._process.stdin is not None
        name = f"{job['target']}/{job['kind']}"
        self._process.stdin.write(json.dumps(job).encode() + b"\n")
        wait = SILENCE_S if name in self._known else COMPILING_S
        self._known.add(name)
        while True:
            said = self._next(wait)
            yield said
            if "done" in said or "lost" in said:
                return
            wait = SILENCE_S

    def _next(self, wait: float) -> dict[str, Any]:
        assert self._process.stdout is not None
        began, used = time.monotonic(), self._used()
        while b"\n" not in self._said:
            if not select.select([self._process.stdout], [], [], min(wait, 1.0))[0]:
                if self._used() - used > wait or time.monotonic() - began > ASLEEP * wait:
                    self.close()
                    return {"lost": "hang"}
                continue
            piece = self._process.stdout.read(1 << 16)
            if not piece:
                self._process.wait()
                self._log.seek(0)
                words = self._log.read()[-1500:].decode("utf-8", "replace")
                return {"lost": "crash", "words": f"exit code {self._process.returncode}; {words}"}
            self._said += piece
        line, self._said = self._said.split(b"\n", 1)
        found: dict[str, Any] = json.loads(line)
        return found

    def _used(self) -> float:
        """Its processor time, in seconds."""
        words = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")

    def close(self) -> None:
        """Ends it."""
        self._process.kill()
        self._process.communicate()


class Results:
    """What came of all cases so far: by seed, by whether bounds were checked, by target and kind."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.content: dict[str, Any] = {"runs": {}, "faults": []}
        if path.exists():
            self.content = json.loads(path.read_text("utf-8"))

    def of(self, seed: int, bounds: bool, target: str, kind: str) -> dict[str, Any]:
        """The counts of one kind of damage."""
        how = BOUNDED if bounds else "plain"
        found = self.content["runs"].setdefault(str(seed), {}).setdefault(how, {})
        counts: dict[str, Any] = found.setdefault(target, {}).setdefault(kind, {"next": 0, "outcomes": {}})
        return counts

    def merge(self, other: Path) -> None:
        """Takes the counts of another file that has gone further, or had another seed."""
        theirs = json.loads(other.read_text("utf-8"))
        for seed, by_how in theirs["runs"].items():
            for how, by_target in by_how.items():
                for target, by_kind in by_target.items():
                    for kind, counts in by_kind.items():
                        own = self.of(int(seed), how == BOUNDED, target, kind)
                        if counts["next"] > own["next"]:
                            own.update(counts)
        self.content["faults"] += [f for f in theirs["faults"] if f not in self.content["faults"]]

    def save(self) -> None:
        """Writes the file."""
        self.content["machine"] = machine()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(json.dumps(self.content, indent=1, sort_keys=True) + "\n", "utf-8")


def chosen(names: list[str] | None) -> list[tuple[str, str]]:
    """Pairs of a target and a kind of damage."""
    found = []
    for name, target in targets().items():
        if names and not any(word in name for word in names):
            continue
        found += [(name, kind) for kind in KINDS if kind != "mended" or target.mend is not None]
    return found


def run_for(
    seconds: float, results: Results, seed: int, bounds: bool, pairs: list[tuple[str, str]], most: int | None
) -> None:
    """Takes the targets in turn until the time is over, or each has had `most` cases."""
    ends, child, left = time.monotonic() + seconds, Child(bounds), list(pairs)
    random.Random(seed).shuffle(left)
    while left and time.monotonic() < ends:
        name, kind = left.pop(0)
        counts = results.of(seed, bounds, name, kind)
        job: dict[str, Any] = {"target": name, "kind": kind, "seed": seed, "first": counts["next"]}
        job["seconds"] = max(min(SLICE_S, ends - time.monotonic()), 0.5)
        if most is not None:
            job["count"] = max(most - counts["next"], 0)
        exhausted, running = False, counts["next"]
        for said in child.run(job):
            if "begins" in said:
                running = said["begins"]
            elif "ends" in said:
                _take(results, counts, job, bounds, said)
                running = counts["next"]
            elif "lost" in said:
                fault = {"ends": running, "outcome": said["lost"], "words": said.get("words", "")}
                _take(results, counts, job, bounds, fault)
                child = Child(bounds)
            else:
                exhausted = said["exhausted"] or (most is not None and counts["next"] >= most)
        if not exhausted:
            left.append((name, kind))
        results.save()
    child.close()


def _take(
    results: Results, counts: dict[str, Any], job: dict[str, Any], bounds: bool, said: dict[str, Any]
) -> None:
    """Counts an outcome."""
    counts["next"] = said["ends"] + 1
    counts["outcomes"][said["outcome"]] = counts["outcomes"].get(said["outcome"], 0) + 1
    if said["outcome"] in FAULTS:
        case = f"{job['target']}/{job['kind']}/{job['seed']}/{said['ends']}"
        fault = {"case": case, "bounds": bounds, "outcome": said["outcome"], "words": said["words"]}
        results.content["faults"].append(fault)
        print(f"{case}: {said['outcome']}: {said['words'].strip()[-300:]}", flush=True)


def recheck(results: Results) -> None:
    """Runs the cases that failed once more, and forgets those that do no longer."""
    kept, children = [], dict[bool, Child]()
    for fault in results.content["faults"]:
        target, kind, seed, number = fault["case"].rsplit("/", 3)
        bounds = fault["bounds"]
        child = children.setdefault(bounds, Child(bounds))
        job = {"target": target, "kind": kind, "seed": int(seed), "first": int(number), "count": 1}
        counts = results.of(int(seed), bounds, target, kind)["outcomes"]
        for said in child.run({**job, "seconds": SILENCE_S}):
            outcome = said.get("outcome") or said.get("lost")
            if outcome is None:
                continue
            counts[fault["outcome"]] -= 1
            counts[outcome] = counts.get(outcome, 0) + 1
            if outcome in FAULTS:
                kept.append({**fault, "outcome": outcome, "words": said.get("words", "")})
            if "lost" in said:
                children[bounds] = Child(bounds)
        results.of(int(seed), bounds, target, kind)["outcomes"] = {k: n for k, n in counts.items() if n}
    for child in children.values():
        child.close()
    results.content["faults"] = kept
    results.save()


def show(case: str, target_file: str | None) -> int:
    """Runs one case in this process, with its traceback; writes its file where that is asked for."""
    from bench.fuzz_child import damaged

    name, kind, seed, number = case.rsplit("/", 3)
    target = targets()[name]
    data = damaged(
        target, target.seed(), kind, int(number), random.Random(case_seed(name, kind, seed, number))
    )
    if target_file:
        Path(target_file).write_bytes(data)
    print(len(data), "bytes", *Case(target, kind, int(seed)).run(int(number)))
    return 0


def case_seed(name: str, kind: str, seed: str, number: str) -> str:
    """The seed of what chance decides in a case."""
    return f"{seed}/{name}/{kind}/{number}"


def main() -> int:
    """Runs, tells, and writes the results."""
    parser = argparse.ArgumentParser(prog="make fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cases", type=int, help="at most so many of each target and kind of damage")
    parser.add_argument("--targets", nargs="*", help="words in the names of targets; default: all")
    parser.add_argument("--bounds", type=float, default=0.1, help="share of the time with bounds checks")
    parser.add_argument("--results", default="build/fuzz.json", help="goes on from there")
    parser.add_argument("--merge", nargs="*", default=[], help="further results that are taken in")
    parser.add_argument("--write", action="store_true", help="into bench/results and docs/reliability.md")
    parser.add_argument("--case", help="one case, such as 'stream rough/mended/1/17'")
    parser.add_argument("--save", help="where the file of --case is put")
    args = parser.parse_args()
    if args.case:
        return show(args.case, args.save)
    results = Results(reliability.RESULTS if args.write else ROOT / args.results)
    for other in args.merge:
        results.merge(Path(other))
    print(f"seed {args.seed}; results in {results.path}", flush=True)
    recheck(results)
    pairs, seconds = chosen(args.targets), 60 * args.minutes
    run_for(seconds * (1 - args.bounds), results, args.seed, False, pairs, args.cases)
    compiled = [(name, kind) for name, kind in pairs if name.startswith("stream") and kind == "mended"]
    run_for(seconds * args.bounds, results, args.seed, True, compiled, args.cases)
    results.save()
    if args.write:
        reliability.DOCUMENT.write_text(reliability.document(), "utf-8")
    cases = reliability.total(results.content)
    print(f"{cases:,} cases so far, {len(results.content['faults'])} faults")
    return 1 if results.content["faults"] else 0


if __name__ == "__main__":
    sys.exit(main())
