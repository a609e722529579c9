"""Reads damaged files in a process of its own, which a crash, a hang or a lack of memory may end.

It takes jobs as lines of JSON from standard input, and says of each case when it begins and what came of it.
"""

from __future__ import annotations

import json
import os
import random
import resource
import sys
import time
import traceback
import warnings
from typing import Any

from bench.fuzz_damage import changed, cut, flipped
from bench.fuzz_targets import Target, UndocumentedError, targets

KINDS = ("flipped", "cut", "changed", "mended")
WAYS = (0.97, 0.9, 0.86, 0.83, 0.81, 0.75, 0.01)  # of reading, in `fuzz_targets`; the last gives a digest
MEMORY = 3 << 30  # bytes more than before, for a file of no bytes
MEMORY_A_BYTE = 1 << 13
SECONDS, SECONDS_A_BYTE = 20.0, 0.01  # of processor time; a slice of 4 million points takes some


def total(target: Target, kind: str) -> int | None:
    """How many cases there are of a kind; None where there is no end."""
    size = len(target.seed())
    return {"flipped": 8 * size, "cut": size}.get(kind)


def damaged(target: Target, data: bytes, kind: str, number: int, chance: random.Random) -> bytes:
    """The file of a case."""
    if kind == "flipped":
        return flipped(data, number)
    if kind == "cut":
        return cut(data, number)
    if kind == "mended" and target.mend is not None:
        return target.mend(data, chance)
    return changed(data, chance)


class Case:
    """Cases of one target and kind."""

    def __init__(self, target: Target, kind: str, seed: int) -> None:
        self.target, self.kind, self.seed = target, kind, seed
        self._data = target.seed()
        for way in WAYS:  # compiles what reading takes
            _outcome(target, self._data, _Fixed(way))
        self._digest = target.read(self._data, target.suffix, _Fixed(WAYS[-1]))

    def run(self, number: int) -> tuple[str, str]:
        """The outcome ("refused", "same", "read", or a fault) and its words."""
        chance = random.Random(f"{self.seed}/{self.target.name}/{self.kind}/{number}")
        data = damaged(self.target, self._data, self.kind, number, chance)
        _limit_memory(len(data))
        before = time.process_time()
        outcome, words = _outcome(self.target, data, chance)
        took = time.process_time() - before
        if took > SECONDS + SECONDS_A_BYTE * len(data):
            return "slow", f"{took:.1f} s of processor time for {len(data):,} bytes: {words}"
        if outcome != "read" or not words:
            return outcome, words
        if words == self._digest:
            return "same", ""
        if self.target.exact and self.kind != "mended":
            return "wrong", "another cloud came back, and no error"
        return "read", ""


class _Fixed(random.Random):
    """Chance that takes one way of reading."""

    def __init__(self, way: float) -> None:
        super().__init__(1)
        self._way = way

    def random(self) -> float:
        return self._way


def _outcome(target: Target, data: bytes, chance: random.Random) -> tuple[str, str]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return "read", target.read(data, target.suffix, chance)
    except UndocumentedError as error:
        return "undocumented", str(error)[:400]
    except target.errors as error:
        return "refused", type(error).__name__
    except MemoryError:
        return "memory", traceback.format_exc()[-1500:]
    except BaseException:
        return "undocumented", traceback.format_exc()[-1500:]


def _limit_memory(size: int) -> None:
    with open("/proc/self/statm") as file:
        now = int(file.read().split()[0]) * resource.getpagesize()
    allowed = now + MEMORY + MEMORY_A_BYTE * size
    resource.setrlimit(resource.RLIMIT_AS, (allowed, resource.RLIM_INFINITY))


def main() -> int:
    """Serves jobs until standard input ends."""
    out = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # what packages print goes elsewhere

    def say(**words: Any) -> None:
        out.write(json.dumps(words) + "\n")

    known, cases = targets(), dict[tuple[str, str, int], Case]()
    for line in sys.stdin:
        job = json.loads(line)
        key = job["target"], job["kind"], job["seed"]
        if key not in cases:
            resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
            cases[key] = Case(known[job["target"]], job["kind"], job["seed"])
        ends, most = time.monotonic() + job["seconds"], total(known[job["target"]], job["kind"])
        number, stop = job["first"], job["first"] + job.get("count", 1 << 60)
        stop = stop if most is None else min(stop, most)
        while number < stop and time.monotonic() < ends:
            say(begins=number)
            outcome, words = cases[key].run(number)
            say(ends=number, outcome=outcome, words=words if outcome not in ("same", "read") else "")
            number += 1
        say(done=number, exhausted=most is not None and number >= most)
    return 0


if __name__ == "__main__":
    sys.exit(main())
