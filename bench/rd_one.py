"""One cloud at one number of levels left out, in this process.

    python bench/rd_one.py CLOUD DROP_LEVELS ROUNDS OUT.ovx

Prints JSON: wall and CPU seconds of each warm run from file to file, reading and writing included, and the
distances that the encoder reports. The first run, which may compile, is not counted.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))


def main() -> int:
    """Entry of the script."""
    from octavox import codec

    cloud, levels, rounds, out = sys.argv[1], float(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
    back = Path(out + ".ply")

    def encode() -> codec.EncodeResult:
        result = codec.encode(cloud, keep="voxels", drop_levels=levels)
        codec.save_stream(out, result.data)
        return result

    def decode() -> None:
        codec.write_ply(back, codec.decode(out).cloud)

    said = encode().report
    decode()
    encoding, decoding = ([_seconds(call) for _ in range(rounds)] for call in (encode, decode))
    back.unlink()
    result = {
        "encode": encoding,
        "decode": decoding,
        "points": said.input_points,
        "depth": said.depth,
        "lossy": None if said.lossy is None else said.lossy.to_dict(),
    }
    print(json.dumps(result))
    return 0


def _seconds(call: Callable[[], object]) -> tuple[float, float]:
    """Wall and CPU seconds."""
    started, used = time.perf_counter(), time.process_time()
    call()
    return round(time.perf_counter() - started, 3), round(time.process_time() - used, 3)


if __name__ == "__main__":
    sys.exit(main())
