"""Writes golden files that do not exist yet: `python tests/golden/make.py` (never replaces one)."""

from __future__ import annotations

import json
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
sys.path[:0] = [str(FOLDER.parent / "support"), str(FOLDER.parent.parent)]

import golden_clouds  # noqa: E402
import raw_codec  # noqa: E402

from octavox.codec.certificate import voxel_digest  # noqa: E402


def main() -> int:
    raw_codec.install()
    digests_path = FOLDER / "digests.json"
    digests = json.loads(digests_path.read_text()) if digests_path.exists() else {}
    for name, make in golden_clouds.STREAMS.items():
        path = FOLDER / name
        if path.exists():
            continue
        data, coords = make()
        path.write_bytes(data)
        digests[name] = voxel_digest(coords)
        print(f"wrote {path.name}, {len(data):,} bytes")
    digests_path.write_text(json.dumps(digests, indent=2, sort_keys=True) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
