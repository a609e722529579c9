"""The stream of a cloud that is made from integers alone: the same bytes on every processor, for ever.

`python test_spatial_golden.py` (with tests/support and the checkout on PYTHONPATH) prints new golden files.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Sequence

import numpy as np
import pytest
from sample_clouds import ROOT

from bench.instruction_sets import FEWEST, environment
from octavox.codec.cloud.morton import morton_encode
from octavox.codec.codecs.attributes.spatial.coder import decode_spatial, encode_spatial

GOLDEN = ROOT / "tests" / "golden" / "attributes_spatial.json"
BOUNDED = ROOT / "tests" / "golden" / "attributes_bounded.json"  # values that are off by at most ERRORS
ERRORS = [2, 0, 7, 40]
SLICES = [0, 900, 2000]


def cloud() -> tuple[np.ndarray, list[np.ndarray]]:
    """2,000 points of a folded surface, some twice; four columns with texture and noise."""
    k = np.arange(2000, dtype=np.int64)
    u, v = k % 45, (k * 7) // 311
    cells = np.stack([u, v, np.abs(u - 20) // 3 + (v * v) // 90], 1)
    noise = [(k * a + k * k * b) % 65537 for a, b in ((75, 3), (7919, 11), (104_729, 5))]
    red = (6 * u + 2 * v + noise[0] % 9) % 200
    green = 30 + (red * 3) // 4 + noise[1] % 5
    blue = 128 + ((u // 9 + v // 7) % 2) * 60 + noise[2] % 3
    order = np.argsort(morton_encode(cells, 21), kind="stable")
    columns = [red.astype(np.uint8), green.astype(np.uint8), blue.astype(np.uint8)]
    columns.append((cells[:, 2] * 1000 + noise[0] % 700 - 5000).astype(np.int32))
    return cells[order].astype(np.int32), [column[order] for column in columns]


def written(errors: Sequence[int] = ()) -> dict[str, object]:
    cells, columns = cloud()
    stream = encode_spatial(cells, columns, SLICES, errors=errors)
    found: dict[str, object] = {"params": stream.params.hex(), "payloads": [p.hex() for p in stream.payloads]}
    if errors:
        back = b"".join(column.tobytes() for column in stream.columns)
        found["sha256"] = hashlib.sha256(back).hexdigest()
    return found


def test_the_golden_stream_decodes() -> None:
    golden = json.loads(GOLDEN.read_text())
    cells, columns = cloud()
    payloads = [bytes.fromhex(p) for p in golden["payloads"]]
    back = decode_spatial(cells, bytes.fromhex(golden["params"]), payloads, SLICES).columns
    for a, b in zip(columns, back, strict=True):
        assert a.dtype == b.dtype
        assert np.array_equal(a, b)


def test_the_golden_streams_are_written() -> None:
    assert written() == json.loads(GOLDEN.read_text())
    assert written(ERRORS) == json.loads(BOUNDED.read_text())


def test_the_golden_stream_of_bounds_decodes() -> None:
    golden = json.loads(BOUNDED.read_text())
    cells, columns = cloud()
    payloads = [bytes.fromhex(p) for p in golden["payloads"]]
    back = decode_spatial(cells, bytes.fromhex(golden["params"]), payloads, SLICES).columns
    off = [int(np.abs(a.astype(int) - b).max()) for a, b in zip(columns, back, strict=True)]
    assert off == ERRORS
    digest = hashlib.sha256(b"".join(column.tobytes() for column in back)).hexdigest()
    assert digest == golden["sha256"]


@pytest.mark.slow
def test_other_instructions_give_the_same_stream() -> None:
    """A process limited to few instructions of the CPU writes the golden stream; `make exact` tries more."""
    env = environment(FEWEST)
    env["PYTHONPATH"] = f"{ROOT}:{ROOT / 'tests' / 'support'}"
    output = subprocess.run(
        [sys.executable, __file__], env=env, capture_output=True, text=True, check=True
    ).stdout
    found = json.loads(output)
    assert found["exact"] == json.loads(GOLDEN.read_text())
    assert found["bounded"] == json.loads(BOUNDED.read_text())


if __name__ == "__main__":
    print(json.dumps({"exact": written(), "bounded": written(ERRORS)}, indent=1))
