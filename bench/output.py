"""Where a benchmark writes: into a folder that is given, or over what this checkout keeps (--write).

python bench/output.py [NAME ...]    only writes docs/benchmarks.md, and pictures, anew from bench/results
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.documents import DOCUMENT, RESULTS, codecs_picture, document, paper_picture
from bench.measure import write_results
from bench.rd_plot import rd_picture

PICTURES = {"codecs": codecs_picture, "paper": paper_picture, "rd": rd_picture}
FOLDER = Path("bench-results")


class Output:
    """Results of the benchmark `name`, and the page and pictures made of them."""

    def __init__(self, name: str, args: argparse.Namespace) -> None:
        self.name = name
        self.results: Path = RESULTS if args.write else args.out
        self.page: Path = DOCUMENT if args.write else args.out / "benchmarks.md"

    @staticmethod
    def add_to(parser: argparse.ArgumentParser) -> None:
        """Declares the arguments that say where."""
        words = "folder for results, page and pictures (default: %(default)s)"
        parser.add_argument("-o", "--out", type=Path, default=FOLDER, metavar="FOLDER", help=words)
        words = "write into bench/results and docs of this checkout instead"
        parser.add_argument("--write", action="store_true", help=words)

    def last(self) -> Any:
        """The results of the last run that wrote there, else those of this checkout; None without any."""
        for folder in (self.results, RESULTS):
            path = folder / f"{self.name}.json"
            if path.exists():
                return json.loads(path.read_text())
        return None

    def keep(self, results: Any) -> None:
        """Writes results. May be called again while there are more of them."""
        write_results(self.results / f"{self.name}.json", results)

    def finish(self) -> None:
        """Writes page and picture, and says where."""
        if self.name in PICTURES:
            PICTURES[self.name](self.last()["clouds"], self.page.parent / "images")
        self.page.write_text(document(self.results), encoding="utf-8")
        print(self.page)


def main() -> int:
    """Entry of the script."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "names", nargs="*", metavar="NAME", default="", choices=["", *PICTURES], help="whose picture, too"
    )
    for name in parser.parse_args().names or [""]:
        Output(name, argparse.Namespace(write=True)).finish()
    return 0


if __name__ == "__main__":
    sys.exit(main())
