"""The demonstration without a window: compress, decompress elsewhere, compare, draw the blocks."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
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
    """Runs the demonstration; 0 if the decoded cloud is what the stream promises, else 1.

    Raises as encode, decode and verify.
    """
    from octavox import codec

    source = Path(args.file) if args.file else resources.find(SAMPLE)
    out = Path(args.out)
    out.mkdir(parents=True, exist_ok=True)
    speak = Speaker(args.quiet or args.json)
    encoded = _encode(str(source), codec.CodecOptions(codec=args.codec), speak)
    stream, decoded = out / f"{source.stem}.ovx", out / f"{source.stem}_decoded.ply"
    codec.save_stream(stream, encoded.data)
    seconds = _decode_elsewhere(stream, decoded, speak)
    certificate = codec.verify(source, stream)
    same = _same_file(stream, decoded)
    words = codec.verdict(certificate) if same else "DIFFERENT: the second process decoded another cloud"
    picture = _draw(encoded, out / f"{source.stem}_bits.png")
    content = {
        "source": source.name,
        "identical": same and certificate.identical,
        "kept": same and certificate.kept,
        "verdict": words,
        "decode_seconds_fresh_process": seconds,
        "encode": encoded.report.to_dict(),
        "certificate": certificate.to_dict(),
    }
    report = out / f"{source.stem}_report.json"
    report.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    speak.say(_table(source, encoded, seconds, words))
    for path in (stream, decoded, picture, report):
        if path is not None:
            speak.say(f"wrote {path}")
    if args.json:
        print(json.dumps(content, indent=2))
    return 0 if content["kept"] else 1


class Speaker:
    """Says what goes on, unless it is not wanted."""

    def __init__(self, silent: bool) -> None:
        self._silent = silent

    def say(self, words: str) -> None:
        """Prints a line, or several."""
        if not self._silent:
            print(words, flush=True)


def _encode(source: str, options: codec.CodecOptions, speak: Speaker) -> codec.EncodeResult:
    """Encodes; with the octree codec where the network's weights are missing."""
    from octavox import codec

    if not codec.is_prepared(options.codec):
        speak.say(f"compiling {options.codec} for this machine, once ...")
        codec.prepare([options.codec])
    speak.say(f"encoding {source} with {options.codec} ...")
    try:
        return codec.encode(source, options=options)
    except codec.WeightsError as error:
        print(
            f"octavox: {error}\nno usable weights here, so the octree codec is shown instead", file=sys.stderr
        )
        return codec.encode(source, options=replace(options, codec="octree"))


def _decode_elsewhere(stream: Path, decoded: Path, speak: Speaker) -> float:
    """Decodes in a fresh interpreter that is given only the stream; returns its seconds."""
    from octavox import codec

    speak.say("decoding in a second process that has only the stream ...")
    with codec.scratch_folder() as folder:
        shutil.copyfile(stream, folder / "in.ovx")
        command = [sys.executable, "-c", _DECODE, str(ROOT), "decode", "in.ovx", "-o", "out.ply"]
        environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
        start = time.perf_counter()
        done = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, check=False
        )
        seconds = time.perf_counter() - start
        if done.returncode != 0:
            raise codec.OctavoxError(f"the second process failed: {done.stderr.strip()[-500:]}", path=stream)
        shutil.copyfile(folder / "out.ply", decoded)
    return seconds


def _same_file(stream: Path, decoded: Path) -> bool:
    """Whether the second process wrote the file that this one writes of the stream."""
    from octavox import codec

    with codec.scratch_folder() as folder:
        ours = folder / "out.ply"
        codec.write_cloud(ours, codec.decode(stream).cloud)
        return ours.read_bytes() == decoded.read_bytes()


def _draw(encoded: codec.EncodeResult, path: Path) -> Path | None:
    """The cloud with its blocks coloured by bits; None where this machine cannot draw."""
    try:
        from octavox.gui.rendering.snapshot import block_bits_png

        block_bits_png(encoded.voxels, encoded.blocks, path)
    except (ImportError, OSError, RuntimeError) as error:
        print(f"octavox: no picture: {error}", file=sys.stderr)
        return None
    return path


def _table(source: Path, encoded: codec.EncodeResult, seconds: float, verdict: str) -> str:
    report = encoded.report
    rows = [
        ("cloud", source.name),
        ("codec", report.codec),
        ("points", f"{report.input_points:,}"),
        ("occupied voxels", f"{report.points:,}"),
        ("source bytes", f"{source.stat().st_size:,}"),
        ("stream bytes", f"{report.bytes:,}"),
        ("bits per occupied voxel", f"{report.bpov:.4f}"),
        ("encoding", f"{sum(report.seconds.values()):.1f} s"),
        ("decoding, fresh process", f"{seconds:.1f} s"),
    ]
    width = max(len(name) for name, _ in rows)
    lines = [f"  {name:<{width}}  {value:>14}" for name, value in rows]
    return "\n".join([*lines, f"  {'decoded cloud':<{width}}  {verdict}"])
