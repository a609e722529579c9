"""How the package behaves in Python: its names, whole numbers of any type, names that were changed."""

from __future__ import annotations

import builtins
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from sample_clouds import ROOT, make_sphere

import octavox as ov
from octavox import codec

GUIDE = (ROOT / "docs" / "library.md").read_text("utf-8")


def test_dir_has_the_stable_names_and_nothing_else() -> None:
    names = dir(ov)
    assert names == sorted(names) and set(names) == {*ov.__all__, "open", "__version__"}
    assert set(dir(codec)) == set(codec.__all__)
    assert [name for name in names if name.startswith("_")] == ["__version__"]


def test_the_guide_lists_the_stable_names() -> None:
    part = GUIDE[GUIDE.index("## Stable names") :]
    listed = set(re.findall(r"`(\w+)`", part.split("\n## ")[0].split("\n\n", 2)[2]))
    assert listed == {*dir(ov)} - {"__version__"}


def test_all_replaces_no_builtin() -> None:
    assert set(ov.__all__) & set(dir(builtins)) == set()
    names: dict[str, object] = {}
    exec("from octavox import *", names)
    assert set(ov.__all__) <= set(names) and "open" not in names


def test_names_that_only_the_window_needs_are_there_but_not_listed() -> None:
    assert set(ov._OF_THE_WINDOW) <= set(codec.__all__)
    assert ov.OptionSpec is codec.OptionSpec


@pytest.mark.parametrize("module", [ov, codec])
def test_an_old_name_works_and_says_the_new_one(module: object) -> None:
    for old, new in codec.RENAMED.items():
        with pytest.warns(DeprecationWarning, match=f"{old} is called {new} now") as told:
            assert getattr(module, old) is getattr(codec, new)
        assert [Path(one.filename) for one in told] == [Path(__file__)]
        assert old not in dir(module)
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        module.nonsense  # type: ignore[attr-defined]  # noqa: B018


# Whole numbers


class Whole:
    """A whole number of a type that nobody knows."""

    def __init__(self, value: int) -> None:
        self.value = value

    def __index__(self) -> int:
        return self.value


KINDS = [int, np.uint8, np.int64, np.array, Whole]


@pytest.mark.parametrize("kind", KINDS)
def test_counts_may_be_of_any_type_of_whole_numbers(kind: type) -> None:
    sphere = make_sphere(6, 20.0)
    options = ov.CodecOptions(codec="octree", slices=kind(2), threads=kind(1), block_size=kind(8))
    assert [type(value) for value in (options.slices, options.threads, options.block_size)] == [int] * 3
    result = ov.encode(ov.PointCloud(sphere.coords), options=options, depth=kind(6), color_error=kind(0))
    result.report.to_json()
    assert len(ov.decode(result.data, slices=[kind(0)], options=options).cloud) > 0
    assert ov.decode(result.data, lod=kind(3)).report.lod == 3
    assert ov.voxelize(ov.PointCloud(sphere.positions), depth=kind(4))[0].depth == 4
    assert ov.VoxelCloud.from_coords([[1, 2, 3]], depth=kind(5)).depth == 5
    with ov.open(result.data) as sequence:
        assert len(sequence[kind(0)]) == len(sphere)
    assert ov.restore(ov.PointCloud(sphere.coords // 2 * 2 + 1), levels=kind(1)).report.levels == 1
    assert ov.ReadOptions(samples=kind(7)).samples == 7
    assert type(ov.ReadOptions(samples=kind(7)).samples) is int


@pytest.mark.parametrize("wrong", [2.0, True, "2", np.float32(2), np.bool_(True), np.array([2, 3])])
def test_other_numbers_are_no_counts(wrong: object) -> None:
    data = ov.encode(make_sphere(5, 8.0), options=ov.CodecOptions(codec="octree", slices=2)).data
    calls = (
        lambda: ov.encode(make_sphere(5, 8.0), options=ov.CodecOptions(slices=wrong)),  # type: ignore[arg-type]
        lambda: ov.encode(make_sphere(5, 8.0), depth=wrong),
        lambda: ov.decode(data, slices=[wrong]),  # type: ignore[list-item]
        lambda: ov.decode(data, lod=wrong),  # type: ignore[arg-type]
        lambda: ov.open(data)[wrong],  # type: ignore[index]
        lambda: ov.ReadOptions(samples=wrong),  # type: ignore[arg-type]
        lambda: ov.VoxelCloud.from_coords([[1, 2, 3]], depth=wrong),  # type: ignore[arg-type]
    )
    for call in calls:
        with pytest.raises(ov.InputError):
            call()


@pytest.mark.parametrize("kind", [float, np.float32, np.float64, np.int16])
def test_numbers_may_be_numpys(kind: type) -> None:
    cloud = ov.PointCloud(make_sphere(6, 20.0).positions)
    result = ov.encode(cloud, options=ov.CodecOptions(codec="octree"), voxel_size=kind(2))
    assert result.report.voxelization.voxel_size == 2.0  # type: ignore[union-attr]
    result.report.to_json()


# Types


@pytest.mark.slow
def test_a_type_checker_knows_the_names(tmp_path: Path) -> None:
    """mypy --strict, of a script of a user's, with the package as an installation has it."""
    package = tmp_path / "site" / "octavox"
    package.mkdir(parents=True)
    for path in (*(ROOT / "octavox").iterdir(), *(ROOT / name for name in ("codec", "gui", "resources"))):
        if path.name != "__pycache__":
            (package / path.name).symlink_to(path)
    assert (package / "py.typed").exists()
    script = tmp_path / "script.py"
    script.write_text(
        "import octavox as ov\n"
        "result = ov.encode('a.ply', options=ov.CodecOptions(codec='octree'))\n"
        "reveal_type(result)\nreveal_type(ov.read_cloud('a.ply'))\n"
        "ov.encode('a.ply', options=4)\nov.nonsense\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--config-file=", "--strict", "--no-incremental", str(script)],
        cwd=tmp_path,
        env={"MYPYPATH": str(package.parent), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
        timeout=280,
    )
    said = [line for line in done.stdout.splitlines() if line.startswith("script.py")]
    assert 'Revealed type is "octavox.codec.results.EncodeResult"' in said[0], done.stdout
    assert 'Revealed type is "octavox.codec.cloud.cloud.PointCloud"' in said[1]
    assert [line.rsplit("[", 1)[-1] for line in said[2:]] == ["arg-type]", "attr-defined]"]
