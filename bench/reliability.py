"""Writes docs/reliability.md from the results of `make fuzz`: `python -m bench.reliability`."""

from __future__ import annotations

import json
from typing import Any

from bench.fuzz_child import KINDS, MEMORY, MEMORY_A_BYTE, SECONDS, SECONDS_A_BYTE
from bench.measure import ROOT

RESULTS = ROOT / "bench" / "results" / "fuzz.json"
DOCUMENT = ROOT / "docs" / "reliability.md"

HEAD = """# Damaged and hostile files

`make fuzz MINUTES=10 ARGS=--write` writes this page from `bench/results/fuzz.json`: {cases:,}
damaged files so far, {bounded:,} of them read by code that checks the bounds of arrays (numba's),
with {faults}. Last run on {date}, at commit {commit}, Python {python}.

A case is a small sound file, a kind of damage, a seed and a number, so it is the same on every
machine:

| damage | what |
|---|---|
| flipped | one bit differs; each in turn |
| cut | the beginning of the file; each length in turn |
| changed | a few bytes changed, lost, doubled or put in |
| mended | the same, or chunks and fields lost, doubled or exchanged, and all checksums right again |

Files are read in a process of its own, all frames of streams, sometimes a slice, a region, some
levels, or by salvage; of files of points some become archives and come back. The outcome has to be
one of these:

- *refused*: an error of the documented kind. It names the file and the field, byte, line or row; of
  streams always field and byte.
- *same*: what the sound file holds.
- *read*: something else, or a part of it. Where a whole stream was read, something else is a fault
  unless its checksums were made right again: a forger can write any cloud.

A fault is anything else: another kind of error, a crash, a hang ({silence:.0f} s of processor time
without an answer), more than {seconds:.0f} s of processor time and {milliseconds:.0f} ms for each
byte of the file, or more than {memory} GB of memory and {memory_a_byte} kB for each byte. How long
a sound stream takes follows from the number of its points, which its size limits only loosely: of
codec octree, 67 bytes hold a solid cube of 262,144 voxels. A job that takes long can be cancelled.

`python -m bench.fuzz --case 'stream rough/mended/1/17'` runs one case, and with `--save FILE` keeps
its file. A run goes on where the one before ended; `--seed 2` makes other cases, `--merge FILE`
adds the results of another machine.

{atheris}

"""
ATHERIS = """`bench/fuzz_guided.py` has the same targets for
[atheris](https://github.com/google/atheris), which looks for inputs that reach new lines of Python.
It is no dependency: `pip install atheris`, then
`python -m bench.fuzz_guided 'file ply' -max_total_time=600`. Compiled loops count as one line for
it.
"""


def total(content: dict[str, Any], bounds: bool | None = None) -> int:
    """How many cases there were. bounds: of those with bounds checks alone, or of the others."""
    return sum(
        sum(counts["outcomes"].values())
        for by_how in content["runs"].values()
        for how, by_target in by_how.items()
        if bounds is None or bounds == (how != "plain")
        for by_kind in by_target.values()
        for counts in by_kind.values()
    )


def table(content: dict[str, Any]) -> list[str]:
    """Lines of the table: of each target, cases by kind of damage and by outcome."""
    lines = [f"| target | {' | '.join(KINDS)} | refused | same | read | faults |"]
    lines.append("|---|" + "---|" * (len(KINDS) + 4))
    rows: dict[str, tuple[dict[str, int], dict[str, int]]] = {}
    for by_how in content["runs"].values():
        for by_target in by_how.values():
            for target, by_kind in by_target.items():
                kinds, outcomes = rows.setdefault(target, ({}, {}))
                for kind, counts in by_kind.items():
                    kinds[kind] = kinds.get(kind, 0) + sum(counts["outcomes"].values())
                    for outcome, n in counts["outcomes"].items():
                        outcomes[outcome] = outcomes.get(outcome, 0) + n
    for target, (kinds, outcomes) in sorted(rows.items()):
        faults = sum(n for outcome, n in outcomes.items() if outcome not in ("refused", "same", "read"))
        numbers = [kinds.get(kind, 0) for kind in KINDS]
        numbers += [*(outcomes.get(outcome, 0) for outcome in ("refused", "same", "read")), faults]
        lines.append(f"| {target} | {' | '.join(f'{n:,}' for n in numbers)} |")
    return lines


def document() -> str:
    """The page."""
    from bench.fuzz import SILENCE_S

    content = json.loads(RESULTS.read_text("utf-8"))
    faults = len(content["faults"])
    head = HEAD.format(
        cases=total(content),
        bounded=total(content, bounds=True),
        faults="no fault" if not faults else f"{faults} faults, which the last lines name",
        silence=SILENCE_S,
        seconds=SECONDS,
        milliseconds=1000 * SECONDS_A_BYTE,
        memory=MEMORY >> 30,
        memory_a_byte=MEMORY_A_BYTE >> 10,
        atheris=ATHERIS.rstrip("\n"),
        **{name: content["machine"][name] for name in ("date", "commit", "python")},
    )
    last = [f"- `{fault['case']}`: {fault['outcome']}" for fault in content["faults"]]
    return "\n".join([head, *table(content), *(["", *last] if last else []), ""])


if __name__ == "__main__":
    DOCUMENT.write_text(document(), "utf-8")
