"""Sizes of whole files as a table of docs/benchmarks.md."""

from __future__ import annotations

from typing import Any

FILES = """## Whole files

Made by `make bench-files FOLDERS="..."` from `bench/results/files.json`. Measured on {date}, commit {commit},
{cores} cores of {processor}, Python {python}, machine load {load} at the start (above 0.5 the times are too
long). Codec {codec}. Sizes are bytes of the whole file.

- *archive* (`--archive`): the file came back byte for byte, from the *voxels* of its points and their order,
  from the *rows* of its points, or kept as its *bytes*. *records* (the default): every point came back with
  every property, to the last bit, in another order, and without comments, faces and other elements.
- *G-PCC*: TMC13 v23, geometry and colours, lossless, common test conditions; rates of
  `bench/references.json`, measured once, hence empty for other clouds. *LAZ*: by lazrs, from the records of a
  LAS file. *Draco*: DracoPy at its highest level, where it keeps every point with every property, so for
  whole numbers and 8-bit colours alone. *xz*: `xz -9e`. *zstd*: `zstd -19`.
- *of ...*: the archive divided by that.
- *encode*, *decode*: of the archive, in a warm process, one run.

"""
HEAD = (
    "file | points | bytes | archive | from | records | G-PCC | of G-PCC | LAZ | of LAZ | Draco | xz | of xz "
    "| zstd | encode | decode"
)


def table_head() -> str:
    """The first two lines of the table."""
    return f"| {HEAD} |\n|{'---|' * len(HEAD.split('|'))}"


def row_of(row: dict[str, Any]) -> str:
    """One line of the table."""
    size = row["archive"]

    def held(name: str) -> list[str]:
        other = row.get(name)
        return ["", ""] if other is None else [f"{other:,}", f"{size / other:.3f}"]

    def plain(name: str) -> str:
        return "" if row.get(name) is None else f"{row[name]:,}"

    cells = [row["file"], plain("points"), plain("bytes"), f"{size:,}", row["stored"], plain("records")]
    cells += [*held("gpcc"), *held("laz"), plain("draco"), *held("xz"), plain("zstd")]
    cells += [f"{row[name]:.1f} s" for name in ("encode_seconds", "decode_seconds")]
    return f"| {' | '.join(cells)} |"


def files_part(results: dict[str, Any]) -> str:
    """One row for each file."""
    lines = [table_head(), *map(row_of, results["rows"])]
    return FILES.format(**results["machine"], codec=results["codec"]) + "\n".join(lines) + "\n\n"
