"""The targets of `make fuzz` for atheris, which looks for inputs that reach new lines of Python.

    python -m bench.fuzz_guided 'file ply' -max_total_time=600

What follows the name of a target is for libFuzzer. Half of the inputs are files; the others choose damage
behind right checksums, where a target has such. The first input that ends in a fault stops the run.
"""

from __future__ import annotations

import contextlib
import importlib
import random
import sys
import warnings
import zlib
from typing import Any

from bench.measure import ROOT

# Where no compiled code comes from: numba cannot take functions that atheris has changed.
FOLLOWED = ("octavox.codec.formats", "octavox.codec.stream", "octavox.gui.document")
PACKAGE = "octavox"


def unfollowed() -> list[str]:
    """All other modules; atheris follows a package whole but for these."""
    paths = [path for part in ("codec", "gui") for path in (ROOT / part).rglob("*.py")]
    names = [".".join((PACKAGE, *path.relative_to(ROOT).with_suffix("").parts)) for path in paths]
    return [name.removesuffix(".__init__") for name in names if not name.startswith(FOLLOWED)]


def main() -> int:
    """Runs until libFuzzer ends."""
    atheris: Any = importlib.import_module("atheris")  # no dependency of the project
    with atheris.instrument_imports(include=[PACKAGE], exclude=unfollowed()):
        target = importlib.import_module("bench.fuzz_targets").targets()[sys.argv[1]]
        seed = target.seed()
        target.read(seed, target.suffix, random.Random(1))  # loads and compiles what it takes
    atheris.Setup([sys.argv[0], *sys.argv[2:], "-rss_limit_mb=4096"], lambda data: once(target, seed, data))
    atheris.Fuzz()
    return 0


def once(target: Any, seed: bytes, data: bytes) -> None:
    """Reads the bytes, or damage that they choose; documented errors are fine."""
    chance = random.Random(zlib.crc32(data))
    if target.mend is not None and data[:1] < b"\x80":
        data = target.mend(seed, random.Random(data))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with contextlib.suppress(*target.errors):
            target.read(data, target.suffix, chance)


if __name__ == "__main__":
    sys.exit(main())
