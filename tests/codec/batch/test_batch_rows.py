"""The rows of a batch as CSV, Parquet and SQLite: what is written is what is read."""

from __future__ import annotations

import math
import re
import sqlite3
from dataclasses import asdict
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sample_clouds import ROOT

import octavox as ov
from octavox.codec.batch.rows import COLUMNS, KINDS, read_batch, write_csv, write_parquet

WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), max_size=12)
VALUES = {
    str: WORDS,
    int: st.integers(-(2**63), 2**63 - 1),
    float: st.floats(allow_nan=False),
    bool: st.booleans(),
}
OPTIONAL = {name for name in COLUMNS if getattr(ov.BatchRow, name, "") is None}
ROWS = st.lists(
    st.builds(
        ov.BatchRow,
        **{
            name: st.none() | VALUES[kind].filter(bool) if name in OPTIONAL and kind is str
            else st.none() | VALUES[kind] if name in OPTIONAL
            else VALUES[kind]
            for name, kind in KINDS.items()
        },
    ),
    max_size=4,
)  # fmt: skip


@given(rows=ROWS)
def test_csv_gives_back_every_value(
    rows: list[ov.BatchRow], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("rows") / "rows.csv"
    write_csv(path, rows)
    assert list(read_batch(path)) == rows


@given(rows=ROWS)
def test_parquet_gives_back_every_value(
    rows: list[ov.BatchRow], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("rows") / "rows.parquet"
    write_parquet(path, rows)
    assert list(read_batch(path)) == rows


def test_parquet_has_the_types_of_the_columns(tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    write_parquet(tmp_path / "rows.parquet", [])
    schema = parquet.read_schema(tmp_path / "rows.parquet")
    assert schema.names == list(COLUMNS)
    assert [str(schema.field(n).type) for n in ("cloud", "points", "bpp", "kept")] == [
        "string",
        "int64",
        "double",
        "bool",
    ]


def test_the_page_describes_every_column() -> None:
    page = (ROOT / "docs" / "batch.md").read_text("utf-8")
    table = page[page.index("## Results") :]
    described = [
        name for line in re.findall(r"^\| (`.*?) \|", table, re.M) for name in re.findall(r"`(\w+)`", line)
    ]
    assert sorted(described) == sorted(COLUMNS)


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("x.csv", b"a,b\n1,2\n", "this is no table of a batch"),
        ("x.csv", b"action,cloud,points\nencode,a.ply,many\n", "cannot be read"),
        ("x.sqlite", b"nonsense, and nothing else", "cannot be read"),
        ("x.parquet", b"PAR1nonsense", "cannot be read"),
        ("x.txt", b"", "results of a batch end in .sqlite, .csv, .parquet"),
    ],
)
def test_other_files_are_told(tmp_path: Path, name: str, content: bytes, reason: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(ov.InputError, match=reason) as caught:
        ov.read_batch(path)
    assert str(path) in str(caught.value)


def test_a_missing_file_and_a_foreign_database(tmp_path: Path) -> None:
    with pytest.raises(ov.InputError, match="there is no such file"):
        ov.read_batch(tmp_path)
    path = tmp_path / "x.sqlite"
    with sqlite3.connect(path) as base:
        base.execute("CREATE TABLE tasks (thing TEXT)")
        base.execute("INSERT INTO tasks VALUES ('x')")
    base.close()
    with pytest.raises(ov.InputError, match="no row of a batch"):
        ov.read_batch(path)


def test_infinite_numbers_survive(tmp_path: Path) -> None:
    row = ov.BatchRow("bench", "a", bpp=math.inf)
    write_csv(tmp_path / "a.csv", [row])
    assert ov.read_batch(tmp_path / "a.csv") == (row,)
    assert asdict(row)["bpp"] == math.inf
