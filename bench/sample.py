"""The first table of README.md: the bundled sample and a generated LAS file, beside what others make of them.

    python bench/sample.py [--write]

Every stream of Octavox is decoded and compared. --write writes bench/results/sample.json and the table.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.files import measured
from bench.generated_files import flight
from bench.measure import ROOT, machine
from octavox import codec

RESULTS = ROOT / "bench" / "results" / "sample.json"
README = ROOT / "README.md"
SAMPLE = ROOT / "resources" / "samples" / "spot_vox8.ply"
BEGIN, END = "<!-- make bench-sample writes this table -->\n", "<!-- end of the table -->\n"
NAMES = {
    "spot_vox8.ply": "the bundled sample, 145,773 points with colours (PLY)",
    "generated_flight.las": "an airborne scan, 60,000 points with intensity, returns and times (LAS)",
}


def table(results: dict[str, Any]) -> str:
    """The table, as Markdown."""
    lines = [
        "| bytes | comes back | Octavox | G-PCC v23 | Draco | LAZ | `xz -9e` |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in results["rows"]:
        gpcc, draco, laz = ("" if row[k] is None else f"{row[k]:,}" for k in ("gpcc", "draco", "laz"))
        name = NAMES[row["file"]]
        every = [name, "every point with every property", f"**{row['records']:,}**", gpcc, draco, "", ""]
        whole = ["", "the file, byte for byte", f"**{row['archive']:,}**", "", "", laz, f"{row['xz']:,}"]
        lines += [f"| {' | '.join(every)} |", f"| {' | '.join(whole)} |"]
    return "\n".join(lines) + "\n"


def with_table(readme: str, results: dict[str, Any]) -> str:
    """The text of README.md with this table."""
    start, stop = readme.index(BEGIN) + len(BEGIN), readme.index(END)
    return readme[:start] + "\n" + table(results) + "\n" + readme[stop:]


def main() -> int:
    """Prints the table; writes it if asked."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--write", action="store_true")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rows = [measured(path, folder, codec.CodecOptions()) for path in (SAMPLE, flight(folder))]
    found = {"machine": machine(), "rows": rows}
    print(table(found))
    if args.write:
        RESULTS.write_text(json.dumps(found, indent=1) + "\n")
        README.write_text(with_table(README.read_text("utf-8"), found), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
