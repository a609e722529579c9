"""Blocks as CSV, reports as JSON."""

from __future__ import annotations

import csv
import io
import json

import numpy as np
import pytest
from windows import sphere

from octavox.codec import BlockTable, InputError
from octavox.gui.document.blocks import with_surprises
from octavox.gui.document.display import prepare
from octavox.gui.document.export import CSV_COLUMNS, blocks_csv, report_json, write_text
from octavox.gui.document.items import CloudItem
from octavox.gui.document.session import Session


def table(n: int = 4) -> BlockTable:
    origin = np.column_stack([np.arange(n) * 16, np.zeros(n), np.zeros(n)])
    return BlockTable.make(origin, 16, np.arange(1, n + 1), np.arange(n) * 10.0, 1.0, 0, np.nan, 5.0)


def test_csv_holds_surprises_once_they_are_known() -> None:
    found = {"surprise_mean": np.array([0.5, 1.5, 2.5, 3.5]), "surprise_max": np.array([1.0, 9.0, 4.0, 7.25])}
    rows = list(csv.DictReader(io.StringIO(blocks_csv(with_surprises(table(), found)))))
    for name, values in found.items():
        assert [float(row[name]) for row in rows] == values.tolist()


def test_csv_holds_every_block_in_full_precision() -> None:
    blocks = table()
    blocks.bits[1] = 1 / 3
    rows = list(csv.reader(io.StringIO(blocks_csv(blocks))))
    assert tuple(rows[0]) == CSV_COLUMNS
    assert len(rows) == 5
    first = dict(zip(rows[0], rows[2], strict=True))
    assert float(first["bits"]) == 1 / 3
    assert first["unsplit_bits"] == ""
    assert float(first["split_bits"]) == 5.0


def test_report_is_json_with_null_for_what_is_absent() -> None:
    session = Session()
    session.set_original(CloudItem(prepare(sphere()), "a", "/x/a.ply"))
    content = json.loads(report_json(session))
    assert content["source"] == "/x/a.ply"
    assert content["encode"] is None
    assert content["certificate"] is None


def test_text_files_are_replaced_whole(tmp_path) -> None:
    target = tmp_path / "a.csv"
    target.write_text("old")
    write_text(str(target), "new")
    assert target.read_text() == "new"
    assert [p.name for p in tmp_path.iterdir()] == ["a.csv"]
    with pytest.raises(InputError, match="cannot write"):
        write_text(str(tmp_path / "missing" / "a.csv"), "x")
