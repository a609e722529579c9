"""The stream of a cloud that is made from integers alone: the same bytes on every processor, for ever.

`python test_spatial_golden.py` (with tests/support and the checkout on PYTHONPATH) prints a new golden file.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from instruction_sets import environment, others
from sample_clouds import ROOT

from octavox.codec.cloud.morton import morton_encode
from octavox.codec.codecs.attributes.spatial.coder import decode_spatial, encode_spatial

GOLDEN = ROOT / "tests" / "golden" / "attributes_spatial.json"
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


def written() -> dict[str, object]:
    cells, columns = cloud()
    stream = encode_spatial(cells, columns, SLICES)
    return {"params": stream.params.hex(), "payloads": [p.hex() for p in stream.payloads]}


def test_the_golden_stream_decodes() -> None:
    golden = json.loads(GOLDEN.read_text())
    cells, columns = cloud()
    payloads = [bytes.fromhex(p) for p in golden["payloads"]]
    back = decode_spatial(cells, bytes.fromhex(golden["params"]), payloads, SLICES)
    for a, b in zip(columns, back, strict=True):
        assert a.dtype == b.dtype
        assert np.array_equal(a, b)


def test_the_golden_stream_is_written() -> None:
    assert written() == json.loads(GOLDEN.read_text())


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(others()))
def test_other_instructions_give_the_same_stream(tmp_path: Path, name: str) -> None:
    """A process limited to other instructions of the CPU writes the golden stream."""
    env = environment(others()[name], tmp_path)
    env["PYTHONPATH"] = f"{ROOT}:{ROOT / 'tests' / 'support'}"
    output = subprocess.run(
        [sys.executable, __file__], env=env, capture_output=True, text=True, check=True
    ).stdout
    assert json.loads(output) == json.loads(GOLDEN.read_text())


if __name__ == "__main__":
    print(json.dumps(written(), indent=1))
