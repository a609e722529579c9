"""What the benchmarks share: commands in processes of their own, with time and memory; the machine."""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
GPCC = (
    "--mode=0",
    "--positionQuantizationScale=1",
    "--mergeDuplicatedPoints=1",
    "--disableAttributeCoding=1",
    "--neighbourAvailBoundaryLog2=8",
    "--intra_pred_max_node_size_log2=6",
    "--inferredDirectCodingMode=1",
    "--maxNumQtBtBeforeOt=4",
    "--minQtbtSizeLog2=0",
)


@dataclass(frozen=True)
class Run:
    """Wall seconds of the whole process, and its largest resident memory in bytes."""

    seconds: float
    memory: int
    output: str


def run(*args: object, cwd: Path | None = None) -> Run:
    """Runs a command; CalledProcessError with its output if it fails."""
    started = time.perf_counter()
    process = subprocess.Popen(
        [str(a) for a in args], cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    output = process.stdout.read() if process.stdout else ""
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - started
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, process.args, output)
    unit = 1 if sys.platform == "darwin" else 1024
    return Run(seconds, usage.ru_maxrss * unit, output)


def octavox(*args: object, cwd: Path | None = None) -> Run:
    """The command line of this checkout."""
    return run(sys.executable, ROOT / "main.py", *args, cwd=cwd)


def decoded_alone(stream: Path, back: Path | None = None) -> Run:
    """Decodes in a process that starts in a new folder holding nothing but the bitstream, to `back`."""
    with tempfile.TemporaryDirectory(prefix="octavox-alone-") as name:
        folder = Path(name)
        (folder / "only.ovx").write_bytes(stream.read_bytes())
        done = octavox("decode", "only.ovx", "-o", "back.ply", cwd=folder)
        if back:
            shutil.copy(folder / "back.ply", back)
        return done


def clouds_in(folder: Path | None, parser: argparse.ArgumentParser) -> list[Path]:
    """The PLY files of a folder; ends the program if there are none."""
    clouds = sorted(folder.glob("*.ply")) if folder else []
    if not clouds:
        parser.error("no .ply files there" if folder else "give a folder of .ply clouds")
    return clouds


def gpcc_bytes(tmc3: str, cloud: Path, folder: Path) -> int:
    """Size of G-PCC's lossless octree stream of a cloud, the better of planar mode on and off."""
    sizes = []
    for planar in (0, 1):
        target = folder / f"gpcc{planar}.bin"
        options = [f"--uncompressedDataPath={cloud}", f"--compressedStreamPath={target}"]
        run(tmc3, *GPCC, f"--planarEnabled={planar}", *options)
        sizes.append(target.stat().st_size)
    return min(sizes)


def gpcc_run(tmc3: str, cloud: Path) -> dict[str, float]:
    """Size in bytes and seconds of G-PCC's encoder and decoder, whole processes, planar mode on."""
    with tempfile.TemporaryDirectory() as name:
        stream, back = Path(name, "g.bin"), Path(name, "g.ply")
        options = [f"--uncompressedDataPath={cloud}", f"--compressedStreamPath={stream}", "--planarEnabled=1"]
        encoded = run(tmc3, *GPCC, *options)
        decoded = run(tmc3, "--mode=1", f"--compressedStreamPath={stream}", f"--reconstructedDataPath={back}")
        size = stream.stat().st_size
    return {"bytes": size, "encode_seconds": encoded.seconds, "decode_seconds": decoded.seconds}


def write_results(path: Path, results: Any) -> None:
    """Keeps results as JSON; the document is made from them."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(results, indent=1) + "\n")


def machine() -> dict[str, object]:
    """The machine, the versions and the commit that a result belongs to."""
    processor = platform.processor() or platform.machine()
    if Path("/proc/cpuinfo").exists():
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        processor = next((x.split(": ")[1] for x in lines if x.startswith("model name")), processor)
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.strip()
    return {
        "processor": processor,
        "cores": os.cpu_count(),
        "system": platform.system(),
        "python": platform.python_version(),
        "commit": commit,
        "date": time.strftime("%Y-%m-%d"),
        "load": round(os.getloadavg()[0], 1),
    }


def references() -> dict[str, Any]:
    """Rates measured elsewhere; bench/references.json says how."""
    loaded: dict[str, Any] = json.loads((ROOT / "bench" / "references.json").read_text())
    return loaded
