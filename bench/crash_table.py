"""docs/reliability-crash.md from what `bench.kills`, `bench.exact` and `bench.level` found.

python -m bench.crash_table
"""

from __future__ import annotations

import json
import sys
from typing import Any

from bench import exact, kills, level
from bench.measure import ROOT

PAGE = ROOT / "docs" / "reliability-crash.md"


def page() -> str:
    """The page."""
    parts = ["# Crashes, exactness and long runs", "", _INTRODUCTION]
    for results, section in ((kills.RESULTS, of_kills), (exact.RESULTS, of_exact), (level.RESULTS, of_level)):
        if results.exists():
            parts += ["", section(json.loads(results.read_text()))]
    return "\n".join(parts) + "\n"


_INTRODUCTION = """The commands named below write this page from their results; do not edit it. Each of
them ends with exit code 1 where it finds a fault.

What a command writes appears under its name when it is complete and on the disk, or not at all. Until then it
has no name, where the file system allows that (Linux, `O_TMPFILE`), and else one such as
`.octavox-0123456789abcdef.tmp`, which is locked while its process lives. The next command that writes into
the same folder removes what has no lock any more. An existing target keeps its permissions and, where that is
permitted, its owner; a link is followed; a file that is read-only is refused. Frames that are appended to a
sequence are written in place: those that were there stay.

Two things stay after kills that Octavox does not clear away, because nothing says whose they are: semaphores
of Python's multiprocessing, 32 bytes each in `/dev/shm`, where all processes of a batch are killed at once;
and a copy of the window's settings, where the window is killed between two system calls of Qt."""


def machine_of(found: dict[str, Any]) -> str:
    """Where and of what the figures are."""
    about = found["machine"]
    return (
        f"Commit {about['commit']}, {about['cores']} cores of {about['processor']}, Python {about['python']}."
    )


def of_kills(found: dict[str, Any]) -> str:
    """The section about kills."""
    lines = [
        "## Kills",
        "",
        f"Made by `make kills` (SIGKILL) from `bench/results/kills.json`. {machine_of(found)}",
        "Each job has the commit that it was killed at.",
        "",
        "Half of the moments are random in the time that a job takes, half are random among its calls that",
        "make, rename, link or remove files. *old*, *new*: targets found after the kills. *more left*: kills",
        "after which there was more than inputs and targets. *faults*: targets that were neither, and",
        "whatever the next run of the same job did not clear away.",
        "",
        "| job | commit | kills | too late | old | new | more left | faults |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, own in found["jobs"].items():
        counts = (own[key] for key in ("commit", "kills", "ended", "old", "new", "left"))
        cells = (name, *counts, len(own["faults"]))
        lines.append("| " + " | ".join(map(str, cells)) + " |")
    return "\n".join(lines)


def of_exact(found: dict[str, Any]) -> str:
    """The section about exactness."""
    compared = sum(row["compared"] for rows in found["found"].values() for row in rows)
    wrong = sum(len(row["differences"]) for rows in found["found"].values() for row in rows)
    threads = ", ".join(map(str, found["threads"]))
    return "\n".join(
        [
            "## Exactness",
            "",
            f"Made by `make exact` from `bench/results/exact.json`. {machine_of(found)}",
            "",
            f"{compared:,} comparisons, {wrong:,} differences, with {threads} threads on "
            f"{', '.join(found['devices'])}. The first process shows that what comes back is what was coded;",
            "each other one is limited to an instruction set, compiles all loops for it, codes and decodes",
            "every case with every number of threads on every device, and compares streams and clouds with",
            "those of the first.",
            "",
            exact.table(found["found"]),
        ]
    )


def of_level(found: dict[str, Any]) -> str:
    """The section about long runs."""
    grew = found["grew"]
    return "\n".join(
        [
            "## Long runs",
            "",
            f"Made by `make level` from `bench/results/level.json`. {machine_of(found)}",
            "",
            f"{found['rounds']} encodes and decodes in one process, {', '.join(found['codecs'])} in turn:",
            f"memory {found['most'] / 1e6:,.0f} MB at most. After the first quarter memory grew by",
            f"{grew['memory'] / 1e6:,.1f} MB, handles by {grew['handles']}, threads by {grew['threads']}.",
        ]
    )


def main() -> int:
    """Writes the page."""
    PAGE.write_text(page())
    return 0


if __name__ == "__main__":
    sys.exit(main())
