"""The benchmark of colours and other integers: its rows are measured, its table says what they hold."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from bench import attributes
from bench.attribute_clouds import COLOURS, AttributeCloud
from bench.attributes_table import attributes_part
from bench.measure import machine


def cloud(names: tuple[str, ...] = COLOURS) -> AttributeCloud:
    u, v = (a.ravel() for a in np.mgrid[:32, :32])
    cells = np.column_stack([u, v, np.zeros_like(u)]).astype(np.int32)
    order = np.argsort(attributes.codec.morton_encode(cells), kind="stable")
    noise = np.random.default_rng(1).normal(0, 3, (3, len(u)))
    columns = [(120 + 3 * u + n).astype(np.uint8)[order] for n in noise]
    return AttributeCloud("small", cells[order], columns, 9.5, names)


def test_a_row_is_measured_and_shown() -> None:
    row = attributes.measure(cloud(), 2, 1)
    assert row["points"] == 1024 and 0 < row["rate"] < 24
    assert row["laz"] > 0 and row["draco"] > 0 and row["xz"] > 0 and row["zstd"] > 0
    rates = [row["rate"], *(own["rate"] for own in row["within"].values())]
    assert all(a > b for a, b in zip(rates, rates[1:]))
    other = attributes.measure(cloud(()), 1, 1)
    assert other["laz"] is None and other["draco"] is None and other["within"] == {}
    text = attributes_part({"machine": machine(), "slices": 2, "rounds": 1, "rows": [row, other]})
    assert f"| small | 1,024 | {row['rate']:.4f} | 9.500 | {row['rate'] / 9.5:.3f} |" in text
    assert f"{row['within']['4']['rate']:.3f}, {row['within']['4']['psnr']:.1f} dB" in text


def test_what_does_not_come_back_ends_the_benchmark(monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(cells: object, params: bytes, payloads: list[bytes], bounds: object) -> SimpleNamespace:
        return SimpleNamespace(columns=[column ^ 1 for column in cloud().columns])

    given = SimpleNamespace(encode_spatial=attributes.coder.encode_spatial, decode_spatial=wrong)
    monkeypatch.setattr(attributes, "coder", given)
    with pytest.raises(SystemExit, match="not lossless"):
        attributes.measure(cloud(), 1, 1)
