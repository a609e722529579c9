"""One cloud, one codec, one device, in this process.

    python bench/one.py CLOUD CODEC DEVICE RUNS OUT.ovx [EFFORT [SLICES [VARIANT]]]

Prints JSON: seconds of each warm run from file to file, reading and writing included, and the peak memory.
The first run, which may compile, is not counted. VARIANT: the codecs with one part changed, see
`codec.VARIANTS`; what it compiles is kept beside OUT.ovx.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))


def main() -> int:
    """Entry of the script."""
    started = time.perf_counter()
    from octavox import codec

    imported = time.perf_counter() - started
    cloud, name, device, runs, out = sys.argv[1:6]
    effort = sys.argv[6] if len(sys.argv) > 6 else "normal"
    slices = int(sys.argv[7]) if len(sys.argv) > 7 and sys.argv[7] != "-" else None
    if len(sys.argv) > 8:
        codec.use_variant(sys.argv[8], Path(out).resolve().parent / "compiled")
    options = codec.CodecOptions(codec=name, device=device, effort=effort, slices=slices)
    back = Path(out + ".ply")

    def encode() -> None:
        codec.save_stream(out, codec.encode(cloud, options=options).data)

    def decode() -> None:
        codec.write_ply(back, codec.decode(out, options=options).cloud)

    small = codec.VoxelCloud(codec.voxelize(codec.read_cloud(cloud))[0].coords[:200], 21)
    ready = time.perf_counter()
    codec.decode(codec.encode(small, options=replace(options, effort="normal")).data, options=options)
    ready = time.perf_counter() - ready
    encoding, decoding = ([_seconds(call) for _ in range(int(runs))] for call in (encode, decode))
    back.unlink()
    result = {
        "encode": encoding,
        "decode": decoding,
        "memory": _peak(),
        "import": imported,
        "first_use": ready,
    }
    print(json.dumps(result))
    return 0


def _peak() -> int:
    """Largest resident memory in bytes; what getrusage tells begins with that of the parent."""
    status = Path("/proc/self/status")
    if status.exists():
        return 1024 * next(int(x.split()[1]) for x in status.read_text().splitlines() if x[:6] == "VmHWM:")
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def _seconds(call: Callable[[], None]) -> float:
    started = time.perf_counter()
    call()
    return round(time.perf_counter() - started, 3)


if __name__ == "__main__":
    sys.exit(main())
