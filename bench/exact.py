"""The exactness matrix: codecs x stages x threads x CPU instruction sets x devices that are there.

    python -m bench.exact --clouds 1000 --write

One process codes every case, and shows that what comes back is what was coded. A process for each instruction
set compiles all loops anew for it, codes and decodes every case with every number of threads on every device,
and compares streams and clouds with those of the first. Exit code 1 where anything differs.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench.instruction_sets import environment, others
from bench.measure import ROOT, machine, write_results

RESULTS = ROOT / "bench" / "results" / "exact.json"
HERE = "this machine"
CODECS = ("octree", "multiscale", "voxeldnn")


def devices() -> list[str]:
    """Those that networks can run on here."""
    import torch

    return ["cpu", *(["cuda"] if torch.cuda.is_available() else [])]


def one(name: str, folder: Path, words: list[str]) -> list[dict[str, Any]]:
    """A process with an instruction set. Raises RuntimeError with its words where it fails."""
    command = [sys.executable, "-m", "bench.exact_one", str(folder), *words]
    variables = environment(name) if name in others() else dict(os.environ)
    done = subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{name}: {done.stderr.strip()[-2000:]}")
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def matrix(args: argparse.Namespace) -> dict[str, list[dict[str, Any]]]:
    """What each process found, by the name of its instruction set."""
    sets = args.sets or [HERE, *others()]
    cases = ["--codecs", *args.codecs, "--clouds", str(args.clouds)]
    cases += ["--small"] * args.small + ["--sample"] * args.sample
    more = ["--threads", *map(str, args.threads), "--devices", *args.devices]
    found = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        found["first"] = one("first", folder, [*cases, "--first"])
        print(
            f"first process: {len(found['first'])} cases, {_differences(found['first'])} differences",
            flush=True,
        )
        for name in sets:
            found[name] = one(name, folder, [*cases, *more])
            compared = sum(row["compared"] for row in found[name])
            print(f"{name}: {compared} comparisons, {_differences(found[name])} differences", flush=True)
    return found


def _differences(rows: list[dict[str, Any]]) -> int:
    return sum(len(row["differences"]) for row in rows)


def table(found: dict[str, list[dict[str, Any]]]) -> str:
    """One row for each codec and stage, one column for each process: comparisons and, if any, differences."""
    keys = list(dict.fromkeys((row["codec"], row["stage"]) for row in found["first"]))
    head = ["codec", "stage", *("coded and back" if name == "first" else name for name in found)]
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for codec, stage in keys:
        cells = [codec, stage]
        for rows in found.values():
            own = [row for row in rows if (row["codec"], row["stage"]) == (codec, stage)]
            wrong = _differences(own)
            cells.append(
                f"{sum(row['compared'] for row in own)}" + (f", **{wrong} differ**" if wrong else "")
            )
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main(argv: list[str] | None = None) -> int:
    """Makes the matrix; exit code 1 if anything differs."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--codecs", nargs="+", choices=CODECS, default=list(CODECS))
    parser.add_argument("--threads", nargs="+", type=int, default=[1, 2, 5])
    parser.add_argument("--sets", nargs="+", choices=[HERE, *others()], help="these instruction sets alone")
    parser.add_argument("--devices", nargs="+", default=None, help="by default those that are there")
    parser.add_argument("--clouds", type=int, default=0, help="random clouds besides")
    parser.add_argument("--small", action="store_true", help="two stages alone")
    parser.add_argument("--sample", action="store_true", help="the bundled sample besides")
    parser.add_argument("--results", type=Path, metavar="FILE", help="keep it there")
    parser.add_argument("--write", action="store_true", help=f"keep it in {RESULTS.relative_to(ROOT)}")
    args = parser.parse_args(argv)
    args.devices = args.devices or devices()
    found = matrix(args)
    print(table(found))
    wrong = [words for rows in found.values() for row in rows for words in row["differences"]]
    for words in wrong[:50]:
        print(words)
    compared = sum(row["compared"] for rows in found.values() for row in rows)
    print(f"{compared} comparisons, {len(wrong)} differences")
    for path in [args.results] * bool(args.results) + [RESULTS] * args.write:
        settings = {"threads": args.threads, "devices": args.devices, "clouds": args.clouds}
        rows = {name: _summed(own) for name, own in found.items()}
        write_results(path, {"machine": machine(), **settings, "found": rows})
    return 1 if wrong else 0


def _summed(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Comparisons and differences by codec and stage."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for row in rows:
        key = (row["codec"], row["stage"])
        into = found.setdefault(key, {"codec": key[0], "stage": key[1], "compared": 0, "differences": []})
        into["compared"] += row["compared"]
        into["differences"] += row["differences"]
    return list(found.values())


if __name__ == "__main__":
    sys.exit(main())
