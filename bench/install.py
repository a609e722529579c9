"""What pip installs: sizes and times of the core and of each extra, and whether the core codes alone.

    python bench/install.py [EXTRA ...] [--write]

Builds the two packages of this checkout, installs the wheel into a new environment for each row, with the
versions of constraints.txt, and runs tests/support/core_only.py in the first. --write enters the table into
docs/installing.md.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.measure import ROOT, machine, run

PAGE = ROOT / "docs" / "installing.md"
BEGIN, END = "<!-- make bench-install writes this table -->\n", "<!-- end of the table -->\n"
BUILD = "import sys; from setuptools import build_meta; build_meta.build_wheel(sys.argv[1])"
TOOLS = ("pip", "setuptools", "pkg_resources", "_distutils_hack")  # of every environment
HEAD = "| installed | packages | size | of which the largest | seconds |\n|---|---|---|---|---|\n"
MEASURED = """
Measured by `make bench-install` on {date}, commit {commit}, {cores} cores of {processor},
Python {python}, load {load} at the start (above 0.5 the times are too long). Sizes are those of the files of
all packages, without pip. Seconds are those of `pip install`, from an index nearby.
"""


def wheel(folder: Path) -> Path:
    """A wheel of what git knows of this checkout, built in a copy."""
    source = folder / "source"
    names = run("git", "ls-files", "-z", cwd=ROOT).output.split("\0")
    for name in filter(None, names):
        if (ROOT / name).is_file():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_bytes((ROOT / name).read_bytes())
    run(sys.executable, "-c", BUILD, folder, cwd=source)
    (found,) = folder.glob("*.whl")
    return found


def installed(package: Path, extra: str, folder: Path) -> tuple[Path, str]:
    """The interpreter of a new environment with the package and an extra, and the row of the table."""
    target = folder / (extra or "core")
    venv.create(target, with_pip=True)
    python = target / "bin" / "python"
    what = f"{package}[{extra}]" if extra else str(package)
    started = time.perf_counter()
    run(python, "-m", "pip", "install", "-q", "-c", ROOT / "constraints.txt", what)
    seconds = time.perf_counter() - started
    (site,) = target.glob("lib/python*/site-packages")
    sizes: dict[str, int] = {}
    for path in site.rglob("*"):
        top = path.relative_to(site).parts[0].split("-")[0].removesuffix(".libs")
        if path.is_file() and not path.is_symlink() and top not in TOOLS:
            sizes[top] = sizes.get(top, 0) + path.stat().st_size
    versions = dict(name.stem.split("-", 1) for name in site.glob("*.dist-info"))
    packages = len(versions.keys() - {*TOOLS})
    largest = sorted(sizes, key=sizes.__getitem__)[:-4:-1]
    builds = {name: f" ({version})" for name, version in versions.items() if "+" in version}
    words = ", ".join(f"{name}{builds.get(name, '')} {sizes[name] / 1e6:.0f} MB" for name in largest)
    name = f"`octavox[{extra}]`" if extra else "`octavox`"
    return (
        python,
        f"| {name} | {packages} | {sum(sizes.values()) / 1e6:,.0f} MB | {words} | {seconds:.0f} |\n",
    )


def coded(python: Path, folder: Path) -> str:
    """That the core does what it promises, alone, and how long that took with all compiling; in words."""
    folder.mkdir()
    started = time.perf_counter()
    run(python, ROOT / "tests" / "support" / "core_only.py", folder)
    seconds = time.perf_counter() - started
    return (
        "In the first of these environments `tests/support/core_only.py` encoded and decoded with every\n"
        "codec, every attribute coder and every format but E57, compiling included,\n"
        f"in {seconds:.0f} s.\n"
    )


def enter(of: dict[str, object], rows: list[str], core: str) -> None:
    """Writes the table, as far as it is measured, into docs/installing.md."""
    text = f"{HEAD}{''.join(rows)}{MEASURED.format(**of)}{core}"
    page = PAGE.read_text("utf-8")
    start, stop = page.index(BEGIN) + len(BEGIN), page.index(END)
    PAGE.write_text(page[:start] + "\n" + text + "\n" + page[stop:], "utf-8")


def main() -> int:
    """Prints the table; writes it if asked."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("extras", nargs="*", metavar="EXTRA")
    parser.add_argument("--write", action="store_true")
    args = parser.parse_args()
    of, rows, core = machine(), [], ""
    print(of, HEAD, sep="\n", end="", flush=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        package = wheel(folder)
        for extra in ("", *args.extras):
            python, row = installed(package, extra, folder)
            rows.append(row)
            print(row, end="", flush=True)
            if args.write:
                enter(of, rows, core)
            if not extra:
                core = coded(python, folder / "work")
                print(core, end="", flush=True)
            shutil.rmtree(python.parents[1])
        if args.write:
            enter(of, rows, core)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except subprocess.CalledProcessError as error:
        sys.exit(f"{error}\n{error.output}")
