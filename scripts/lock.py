"""Writes constraints.txt anew: the newest versions within pyproject.toml, for every supported Python at once.

Needs the network. uv resolves for all Pythons and platforms, not only the running one; the script installs it
into a temporary environment.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HEADER = """\
# Exact versions that `make` installs and tests. Written by `make lock`; do not edit.
# Markers choose where a Python or a platform needs another version.
"""


def main() -> int:
    """Resolves and writes the file; the exit status."""
    with tempfile.TemporaryDirectory() as folder:
        tools = Path(folder) / "bin"
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        subprocess.run([str(tools / "pip"), "install", "-q", "uv"], check=True)
        resolve = [str(tools / "uv"), "pip", "compile", "--quiet", "--universal", "--python-version", "3.10"]
        resolve += ["--no-header", "--no-annotate", "pyproject.toml"]
        resolve += [word for extra in ("dev", "docs", "video") for word in ("--extra", extra)]
        found = subprocess.run(resolve, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    (ROOT / "constraints.txt").write_text(HEADER + found)
    return 0


if __name__ == "__main__":
    sys.exit(main())
