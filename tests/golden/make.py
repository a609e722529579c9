"""Writes golden files that do not exist yet: `python tests/golden/make.py` (never replaces one)."""

from __future__ import annotations

import json
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
sys.path[:0] = [str(FOLDER.parent / "support"), str(FOLDER.parent.parent)]

import golden_clouds  # noqa: E402
import golden_contents  # noqa: E402
import golden_sequences  # noqa: E402
import raw_codec  # noqa: E402

from octavox import codec  # noqa: E402
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
    make_contents()
    make_sequences()
    return 0


def make_contents() -> None:
    """The streams of records and files."""
    folder = FOLDER / "contents"
    folder.mkdir(exist_ok=True)
    digests_path = folder / "digests.json"
    digests = json.loads(digests_path.read_text()) if digests_path.exists() else {}
    for name, make in golden_contents.STREAMS.items():
        path = folder / name
        if not path.exists():
            path.write_bytes(make())
            digests[name] = golden_contents.digest(codec.decode(path))
            print(f"wrote {path.name}, {path.stat().st_size:,} bytes")
    digests_path.write_text(json.dumps(digests, indent=2, sort_keys=True) + "\n")


def make_sequences() -> None:
    """The streams of several frames."""
    folder = FOLDER / "sequences"
    folder.mkdir(exist_ok=True)
    digests_path = folder / "digests.json"
    digests = json.loads(digests_path.read_text()) if digests_path.exists() else {}
    for name, make in golden_sequences.STREAMS.items():
        path = folder / name
        if not path.exists():
            path.write_bytes(make())
            with codec.open(path) as frames:
                digests[name] = [golden_contents.digest(frames.decode(k)) for k in range(len(frames))]
            print(f"wrote {path.name}, {path.stat().st_size:,} bytes")
    digests_path.write_text(json.dumps(digests, indent=2, sort_keys=True) + "\n")


if __name__ == "__main__":
    sys.exit(main())
