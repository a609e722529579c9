"""Runs the tests in two processes at once: most of the library's tests, and all others.

    python scripts/run_tests.py [--quick] [ARGUMENT...]

--quick leaves out the tests marked `slow`. Arguments go to both runs of pytest, for instance -k ply -x.
The tests of the window share one display and its keyboard focus, so all of them run in the same process.
`make test` and `make test-fast` give them a virtual display.
"""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# Parts of the library's tests that run with the others, so that both processes end at about the same time.
MOVED = ("training",)
LIBRARY = tuple(
    str(path.relative_to(ROOT))
    for path in sorted((ROOT / "tests" / "codec").iterdir())
    if path.name not in MOVED and (path.is_dir() or path.match("test_*.py")) and path.name[0] not in "._"
)
OTHERS = ("tests", *(f"--ignore={path}" for path in LIBRARY))
QUICK = "--quick"
NOTHING_CHOSEN = 5  # pytest's exit status where no test was chosen, as with -k


def command(selection: tuple[str, ...], arguments: list[str]) -> list[str]:
    """The call of pytest for a part of the tests; after QUICK as the first argument, without slow ones."""
    chosen = ["-m", "not slow", *arguments[1:]] if arguments[:1] == [QUICK] else arguments
    return [sys.executable, "-m", "pytest", *selection, *chosen]


def both(statuses: tuple[int, int]) -> int:
    """One exit status for two: that of the first failure; NOTHING_CHOSEN only where neither had a test."""
    ran = [status for status in statuses if status != NOTHING_CHOSEN]
    return next((status for status in ran if status), 0) if ran else NOTHING_CHOSEN


def show(name: str, run: subprocess.Popen[str], failures: list[str]) -> None:
    """Prints each line of a run as it comes, after its name; `failures` gets the lines that name one."""
    assert run.stdout is not None
    for line in run.stdout:
        text = f"{name} | {line}"
        print(text, end="", flush=True)
        if line.startswith(("FAILED ", "ERROR ")):
            failures.append(text)


def main(arguments: list[str]) -> int:
    """Runs both, prints what they say and at the end what failed, and returns the exit status."""
    started, runs, shown = time.monotonic(), [], []
    failures: list[str] = []
    for name, selection in (("others ", OTHERS), ("library", LIBRARY)):
        run = subprocess.Popen(
            command(selection, arguments),
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        runs.append(run)
        shown.append(threading.Thread(target=show, args=(name, run, failures)))
        shown[-1].start()
    for thread in shown:
        thread.join()
    others, library = (run.wait() for run in runs)
    print("".join(failures), end="")
    seconds = time.monotonic() - started
    print(f"both in {seconds:.0f} s; exit status of others {others}, of the library {library}")
    return both((others, library))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
