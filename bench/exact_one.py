"""One process of `bench.exact`: codes and decodes every case, and compares with the first process."""

from __future__ import annotations

import argparse
import hashlib
import itertools
import json
import sys
from pathlib import Path
from typing import Any

from bench.exact_cases import Case, cases, digest_of, random_cases, sample_cases
from octavox.codec import CodecOptions, OctavoxError


def first(every: list[Case], folder: Path) -> list[dict[str, Any]]:
    """Writes the streams of all cases, and what comes back of each."""
    found = []
    for number, case in enumerate(every):
        options = CodecOptions(codec=case.codec, threads=1, device="cpu")
        data = case.encode(options)
        (folder / f"{number}.ovx").write_bytes(data)
        found.append(
            {
                "codec": case.codec,
                "stage": case.stage,
                "stream": hashlib.sha256(data).hexdigest(),
                "decoded": digest_of(data, options),
                "compared": 1,
                "differences": [] if case.proof(data) else ["what came back is not what was coded"],
            }
        )
    (folder / "first.json").write_text(json.dumps(found))
    return found


def again(every: list[Case], folder: Path, threads: list[int], devices: list[str]) -> list[dict[str, Any]]:
    """Codes and decodes all cases with all threads and devices; what differs from the first process."""
    known, found = json.loads((folder / "first.json").read_text()), []
    for number, (case, before) in enumerate(zip(every, known, strict=True)):
        data, wrong, compared = (folder / f"{number}.ovx").read_bytes(), [], 0
        for count, device in itertools.product(threads, devices):
            options = CodecOptions(codec=case.codec, threads=count, device=device)
            try:
                same = hashlib.sha256(case.encode(options)).hexdigest() == before["stream"]
                back = digest_of(data, options) == before["decoded"]
            except OctavoxError as error:
                same = back = False
                wrong.append(f"case {number}: {error}")
            wrong += [f"case {number}: {count} threads, {device}: another stream"] * (not same)
            wrong += [f"case {number}: {count} threads, {device}: another cloud"] * (not back)
            compared += 2
        found.append({"codec": case.codec, "stage": case.stage, "compared": compared, "differences": wrong})
    return found


def main() -> int:
    """Prints what was found as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--first", action="store_true")
    parser.add_argument("--small", action="store_true")
    parser.add_argument("--sample", action="store_true")
    parser.add_argument("--clouds", type=int, default=0)
    parser.add_argument("--codecs", nargs="+", required=True)
    parser.add_argument("--threads", nargs="+", type=int, default=[1])
    parser.add_argument("--devices", nargs="+", default=["cpu"])
    args = parser.parse_args()
    names = tuple(args.codecs)
    every = [*cases(names, args.small), *random_cases(args.clouds, names)]
    every += sample_cases(names) if args.sample else []
    if args.first:
        found = first(every, args.folder)
    else:
        found = again(every, args.folder, args.threads, args.devices)
    print(json.dumps(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
