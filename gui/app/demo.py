"""The demonstration without a window: compress, decompress elsewhere, compare, draw the blocks."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from octavox import resources

if TYPE_CHECKING:
    from octavox import codec

SAMPLE = "samples/spot_vox8.ply"
ROOT = Path(__file__).resolve().parents[2]
# The second process gets the stream and nothing else: its folder is empty but for a copy of it.
_DECODE = (
    "import sys; sys.path.insert(0, sys.argv.pop(1)); "
    "from octavox.codec.cli.main import main; sys.exit(main(sys.argv[1:]))"
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of `main.py demo`."""
    from octavox import codec

    parser.add_argument("file", nargs="?", metavar="FILE", help="point cloud (default: the bundled sample)")
    parser.add_argument(
        "--out", default="demo", metavar="FOLDER", help="where to write (default: %(default)s)"
    )
    parser.add_argument("--codec", choices=codec.codec_names(), default=codec.CodecOptions().codec)


def run(args: argparse.Namespace) -> int:
    """Runs the demonstration; 0 if the decoded cloud is identical, else 1. Raises as encode and decode."""
    from octavox import codec

    source = Path(args.file) if args.file else resources.find(SAMPLE)
    out = Path(args.out)
    out.mkdir(parents=True, exist_ok=True)
    encoded = _encode(str(source), codec.CodecOptions(codec=args.codec))
    stream, decoded = out / f"{source.stem}.ovx", out / f"{source.stem}_decoded.ply"
    codec.save_stream(stream, encoded.data)
    seconds = _decode_elsewhere(stream, decoded)
    identical = _same(source, decoded, encoded)
    picture = _draw(encoded, out / f"{source.stem}_bits.png")
    _print_table(source, encoded, seconds, identical)
    for path in (stream, decoded, picture, _write_report(out, source, encoded, seconds, identical)):
        if path is not None:
            print(f"wrote {path}")
    return 0 if identical else 1


def _encode(source: str, options: codec.CodecOptions) -> codec.EncodeResult:
    """Encodes; with the octree codec where the network's weights are missing."""
    from octavox import codec

    if not codec.is_prepared(options.codec):
        print(f"compiling {options.codec} for this machine, once ...", flush=True)
        codec.prepare([options.codec])
    print(f"encoding {source} with {options.codec} ...", flush=True)
    try:
        return codec.encode(source, options=options)
    except codec.WeightsError as error:
        print(
            f"octavox: {error}\nno usable weights here, so the octree codec is shown instead", file=sys.stderr
        )
        return codec.encode(source, options=replace(options, codec="octree"))


def _decode_elsewhere(stream: Path, decoded: Path) -> float:
    """Decodes in a fresh interpreter that is given only the stream; returns its seconds."""
    from octavox import codec

    print("decoding in a second process that has only the stream ...", flush=True)
    with tempfile.TemporaryDirectory(prefix="octavox-") as folder:
        shutil.copyfile(stream, Path(folder, "in.ovx"))
        command = [sys.executable, "-c", _DECODE, str(ROOT), "decode", "in.ovx", "-o", "out.ply"]
        environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
        start = time.perf_counter()
        done = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, check=False
        )
        seconds = time.perf_counter() - start
        if done.returncode != 0:
            raise codec.OctavoxError(f"the second process failed: {done.stderr.strip()[-500:]}", path=stream)
        shutil.copyfile(Path(folder, "out.ply"), decoded)
    return seconds


def _same(source: Path, decoded: Path, encoded: codec.EncodeResult) -> bool:
    """Whether the decoded file holds the source's positions, or its voxels where voxelization moved them."""
    import numpy as np

    from octavox import codec

    back = codec.read_cloud(decoded).positions.astype(np.float64)
    report = encoded.report.voxelization
    if report is not None and report.exact:
        original = codec.read_cloud(source).positions.astype(np.float64)
        return bool(np.array_equal(np.unique(back, axis=0), np.unique(original, axis=0)))
    t = encoded.voxels.transform
    cells = np.rint((back - np.array(t.origin)) / np.array(t.steps))
    return bool(np.array_equal(cells, encoded.voxels.coords))


def _draw(encoded: codec.EncodeResult, path: Path) -> Path | None:
    """The cloud with its blocks coloured by bits; None where this machine cannot draw."""
    try:
        from octavox.gui.rendering.snapshot import block_bits_png

        block_bits_png(encoded.voxels, encoded.blocks, path)
    except (ImportError, OSError, RuntimeError) as error:
        print(f"octavox: no picture: {error}", file=sys.stderr)
        return None
    return path


def _print_table(source: Path, encoded: codec.EncodeResult, seconds: float, identical: bool) -> None:
    report = encoded.report
    rows = [
        ("cloud", source.name),
        ("codec", report.codec),
        ("points", f"{report.points:,}"),
        ("source bytes", f"{source.stat().st_size:,}"),
        ("stream bytes", f"{report.bytes:,}"),
        ("bits per occupied voxel", f"{report.bpov:.4f}"),
        ("encoding", f"{sum(report.seconds.values()):.1f} s"),
        ("decoding, fresh process", f"{seconds:.1f} s"),
        ("decoded cloud", "identical" if identical else "DIFFERENT"),
    ]
    width = max(len(name) for name, _ in rows)
    print("\n".join(f"  {name:<{width}}  {value:>14}" for name, value in rows))


def _write_report(
    out: Path, source: Path, encoded: codec.EncodeResult, seconds: float, identical: bool
) -> Path:
    path = out / f"{source.stem}_report.json"
    content = {
        "source": source.name,
        "identical": identical,
        "decode_seconds_fresh_process": seconds,
        "encode": encoded.report.to_dict(),
    }
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    return path
