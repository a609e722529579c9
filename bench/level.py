"""Many encodes and decodes in one process: its memory, handles and threads stay level.

    python -m bench.level --rounds 200 --write

Each round codes a cloud with the next codec, to a file and back. Memory is what is resident after a
collection of garbage. It may settle during the first quarter; after that it may grow by SLACK at most, and
the number of open handles and of threads not at all. Exit code 1 where they grow.
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.exact_cases import SLOW, sheet
from bench.measure import ROOT, machine, write_results
from octavox import codec
from octavox.codec import CodecOptions

RESULTS = ROOT / "bench" / "results" / "level.json"
CODECS = ("octree", "multiscale", SLOW)
SLACK = 8 << 20  # bytes, which the allocator may keep for later


@dataclass(frozen=True)
class State:
    """Of this process after a round. memory: resident bytes."""

    round: int
    memory: int
    handles: int
    threads: int


def state(number: int) -> State:
    """What this process has now (Linux)."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    memory = pages * os.sysconf("SC_PAGE_SIZE")
    return State(number, memory, len(os.listdir("/proc/self/fd")), threading.active_count())


def one_round(name: str, folder: Path) -> None:
    """A cloud to a file and back. Raises RuntimeError where it does not come back."""
    cloud = sheet(120 if name == SLOW else 4000)
    options = CodecOptions(codec=name, threads=2)
    codec.save_stream(folder / "cloud.ovx", codec.encode(cloud, options=options).data)
    codec.write_cloud(folder / "back.ply", codec.decode(folder / "cloud.ovx", options=options).cloud)
    if not codec.verify(cloud, folder / "cloud.ovx").identical:
        raise RuntimeError(f"{name}: another cloud came back")


def rounds(count: int, names: Sequence[str]) -> list[State]:
    """The states of this process after every round."""
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for number in range(count):
            one_round(names[number % len(names)], Path(folder))
            found.append(state(number))
    return found


def growth(states: Sequence[State]) -> tuple[int, int, int]:
    """How much memory, handles and threads grew after the first quarter, at the end and at the most."""
    first, later = states[: len(states) // 4 or 1], states[len(states) // 4 or 1 :]
    memory = min(s.memory for s in later[-len(first) :]) - max(s.memory for s in first)
    handles = max(s.handles for s in later) - max(s.handles for s in first)
    return memory, handles, max(s.threads for s in later) - max(s.threads for s in first)


def main(argv: list[str] | None = None) -> int:
    """Runs the rounds; exit code 1 if something grew."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--codecs", nargs="+", choices=CODECS, default=list(CODECS))
    parser.add_argument(
        "--write", action="store_true", help=f"keep the figures in {RESULTS.relative_to(ROOT)}"
    )
    args = parser.parse_args(argv)
    states = rounds(args.rounds, args.codecs)
    memory, handles, threads = growth(states)
    most = max(s.memory for s in states)
    print(
        f"{args.rounds} rounds of {', '.join(args.codecs)}: memory {most / 1e6:,.0f} MB at most, grew by "
        f"{memory / 1e6:,.1f} MB; handles grew by {handles}, threads by {threads}"
    )
    if args.write:
        some = states[:: max(len(states) // 20, 1)]
        content = {"codecs": args.codecs, "rounds": args.rounds, "states": [asdict(s) for s in some]}
        grew = {"memory": memory, "handles": handles, "threads": threads}
        write_results(RESULTS, {"machine": machine(), **content, "most": most, "grew": grew})
    return 1 if memory > SLACK or handles > 0 or threads > 0 else 0


if __name__ == "__main__":
    sys.exit(main())
