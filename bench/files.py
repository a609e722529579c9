"""Whole files: what an archive of Octavox takes, beside xz, zstd, LAZ and, where there is one, G-PCC.

    python bench/files.py FOLDER... [--codec multiscale]

Files packed by xz are unpacked first. Each archive is decoded and compared byte for byte. LAZ is what lazrs
makes of the records of a LAS file, or the size of a file that is LAZ. Sizes are bytes of the whole file.
"""

from __future__ import annotations

import argparse
import lzma
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import zstandard

from bench.formats import clouds
from bench.measure import machine
from octavox import codec

HEAD = "file | points | bytes | archive | of xz | xz -9e | zstd -19 | LAZ | of LAZ | s | s back"


def laz_bytes(path: Path, folder: Path) -> int | None:
    """The size of a LAZ file with the records of a LAS file; None for other files."""
    if path.suffix.lower() == ".laz":
        return path.stat().st_size
    if path.suffix.lower() != ".las":
        return None
    target = folder / "a.laz"
    codec.write_cloud(target, codec.read_cloud(path))
    return target.stat().st_size


def row(path: Path, folder: Path, options: codec.CodecOptions) -> list[str]:
    """The cells of a file. Raises SystemExit where it does not come back."""
    plain = path
    if path.suffix == ".xz":
        plain = folder / path.name.removesuffix(".xz")
        plain.write_bytes(lzma.decompress(path.read_bytes()))
    raw = plain.read_bytes()
    started = time.perf_counter()
    coded = codec.encode(plain, options=options, keep="file")
    spent = time.perf_counter() - started
    started = time.perf_counter()
    decoded = codec.decode(coded.data)
    back = time.perf_counter() - started
    if decoded.file != raw:
        raise SystemExit(f"{plain.name}: another file came back")
    xz = len(lzma.compress(raw, preset=9 | lzma.PRESET_EXTREME))
    zstd = len(zstandard.ZstdCompressor(level=19).compress(raw))
    laz = laz_bytes(plain, folder)
    size = len(coded.data)
    of_laz = ("", "") if laz is None else (f"{laz:,}", f"{size / laz:.3f}")
    return [
        plain.name,
        f"{len(decoded.cloud):,}",
        f"{len(raw):,}",
        f"{size:,}",
        f"{size / xz:.3f}",
        f"{xz:,}",
        f"{zstd:,}",
        *of_laz,
        f"{spent:.2f}",
        f"{back:.2f}",
    ]


def main() -> int:
    """Prints the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folders", nargs="+")
    parser.add_argument("--codec", default="multiscale", choices=codec.codec_names())
    args = parser.parse_args()
    options = codec.CodecOptions(codec=args.codec)
    print(machine(), "\n")
    print(f"| {HEAD} |\n|{'---|' * len(HEAD.split('|'))}")
    with tempfile.TemporaryDirectory() as folder:
        for path in clouds(args.folders):
            try:
                print(f"| {' | '.join(row(path, Path(folder), options))} |", flush=True)
            except codec.InputError as error:
                print(f"| {path.name} | {error.reason} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
