"""Whole files: what archives and records of Octavox take, beside xz, zstandard, LAZ, Draco and G-PCC.

    python bench/files.py FOLDER... [--codec multiscale] [--generated] [-o FOLDER | --write]

Files packed by xz are unpacked first. --generated adds files that are made on the spot. Each stream is
decoded; an archive has to give the file byte for byte, records every point with every property. Writes
files.json and benchmarks.md.
"""

from __future__ import annotations

import argparse
import lzma
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.files_table import row_of, table_head
from bench.formats import clouds
from bench.generated_files import flight, hills
from bench.measure import machine
from bench.output import Output
from bench.rivals import draco_bytes, gpcc_bytes, laz_bytes, xz_bytes, zstd_bytes
from octavox import codec

Row = dict[str, Any]


def measured(plain: Path, folder: Path, options: codec.CodecOptions) -> Row:
    """The sizes and times of a file. Raises SystemExit where it does not come back."""
    raw = plain.read_bytes()
    started = time.perf_counter()
    coded = codec.encode(plain, options=options, keep="file")
    encoded = time.perf_counter()
    decoded = codec.decode(coded.data)
    done = time.perf_counter()
    if decoded.file != raw:
        raise SystemExit(f"{plain.name}: another file came back")
    archive = coded.report.archive
    row: Row = {
        "file": plain.name,
        "points": len(decoded.cloud),
        "bytes": len(raw),
        "archive": len(coded.data),
        "stored": archive.stored if archive else "",
        "encode_seconds": encoded - started,
        "decode_seconds": done - encoded,
        "xz": xz_bytes(raw),
        "zstd": zstd_bytes(raw),
        "laz": laz_bytes(plain, folder),
        "gpcc": gpcc_bytes(plain.stem, len(decoded.cloud)),
    }
    if len(decoded.cloud):
        cloud = codec.read_cloud(plain)
        records = codec.encode(cloud, options=options)
        if not codec.verify(cloud, records.data).identical:
            raise SystemExit(f"{plain.name}: other records came back")
        row |= {"records": len(records.data), "draco": draco_bytes(cloud)}
    return row


def files(folders: list[str], work: Path, generated: bool) -> Iterator[Path]:
    """The files of folders, unpacked, and those that are generated."""
    for path in clouds(folders):
        if path.suffix != ".xz":
            yield path
            continue
        plain = work / path.name.removesuffix(".xz")
        plain.write_bytes(lzma.decompress(path.read_bytes()))
        yield plain
    if generated:
        yield from (flight(work), hills(work))


def main() -> int:
    """Prints the table; writes it if asked."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folders", nargs="*")
    parser.add_argument("--codec", default="multiscale", choices=codec.codec_names())
    parser.add_argument("--generated", action="store_true")
    Output.add_to(parser)
    args = parser.parse_args()
    options = codec.CodecOptions(codec=args.codec)
    found: dict[str, Any] = {"machine": machine(), "codec": args.codec, "rows": []}
    print(found["machine"], "\n")
    print(table_head())
    with tempfile.TemporaryDirectory() as folder:
        measured(flight(Path(folder), 2000), Path(folder), options)  # compiles
        for path in files(args.folders, Path(folder), args.generated):
            if path.suffix in (".vox",):
                continue
            row = measured(path, Path(folder), options)
            found["rows"].append(row)
            print(row_of(row), flush=True)
    output = Output("files", args)
    output.keep(found)
    output.finish()
    return 0


if __name__ == "__main__":
    sys.exit(main())
