"""Writes golden files that do not exist yet: `python tests/golden/make.py` (never replaces one)."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

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
    make_folder("contents", golden_contents.STREAMS, digest_of_contents)
    make_folder("sequences", golden_sequences.STREAMS, digests_of_frames)
    return 0


def digest_of_contents(path: Path) -> Any:
    """Of a stream of one cloud."""
    return golden_contents.digest(codec.decode(path))


def digests_of_frames(path: Path) -> Any:
    """Of each frame of a sequence."""
    with codec.open(path) as frames:
        return [golden_contents.digest(frames.decode(k)) for k in range(len(frames))]


def make_folder(name: str, streams: Mapping[str, Callable[[], bytes]], digest: Callable[[Path], Any]) -> None:
    """The streams of a folder that are not there yet, with their digests."""
    folder = FOLDER / name
    folder.mkdir(exist_ok=True)
    digests_path = folder / "digests.json"
    digests = json.loads(digests_path.read_text()) if digests_path.exists() else {}
    for stream, make in streams.items():
        path = folder / stream
        if not path.exists():
            path.write_bytes(make())
            digests[stream] = digest(path)
            print(f"wrote {path.name}, {path.stat().st_size:,} bytes")
    digests_path.write_text(json.dumps(digests, indent=2, sort_keys=True) + "\n")


if __name__ == "__main__":
    sys.exit(main())
