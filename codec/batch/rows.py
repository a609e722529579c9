"""What is known of each file of a batch: one row, in the state file, in CSV and in Parquet alike."""

from __future__ import annotations

import csv
import io
import os
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, get_type_hints

import numpy as np
import numpy.typing as npt

from octavox.codec.errors import InputError
from octavox.codec.files.atomic import atomic_file, write_atomically
from octavox.codec.optional import optional_package
from octavox.codec.report import Report

STATE_FILE = "octavox-batch.sqlite"
PENDING, DONE, FAILED = "pending", "done", "failed"
ROW_GROUP = 1 << 16  # rows that a Parquet file is written by


@dataclass(frozen=True)
class BatchRow(Report):
    """One file of a batch; in a benchmark, one file with one choice of options.

    Units are in the names, else in docs/batch.md. None: does not apply, or not known yet.
    """

    action: str
    cloud: str  # name of the input below the folder that was given, with "/"
    state: str = PENDING
    codec: str | None = None
    options: str = "{}"  # those that differ from their defaults, as JSON
    level: str | None = None
    depth: int | None = None
    points: int | None = None
    voxels: int | None = None
    input_bytes: int | None = None
    bytes: int | None = None
    bpp: float | None = None
    bpov: float | None = None
    read_seconds: float | None = None
    encode_seconds: float | None = None
    decode_seconds: float | None = None
    task_seconds: float | None = None
    kept: bool | None = None
    identical: bool | None = None
    d1_psnr_db: float | None = None
    hausdorff_voxels: float | None = None
    moved_max: float | None = None
    notes: str = ""
    error: str = ""
    exit_code: int = 0
    input: str = ""
    target: str = ""
    target_bytes: int | None = None
    sha256: str = ""
    weights_id: str = ""
    worker: str = ""
    tries: int = 0
    version: str = ""
    finished: str = ""  # UTC, as ISO 8601 writes it


COLUMNS = tuple(field.name for field in fields(BatchRow))


def _kind(name: str) -> type:
    """int, float, bool or str: the type of a column, None aside."""
    hint = get_type_hints(BatchRow)[name]
    return next(kind for kind in (bool, int, float, str) if kind is hint or hint == kind | None)


KINDS = {name: _kind(name) for name in COLUMNS}
_OPTIONAL = {field.name for field in fields(BatchRow) if field.default is None}


def row_of(values: Mapping[str, Any]) -> BatchRow:
    """A row of plain values by column. Other names are left out; raises InputError without those needed."""
    try:
        given = {name: values[name] for name in COLUMNS if name in values}
        made: Any = {n: v if v is None else KINDS[n](v) for n, v in given.items()}
        return BatchRow(**made)
    except (TypeError, ValueError) as error:
        raise InputError(f"this is no row of a batch: {error}") from error


def write_csv(path: str | os.PathLike[str], rows: Iterable[BatchRow]) -> None:
    """Writes rows as CSV with a line of names, UTF-8. None is empty; numbers read back as they were.

    Raises InputError where the file cannot be written.
    """
    text = io.StringIO()
    out = csv.writer(text, lineterminator="\n")
    out.writerow(COLUMNS)
    out.writerows([_text(getattr(row, name)) for name in COLUMNS] for row in rows)
    write_atomically(path, text.getvalue().encode("utf-8", "surrogateescape"))


def _text(value: Any) -> str:
    if value is None:
        return ""
    return (
        repr(value)
        if isinstance(value, float)
        else str(value).lower()
        if value in (True, False)
        else str(value)
    )


def write_parquet(path: str | os.PathLike[str], rows: Sequence[BatchRow]) -> None:
    """Writes rows as a Parquet file. Raises InputError where it cannot be written."""
    pa = optional_package("pyarrow", "a Parquet file")
    parquet = optional_package("pyarrow.parquet", "a Parquet file")
    types = {bool: pa.bool_(), int: pa.int64(), float: pa.float64(), str: pa.string()}
    schema = pa.schema([pa.field(name, types[KINDS[name]]) for name in COLUMNS])
    with atomic_file(path) as file, parquet.ParquetWriter(file, schema) as writer:
        for first in range(0, len(rows), ROW_GROUP):
            part = rows[first : first + ROW_GROUP]
            columns = [pa.array(_objects(part, n), schema.field(n).type) for n in COLUMNS]
            writer.write_table(pa.Table.from_arrays(columns, schema=schema))


def _objects(rows: Sequence[BatchRow], name: str) -> npt.NDArray[Any]:
    """A column. As an array: for a list, pyarrow would load pandas, which takes a quarter of a second."""
    found = np.empty(len(rows), object)
    found[:] = [_plain(getattr(row, name)) for row in rows]
    return found


def _plain(value: Any) -> Any:
    """Names of files that are no UTF-8 are written with escapes."""
    return value.encode("utf-8", "backslashreplace").decode() if isinstance(value, str) else value


def read_batch(path: str | os.PathLike[str]) -> tuple[BatchRow, ...]:
    """The rows of a batch: of its state file, its CSV or Parquet file, or its folder (the state file there).

    A state file can be read while the batch runs. Raises InputError.
    """
    given = Path(path)
    found = given / STATE_FILE if given.is_dir() else given
    readers: dict[str, Callable[[Path], Iterable[Mapping[str, Any]]]]
    readers = {".sqlite": _from_state, ".csv": _from_csv, ".parquet": _from_parquet}
    reader = readers.get(found.suffix.lower())
    if reader is None:
        raise InputError(f"results of a batch end in {', '.join(readers)}", path=found)
    if not found.is_file():
        raise InputError("there is no such file", path=found)
    try:
        return tuple(row_of(values) for values in reader(found))
    except InputError as error:
        raise error.in_file(found) from None
    except (OSError, ValueError, sqlite3.Error) as error:
        raise InputError(f"the results cannot be read: {error}", path=found) from error


def _from_state(path: Path) -> list[dict[str, Any]]:
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as state:
        state.row_factory = sqlite3.Row
        return [dict(row) for row in state.execute("SELECT * FROM tasks ORDER BY rowid")]


def _from_csv(path: Path) -> Iterable[dict[str, Any]]:
    with path.open(encoding="utf-8", errors="surrogateescape", newline="") as file:
        found = csv.DictReader(file)
        if not {"action", "cloud"} <= set(found.fieldnames or ()):
            raise InputError("this is no table of a batch")
        return [{n: _value(n, text) for n, text in row.items() if n in KINDS} for row in found]


def _value(name: str, text: str | None) -> Any:
    kind = KINDS[name]
    if not text and name in _OPTIONAL:
        return None
    if text is None:
        raise ValueError(f"a line has no {name}")
    return text == "true" if kind is bool else kind(text)


def _from_parquet(path: Path) -> list[dict[str, Any]]:
    parquet = optional_package("pyarrow.parquet", "a Parquet file")
    try:
        rows: list[dict[str, Any]] = parquet.read_table(path).to_pylist()
    except Exception as error:  # pyarrow's own kinds
        raise ValueError(str(error)) from error
    return rows
