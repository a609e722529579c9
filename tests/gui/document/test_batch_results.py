"""What the window makes of the rows of a batch."""

from __future__ import annotations

import csv
import io
import math

import numpy as np

from octavox.codec import BatchRow
from octavox.gui.document.batch_results import RESULT_COLUMNS, rate_and_distortion, rate_and_time
from octavox.gui.document.results import table_csv, table_of

ROWS = (
    BatchRow("bench", "b.ply", "done", "octree", '{"drop_levels": 1.0}', "lossy", points=1000, bytes=100,
             bpp=0.8, d1_psnr_db=70.5, encode_seconds=0.5, decode_seconds=0.25, kept=True, identical=False),
    BatchRow("bench", "A.ply", "done", "octree", "{}", "records", points=2000, bytes=1000, bpp=4.0,
             encode_seconds=0.5, decode_seconds=0.5, kept=True, identical=True),
    BatchRow("bench", "c.ply", "failed", error="no such file"),
    BatchRow("bench", "b.ply", "done", "multiscale", "{}", "records", points=1000, bytes=400, bpp=3.2,
             encode_seconds=1.0, decode_seconds=1.0, kept=False, identical=False, notes="DIFFERENT"),
)  # fmt: skip


def column(title: str) -> list[str]:
    return list(next(c for c in table_of(RESULT_COLUMNS, ROWS) if c.title == title).words)


def test_the_table_says_what_the_rows_say() -> None:
    assert column("Cloud") == ["b.ply", "A.ply", "c.ply", "b.ply"]
    assert column("Options") == ["drop levels 1.0", "", "", ""]
    assert column("State") == ["done", "identical", "failed", "different"]
    assert column("Bytes") == ["100", "1,000", "", "400"]
    assert column("bpp") == ["0.8000", "4.0000", "", "3.2000"]
    assert column("D1 PSNR") == ["70.50", "", "", ""]
    assert column("Encode s/M") == ["500", "250", "", "1,000"]
    assert column("Remarks") == ["", "", "no such file", "DIFFERENT"]


def test_columns_sort_as_a_reader_expects() -> None:
    found = {c.title: c.values for c in table_of(RESULT_COLUMNS, ROWS)}
    assert np.argsort(found["Cloud"], kind="stable").tolist() == [1, 0, 3, 2]  # capitals do not matter
    assert np.argsort(found["Bytes"], kind="stable").tolist() == [0, 3, 1, 2]  # without a number last
    assert all(len(values) == len(ROWS) for values in found.values())


def test_rate_and_time() -> None:
    plot = rate_and_time(ROWS)
    found = {s.title: (s.rows.tolist(), s.x.tolist(), s.y.tolist()) for s in plot.series}
    assert found == {"Octree": ([0, 1], [0.8, 4.0], [500.0, 250.0]), "Multiscale": ([3], [3.2], [1000.0])}
    decoded = [BatchRow("decode", "a", "done", "octree", points=10, bytes=5, bpp=4.0, decode_seconds=1e-5)]
    assert rate_and_time(decoded).series[0].y.tolist() == [1.0]
    assert "decompressing" in rate_and_time(decoded).y_title
    assert rate_and_time([BatchRow("encode", "a")]).series == ()


def test_rate_and_distortion() -> None:
    found = {s.title: s.y.tolist() for s in rate_and_distortion(ROWS).series}
    assert found == {"Octree": [70.5, math.inf], "Multiscale": [math.inf]}


def test_the_exported_table_has_the_order_that_is_shown_and_plain_numbers() -> None:
    columns = table_of(RESULT_COLUMNS, ROWS)
    text = table_csv(columns, np.array([3, 1, 0, 2]))
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["Cloud"] for row in rows] == ["b.ply", "A.ply", "b.ply", "c.ply"]
    assert [row["Bytes"] for row in rows] == ["400", "1000", "100", ""]
    assert [row["bpp"] for row in rows] == ["3.2", "4", "0.8", ""]
