"""Octavox in a checkout: `python main.py` does what the command `octavox` does in an installation."""

from __future__ import annotations

import sys

from octavox.__main__ import main

if __name__ == "__main__":
    sys.exit(main())
