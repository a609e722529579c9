"""Rates and times of the coder of colours and other integers, as a table of docs/benchmarks.md."""

from __future__ import annotations

from typing import Any

ATTRIBUTES = """## Colours and other integers

Made by `make bench-attributes CLOUDS=folder` from `bench/results/attributes.json`. Measured on {date}, commit
{commit}, {cores} cores of {processor}, Python {python}, machine load {load} at the start (above 0.5 the times
are too long). Rates are bits a point of the values alone, all components together, beside the geometry. Each
row was decoded and compared.

- *G-PCC*: TMC13 v23, predicting transform, common test conditions, of the same points; rates that were
  measured once. *LAZ*, *Draco*: what files of lazrs and of DracoPy at its highest level grow by if the values
  are in them. *xz*: `xz -9e` of the values, one column after the other. *zstd*: the same by `zstd -19`.
- *of G-PCC*: the rate divided by that of G-PCC.
- *encode*, *decode*: seconds for a million points, {slices} slices, the least of {rounds} runs; *CPU*: of all
  processors.

| cloud | points | Octavox | G-PCC | of G-PCC | LAZ | Draco | xz | zstd | encode | decode | CPU | CPU |
|---|---|---|---|---|---|---|---|---|---|---|---|---|
"""
WITHIN = """
Bits a point where each component may be off by at most E (`--color-error E`), and PSNR of Y:

| cloud | E = 0 | {heads} |
|---|---|{dashes}
"""


def line(row: dict[str, Any]) -> str:
    """One line of the table."""
    cells = [row["cloud"], f"{row['points']:,}", f"{row['rate']:.4f}"]
    gpcc = row["gpcc"]
    cells += ["", ""] if gpcc is None else [f"{gpcc:.3f}", f"{row['rate'] / gpcc:.3f}"]
    cells += ["" if row[name] is None else f"{row[name]:.2f}" for name in ("laz", "draco", "xz", "zstd")]
    cells += [f"{row[name]:.2f}" for name in ("encode", "decode", "encode_cpu", "decode_cpu")]
    return f"| {' | '.join(cells)} |\n"


def attributes_part(results: dict[str, Any]) -> str:
    """One row for each cloud; a second table of colours within bounds."""
    head = ATTRIBUTES.format(**results["machine"], slices=results["slices"], rounds=results["rounds"])
    text = head + "".join(map(line, results["rows"]))
    rows = [row for row in results["rows"] if row["within"]]
    if rows:
        bounds = list(rows[0]["within"])
        text += WITHIN.format(heads=" | ".join(f"E = {e}" for e in bounds), dashes="---|" * len(bounds))
        for row in rows:
            found = [f"{own['rate']:.3f}, {own['psnr']:.1f} dB" for own in row["within"].values()]
            text += f"| {' | '.join([row['cloud'], format(row['rate'], '.3f'), *found])} |\n"
    return text + "\n"
