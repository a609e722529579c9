"""What Octavox does without its extras: python core_only.py FOLDER [--blocked]

Codes with every codec and every attribute coder, uses every format that needs no extra, and looks at what is
said where one is missing. --blocked: only what pyproject.toml calls a dependency can be imported, so that an
environment with all extras behaves like one without. Prints what was done, as JSON.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib.abc
import io
import json
import sys
from collections import Counter
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any

DEPENDENCIES = {"numpy", "numba", "llvmlite", "safetensors", "lazrs", "pcodec", "zstandard", "tqdm", "shtab"}
OWN = {"sitecustomize", "usercustomize", "octavox", "__main__"}


class NothingElse(importlib.abc.MetaPathFinder):
    """Finds nothing of packages that are no dependency, and says so."""

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        top = name.partition(".")[0]
        if top in DEPENDENCIES | OWN or top in sys.stdlib_module_names or top.startswith("__editable__"):
            return None
        raise ModuleNotFoundError(f"No module named '{name}'", name=name)


def make_cloud() -> Any:
    """A sphere with colours, a class and times, in no order."""
    import numpy as np

    import octavox as ov

    rng = np.random.default_rng(1)
    ray = rng.normal(size=(3000, 3))
    rows = np.unique(np.rint(31 + 24 * ray / np.linalg.norm(ray, axis=1)[:, None]).astype(np.int32), axis=0)
    rows = rows[rng.permutation(len(rows))]
    colors = np.clip(rows * 4 + rng.integers(0, 3, rows.shape), 0, 255).astype(np.uint8)
    return ov.PointCloud(rows, colors, attributes={"time": rng.random(len(rows)), "kind": rows[:, 0] // 16})


def count_coders(used: Counter[str]) -> None:
    """Counts each time that an attribute coder encodes or decodes."""
    from octavox.codec.codecs.registry import attribute_coder, attribute_coder_infos

    def counted(key: str, real: Any) -> Any:
        def call(*args: Any) -> Any:
            used[key] += 1
            return real(*args)

        return call

    for info in attribute_coder_infos():
        kind: Any = type(attribute_coder(info.name))
        for word in ("encode", "decode"):
            setattr(kind, word, counted(f"{word} {info.name}", getattr(kind, word)))


def round_trips() -> dict[str, int]:
    """Bytes by codec and what was kept; every cloud came back to the last bit."""
    import octavox as ov

    cloud, sizes = make_cloud(), {}
    for name in ov.codec_names():
        options = ov.CodecOptions(codec=name)
        result = ov.encode(cloud, options=options)
        assert ov.verify(cloud, result.data).identical, name
        assert len(ov.decode(result.data).cloud) == len(cloud)
        sizes[name] = len(result.data)
        sequence = io.BytesIO()
        ov.encode_sequence([cloud, cloud], sequence, options=options)
        with ov.open(sequence.getvalue()) as frames:
            assert all(frames.verify(k, cloud).identical for k in range(2))
    options = ov.CodecOptions()
    lossy = ov.encode(cloud, options=options, drop="*", drop_levels=1)
    assert len(ov.decode(lossy.data).cloud) == len(lossy.voxels)
    near = ov.encode(cloud, options=options, color_error=2)
    assert ov.verify(cloud, near.data).kept
    parts = ov.encode(cloud, options=ov.CodecOptions(slices=3)).data
    assert len(ov.salvage(parts[: 2 * len(parts) // 3]).cloud) > 0
    assert ov.decode(parts, lod=3).report.lod == 3
    assert ov.info(parts).sound and len(ov.property_bits(parts).bits) > 0
    assert len(ov.upsample(cloud, 2).cloud) == 2 * len(cloud)
    return {**sizes, "lossy": len(lossy.data), "color_error": len(near.data)}


def archives(folder: Path) -> dict[str, str]:
    """How a file of each format is kept as an archive; it came back byte for byte."""
    import octavox as ov

    cloud, stored = make_cloud(), {}
    names = [f"a{suffix}" for suffix in ov.cloud_suffixes(writing=True) if suffix not in (".e57", ".gz")]
    for name in (*names, "a.ply.gz"):
        ov.write_cloud(folder / name, cloud)
        data = ov.encode(folder / name, keep="file").data
        assert ov.decode(data).file == (folder / name).read_bytes(), name
        stored[name] = ov.info(data).archive.stored  # type: ignore[union-attr]
    return stored


def command_line(folder: Path) -> None:
    """The commands that need no extra, on a file."""
    import octavox as ov

    ov.write_cloud(folder / "c.ply", make_cloud())
    cloud, stream, back = (str(folder / name) for name in ("c.ply", "c.ovx", "back.laz"))
    for words in (
        ["--version"],
        ["encode", cloud, "-o", stream, "--quiet"],
        ["info", stream, "--json"],
        ["verify", cloud, stream, "--strict"],
        ["decode", stream, "-o", back, "--verbose"],
        ["convert", back, str(folder / "c.pcd")],
        ["completion", "bash"],
        ["demo", cloud, "--out", str(folder / "demo"), "--codec", "octree"],
    ):
        assert said(*words)[0] == 0, words


def said(*words: str) -> tuple[int, str]:
    """Exit code of a command, and what it wrote on standard error."""
    from octavox.__main__ import main

    errors = io.StringIO()
    with contextlib.redirect_stderr(errors), contextlib.redirect_stdout(io.StringIO()):
        try:
            code = main(words)
        except SystemExit as end:
            code = int(end.code or 0)
    return code, errors.getvalue()


def refusals(folder: Path) -> dict[str, str]:
    """What is said of each thing that needs an extra."""
    cloud = str(folder / "c.ply")
    calls = {
        "gui": ("gui", cloud),
        "open3d": ("compare", cloud, cloud),
        "rendered": ("compare", cloud, cloud, "--rendered"),
        "e57": ("convert", cloud, str(folder / "c.e57")),
        "batch": ("batch", "encode", cloud, "-o", str(folder / "streams")),
        "torch": ("train", str(folder), "-o", str(folder / "run")),
    }
    found = {}
    for extra, words in calls.items():
        code, error = said(*words)
        assert code == 2 and error.count("\n") == 1, (words, code, error)
        assert f"needs the extra {extra}: pip install 'octavox[{extra}]'" in error, error
        found[extra] = error.strip()
    code, error = said("encode", cloud, "-o", str(folder / "gpu.ovx"), "--device", "cuda")
    assert code == 2 and ("needs the extra torch" in error or "no CUDA GPU" in error), error
    return found


def main() -> None:
    """Does all of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--blocked", action="store_true")
    args = parser.parse_args()
    if args.blocked:
        sys.meta_path.insert(0, NothingElse())
    used: Counter[str] = Counter()
    count_coders(used)
    done = {"round trips": round_trips(), "archives": archives(args.folder)}
    command_line(args.folder)
    done["refusals"] = refusals(args.folder)
    files = [name for name, module in sys.modules.items() if getattr(module, "__spec__", None) is not None]
    loaded = {name.partition(".")[0] for name in files} - set(sys.stdlib_module_names) - OWN
    done["loaded"] = sorted(name for name in loaded if not name.startswith("_"))
    print(json.dumps({**done, "coders": dict(sorted(used.items()))}))


if __name__ == "__main__":
    main()
